"""What quantities cost, on a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.text import Text

from scfcost.core.language import _
from scfcost.report import quotation
from scfcost.report.console import layout


def render(document: Mapping[str, Any], screen: Console) -> None:
    """Print the cheapest bill line by line, and under it every plan that was asked for.

    Parameters
    ----------
    document : mapping
        The plain data of `Quoted.to_dict`.
    screen : Console
        Where to print.
    """
    first, *others = document["plans"]
    screen.print(Text(quotation.title(document, first), style="bold"))
    shape = layout.columns(quotation.HEADER, words=("line",), gives_way=("free", "a unit", "quantity"))
    screen.print(layout.fitted(shape, quotation.rows(first), layout.width_of(screen)))
    if others:
        screen.print()
        shape = layout.columns(("plan", _("{currency} a month").format(currency=document["currency"])), words=("plan",))
        screen.print(layout.fitted(shape, quotation.plan_rows(document), layout.width_of(screen)))
    for text in quotation.notes(document):
        screen.print(Text(text, style="yellow"))
