"""The estimate of a trace that was summed in parts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from scfcost.analysis.estimate import document
from scfcost.analysis.estimate.estimate import message_bounds, other_policies
from scfcost.analysis.estimate.insights import SHARED
from scfcost.analysis.estimate.job import NOW, OUTCOMES, Configs, EstimateJob, idle_case, policy_case, sums_of_case
from scfcost.analysis.estimate.lead import lead
from scfcost.analysis.estimate.result import Alone, Estimate, Lives
from scfcost.analysis.estimate.warnings import Facts, complete
from scfcost.analysis.evaluate import Case, Impact, bills, impact_of_sums, named_outcomes
from scfcost.billing.messages import MessageCounts
from scfcost.billing.metering import total
from scfcost.billing.meters import Measured, usage_from
from scfcost.billing.pricing import Bill
from scfcost.billing.terms import Terms
from scfcost.config.function import RECONNECTS
from scfcost.core.errors import TraceError
from scfcost.core.warning import Warned
from scfcost.engines.partial import Answer, Partial
from scfcost.lifecycle.message_limits import BOUNDS, MessageExcess
from scfcost.lifecycle.streaming import Gauge, Gauged, gauged
from scfcost.report import html
from scfcost.trace.assumption import HIGH, LOW
from scfcost.trace.heartbeats import dropped_warning
from scfcost.trace.model import Trace
from scfcost.trace.reading.draft import (
    headless_warnings,
    message_warnings,
    time_warnings,
    untold_warnings,
)
from scfcost.trace.reading.inside import outside_warnings
from scfcost.trace.reading.sources import Source, column_warnings

_MOST = 2**61
"""Sums stay below this, so that none overflows."""


class SummedEstimate(Estimate):
    """An estimate whose trace was never in memory as a whole. Made by `estimate_in_parts`."""

    def _repr_html_(self) -> str:
        return html.estimate(self.to_dict(), lead(self))


@dataclass(frozen=True, slots=True)
class Compared:
    """What a trace that was summed in parts can be compared with: what its job looked at."""

    total: Partial
    cases: dict[str, Case]
    months: dict[int, Bill | None]
    """The month with so many connections an instance, where an instance holds one now."""
    each: tuple[Gauged, ...]
    """What the invocations of each function take, as if they were alone; empty where there is one function."""

    def shared(self, connections: int) -> Bill | None:
        """Return the month with so many connections an instance; None where that was not looked at."""
        return self.months.get(connections)

    def idle(self, idle_s: int) -> tuple[Impact, Bill | None] | None:
        """Return impact and month with an idle timeout of at most so many seconds; None where not looked at."""
        case = self.cases.get(idle_case(idle_s))
        return None if case is None else (case.impact, case.monthly)

    def alone(self, code: int) -> Alone:
        """Return one function of several, by its place, as if it were alone."""
        own = list(sums_of_case(self.total.sums, NOW))[code]
        return Alone(named_outcomes(self.total.sums[f"outcomes {code}"]), impact_of_sums([own]), self.each[code])


def summed(found: Answer, job: EstimateJob, sources: Sequence[Source]) -> Estimate:
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
    if max(sums.number("natural_ms"), *(own.egress_bytes for own in sums_of_case(sums.sums, NOW))) > _MOST:
        raise TraceError(
            "the trace is too long or too large to be summed exactly; estimate a shorter stretch of it (--window)"
        )
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
    sides = [which for which in (LOW, HIGH) if which in cases]
    bounds = {one: replace(cases[one], outcomes=_outcomes(sums, f"{OUTCOMES} {one}", len(configs))) for one in sides}
    excess = _excess_of(job.terms, sums)
    worst = [{"connection_id": name, **peaks} for _, name, peaks in sums.worst]
    is_shared = any(config.max_concurrency > 1 for config in configs.values())
    made = SummedEstimate(
        extent=_extent(hollow, sums, sources), window_ms=hollow.window_ms, functions=configs, terms=job.terms,
        platform=platform, case=cases[NOW], bounds=bounds,
        policies=_policies(configs, cases) if job.compares else {},
        outcomes=_outcomes(sums, OUTCOMES, len(configs)),
        lives=Lives(
            sums.number("sessions"), sums.number("natural_ms"), active_ms=int(sums.sums["time"][0]),
            tail_ms=int(sums.sums["time"][1]), dead_ms=int(sums.sums["time"][2]), data_messages=sums.number("data"),
        ),
        load=load, busy_bounds=load.busy_bounds if is_shared else None, refused=limited.would_refuse,
        message_limits={**document.of_message_excess(excess, hollow), "worst": worst} if excess else {},
        messages=MessageCounts(tuple(sums.sums["metered"].tolist()), known=hollow.has_messages),
        others=Compared(sums, cases, months, tuple(others[: len(codes)])),
    )  # fmt: skip
    return complete(made, _facts(sums, hollow, excess, sources, silent=bool(bounds)))


def _outcomes(sums: Partial, name: str, functions: int) -> dict[str, int]:
    return named_outcomes(np.sum([sums.sums[f"{name} {code}"] for code in range(functions)], axis=0))


def _extent(hollow: Trace, sums: Partial, sources: Sequence[Source]) -> dict[str, Any]:
    return document.of_trace(hollow) | {
        "connections": sums.number("sessions"),
        "messages": sums.number("messages"),
        "sources": [source.name for source in sources],
    }


def _case(sums: Partial, case: str, hollow: Trace, configs: Configs, terms: Terms, placed: Gauged | None) -> Case:
    """Price one case, each connection on an instance of its own where it was not put on any."""
    usages = {}
    functions = list(sums_of_case(sums.sums, case))
    for code, (one, own) in enumerate(zip(configs, functions, strict=True)):
        life_ms, config = own.connection_ms, configs[one]
        busy_ms = life_ms if placed is None else int(placed.busy_ms[code])
        idle_ms = 0 if placed is None else int(placed.idle_ms[code])
        measured = Measured(config, own.invocations, life_ms, busy_ms, own.egress_bytes, idle_ms)
        usages[one] = usage_from(measured)
    return Case(impact_of_sums(functions), usages, *bills(hollow, total(usages), terms))


def _policies(configs: Configs, cases: Mapping[str, Case]) -> dict[str, tuple[Impact, Bill | None]]:
    others = other_policies(configs)
    named = {RECONNECTS[0]: NOW, **{policy: policy_case(policy) for policy in others}} if others else {}
    return {policy: (cases[case].impact, cases[case].monthly) for policy, case in named.items()}


def _excess_of(terms: Terms, sums: Partial) -> MessageExcess:
    broken = {one: sums.number(f"beyond {one}") for one in BOUNDS}
    return MessageExcess(message_bounds(terms.book.limits.messages), broken, sums.number("beyond"), [])


def _facts(sums: Partial, hollow: Trace, excess: MessageExcess, sources: Sequence[Source], *, silent: bool) -> Facts:
    counted, quiet, nothing = sums.sums["assumed"].tolist()
    return Facts(
        reading=(*column_warnings(sources), *_of_reading(sums, hollow)),
        empty_closes=sums.number("empty"),
        assumed=(counted, quiet, nothing) if silent else None,
        excess=excess,
    )


def as_read(found: Answer, sources: Sequence[Source]) -> Trace:
    """Return the hollow trace of an answer with what its reading says: its files and its warnings.

    Parameters
    ----------
    found : Answer
        What an engine found.
    sources : sequence of Source
        The files.
    """
    told = (*column_warnings(sources), *_of_reading(found.total, found.hollow))
    names = tuple(source.name for source in sources)
    read = replace(found.hollow.provenance, sources=names, warnings=told)
    return found.hollow.replace(provenance=read)


def _of_reading(sums: Partial, hollow: Trace) -> Iterator[Warned]:
    yield from headless_warnings(sums.number("headless"))
    yield from message_warnings({one: sums.number(one) for one in ("pushes", "unsized", "undirected")})
    yield from untold_warnings(sums.number("untold"), sums.number("sessions"))
    yield from time_warnings(hollow.end_ms)
    yield from outside_warnings(sums.number("outside"), sums.number("carried"))
    if "dropped" in sums.sums:
        yield dropped_warning(sums.number("dropped"))
