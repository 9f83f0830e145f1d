"""What meters count of a trace as a whole, and not of the instances of each function."""

from __future__ import annotations

import numpy as np

from scfcost.billing.messages import units_of
from scfcost.billing.objects import awake_ms, beats, configs_of
from scfcost.billing.replayed import Replayed, Supposed
from scfcost.billing.unit_days import beyond_ms, counts_by_day, unit_ms
from scfcost.catalog.lifecycle import Lifecycle, Measure
from scfcost.trace.model import Int64


def counted_of_all(measure: Measure, replayed: Replayed, supposed: Supposed) -> int:
    """Sum one measure over a trace, whatever the functions are, in whole events, steps, ms or bytes.

    Parameters
    ----------
    measure : Measure
        What is counted.
    replayed : Replayed
        The trace under the rules of the platform.
    supposed : Supposed
        What the trace does not tell.
    """
    rows = replayed.invocations
    if measure.what == "connects":
        return len(rows)
    if measure.what == "connection_time":
        return int((-(-rows.duration_ms // measure.step_ms)).sum())
    if measure.what == "messages":
        ways = ("up", "down") if measure.direction == "both" else (measure.direction,)
        return sum(_messages(replayed, way, measure.per_bytes) for way in ways)
    if measure.what == "invocations":
        return 2 * len(rows) + _messages(replayed, "up", None)
    if measure.what in ("handler", "handler_cpu"):
        each = supposed.handler_ms if measure.what == "handler" else supposed.handler_cpu_ms
        return (len(rows) + _messages(replayed, "up", None)) * each
    if measure.what == "awake":
        return awake_ms(replayed, supposed)
    if measure.what == "unit_time":
        return unit_ms(replayed.units_by_day, replayed.edges)
    if measure.what == "messages_beyond":
        sent = sent_by_day(measure, replayed)
        return beyond(measure, sent, replayed.lifecycle, replayed.units_by_day, replayed.edges)
    return int(rows.egress_bytes.sum()) if measure.what == "egress" else 1


def _messages(replayed: Replayed, way: str, per_bytes: int | None) -> int:
    """Sum the units of the delivered messages of one direction, injected heartbeats among them. [1]"""
    found = replayed.up if way == "up" else replayed.down
    asked = (way, per_bytes)
    if asked not in replayed.known:
        sizes = found.rows if per_bytes is None else replayed.trace.message_bytes[found.rows]
        replayed.known[asked] = units_of(sizes, per_bytes)
    return replayed.known[asked] + sum(count * units_of(np.array([size]), per_bytes) for count, size in found.beats)


def sent_by_day(measure: Measure, replayed: Replayed) -> list[int]:
    """Sum the delivered pushes of each day: their bytes where those of a day are counted in total, else their units.

    Parameters
    ----------
    measure : Measure
        How large a unit is.
    replayed : Replayed
        The trace under the rules of the platform.
    """
    trace, rows, found = replayed.trace, replayed.invocations, replayed.down
    by_beat, beat_at = beats(replayed)
    answers = np.array([config.heartbeat_down_bytes for config in configs_of(replayed)], np.int64)
    at = np.concatenate((np.maximum(trace.message_ms[found.rows], rows.start_ms[found.by]), beat_at))
    sizes = np.concatenate((trace.message_bytes[found.rows], answers[trace.function_code[rows.session[by_beat]]]))
    per_bytes = measure.per_bytes or 1
    if measure.in_total:
        return counts_by_day(at, np.where(sizes < 0, per_bytes, sizes), replayed.edges)  # of unknown size is one unit
    each = np.maximum(-(-sizes.astype(np.int64) // per_bytes), 1) if measure.per_bytes else np.ones_like(sizes)
    return counts_by_day(at, each, replayed.edges)


def beyond(measure: Measure, sent: list[int], lifecycle: Lifecycle, by_day: list[int], edges: Int64) -> int:
    """Sum the pushes of each day beyond those that its units carry, times the ms of a day.

    Parameters
    ----------
    measure : Measure
        How large a unit is.
    sent : list of int
        What `sent_by_day` counts of each of d days.
    lifecycle : Lifecycle
        What a unit carries.
    by_day : list of int
        Units of each day. [1]
    edges : ndarray of int64, shape (d + 1,)
        Where the days begin. [ms]
    """
    if lifecycle.units is None:
        return 0
    counted = [-(-size // (measure.per_bytes or 1)) for size in sent] if measure.in_total else sent
    return beyond_ms(lifecycle.units, counted, by_day, edges)
