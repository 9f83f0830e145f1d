"""The answer as Markdown, for a pull request or a wiki."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from scfcost.core.text import one_line
from scfcost.report import words

_LINE = ("item", "quantity", "unit", "free", "unit_price", "month", "trace")


def render(document: Mapping[str, Any], *, insights: Mapping[str, Any], steps: Sequence[str] = ()) -> str:
    """Return an estimate as Markdown.

    Parameters
    ----------
    document : mapping
        The plain data of `Estimate.to_dict`.
    insights : mapping
        What `insights.insights` says of it.
    steps : sequence of str
        How the figures came about, where that is wanted.
    """
    parts = ["## Cost estimate", _headline(document), *_lead(document, insights), _settings(document)]
    parts += [*_figures(document), *_said(document, insights)]
    parts += [f"> {escape(one['message'])}" for one in document["warnings"]]
    if steps:
        parts.append("### How the figures came about\n\n" + "\n".join(f"- {escape(step)}" for step in steps))
    return "\n\n".join(parts) + "\n"


def _headline(document: Mapping[str, Any]) -> str:
    bill, monthly, currency = document["bill"], document["monthly"], document["bill"]["currency"]
    sure = f" ({words.sureness(document)})" if "uncertainty" in document else ""
    month = f"**{words.month_of(document)} a month**{sure}, " if monthly else ""
    whole = words.money(bill["total"], currency) + (" at the point" if "bounds" in document else "")
    return (
        f"{month}{whole} for the trace {escape(words.source(document['trace']))} ({words.extent(document['trace'])})."
    )


def _lead(document: Mapping[str, Any], insights: Mapping[str, Any]) -> Iterator[str]:
    lead = insights["lead"]
    if lead["months"]:
        yield escape(words.policy_months(lead["months"], document["bill"]["currency"])) + "."
    if lead["wrong"] is not None:
        yield f"**{escape(lead['wrong']['text'])}**"
        yield f"```sh\n{lead['wrong']['command']}\n```"


def _figures(document: Mapping[str, Any]) -> Iterator[str]:
    monthly = document["monthly"]
    header = ("line", "use a month" if monthly else "quantity", "unit", "free", "unit price", "month", "trace")
    yield table(header, [*([row[key] for key in _LINE] for row in words.lines(document)), _total(document)])
    if "uncertainty" in document:
        yield f"How sure the month is: {words.drawn(document)}."
    if (short := words.short_window(document["trace"])) is not None:
        yield f"Note: {short}."
    if "growth" in document:
        yield f"Later: {words.growth(document)}."
    yield table(words.outcome_header(document), words.outcome_rows(document))
    yield words.impact(document)
    yield f"Peak: {words.peak(document['concurrency'])}."
    if (refused := words.refusals(document["concurrency"])) is not None:
        yield f"Refused: {escape(refused)}."
    if "message_limits" in document:
        yield table(words.EXCESS_HEADER, words.excess_rows(document["message_limits"]))
    if "bounds" in document:
        yield table(("total", "low", "point", "high"), words.bound_rows(document))


def _said(document: Mapping[str, Any], insights: Mapping[str, Any]) -> Iterator[str]:
    currency = document["bill"]["currency"]
    yield from _money(insights, currency)
    if insights["reconnect_policies"]:
        yield "What clients do after a cut (the bill takes none, as no reconnect policy was given):"
        yield table(words.policy_header(currency), words.policy_rows(insights["reconnect_policies"]))
    for one in document["not_known"]:
        yield f"Not known: {escape(one['message'])}. What would tell: {escape(one['remedy'])}."
    yield f"Not in the figure: {'; '.join(insights['not_included'])}."
    yield f"Assumed: {escape('; '.join(insights['assumptions']))}."


def _settings(document: Mapping[str, Any]) -> str:
    if "functions" in document:
        return table(words.FUNCTION_HEADER, words.function_rows(document))
    return f"{words.settings(document['function'])}  \n{words.timeouts(document['function'])}"


def _total(document: Mapping[str, Any]) -> list[str]:
    totals = (words.money(part["total"] if part else None) for part in (document["monthly"], document["bill"]))
    return [words.total_label(document), "", "", "", "", *totals]


def _money(insights: Mapping[str, Any], currency: str) -> Iterator[str]:
    """Yield where the money goes, and what to change."""
    parts = insights["time"]
    each = zip(words.shares(part["ms"] for part in parts), (part["label"] for part in parts), strict=True)
    yield f"Connection time: {', '.join(f'{share} {label}' for share, label in each)}."
    if insights["per_1000_connection_hours"]:
        yield f"{words.money(insights['per_1000_connection_hours'], currency)} for 1,000 connection-hours."
    if insights["findings"]:
        yield "\n".join(
            f"- {escape(one['text'])}: saves {words.money(one['saving'], currency)} a month"
            for one in insights["findings"]
        )


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table, its cells escaped."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(escape(str(cell)) for cell in line) + " |" for line in lines)


def escape(text: str) -> str:
    r"""Escape what Markdown or HTML would take for markup.

    Examples
    --------
    >>> escape("a|b <i>")
    'a\\|b &lt;i>'
    """
    for sign, safe in (("\\", "\\\\"), ("|", "\\|"), ("<", "&lt;"), ("`", "\\`"), ("\n", " ")):
        text = text.replace(sign, safe)
    return one_line(text)
