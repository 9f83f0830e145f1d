"""The drivers of a month on a terminal, as a sensitivity."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.text import Text

from scfcost.report import sensitivity
from scfcost.report.console import layout

_BAR = 8
"""Columns of a bar on either side of the month. [1]"""


def render(document: Mapping[str, Any], console: Console) -> None:
    """Print the drivers, the strongest first.

    Parameters
    ----------
    document : mapping
        The plain data of `Sensitivity.to_dict`.
    console : Console
        Where to print.
    """
    titles = [*sensitivity.header(document), " "]
    shape = layout.columns(titles, words=("driver", " "), gives_way=(" ", "total order"))
    rows = [[*row, sensitivity.bar(document, k, _BAR)] for k, row in enumerate(sensitivity.rows(document))]
    table = layout.fitted(shape, rows, layout.width_of(console))
    notes = [Text(text, style="yellow") for text in sensitivity.notes(document)]
    layout.show(console, Text(sensitivity.title(document), style="bold"), *notes, table)
