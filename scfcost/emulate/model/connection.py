"""One connection as an invocation: when it began, was active, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from scfcost.lifecycle.outcomes import CLIENT_CLOSE, EMPTY_CLOSE, EXEC_TIMEOUT, IDLE_TIMEOUT, OK, SERVER_CLOSE
from scfcost.lifecycle.placement import Instance
from scfcost.trace.model import BY_CLIENT, BY_SERVER

NORMAL, NORMAL_BY_CLIENT, NORMAL_BY_SERVER = 1000, 1010, 1011
NO_CLOSE_FRAME = 1006
"""RFC 6455: the connection went without a close frame."""
WAITING, OPEN, JUDGED, ENDED = range(4)
"""State of a connection: its instance is starting; it is an invocation; it was judged and lives on; it is over."""


@dataclass(slots=True, eq=False)
class Connection:
    """A connection that has a place on an instance."""

    instance: Instance
    arrived_ms: int
    """When it asked. [ms]"""
    exec_at_ms: int = 0
    """When it reaches the longest life. [ms]"""
    number: int = -1
    """0 for the first invocation that started, 1 for the next, …; -1 before it starts."""
    state: int = WAITING
    start_ms: int = 0
    """When its invocation began. [ms]"""
    active_ms: int = 0
    """Its last activity. [ms]"""
    end_ms: int = 0
    """When its invocation ended, once it has. [ms]"""
    outcome: int = 0
    """Status code, once it has ended; 0 before."""
    egress_bytes: int = 0
    """Bytes of data messages from the function to the client. [B]"""
    edge: Any = field(default=None, repr=False)
    """Whoever carries its bytes."""

    def deadline(self, idle_ms: int) -> tuple[int, int]:
        """Return the next deadline and the status code it gives; idle where both coincide."""
        idle_at = self.active_ms + idle_ms
        return (idle_at, IDLE_TIMEOUT) if idle_at <= self.exec_at_ms else (self.exec_at_ms, EXEC_TIMEOUT)


def natural_outcome(close_code: int, closed_by: int, *, empty_close_is_normal: bool) -> int:
    """Return the status code of a connection's own end.

    Parameters
    ----------
    close_code : int
        RFC 6455 code; 1006 where no close frame was seen.
    closed_by : int
        BY_CLIENT or BY_SERVER.
    empty_close_is_normal : bool
        Whether 1005 counts as a normal close.

    Examples
    --------
    >>> natural_outcome(1010, BY_CLIENT, empty_close_is_normal=False)
    200
    >>> natural_outcome(1006, BY_SERVER, empty_close_is_normal=False)
    439
    """
    if close_code == NORMAL or (close_code == EMPTY_CLOSE and empty_close_is_normal):
        return OK
    if (close_code, closed_by) in ((NORMAL_BY_CLIENT, BY_CLIENT), (NORMAL_BY_SERVER, BY_SERVER)):
        return OK
    return SERVER_CLOSE if closed_by == BY_SERVER else CLIENT_CLOSE
