"""What the settings carry, on one screen of a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import Console, RenderableType
from rich.text import Text

from scfcost.core.language import _
from scfcost.report import capacity, words
from scfcost.report.console import layout

_BARS = " ▁▂▃▄▅▆▇█"


def render_capacity(document: Mapping[str, Any], console: Console) -> None:
    """Print how much traffic the settings carry.

    Parameters
    ----------
    document : mapping
        The plain data of `Capacity.to_dict`.
    console : Console
        Where to print.
    """
    layout.show(console, *_parts(document, layout.width_of(console)))


def _parts(document: Mapping[str, Any], width: int) -> Iterator[RenderableType]:
    month = capacity.month_title(document)
    refused = any(document["loads"][0]["refused"].values())
    yield Text(capacity.headline(document), style="bold red" if refused else "bold")
    yield Text(capacity.settings(document))
    for sentence in capacity.supposed(document):
        yield Text(f"• {sentence}", style="yellow")
    for sentence in capacity.reached(document):
        yield Text(f"• {sentence}", style="yellow")
    for sentence in capacity.worst_case(document):
        yield Text(f"• {sentence}")
    yield layout.heading("More traffic")
    shape = layout.columns((*capacity.LOAD_HEADER, month), gives_way=("cold starts", "instances", "starts a minute"))
    yield layout.fitted(shape, capacity.load_rows(document), width)
    if any(document["cold_starts_by_hour"]):
        yield layout.heading(_("Cold starts by hour of the day · {time_zone}").format(time_zone=document["time_zone"]))
        yield Text(f"  {_bars(document['cold_starts_by_hour'])}", style="cyan")
        yield Text(f"  {'0':<18}{'6':<18}{'12':<18}{'18':<18}", style="dim")
    if document["remedies"]:
        yield layout.heading(capacity.remedies_title(document))
        shape = layout.columns((*capacity.REMEDY_HEADER, month), words=("change",), gives_way=("memory, MB",))
        yield layout.fitted(shape, capacity.remedy_rows(document), width)
        yield Text(_("✓ nothing is refused, whichever instance takes a connection"), style="dim")
    for one in document["not_known"]:
        yield Text(
            words.not_known(one),
            style="yellow",
        )


def _bars(counts: Sequence[int]) -> str:
    """Draw a bar three columns wide for each count."""
    most = max(counts)
    return "".join((_BARS[-(-count * (len(_BARS) - 1) // most)]) * 2 + " " for count in counts)
