"""Step functions of time: the union of intervals, and how many hold each instant."""

from __future__ import annotations

import numpy as np

from scfcost.core.units import FOREVER_MS
from scfcost.lifecycle.kernels.order import DIGIT_BITS, DIGITS, sort_by_digits
from scfcost.trace.model import Int64

MANY = 100_000
"""Instants from which on a sort by digits is worth its loop, which is compiled once. [1]"""


def time_order(instants: Int64) -> Int64:
    """Return the rows in the order of time, ties by row: a stable argsort, many times as fast.

    Examples
    --------
    >>> time_order(np.array([7, 5, 7, 5])).tolist()
    [1, 3, 0, 2]
    """
    bits = len(instants).bit_length()
    keys: Int64 = instants - instants.min(initial=FOREVER_MS)
    if keys.max(initial=0) >> (63 - bits):  # too long for an instant and a row in one word
        return np.argsort(instants, kind="stable")
    keys <<= bits
    keys |= np.arange(len(instants))
    keys = _sorted(keys, bits)
    keys &= (1 << bits) - 1
    return keys


def _sorted(keys: Int64, bits: int) -> Int64:
    """Sort keys of no less than 0 that hold an instant above so many bits of a row; what is equal is alike."""
    if len(keys) < MANY:
        keys.sort()
        return keys
    digits = -(-(int(keys.max(initial=0)) >> bits).bit_length() // DIGIT_BITS)
    other = np.empty_like(keys)
    return other if sort_by_digits(keys, other, np.zeros((digits, DIGITS), np.int64), bits) else keys


def ascending(values: Int64) -> Int64:
    """Return values in ascending order.

    Examples
    --------
    >>> ascending(np.array([7, -5, 6])).tolist()
    [-5, 6, 7]
    """
    if len(values) < max(MANY, 1):
        return np.sort(values)
    least = values.min()
    found: Int64 = _sorted(values - least, 0)
    found += least
    return found


def levels(start_ms: Int64, end_ms: Int64, weight: Int64 | None = None) -> tuple[Int64, Int64]:
    """Return how many intervals [start, end) hold each instant.

    Parameters
    ----------
    start_ms, end_ms : ndarray of int64, shape (k,)
        The intervals. [ms]
    weight : ndarray of int64, shape (k,), optional
        What each interval adds, 1 where not given.

    Returns
    -------
    instants, level : ndarray of int64, shape (j,)
        The level from each instant on up to the next; the last level is 0. [ms]

    Examples
    --------
    >>> levels(np.array([0, 5, 7]), np.array([7, 9, 9]))
    (array([0, 5, 7, 9]), array([1, 2, 2, 0]))
    """
    instants = np.concatenate((start_ms, end_ms))
    order = time_order(instants)
    steps = np.ones(len(start_ms), np.int64) if weight is None else weight
    instants, level = instants[order], np.cumsum(np.concatenate((steps, -steps))[order])
    last = np.ones(len(instants), np.bool_)  # of each instant: what comes before it lasts no time
    last[:-1] = instants[1:] != instants[:-1]
    return instants[last], level[last]


def busy_intervals(start_ms: Int64, end_ms: Int64, instance: Int64) -> tuple[Int64, Int64, Int64]:
    """Return the intervals in which each instance held a connection.

    Parameters
    ----------
    start_ms, end_ms : ndarray of int64, shape (k,)
        Lives of connections; those of 0 ms occupy no instance and are left out. [ms]
    instance : ndarray of int64, shape (k,)
        Instance of each.

    Returns
    -------
    start_ms, end_ms, instance : ndarray of int64, shape (j,)
        Their unions, by instance and time; intervals that touch stay apart. [ms]

    Examples
    --------
    >>> busy_intervals(np.array([0, 3, 20]), np.array([5, 9, 30]), np.array([0, 0, 0]))
    (array([ 0, 20]), array([ 9, 30]), array([0, 0]))
    """
    lasting = end_ms > start_ms
    start_ms, end_ms, instance = start_ms[lasting], end_ms[lasting], instance[lasting]
    instants = np.concatenate((end_ms, start_ms))  # ends first: of equal instants they come before starts
    order = time_order(instants)
    owner = np.concatenate((instance, instance))
    order = order[time_order(owner[order])]
    arrives = order >= len(end_ms)
    held = np.cumsum(np.where(arrives, 1, -1))  # 0 after each instance's last end, so that the next begins afresh
    begins, finishes = arrives & (held == 1), held == 0
    return instants[order[begins]], instants[order[finishes]], owner[order[begins]]


def union_ms(start_ms: Int64, end_ms: Int64, owner: Int64) -> int:
    """Sum the time in which each owner has an interval open, overlapping ones once. [ms]

    Parameters
    ----------
    start_ms, end_ms : ndarray of int64, shape (k,)
        The intervals. [ms]
    owner : ndarray of int64, shape (k,)
        Whose each is, from 0 on.

    Examples
    --------
    >>> union_ms(np.array([0, 3, 20, 0]), np.array([5, 9, 30, 4]), np.array([0, 0, 0, 1]))
    23
    """
    if len(start_ms) == 0:
        return 0
    first = start_ms.min()
    span = int(end_ms.max() - first) + 1
    if span * (int(owner.max()) + 1) >= FOREVER_MS:  # too long to lay the owners one behind the other
        begins, ends, _ = busy_intervals(start_ms, end_ms, owner)
        return int((ends - begins).sum())
    moved = owner * span - first
    start = start_ms + moved
    order = time_order(start)
    start, end = start[order], np.maximum.accumulate((end_ms + moved)[order])
    return int(end[-1] - start[0] - np.maximum(start[1:] - end[:-1], 0).sum())


def peak_in_bins(instants: Int64, level: Int64, edges: Int64) -> Int64:
    """Return the highest level in each bin [edge, next edge); before the first instant the level is 0.

    Parameters
    ----------
    instants : ndarray of int64, shape (k,)
        When the level changes, ascending. [ms]
    level : ndarray of int64, shape (k,)
        The level from each instant on. [1]
    edges : ndarray of int64, shape (bins + 1,)
        Edges of the bins, ascending. [ms]

    Examples
    --------
    >>> peak_in_bins(np.array([0, 5, 9]), np.array([1, 3, 0]), np.array([-5, 0, 4, 8, 10, 20]))
    array([0, 1, 3, 3, 0])
    """
    padded = np.concatenate(([0], level, [0]))
    carried_in = np.searchsorted(instants, edges[:-1], side="right")
    beyond = np.searchsorted(instants, edges[1:], side="left") + 1
    highest: Int64 = np.maximum.reduceat(padded, np.column_stack((carried_in, beyond)).ravel())[::2]
    return highest


def count_in_bins(instants: Int64, edges: Int64) -> Int64:
    """Count the instants in each bin [edge, next edge).

    Parameters
    ----------
    instants : ndarray of int64, shape (k,)
        In any order. [ms]
    edges : ndarray of int64, shape (bins + 1,)
        Edges of the bins, ascending. [ms]

    Examples
    --------
    >>> count_in_bins(np.array([0, 4, 5, 9]), np.array([0, 5, 9]))
    array([2, 1])
    """
    below: Int64 = np.searchsorted(np.sort(instants), edges, side="left")
    return np.diff(below)
