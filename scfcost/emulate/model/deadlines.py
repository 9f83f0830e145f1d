"""Connections by the next deadline of each, told in the order in which they are due."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heappop, heappush, heapreplace

from scfcost.core.units import FOREVER_MS
from scfcost.emulate.model.connection import OPEN, Connection


class Deadlines:
    """The deadlines of one function.

    A connection that was active since is put back when its turn comes, so that a message costs nothing here.

    Parameters
    ----------
    idle_ms : int
        Longest silence. [ms]
    """

    def __init__(self, idle_ms: int) -> None:
        self._idle_ms = idle_ms
        self._due: list[tuple[int, int, Connection]] = []

    def add(self, connection: Connection) -> None:
        """Take in a connection that begins."""
        heappush(self._due, (connection.deadline(self._idle_ms)[0], connection.number, connection))

    def next_ms(self) -> int:
        """Return the instant of the next one, or an earlier one, FOREVER_MS for none. [ms]"""
        return self._due[0][0] if self._due else FOREVER_MS

    def reached(self, now_ms: int) -> Iterator[tuple[Connection, int, int]]:
        """Yield each connection whose deadline has come, when that was [ms] and with which status code.

        What follows from one is done before the next is looked at.
        """
        while self.next_ms() <= now_ms:
            at_ms, number, connection = self._due[0]
            due_ms, code = connection.deadline(self._idle_ms)
            if connection.state == OPEN and due_ms > at_ms:  # it was active since
                heapreplace(self._due, (due_ms, number, connection))
                continue
            heappop(self._due)
            if connection.state == OPEN:
                yield connection, at_ms, code
