"""Units that are rented by the day for the most connections of that day, and the messages that go beyond them."""

from __future__ import annotations

import numpy as np

from scfcost.catalog.lifecycle import Units
from scfcost.core.units import MS_PER_DAY
from scfcost.lifecycle.intervals import levels
from scfcost.trace.model import Int64


def day_edges(start_ms: int, end_ms: int) -> Int64:
    """Cut a window at every midnight of UTC.

    Parameters
    ----------
    start_ms, end_ms : int
        The window, not empty. [ms]

    Returns
    -------
    ndarray of int64, shape (d + 1,)
        Where each of its d days begins, and where the last ends; the first and last may be parts of days. [ms]

    Examples
    --------
    >>> day_edges(86_399_000, 86_401_000).tolist()
    [86399000, 86400000, 86401000]
    """
    midnights = np.arange(start_ms // MS_PER_DAY + 1, -(-end_ms // MS_PER_DAY), dtype=np.int64) * MS_PER_DAY
    return np.concatenate(([start_ms], midnights, [end_ms])).astype(np.int64)


def units_by_day(units: Units, start_ms: Int64, end_ms: Int64, edges: Int64) -> list[int]:
    """Return how many units carry the most connections of each day, in sizes that can be rented.

    Parameters
    ----------
    units : Units
        What a unit carries, and the sizes.
    start_ms, end_ms : ndarray of int64, shape (k,)
        Lives of connections. [ms]
    edges : ndarray of int64, shape (d + 1,)
        Where the days begin, see `day_edges`. [ms]
    """
    instants, level = levels(start_ms, end_ms)
    first = np.maximum(np.searchsorted(instants, edges[:-1], "right") - 1, 0)  # the level that a day begins with
    behind = np.searchsorted(instants, edges[1:], "left")
    return [units.for_connections(int(level[low:high].max(initial=0))) for low, high in zip(first, behind, strict=True)]


def unit_ms(by_day: list[int], edges: Int64) -> int:
    """Sum units over the time of their days, as a part of a day is billed in proportion.

    Parameters
    ----------
    by_day : list of int
        Units of each of d days. [1]
    edges : ndarray of int64, shape (d + 1,)
        Where the days begin. [ms]
    """
    return sum(count * int(length) for count, length in zip(by_day, np.diff(edges), strict=True))


def counts_by_day(at_ms: Int64, counts: Int64, edges: Int64) -> list[int]:
    """Sum what happens at some instants by day.

    Parameters
    ----------
    at_ms : ndarray of int64, shape (m,)
        Instants; what lies on the end of the window belongs to its last day. [ms]
    counts : ndarray of int64, shape (m,)
        What happens at each.
    edges : ndarray of int64, shape (d + 1,)
        Where the days begin. [ms]
    """
    found = np.zeros(len(edges) - 1, np.int64)
    np.add.at(found, np.searchsorted(edges[1:-1], at_ms, "right"), counts)
    return [int(count) for count in found]


def beyond_ms(units: Units, messages: list[int], by_day: list[int], edges: Int64) -> int:
    """Sum the messages of each day beyond what its units carry, times the ms of a day so that parts of days are exact.

    Parameters
    ----------
    units : Units
        With the messages that a unit carries a day.
    messages, by_day : list of int
        Messages and units of each of d days. [1]
    edges : ndarray of int64, shape (d + 1,)
        Where the days begin. [ms]
    """
    days = zip(messages, by_day, np.diff(edges), strict=True)
    return sum(max(sent * MS_PER_DAY - held * units.messages_a_day * int(length), 0) for sent, held, length in days)
