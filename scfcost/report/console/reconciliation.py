"""A reconciliation on a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from scfcost.report import reconciliation, words
from scfcost.report.console.estimate import WIDEST


def render_reconciliation(document: Mapping[str, Any], console: Console) -> None:
    """Print a forecast beside what happened, and why they differ."""
    currency = document["currency"]
    causes = Table(box=None, pad_edge=False, show_header=False)
    causes.add_column(overflow="fold")
    causes.add_column(justify="right")
    for text, shown in reconciliation.cause_rows(document):
        causes.add_row(text, shown, style="bold" if text in ("forecast", "found") else "")
    parts: list[RenderableType] = [
        Text(reconciliation.headline(document), style="bold"),
        Text(f"{words.source(document['trace'])}: {reconciliation.basis(document)}"),
        _heading(f"Lines · {document['catalog']} · quantities, then amounts in {currency}"),
        _table(reconciliation.LINE_HEADER, reconciliation.line_rows(document), left=("line", "unit")),
        _heading(f"Why · one cause after the other, {currency}"),
        causes,
        _heading("How calls ended"),
        _table(reconciliation.OUTCOME_HEADER, reconciliation.outcome_rows(document), left=("meaning",)),
        _heading(reconciliation.hours_title(document)),
    ]
    if hours := list(reconciliation.hour_rows(document)):
        parts.append(_table(reconciliation.HOUR_HEADER, hours, left=("hour",)))
    parts.append(Text.assemble(("Factor  ", "bold"), reconciliation.factor_sentence(document)))
    if said := reconciliation.memory_sentence(document):
        parts.append(Text.assemble(("Memory  ", "bold"), said))
    if document["refused"]:
        refused = ", ".join(f"{count:,} with {code}" for code, count in document["refused"].items())
        parts.append(Text.assemble(("Never ran  ", "bold"), f"{refused}; they are not billed"))
    parts += [Text.assemble(("Note  ", "yellow"), (one["message"], "yellow")) for one in document["warnings"]]
    console.print(Group(*parts), width=min(console.width, WIDEST))


def _table(header: Sequence[str], rows: Iterable[Sequence[str]], *, left: Sequence[str]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 1, 0, 0))
    for title in header:
        table.add_column(title, justify="left" if title in left else "right", overflow="fold")
    for row in rows:
        table.add_row(*row)
    return table


def _heading(title: str) -> Rule:
    return Rule(Text(title, style="bold"), align="left", style="dim")
