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
    columns = ("item", "quantity", "unit", "unit_price", *(("month",) if monthly else ()), "trace")
    header = ("line", "use a month" if monthly else "quantity", *columns[2:])
    lines = ([row[name] for name in columns] for row in words.lines(document))
    outcomes = ((f"{code} {words.MEANING[code]}", f"{count:,}") for code, count in document["outcomes"].items())
    return (
        f"<div><p><strong>{escape(title)}</strong><br>{escape(about)}</p>{_settings(document)}"
        f"{_table([name.replace('_', ' ') for name in header], lines)}"
        f"{_table(('how invocations ended', 'count'), outcomes)}</div>"
    )


def _settings(document: Mapping[str, Any]) -> str:
    if "functions" in document:
        return _table(words.FUNCTION_HEADER, words.function_rows(document))
    return f"<p>{escape(words.settings(document['function']))}<br>{escape(words.timeouts(document['function']))}</p>"


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f'<th style="{_CELL if i else _FIRST}">{escape(cell)}</th>' for i, cell in enumerate(header))
    body = "".join(
        "<tr>"
        + "".join(f'<td style="{_CELL if i else _FIRST}">{escape(cell)}</td>' for i, cell in enumerate(row))
        + "</tr>"
        for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
