"""The instance's side of a connection."""

from __future__ import annotations

import asyncio
from typing import Protocol, cast

from scfcost.emulate.tunnel.sockets import close_soon, reset

_DOWN = 1


class Front(Protocol):
    """Whoever stands before an instance."""

    front: asyncio.Transport

    def passed(self, direction: int, data: bytes) -> None:
        """Take a chunk.

        Parameters
        ----------
        direction : int
            0 from the client, 1 to it.
        data : bytes
            The chunk.
        """

    def lost(self, side: int, error: Exception | None) -> None:
        """Take note that a side is gone.

        Parameters
        ----------
        side : int
            The side that is gone: 0 the client, 1 the server.
        error : Exception or None
            Why, None for an end in order.
        """


class ServerSide(asyncio.Protocol):
    """A connection to an instance."""

    def __init__(self, client: Front) -> None:
        self._client = client

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self.transport = cast("asyncio.Transport", transport)  # that of uvloop is none by its class
        self.write = self.transport.write

    def data_received(self, data: bytes) -> None:
        """Take what the instance sends."""
        self._client.passed(_DOWN, data)

    def pause_writing(self) -> None:
        """Let the client wait while the instance does not read."""
        if not self._client.front.is_closing():
            self._client.front.pause_reading()

    def resume_writing(self) -> None:
        """Let the client go on."""
        if not self._client.front.is_closing():
            self._client.front.resume_reading()

    def pause_reading(self) -> None:
        """Let the instance wait."""
        if not self.transport.is_closing():
            self.transport.pause_reading()

    def resume_reading(self) -> None:
        """Let the instance go on."""
        if not self.transport.is_closing():
            self.transport.resume_reading()

    def connection_lost(self, error: Exception | None) -> None:
        """Take note that the instance closed the connection."""
        self._client.lost(_DOWN, error)

    def end(self, *, is_reset: bool) -> None:
        """Close the connection to the instance."""
        if is_reset:
            reset(self.transport)
        else:
            close_soon(self.transport)

    def abort(self) -> None:
        """End it at once."""
        self.transport.abort()
