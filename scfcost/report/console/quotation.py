"""What quantities cost, on a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from scfcost.report import quotation


def render(document: Mapping[str, Any], screen: Console) -> None:
    """Print the cheapest bill line by line, and under it every plan that was asked for."""
    first, *others = document["plans"]
    screen.print(Text(quotation.title(document, first), style="bold"))
    screen.print(_table(quotation.HEADER, quotation.rows(first)))
    if others:
        screen.print()
        screen.print(_table(("plan", f"{document['currency']} a month"), quotation.plan_rows(document)))


def _table(header: Iterable[str], rows: Iterable[tuple[str, ...]]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for place, name in enumerate(header):
        table.add_column(name, justify="left" if place == 0 else "right", overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    return table
