"""Results as small tables for a notebook: escaped, without any outside asset."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from typing import Any

from scfcost.core.language import translated
from scfcost.report import architecture, diff, recommendation_notes, servers, settings, words
from scfcost.report import capacity as capacity_tables
from scfcost.report import recommendation as recommended
from scfcost.report import reconciliation as reconciliation_tables
from scfcost.report import sensitivity as sensitivity_tables
from scfcost.report import sweep as swept

_CELL = "padding:2px 10px;text-align:right"
_FIRST = "padding:2px 10px;text-align:left"
Rows = Iterable[Sequence[str]]


def block(title: str, *parts: str | tuple[Sequence[str], Rows]) -> str:
    """Return a headline with sentences, and tables given as header and rows, below it, all escaped."""
    body = "".join(f"<p>{escape(translated(one))}</p>" if isinstance(one, str) else _table(*one) for one in parts)
    return f"<div><p><strong>{escape(translated(title))}</strong></p>{body}</div>"


def estimate(document: Mapping[str, Any], lead: Mapping[str, Any] | None = None) -> str:
    """Return an estimate as an HTML fragment: what matters first, a headline and two tables.

    Parameters
    ----------
    document : mapping
        The plain data of `Estimate.to_dict`.
    lead : mapping, optional
        What `lead.lead` says of it; nothing otherwise.
    """
    monthly = document["monthly"]
    title = words.month_of(document) + (" a month" if monthly else " for the trace")
    if lead is not None and lead["months"]:
        title = words.policy_months(lead["months"], document["bill"]["currency"])
    wrong = () if lead is None or lead["wrong"] is None else (lead["wrong"]["text"], lead["wrong"]["command"])
    about = f"{words.source(document['trace'])}: {words.extent(document['trace'])}"
    columns = ("item", "quantity", "unit", "unit_price", *(("month",) if monthly else ()), "trace")
    header = ("line", "use a month" if monthly else "quantity", *columns[2:])
    lines = ([row[name] for name in columns] for row in words.lines(document))
    return block(
        title, *wrong, about, *_settings(document), ([name.replace("_", " ") for name in header], lines),
        (words.outcome_header(document), words.outcome_rows(document)), words.impact(document),
        *(f"Not known: {one['message']}" for one in document["not_known"]),
    )  # fmt: skip


def _settings(document: Mapping[str, Any]) -> Iterator[str | tuple[Sequence[str], Rows]]:
    if "functions" in document:
        yield words.FUNCTION_HEADER, words.function_rows(document)
        return
    yield words.settings(document["function"])
    yield words.timeouts(document["function"])


def sweep(document: Mapping[str, Any]) -> str:
    """Return a sweep: how many settings there are, and some of those that nothing beats."""
    rows = swept.shown_rows(document)
    unknown = (f"not known: {one['message']}" for one in document["not_known"])
    table = settings.table_of(rows, document["currency"], without_idle=settings.without_idle(document))
    return block(swept.title(document), table, *unknown)


def recommendation(document: Mapping[str, Any]) -> str:
    """Return a recommendation: the setting, the three to choose from, and why."""
    header, rows, _ = recommended.table_of(document)
    return block(recommended.headline(document), (header, rows), *recommendation_notes.notes(document))


def comparison(document: Mapping[str, Any]) -> str:
    """Return the platform against plain servers."""
    unknown = (f"not known: {one['message']}" for one in document["not_known"])
    return block(*servers.sentences("month", document), *unknown)


def capacity(document: Mapping[str, Any]) -> str:
    """Return how much traffic the settings carry."""
    month = capacity_tables.month_title(document)
    parts: list[str | tuple[Sequence[str], Rows]] = [
        capacity_tables.settings(document),
        *capacity_tables.supposed(document),
        *capacity_tables.reached(document),
        *capacity_tables.worst_case(document),
    ]
    parts.append(((*capacity_tables.LOAD_HEADER, month), capacity_tables.load_rows(document)))
    if document["remedies"]:
        parts += [
            capacity_tables.remedies_title(document),
            ((*capacity_tables.REMEDY_HEADER, month), capacity_tables.remedy_rows(document)),
        ]
    return block(capacity_tables.headline(document), *parts)


def sensitivity(document: Mapping[str, Any]) -> str:
    """Return what drives a month."""
    return block(
        sensitivity_tables.title(document),
        *sensitivity_tables.notes(document),
        (sensitivity_tables.header(document), sensitivity_tables.rows(document)),
    )


def uncertainty(document: Mapping[str, Any], currency: str) -> str:
    """Return how sure a month is.

    Parameters
    ----------
    document : mapping
        The plain data of `Uncertainty.to_dict`.
    currency : str
        Currency of its amounts.
    """
    rows = [
        [f"{level} %", *(words.money(ends[key]) for key in ("low", "high"))]
        for level, ends in document["intervals"].items()
    ]
    title = f"{words.money(document['monthly'], currency)} a month"
    return block(title, (("share of months", "from", "to"), rows), words.drawn({"uncertainty": document}))


def reconciliation(document: Mapping[str, Any]) -> str:
    """Return a forecast against what was found."""
    lines = (reconciliation_tables.LINE_HEADER, reconciliation_tables.line_rows(document))
    causes = (("cause", document["currency"]), reconciliation_tables.cause_rows(document))
    return block(reconciliation_tables.headline(document), reconciliation_tables.basis(document), lines, causes)


def costing(document: Mapping[str, Any]) -> str:
    """Return a whole architecture."""
    return block(
        architecture.title(document), (architecture.HEADER, architecture.rows(document)), *architecture.notes(document)
    )


def difference(document: Mapping[str, Any]) -> str:
    """Return what differs between two results."""
    table = (diff.HEADER, diff.rows_of(document))
    return block(diff.title(document), table, *diff.notes(document))


def _table(header: Sequence[str], rows: Rows) -> str:
    head = "".join(
        f'<th style="{_CELL if i else _FIRST}">{escape(translated(cell))}</th>' for i, cell in enumerate(header)
    )
    body = "".join(
        "<tr>"
        + "".join(f'<td style="{_CELL if i else _FIRST}">{escape(translated(cell))}</td>' for i, cell in enumerate(row))
        + "</tr>"
        for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
