"""What the model of a function asks of the world, and what it knows of an instance."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from scfcost.emulate.model.connection import Connection
from scfcost.lifecycle.placement import Instance


class Effects(Protocol):
    """What the model asks of the world."""

    def start(self, instance: Instance) -> None:
        """Start a new instance, and tell `ready` or `failed` later."""

    def stop(self, instance: Instance) -> None:
        """End an instance that nothing needs any more."""

    def rest(self, instance: Instance) -> None:
        """Take note that an instance holds no connection now, and is kept."""

    def wake(self, instance: Instance) -> None:
        """Take note that an instance that was kept holds a connection again."""

    def opened(self, connection: Connection) -> None:
        """Take note that an invocation began."""

    def judged(self, connection: Connection) -> None:
        """Take note of a verdict: outcome and end of an invocation."""

    def closed(self, connection: Connection, at_ms: int, close_code: int, closed_by: int) -> None:
        """Take note of a connection's own end, also of one that was judged before.

        Parameters
        ----------
        connection : Connection
            The connection.
        at_ms : int
            When it ended. [ms]
        close_code : int
            RFC 6455 code; 1006 where no close frame was seen.
        closed_by : int
            BY_CLIENT or BY_SERVER.
        """

    def dropped(self, connection: Connection) -> None:
        """Cut the connection: its invocation is over by a timeout, or its instance was recycled."""

    def refused(self, connection: Connection, code: int) -> None:
        """Tell a client that waited for an instance that none comes.

        Parameters
        ----------
        connection : Connection
            The connection.
        code : int
            Status code that the client gets.
        """


@dataclass(slots=True, eq=False)
class Worker:
    """What the model knows of an instance."""

    is_ready: bool = False
    busy_since_ms: int = -1
    has_served: bool = False
    connections: dict[Connection, None] = field(default_factory=dict)
    """Those that have a place on it, in the order in which they got it."""
