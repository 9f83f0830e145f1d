# mypy: disable-error-code="no-untyped-def,no-untyped-call,untyped-decorator"
"""The compiled pass that puts invocations on instances, in the order of time.

It is one long function with its state in local variables on purpose: numba counts references to every array that it
hands to a helper, and the same rules as a `place` and a `leave` took three to five times as long.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from scfcost.lifecycle.outcomes import BURST, QUOTA
from scfcost.units import MS_PER_MINUTE

LIMIT, KEEP_ALIVE, MEMORY, LEAST_LOADED = 0, 1, 2, 3
"""Columns of the settings of a function: connections an instance holds, keep-alive [ms], memory [MB], placement."""
_INDEX_BITS = 31
_INDEX_MASK = (1 << _INDEX_BITS) - 1
"""An entry of a heap: its order above these bits, and an instance in them."""


@njit(cache=True, nogil=True)
def _push(heap, offset, size, key):
    position = size
    while position > 0:
        parent = (position - 1) // 2
        if heap[offset + parent] <= key:
            break
        heap[offset + position] = heap[offset + parent]
        position = parent
    heap[offset + position] = key
    return size + 1


@njit(cache=True, nogil=True)
def _pop(heap, offset, size):
    last = heap[offset + size - 1]
    size -= 1
    position = 0
    while 2 * position + 1 < size:
        child = 2 * position + 1
        if child + 1 < size and heap[offset + child + 1] < heap[offset + child]:
            child += 1
        if last <= heap[offset + child]:
            break
        heap[offset + position] = heap[offset + child]
        position = child
    heap[offset + position] = last
    return size


@njit(cache=True, nogil=True, inline="always")
def _entry(instance, held, limit, least_loaded):
    """Entry of a running instance with a free place: the smallest takes the next connection."""
    return (held if least_loaded else limit - held) << _INDEX_BITS | instance


@njit(cache=True, nogil=True)
def _running(heap, offset, size, occupancy, limit, least_loaded):
    """Find the running instance that takes the next connection, -1 for none; entries out of date are dropped."""
    while size > 0:
        instance = heap[offset] & _INDEX_MASK
        held = occupancy[instance]
        if 0 < held < limit and heap[offset] == _entry(instance, held, limit, least_loaded):
            return instance, size
        size = _pop(heap, offset, size)
    return -1, size


@njit(cache=True, nogil=True)
def pack_invocations(starts, ends, function, by_end, settings, quota_mb, burst, granularity, instance_of, refused):
    """Put each invocation on an instance.

    Parameters
    ----------
    starts, ends : ndarray of int64, shape (k,)
        Life of each invocation, in the order of the starts. [ms]
    function : ndarray of int16, shape (k,)
        Index of the function that serves it.
    by_end : ndarray of int64, shape (k,)
        Rows in the order of the ends.
    settings : ndarray of int64, shape (functions, 4)
        Connections an instance holds, keep-alive [ms], memory [MB] and placement (1 = least loaded).
    quota_mb, burst : int
        Memory of busy instances [MB] and new instances a minute beyond which an invocation is refused; -1 = no limit.
    granularity : int
        A busy interval is rounded up to a multiple of this. [ms]
    instance_of : ndarray of int64, shape (k,)
        Instance of each invocation, -1 for none: written here.
    refused : ndarray of int16, shape (k,)
        432 or 429 where an invocation is refused, else 0: written here.

    Returns
    -------
    busy_ms : ndarray of int64, shape (functions,)
        Busy time of the instances of each function. [ms]
    cold : ndarray of int64, shape (functions,)
        New instances of each function. [1]
    peaks : ndarray of int64, shape (4,)
        Most connections, instances and memory [MB] at once, and the instant of the last [ms].
    """
    count, functions = starts.size, settings.shape[0]
    served = np.zeros(functions + 1, np.int64)
    for row in range(count):
        served[function[row] + 1] += 1
    offset = np.cumsum(served)
    holds_several = settings[:, LIMIT].max() > 1
    running = np.empty(2 * count if holds_several else 0, np.int64)  # at most an entry a start and an end
    running_size = np.zeros(functions, np.int64)
    idle = np.empty(count, np.int64)
    idle_size = np.zeros(functions, np.int64)
    occupancy, busy_since = np.zeros(count, np.int64), np.zeros(count, np.int64)
    released, created = np.zeros(count, np.int64), np.zeros(count, np.int64)
    busy_ms, cold, peaks = np.zeros(functions, np.int64), np.zeros(functions, np.int64), np.zeros(4, np.int64)
    instances = first_recent = connections = busy = busy_mb = next_end = releases = 0
    last_release = starts[0] if count else 0  # before any end
    for row in range(count):
        now = starts[row]
        if ends[row] == now:  # it occupies no instance
            instance_of[row] = -1
            continue
        while next_end < count and ends[by_end[next_end]] <= now:
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
                busy_mb -= settings[f, MEMORY]
                busy_ms[f] += -(-(ends[done] - busy_since[instance]) // granularity) * granularity
                released[instance] = ends[done]
                releases += ends[done] > last_release  # instances released at one instant are of one order
                last_release = ends[done]
                idle_size[f] = _push(idle, offset[f], idle_size[f], -(releases << _INDEX_BITS | instance))
            elif settings[f, LIMIT] > 1:
                entry = _entry(instance, occupancy[instance], settings[f, LIMIT], settings[f, LEAST_LOADED])
                running_size[f] = _push(running, 2 * offset[f], running_size[f], entry)
        f = function[row]
        limit, memory = settings[f, LIMIT], settings[f, MEMORY]
        instance = -1
        if limit > 1:
            instance, running_size[f] = _running(
                running, 2 * offset[f], running_size[f], occupancy, limit, settings[f, LEAST_LOADED]
            )
        if instance < 0 and idle_size[f] > 0:
            top = -idle[offset[f]] & _INDEX_MASK
            if now - released[top] <= settings[f, KEEP_ALIVE]:
                instance = top
                idle_size[f] = _pop(idle, offset[f], idle_size[f])
            else:  # the one released last is gone, so all are
                idle_size[f] = 0
        if instance < 0:
            while first_recent < instances and created[first_recent] <= now - MS_PER_MINUTE:
                first_recent += 1
            if quota_mb >= 0 and busy_mb + memory > quota_mb:
                refused[row] = QUOTA
            elif burst >= 0 and instances - first_recent >= burst:
                refused[row] = BURST
            if refused[row] != 0:
                instance_of[row] = -1
                continue
            instance = instances
            created[instance] = now
            instances += 1
            cold[f] += 1
        if occupancy[instance] == 0:
            busy_since[instance] = now
            busy += 1
            busy_mb += memory
        occupancy[instance] += 1
        instance_of[row] = instance
        connections += 1
        peaks[0] = max(peaks[0], connections)
        peaks[1] = max(peaks[1], busy)
        if busy_mb > peaks[2]:
            peaks[2], peaks[3] = busy_mb, now
        if limit > 1 and occupancy[instance] < limit:
            entry = _entry(instance, occupancy[instance], limit, settings[f, LEAST_LOADED])
            running_size[f] = _push(running, 2 * offset[f], running_size[f], entry)
    while next_end < count:
        done = by_end[next_end]
        next_end += 1
        instance = instance_of[done]
        if instance < 0 or ends[done] == starts[done]:
            continue
        occupancy[instance] -= 1
        if occupancy[instance] == 0:
            busy_ms[function[done]] += -(-(ends[done] - busy_since[instance]) // granularity) * granularity
    return busy_ms, cold, peaks
