"""Numbers and sentences that every report shares. Documents are the plain data of `Estimate.to_dict`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from scfcost.billing.meters import METERS
from scfcost.core import text as plain
from scfcost.core.language import _, translated
from scfcost.core.units import MS_PER_DAY, MS_PER_HOUR, MS_PER_MINUTE, MS_PER_SECOND
from scfcost.lifecycle import outcomes

NOT_KNOWN = "not known"
"""What a report says of what people notice, where the input does not tell."""
UNKNOWN = "unknown"
"""What a report says of a figure that is not known; never 0."""

MEANING = {outcomes.name(code): meaning for code, meaning in outcomes.MEANING.items()}
"""What a status code means."""

NAMED = 5
"""How many refused sessions a report names; the JSON document names more. [1]"""
EXCESS_HEADER = ("connection", "largest message, B", "bytes a second", "messages a second")
"""Header of `excess_rows`."""

ITEM = {**{meter.name: meter.label for meter in METERS}, "plan": "plan"}
"""What a line item is called."""


def money(amount: str | None, currency: str = "") -> str:
    """Show an amount with thousands separated, or that it is unknown.

    Parameters
    ----------
    amount : str or None
        An amount, None where it is unknown. [currency]
    currency : str
        Its currency, where that is to be shown.

    Examples
    --------
    >>> money("1234.50", "CNY")
    'CNY 1,234.50'
    >>> money("-0.50")
    '-0.50'
    """
    if amount is None:
        return UNKNOWN
    return f"{currency} {Decimal(amount):,f}".strip()


def quantity(text: str, digits: int = 4) -> str:
    """Show an exact quantity with thousands separated and a few decimals.

    Parameters
    ----------
    text : str
        An exact decimal.
    digits : int
        Decimals that are kept, the rest cut off. [1]

    Examples
    --------
    >>> quantity("12345.678901")
    '12,345.6789'
    """
    whole, _point, rest = text.partition(".")
    rest = rest[:digits].rstrip("0")
    return f"{int(whole):,}" + (f".{rest}" if rest else "")


def counted(number: int, noun: str) -> str:
    """Show a count with its noun, in the reader's language.

    Parameters
    ----------
    number : int
        How many. [1]
    noun : str
        What is counted, in English and in the singular.
    """
    return translated(plain.counted(number, noun))


def not_known(one: Mapping[str, Any]) -> str:
    """Say what is not known, and what would tell."""
    return _("not known: {message}; what would tell: {remedy}").format(
        message=translated(one["message"]), remedy=translated(one["remedy"])
    )


def duration(length_ms: float) -> str:
    """Show a length of time in the unit that suits it.

    Examples
    --------
    >>> duration(5_400_000)
    '1.5 hours'
    """
    if length_ms >= 2 * MS_PER_DAY:
        return _("{days:,.1f} days").format(days=length_ms / MS_PER_DAY)
    if length_ms >= MS_PER_HOUR:
        return _("{hours:,.1f} hours").format(hours=length_ms / MS_PER_HOUR)
    if length_ms >= MS_PER_MINUTE:
        return _("{minutes:,.1f} minutes").format(minutes=length_ms / MS_PER_MINUTE)
    return _("{seconds:,.1f} seconds").format(seconds=length_ms / MS_PER_SECOND)


def moment(seconds: float) -> str:
    """Show an instant of the Unix epoch to the second, in UTC.

    Examples
    --------
    >>> moment(1_795_408_486.4)
    '2026-11-23 04:34:46'
    """
    return f"{datetime.fromtimestamp(int(seconds), UTC):%Y-%m-%d %H:%M:%S}"


def timeouts(function: Mapping[str, Any]) -> str:
    """Name the timeouts in full: people confuse them. Requests and events have no idle timeout."""
    named = [_("initialisation timeout {init_timeout_s:g} s").format(init_timeout_s=function["init_timeout_s"])]
    named.append(_("execution timeout {exec_timeout_s:g} s").format(exec_timeout_s=function["exec_timeout_s"]))
    if function.get("function_type", "web-ws") == "web-ws":
        named.append(_("idle timeout {idle_timeout_s:g} s").format(idle_timeout_s=function["idle_timeout_s"]))
    return " · ".join(named)


def settings(function: Mapping[str, Any]) -> str:
    """Name the other settings of a function."""
    held = counted(function["max_concurrency"], "connection")
    parts = [
        _("memory {memory_mb:,} MB").format(memory_mb=function["memory_mb"]),
        _("{held} an instance").format(held=held),
    ]
    if (kind := function.get("function_type", "web-ws")) == "web-ws":
        parts.append(_("reconnect {reconnect}").format(reconnect=function["reconnect"]))
    else:
        parts.insert(0, _("function type {kind}").format(kind=kind))
    if function["heartbeat_s"]:
        parts.append(_("heartbeat every {heartbeat_s:g} s").format(heartbeat_s=function["heartbeat_s"]))
    return " · ".join(parts)


def source(trace: Mapping[str, Any]) -> str:
    """Name what was read."""
    names = trace["sources"] or [_("a trace in memory")]
    return names[0] if len(names) == 1 else _("{first} and {more} more").format(first=names[0], more=len(names) - 1)


def extent(trace: Mapping[str, Any]) -> str:
    """Say how much was read."""
    rejected = (
        _(" · {rejected_rows} left out").format(rejected_rows=counted(trace["rejected_rows"], "bad row"))
        if trace["rejected_rows"]
        else ""
    )
    span = duration(float(trace["window_s"]) * MS_PER_SECOND)
    held = f"{counted(trace['connections'], 'connection')} · {counted(trace['messages'], 'message')}"
    return f"{held} · {span}{rejected}"


def short_window(trace: Mapping[str, Any]) -> str | None:
    """Say what a month is made of where a trace is shorter than a day; None where it is not.

    Examples
    --------
    >>> short_window({"window_s": "10.300"})
    'the month is 30 days like these 10.3 seconds: other hours of the day, and other days, are not in it'
    """
    span_ms = float(trace["window_s"]) * MS_PER_SECOND
    if not 0 < span_ms < MS_PER_DAY:
        return None
    return _("the month is 30 days like these {span}: other hours of the day, and other days, are not in it").format(
        span=duration(span_ms)
    )


def sureness(document: Mapping[str, Any], level: str = "80") -> str:
    """Say between which ends the month falls, where that is known.

    Parameters
    ----------
    document : mapping
        The plain data of `Estimate.to_dict`.
    level : str
        Level of the interval, such as "80". [%]

    Examples
    --------
    >>> ends = {"80": {"low": "760.10", "high": "871.00"}}
    >>> sureness({"uncertainty": {"intervals": ends}})
    '80 % between 760.10 and 871.00'
    """
    if "uncertainty" not in document:
        return ""
    ends = document["uncertainty"]["intervals"][level]
    return _("{level} % between {low} and {high}").format(level=level, low=money(ends["low"]), high=money(ends["high"]))


def growth(document: Mapping[str, Any]) -> str:
    """Say what later months cost as the traffic grows.

    Examples
    --------
    >>> growth({"growth": {"per_month": "0.05", "ahead": [{"months": 3, "monthly": "44.10"}]}})
    'growing by 5 % a month: 44.10 in 3 months'
    """
    found = document["growth"]
    ahead = ", ".join(
        _("{monthly} in {months} months").format(monthly=money(one["monthly"]), months=one["months"])
        for one in found["ahead"]
    )
    return _("growing by {per_month:g} % a month: {ahead}").format(
        per_month=float(found["per_month"]) * 100, ahead=ahead
    )


DRAWN = {"sessions": "sessions", "days": "whole days"}
"""What an interval is drawn from."""


def drawn(document: Mapping[str, Any]) -> str:
    """Say how an interval was made, and what it does not hold."""
    found = document["uncertainty"]
    made = _("{replications:,} months drawn from {units:,} {method}").format(
        replications=found["replications"], units=found["units"], method=translated(DRAWN.get(found["method"], ""))
    )
    if found["method"] == "scenario":
        made = _("the months of {units:,} runs of the scenario").format(units=found["units"])
    return _("; ").join([sureness(document, "95"), made, *(translated(one) for one in found["notes"])])


def traffic_known(document: Mapping[str, Any]) -> bool:
    """Whether any of the bytes sent are known."""
    unknown = any(one["code"] == "bytes_unknown" for one in document["warnings"])
    return not (unknown and document["usage"]["egress_bytes"] == 0)


def peak(concurrency: Mapping[str, Any]) -> str:
    """Set the peak against the quota."""
    text = _("{peak_connections} at once on {peak_instances}, {peak_memory_mb:,} MB").format(
        peak_connections=counted(concurrency["peak_connections"], "connection"),
        peak_instances=counted(concurrency["peak_instances"], "instance"),
        peak_memory_mb=concurrency["peak_memory_mb"],
    )
    quota = concurrency["quota_mb"]
    if quota is None:
        return _("{text}; the region's quota is unknown").format(text=text)
    return _("{text} of the region's {quota:,} MB ({share:.1%})").format(
        text=text, quota=quota, share=concurrency["peak_memory_mb"] / quota
    )


def refusals(concurrency: Mapping[str, Any]) -> str | None:
    """Say what was refused, None where nothing was."""
    refused = concurrency.get("refused")
    if refused is None or not refused["sessions"]:
        return None
    attempts = ", ".join(f"{refused[code]:,} × {code}" for code in ("432", "429", "450") if refused[code])
    names = ", ".join(refused["connection_ids"][:NAMED])
    more = ", …" if refused["sessions"] > NAMED else ""
    hit = counted(refused["sessions"], "session")
    return _("{attempts}: {hit}, of which {gave_up:,} gave up ({names}{more})").format(
        attempts=attempts, hit=hit, gave_up=refused["gave_up"], names=names, more=more
    )


def excess_rows(limits: Mapping[str, Any]) -> Iterator[list[str]]:
    """Yield the limits of messages and the connections that go furthest beyond any of them."""
    names = ("message_bytes", "bytes_per_second", "messages_per_second")
    yield ["limit", *(f"{limits[name]['limit']:,}" for name in names)]
    yield ["connections beyond it", *(f"{limits[name]['connections']:,}" for name in names)]
    for one in limits["worst"]:
        yield [one["connection_id"], *(f"{one[name]:,}" for name in names)]


def impact(document: Mapping[str, Any]) -> str:
    """Say what the timeouts did to people, or that it is not known."""
    found = document["impact"]
    if found is None:
        return _("Whom the timeouts cut off is not known: the trace has no message rows.")
    return _(
        "{cut} by a timeout: {cut_harmful:,} that people notice (a message lost, missed or late), "
        "{cut_harmless:,} that nobody does. Messages lost {messages_lost:,}, late "
        "{messages_delayed:,}, pushes missed {pushes_missed:,}; reconnects {reconnects:,}."
    ).format(
        cut=counted(found["cut"], "cut"),
        cut_harmful=found["cut_harmful"],
        cut_harmless=found["cut_harmless"],
        messages_lost=found["messages_lost"],
        messages_delayed=found["messages_delayed"],
        pushes_missed=found["pushes_missed"],
        reconnects=found["reconnects"],
    )


def often(rates: Mapping[str, float] | None) -> str:
    """Say how often people notice a cut and come back; empty where that is not known."""
    if rates is None or not (rates["harmful_cuts_per_session"] or rates["reconnects_per_session"]):
        return ""
    return _(
        "Noticed cuts {harmful_cuts_per_session:.2f} a session; reconnects "
        "{reconnects_per_session:.2f} a session, {reconnects_per_hour:.2f} an hour."
    ).format(
        harmful_cuts_per_session=rates["harmful_cuts_per_session"],
        reconnects_per_session=rates["reconnects_per_session"],
        reconnects_per_hour=rates["reconnects_per_hour"],
    )


def shares(counts: Iterable[int]) -> list[str]:
    """Show parts of a whole as per cent with one decimal that add up to 100.

    Examples
    --------
    >>> shares([1, 1, 1])
    ['33.4%', '33.3%', '33.3%']
    """
    parts = list(counts)
    whole = sum(parts)
    if not whole:
        return [""] * len(parts)
    tenths = [part * 1_000 // whole for part in parts]
    owed = sorted(range(len(parts)), key=lambda k: (-(parts[k] * 1_000 % whole), k))[: 1_000 - sum(tenths)]
    return [f"{(tenth + (k in owed)) / 10:.1f}%" for k, tenth in enumerate(tenths)]


def policy_months(months: Mapping[str, str | None], currency: str) -> str:
    """Say what the month costs by what clients do after a cut.

    Parameters
    ----------
    months : mapping of str to str or None
        The month under each policy, None where it is not known. [currency]
    currency : str
        Its currency.
    """
    each = " · ".join(f"{policy} {money(month)}" for policy, month in months.items())
    return _("A month, {currency}: {each} (--reconnect: what clients do after a cut)").format(
        currency=currency, each=each
    )


def month_of(document: Mapping[str, Any]) -> str:
    """Show the month, or the cost of the trace where there is no month; between its ends where no point is known."""
    kind = "monthly" if document["monthly"] else "bill"
    currency = document["bill"]["currency"]
    if "bounds" not in document:
        total = money(document[kind]["total"], currency)
        return total if _is_whole(document) else _("{total} known").format(total=total)
    low, high = (money(document["bounds"][which][kind]["total"]) for which in ("low", "high"))
    text = _("{currency} {low} to {high}").format(currency=currency, low=low, high=high)
    return text if _is_whole(document) else _("{total} known").format(total=text)


def policy_header(currency: str) -> tuple[str, ...]:
    """Return the header of `policy_rows`."""
    return (
        "reconnect",
        _("month, {currency}").format(currency=currency),
        "lost",
        "late",
        "pushes missed",
        "reconnects",
    )


def policy_rows(policies: Iterable[Mapping[str, Any]]) -> Iterator[list[str]]:
    """Yield what each reconnect policy would give."""
    for row in policies:
        numbers = (row[name] for name in ("messages_lost", "messages_delayed", "pushes_missed", "reconnects"))
        yield [row["policy"], money(row["monthly_total"]), *(f"{number:,}" for number in numbers)]


FUNCTION_HEADER = (
    *("function", "memory", "initialisation timeout", "execution timeout", "idle timeout"),
    *("invocations", "resource GBs"),
)
"""Header of `function_rows`; the three timeouts are named in full."""


def function_rows(document: Mapping[str, Any]) -> Iterator[list[str]]:
    """Yield the settings and the usage of each function of a trace that has several."""
    for name, own in document["functions"].items():
        settings, usage = own["function"], own["usage"]
        limits = (f"{settings[limit]:g} s" for limit in ("init_timeout_s", "exec_timeout_s", "idle_timeout_s"))
        used = (f"{usage['invocations']:,}", quantity(usage["resource_gbs"]))
        yield [name, f"{settings['memory_mb']:,} MB", *limits, *used]


def total_label(document: Mapping[str, Any]) -> str:
    """Name the total, which holds what is known."""
    month = document["monthly"] or document["bill"]
    whole = _is_whole(document)
    if "bounds" in document:
        kind = _("point") if whole else _("known point")
    else:
        kind = _("total") if whole else _("known total")
    return f"{kind} {month['currency']}"


def _is_whole(document: Mapping[str, Any]) -> bool:
    """Whether every line of the bill has an amount."""
    month = document["monthly"] or document["bill"]
    return traffic_known(document) and all(line["amount"] is not None for line in month["lines"])


def without_idle(document: Mapping[str, Any]) -> bool:
    """Whether no function of an estimate has an idle timeout."""
    functions = [own["function"] for own in document.get("functions", {}).values()] or [document["function"]]
    return all(one.get("function_type", "web-ws") != "web-ws" for one in functions)


def outcome_rows(document: Mapping[str, Any]) -> Iterator[list[str]]:
    """Yield code, count, share and meaning of how invocations ended; counts at low and high where no point is known."""
    counts = dict(document["outcomes"])
    if without_idle(document) and not counts["455"]:
        del counts["455"]
    bounds: Mapping[str, Any] = document.get("bounds", {})
    codes = [*counts, *(code for which in bounds for code in bounds[which]["outcomes"] if code not in counts)]
    for code, share in zip(dict.fromkeys(codes), shares(counts.values()) + [""] * len(codes), strict=False):
        if bounds:
            ends = (f"{bounds[which]['outcomes'].get(code, 0):,}" for which in ("low", "high"))
            low, high = ends
            yield [code, low, f"{counts.get(code, 0):,}", high, MEANING[code]]
        else:
            yield [code, f"{counts[code]:,}", share, MEANING[code]]


def outcome_header(document: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the header of `outcome_rows`."""
    middle = ("low", "point", "high") if "bounds" in document else ("count", "share")
    return ("code", *middle, "how invocations ended")


