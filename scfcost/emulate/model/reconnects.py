"""How clients came back after they were cut, as measured, and the flags that say the same to other commands."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

FORGET_MS = 600_000
"""A client that has not come back after so long does not. [ms]"""
_MOST = 100_000


@dataclass(frozen=True, slots=True)
class Measured:
    """What clients did after cuts."""

    cuts: int
    returned: int
    median_ms: int | None
    """How long they were away, None where none came back. [ms]"""
    p90_ms: int | None

    @property
    def policy(self) -> str | None:
        """The reconnect policy that says it best; None where too little was seen."""
        if self.cuts == 0:
            return None
        if 2 * self.returned < self.cuts or self.median_ms is None or self.p90_ms is None:
            return "none"
        return "immediate" if self.p90_ms <= 3 * self.median_ms + 2_000 else "on-demand"

    @property
    def flags(self) -> str:
        """Flags to paste, empty where too little was seen."""
        if self.policy is None:
            return ""
        if self.policy == "immediate" and self.median_ms is not None:
            return f"--reconnect immediate --reconnect-delay {self.median_ms / 1000:g}"
        return f"--reconnect {self.policy}"


class Reconnects:
    """Pairs each cut with the next arrival of the same client."""

    def __init__(self) -> None:
        self.cuts = 0
        self._away: dict[str, deque[int]] = {}
        self._delays_ms: list[int] = []

    def cut(self, client: str, at_ms: int) -> None:
        """Take note of a cut.

        Parameters
        ----------
        client : str
            What tells the client apart.
        at_ms : int
            When. [ms since the epoch]
        """
        self.cuts += 1
        if len(self._away) < _MOST:
            self._away.setdefault(client, deque()).append(at_ms)

    def came(self, client: str, at_ms: int) -> None:
        """Take note of an arrival.

        Parameters
        ----------
        client : str
            What tells the client apart.
        at_ms : int
            When. [ms since the epoch]
        """
        away = self._away.get(client)
        while away and away[0] < at_ms - FORGET_MS:
            away.popleft()
        if away and len(self._delays_ms) < _MOST:
            self._delays_ms.append(at_ms - away.popleft())
        if away is not None and not away:
            del self._away[client]

    def measured(self) -> Measured:
        """Return what was seen so far."""
        delays = sorted(self._delays_ms)
        if not delays:
            return Measured(self.cuts, 0, None, None)
        return Measured(self.cuts, len(delays), delays[len(delays) // 2], delays[int(0.9 * (len(delays) - 1))])
