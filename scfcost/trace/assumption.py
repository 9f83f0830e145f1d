"""What to suppose of a trace without message rows: never active, always active, and a point between.

Such a trace cannot say when a connection fell idle, so every result is three numbers. The point comes from a named
assumption: messages evenly spaced where their count is known, else the last activity and the longest silence where
the file gives them, else never idle.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from scfcost.config.function import FunctionConfig
from scfcost.core.errors import TraceError
from scfcost.trace.model import UNDIRECTED, UNKNOWN, Int64, Trace

MOST_SUPPOSED = 10**8
"""Messages that are supposed at once; each takes some 50 bytes. [1]"""
DENSE = 100_000
"""Messages of one connection from which on those that leave no silence are not supposed one by one. [1]"""
_NO_SILENCE_MS = 1_000
"""Least idle timeout that the vendor documents: messages that are closer leave no silence. [ms]"""
LOW, POINT, HIGH = "low", "point", "high"


def assume(trace: Trace, which: str) -> Trace:
    """Return the trace with the activity that a bound or the point supposes.

    Parameters
    ----------
    trace : Trace
        n connections without message rows.
    which : {"low", "point", "high"}
        Idle from the connect on; the named assumption; never idle.

    Returns
    -------
    Trace
        The same connections with `active_until_ms`, and for the point with supposed messages.
    """
    end = trace.natural_end_ms()
    if which == LOW:
        return trace.replace(active_until_ms=trace.connect_ms)
    if which == HIGH:
        return trace.replace(active_until_ms=end)
    counted = _known(trace.total_messages, trace.connections)
    active_until, last = _from_silences(trace, end)
    active_until = np.where(counted, trace.connect_ms, active_until)
    counts = np.where(counted, _or_unknown(trace.total_messages, trace.connections), 0)
    dense = (counts > DENSE) & (end - trace.connect_ms < _NO_SILENCE_MS * counts)
    active_until = np.where(dense, _last_of_many(trace, end, counts), active_until)
    counts = np.where(dense, 0, counts)
    single = ~counted & (last >= 0)
    return _with_messages(trace.replace(active_until_ms=active_until), np.where(single, 1, counts), single, last, end)


def point(trace: Trace, configs: Mapping[str, FunctionConfig]) -> Trace:
    """Return the trace that is replayed: itself, or the named assumption where it has no message rows.

    An injected heartbeat tells the silence where nothing else does: one that is not shorter than the idle timeout keeps
    nothing open, so that the connection falls idle from its connect on; a shorter one leaves no silence.

    Parameters
    ----------
    trace : Trace
        n connections.
    configs : mapping of str to FunctionConfig
        The settings of each function of the trace.
    """
    if trace.has_messages:
        return trace
    found = assume(trace, POINT)
    late = np.array([configs[name].beats_too_late for name in trace.functions])[trace.function_code]
    if not late.any():
        return found
    silent = late & _nothing_known(trace)
    until = trace.natural_end_ms() if found.active_until_ms is None else found.active_until_ms
    return found.replace(active_until_ms=np.where(silent, trace.connect_ms, until))


def _last_of_many(trace: Trace, end: Int64, counts: Int64) -> Int64:
    """Return where the last of so many evenly spaced messages lies."""
    return end + (trace.connect_ms - end) // (counts + 1)


def _nothing_known(trace: Trace) -> NDArray[np.bool_]:
    columns = (trace.total_messages, trace.last_activity_ms, trace.max_idle_ms)
    known: NDArray[np.bool_] = np.any([_known(column, trace.connections) for column in columns], axis=0)
    return ~known


def assumed(trace: Trace) -> tuple[int, int, int]:
    """Count the connections whose point rests on their messages' count, on their silences, and on nothing. [1]"""
    counted = _known(trace.total_messages, trace.connections)
    silences = _known(trace.last_activity_ms, trace.connections) | _known(trace.max_idle_ms, trace.connections)
    return int(counted.sum()), int((~counted & silences).sum()), int((~counted & ~silences).sum())


def assumptions(counts: tuple[int, int, int]) -> list[str]:
    """Say which assumptions the point rests on, and for how many connections, from counts as `assumed` gives them."""
    texts = (
        "their messages evenly spaced over their life, as their count is known",
        "active but for the last activity and longest silence that the file gives",
        "never idle, as the file does not tell",
    )
    return [f"{count} connections: {text}" for count, text in zip(counts, texts, strict=True) if count]


def _from_silences(trace: Trace, end: Int64) -> tuple[Int64, Int64]:
    """Place the longest silence as late as the data allow.

    Returns
    -------
    active_until, last : ndarray of int64, shape (n,)
        Activity without a pause from the connect to the first; the last activity after it where it stands alone, or -1.
    """
    n = trace.connections
    last, longest = _or_unknown(trace.last_activity_ms, n), _or_unknown(trace.max_idle_ms, n)
    has_last, has_longest = last != UNKNOWN, longest != UNKNOWN
    last = np.minimum(last, end)
    tail = end - last
    inside = has_last & has_longest & (longest > tail)  # the longest silence comes before the last activity
    until = np.where(has_last, last, end)
    until = np.where(has_longest & ~has_last, end - longest, until)
    until = np.where(inside, last - longest, until)
    return np.maximum(until, trace.connect_ms), np.where(inside, last, UNKNOWN)


def _with_messages(trace: Trace, counts: Int64, single: np.ndarray, last: Int64, end: Int64) -> Trace:
    if float(counts.sum(dtype=np.float64)) > MOST_SUPPOSED:
        raise TraceError(
            f"messages: {counts.sum(dtype=np.float64):,.0f} messages would have to be supposed at once, at most "
            f"{MOST_SUPPOSED:,} are: read the trace in smaller parts (--memory-limit, or a lower one), or leave the "
            "column out"
        )
    owner = np.repeat(np.arange(trace.connections), counts)
    offsets = np.concatenate(([0], np.cumsum(counts))).astype(np.int64)
    nth = np.arange(len(owner)) - offsets[owner] + 1
    life = (end - trace.connect_ms)[owner]
    spaced = trace.connect_ms[owner] + life * nth // (counts[owner] + 1)
    m = len(owner)
    return trace.replace(
        offsets=offsets,
        message_ms=np.where(single[owner], last[owner], spaced).astype(np.int64),
        message_bytes=np.full(m, UNKNOWN, dtype=np.int64),
        message_flags=np.full(m, UNDIRECTED, dtype=np.uint8),
    )


def _or_unknown(column: Int64 | None, n: int) -> Int64:
    return np.full(n, UNKNOWN, dtype=np.int64) if column is None else column


def _known(column: Int64 | None, n: int) -> NDArray[np.bool_]:
    return np.not_equal(_or_unknown(column, n), UNKNOWN)
