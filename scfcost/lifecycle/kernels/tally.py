# mypy: disable-error-code="no-untyped-def,no-untyped-call,untyped-decorator"
"""The compiled pass that counts what invocations take of instances, and keeps nothing of each.

It places by the rule of `kernels.packing`, for one function without provisioned instances. An instance that is gone
leaves its place in the tables to the next, so that they stay as small as the most instances at once, and the heap of
those with a free place holds each of them once.
"""

from __future__ import annotations

from scfcost.core.compiler import njit
from scfcost.core.units import FOREVER_MS, MS_PER_MINUTE
from scfcost.lifecycle.kernels.columns import (
    KEEP_ALIVE_MS,
    LEAST_LOADED,
    MEMORY_MB,
    PEAK_CONNECTIONS,
    PEAK_INSTANCES,
    PEAK_MB,
    PEAK_MS,
    PLACES,
)

BUSY_MS, COLDS, COLDS_A_MINUTE, BY_QUOTA, BY_BURST = range(4, 9)
"""Counts behind the peaks: busy time [ms], new instances, the most of them in any (t - 60 s, t], and what the quota and
the burst limit refuse. [1]"""
TALLIES = 9
OCCUPANCY, BUSY_SINCE, RELEASED, NUMBER, ORDER, PLACE = range(6)
"""Columns of the table of instances: connections [1], since when each is busy [ms], when it was released [ms], its
number in the order of creation, what the heap is ordered by, and where in the heap it lies."""
INSTANCE_COLUMNS = 6
_NUMBER_BITS = 40


