"""What ran, metered the same way whether it was forecast from a trace or is told by the function's own log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from scfcost.analysis.evaluate import measured
from scfcost.analysis.reconcile.causes import Activity
from scfcost.billing.hourly import hourly_usage
from scfcost.billing.metering import round_up, total
from scfcost.billing.meters import Usage
from scfcost.config.function import FunctionConfig
from scfcost.lifecycle.environment import Platform
from scfcost.lifecycle.outcomes import UNKNOWN_CLOSE, name
from scfcost.lifecycle.records import Invocations, Packing
from scfcost.lifecycle.run import place
from scfcost.trace.formats.scf_records import LoggedInvocation
from scfcost.trace.model import UNKNOWN, Trace, never

if TYPE_CHECKING:
    from scfcost.analysis.estimate.estimate import TraceEstimate
    from scfcost.billing.terms import Terms


@dataclass(frozen=True, slots=True)
class Hour:
    """What ran in a clock hour."""

    invocations: int = 0
    resource_mb_ms: int = 0

    def __add__(self, other: Hour) -> Hour:
        return Hour(self.invocations + other.invocations, self.resource_mb_ms + other.resource_mb_ms)


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a comparison."""

    activity: Activity
    usage: Usage
    hours: Mapping[str, Hour]
    """By the start of a clock hour, such as 2026-11-23 14:00, in the zone of the price book."""


def side_of(trace: Trace, invocations: Invocations, configs: Mapping[str, FunctionConfig], terms: Terms) -> Side:
    """Meter invocations of a trace, put on instances by the rule of their function.

    Parameters
    ----------
    trace : Trace
        n connections.
    invocations : Invocations
        k invocations of that trace.
    configs : mapping of str to FunctionConfig
        Settings of each function.
    terms : Terms
        Granularity and clock of the platform.
    """
    platform = terms.platform()
    return _side(trace, invocations, place(trace, invocations, configs, platform), configs, platform)


def _side(
    trace: Trace,
    invocations: Invocations,
    packing: Packing,
    configs: Mapping[str, FunctionConfig],
    platform: Platform,
) -> Side:
    granularity = platform.granularity_ms
    usage = total(measured(trace, invocations, packing, configs, platform))
    billed = round_up(invocations.duration_ms, granularity)
    codes = np.unique(invocations.outcome).tolist()
    rows = {name(code): invocations.outcome == code for code in codes}
    activity = Activity(
        {one: int(own.sum()) for one, own in rows.items()},
        {one: int(billed[own].sum()) for one, own in rows.items()},
        usage["billed_ms"],
        usage["resource_mb_ms"],
    )
    table = hourly_usage(trace, invocations, packing, configs, time_zone=platform.time_zone, granularity_ms=granularity)
    hours: dict[str, Hour] = {}
    for hour, calls, spent in zip(table["hour"], table["invocations"], table["resource_mb_ms"], strict=True):
        key = hour.strftime("%Y-%m-%d %H:%M")
        hours[key] = hours.get(key, Hour()) + Hour(int(calls), int(spent))
    return Side(activity, usage, hours)


def forecast_side(estimate: TraceEstimate, period_ms: tuple[int, int] | None) -> Side:
    """Meter what was forecast, of the invocations that start inside a period where one is given.

    Parameters
    ----------
    estimate : TraceEstimate
        The forecast.
    period_ms : tuple of int or None
        First and last instant at which they may start; all where None. [ms]
    """
    rows, trace = estimate.result.invocations, estimate.point
    inside = np.ones(len(rows), dtype=np.bool_)
    if period_ms is not None:
        inside = (rows.start_ms >= period_ms[0]) & (rows.start_ms <= period_ms[1])
        trace = trace.replace(start_ms=period_ms[0], end_ms=period_ms[1])
    if inside.all():
        return _side(trace, rows, estimate.result.packing, estimate.functions, estimate.platform)
    return side_of(trace, rows.take(inside), estimate.functions, estimate.terms)


def logged_side(rows: Sequence[LoggedInvocation], estimate: TraceEstimate, end_ms: int) -> Side:
    """Meter what the log tells; a request that still runs at its end is taken to run until then.

    Parameters
    ----------
    rows : sequence of LoggedInvocation
        Requests that ran, each with a start.
    estimate : TraceEstimate
        The forecast, for how connections share instances, and for the memory where the log does not tell it.
    end_ms : int
        End of the log. [ms]
    """
    rows = _by_id(rows)
    configs: dict[str, FunctionConfig] = {}
    codes: dict[tuple[str, int], int] = {}
    for row in rows:
        key = row.function, _memory(row, estimate)
        if key not in codes:  # each memory that a function had is a function of its own here
            codes[key] = len(codes)
            own = _config(row.function, estimate).replace(memory_mb=key[1], provisioned=0)  # not in the log
            configs[f"{key[0]} {key[1]} MB"] = own
    n = len(rows)
    starts = np.array([row.start_ms for row in rows], dtype=np.int64)
    ends = np.array([_end(row, end_ms) for row in rows], dtype=np.int64)
    nothing = np.zeros(n, dtype=np.int64)
    trace = Trace(
        connection_id=np.arange(n),
        connect_ms=starts,
        close_ms=ends,
        close_code=np.full(n, UNKNOWN, dtype=np.int16),
        closed_by=np.zeros(n, dtype=np.int8),
        offsets=np.zeros(n + 1, dtype=np.int64),
        message_ms=nothing[:0],
        message_bytes=nothing[:0],
        message_flags=nothing[:0].astype(np.uint8),
        start_ms=int(starts.min(initial=end_ms)),
        end_ms=end_ms,
        client_lost_ms=never(n),
        function_code=np.array([codes[row.function, _memory(row, estimate)] for row in rows], dtype=np.int16),
        functions=tuple(configs),
        has_messages=False,
    )
    lives = Invocations.of_lives(starts, ends, np.arange(n), functions=len(configs))
    outcome = np.array([row.status or UNKNOWN_CLOSE for row in rows], dtype=np.int16)
    invocations = replace(lives, outcome=outcome)
    return side_of(trace, invocations, configs, estimate.terms)


def _by_id(rows: Sequence[LoggedInvocation]) -> list[LoggedInvocation]:
    """Order requests as a trace orders its connections, since starts of one instant are placed by id."""
    if all(row.request_id.isdecimal() for row in rows):
        return sorted(rows, key=lambda row: (int(row.request_id), row.retry))
    return sorted(rows, key=lambda row: (row.request_id, row.retry))


def _end(row: LoggedInvocation, end_ms: int) -> int:
    start = row.start_ms or 0
    return max(end_ms, start) if row.duration_ms is None else start + row.duration_ms


def _memory(row: LoggedInvocation, estimate: TraceEstimate) -> int:
    return row.memory_mb or _config(row.function, estimate).memory_mb


def _config(function: str, estimate: TraceEstimate) -> FunctionConfig:
    """Return the settings of a function of the trace; a trace of one function stands for whichever the log has."""
    return estimate.functions.get(function) or next(iter(estimate.functions.values()))
