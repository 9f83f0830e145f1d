"""The answer as a small table for a notebook: escaped, without any outside asset."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from scfcost.report import words

_CELL = "padding:2px 10px;text-align:right"
_FIRST = "padding:2px 10px;text-align:left"


def fragment(document: Mapping[str, Any]) -> str:
    """Return an estimate as an HTML fragment: a headline and two tables."""
    bill, monthly, currency = document["bill"], document["monthly"], document["bill"]["currency"]
    title = words.money((monthly or bill)["total"], currency) + (" a month" if monthly else " for the trace")
    about = f"{words.source(document['trace'])}: {words.extent(document['trace'])}"
    lines = (
        (row["item"], row["quantity"], row["unit"], row["unit_price"], row["month"], row["trace"])
        for row in words.lines(document)
    )
    outcomes = ((f"{code} {words.MEANING[code]}", f"{count:,}") for code, count in document["outcomes"].items())
    return (
        f"<div><p><strong>{escape(title)}</strong><br>{escape(about)}<br>{escape(words.settings(document['function']))}<br>"
        f"{escape(words.timeouts(document['function']))}</p>"
        f"{_table(('line', 'a month', 'unit', 'unit price', 'month', 'this trace'), lines)}"
        f"{_table(('how invocations ended', 'count'), outcomes)}</div>"
    )


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f'<th style="{_CELL if i else _FIRST}">{escape(cell)}</th>' for i, cell in enumerate(header))
    body = "".join(
        "<tr>"
        + "".join(f'<td style="{_CELL if i else _FIRST}">{escape(cell)}</td>' for i, cell in enumerate(row))
        + "</tr>"
        for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
