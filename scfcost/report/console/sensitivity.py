"""The drivers of a month on a terminal, as a sensitivity."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from scfcost.report import sensitivity
from scfcost.report.console.estimate import WIDEST

_BAR = 8
"""Columns of a bar on either side of the month. [1]"""


def render(document: Mapping[str, Any], console: Console) -> None:
    """Print the drivers, the strongest first."""
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="dim")
    for name in sensitivity.header(document):
        table.add_column(name, justify="left" if name == "driver" else "right", no_wrap=True)
    table.add_column("")
    for number, row in enumerate(sensitivity.rows(document)):
        table.add_row(*row, Text(sensitivity.bar(document, number, _BAR), style="cyan"))
    console.print(Group(Text(sensitivity.title(document), style="bold"), table), width=min(console.width, WIDEST))
