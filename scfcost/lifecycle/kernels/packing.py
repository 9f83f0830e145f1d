# mypy: disable-error-code="no-untyped-def,no-untyped-call,untyped-decorator"
"""The compiled pass that puts invocations on instances, in the order of time.

It is one long function with its state in local variables on purpose: numba counts references to every array that it
hands to a helper, and the same rules as a `place` and a `leave` took three to five times as long.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from numpy.typing import NDArray

from scfcost.core.compiler import njit
from scfcost.core.units import FOREVER_MS, MS_PER_MINUTE
from scfcost.lifecycle.kernels.columns import (
    CHANGE_FUNCTION,
    CHANGE_MS,
    CHANGE_WANTED,
    KEEP_ALIVE_MS,
    LEAST_LOADED,
    MEMORY_MB,
    PEAK_CONNECTIONS,
    PEAK_INSTANCES,
    PEAK_MB,
    PEAK_MS,
    PLACES,
)
from scfcost.lifecycle.kernels.heaps import (
    NOTHING,
    idle_entry,
    idle_instance,
    next_running,
    pop,
    push,
    running_entry,
    stop_provisioned,
)
from scfcost.lifecycle.outcomes import BURST, QUOTA


class State(NamedTuple):
    """The instances at some instant. Heaps lie function by function, from an offset on; see `placing`."""

    running: NDArray[Any]
    """Heaps of instances that hold a connection and have a free place."""
    running_offset: NDArray[Any]
    running_size: NDArray[Any]
    idle: NDArray[Any]
    """Heaps of kept-alive instances."""
    idle_offset: NDArray[Any]
    idle_size: NDArray[Any]
    warm: NDArray[Any]
    """Heaps of idle provisioned instances."""
    warm_offset: NDArray[Any]
    warm_size: NDArray[Any]
    occupancy: NDArray[Any]
    """Connections of each instance. [1]"""
    busy_since: NDArray[Any]
    """When each busy instance took its first connection. [ms]"""
    released: NDArray[Any]
    """When each idle instance was released. [ms]"""
    function_of: NDArray[Any]
    """Function of each instance."""
    provisioned: NDArray[Any]
    """Whether each instance is one of those started in advance."""
    cold_ms: NDArray[Any]
    """Instants of the last new instances, in order. [ms]"""
    now_provisioned: NDArray[Any]
    """Provisioned instances of each function at that instant. [1]"""
    busy_ms: NDArray[Any]
    """Busy time of the instances of each function so far, those that are busy left out. Shape (functions,). [ms]"""
    cold: NDArray[Any]
    """New instances of each function so far, provisioned ones left out. Shape (functions,). [1]"""
    peaks: NDArray[Any]
    """Most connections, instances and memory [MB] at once so far, and the instant of the last [ms]. Shape (4,)."""
    counters: NDArray[Any]
    """Counts and instants, see below. Shape (9,)."""


INSTANCES, COLDS, FIRST_RECENT, CONNECTIONS, BUSY, BUSY_MB, NEXT_CHANGE, RELEASES, LAST_RELEASE = range(9)
"""Counters of a state: instances known, new ones in `cold_ms`, the first of them within a minute, connections and busy
instances [1], their memory [MB], changes of the schedule that are past, distinct instants of release, the last one."""


@njit()
def pack_invocations(
    starts, ends, function, by_end, open_rows, settings, schedule, quota_mb, burst, granularity, state, instance_of,
    cold_start, refused,
):  # fmt: skip
    """Put the invocations of a stretch of time on instances.

    Parameters
    ----------
    starts, ends : ndarray of int64, shape (k,)
        Life of each invocation, in the order of the starts. [ms]
    function : ndarray of int16, shape (k,)
        Index of the function that serves it.
    by_end : ndarray of int64, shape (k,)
        Rows in the order of the ends.
    open_rows : int
        How many of them, the first, were put on an instance in an earlier stretch and have not ended in it.
    settings : ndarray of int64, shape (functions, SETTINGS)
        A row a function, see `columns`; what placing takes of it.
    schedule : ndarray of int64, shape (changes, 3)
        Instant [ms], function, and how many instances are provisioned from then on, in the order of time.
    quota_mb, burst : int
        Memory of busy instances [MB] and new instances a minute beyond which an invocation is refused; -1 = no limit.
    granularity : int
        A busy interval is rounded up to a multiple of this. [ms]
    state : State
        The instances before the stretch, with room for what it may add; after it on return.
    instance_of : ndarray of int64, shape (k,)
        Instance of each invocation, -1 for none: read of the open rows, written here of the others.
    cold_start : ndarray of bool, shape (k,)
        Whether an invocation began on a new instance: written here.
    refused : ndarray of int16, shape (k,)
        432 or 429 where an invocation is refused, else 0: written here.

    Returns
    -------
    int
        How many rows, in the order of the ends, have ended by the last start. [1]
    """
    count = starts.size
    running, running_offset, running_size = state.running, state.running_offset, state.running_size
    idle, idle_offset, idle_size = state.idle, state.idle_offset, state.idle_size
    warm, warm_offset, warm_size = state.warm, state.warm_offset, state.warm_size
    occupancy, busy_since, released = state.occupancy, state.busy_since, state.released
    function_of, provisioned, cold_ms = state.function_of, state.provisioned, state.cold_ms
    now_provisioned, busy_ms, cold, peaks = state.now_provisioned, state.busy_ms, state.cold, state.peaks
    counters = state.counters
    instances, colds, first_recent = counters[INSTANCES], counters[COLDS], counters[FIRST_RECENT]
    connections, busy, busy_mb = counters[CONNECTIONS], counters[BUSY], counters[BUSY_MB]
    next_change, releases, last_release = counters[NEXT_CHANGE], counters[RELEASES], counters[LAST_RELEASE]
    next_end = 0
    for row in range(open_rows, count):
        now = starts[row]
        if ends[row] == now:  # it occupies no instance
            instance_of[row] = -1
            continue
        while True:
            end_ms = ends[by_end[next_end]] if next_end < count else FOREVER_MS
            change_ms = schedule[next_change, CHANGE_MS] if next_change < schedule.shape[0] else FOREVER_MS
            if min(end_ms, change_ms) > now:
                break
            if change_ms < end_ms:
                f, wanted = schedule[next_change, CHANGE_FUNCTION], schedule[next_change, CHANGE_WANTED]
                releases += change_ms > last_release
                last_release = change_ms
                next_change += 1
                if wanted < now_provisioned[f]:
                    warm_size[f] = stop_provisioned(
                        now_provisioned[f] - wanted, f, warm, warm_offset[f], warm_size[f],
                        provisioned, function_of, instances,
                    )  # fmt: skip
                for _ in range(wanted - now_provisioned[f]):
                    occupancy[instances], provisioned[instances], function_of[instances] = 0, 1, f
                    warm_size[f] = push(warm, warm_offset[f], warm_size[f], idle_entry(instances, releases))
                    instances += 1
                now_provisioned[f] = wanted
                continue
            done = by_end[next_end]
            next_end += 1
            instance = instance_of[done]
            if instance < 0 or ends[done] == starts[done]:
                continue
            f = function[done]
            connections -= 1
            occupancy[instance] -= 1
            if occupancy[instance] == 0:
                busy -= 1
                busy_mb -= settings[f, MEMORY_MB]
                busy_ms[f] += -(-(end_ms - busy_since[instance]) // granularity) * granularity
                released[instance] = end_ms
                releases += end_ms > last_release  # instances released at one instant are of one order
                last_release = end_ms
                if provisioned[instance]:
                    warm_size[f] = push(warm, warm_offset[f], warm_size[f], idle_entry(instance, releases))
                else:
                    idle_size[f] = push(idle, idle_offset[f], idle_size[f], idle_entry(instance, releases))
            elif settings[f, PLACES] > 1:
                entry = running_entry(instance, occupancy[instance], settings[f, PLACES], settings[f, LEAST_LOADED])
                running_size[f] = push(running, running_offset[f], running_size[f], entry)
        f = function[row]
        limit, memory = settings[f, PLACES], settings[f, MEMORY_MB]
        instance = -1
        if limit > 1:
            instance, running_size[f] = next_running(
                running, running_offset[f], running_size[f], occupancy, limit, settings[f, LEAST_LOADED]
            )
        if instance < 0:
            kept = NOTHING
            if idle_size[f] > 0:
                kept = idle[idle_offset[f]]
                if now - released[idle_instance(kept)] > settings[f, KEEP_ALIVE_MS]:  # released last and gone: all are
                    idle_size[f], kept = 0, NOTHING
            ready = warm[warm_offset[f]] if warm_size[f] > 0 else NOTHING
            if ready < kept:
                instance = idle_instance(ready)
                warm_size[f] = pop(warm, warm_offset[f], warm_size[f])
            elif kept < NOTHING:
                instance = idle_instance(kept)
                idle_size[f] = pop(idle, idle_offset[f], idle_size[f])
        if instance < 0:
            while first_recent < colds and cold_ms[first_recent] <= now - MS_PER_MINUTE:
                first_recent += 1
            if quota_mb >= 0 and busy_mb + memory > quota_mb:
                refused[row] = QUOTA
            elif burst >= 0 and colds - first_recent >= burst:
                refused[row] = BURST
            if refused[row] != 0:
                instance_of[row] = -1
                continue
            instance = instances
            instances += 1
            occupancy[instance], provisioned[instance], function_of[instance] = 0, 0, f
            cold_start[row] = True
            cold_ms[colds] = now
            colds += 1
            cold[f] += 1
        if occupancy[instance] == 0:
            busy_since[instance] = now
            busy += 1
            busy_mb += memory
        occupancy[instance] += 1
        instance_of[row] = instance
        connections += 1
        peaks[PEAK_CONNECTIONS] = max(peaks[PEAK_CONNECTIONS], connections)
        peaks[PEAK_INSTANCES] = max(peaks[PEAK_INSTANCES], busy)
        if busy_mb > peaks[PEAK_MB]:
            peaks[PEAK_MB], peaks[PEAK_MS] = busy_mb, now
        if limit > 1 and occupancy[instance] < limit:
            entry = running_entry(instance, occupancy[instance], limit, settings[f, LEAST_LOADED])
            running_size[f] = push(running, running_offset[f], running_size[f], entry)
    counters[INSTANCES], counters[COLDS], counters[FIRST_RECENT] = instances, colds, first_recent
    counters[CONNECTIONS], counters[BUSY], counters[BUSY_MB] = connections, busy, busy_mb
    counters[NEXT_CHANGE], counters[RELEASES], counters[LAST_RELEASE] = next_change, releases, last_release
    return next_end
