"""A reconciliation as rows and sentences, and as Markdown. Documents are the plain data of `Reconciliation.to_dict`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from scfcost.core.language import _, translated
from scfcost.core.money import gbs, plain, round_fraction, round_parts
from scfcost.report import words

CAUSE = {
    "traffic": "more or fewer calls",
    "outcomes": "calls ended otherwise",
    "durations": "calls of the same outcome lasted longer or shorter",
    "sharing": "connections shared instances otherwise",
    "memory": "other memory",
    "bytes": "other bytes a call",
    "metering": "the bill counts other quantities than the log",
    "price": "the bill's unit prices",
    "allowance": "free quota, discounts, rounding, and prices that the bill does not tell",
    "fee": "fees that the forecast does not hold",
}
"""What a cause means, in the order in which they are changed."""
LINE_HEADER = ("line", "unit", "forecast", "found", "forecast", "log", "bill", "difference")
"""Header of `line_rows`: two quantities, then amounts."""
OUTCOME_HEADER = ("code", "forecast", "logged", "mean forecast", "mean logged", "meaning")
"""Header of `outcome_rows`."""
HOUR_HEADER = ("hour", "calls forecast", "logged", "GBs forecast", "logged", "difference")
"""Header of `hour_rows`."""
MOST_HOURS = 8
"""Hours that a report shows; JSON holds all. [1]"""
LEAST_CALLS = 30
"""Calls, forecast and logged each, from which a factor says something of other forecasts. [1]"""
_CLOSED = "closed by client or server (the trace does not tell how)"
_FEW_DECIMALS_FROM = 100
"""Sums from here on are shown with 2 decimals, smaller ones with 4."""


def headline(document: Mapping[str, Any]) -> str:
    """Say in a sentence how the forecast compares."""
    total, currency = document["total"], document["currency"]
    forecast, found = (amount(document, total[key]) for key in ("forecast", "found"))
    change = _percent(Fraction(total["found"]), Fraction(total["forecast"]))
    return _("Forecast {currency} {forecast}, found {currency} {found}{change}").format(
        currency=currency, forecast=forecast, found=found, change=f" ({change})" if change else ""
    )


def basis(document: Mapping[str, Any]) -> str:
    """Say what is compared."""
    period, calls = document["period"], document["calls"]
    span = _("{start} to {end} UTC").format(start=_minute(period["start"]), end=_minute(period["end"]))
    counted = _("{forecast} forecast, {logged:,} logged").format(
        forecast=words.counted(calls["forecast"], "call"), logged=calls["logged"]
    )
    if period["scale"] is None:
        return _("{span}, which trace and log share: {counted}").format(span=span, counted=counted)
    scale = plain(round_fraction(Fraction(period["scale"]), 4))
    return _("{span}; the trace is of another time, so its forecast is taken {scale} times: {counted}").format(
        span=span, scale=scale, counted=counted
    )


def amount(document: Mapping[str, Any], text: str | None, *, sign: bool = False) -> str:
    """Show an amount with as many decimals as suit the whole.

    Parameters
    ----------
    document : mapping
        The plain data of `Reconciliation.to_dict`.
    text : str or None
        An exact amount; a dash stands for None. [currency]
    sign : bool
        Whether a rise carries a plus.
    """
    if text is None:
        return "–"
    return f"{round_fraction(Fraction(text), _places(document)):{'+' if sign else ''},f}"


def line_rows(document: Mapping[str, Any]) -> Iterator[list[str]]:
    """Yield the lines of the bill; a dash stands where nothing tells what happened."""
    for line in document["lines"]:
        told = line["billed"] if line["billed"] and line["billed"]["quantity"] else line["logged"]
        own = line["forecast"]
        yield [
            words.ITEM.get(line["item"], line["item"]),
            line["unit"],
            words.quantity(own["quantity"]) if own else words.UNKNOWN,
            words.quantity(told["quantity"]) if told else "–",
            amount(document, own["amount"]) if own else words.UNKNOWN,
            *(amount(document, part["amount"] if part else None) for part in (line["logged"], line["billed"])),
            amount(document, line["difference"], sign=True),
        ]


def cause_rows(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the way from the forecast to what was found, a cause a row; the amounts shown add up."""
    causes, total = document["causes"], document["total"]
    parts = [Fraction(total["forecast"]), *(Fraction(one["amount"]) for one in causes)]
    forecast, *added = round_parts(parts, _places(document))
    yield "forecast", f"{forecast:,f}"
    for one, share in zip(causes, added, strict=True):
        yield _cause(document, one), f"{share:+,f}"
    yield "found", amount(document, total["found"])


def outcome_rows(document: Mapping[str, Any]) -> Iterator[list[str]]:
    """Yield the status codes, with how long calls of each lasted."""
    for one in document["outcomes"]:
        means = (one["forecast_mean_ms"], one["logged_mean_ms"])
        yield [
            one["code"],
            f"{one['forecast']:,}",
            f"{one['logged']:,}",
            *("–" if mean is None else words.duration(mean) for mean in means),
            words.MEANING.get(one["code"], _CLOSED if one["code"] == "closed" else "see the vendor's status codes"),
        ]


