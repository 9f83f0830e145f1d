"""Invocations onto instances, one stretch of time after the other, so that few of them are in memory at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from scfcost.config.function import FunctionConfig
from scfcost.core.units import FOREVER_MS
from scfcost.lifecycle.intervals import time_order
from scfcost.lifecycle.kernels.columns import KEEP_ALIVE_MS, LEAST_LOADED, MEMORY_MB, PLACES, SETTINGS
from scfcost.lifecycle.kernels.heaps import INDEX_BITS, INDEX_MASK, running_entry
from scfcost.lifecycle.kernels.packing import COLDS, FIRST_RECENT, INSTANCES, LAST_RELEASE, State, pack_invocations
from scfcost.lifecycle.provisioning import changes
from scfcost.trace.model import Int64, Trace


class Held(NamedTuple):
    """Lives on instances, as far as they lie in a stretch of time. Arrays of shape (k,)."""

    start_ms: Int64
    end_ms: Int64
    function: NDArray[np.int16]
    instance: Int64
    """Instance of each, a number within the stretch."""


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """Where the invocations of a stretch went. Arrays of shape (k,), a row an invocation."""

    instance: Int64
    """Instance of each; -1 for one of 0 ms or refused. The numbers of one stretch mean nothing in another."""
    cold_start: NDArray[np.bool_]
    """Whether each began on a new instance."""
    refused: NDArray[np.int16]
    """432 or 429 where an invocation was refused, else 0."""
    number: Int64
    """The instance of each in the order of creation, over all stretches; -1 for none."""
    lives: Held
    """These and those that were still open, whole."""
    begin_ms: int
    """Last start of the stretch before. [ms]"""
    until_ms: int
    """Last start of this stretch. [ms]"""

    def held(self) -> Held:
        """Return what instances held from the last start before this stretch to its own last start."""
        return _within(self.lives, self.begin_ms, self.until_ms)


class Placement:
    """Instances of some functions, and what they hold so far.

    Parameters
    ----------
    trace : Trace
        Names the functions, and has the window in which they are provisioned.
    configs : mapping of str to FunctionConfig
        The settings of each function.
    granularity_ms : int
        A busy interval is rounded up to a multiple of this. [ms]
    quota_mb, burst_per_minute : int, optional
        Limits beyond which an invocation is refused and goes away; without them none is. [MB], [1/min]
    time_zone : str
        Zone whose clock a schedule of provisioned instances follows.
    """

    def __init__(
        self,
        trace: Trace,
        configs: Mapping[str, FunctionConfig],
        *,
        granularity_ms: int = 1,
        quota_mb: int | None = None,
        burst_per_minute: int | None = None,
        time_zone: str = "UTC",
    ) -> None:
        self._settings = np.array([placement_settings(configs[name]) for name in trace.functions], dtype=np.int64)
        self._schedule = changes(trace, configs, time_zone)
        self._limits = tuple(-1 if limit is None else limit for limit in (quota_mb, burst_per_minute))
        self._granularity = granularity_ms
        self._state = _nothing(self._settings, self._schedule)
        no_rows = np.zeros(0, np.int64)
        self._open = Held(no_rows, no_rows, no_rows.astype(np.int16), no_rows)
        """Lives that have not ended by the last start; their starts as they were."""
        self._numbers = no_rows
        """Number in the order of creation of each instance that is known."""
        self._created = 0
        self._last_ms = -FOREVER_MS

    def load(self) -> dict[str, Any]:
        """Return the fields of an `instances.Load`; its busy time is complete after `finish`."""
        return load_fields(self._state.busy_ms, self._state.cold, self._state.peaks)

    def place(self, start_ms: Int64, end_ms: Int64, function: NDArray[np.int16]) -> Placed:
        """Put the next invocations on instances.

        Parameters
        ----------
        start_ms, end_ms : ndarray of int64, shape (k,)
            Their lives, in the order of the starts; none starts before one of an earlier stretch. [ms]
        function : ndarray of int16, shape (k,)
            Index of the function that serves each.
        """
        before = len(self._open.start_ms)
        starts, ends, served = start_ms, end_ms, function
        if before:
            starts = np.concatenate((self._open.start_ms, start_ms))
            ends = np.concatenate((self._open.end_ms, end_ms))
            served = np.concatenate((self._open.function, function))
        instance = np.concatenate((self._open.instance, np.empty(len(start_ms), np.int64)))
        cold_start, refused = np.zeros(len(starts), np.bool_), np.zeros(len(starts), np.int16)
        by_end = time_order(ends)
        self._state = _with_room(self._state, self._settings, np.bincount(served, minlength=len(self._settings)))
        ended = pack_invocations(
            starts, ends, served, by_end, before, self._settings, self._schedule, *self._limits, self._granularity,
            self._state, instance, cold_start, refused,
        )  # fmt: skip
        until = int(starts[-1]) if len(start_ms) else self._last_ms
        begin, self._last_ms = self._last_ms, until
        rows = np.sort(by_end[ended:])
        rows = rows[(instance[rows] >= 0) & (ends[rows] > starts[rows])]
        known = int(self._state.counters[INSTANCES])
        created = known - len(self._numbers)
        self._numbers = np.concatenate((self._numbers, np.arange(self._created, self._created + created)))
        self._created += created
        own = instance[before:]
        number = np.full(len(own), -1, np.int64)
        number[own >= 0] = self._numbers[own[own >= 0]]
        self._state, numbers = _compact(self._state, self._settings)
        self._numbers = self._numbers[numbers >= 0]
        self._open = Held(starts[rows], ends[rows], served[rows], numbers[instance[rows]])
        lives = Held(starts, ends, served, instance)
        return Placed(own, cold_start[before:], refused[before:], number, lives, begin, until)

    def finish(self) -> Held:
        """Let what is still held end, and return it from the last start on."""
        state, held = self._state, self._open
        last_end = np.full(len(state.occupancy), -FOREVER_MS)
        np.maximum.at(last_end, held.instance, held.end_ms)
        busy = np.flatnonzero(last_end > -FOREVER_MS)
        spans = -(-(last_end - state.busy_since)[busy] // self._granularity) * self._granularity
        np.add.at(state.busy_ms, state.function_of[busy], spans)
        no_rows = np.zeros(0, np.int64)
        self._open = Held(no_rows, no_rows, no_rows.astype(np.int16), no_rows)
        return _within(held, self._last_ms, FOREVER_MS)


def load_fields(busy_ms: Int64, cold_starts: Int64, peaks: Int64) -> dict[str, Any]:
    """Name what kernels return of a load.

    Parameters
    ----------
    busy_ms : ndarray of int64, shape (functions,)
        Busy time of the instances of each function. [ms]
    cold_starts : ndarray of int64, shape (functions,)
        New instances of each function. [1]
    peaks : ndarray of int64, shape (4,)
        The peaks of a `State`: connections [1], instances [1], memory [MB], and the instant of the last [ms].
    """
    names = ("peak_connections", "peak_instances", "peak_memory_mb", "peak_ms")
    return {"busy_ms": busy_ms, "cold_starts": cold_starts, **dict(zip(names, peaks.tolist(), strict=True))}


def placement_settings(config: FunctionConfig) -> list[int]:
    """Return the settings that placing a connection takes, in the columns that `kernels.columns` names."""
    row = dict.fromkeys(range(SETTINGS), 0)
    row[PLACES] = config.max_concurrency
    row[KEEP_ALIVE_MS] = config.keep_alive_ms
    row[MEMORY_MB] = config.memory_mb
    row[LEAST_LOADED] = int(config.placement == "least-loaded")
    return list(row.values())


def _within(lives: Held, begin_ms: int, until_ms: int) -> Held:
    """Return what of some lives on instances lies in a stretch of time."""
    start, end = np.maximum(lives.start_ms, begin_ms), np.minimum(lives.end_ms, until_ms)
    rows = (lives.instance >= 0) & (end > start)
    return Held(start[rows], end[rows], lives.function[rows], lives.instance[rows])


def _nothing(settings: Int64, schedule: Int64) -> State:
    """Return the state before any instance, with room for every provisioned one."""
    functions = len(settings)
    started, now = np.zeros(functions, np.int64), np.zeros(functions, np.int64)
    for _, f, wanted in schedule:
        started[f] += max(wanted - now[f], 0)
        now[f] = wanted
    none = np.zeros(functions, np.int64)
    no_rows = np.zeros(0, np.int64)
    counters = np.zeros(9, np.int64)
    counters[LAST_RELEASE] = -FOREVER_MS
    return State(
        running=no_rows, running_offset=none, running_size=none.copy(),
        idle=no_rows, idle_offset=none, idle_size=none.copy(),
        warm=np.empty(started.sum(), np.int64), warm_offset=np.cumsum(started) - started, warm_size=none.copy(),
        occupancy=no_rows, busy_since=no_rows, released=no_rows, function_of=no_rows.astype(np.int16),
        provisioned=no_rows.astype(np.uint8), cold_ms=no_rows,
        now_provisioned=none.copy(), busy_ms=none.copy(), cold=none.copy(), peaks=np.zeros(4, np.int64),
        counters=counters,
    )  # fmt: skip


def _with_room(state: State, settings: Int64, rows: Int64) -> State:
    """Give a state room for a stretch with so many rows of each function, open ones included.

    What is not filled is not touched: pages that nothing touches cost nothing.
    """
    holds_several = settings[:, PLACES].max() > 1
    known, more = int(state.counters[INSTANCES]), int(rows.sum()) + len(state.warm)
    running, running_offset = _heaps(
        state.running,
        state.running_offset,
        state.running_size,
        2 * rows * holds_several,  # an entry a start and an end
    )
    idle, idle_offset = _heaps(state.idle, state.idle_offset, state.idle_size, rows)
    first, colds = int(state.counters[FIRST_RECENT]), int(state.counters[COLDS])
    counters = state.counters
    counters[FIRST_RECENT], counters[COLDS] = 0, colds - first
    return state._replace(
        running=running, running_offset=running_offset, idle=idle, idle_offset=idle_offset,
        occupancy=_longer(state.occupancy[:known], more), busy_since=_longer(state.busy_since[:known], more),
        released=_longer(state.released[:known], more), function_of=_longer(state.function_of[:known], more),
        provisioned=_longer(state.provisioned[:known], more), cold_ms=_longer(state.cold_ms[first:colds], more),
    )  # fmt: skip


def _longer(column: NDArray[Any], more: int) -> NDArray[Any]:
    longer = np.empty(len(column) + more, column.dtype)
    longer[: len(column)] = column
    return longer


def _heaps(heaps: Int64, offset: Int64, size: Int64, more: Int64) -> tuple[Int64, Int64]:
    """Return heaps with room for more entries, and their offsets."""
    room = size + more
    begin = np.cumsum(room) - room
    longer = np.empty(int(room.sum()), np.int64)
    for old, new, filled in zip(offset, begin, size, strict=True):
        longer[new : new + filled] = heaps[old : old + filled]
    return longer, begin


def _compact(state: State, settings: Int64) -> tuple[State, Int64]:
    """Give the instances that are left new numbers, in their order, and drop entries that are out of date.

    Returns
    -------
    state : State
        The same with other numbers.
    numbers : ndarray of int64, shape (instances,)
        New number of each instance, -1 where it is gone.
    """
    known = int(state.counters[INSTANCES])
    is_left = state.occupancy[:known] > 0
    idle = [_entries(state.idle, state.idle_offset, state.idle_size, f) for f in range(len(settings))]
    warm = [_entries(state.warm, state.warm_offset, state.warm_size, f) for f in range(len(settings))]
    for entries in (*idle, *warm):
        is_left[-entries & INDEX_MASK] = True
    numbers = np.where(is_left, np.cumsum(is_left) - 1, -1)
    for entries in (*idle, *warm):
        entries[:] = -((-entries >> INDEX_BITS << INDEX_BITS) | numbers[-entries & INDEX_MASK])
    for f in range(len(settings)):
        _renumber_running(state, settings, f, numbers)
    left = np.flatnonzero(is_left)
    state.counters[INSTANCES] = len(left)
    return state._replace(
        occupancy=state.occupancy[left], busy_since=state.busy_since[left], released=state.released[left],
        function_of=state.function_of[left], provisioned=state.provisioned[left],
    ), numbers  # fmt: skip


def _entries(heaps: Int64, offset: Int64, size: Int64, f: int) -> Int64:
    return heaps[offset[f] : offset[f] + size[f]]


def _renumber_running(state: State, settings: Int64, f: int, numbers: Int64) -> None:
    entries = _entries(state.running, state.running_offset, state.running_size, f)
    instance = entries & INDEX_MASK
    held, limit = state.occupancy[instance], settings[f, PLACES]
    current = entries == running_entry.function(instance, held, limit, settings[f, LEAST_LOADED])
    valid = np.sort(entries[current & (held > 0) & (held < limit)])  # sorted is a heap, too
    valid = valid[np.diff(valid, prepend=-1) > 0]
    state.running_size[f] = len(valid)
    entries[: len(valid)] = (valid >> INDEX_BITS << INDEX_BITS) | numbers[valid & INDEX_MASK]
