"""What a report says beside the numbers: where the money goes, what to change, what was left out and assumed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from scfcost.analysis.estimate.lead import Again, lead, undelivered
from scfcost.analysis.estimate.result import Estimate
from scfcost.analysis.evaluate import Impact
from scfcost.analysis.known import LIVES, PRICE, SILENCES, lacks
from scfcost.billing.pricing import Bill, cheapest_plans
from scfcost.billing.terms import Terms
from scfcost.config.function import FunctionConfig
from scfcost.core.money import gbs, plain, share
from scfcost.core.units import MS_PER_HOUR, MS_PER_SECOND

SHARED = 10
"""Connections an instance that a finding tries. [1]"""
IDLE_TRIED_S = (10, 15, 30, 60, 120, 300, 600)
"""Idle timeouts that a finding tries, all inside every documented range. [s]"""
MOST_FINDINGS = 2
"""How many findings a report shows. [1]"""

NOT_INCLUDED = (
    "log storage, which the log service bills",
    "what the instances share, such as Redis or a queue",
    "the clients' own side, and taxes",
)
"""What no line of the bill holds."""


def insights(estimate: Estimate, again: Again | None = None) -> dict[str, Any]:
    """Collect what a report says beside the numbers.

    Parameters
    ----------
    estimate : Estimate
        A priced trace.
    again : callable, optional
        Writes a command that asks another question of the same input; by the source's name otherwise.

    Returns
    -------
    dict
        lead, time, findings, per_1000_connection_hours, rates, reconnect_policies, not_included and assumptions;
        amounts as strings in the book's currency.
    """
    return {
        "lead": lead(estimate, again),
        "time": time_parts(estimate) if estimate.knows_silences else [],
        "findings": findings(estimate)[:MOST_FINDINGS],
        "per_1000_connection_hours": per_1000_hours(estimate) if estimate.knows_silences else None,
        "rates": rates_of(estimate),
        "reconnect_policies": _policies(estimate),
        "not_included": list(NOT_INCLUDED),
        "assumptions": list(_assumptions(estimate)),
    }


def time_parts(estimate: Estimate) -> list[dict[str, Any]]:
    """Split the connection time into active time, idle tails and connections without a message.

    Each part carries its share of the recorded resource amount.
    """
    active, tails, dead = estimate.lives.active_ms, estimate.lives.tail_ms, estimate.lives.dead_ms
    line = estimate.bill.line("resource")
    amount = line.amount_exact if line is not None and line.amount_exact is not None else Decimal(0)
    whole = active + tails + dead
    labels = (
        ("active", "from connect to the last message", active),
        ("idle_tail", "silence after the last message", tails),
        ("dead", "connections without a message", dead),
    )
    return [
        {
            "part": part,
            "label": label,
            "ms": ms,
            "amount": str(share(amount, ms, whole)),
            "share": ms / whole if whole else 0.0,
        }
        for part, label, ms in labels
    ]


def per_1000_hours(estimate: Estimate) -> str | None:
    """Return the recorded cost of 1,000 connection-hours, None without connection time. [currency]"""
    hours_ms = estimate.usage["connection_ms"]
    return str(share(estimate.bill.total_exact, 1_000 * MS_PER_HOUR, hours_ms)) if hours_ms else None


def rates_of(estimate: Estimate) -> dict[str, float] | None:
    """Return harmful cuts a session, and reconnects a session and an hour of natural life; None where not known."""
    if not estimate.knows_silences:
        return None
    lives, impact = estimate.lives, estimate.impact
    hours = lives.natural_ms / MS_PER_HOUR
    return {
        "harmful_cuts_per_session": impact.cut_harmful / lives.sessions,
        "reconnects_per_session": impact.reconnects / lives.sessions,
        "reconnects_per_hour": impact.reconnects / hours if hours else 0.0,
    }


def findings(estimate: Estimate) -> list[dict[str, Any]]:
    """Try what usually pays, and return what does, the largest saving a month first.

    Where messages reach nobody nothing is put forward: what mends that changes the month that is saved of.
    """
    monthly = estimate.monthly
    if monthly is None or lacks(estimate.not_known, SILENCES, PRICE, LIVES) or undelivered(estimate) is not None:
        return []
    tried = [
        *_try_sharing(estimate, monthly),
        *_try_idle(estimate, monthly),
        *_try_plans(estimate, monthly),
    ]
    paying = [(saving, text) for saving, text in tried if saving > 0]
    return [{"text": text, "saving": str(saving)} for saving, text in sorted(paying, reverse=True)]


def _try_sharing(estimate: Estimate, monthly: Bill) -> Iterator[tuple[Decimal, str]]:
    if any(one.max_concurrency > 1 or not one.holds_several for one in estimate.functions.values()):
        return
    bill = estimate.others.shared(SHARED)
    if bill is not None:
        text = (
            f"let an instance hold {SHARED} connections (--max-concurrency {SHARED}), if its memory can: "
            "overlapping time is then billed once"
        )
        yield monthly.total - bill.total, text


def idle_tried(configs: Mapping[str, FunctionConfig]) -> list[int]:
    """Return the idle timeouts shorter than the present ones that a finding tries. [s]"""
    now = max(config.idle_timeout_ms for config in configs.values())
    return [one for one in IDLE_TRIED_S if one * MS_PER_SECOND < now]


def _try_idle(estimate: Estimate, monthly: Bill) -> Iterator[tuple[Decimal, str]]:
    """Find the shortest idle timeout that harms nobody more than now does."""
    configs = estimate.functions.values()
    if not estimate.knows_silences or any(one.function_type != "web-ws" or one.beats_too_late for one in configs):
        return
    harmed = estimate.impact
    for idle_s in idle_tried(estimate.functions):
        found = estimate.others.idle(idle_s)
        if found is None:
            return
        impact, bill = found
        if bill is not None and _no_worse(impact, harmed):
            yield (
                monthly.total - bill.total,
                f"an idle timeout of {idle_s} s (--idle-timeout {idle_s}): nobody would notice",
            )
            return


def _no_worse(impact: Impact, now: Impact) -> bool:
    names = ("cut_harmful", "undelivered", "messages_delayed", "reconnects")
    return all(getattr(impact, name) <= getattr(now, name) for name in names)


def _try_plans(estimate: Estimate, monthly: Bill) -> Iterator[tuple[Decimal, str]]:
    factor = estimate.factor
    if factor is None or estimate.terms.plan in ("free", "trial"):
        return
    usage = estimate.usage.project(factor.numerator, factor.denominator)
    best = cheapest_plans(usage, estimate.terms)[0]
    if best.plan != estimate.terms.plan:
        yield monthly.total - best.total, f"the plan {best.plan} (--plan {best.plan}) is cheaper for such a month"


def _policies(estimate: Estimate) -> list[dict[str, Any]]:
    if not estimate.knows_silences:
        return []
    return [
        {
            "policy": policy,
            "monthly_total": None if bill is None else str(bill.total),
            "undelivered": impact.undelivered,
            **impact.to_dict(),
        }
        for policy, (impact, bill) in estimate.policies.items()
    ]


def _assumptions(estimate: Estimate) -> Iterator[str]:
    config = estimate.first
    terms = estimate.terms
    if config.function_type != "web-ws":
        yield f"each connection is one call of a function of type {config.function_type}, which no idle timeout cuts"
    elif config.reconnect is None:
        yield "clients do not come back after a cut (--reconnect none, on-demand or immediate)"
    elif config.reconnect == "immediate":
        yield f"clients come back {config.reconnect_delay_s:g} s after a cut"
    elif config.reconnect == "on-demand":
        yield "clients come back with their next message"
    if not config.ping_resets_idle and config.function_type == "web-ws":
        yield "ping and pong frames do not reset the idle timeout (--ping-resets-idle)"
    yield _initialisation(estimate)
    yield f"a month is 30 days like the {_span(estimate.window_ms)} of the trace"
    yield f"prices of {terms.book.name}, period {terms.period.name}, region {terms.region}"
    if terms.traffic_rule == "response":
        yield "traffic to clients is web response traffic, which no allowance covers"


def _initialisation(estimate: Estimate) -> str:
    configs = estimate.functions.values()
    billed = "initialisation is billed" if any(one.bill_init for one in configs) else "initialisation is not billed"
    return billed if any(one.is_coupled for one in configs) else f"{billed} and takes no time (--init-ms)"


def _span(window_ms: int) -> str:
    hours = window_ms / MS_PER_HOUR
    return f"{hours:.1f} hours" if hours >= 1 else f"{window_ms / MS_PER_SECOND:.0f} seconds"


def explain(estimate: Estimate) -> list[str]:
    """Say how each figure of the bills came about: formula, quantities, rounding, price, page and date.

    Returns
    -------
    list of str
        A sentence a step; an unknown is called unknown.
    """
    usage, steps = estimate.usage, []
    for one, config in estimate.functions.items():
        own = estimate.usages[one]
        busy = f"{own['billed_ms']:,} ms of busy instances (connections: {own['connection_ms']:,} ms)"
        steps.append(
            f"function {one}: {own['invocations']:,} invocations, {busy}, each life rounded up to "
            f"{estimate.terms.period.granularity_ms} ms; × {config.memory_mb} MB = {own['resource_mb_ms']:,} MB·ms"
        )
    steps.append(
        f"resource: {usage['resource_mb_ms']:,} MB·ms / 1024 / 1000 = {plain(gbs(usage['resource_mb_ms']))} GBs"
    )
    steps.append(f"egress: {usage['egress_bytes']:,} bytes of delivered pushes / 1024³" + _unknown_egress(estimate))
    steps += ["this trace: " + step for step in _explain_bill(estimate.bill, estimate.terms)]
    if estimate.monthly is not None and estimate.factor is not None:
        factor = estimate.factor
        steps.append(
            f"a month: each usage × {factor.numerator}/{factor.denominator} (30 days / window), half-up to whole "
            "MB·ms, calls and bytes; then allowances, tiers and plan"
        )
        steps += ["a month: " + step for step in _explain_bill(estimate.monthly, estimate.terms)]
    return steps


def _unknown_egress(estimate: Estimate) -> str:
    unknown = any(one.code == "bytes_unknown" for one in estimate.warnings)
    return "; the bytes of some messages are unknown and not in it" if unknown else ""


def _explain_bill(bill: Bill, terms: Terms) -> Iterator[str]:
    for line in bill.lines:
        if line.price is None or line.amount_exact is None:
            yield f"{line.item}: {plain(line.quantity)} {line.unit}; the price in {terms.region} is unknown"
            continue
        note = f"; {line.price.note}" if line.price.note else ""
        yield (
            f"{line.item}: {line.formula} = {plain(line.amount_exact)} {bill.currency}, half-up to {line.amount} "
            f"[{line.price.source}, {line.price.checked_on}, confidence {line.price.confidence}{note}]"
        )
    yield f"total: sum of the rounded lines = {bill.total} {bill.currency} ({plain(bill.total_exact)} before rounding)"
