"""What of a trace lies inside a window: what starts there, what is carried in, and what is left out."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from scfcost.core.errors import TraceError
from scfcost.core.units import FOREVER_MS
from scfcost.core.warning import Warned
from scfcost.trace.model import UNKNOWN, Int64, Trace

Window = tuple[int, int]
"""Start and end. [ms]"""


def starting_inside(trace: Trace, window: Window) -> Trace:
    """Keep the connections that start inside a window, and their messages up to its end; none is carried in.

    Parameters
    ----------
    trace : Trace
        n connections.
    window : tuple of int
        Start and end. [ms]

    Raises
    ------
    TraceError
        If no connection starts inside the window.
    """
    kept = (trace.connect_ms >= window[0]) & (trace.connect_ms <= window[1])
    if not kept.any():
        raise nothing_inside(trace)
    return _cut(trace.take(kept), window)


def inside_window(trace: Trace, window: Window) -> Trace:
    """Keep what of each connection lies inside a window, which may be nothing.

    A connection that began before the window and lives into it enters at its start, with what is left of it. Totals of
    connections without message rows are shared out evenly over their lives, floored.

    Parameters
    ----------
    trace : Trace
        n connections.
    window : tuple of int
        Start and end. [ms]
    """
    kept = trace.take(_kept(trace, window))
    if kept.connections == 0:
        return kept.replace(start_ms=window[0], end_ms=window[1])
    start = np.maximum(kept.connect_ms, window[0])
    changes: dict[str, Any] = {name: _left(kept, name, window) for name in _TOTALS if getattr(kept, name) is not None}
    for name in ("client_lost_ms", "last_activity_ms"):
        known = getattr(kept, name)
        if known is not None:
            changes[name] = np.where(known == UNKNOWN, UNKNOWN, np.maximum(known, start))
    return _cut(kept.replace(connect_ms=start, **changes), window)


_TOTALS = ("total_messages", "total_bytes_out", "total_bytes_in")
"""Fields of a connection that tell what its whole life held."""


def counts_outside(trace: Trace, rows: Int64, window: Window) -> tuple[int, int]:
    """Count what a window leaves out, and what it carries in.

    Parameters
    ----------
    trace : Trace
        n connections, as they were read.
    rows : ndarray of int64, shape (n,)
        Rows of each in the files. [1]
    window : tuple of int
        Start and end. [ms]

    Returns
    -------
    rows, carried : int
        Rows of connections that do not live inside the window, and of messages before or after it; connections that
        are carried in. [1]
    """
    kept = _kept(trace, window)
    of_kept = np.repeat(kept, np.diff(trace.offsets))
    away = of_kept & ((trace.message_ms < window[0]) | (trace.message_ms > window[1]))
    carried = kept & (trace.connect_ms < window[0])
    return int(rows[~kept].sum()) + int(away.sum()), int(carried.sum())


def outside_warnings(outside: int, carried: int) -> list[Warned]:
    """Say how many rows a window leaves out, and how many connections it carries in.

    Parameters
    ----------
    outside : int
        Rows that are left out. [1]
    carried : int
        Connections that are carried in. [1]
    """
    said = []
    if outside:
        said.append(Warned("rows_outside_window", f"{outside:,} rows lie outside the window and are left out"))
    if carried:
        text = f"{carried:,} connections began before the window: they enter at its start with what is left of them"
        said.append(Warned("carried_in", text))
    return said


def nothing_inside(trace: Trace) -> TraceError:
    """Return the error of a window in which no connection lives."""
    return TraceError(
        f"no connection lives inside the window; the trace runs from {trace.start_ms} to {trace.end_ms} ms"
    )


def _kept(trace: Trace, window: Window) -> NDArray[np.bool_]:
    """Whether each connection starts inside a window, or began before it and lives into it."""
    starts = (trace.connect_ms >= window[0]) & (trace.connect_ms <= window[1])
    return starts | ((trace.connect_ms < window[0]) & (trace.close_ms > window[0]))


def _cut(trace: Trace, window: Window) -> Trace:
    """Leave out messages outside a window."""
    owner = np.repeat(np.arange(trace.connections), np.diff(trace.offsets))
    kept = (trace.message_ms >= window[0]) & (trace.message_ms <= window[1])
    counts = np.bincount(owner[kept], minlength=trace.connections)
    return trace.replace(
        offsets=np.concatenate(([0], np.cumsum(counts))).astype(np.int64),
        message_ms=trace.message_ms[kept],
        message_bytes=trace.message_bytes[kept],
        message_flags=trace.message_flags[kept],
        start_ms=window[0],
        end_ms=window[1],
    )


def _left(trace: Trace, name: str, window: Window) -> Int64:
    """Return what of a total falls inside a window, where it is known; of an open connection up to the window's end."""
    total: Int64 = getattr(trace, name)
    close = np.where(trace.close_ms == FOREVER_MS, window[1], trace.close_ms)
    begun, ends = trace.connect_ms < window[0], close > window[1]
    left = total.copy()
    for i in np.flatnonzero((begun | ends) & (total != UNKNOWN)).tolist():  # in integers of any size
        connect, life = int(trace.connect_ms[i]), int(close[i] - trace.connect_ms[i])
        before = max(window[0] - connect, 0)
        until = min(int(close[i]), window[1]) - connect
        if life > 0:
            left[i] = int(total[i]) * until // life - int(total[i]) * before // life
    return left
