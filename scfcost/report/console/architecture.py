"""An architecture on a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.text import Text

from scfcost.core.language import _
from scfcost.report import architecture, words
from scfcost.report.console import layout


def render(document: Mapping[str, Any], console: Console) -> None:
    """Print an architecture: a line for each function and service, and the total.

    Parameters
    ----------
    document : mapping
        The plain data of `Costing.to_dict`.
    console : Console
        Where to print.
    """
    shape = layout.columns(architecture.HEADER, words=architecture.HEADER[:3], gives_way=("what", "a month"))
    total = (f"{_('total')} {document['currency']}", "", "", words.money(document["total"]))
    table = layout.fitted(shape, architecture.rows(document), layout.width_of(console), total=total)
    notes = [Text(text, style="dim") for text in architecture.notes(document)]
    layout.show(console, Text(architecture.title(document), style="bold"), table, *notes)
