"""Joins the reconnections of one client into the session that they were.

A client that the old server cut, or that lost its network, comes back; for a platform with longer timeouts both
connections are one. A connection continues the one of its client that ended last within so many seconds before it; a
close with 1000 or 1001 was meant, so what follows it is a new session. Connections that overlap stay apart.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from scfcost.core.units import ms_to_seconds
from scfcost.core.warning import Warned
from scfcost.trace.model import DIRECTION_MASK, UNKNOWN, Int64, Trace
from scfcost.trace.reading.draft import Draft

MEANT = (1000, 1001)
"""Close codes of a client that is done, or leaves the page."""


def stitch(draft: Draft, client: Int64, within_ms: int) -> Draft:
    """Join the connections of each client into sessions.

    A session starts as its first connection and ends as its last; messages and bytes are those of all, and the time
    between two connections is a silence of the session.

    Parameters
    ----------
    draft : Draft
        n connections.
    client : ndarray of int64, shape (n,)
        Number of the client of each, UNKNOWN where it is not known; those stay as they are.
    within_ms : int
        How long a client may be away. [ms]
    """
    trace = draft.trace
    first, last = chains(trace, client, within_ms)
    roots = np.flatnonzero(first == np.arange(trace.connections))
    session = np.searchsorted(roots, first)
    ends = last[roots]
    columns = {name: getattr(trace, name)[ends] for name in _OF_THE_END if getattr(trace, name) is not None}
    totals = {
        name: _summed(column, session, len(roots))
        for name in ("total_messages", "total_bytes_out", "total_bytes_in")
        if (column := getattr(trace, name)) is not None
    }
    rows = _summed(draft.rows_of_connection, session, len(roots))
    joined = trace.replace(
        connection_id=trace.connection_id[roots],
        connect_ms=trace.connect_ms[roots],
        function_code=trace.function_code[roots],
        room=None if trace.room is None else trace.room[roots],
        **columns,
        **totals,
        **_messages(trace, session, len(roots)),
        max_idle_ms=_longest_silence(trace, session, len(roots)),
    )
    warnings = (*draft.warnings, *_warnings(client, len(roots), within_ms))
    return replace(draft, trace=joined, warnings=warnings, rows_of_connection=rows)


def _warnings(client: Int64, sessions: int, within_ms: int) -> Iterator[Warned]:
    named = client[client != UNKNOWN]
    text = f"connections stitched into sessions: {len(client):,} into {sessions:,} (clients: {len(np.unique(named)):,}"
    yield Warned("stitched", f"{text}; back within {ms_to_seconds(within_ms):g} s)")
    if len(named) < len(client):
        text = f"connections that name no client and stay as they are: {len(client) - len(named):,}"
        yield Warned("no_client", text)


_OF_THE_END = ("close_ms", "close_code", "closed_by", "client_lost_ms", "last_activity_ms", "source_cut")
"""Columns that a session has of its last connection."""


def chains(trace: Trace, client: Int64, within_ms: int) -> tuple[Int64, Int64]:
    """Find which connections are one session.

    Parameters
    ----------
    trace : Trace
        The trace.
    client : ndarray of int64, shape (n,)
        Who each connection is of; negative where that is not known.
    within_ms : int
        Longest time between two connections of one session. [ms]

    Returns
    -------
    first, last : ndarray of int64, shape (n,)
        Of each connection, the first of its session; of each first one, the last.
    """
    n = trace.connections
    first, last = np.arange(n), np.arange(n)
    comes_back = ~trace.still_open() & ~np.isin(trace.close_code, MEANT)
    order = np.lexsort((np.arange(n), trace.connect_ms, trace.function_code, client))
    starts, ends = trace.connect_ms.tolist(), trace.close_ms.tolist()
    owners = list(zip(client.tolist(), trace.function_code.tolist(), strict=True))
    owner, away = None, list[tuple[int, int]]()
    for row in order[client[order] != UNKNOWN].tolist():
        if owners[row] != owner:
            owner, away = owners[row], []
        place = bisect_right(away, (starts[row], n)) - 1
        if place >= 0 and away[place][0] >= starts[row] - within_ms:
            first[row] = first[away.pop(place)[1]]
        elif place >= 0:
            del away[: place + 1]  # too long ago, and so for all that start later
        last[first[row]] = row
        if comes_back[row]:
            insort(away, (ends[row], row))
    return first, last


def _summed(column: Int64, session: NDArray[np.int64], count: int) -> Int64:
    """Add up the column over each session, UNKNOWN where it is so for one of its connections."""
    total = np.zeros(count, np.int64)
    np.add.at(total, session, column)
    unknown = np.zeros(count, np.bool_)
    unknown[session[column == UNKNOWN]] = True
    return np.where(unknown, UNKNOWN, total)


def _messages(trace: Trace, session: NDArray[np.int64], count: int) -> dict[str, Int64]:
    """Return the messages of each session, in the order of a trace."""
    owner = np.repeat(session, np.diff(trace.offsets))
    order = np.lexsort((trace.message_flags & DIRECTION_MASK, trace.message_ms, owner))
    offsets = np.concatenate(([0], np.cumsum(np.bincount(owner, minlength=count)))).astype(np.int64)
    names = ("message_ms", "message_bytes", "message_flags")
    return {"offsets": offsets, **{name: getattr(trace, name)[order] for name in names}}


def _longest_silence(trace: Trace, session: NDArray[np.int64], count: int) -> Int64 | None:
    """Return the longest silence of each session, those between connections too, where each connection's is known."""
    if trace.max_idle_ms is None:
        return None
    longest = np.zeros(count, np.int64)
    np.maximum.at(longest, session, trace.max_idle_ms)
    order = np.lexsort((trace.connect_ms, session))
    before, after = order[:-1], order[1:]
    same = session[before] == session[after]
    np.maximum.at(longest, session[after][same], (trace.connect_ms[after] - trace.close_ms[before])[same])
    unknown = np.zeros(count, np.bool_)
    unknown[session[trace.max_idle_ms == UNKNOWN]] = True
    return np.where(unknown, UNKNOWN, longest)
