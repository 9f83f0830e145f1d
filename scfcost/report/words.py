"""Numbers and sentences that every report shares. Documents are the plain data of `Estimate.to_dict`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from scfcost.billing.meters import METERS
from scfcost.core.text import counted as counted
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

    Examples
    --------
    >>> quantity("12345.678901")
    '12,345.6789'
    """
    whole, _, rest = text.partition(".")
    rest = rest[:digits].rstrip("0")
    return f"{int(whole):,}" + (f".{rest}" if rest else "")


def duration(length_ms: float) -> str:
    """Show a length of time in the unit that suits it.

    Examples
    --------
    >>> duration(5_400_000)
    '1.5 hours'
    """
    for unit, size in (("days", 2 * MS_PER_DAY), ("hours", MS_PER_HOUR), ("minutes", MS_PER_MINUTE)):
        if length_ms >= size:
            return f"{length_ms / (MS_PER_DAY if unit == 'days' else size):,.1f} {unit}"
    return f"{length_ms / MS_PER_SECOND:,.1f} seconds"


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
    named = [f"initialisation timeout {function['init_timeout_s']:g} s"]
    named.append(f"execution timeout {function['exec_timeout_s']:g} s")
    if function.get("function_type", "web-ws") == "web-ws":
        named.append(f"idle timeout {function['idle_timeout_s']:g} s")
    return " · ".join(named)


def settings(function: Mapping[str, Any]) -> str:
    """Name the other settings of a function."""
    held = counted(function["max_concurrency"], "connection")
    parts = [f"memory {function['memory_mb']:,} MB", f"{held} an instance"]
    if (kind := function.get("function_type", "web-ws")) == "web-ws":
        parts.append(f"reconnect {function['reconnect']}")
    else:
        parts.insert(0, f"function type {kind}")
    if function["heartbeat_s"]:
        parts.append(f"heartbeat every {function['heartbeat_s']:g} s")
    return " · ".join(parts)


def source(trace: Mapping[str, Any]) -> str:
    """Name what was read."""
    names = trace["sources"] or ["a trace in memory"]
    return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"


def extent(trace: Mapping[str, Any]) -> str:
    """Say how much was read."""
    rejected = f" · {counted(trace['rejected_rows'], 'bad row')} left out" if trace["rejected_rows"] else ""
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
    return f"the month is 30 days like these {duration(span_ms)}: other hours of the day, and other days, are not in it"


def sureness(document: Mapping[str, Any], level: str = "80") -> str:
    """Say between which ends the month falls, where that is known.

    Examples
    --------
    >>> ends = {"80": {"low": "760.10", "high": "871.00"}}
    >>> sureness({"uncertainty": {"intervals": ends}})
    '80 % between 760.10 and 871.00'
    """
    if "uncertainty" not in document:
        return ""
    ends = document["uncertainty"]["intervals"][level]
    return f"{level} % between {money(ends['low'])} and {money(ends['high'])}"


def growth(document: Mapping[str, Any]) -> str:
    """Say what later months cost as the traffic grows.

    Examples
    --------
    >>> growth({"growth": {"per_month": "0.05", "ahead": [{"months": 3, "monthly": "44.10"}]}})
    'growing by 5 % a month: 44.10 in 3 months'
    """
    found = document["growth"]
    ahead = ", ".join(f"{money(one['monthly'])} in {one['months']} months" for one in found["ahead"])
    return f"growing by {float(found['per_month']) * 100:g} % a month: {ahead}"


DRAWN = {"sessions": "sessions", "days": "whole days"}
"""What an interval is drawn from."""


def drawn(document: Mapping[str, Any]) -> str:
    """Say how an interval was made, and what it does not hold."""
    found = document["uncertainty"]
    made = f"{found['replications']:,} months drawn from {found['units']:,} {DRAWN.get(found['method'])}"
    if found["method"] == "scenario":
        made = f"the months of {found['units']:,} runs of the scenario"
    return "; ".join([f"{sureness(document, '95')}; {made}", *found["notes"]])


def traffic_known(document: Mapping[str, Any]) -> bool:
    """Whether any of the bytes sent are known."""
    unknown = any(one["code"] == "bytes_unknown" for one in document["warnings"])
    return not (unknown and document["usage"]["egress_bytes"] == 0)


