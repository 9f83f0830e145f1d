"""What a trace costs under given settings: the floors below, put together into one result."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from scfcost.analysis.estimate import document
from scfcost.analysis.estimate.result import (
    Lives,
    Priced,
    assumption_warnings,
    bill_warnings,
    close_warnings,
    quota_warnings,
    setting_warnings,
)
from scfcost.analysis.evaluate import (
    Impact,
    Result,
    compare_setting,
    compute,
    count_outcomes,
    impact_of,
    month_factor,
    month_of,
    select,
)
from scfcost.billing.hourly import hourly_usage
from scfcost.billing.metering import Usage, check_sums
from scfcost.billing.pricing import Bill
from scfcost.billing.terms import Pricing, Terms
from scfcost.catalog.schema import MessageLimits
from scfcost.config.function import RECONNECTS, FunctionConfig
from scfcost.core.errors import ConfigError, TraceError, nearest
from scfcost.core.warning import Warned
from scfcost.lifecycle.environment import Platform
from scfcost.lifecycle.instances import busy_bounds_of
from scfcost.lifecycle.message_limits import MessageBounds, MessageExcess, message_excess
from scfcost.lifecycle.outcomes import EMPTY_CLOSE, name
from scfcost.lifecycle.records import Invocations, Load
from scfcost.lifecycle.timeline import Timeline, timeline
from scfcost.trace.assumption import HIGH, LOW, POINT, assume, assumed
from scfcost.trace.censoring import describe as censored
from scfcost.trace.censoring import is_bound
from scfcost.trace.model import Trace

if TYPE_CHECKING:
    import pandas as pd

LISTED = 100
"""How many refused sessions the JSON document names. [1]"""


@dataclass(frozen=True, eq=False, repr=False)
class Estimate(Priced):
    """The bill of a trace, and what the timeouts did. Made by `estimate`."""

    trace: Trace
    point: Trace
    """The trace that was replayed: with an assumption where it has no message rows."""
    functions: dict[str, FunctionConfig]
    """The settings of each function of the trace."""
    terms: Terms
    platform: Platform
    """Limits and whether they refuse."""
    result: Result
    """The numbers; for a trace without message rows those of the point."""
    bounds: dict[str, Result]
    """`low` and `high` of a trace without message rows, else empty."""
    policies: dict[str, tuple[Impact, Bill | None]]
    """What each reconnect policy would give, where the user stated none."""
    message_excess: MessageExcess
    """Connections whose messages are larger or denser than the platform carries."""
    warnings: tuple[Warned, ...] = field(default=())

    @property
    def bill(self) -> Bill:
        """Cost of the recorded usage, without allowance or plan."""
        return self.result.bill

    @property
    def monthly(self) -> Bill | None:
        """Cost of a month of 30 days, None where the window is 0 ms."""
        return self.result.monthly

    @property
    def load(self) -> Load:
        """What the invocations took of instances."""
        return self.result.packing

    @property
    def busy_bounds(self) -> tuple[int, int]:
        """What the busy time of any placement lies between. [ms]"""
        return busy_bounds_of(self.trace, self.result.invocations, self.functions)

    @property
    def bound_bills(self) -> dict[str, tuple[Usage, Bill, Bill | None]]:
        """Usage, bill and month of `low` and `high` of a trace without message rows, else empty."""
        return {which: (bound.usage, bound.bill, bound.monthly) for which, bound in self.bounds.items()}

    @property
    def usages(self) -> dict[str, Usage]:
        """The usage of each function."""
        return self.result.usages

    @property
    def usage(self) -> Usage:
        """What the bill is made of."""
        return self.result.usage

    @property
    def outcomes(self) -> dict[str, int]:
        """Invocations by status code."""
        refusals = self.result.run.refusals
        return count_outcomes(self.result.invocations, None if refusals is None else refusals.counts())

    @property
    def impact(self) -> Impact:
        """What the timeouts did to people."""
        return impact_of(self.result.invocations)

    @property
    def factor(self) -> Fraction | None:
        """30 days over the window, None where the window is 0 ms."""
        return month_factor(self.trace)

    @property
    def window_ms(self) -> int:
        """Length of the window. [ms]"""
        return self.trace.window_ms

    @property
    def lives(self) -> Lives:
        """Sessions and connection time as sums."""
        return Lives(self.trace.connections, int(self.trace.natural_ms().sum()), *time_sums(self.result.invocations))

    @property
    def refused(self) -> dict[str, int]:
        """Invocations that the memory quota (432) and the burst limit (429) refuse, or would refuse. [1]"""
        return self.result.run.would_refuse

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

    def month_shared(self, connections: int) -> Bill | None:
        """Return the month with so many connections an instance."""
        configs = {one: config.replace(max_concurrency=connections) for one, config in self.functions.items()}
        if self.platform.couples(configs):
            return compare_setting(self.point, configs, self.terms, self.platform)[3]
        return month_of(self.point, self.result.invocations, configs, self.terms, self.platform)

    def month_idle(self, idle_s: int) -> tuple[Impact, Bill | None]:
        """Return impact and month with an idle timeout of at most so many seconds."""
        impact, _, _, month = compare_setting(self.point, shorter(self.functions, idle_s), self.terms, self.platform)
        return impact, month

    def _extent(self) -> dict[str, Any]:
        return document.of_trace(self.trace)

    def _excess(self) -> dict[str, Any]:
        return document.of_message_excess(self.message_excess, self.trace) if self.message_excess else {}

    def _concurrency(self) -> dict[str, Any]:
        found = super()._concurrency()
        refusals = self.result.run.refusals
        if refusals is not None:
            found["refused"] = document.of_refusals(refusals, self.trace, LISTED)
        return found

    def _alone(self, code: int) -> tuple[dict[str, int], Impact, Load]:
        rows, packing = select(self.trace, self.result.run, self.functions, self.platform, code)
        return count_outcomes(rows), impact_of(rows), packing


def estimate(
    trace: Trace,
    function: FunctionConfig | None = None,
    *,
    functions: Mapping[str, FunctionConfig] | None = None,
    pricing: Pricing | None = None,
) -> Estimate:
    """Replay a trace under the platform's rules and price what it used.

    Parameters
    ----------
    trace : Trace
        Connections as they would live without the platform's timeouts.
    function : FunctionConfig, optional
        Settings of every function that `functions` does not name; the platform's defaults otherwise.
    functions : mapping of str to FunctionConfig, optional
        Settings by the name of a function of the trace.
    pricing : Pricing, optional
        Price book, region, plan, limits and seed; the defaults of each otherwise.

    Returns
    -------
    Estimate
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
    point = trace if trace.has_messages else assume(trace, POINT)
    result = compute(point, configs, terms, platform)
    bounds = {}
    if not trace.has_messages:
        bounds = {which: compute(assume(trace, which), configs, terms, platform) for which in (LOW, HIGH)}
    policies = _policies(point, configs, terms, platform, result)
    excess = message_excess(trace, message_bounds(terms.book.limits.messages))
    found = Estimate(trace, point, configs, terms, platform, result, bounds, policies, excess)
    return replace(found, warnings=tuple(_warnings(found)))


