"""Objects that connections are pinned to: who shares a room, and when a room is awake."""

from __future__ import annotations

import numpy as np

from scfcost.billing.replayed import Replayed, Supposed
from scfcost.config.function import FunctionConfig
from scfcost.lifecycle.intervals import time_order, union_ms
from scfcost.trace.model import UNKNOWN, Int64, Trace


def awake_ms(replayed: Replayed, supposed: Supposed) -> int:
    """Sum the time in which objects run: that of handlers where they hibernate, else of open connections. [ms]

    Parameters
    ----------
    replayed : Replayed
        The trace under the rules of the platform.
    supposed : Supposed
        Who shares a room, how long a handler runs, and whether objects sleep between events.
    """
    asked = ("awake", supposed.connections_per_room, supposed.handler_ms if supposed.hibernates else None)
    if asked not in replayed.known:
        replayed.known[asked] = _awake_ms(replayed, supposed)
    return replayed.known[asked]


def _awake_ms(replayed: Replayed, supposed: Supposed) -> int:
    rows = replayed.invocations
    room = rooms(replayed.trace, supposed.connections_per_room)[rows.session]
    if not supposed.hibernates:
        return union_ms(rows.start_ms, rows.end_ms, room)
    start, of = events(replayed, room)
    return union_ms(start, start + supposed.handler_ms, of)


def events(replayed: Replayed, owner: Int64) -> tuple[Int64, Int64]:
    """Return when objects are woken, by a connect or by a message from a client, and whose each is.

    Parameters
    ----------
    replayed : Replayed
        The trace under the rules of the platform.
    owner : ndarray of int64, shape (k,)
        What each invocation is of, such as its room.
    """
    rows = replayed.invocations
    found = replayed.up
    at = np.maximum(replayed.trace.message_ms[found.rows], rows.start_ms[found.by])  # what waited comes at the start
    by_beat, beat_at = beats(replayed)
    return np.concatenate((rows.start_ms, at, beat_at)), np.concatenate((owner, owner[found.by], owner[by_beat]))


def beats(replayed: Replayed) -> tuple[Int64, Int64]:
    """Return the invocation and the instant of each injected heartbeat. [1], [ms]"""
    rows, beats_of = replayed.invocations, replayed.up.beats_of
    by = np.repeat(np.arange(len(rows)), beats_of)
    number = np.arange(len(by)) - np.repeat(np.cumsum(beats_of) - beats_of, beats_of) + 1
    every = np.array([config.heartbeat_ms for config in configs_of(replayed)], np.int64)
    return by, rows.start_ms[by] + number * every[replayed.trace.function_code[rows.session[by]]]


def configs_of(replayed: Replayed) -> list[FunctionConfig]:
    """Return the settings of each function, in the order of the trace."""
    return [replayed.configs[name] for name in replayed.trace.functions]


def rooms(trace: Trace, connections_per_room: int | None) -> Int64:
    """Return the room of each connection: the one that it names; of the others, those that connect in turn share one.

    Parameters
    ----------
    trace : Trace
        n connections.
    connections_per_room : int, optional
        Connections of a room that none names; all of them where it is not given. [1]

    Returns
    -------
    ndarray of int64, shape (n,)
        Rooms, from 0 on.
    """
    guessed = np.zeros(trace.connections, np.int64)
    if connections_per_room is not None:
        guessed[time_order(trace.connect_ms)] = np.arange(trace.connections) // connections_per_room
    if trace.room is None:
        return guessed
    named = trace.room != UNKNOWN
    return np.where(named, trace.room, guessed + int(trace.room.max(initial=0)) + 1)
