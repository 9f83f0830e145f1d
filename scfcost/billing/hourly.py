"""Usage by clock hour: resource in the hours it spans, a call in that of its start, bytes in that of their message."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from scfcost.billing.metering import round_up
from scfcost.config.function import FunctionConfig
from scfcost.core.units import MS_PER_HOUR
from scfcost.lifecycle.intervals import busy_intervals
from scfcost.lifecycle.provisioning import idle_times
from scfcost.lifecycle.records import Invocations, Packing
from scfcost.trace.model import CONTROL, DIRECTION_MASK, DOWN, Int64, Trace

if TYPE_CHECKING:
    import pandas as pd


def hourly_usage(
    trace: Trace,
    invocations: Invocations,
    packing: Packing,
    configs: Mapping[str, FunctionConfig],
    *,
    time_zone: str,
    granularity_ms: int = 1,
) -> pd.DataFrame:
    """Split the usage of each function over the clock hours of a time zone.

    Parameters
    ----------
    trace : Trace
        n connections.
    invocations : Invocations
        k invocations of that trace.
    packing : Packing
        Where they ran.
    configs : mapping of str to FunctionConfig
        The settings of each function.
    time_zone : str
        Zone of the clock hours; zones a whole number of hours from UTC have the same hours, only other names.
    granularity_ms : int
        A busy interval is rounded up to a multiple of this. [ms]

    Returns
    -------
    DataFrame
        hour (its start, in the zone), function, invocations, resource_mb_ms, egress_bytes and provisioned_idle_mb_ms.
        Its sums are the usage.
    """
    import pandas as pd

    function = trace.function_code[invocations.session]
    frames = []
    for code, name in enumerate(trace.functions):
        own = np.flatnonzero(function == code)
        window_ms, idle_ms = idle_times(trace, invocations, packing, configs, code, time_zone)
        busy = own[packing.instance[own] >= 0]
        starts, ends, _ = busy_intervals(invocations.start_ms[busy], invocations.end_ms[busy], packing.instance[busy])
        ends = starts + round_up(ends - starts, granularity_ms)
        seen = np.concatenate((invocations.start_ms[own], ends, invocations.end_ms[own], window_ms[idle_ms > 0]))
        if len(seen) == 0:  # every connection was refused
            continue
        first = int(seen.min() // MS_PER_HOUR)
        hours = int(seen.max() // MS_PER_HOUR) - first + 1
        calls = np.bincount(invocations.start_ms[own] // MS_PER_HOUR - first, minlength=hours)
        frame = {
            "hour": pd.to_datetime((first + np.arange(hours)) * MS_PER_HOUR, unit="ms", utc=True),
            "function": name,
            "invocations": calls.astype(np.int64),
            "resource_mb_ms": spread(starts, ends, first, hours) * configs[name].memory_mb,
            "egress_bytes": _egress(trace, invocations, own, configs[name], first, hours),
            "provisioned_idle_mb_ms": _idle(window_ms, idle_ms, first, hours) * configs[name].memory_mb,
        }
        frames.append(pd.DataFrame(frame))
    table = pd.concat(frames, ignore_index=True) if frames else _no_hours()
    table["hour"] = table["hour"].dt.tz_convert(ZoneInfo(time_zone))
    return table


def _no_hours() -> pd.DataFrame:
    import pandas as pd

    counts = ("invocations", "resource_mb_ms", "egress_bytes", "provisioned_idle_mb_ms")
    empty = {"hour": pd.to_datetime([], utc=True), "function": [], **{one: np.zeros(0, np.int64) for one in counts}}
    return pd.DataFrame(empty)


def _idle(window_ms: Int64, idle_ms: Int64, first: int, hours: int) -> Int64:
    """Sum the idle time of provisioned instances by the hour in which its window begins. [ms]"""
    found = np.zeros(hours, np.int64)
    some = idle_ms > 0
    np.add.at(found, window_ms[some] // MS_PER_HOUR - first, idle_ms[some])
    return found


def spread(starts: Int64, ends: Int64, first: int, hours: int) -> Int64:
    """Sum the time of intervals in each clock hour. [ms]

    Parameters
    ----------
    starts, ends : ndarray of int64, shape (k,)
        The intervals. [epoch ms]
    first : int
        The first hour. [epoch h]
    hours : int
        How many there are.
    """
    covered = np.zeros(hours + 1, np.int64)
    origin = first * MS_PER_HOUR
    for instants, sign in ((ends, 1), (starts, -1)):
        # Time before an instant t: all hours before its own in full, its own in part.
        hour = (instants - origin) // MS_PER_HOUR
        np.add.at(covered, hour, sign * ((instants - origin) % MS_PER_HOUR))
        whole = np.bincount(hour, minlength=hours + 1)[: hours + 1]
        later = whole.sum() - np.cumsum(whole)
        covered += sign * MS_PER_HOUR * later
    return covered[:hours]


def _egress(
    trace: Trace, invocations: Invocations, own: NDArray[np.intp], config: FunctionConfig, first: int, hours: int
) -> Int64:
    """Sum the bytes sent in each hour; what has no message rows flows evenly, and the last hour takes the rest."""
    sent = np.zeros(hours, np.int64)
    counts = invocations.end_message[own] - invocations.first_message[own]
    owner = np.repeat(own, counts)
    begin = np.repeat(invocations.first_message[own] - (np.cumsum(counts) - counts), counts)
    rows = begin + np.arange(len(owner))
    flags, size = trace.message_flags[rows], trace.message_bytes[rows]
    pushes = ((flags & CONTROL) == 0) & ((flags & DIRECTION_MASK) == DOWN) & (size > 0)
    instants = np.maximum(trace.message_ms[rows], invocations.start_ms[owner])
    np.add.at(sent, instants[pushes] // MS_PER_HOUR - first, size[pushes])
    if config.heartbeat_ms and config.heartbeat_down_bytes:
        _add_heartbeats(sent, trace, invocations, own, config, first)
    if trace.total_bytes_out is not None:
        _add_even_flow(sent, invocations, own, first)
    return sent


def _add_heartbeats(
    sent: Int64, trace: Trace, invocations: Invocations, own: NDArray[np.intp], config: FunctionConfig, first: int
) -> None:
    period = config.heartbeat_ms
    start = invocations.start_ms[own]
    limit = np.minimum(invocations.end_ms[own], trace.client_lost_ms[invocations.session[own]]) - 1
    counts = np.maximum((limit - start) // period, 0)
    nth = np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts) + 1
    beats = np.repeat(start, counts) + nth * period
    np.add.at(sent, beats // MS_PER_HOUR - first, config.heartbeat_down_bytes)


def _add_even_flow(sent: Int64, invocations: Invocations, own: NDArray[np.intp], first: int) -> None:
    for row in own.tolist():
        start, end, size = (int(x[row]) for x in (invocations.start_ms, invocations.end_ms, invocations.egress_bytes))
        for hour, part in _parts(start, end, size):
            sent[hour - first] += part


def _parts(start: int, end: int, size: int) -> list[tuple[int, int]]:
    """Split bytes over the hours of an interval, floored, so that the parts sum to the whole."""
    done, parts = 0, []
    for hour in range(start // MS_PER_HOUR, end // MS_PER_HOUR + 1):
        edge = min((hour + 1) * MS_PER_HOUR, end)
        upto = size if edge == end else size * (edge - start) // (end - start)
        parts.append((hour, upto - done))
        done = upto
    return parts
