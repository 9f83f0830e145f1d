"""The answer as Markdown, for a pull request or a wiki."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from scfcost.core.language import _, translated
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
    parts = [_("## Cost estimate"), *_lead(document, insights), _headline(document), _settings(document)]
    parts += [*_figures(document), *_said(document, insights)]
    parts += [f"> {escape(translated(one['message']))}" for one in document["warnings"]]
    if steps:
        parts.append(
            f"### {_('How the figures came about')}\n\n" + "\n".join(f"- {escape(translated(step))}" for step in steps)
        )
    return "\n\n".join(parts) + "\n"


def _headline(document: Mapping[str, Any]) -> str:
    bill, monthly, currency = document["bill"], document["monthly"], document["bill"]["currency"]
    sure = f" ({words.sureness(document)})" if "uncertainty" in document else ""
    month = _("**{amount} a month**{sure}, ").format(amount=words.month_of(document), sure=sure) if monthly else ""
    whole = words.money(bill["total"], currency) + (_(" at the point") if "bounds" in document else "")
    return _("{month}{whole} for the trace {trace} ({extent}).").format(
        month=month, whole=whole, trace=escape(words.source(document["trace"])), extent=words.extent(document["trace"])
    )


def _lead(document: Mapping[str, Any], insights: Mapping[str, Any]) -> Iterator[str]:
    lead = insights["lead"]
    if lead["months"]:
        yield escape(words.policy_months(lead["months"], document["bill"]["currency"])) + "."
    if lead["wrong"] is not None:
        yield f"**{escape(translated(lead['wrong']['text']))}**"
        yield f"```sh\n{lead['wrong']['command']}\n```"


def _figures(document: Mapping[str, Any]) -> Iterator[str]:
    monthly = document["monthly"]
    header = ("line", "use a month" if monthly else "quantity", "unit", "free", "unit price", "month", "trace")
    yield table(header, [*([row[key] for key in _LINE] for row in words.lines(document)), _total(document)])
    if "uncertainty" in document:
        yield _("How sure the month is: {drawn}.").format(drawn=words.drawn(document))
    if (short := words.short_window(document["trace"])) is not None:
        yield _("Note: {short}.").format(short=short)
    if "growth" in document:
        yield _("Later: {growth}.").format(growth=words.growth(document))
    yield table(words.outcome_header(document), words.outcome_rows(document))
    yield words.impact(document)
    yield _("Peak: {peak}.").format(peak=words.peak(document["concurrency"]))
    if (refused := words.refusals(document["concurrency"])) is not None:
        yield _("Refused: {refused}.").format(refused=escape(refused))
    if "message_limits" in document:
        yield table(words.EXCESS_HEADER, words.excess_rows(document["message_limits"]))
    if "bounds" in document:
        yield table(("total", "low", "point", "high"), words.bound_rows(document))


def _said(document: Mapping[str, Any], insights: Mapping[str, Any]) -> Iterator[str]:
    currency = document["bill"]["currency"]
    yield from _money(insights, currency)
    if insights["reconnect_policies"]:
        yield _("What clients do after a cut (the bill takes none, as no reconnect policy was given):")
        yield table(words.policy_header(currency), words.policy_rows(insights["reconnect_policies"]))
    for one in document["not_known"]:
        yield _("Not known: {message}. What would tell: {remedy}.").format(
            message=escape(translated(one["message"])), remedy=escape(translated(one["remedy"]))
        )
    yield _("Not in the figure: {not_included}.").format(
        not_included=_("; ").join(map(translated, insights["not_included"]))
    )
    yield _("Assumed: {assumptions}.").format(
        assumptions=escape(_("; ").join(map(translated, insights["assumptions"])))
    )


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
    each = zip(words.shares(part["ms"] for part in parts), (translated(part["label"]) for part in parts), strict=True)
    if parts:
        yield _("Connection time: {shares}.").format(shares=", ".join((f"{share} {label}" for share, label in each)))
    if insights["per_1000_connection_hours"]:
        yield _("{amount} for 1,000 connection-hours.").format(
            amount=words.money(insights["per_1000_connection_hours"], currency)
        )
    if insights["findings"]:
        yield "\n".join(
            _("- {text}: saves {saving} a month").format(
                text=escape(translated(one["text"])), saving=words.money(one["saving"], currency)
            )
            for one in insights["findings"]
        )


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table in the reader's language, its cells escaped.

    Parameters
    ----------
    header : sequence of str
        Titles of the columns.
    rows : iterable of sequence of str
        A cell a column.
    """
    lines = [[translated(title) for title in header], ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(escape(translated(str(cell))) for cell in line) + " |" for line in lines)


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
