"""A trace on several platforms, on a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console, RenderableType
from rich.text import Text

from scfcost.core.language import _
from scfcost.report import platforms
from scfcost.report.console import layout


def render(document: Mapping[str, Any], console: Console) -> None:
    """Print the table, what to know of each row, and what holds for all.

    Parameters
    ----------
    document : mapping
        The plain data of the comparison.
    console : Console
        Where to print.
    """
    header = platforms.header(document)
    guessed = ("low to high",) if platforms.knows_people(document) else ()  # else no month stands alone
    shape = layout.columns(
        header, words=("platform", "what decides"), gives_way=("reconnects an hour", "cut", "what decides", *guessed)
    )
    table = layout.fitted(shape, list(platforms.rows(document)), layout.width_of(console))
    parts: list[RenderableType] = [Text(platforms.title(document), style="bold"), table]
    parts.append(layout.heading("What to know"))
    parts += [Text(f"• {name}{_(': ')}{text}") for name, text in platforms.notes(document)]
    parts += [Text(text, style="dim") for text in platforms.closing(document)]
    layout.show(console, *parts)
