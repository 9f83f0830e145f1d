"""What a trace costs under given settings: the floors below, put together into one result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from scfcost.analysis.estimate import document
from scfcost.analysis.estimate.lead import lead
from scfcost.analysis.estimate.result import Alone, Estimate, Lives
from scfcost.analysis.estimate.warnings import Facts, complete
from scfcost.analysis.evaluate import (
    Case,
    Impact,
    Result,
    compare_setting,
    compute,
    count_outcomes,
    impact_of,
    month_of,
    select,
)
from scfcost.analysis.known import knows_silences
from scfcost.billing.hourly import hourly_usage
from scfcost.billing.messages import MessageCounts, count_messages
from scfcost.billing.metering import check_sums
from scfcost.billing.pricing import Bill
from scfcost.billing.terms import Pricing, Terms
from scfcost.catalog.schema import MessageLimits
from scfcost.config.function import RECONNECTS, FunctionConfig
from scfcost.core.errors import ConfigError, TraceError, nearest
from scfcost.lifecycle.environment import Platform
from scfcost.lifecycle.instances import busy_bounds_of
from scfcost.lifecycle.message_limits import MessageBounds, MessageExcess, message_excess
from scfcost.lifecycle.outcomes import EMPTY_CLOSE, name
from scfcost.lifecycle.records import Invocations
from scfcost.lifecycle.timeline import Timeline, timeline
from scfcost.report import html
from scfcost.trace.assumption import HIGH, LOW, assume, assumed, point
from scfcost.trace.censoring import describe as censored
from scfcost.trace.censoring import is_bound
from scfcost.trace.inputs import TraceLike, takes_trace
from scfcost.trace.model import CONTROL, Trace

if TYPE_CHECKING:
    import pandas as pd

LISTED = 100
"""How many refused sessions the JSON document names. [1]"""


@dataclass(frozen=True, slots=True)
class Replays:
    """What a trace that is in memory can be compared with: each is replayed when it is asked for."""

    trace: Trace
    functions: dict[str, FunctionConfig]
    terms: Terms
    platform: Platform
    result: Result

    def shared(self, connections: int) -> Bill | None:
        """Return the month with so many connections an instance."""
        configs = {one: config.replace(max_concurrency=connections) for one, config in self.functions.items()}
        if self.platform.couples(configs):
            return compare_setting(self._point(configs), configs, self.terms, self.platform).monthly
        return month_of(self._point(configs), self.result.invocations, configs, self.terms, self.platform)

    def idle(self, idle_s: int) -> tuple[Impact, Bill | None]:
        """Return impact and month with an idle timeout of at most so many seconds."""
        configs = shorter(self.functions, idle_s)
        case = compare_setting(self._point(configs), configs, self.terms, self.platform)
        return case.impact, case.monthly

    def alone(self, code: int) -> Alone:
        """Return one function of several, by its place, as if it were alone."""
        rows, packing = select(self._point(self.functions), self.result.run, self.functions, self.platform, code)
        return Alone(count_outcomes(rows), impact_of(rows), packing)

    def _point(self, configs: Mapping[str, FunctionConfig]) -> Trace:
        return point(self.trace, configs)


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class TraceEstimate(Estimate):
    """An estimate whose trace is in memory, with every invocation. Made by `estimate`."""

    trace: Trace
    point: Trace
    """The trace that was replayed: with an assumption where it has no message rows."""
    result: Result
    """The invocations, where they ran, and what they come to."""

    def _repr_html_(self) -> str:
        return html.estimate(self.to_dict(), lead(self))

    def invocations(self) -> pd.DataFrame:
        """Return one row an invocation, in the order of connection id and number.

        Returns
        -------
        DataFrame
            connection_id, function, number, start and end (UTC), duration_ms, outcome, harmful, egress_bytes, instance
            and cold_start.
        """
        import pandas as pd

        rows = self.result.invocations
        return pd.DataFrame(
            {
                "connection_id": self.trace.connection_id[rows.session],
                "function": np.array(self.trace.functions, dtype=object)[self.trace.function_code[rows.session]],
                "number": rows.number,
                "start": pd.to_datetime(rows.start_ms, unit="ms", utc=True),
                "end": pd.to_datetime(rows.end_ms, unit="ms", utc=True),
                "duration_ms": rows.duration_ms,
                "outcome": pd.Categorical([name(int(code)) for code in rows.outcome]),
                "harmful": rows.harmful,
                "egress_bytes": rows.egress_bytes,
                "instance": self.result.packing.instance,
                "cold_start": self.result.packing.cold_start,
            }
        )

    def refusals(self) -> pd.DataFrame:
        """Return one row a refused attempt to connect, in the order of time.

        Returns
        -------
        DataFrame
            connection_id, function, time (UTC), code (432, 429 or 450), attempt (0 for the first of an invocation) and
            gave_up (whether its session ended because of refusals). Empty unless refusing was asked for
            (`on_quota="refuse"`) or initialisation takes too long.
        """
        import pandas as pd

        found = self.result.run.refusals
        session = np.zeros(0, np.int64) if found is None else found.session
        return pd.DataFrame(
            {
                "connection_id": self.trace.connection_id[session],
                "function": np.array(self.trace.functions, dtype=object)[self.trace.function_code[session]],
                "time": pd.to_datetime([] if found is None else found.time_ms, unit="ms", utc=True),
                "code": [] if found is None else found.code,
                "attempt": [] if found is None else found.attempt,
                "gave_up": [] if found is None else found.given_up[session],
            }
        )

    def timeline(self, bins: int = 600) -> pd.DataFrame:
        """Return what each of some equal bins of the window saw.

        Returns
        -------
        DataFrame
            start (UTC), then peaks of connections, instances and memory_mb, and counts of cold_starts, refused_quota
            and refused_burst: what is refused, or would be.
        """
        import pandas as pd

        found = self.steps(bins=bins)
        columns = {one: getattr(found, one) for one in Timeline.__slots__ if one != "start_ms"}
        return pd.DataFrame({"start": pd.to_datetime(found.start_ms, unit="ms", utc=True), **columns})

    def steps(self, *, bins: int = 600) -> Timeline:
        """Return the timeline as arrays."""
        return timeline(
            self.trace, self.result.invocations, self.result.packing, self.functions,
            refused=self.refused_at(), bins=bins,
        )  # fmt: skip

    def refused_at(self) -> tuple[Any, Any]:
        """Return instant [ms] and code of each refusal, also of those that are only reported."""
        return self.result.run.refused_ms, self.result.run.refused_code

    def hourly(self) -> pd.DataFrame:
        """Return the usage by clock hour of the book's time zone, one row an hour and function."""
        result, terms = self.result, self.terms
        return hourly_usage(
            self.trace, result.invocations, result.packing, self.functions,
            time_zone=terms.book.time_zone, granularity_ms=terms.period.granularity_ms,
        )  # fmt: skip


