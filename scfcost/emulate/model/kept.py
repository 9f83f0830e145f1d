"""The instances that are kept without a connection, in the order in which each became so."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from scfcost.core.units import FOREVER_MS
from scfcost.lifecycle.placement import Instance


class Kept:
    """Instances without a connection.

    Parameters
    ----------
    keep_alive_ms : int
        How long each is kept. [ms]
    """

    def __init__(self, keep_alive_ms: int) -> None:
        self._keep_alive_ms = keep_alive_ms
        self._released: deque[tuple[int, Instance]] = deque()

    def add(self, released_ms: int, instance: Instance) -> None:
        """Take in an instance.

        Parameters
        ----------
        released_ms : int
            When its last connection ended. [ms]
        instance : Instance
            The instance.
        """
        self._released.append((released_ms, instance))

    def next_ms(self) -> int:
        """Return the next instant at which one may be kept no longer, FOREVER_MS for none. [ms]"""
        return self._released[0][0] + self._keep_alive_ms + 1 if self._released else FOREVER_MS

    def expired(self, now_ms: int) -> Iterator[Instance]:
        """Yield those that were kept as long as they are, and let go of them."""
        while self.next_ms() <= now_ms:
            released_ms, instance = self._released.popleft()
            if instance.held == 0 and instance.released_ms == released_ms:
                yield instance
