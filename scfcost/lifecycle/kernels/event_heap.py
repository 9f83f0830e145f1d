# mypy: disable-error-code="no-untyped-def,no-untyped-call,untyped-decorator"
"""Compiled heap of events, each an instant and a session, the first of them on top."""

from __future__ import annotations

from scfcost.core.compiler import njit


@njit()
def add_event(heap, size, instant, session):
    """Add an event to a heap of shape (room, 2) ordered by (instant [ms], session), and return its size.

    Parameters
    ----------
    heap : ndarray of int64, shape (room, 2)
        Instants [ms] and sessions, the first event on top.
    size : int
        Events in it. [1]
    instant : int
        When it happens. [ms]
    session : int
        Whose event it is.
    """
    position = size
    while position > 0:
        parent = (position - 1) // 2
        if not _comes_before(instant, session, heap[parent, 0], heap[parent, 1]):
            break
        heap[position, 0], heap[position, 1] = heap[parent, 0], heap[parent, 1]
        position = parent
    heap[position, 0], heap[position, 1] = instant, session
    return size + 1


@njit()
def take_event(heap, size):
    """Take the first event out of a heap and return its size.

    Parameters
    ----------
    heap : ndarray of int64, shape (room, 2)
        Instants [ms] and sessions, the first event on top.
    size : int
        Events in it. [1]
    """
    size -= 1
    instant, session = heap[size, 0], heap[size, 1]
    position = 0
    while 2 * position + 1 < size:
        child = 2 * position + 1
        other = child + 1
        if other < size and _comes_before(heap[other, 0], heap[other, 1], heap[child, 0], heap[child, 1]):
            child = other
        if not _comes_before(heap[child, 0], heap[child, 1], instant, session):
            break
        heap[position, 0], heap[position, 1] = heap[child, 0], heap[child, 1]
        position = child
    heap[position, 0], heap[position, 1] = instant, session
    return size


@njit(inline="always")
def _comes_before(instant, session, other_instant, other_session):
    return instant < other_instant or (instant == other_instant and session < other_session)
