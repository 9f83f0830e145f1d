"""The answer as Markdown, for a pull request or a wiki."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from scfcost.core.text import one_line
from scfcost.report import words

_LINE = ("item", "quantity", "unit", "free", "unit_price", "month", "trace")


def render(document: Mapping[str, Any], insights: Mapping[str, Any], steps: Sequence[str] = ()) -> str:
    """Return an estimate as Markdown.

    Parameters
    ----------
    document : mapping
        The plain data of `Estimate.to_dict`.
    insights : mapping
        What `advice.insights` says of it.
    steps : sequence of str
        How the figures came about, where that is wanted.
    """
    bill, monthly, currency = document["bill"], document["monthly"], document["bill"]["currency"]
    sure = f" ({words.sureness(document)})" if "uncertainty" in document else ""
    headline = f"**{words.money(monthly['total'], currency)} a month**{sure}, " if monthly else ""
    parts = [
        "## Cost estimate",
        (
            f"{headline}{words.money(bill['total'], currency)} for the trace "
            f"{escape(words.source(document['trace']))} ({words.extent(document['trace'])})."
        ),
        _settings(document),
        table(
            ("line", "use a month" if monthly else "quantity", "unit", "free", "unit price", "month", "trace"),
            [*([row[key] for key in _LINE] for row in words.lines(document)), _total(document)],
        ),
        *([f"How sure the month is: {words.drawn(document)}."] if sure else []),
        *([f"Later: {words.growth(document)}."] if "growth" in document else []),
        table(
            ("code", "invocations", "meaning"),
            ((code, f"{count:,}", words.MEANING[code]) for code, count in document["outcomes"].items()),
        ),
        _impact(document["impact"]),
        f"Peak: {words.peak(document['concurrency'])}.",
        *_money(insights, currency),
    ]
    if (refused := words.refusals(document["concurrency"])) is not None:
        parts.append(f"Refused: {escape(refused)}.")
    if "message_limits" in document:
        parts.append(table(words.EXCESS_HEADER, words.excess_rows(document["message_limits"])))
    if "bounds" in document:
        parts.append(_bounds(document))
    if insights["reconnect_policies"]:
        parts.append("If clients came back (the bill takes none, as no reconnect policy was given):")
        parts.append(table(words.policy_header(currency), words.policy_rows(insights["reconnect_policies"])))
    parts.append(f"Not in the figure: {'; '.join(insights['not_included'])}.")
    parts.append(f"Assumed: {escape('; '.join(insights['assumptions']))}.")
    parts += [f"> {escape(one['message'])}" for one in document["warnings"]]
    if steps:
        parts.append("### How the figures came about\n\n" + "\n".join(f"- {escape(step)}" for step in steps))
    return "\n\n".join(parts) + "\n"


def _settings(document: Mapping[str, Any]) -> str:
    if "functions" in document:
        return table(words.FUNCTION_HEADER, words.function_rows(document))
    return f"{words.settings(document['function'])}  \n{words.timeouts(document['function'])}"


def _total(document: Mapping[str, Any]) -> list[str]:
    totals = (words.money(part["total"] if part else None) for part in (document["monthly"], document["bill"]))
    return [words.total_label(document), "", "", "", "", *totals]


def _money(insights: Mapping[str, Any], currency: str) -> Iterator[str]:
    """Yield where the money goes, what the mean would have said, and what to change, a list each."""
    shares = (f"{part['share']:.1%} {part['label']}" for part in insights["time"])
    yield f"Connection time: {', '.join(shares)}."
    if insights["per_1000_connection_hours"]:
        yield f"{words.money(insights['per_1000_connection_hours'], currency)} for 1,000 connection-hours."
    if insights["mean_calculator"]:
        yield f"Mean calculator: {words.mean_calculator(insights['mean_calculator'], currency)}."
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


def _impact(impact: Mapping[str, int]) -> str:
    return (
        f"{impact['cut']:,} cut: {impact['cut_harmful']:,} harmful, {impact['cut_harmless']:,} harmless. "
        f"Messages lost {impact['messages_lost']:,}, delayed {impact['messages_delayed']:,}, "
        f"pushes missed {impact['pushes_missed']:,}; reconnects {impact['reconnects']:,}."
    )


def _bounds(document: Mapping[str, Any]) -> str:
    rows = []
    for title, key in (("trace", "bill"), ("month", "monthly")):
        if document[key] is not None:
            parts = (document["bounds"]["low"], document, document["bounds"]["high"])
            rows.append([title, *(words.money(part[key]["total"]) for part in parts)])
    return table(("total", "low", "point", "high"), rows)
