"""The estimate of a trace that was summed in parts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np

from scfcost.analysis.estimate import document
from scfcost.analysis.estimate.estimate import message_bounds, other_policies
from scfcost.analysis.estimate.insights import SHARED
from scfcost.analysis.estimate.job import NOW, Configs, EstimateJob, idle_case, policy_case, sums_of_case
from scfcost.analysis.estimate.result import (
    Lives,
    Priced,
    assumption_warnings,
    bill_warnings,
    close_warnings,
    quota_warnings,
    setting_warnings,
)
from scfcost.analysis.evaluate import Impact, bills, impact_of_sums, month_factor, named_outcomes
from scfcost.billing.metering import Usage, total, usage_of
from scfcost.billing.pricing import Bill
from scfcost.billing.terms import Terms
from scfcost.config.function import RECONNECTS, FunctionConfig
from scfcost.core.errors import TraceError
from scfcost.core.warning import Warned
from scfcost.engines.partial import Answer, Partial
from scfcost.lifecycle.environment import Platform
from scfcost.lifecycle.message_limits import BOUNDS, MessageExcess
from scfcost.lifecycle.records import Load
from scfcost.lifecycle.streaming import Gauge, Gauged, gauged
from scfcost.trace.assumption import HIGH, LOW
from scfcost.trace.heartbeats import dropped_warning
from scfcost.trace.model import Trace
from scfcost.trace.reading.draft import (
    headless_warnings,
    message_warnings,
    outside_warnings,
    time_warnings,
    untold_warnings,
)
from scfcost.trace.reading.sources import Source, column_warnings

_MOST = 2**61
"""Sums stay below this, so that none overflows."""


class Case(NamedTuple):
    """What one case costs."""

    impact: Impact
    usages: dict[str, Usage]
    bill: Bill
    monthly: Bill | None


@dataclass(frozen=True, eq=False, repr=False)
class Account(Priced):
    """The bill of a trace that was summed in parts. Made by `account`."""

    extent: dict[str, Any]
    """What was read, as in the JSON document."""
    hollow: Trace
    """Window and functions."""
    functions: dict[str, FunctionConfig]
    terms: Terms
    platform: Platform
    sums: Partial
    gauged: Gauged
    """What the invocations took of instances."""
    would_refuse: dict[str, int]
    """Invocations beyond the memory quota (432) and the burst limit (429). [1]"""
    each: tuple[Gauged, ...]
    """What those of each function take, as if they were alone; empty where there is one function."""
    cases: dict[str, Case]
    """What is asked for, and what it is compared with."""
    shared: dict[int, Bill | None]
    """The month with so many connections an instance, where an instance holds one now."""
    policies: dict[str, tuple[Impact, Bill | None]]
    warnings: tuple[Warned, ...] = ()

    @property
    def load(self) -> Load:
        """What the invocations took of instances."""
        return self.gauged

    @property
    def refused(self) -> dict[str, int]:
        """Invocations that the memory quota (432) and the burst limit (429) would refuse. [1]"""
        return self.would_refuse

    @property
    def busy_bounds(self) -> tuple[int, int]:
        """What the busy time of any placement lies between. [ms]"""
        return self.gauged.busy_bounds

    @property
    def usages(self) -> dict[str, Usage]:
        """The usage of each function."""
        return self.cases[NOW].usages

    @property
    def usage(self) -> Usage:
        """What the bill is made of."""
        return total(self.usages)

    @property
    def bill(self) -> Bill:
        """Cost of the recorded usage, without allowance or plan."""
        return self.cases[NOW].bill

    @property
    def monthly(self) -> Bill | None:
        """Cost of a month of 30 days, None where the window is 0 ms."""
        return self.cases[NOW].monthly

    @property
    def factor(self) -> Fraction | None:
        """30 days over the window, None where the window is 0 ms."""
        return month_factor(self.hollow)

    @property
    def window_ms(self) -> int:
        """Length of the window. [ms]"""
        return self.hollow.window_ms

    @property
    def outcomes(self) -> dict[str, int]:
        """Invocations by status code."""
        return named_outcomes(
            np.sum([self.sums.sums[f"outcomes {code}"] for code in range(len(self.functions))], axis=0)
        )

    @property
    def impact(self) -> Impact:
        """What the timeouts did to people."""
        return self.cases[NOW].impact

    @property
    def lives(self) -> Lives:
        """Sessions and connection time as sums."""
        times = (int(one) for one in self.sums.sums["time"])
        return Lives(self.sums.number("sessions"), self.sums.number("natural_ms"), *times)

    @property
    def bound_bills(self) -> dict[str, tuple[Usage, Bill, Bill | None]]:
        """Usage, bill and month of `low` and `high` of a trace without message rows, else empty."""
        known = ((which, self.cases[which]) for which in (LOW, HIGH) if which in self.cases)
        return {which: (total(case.usages), case.bill, case.monthly) for which, case in known}

    def month_shared(self, connections: int) -> Bill | None:
        """Return the month with so many connections an instance; None where that was not looked at."""
        return self.shared.get(connections)

    def month_idle(self, idle_s: int) -> tuple[Impact, Bill | None] | None:
        """Return impact and month with an idle timeout of at most so many seconds; None where not looked at."""
        case = self.cases.get(idle_case(idle_s))
        return None if case is None else (case.impact, case.monthly)

    def _extent(self) -> dict[str, Any]:
        return self.extent

    def _excess(self) -> dict[str, Any]:
        excess = _excess_of(self.terms, self.sums)
        worst = [{"connection_id": name, **peaks} for _, name, peaks in self.sums.worst]
        return {**document.of_message_excess(excess, self.hollow), "worst": worst} if excess else {}

    def _alone(self, code: int) -> tuple[dict[str, int], Impact, Load]:
        own = list(sums_of_case(self.sums.sums, NOW))[code]
        return named_outcomes(self.sums.sums[f"outcomes {code}"]), impact_of_sums([own]), self.each[code]


def account(found: Answer, job: EstimateJob, sources: Sequence[Source]) -> Account:
    """Put the sums of all parts together, and the lives of their invocations on instances.

    Parameters
    ----------
    found : Answer
        What an engine found: window, sums and lives.
    job : EstimateJob
        The settings.
    sources : sequence of Source
        The files.

    Raises
    ------
    TraceError
        If the trace is too long to be summed exactly.
    """
    hollow, sums = found.hollow, found.total
    if max(sums.number("natural_ms"), *(own["egress_bytes"] for own in sums_of_case(sums.sums, NOW))) > _MOST:
        raise TraceError("the trace is too long or too large to be summed exactly; estimate it in parts")
    configs, platform = job.configs(hollow), job.platform
    codes = range(len(hollow.functions)) if len(hollow.functions) > 1 else ()
    tried = {}
    if job.compares and all(config.max_concurrency == 1 for config in configs.values()):
        tried[SHARED] = {one: config.replace(max_concurrency=SHARED) for one, config in configs.items()}
    limited, *others = gauged(
        found.lives(NOW),
        [
            Gauge(hollow, configs, platform, within_limits=True),
            *(Gauge(hollow, configs, platform, only=code) for code in codes),
            *(Gauge(hollow, shared, platform) for shared in tried.values()),
        ],
    )
    load = limited
    if any(limited.would_refuse.values()):  # else both are the same
        load = gauged(found.lives(NOW), [Gauge(hollow, configs, platform)])[0]
    cases = {NOW: _case(sums, NOW, hollow, configs, job.terms, load)}
    for case, settings in job.cases(hollow).items():
        placed = None
        if not platform.sums_suffice(settings):
            placed = gauged(found.lives(case), [Gauge(hollow, settings, platform)])[0]
        cases[case] = _case(sums, case, hollow, settings, job.terms, placed)
    months = {
        held: _case(sums, NOW, hollow, tried[held], job.terms, placed).monthly
        for held, placed in zip(tried, others[len(codes) :], strict=True)
    }
    seen = {
        "connections": sums.number("sessions"),
        "messages": sums.number("messages"),
        "sources": [source.name for source in sources],
    }
    made = Account(
        extent=document.of_trace(hollow) | seen, hollow=hollow, functions=configs, terms=job.terms, platform=platform,
        sums=sums, gauged=load, would_refuse=limited.would_refuse, each=tuple(others[: len(codes)]), cases=cases,
        shared=months,
        policies=_policies(configs, cases) if job.compares else {},
    )  # fmt: skip
    return replace(made, warnings=tuple(_warnings(made, column_warnings(sources))))


def _case(sums: Partial, case: str, hollow: Trace, configs: Configs, terms: Terms, placed: Gauged | None) -> Case:
    """Price one case, each connection on an instance of its own where it was not put on any."""
    usages = {}
    functions = list(sums_of_case(sums.sums, case))
    for code, (one, own) in enumerate(zip(configs, functions, strict=True)):
        life_ms, config = own["connection_ms"], configs[one]
        busy_ms = life_ms if placed is None else int(placed.busy_ms[code])
        idle_ms = 0 if placed is None else int(placed.idle_ms[code])
        usage = usage_of(config, own["invocations"], life_ms, busy_ms, own["egress_bytes"])
        usages[one] = replace(usage, provisioned_idle_mb_ms=config.memory_mb * idle_ms)
    return Case(impact_of_sums(functions), usages, *bills(hollow, total(usages), terms))


def _policies(configs: Configs, cases: Mapping[str, Case]) -> dict[str, tuple[Impact, Bill | None]]:
    others = other_policies(configs)
    named = {RECONNECTS[0]: NOW, **{policy: policy_case(policy) for policy in others}} if others else {}
    return {policy: (cases[case].impact, cases[case].monthly) for policy, case in named.items()}


def _excess_of(terms: Terms, sums: Partial) -> MessageExcess:
    broken = {one: sums.number(f"beyond {one}") for one in BOUNDS}
    return MessageExcess(message_bounds(terms.book.limits.messages), broken, sums.number("beyond"), [])


def _warnings(made: Account, of_files: Iterable[Warned]) -> Iterator[Warned]:
    sums, terms = made.sums, made.terms
    yield from of_files
    yield from headless_warnings(sums.number("headless"))
    yield from message_warnings({one: sums.number(one) for one in ("pushes", "unsized", "undirected")})
    yield from untold_warnings(sums.number("untold"), sums.number("sessions"))
    yield from time_warnings(made.hollow.end_ms)
    yield from outside_warnings(sums.number("outside"))
    if "dropped" in sums.sums:
        yield dropped_warning(sums.number("dropped"))
    yield from setting_warnings(made.functions, terms)
    yield from close_warnings(sums.number("empty"))
    yield from bill_warnings(made.window_ms, made.bill, terms)
    if not made.hollow.has_messages:
        counted, silent, nothing = sums.sums["assumed"].tolist()
        yield from assumption_warnings((counted, silent, nothing))
    yield from quota_warnings(made.platform, terms, made.would_refuse)
    excess = _excess_of(terms, sums)
    if excess:
        yield Warned("message_limits", excess.sentence(sums.number("sessions"), terms.book.limits.messages.source))
