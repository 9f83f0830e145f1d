"""A trace on one platform, on a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console, RenderableType
from rich.text import Text

from scfcost.core.language import _, translated
from scfcost.report import platform
from scfcost.report.console import layout


def render(document: Mapping[str, Any], console: Console) -> None:
    """Print the month line by line, what becomes of the connections, and what the meters counted.

    Parameters
    ----------
    document : mapping
        The plain data of `PlatformEstimate.to_dict`.
    console : Console
        Where to print.
    """
    for way in document["platforms"]:
        layout.show(console, *_way(document, way, console))
    if document["warnings"]:
        told = [Text(f"• {translated(one['message'])}") for one in document["warnings"]]
        layout.show(console, layout.heading(_("Warnings")), *told)


def _way(document: Mapping[str, Any], way: Mapping[str, Any], console: Console) -> list[RenderableType]:
    shape = layout.columns(
        platform.LINES, words=("line", "page and date"), gives_way=("page and date", "free", "a unit")
    )
    width = layout.width_of(console)
    parts: list[RenderableType] = [
        Text(platform.title(document, way), style="bold"),
        layout.fitted(shape, list(platform.lines(document, way)), width),
        Text(platform.outcomes(way)),
    ]
    if way["policies"]:
        parts.append(layout.heading(_("What clients do after a cut was not said (--reconnect)")))
        shape = layout.columns(platform.POLICIES, words=("clients",))
        parts.append(layout.fitted(shape, list(platform.policies(way)), width))
    parts.append(layout.heading(_("Counted of the trace, by meter")))
    shape = layout.columns(("meter", "counted"), words=("meter",))
    parts.append(layout.fitted(shape, list(platform.quantities(way)), width))
    parts.append(layout.heading(_("What to know")))
    return parts + [Text(f"• {translated(note)}") for note in way["notes"]]