def peak(concurrency: Mapping[str, Any]) -> str:
    """Set the peak against the quota."""
    text = (
        f"{counted(concurrency['peak_connections'], 'connection')} at once on "
        f"{counted(concurrency['peak_instances'], 'instance')}, {concurrency['peak_memory_mb']:,} MB"
    )
    quota = concurrency["quota_mb"]
    if quota is None:
        return f"{text}; the region's quota is {UNKNOWN}"
    return f"{text} of the region's {quota:,} MB ({concurrency['peak_memory_mb'] / quota:.1%})"


def refusals(concurrency: Mapping[str, Any]) -> str | None:
    """Say what was refused, None where nothing was."""
    refused = concurrency.get("refused")
    if refused is None or not refused["sessions"]:
        return None
    attempts = ", ".join(f"{refused[code]:,} × {code}" for code in ("432", "429", "450") if refused[code])
    names = ", ".join(refused["connection_ids"][:NAMED])
    more = ", …" if refused["sessions"] > NAMED else ""
    hit = counted(refused["sessions"], "session")
    return f"{attempts}: {hit}, of which {refused['gave_up']:,} gave up ({names}{more})"


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
        return f"Whom the timeouts cut off is {NOT_KNOWN}: the trace has no message rows."
    return (
        f"{counted(found['cut'], 'cut')} by a timeout: {found['cut_harmful']:,} that people notice (a message lost, "
        f"missed or late), {found['cut_harmless']:,} that nobody does. Messages lost {found['messages_lost']:,}, late "
        f"{found['messages_delayed']:,}, pushes missed {found['pushes_missed']:,}; reconnects {found['reconnects']:,}."
    )


def often(rates: Mapping[str, float] | None) -> str:
    """Say how often people notice a cut and come back; empty where that is not known."""
    if rates is None or not (rates["harmful_cuts_per_session"] or rates["reconnects_per_session"]):
        return ""
    return (
        f"Noticed cuts {rates['harmful_cuts_per_session']:.2f} a session; reconnects "
        f"{rates['reconnects_per_session']:.2f} a session, {rates['reconnects_per_hour']:.2f} an hour."
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
    """Say what the month costs by what clients do after a cut."""
    each = " · ".join(f"{policy} {money(month)}" for policy, month in months.items())
    return f"A month, {currency}: {each} (--reconnect: what clients do after a cut)"


def month_of(document: Mapping[str, Any]) -> str:
    """Show the month, or the cost of the trace where there is no month; between its ends where no point is known."""
    kind = "monthly" if document["monthly"] else "bill"
    currency = document["bill"]["currency"]
    if "bounds" not in document:
        known = "" if total_label(document).startswith("total") else " known"
        return money(document[kind]["total"], currency) + known
    low, high = (money(document["bounds"][which][kind]["total"]) for which in ("low", "high"))
    return f"{currency} {low} to {high}"


def policy_header(currency: str) -> tuple[str, ...]:
    """Return the header of `policy_rows`."""
    return ("reconnect", f"month, {currency}", "lost", "late", "pushes missed", "reconnects")


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
    whole = traffic_known(document) and all(line["amount"] is not None for line in month["lines"])
    kind = "" if whole else "known "
    return f"{kind}{'point' if 'bounds' in document else 'total'} {month['currency']}"


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
    for title, kind in (("this trace", "bill"), ("a month", "monthly")):
        if document[kind] is not None:
            parts = (document["bounds"]["low"], document, document["bounds"]["high"])
            yield [f"{title}, {document['bill']['currency']}", *(money(part[kind]["total"]) for part in parts)]


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
    at = f"a month at the quota of {worst['quota_mb']:,} MB costs {money(worst['monthly'], currency)}"
    return f"at worst, as in a flood, a loop of reconnects or a bug, {at}, before calls and traffic"


MESSAGES_HEADER = ("delivered", "trace", "month")
"""Header of `message_rows`."""


def message_rows(document: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield what platforms meter: minutes, messages by direction, and units of the sizes that are counted."""
    found = document.get("messages") or {}
    trace, month = found.get("trace"), found.get("month") or {}
    if trace is None:
        return
    names = {"connection_minutes": "connection-minutes", "up": "messages up", "down": "messages down"}
    for name, title in {**names, "delivered": "messages, both ways"}.items():
        if trace[name] is not None:
            yield title, f"{trace[name]:,}", f"{month[name]:,}" if month else ""
    for size, units in trace.get("units_kb", {}).items():
        monthly = month["units_kb"][size] if month else None
        both = [f"{one['up']:,} up, {one['down']:,} down" if one else "" for one in (units, monthly)]
        yield f"units of {size} KB", both[0], both[1]