def shorter(configs: Mapping[str, FunctionConfig], idle_s: int) -> dict[str, FunctionConfig]:
    """Return the settings with an idle timeout of at most so many seconds."""
    return {one: config.replace(idle_timeout_s=min(idle_s, config.idle_timeout_s)) for one, config in configs.items()}


def time_sums(rows: Invocations) -> tuple[int, int, int]:
    """Split the connection time: active, silent after the last message, and of connections without a message. [ms]"""
    alive = rows.last_data_ms >= 0
    active = int((rows.last_data_ms - rows.start_ms)[alive].sum())
    return active, int((rows.end_ms - rows.last_data_ms)[alive].sum()), int(rows.duration_ms[~alive].sum())


def message_bounds(limits: MessageLimits) -> MessageBounds:
    """Return the limits of a price book as the bounds that connections are held to."""
    return MessageBounds(limits.message_bytes, limits.bytes_per_second, limits.messages_per_second)


def configs_of(trace: Trace, base: FunctionConfig, named: Mapping[str, FunctionConfig]) -> dict[str, FunctionConfig]:
    """Return the settings of each function of a trace: those named for it, or the base."""
    for one in named:
        if one not in trace.functions:
            raise ConfigError(f"function {one!r} is not in the trace; {nearest(one, trace.functions)}")
    return {one: named.get(one, base) for one in trace.functions}


def _policies(
    trace: Trace, configs: Mapping[str, FunctionConfig], terms: Terms, platform: Platform, result: Result
) -> dict[str, tuple[Impact, Bill | None]]:
    """Compute all three policies where the user stated none: what clients do decides the bill."""
    others = other_policies(configs)
    found = {RECONNECTS[0]: (impact_of(result.invocations), result.monthly)} if others else {}
    for policy, stated in others.items():
        impact, _, _, monthly = compare_setting(trace, stated, terms, platform)
        found[policy] = impact, monthly
    return found


def other_policies(configs: Mapping[str, FunctionConfig]) -> dict[str, dict[str, FunctionConfig]]:
    """Return the settings with each policy but `none`, by its name, where the user stated none; else nothing."""
    if any(config.reconnect is not None for config in configs.values()):
        return {}
    return {
        policy: {one: config.replace(reconnect=policy) for one, config in configs.items()} for policy in RECONNECTS[1:]
    }


def _warnings(found: Estimate) -> Iterator[Warned]:
    trace, terms = found.trace, found.terms
    yield from trace.provenance.warnings
    yield from setting_warnings(found.functions, terms)
    yield from close_warnings(int((trace.close_code == EMPTY_CLOSE).sum()))
    yield from bill_warnings(trace.window_ms, found.bill, terms)
    if not trace.has_messages:
        yield from assumption_warnings(assumed(trace))
    if any(is_bound(trace, config.idle_timeout_ms, config.exec_timeout_ms) for config in found.functions.values()):
        yield Warned("censored", censored(trace))
    yield from quota_warnings(found.platform, terms, found.refused)
    refusals = found.result.run.refusals
    late = 0 if refusals is None else refusals.counts().get("450", 0)
    if late:
        yield Warned("init_timeout", f"{late:,} connections were not initialised in time (450); they are not billed")
    if found.message_excess:
        source = terms.book.limits.messages.source
        yield Warned("message_limits", found.message_excess.sentence(trace.connections, source))