@njit()
def tally_lives(
    starts, ends, by_end, settings, quota_mb, burst, granularity, slot_of, heap, idle, free, cold_ms, table, found
):
    """Count what lives take of instances.

    Parameters
    ----------
    starts, ends : ndarray of int64, shape (k,)
        Life of each invocation, in the order of the starts. [ms]
    by_end : ndarray of int32, shape (k,)
        Rows in the order of the ends.
    settings : ndarray of int64, shape (SETTINGS,)
        The function, see `columns`; what placing takes of it.
    quota_mb, burst : int
        Memory of busy instances [MB] and new instances a minute beyond which an invocation is refused; -1 = no limit.
    granularity : int
        A busy interval is rounded up to a multiple of this. [ms]
    slot_of : ndarray of int32, shape (k,)
        Room for the instance of each invocation.
    heap, idle, free : ndarray of int32, shape (k,)
        Room for instances with a free place, for idle ones, and for places in the table that are free again.
    cold_ms : ndarray of int64, shape (k,)
        Room for the instants of new instances. [ms]
    table : ndarray of int64, shape (INSTANCE_COLUMNS, k)
        Room for the instances.
    found : ndarray of int64, shape (TALLIES,)
        The counts: written here.
    """
    occupancy, busy_since, released = table[OCCUPANCY], table[BUSY_SINCE], table[RELEASED]
    number, order, place = table[NUMBER], table[ORDER], table[PLACE]
    limit, memory, least_loaded = settings[PLACES], settings[MEMORY_MB], settings[LEAST_LOADED]
    count = starts.size
    next_end = size = idles = freed = slots = 0
    connections = busy = colds = first_recent = created = 0
    for row in range(count + 1):
        now = starts[row] if row < count else FOREVER_MS
        if row < count and ends[row] == now:  # it occupies no instance
            slot_of[row] = -1
            continue
        while next_end < count and ends[by_end[next_end]] <= now:
            done = by_end[next_end]
            next_end += 1
            slot = slot_of[done] if done < row else -1
            if slot < 0:
                continue
            connections -= 1
            occupancy[slot] -= 1
            held = occupancy[slot]
            if held > 0:
                order[slot] = (held if least_loaded else limit - held) << _NUMBER_BITS | number[slot]
                if held == limit - 1:  # it was full
                    place[slot] = size
                    heap[size] = slot
                    size += 1
                    _rise(heap, place, order, size - 1)
                elif least_loaded:
                    _rise(heap, place, order, place[slot])
                else:
                    _sink(heap, place, order, place[slot], size)
                continue
            end = ends[done]
            busy -= 1
            found[BUSY_MS] += -(-(end - busy_since[slot]) // granularity) * granularity
            released[slot] = end
            if limit > 1:
                size -= 1
                gap = place[slot]
                if gap < size:
                    heap[gap] = heap[size]
                    place[heap[gap]] = gap
                    _rise(heap, place, order, gap)
                    _sink(heap, place, order, gap, size)
            position = idles
            if limit > 1:  # of those released at one instant the last created comes first; alone, all are alike
                while (
                    position > 0 and released[idle[position - 1]] == end and number[idle[position - 1]] > number[slot]
                ):
                    idle[position] = idle[position - 1]
                    position -= 1
            idle[position] = slot
            idles += 1
        if row == count:
            break
        slot = -1
        if size > 0:
            slot = heap[0]
        elif idles > 0:
            if now - released[idle[idles - 1]] > settings[KEEP_ALIVE_MS]:  # released last and gone: all are
                for position in range(idles):
                    free[freed] = idle[position]
                    freed += 1
                idles = 0
            else:
                idles -= 1
                slot = idle[idles]
        if slot < 0:
            while first_recent < colds and cold_ms[first_recent] <= now - MS_PER_MINUTE:
                first_recent += 1
            if quota_mb >= 0 and (busy + 1) * memory > quota_mb:
                found[BY_QUOTA] += 1
                slot_of[row] = -1
                continue
            if burst >= 0 and colds - first_recent >= burst:
                found[BY_BURST] += 1
                slot_of[row] = -1
                continue
            if freed > 0:
                freed -= 1
                slot = free[freed]
            else:
                slot = slots
                slots += 1
            occupancy[slot], number[slot] = 0, created
            created += 1
            cold_ms[colds] = now
            colds += 1
            found[COLDS_A_MINUTE] = max(found[COLDS_A_MINUTE], colds - first_recent)
        held = occupancy[slot] + 1
        occupancy[slot] = held
        order[slot] = (held if least_loaded else limit - held) << _NUMBER_BITS | number[slot]
        if held == 1:
            busy_since[slot] = now
            busy += 1
            if limit > 1:
                place[slot] = size
                heap[size] = slot
                size += 1
                _rise(heap, place, order, size - 1)
        elif held == limit:  # it lies on top
            size -= 1
            heap[0] = heap[size]
            place[heap[0]] = 0
            _sink(heap, place, order, 0, size)
        else:
            _sink(heap, place, order, 0, size)
        slot_of[row] = slot
        connections += 1
        found[PEAK_CONNECTIONS] = max(found[PEAK_CONNECTIONS], connections)
        found[PEAK_INSTANCES] = max(found[PEAK_INSTANCES], busy)
        if busy * memory > found[PEAK_MB]:
            found[PEAK_MB], found[PEAK_MS] = busy * memory, now
    found[COLDS] = colds


@njit(inline="always")
def _rise(heap, place, order, position):
    moving = heap[position]
    while position > 0:
        parent = (position - 1) // 2
        if order[heap[parent]] <= order[moving]:
            break
        heap[position] = heap[parent]
        place[heap[position]] = position
        position = parent
    heap[position] = moving
    place[moving] = position


@njit(inline="always")
def _sink(heap, place, order, position, size):
    moving = heap[position]
    child = 2 * position + 1
    while child < size:
        if child + 1 < size and order[heap[child + 1]] < order[heap[child]]:
            child += 1
        if order[moving] <= order[heap[child]]:
            break
        heap[position] = heap[child]
        place[heap[position]] = position
        position, child = child, 2 * child + 1
    heap[position] = moving
    place[moving] = position
