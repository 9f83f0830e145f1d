"""What is counted of lives in the order of time, stretch by stretch: no more in memory than a stretch and what is open.

Each is the same, to the ms, as the count over all lives at once.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from scfcost.core.units import FOREVER_MS
from scfcost.lifecycle.intervals import busy_intervals, time_order
from scfcost.trace.model import Int64

_NOTHING = np.zeros(0, np.int64)


class Peaks:
    """The most lives at once in each bin of time.

    Parameters
    ----------
    edges : ndarray of int64, shape (bins + 1,)
        Where the bins begin, and where the last ends. [ms]
    """

    def __init__(self, edges: Int64) -> None:
        self._edges = edges
        self._most = np.zeros(len(edges) - 1, np.int64)
        self._open = _NOTHING
        """Ends of the lives that are open."""
        self._since = -FOREVER_MS

    def add(self, start_ms: Int64, end_ms: Int64) -> None:
        """Take the lives that start next.

        Parameters
        ----------
        start_ms, end_ms : ndarray of int64, shape (k,), k > 0
            Lives in the order of their starts, all of one instant together. [ms]
        """
        self._upto(start_ms, end_ms, int(start_ms[-1]))

    def finish(self) -> Int64:
        """Let everything end, and return the most of each bin. Shape (bins,). [1]"""
        self._upto(_NOTHING, _NOTHING, FOREVER_MS)
        return self._most

    def _upto(self, start_ms: Int64, end_ms: Int64, until_ms: int) -> None:
        ends = np.concatenate((self._open, end_ms))
        over = ends[ends <= until_ms]
        instants = np.concatenate((start_ms, over))
        order = time_order(instants)
        steps = np.concatenate((np.ones(len(start_ms), np.int64), np.full(len(over), -1, np.int64)))
        instants, level = instants[order], len(self._open) + np.cumsum(steps[order])
        last = np.append(instants[1:] != instants[:-1], True)[: len(instants)]
        instants = np.concatenate(([self._since], instants[last]))
        level = np.concatenate(([len(self._open)], level[last]))
        begin = np.maximum(np.searchsorted(instants, self._edges[:-1], "right") - 1, 0)
        behind = np.searchsorted(instants, self._edges[1:], "left")
        known = self._edges[:-1] <= until_ms  # later levels may change before they begin
        for place in np.flatnonzero(known & (begin < behind)):
            self._most[place] = max(self._most[place], int(level[begin[place] : behind[place]].max()))
        self._open, self._since = ends[ends > until_ms], until_ms


class RoomTime:
    """The time in which rooms hold anyone: unions of spans by room.

    Parameters
    ----------
    rooms : int
        How many rooms there are. [1]
    """

    def __init__(self, rooms: int) -> None:
        self._until = np.full(rooms, -FOREVER_MS, np.int64)
        self.covered_ms = 0
        """[ms]"""

    def add(self, start_ms: Int64, end_ms: Int64, room: Int64) -> None:
        """Take the spans that start next.

        Parameters
        ----------
        start_ms, end_ms : ndarray of int64, shape (k,)
            Spans, none of which starts before one of an earlier call. [ms]
        room : ndarray of int64, shape (k,)
            Room of each.
        """
        begins, ends, owner = busy_intervals(start_ms, end_ms, room)
        self.covered_ms += int(np.maximum(ends - np.maximum(begins, self._until[owner]), 0).sum())
        np.maximum.at(self._until, owner, ends)


class Span(NamedTuple):
    """Time in which instances held a connection, and what follows it. Arrays of shape (j,)."""

    start_ms: Int64
    end_ms: Int64
    function: Int64
    """Index of the function of each."""
    kept_ms: Int64
    """How long each instance was kept after it, before its next connection or its end. [ms]"""


class Spans:
    """The time in which each instance holds a connection, by instance and in the order of time.

    Parameters
    ----------
    functions : int
        How many functions there are. [1]
    kept_ms : int
        How long an instance is kept after its last connection. [ms]
    """

    def __init__(self, functions: int, kept_ms: int) -> None:
        self._functions, self._kept_ms = functions, kept_ms
        self._begins = self._ends = self._owner = _NOTHING
        """Spans that may grow, or be followed by another of the same instance within the time it is kept."""

    def add(self, start_ms: Int64, end_ms: Int64, function: Int64, instance: Int64) -> Span:
        """Take the lives that start next, and return the spans of which all is known.

        Parameters
        ----------
        start_ms, end_ms : ndarray of int64, shape (k,), k > 0
            Lives in the order of their starts, all of one instant together; those of 0 ms are left out. [ms]
        function : ndarray of int64, shape (k,)
            Index of the function of each.
        instance : ndarray of int64, shape (k,)
            Instance of each, a number over all stretches.
        """
        owner = instance * self._functions + function
        begins, ends, owner = busy_intervals(
            np.concatenate((self._begins, start_ms)), np.concatenate((self._ends, end_ms)),
            np.concatenate((self._owner, owner)),
        )  # fmt: skip
        again = np.append(owner[1:] == owner[:-1], False)[: len(owner)]
        following = np.where(again, np.append(begins[1:], 0)[: len(owner)], FOREVER_MS)
        over = again | (ends + self._kept_ms <= start_ms[-1])
        self._begins, self._ends, self._owner = begins[~over], ends[~over], owner[~over]
        return self._span(begins[over], ends[over], owner[over], following[over])

    def finish(self, end_ms: int) -> Span:
        """Let everything end, and return the spans that were left.

        Parameters
        ----------
        end_ms : int
            End of the window. [ms]
        """
        following = np.full(len(self._ends), end_ms)
        return self._span(self._begins, self._ends, self._owner, following)

    def _span(self, begins: Int64, ends: Int64, owner: Int64, following: Int64) -> Span:
        kept = np.clip(following - ends, 0, self._kept_ms)
        return Span(begins, ends, owner % self._functions, kept)


class Ranks:
    """The place of each connection among all, in the order of their connects."""

    def __init__(self) -> None:
        self._of: dict[int, Int64] = {}
        self.count = 0
        """Connections so far. [1]"""

    def add(self, file: Int64, session: Int64) -> None:
        """Take the connections that connect next.

        Parameters
        ----------
        file : ndarray of int64, shape (k,)
            File of each.
        session : ndarray of int64, shape (k,)
            Index of each in its file.
        """
        ranks = self.count + np.arange(len(session))
        for one in np.unique(file).tolist():
            own = file == one
            known = self._of.get(one, _NOTHING)
            needed = int(session[own].max()) + 1
            if needed > len(known):
                known = np.append(known, np.zeros(max(needed, 2 * len(known)) - len(known), np.int64))
            known[session[own]] = ranks[own]
            self._of[one] = known
        self.count += len(session)

    def of(self, file: Int64, session: Int64) -> Int64:
        """Return the places of some connections.

        Parameters
        ----------
        file : ndarray of int64, shape (k,)
            File of each.
        session : ndarray of int64, shape (k,)
            Index of each in its file.
        """
        found = np.empty(len(session), np.int64)
        for one in np.unique(file).tolist():
            own = file == one
            found[own] = self._of[one][session[own]]
        return found