def bound_rows(document: Mapping[str, Any]) -> Iterator[list[str]]:
    """Yield the totals at low, point and high of a trace without message rows."""
    for title, kind in ((_("this trace"), "bill"), (_("a month"), "monthly")):
        if document[kind] is not None:
            parts = (document["bounds"]["low"], document, document["bounds"]["high"])
            known = "" if _is_whole(document) else _(" (known part)")
            yield [f"{title}, {document['bill']['currency']}{known}", *(money(part[kind]["total"]) for part in parts)]


def lines(document: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return the rows of the bill: the month's lines, each with the trace's own amount beside it."""
    month = document["monthly"] or document["bill"]
    recorded = {line["item"]: line for line in document["bill"]["lines"]}
    known = traffic_known(document)
    rows = []
    for line in month["lines"]:
        hidden = line["item"] == "egress" and not known
        own = recorded.get(line["item"])
        rows.append(
            {
                "item": ITEM.get(line["item"], line["item"]),
                "quantity": UNKNOWN if hidden else quantity(line["quantity"]),
                "unit": line["unit"],
                "free": quantity(line["free"]),
                "unit_price": line["unit_price"] or UNKNOWN,
                "month": UNKNOWN if hidden or not document["monthly"] else money(line["amount"]),
                "trace": "" if own is None else UNKNOWN if hidden else money(own["amount"]),
            }
        )
    return rows


def worst_case(worst: Mapping[str, Any], currency: str) -> str:
    """Say what a month can cost at most.

    Parameters
    ----------
    worst : mapping
        The plain data of `Worst.to_dict`.
    currency : str
        Of the amount.
    """
    at = _("a month at the quota of {quota_mb:,} MB costs {monthly}").format(
        quota_mb=worst["quota_mb"], monthly=money(worst["monthly"], currency)
    )
    return _("at worst, as in a flood, a loop of reconnects or a bug, {at}, before calls and traffic").format(at=at)


MESSAGES_HEADER = ("delivered", "trace", "month")
"""Header of `message_rows`."""


def message_rows(document: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield what platforms meter: minutes, messages by direction, and units of the sizes that are counted."""
    found = document.get("messages") or {}
    trace, month = found.get("trace"), found.get("month") or {}
    if trace is None:
        return
    names = {"connection_minutes": _("connection-minutes"), "up": _("messages up"), "down": _("messages down")}
    for name, title in {**names, "delivered": _("messages, both ways")}.items():
        if trace[name] is not None:
            yield title, f"{trace[name]:,}", f"{month[name]:,}" if month else ""
    for size, units in trace.get("units_kb", {}).items():
        monthly = month["units_kb"][size] if month else None
        both = [
            _("{up:,} up, {down:,} down").format(up=one["up"], down=one["down"]) if one else ""
            for one in (units, monthly)
        ]
        yield _("units of {size} KB").format(size=size), both[0], both[1]