def hour_rows(document: Mapping[str, Any]) -> Iterator[list[str]]:
    """Yield the clock hours whose resource usage differs most, in their order, each that agrees left out."""
    for one in _widest(document["hours"]):
        forecast, logged = one["forecast"], one["logged"]
        used = [gbs(part["resource_mb_ms"]) for part in (forecast, logged)]
        yield [
            one["hour"],
            f"{forecast['invocations']:,}",
            f"{logged['invocations']:,}",
            *(words.quantity(plain(value), 1) for value in used),
            f"{round_fraction(Fraction(used[1]) - Fraction(used[0]), 1):+,f}",
        ]


def hours_title(document: Mapping[str, Any]) -> str:
    """Say which hours are shown."""
    what = _("Clock hours") if document["period"]["scale"] is None else _("Hours of the day")
    shown = len(_widest(document["hours"]))
    return (
        _("{what} that differ most, {shown} of {hours}").format(what=what, shown=shown, hours=len(document["hours"]))
        if shown
        else _("{what}: none differs").format(what=what)
    )


def factor_sentence(document: Mapping[str, Any]) -> str:
    """Say what to multiply forecasts by."""
    if document["factor"] is None:
        return _("nothing was forecast, so there is no factor")
    shown = [plain(round_fraction(Fraction(document[key] or 0), 4)) for key in ("factor", "factor_per_call")]
    fewest = min(document["calls"]["forecast"], document["calls"]["logged"])
    if fewest < LEAST_CALLS:
        return _("{shown}, but of {fewest} only: too few to multiply forecasts by").format(
            shown=shown[0], fewest=words.counted(fewest, "call")
        )
    text = _("multiply forecasts by {shown}, or by {per_call} where the number of calls is known otherwise").format(
        shown=shown[0], per_call=shown[1]
    )
    month = document["month"]
    if month["corrected"] is None:
        return text
    before, after = (words.money(month[key], document["currency"]) for key in ("forecast", "corrected"))
    return _("{text}; the month of {before} becomes {after}").format(text=text, before=before, after=after)


def memory_sentence(document: Mapping[str, Any]) -> str | None:
    """Say how much of the memory is used, None where the log does not tell."""
    memory = document["memory"]
    if memory["used_mb"] is None or not memory["configured_mb"]:
        return None
    configured = _(" and ").join(f"{size:,}" for size in memory["configured_mb"])
    return _("{configured} MB configured, at most {used_mb} MB used by a call").format(
        configured=configured, used_mb=words.quantity(memory["used_mb"], 1)
    )


def markdown(document: Mapping[str, Any]) -> str:
    """Return a reconciliation as Markdown."""
    from scfcost.report.markdown import escape, table

    parts = [
        _("## Forecast and reality"),
        f"**{headline(document)}**",
        f"{escape(words.source(document['trace']))}: {basis(document)}.",
        table(LINE_HEADER, line_rows(document)),
        table(("why", document["currency"]), cause_rows(document)),
        table(OUTCOME_HEADER, outcome_rows(document)),
        f"{hours_title(document)}.",
        *([table(HOUR_HEADER, hours)] if (hours := list(hour_rows(document))) else []),
        _("Factor: {factor}.").format(factor=factor_sentence(document)),
        *([_("Memory: {used}.").format(used=used)] if (used := memory_sentence(document)) else []),
        *(f"> {escape(translated(one['message']))}" for one in document["warnings"]),
    ]
    return "\n\n".join(parts) + "\n"


def _cause(document: Mapping[str, Any], one: Mapping[str, Any]) -> str:
    calls = document["calls"]
    told = f" ({calls['forecast']:,} → {calls['logged']:,})" if one["cause"] == "traffic" else ""
    return f"{translated(one['cause'])}: {translated(CAUSE[one['cause']])}{told}"


def _widest(hours: list[dict[str, Any]]) -> list[dict[str, Any]]:
    kept = sorted(hours, key=_difference, reverse=True)[:MOST_HOURS]
    return [one for one in hours if one in kept and _difference(one)]


def _difference(hour: Mapping[str, Any]) -> int:
    return abs(int(hour["logged"]["resource_mb_ms"]) - int(hour["forecast"]["resource_mb_ms"]))


def _places(document: Mapping[str, Any]) -> int:
    total = document["total"]
    largest = max(abs(Decimal(total["forecast"])), abs(Decimal(total["found"])))
    return 2 if largest >= _FEW_DECIMALS_FROM else 4


def _percent(found: Fraction, forecast: Fraction) -> str:
    return f"{round_fraction((found - forecast) / forecast * 100, 1):+f} %" if forecast else ""


def _minute(instant: str) -> str:
    return instant[:16].replace("T", " ")
