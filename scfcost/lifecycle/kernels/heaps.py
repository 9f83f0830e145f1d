# mypy: disable-error-code="no-untyped-def,no-untyped-call,untyped-decorator"
"""Compiled parts of placing a connection: heaps of instances, and which of them takes the next one.

A heap is a run of int64 inside an array, from an offset on, its smallest entry first. An entry holds an order above
`INDEX_BITS` and an instance below.
"""

from __future__ import annotations

from scfcost.core.compiler import njit

INDEX_BITS = 31
INDEX_MASK = (1 << INDEX_BITS) - 1
NOTHING = 1 << 62
"""What an empty heap is taken to hold: more than any entry."""


@njit()
def push(heap, offset, size, key):
    """Add an entry and return the new size.

    Parameters
    ----------
    heap : ndarray of int64
        The array that the heap lies in.
    offset, size : int
        Where the heap begins, and its entries. [1]
    key : int
        The new entry.
    """
    position = size
    while position > 0:
        parent = (position - 1) // 2
        if heap[offset + parent] <= key:
            break
        heap[offset + position] = heap[offset + parent]
        position = parent
    heap[offset + position] = key
    return size + 1


@njit()
def pop(heap, offset, size):
    """Take the smallest entry out and return the new size.

    Parameters
    ----------
    heap : ndarray of int64
        The array that the heap lies in.
    offset, size : int
        Where the heap begins, and its entries. [1]
    """
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


@njit(inline="always")
def running_entry(instance, held, limit, least_loaded):
    """Entry of a running instance with a free place: the smallest takes the next connection.

    Parameters
    ----------
    instance : int
        Which instance.
    held, limit : int
        Connections on it, and at most. [1]
    least_loaded : bool
        Whether the emptiest takes the next connection, or the fullest.
    """
    return (held if least_loaded else limit - held) << INDEX_BITS | instance


@njit()
def next_running(heap, offset, size, occupancy, limit, least_loaded):
    """Find the running instance that takes the next connection, -1 for none; entries out of date are dropped.

    Parameters
    ----------
    heap : ndarray of int64
        The array that the heap lies in.
    offset, size : int
        Where the heap begins, and its entries. [1]
    occupancy : ndarray of int64, shape (instances,)
        Connections on each instance. [1]
    limit : int
        Connections that an instance holds. [1]
    least_loaded : bool
        Whether the emptiest takes the next connection, or the fullest.
    """
    while size > 0:
        instance = heap[offset] & INDEX_MASK
        held = occupancy[instance]
        if 0 < held < limit and heap[offset] == running_entry(instance, held, limit, least_loaded):
            return instance, size
        size = pop(heap, offset, size)
    return -1, size


@njit(inline="always")
def idle_entry(instance, release):
    """Entry of an idle instance: the smallest was released last, the last created among equals.

    Parameters
    ----------
    instance : int
        Which instance.
    release : int
        Number of its last release, in their order.
    """
    return -(release << INDEX_BITS | instance)


@njit(inline="always")
def idle_instance(entry):
    """Instance of an entry of an idle instance."""
    return -entry & INDEX_MASK


@njit()
def stop_provisioned(count, f, warm, offset, size, provisioned, function_of, instances):
    """Stop `count` provisioned instances of a function: the longest idle first, then the last created busy ones.

    A busy one goes on as an ordinary instance. Returns the new size of the heap of idle ones. (The heap orders itself:
    numba's sort takes a second to compile.)

    Parameters
    ----------
    count : int
        Instances to stop. [1]
    f : int
        Index of the function.
    warm : ndarray of int64
        The array that the heap of idle provisioned instances lies in.
    offset, size : int
        Where that heap begins, and its entries. [1]
    provisioned, function_of : ndarray, shape (instances,)
        Whether each instance is provisioned, changed here, and its function.
    instances : int
        Instances created so far. [1]
    """
    kept = max(size - count, 0)
    for last in range(size - 1, -1, -1):  # taken one by one they come in ascending order, the longest idle ones last
        entry = warm[offset]
        pop(warm, offset, last + 1)
        warm[offset + last] = entry
    for position in range(size - kept):
        provisioned[idle_instance(warm[offset + position])] = 0
        count -= 1
    for position in range(kept):  # an ascending run is a heap, too
        warm[offset + position] = warm[offset + size - kept + position]
    for position in range(kept // 2):
        mirrored = offset + kept - 1 - position
        warm[offset + position], warm[mirrored] = warm[mirrored], warm[offset + position]
    size = kept
    for instance in range(instances - 1, -1, -1):
        if count == 0:
            break
        if provisioned[instance] and function_of[instance] == f:
            provisioned[instance] = 0
            count -= 1
    return size
