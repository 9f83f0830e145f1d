"""An architecture on a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from scfcost.report import architecture, words
from scfcost.report.console.estimate import WIDEST


def render(document: Mapping[str, Any], console: Console) -> None:
    """Print an architecture: a line for each function and service, and the total."""
    table = Table(
        box=None, pad_edge=False, padding=(0, 2, 0, 0), show_footer=True, header_style="dim", footer_style="bold"
    )
    table.add_column("line", footer=f"total {document['currency']}", overflow="fold")
    table.add_column("what", style="dim")
    table.add_column("a month")
    table.add_column(
        "amount", footer=words.money(document["total"]), justify="right", no_wrap=True, footer_style="bold green"
    )
    for row in architecture.rows(document):
        table.add_row(*row)
    notes = [Text(text, style="dim") for text in architecture.notes(document)]
    console.print(
        Group(Text(architecture.title(document), style="bold"), table, *notes), width=min(console.width, WIDEST)
    )