@takes_trace
def estimate(
    trace: TraceLike,
    function: FunctionConfig | None = None,
    *,
    functions: Mapping[str, FunctionConfig] | None = None,
    pricing: Pricing | None = None,
) -> TraceEstimate:
    """Replay a trace under the platform's rules and price what it used.

    Parameters
    ----------
    trace : Trace, files or DataFrame
        Connections as they would live without the platform's timeouts.
    function : FunctionConfig, optional
        Settings of every function that `functions` does not name; the platform's defaults otherwise.
    functions : mapping of str to FunctionConfig, optional
        Settings by the name of a function of the trace.
    pricing : Pricing, optional
        Price book, region, plan, limits and seed; the defaults of each otherwise.

    Returns
    -------
    TraceEstimate
        Bill, usage, outcomes, impact and concurrency.

    Raises
    ------
    CatalogError
        If region, plan, catalog or date is not known.
    ConfigError
        If `functions` names a function that the trace does not have.
    """
    pricing = pricing or Pricing()
    terms = pricing.terms()
    platform = pricing.platform(terms)
    configs = configs_of(trace, function or FunctionConfig(), functions or {})
    if not check_sums(trace):
        raise TraceError("the trace is too long or too large to be summed exactly; estimate it in parts")
    supposed = point(trace, configs)
    result = compute(supposed, configs, terms, platform)
    known = knows_silences(has_messages=trace.has_messages, configs=configs.values())
    bounds = (
        {}
        if known
        else {which: compute(assume(trace, which), configs, terms, platform).case() for which in (LOW, HIGH)}
    )
    case, refusals = result.case(), result.run.refusals
    excess = message_excess(trace, message_bounds(terms.book.limits.messages))
    is_shared = any(config.max_concurrency > 1 for config in configs.values())
    found = TraceEstimate(
        extent=document.of_trace(trace), window_ms=trace.window_ms, functions=configs, terms=terms, platform=platform,
        case=case, bounds=bounds, policies=_policies(supposed, configs, terms, platform, case),
        outcomes=count_outcomes(result.invocations, None if refusals is None else refusals.counts()),
        lives=Lives(
            trace.connections, int(trace.natural_ms().sum()), *time_sums(result.invocations),
            data_messages=data_messages(trace),
        ),
        load=result.packing,
        busy_bounds=busy_bounds_of(trace, result.invocations, configs) if is_shared else None,
        refused=result.run.would_refuse,
        refusals_listed=None if refusals is None else document.of_refusals(refusals, trace, LISTED),
        message_limits=document.of_message_excess(excess, trace) if excess else {},
        source_timeouts_ms=(trace.provenance.source_idle_ms, trace.provenance.source_life_ms),
        messages=MessageCounts(
            tuple(count_messages(supposed, result.invocations, configs).tolist()), known=trace.has_messages
        ),
        others=Replays(trace, configs, terms, platform, result), trace=trace, point=supposed, result=result,
    )  # fmt: skip
    return complete(found, _facts(found, excess))


