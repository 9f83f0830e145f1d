# mypy: disable-error-code="no-untyped-def,no-untyped-call,untyped-decorator"
"""How many connections find every place taken: the loss of a system without a queue, one connection an instance."""

from __future__ import annotations

import numpy as np

from scfcost.core.compiler import njit
from scfcost.lifecycle.intervals import time_order
from scfcost.trace.model import Int64


def count_lost(start_ms: Int64, end_ms: Int64, instances: int) -> int:
    """Count the connections that are refused where so many instances hold one connection each.

    It is what `pack` counts under a quota of so many instances and nothing else, without saying which.

    Parameters
    ----------
    start_ms, end_ms : ndarray of int64, shape (k,)
        Life of each connection, in any order. [ms]
    instances : int
        Places. [1]

    Returns
    -------
    int
        Connections that are refused.

    Examples
    --------
    >>> count_lost(np.array([0, 1, 5]), np.array([5, 9, 9]), 1)
    1
    """
    if instances <= 0:
        return int((end_ms > start_ms).sum())
    if (np.diff(start_ms) < 0).any():
        order = time_order(start_ms)
        start_ms, end_ms = start_ms[order], end_ms[order]
    return int(lost_in_order(start_ms, end_ms, np.empty(min(instances, len(start_ms)) + 1, np.int64)))


@njit()
def lost_in_order(starts, ends, heap):
    """Count the connections, in the order of their starts, that find no place free.

    Parameters
    ----------
    starts, ends : ndarray of int64, shape (k,)
        Life of each connection, starts ascending. [ms]
    heap : ndarray of int64, shape (places + 1,)
        Room for the ends of the connections that hold a place, the first of them on top. [ms]
    """
    size, lost, places = 0, 0, heap.size - 1
    for row in range(starts.size):
        now, end = starts[row], ends[row]
        if end == now:
            continue
        while size > 1 and heap[0] <= now and heap[1] <= now:
            size = _drop_first(heap, size)
        if size > 0 and heap[0] <= now:  # it takes the place that is free: one walk through the heap
            _sift(heap, size, end)
        elif size < places:
            size = _append(heap, size, end)
        else:
            lost += 1
    return lost


@njit(inline="always")
def _sift(heap, size, value):
    position = 0
    child = 1
    while child < size:
        if child + 1 < size and heap[child + 1] < heap[child]:
            child += 1
        if value <= heap[child]:
            break
        heap[position] = heap[child]
        position, child = child, 2 * child + 1
    heap[position] = value


@njit()
def _drop_first(heap, size):
    size -= 1
    _sift(heap, size, heap[size])
    return size


@njit(inline="always")
def _append(heap, size, value):
    position = size
    while position > 0:
        parent = (position - 1) // 2
        if heap[parent] <= value:
            break
        heap[position] = heap[parent]
        position = parent
    heap[position] = value
    return size + 1
