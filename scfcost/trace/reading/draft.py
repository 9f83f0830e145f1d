"""From grouped columns to a finished trace: its window, its provenance and what the user should know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scfcost.core.errors import TraceError
from scfcost.core.units import FOREVER_MS, MS_PER_DAY
from scfcost.core.warning import Warned
from scfcost.trace.model import (
    CONTROL,
    DIRECTION_MASK,
    DOWN,
    UNDIRECTED,
    UNKNOWN,
    Int64,
    Provenance,
    Trace,
    never,
)
from scfcost.trace.reading.group import Grouped
from scfcost.trace.reading.inside import counts_outside, inside_window, nothing_inside, outside_warnings
from scfcost.trace.reading.layout import Layout
from scfcost.trace.reading.rules import DEFAULT_FUNCTION
from scfcost.trace.window import Asked, resolved

_RELATIVE_BEFORE_MS = 365 * MS_PER_DAY
"""Instants before 1971 are more likely counted from the start of a recording than real. [ms]"""


@dataclass(frozen=True, slots=True)
class Draft:
    """A trace that still lacks its window and provenance."""

    trace: Trace
    rows_of_connection: Int64
    """Rows of the files that each connection is made of. Shape (n,). [1]"""
    rows: int
    """Rows read, bad ones included. [1]"""
    rejected: int = 0
    """Bad rows left out. [1]"""
    warnings: tuple[Warned, ...] = ()


def draft_of_events(grouped: Grouped, layout: Layout) -> Draft:
    """Turn grouped events into a draft.

    Parameters
    ----------
    grouped : Grouped
        Events in the order of connections and time.
    layout : Layout
        How ids, instants and functions are written.
    """
    n = len(grouped.connect_ms)
    if n == 0:
        raise TraceError("no usable rows are left")
    code, functions = _used_functions(grouped.function_code, layout)
    known_code = grouped.closing >> 2
    trace = Trace(
        connection_id=grouped.connection_id,
        connect_ms=grouped.connect_ms,
        close_ms=grouped.close_ms,
        close_code=known_code.astype(np.int16),
        closed_by=(grouped.closing & 3).astype(np.int8),
        offsets=np.concatenate(([0], np.cumsum(grouped.message_count))).astype(np.int64),
        message_ms=grouped.message_ms,
        message_bytes=grouped.message_bytes,
        message_flags=grouped.message_flags,
        start_ms=int(grouped.connect_ms.min()),
        end_ms=grouped.last_ms,
        client_lost_ms=grouped.client_lost_ms,
        function_code=code,
        functions=functions,
        has_messages=len(grouped.message_ms) > 0,
    )
    rows = grouped.has_connect + grouped.message_count + (~trace.still_open() & (grouped.close_ms < FOREVER_MS))
    rows += grouped.client_lost_ms < FOREVER_MS
    return Draft(
        trace, rows.astype(np.int64), grouped.rows, warnings=tuple(headless_warnings(int((~grouped.has_connect).sum())))
    )


def draft_of_connections(columns: dict[str, NDArray[Any]], layout: Layout) -> Draft:
    """Turn the columns of a connections file into a draft.

    Parameters
    ----------
    columns : dict
        The columns, by name, each of shape (n,).
    layout : Layout
        How ids, instants and functions are written.
    """
    n = len(columns["id"])
    if n == 0:
        raise TraceError("no usable rows are left")
    code, functions = _used_functions(columns["function"], layout)
    seen = [columns["connect"], columns["last_activity"]]
    seen += [columns[name][columns[name] < never(1)[0]] for name in ("close", "client_lost")]
    nothing = np.zeros(0, dtype=np.int64)
    trace = Trace(
        connection_id=columns["id"],
        connect_ms=columns["connect"],
        close_ms=columns["close"],
        close_code=columns["close_code"].astype(np.int16),
        closed_by=columns["closed_by"].astype(np.int8),
        offsets=np.zeros(n + 1, dtype=np.int64),
        message_ms=nothing,
        message_bytes=nothing,
        message_flags=nothing.astype(np.uint8),
        start_ms=int(columns["connect"].min()),
        end_ms=int(np.concatenate(seen).max()),
        client_lost_ms=columns["client_lost"],
        function_code=code,
        functions=functions,
        has_messages=False,
        total_messages=columns["messages"],
        total_bytes_out=columns["bytes_out"],
        total_bytes_in=columns["bytes_in"],
        last_activity_ms=columns["last_activity"],
        max_idle_ms=columns["max_idle"],
    )
    return Draft(trace, np.ones(n, dtype=np.int64), layout.rows)


def finish(draft: Draft, provenance: Provenance, asked: Asked | None, carried: tuple[int, int] | None = None) -> Trace:
    """Give a draft its window and its provenance.

    Without a window that was asked for it is the one that the files carry, as long as no row lies outside. What lies
    outside the window is left out and counted; a connection that began before it enters at its start, and one that
    closes after its end is still open there.

    Parameters
    ----------
    draft : Draft
        The connections that were read.
    provenance : Provenance
        What files they come from, and what is to be said of them.
    asked : Asked or None
        The window that the user asks for.
    carried : tuple of int, optional
        Start and end of the window that the files carry. [epoch ms]

    Raises
    ------
    TraceError
        If no connection lives inside the window.
    """
    trace, outside, entered = draft.trace, 0, 0
    if asked is not None:
        window = resolved(asked, trace.start_ms)
        outside, entered = counts_outside(trace, draft.rows_of_connection, window)
        trace = inside_window(trace, window)
        if trace.connections == 0 or window[0] > draft.trace.end_ms:  # of what is still open no more is known
            raise nothing_inside(draft.trace)
    elif carried is not None:
        trace = trace.replace(start_ms=min(carried[0], trace.start_ms), end_ms=max(carried[1], trace.end_ms))
    warnings = [*provenance.warnings, *_trace_warnings(trace)]
    warnings += outside_warnings(outside, entered)
    used = provenance.rows_read - provenance.rows_rejected - outside
    return trace.replace(provenance=replace(provenance, rows_used=used, rows_outside=outside, warnings=tuple(warnings)))


def _used_functions(code: NDArray[Any], layout: Layout) -> tuple[NDArray[np.int16], tuple[str, ...]]:
    """Give each function that serves a connection a number, from 0 on, leaving out names that none uses."""
    names = layout.named_functions()
    if DEFAULT_FUNCTION in layout.functions:  # a named `default` and an unnamed function are the same
        code = np.where(code == names.index(DEFAULT_FUNCTION, 1), 0, code)
    used, compact = np.unique(code, return_inverse=True)
    return compact.astype(np.int16), tuple(names[int(index)] for index in used)


def headless_warnings(headless: int) -> list[Warned]:
    """Say how many connections have no connect row."""
    if not headless:
        return []
    return [Warned("no_connect_rows", f"{headless} connections have no connect row; they start at their first row")]


def message_counts(trace: Trace) -> dict[str, int]:
    """Count the pushes, those whose bytes are not known, and the messages without direction. [1]"""
    data = trace.message_flags & CONTROL == 0
    direction = trace.message_flags & DIRECTION_MASK
    pushes = data & (direction == DOWN)
    return {
        "pushes": int(pushes.sum()),
        "unsized": int((pushes & (trace.message_bytes == UNKNOWN)).sum()),
        "undirected": int((data & (direction == UNDIRECTED)).sum()),
    }


def message_warnings(counts: Mapping[str, int]) -> list[Warned]:
    """Say which bytes and directions are not known, from counts as `message_counts` gives them."""
    found = []
    if unsized := counts["unsized"]:
        text = f"{unsized} of {counts['pushes']} messages to clients have no bytes: the traffic is not fully known"
        found.append(Warned("bytes_unknown", text))
    if undirected := counts["undirected"]:
        text = f"{undirected} messages have no direction: they count as activity, their bytes in no traffic"
        found.append(Warned("direction_unknown", text))
    return found


def time_warnings(end_ms: int) -> list[Warned]:
    """Say where instants look relative."""
    if abs(end_ms) >= _RELATIVE_BEFORE_MS:
        return []
    text = "all instants lie in 1970: they look relative, so clock hours mean little"
    return [Warned("relative_times", text)]


def untold_bytes(trace: Trace) -> int:
    """Count the connections of a trace without message rows whose bytes to the client are not known. [1]"""
    if trace.has_messages:
        return 0
    if trace.total_bytes_out is None:
        return trace.connections
    return int((trace.total_bytes_out == UNKNOWN).sum())


def untold_warnings(untold: int, connections: int) -> list[Warned]:
    """Say of how many connections the bytes are not known, from a count as `untold_bytes` gives it.

    Parameters
    ----------
    untold : int
        Connections whose bytes are not known. [1]
    connections : int
        All connections. [1]
    """
    if not untold:
        return []
    text = "the trace does not tell the bytes sent: the traffic is unknown"
    if untold < connections:
        text = f"{untold} of {connections} connections have no bytes_out: the traffic is not fully known"
    return [Warned("bytes_unknown", text)]


def _trace_warnings(trace: Trace) -> list[Warned]:
    found = message_warnings(message_counts(trace)) + untold_warnings(untold_bytes(trace), trace.connections)
    return found + time_warnings(trace.end_ms)