def shorter(configs: Mapping[str, FunctionConfig], idle_s: int) -> dict[str, FunctionConfig]:
    """Return the settings with an idle timeout of at most so many seconds.

    Parameters
    ----------
    configs : mapping of str to FunctionConfig
        Settings of each function.
    idle_s : int
        The most that their idle timeouts are. [s]
    """
    return {one: config.replace(idle_timeout_s=min(idle_s, config.idle_timeout_s)) for one, config in configs.items()}


def time_sums(rows: Invocations) -> tuple[int, int, int]:
    """Split the connection time: active, silent after the last message, and of connections without a message. [ms]"""
    alive = rows.last_data_ms >= 0
    active = int((rows.last_data_ms - rows.start_ms)[alive].sum())
    return active, int((rows.end_ms - rows.last_data_ms)[alive].sum()), int(rows.duration_ms[~alive].sum())


def data_messages(trace: Trace) -> int:
    """Count the messages of a trace that are no ping or pong. [1]"""
    return int((trace.message_flags & CONTROL == 0).sum())


def message_bounds(limits: MessageLimits) -> MessageBounds:
    """Return the limits of a price book as the bounds that connections are held to."""
    return MessageBounds(limits.message_bytes, limits.bytes_per_second, limits.messages_per_second)


def configs_of(trace: Trace, base: FunctionConfig, named: Mapping[str, FunctionConfig]) -> dict[str, FunctionConfig]:
    """Return the settings of each function of a trace: those named for it, or the base.

    Parameters
    ----------
    trace : Trace
        n connections.
    base : FunctionConfig
        Settings of functions that are not named.
    named : mapping of str to FunctionConfig
        Settings by the name of a function.
    """
    for one in named:
        if one not in trace.functions:
            raise ConfigError(f"function {one!r} is not in the trace; {nearest(one, trace.functions)}")
    return {one: named.get(one, base) for one in trace.functions}


def _policies(
    trace: Trace, configs: Mapping[str, FunctionConfig], terms: Terms, platform: Platform, now: Case
) -> dict[str, tuple[Impact, Bill | None]]:
    """Compute all three policies where the user stated none: what clients do decides the bill."""
    others = other_policies(configs)
    found = {RECONNECTS[0]: (now.impact, now.monthly)} if others else {}
    for policy, stated in others.items():
        case = compare_setting(trace, stated, terms, platform)
        found[policy] = case.impact, case.monthly
    return found


def other_policies(configs: Mapping[str, FunctionConfig]) -> dict[str, dict[str, FunctionConfig]]:
    """Return the settings with each policy but `none`, by its name, where the user stated none; else nothing."""
    if any(config.reconnect is not None or config.function_type != "web-ws" for config in configs.values()):
        return {}
    return {
        policy: {one: config.replace(reconnect=policy) for one, config in configs.items()} for policy in RECONNECTS[1:]
    }


def _facts(found: TraceEstimate, excess: MessageExcess) -> Facts:
    trace, refusals = found.trace, found.result.run.refusals
    beyond = any(is_bound(trace, one.idle_timeout_ms, one.exec_timeout_ms) for one in found.functions.values())
    return Facts(
        reading=trace.provenance.warnings,
        empty_closes=int((trace.close_code == EMPTY_CLOSE).sum()),
        assumed=assumed(trace) if found.bounds else None,
        excess=excess,
        censored=censored(trace) if beyond else None,
        not_initialised=0 if refusals is None else refusals.counts().get("450", 0),
    )
