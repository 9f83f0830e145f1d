"""A reconciliation on a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import Console, RenderableType
from rich.text import Text

from scfcost.core.language import _, translated
from scfcost.report import reconciliation, words
from scfcost.report.console import layout


def render_reconciliation(document: Mapping[str, Any], console: Console) -> None:
    """Print a forecast beside what happened, and why they differ.

    Parameters
    ----------
    document : mapping
        The plain data of `Reconciliation.to_dict`.
    console : Console
        Where to print.
    """
    currency = document["currency"]
    width = layout.width_of(console)

    def table(header: Sequence[str], rows: Iterable[Sequence[str]], *, words: Sequence[str]) -> RenderableType:
        return layout.fitted(layout.columns(header, words=words), rows, width)

    parts: list[RenderableType] = [
        Text(reconciliation.headline(document), style="bold"),
        Text(f"{words.source(document['trace'])}: {reconciliation.basis(document)}"),
        layout.heading(
            _("Lines · {catalog} · quantities, then amounts in {currency}").format(
                catalog=document["catalog"], currency=currency
            )
        ),
        table(reconciliation.LINE_HEADER, reconciliation.line_rows(document), words=("line", "unit")),
        layout.heading(_("Why · one cause after the other, {currency}").format(currency=currency)),
        table(("cause", currency), reconciliation.cause_rows(document), words=("cause",)),
        layout.heading("How calls ended"),
        table(reconciliation.OUTCOME_HEADER, reconciliation.outcome_rows(document), words=("meaning",)),
        layout.heading(reconciliation.hours_title(document)),
    ]
    if hours := list(reconciliation.hour_rows(document)):
        parts.append(table(reconciliation.HOUR_HEADER, hours, words=("hour",)))
    parts.append(Text.assemble((_("Factor  "), "bold"), reconciliation.factor_sentence(document)))
    if used := reconciliation.memory_sentence(document):
        parts.append(Text.assemble((_("Memory  "), "bold"), used))
    if document["refused"]:
        refused = ", ".join(
            _("{count:,} with {code}").format(count=count, code=code) for code, count in document["refused"].items()
        )
        parts.append(
            Text.assemble((_("Never ran  "), "bold"), _("{refused}; they are not billed").format(refused=refused))
        )
    parts += [
        Text.assemble((_("Note  "), "yellow"), (translated(one["message"]), "yellow")) for one in document["warnings"]
    ]
    layout.show(console, *parts)
