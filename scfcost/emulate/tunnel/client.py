"""The client's side of a connection: one TCP connection, one invocation.

Bytes pass untouched; what they are is looked at after they were handed on.
"""

from __future__ import annotations

import asyncio
import struct
from typing import TYPE_CHECKING, cast

from scfcost.emulate.clock import now_ms
from scfcost.emulate.model.connection import NO_CLOSE_FRAME, Connection
from scfcost.emulate.model.http import END_OF_HEAD, HEAD_LIMIT, parse_head, with_fields
from scfcost.emulate.recording.recorder import request_id
from scfcost.emulate.tunnel.clients import client_name, fingerprint
from scfcost.emulate.tunnel.lookout import DOWN, ENDS, TOO_MUCH, UP, Lookout
from scfcost.emulate.tunnel.scf_fields import scf_fields
from scfcost.emulate.tunnel.server import ServerSide
from scfcost.emulate.tunnel.sockets import close_soon, refusal, reset
from scfcost.lifecycle.outcomes import SERVER_CLOSE
from scfcost.trace.model import BY_CLIENT, BY_SERVER

if TYPE_CHECKING:
    from scfcost.emulate.host import FunctionHost

_HEAD, _WAITING, _PASSING, _OVER = range(4)
_BAD_REQUEST = 400


class ClientSide(asyncio.Protocol):
    """One connection of a client to a function whose invocations are connections."""

    def __init__(self, host: FunctionHost) -> None:
        self.host, self.model = host, host.model
        self.client = self.client_name = ""
        self.connection: Connection | None = None
        self.back: ServerSide | None = None
        self._phase, self._head, self._early = _HEAD, b"", b""
        self._identity, self._wants_websocket = "", False
        self._seen: Lookout | None = None
        self._connecting: asyncio.Task[None] | None = None

    # The client's TCP connection

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self.front = cast("asyncio.Transport", transport)  # that of uvloop is none by its class

    def data_received(self, data: bytes) -> None:
        """Take what the client sends."""
        if self._phase == _PASSING:
            self.passed(UP, data)
        elif self._phase == _HEAD:
            self._read_head(data)
        elif self._phase == _WAITING:
            self._early += data
        elif self.back is not None and not self.back.transport.is_closing():
            self.back.write(data)

    def pause_writing(self) -> None:
        """Let the instance wait while the client does not read."""
        if self.back is not None:
            self.back.pause_reading()

    def resume_writing(self) -> None:
        """Let the instance go on."""
        if self.back is not None:
            self.back.resume_reading()

    def eof_received(self) -> bool:
        """Go on towards a client that has closed its half after a close frame: it waits for the answer."""
        waits = self._phase == _PASSING and self._seen is not None and self._seen.has_closed(UP)
        if waits and self.back is not None and self.back.transport.can_write_eof():
            self.back.transport.write_eof()
        return waits

    def connection_lost(self, error: Exception | None) -> None:
        """Take note that the client is gone."""
        self.lost(UP, error)

    # Its request

    def _read_head(self, data: bytes) -> None:
        self._head += data
        end = self._head.find(END_OF_HEAD)
        if end < 0:
            if len(self._head) > HEAD_LIMIT:
                self.refuse(_BAD_REQUEST)
            return
        end += len(END_OF_HEAD)
        self._head, self._early = self._head[:end], self._head[end:]
        head = parse_head(self._head)
        self.client_name = client_name(head, self.host.manners.client)
        self.client = fingerprint(head, self.client_name)
        self._wants_websocket = head.wants_websocket
        if not self._wants_websocket:
            _warn_of_http(self.host, head.target)
        self._phase = _WAITING
        self.front.pause_reading()
        found = self.host.arrive(self)
        if isinstance(found, int):
            self.refuse(found)
        else:
            self.connection = found

    def refuse(self, code: int) -> None:
        """Answer that the request is not let in."""
        self._phase = _OVER
        identity = self.host.recorder.refused(now_ms(), code, code)
        self.front.write(refusal(code, identity))
        close_soon(self.front)

    # Its invocation

    def opened(self, connection: Connection) -> None:
        """Take note that the invocation began, and reach for the instance."""
        self.connection, self._identity = connection, request_id(connection.number)
        self._seen = Lookout(self.host, connection, self._identity, wants_websocket=self._wants_websocket)
        self._connecting = asyncio.get_running_loop().create_task(self._connect(connection))

    async def _connect(self, connection: Connection) -> None:
        loop = asyncio.get_running_loop()
        back = ServerSide(self)
        try:
            await loop.create_connection(lambda: back, *self.host.instances.address(connection))
        except (OSError, KeyError):
            if self._phase == _WAITING:
                self._phase = _OVER
                self.host.close(connection, NO_CLOSE_FRAME, BY_SERVER)
                self.front.write(refusal(SERVER_CLOSE, self._identity))
                close_soon(self.front)
            return
        if self._phase != _WAITING:
            back.abort()
            return
        self.back, self._phase = back, _PASSING
        self._send_head()
        self.front.resume_reading()

    def _send_head(self) -> None:
        added = scf_fields(self.host, self._identity)
        dropped = () if self._wants_websocket else ("connection",)
        if dropped:
            added["Connection"] = "close"
        early, self._early = self._early, b""
        if self.back is not None:
            self.back.write(with_fields(self._head, added, dropped))
        if early:
            self.passed(UP, early)

    def passed(self, direction: int, data: bytes) -> None:
        """Hand a chunk on, unless the connection was cut by now, and look at what it holds.

        Parameters
        ----------
        direction : int
            0 from the client, 1 to it.
        data : bytes
            The chunk.
        """
        connection, back, seen = self.connection, self.back, self._seen
        if connection is None or back is None or seen is None:
            return
        at_ms = self.model.passes(now_ms(), connection)
        write = self.front.write if direction else back.write
        if at_ms < 0:
            if self._phase == _OVER and seen.closes:  # its own end, the last bytes of the handshake
                write(data)
            return
        write(data)
        if self._phase != _PASSING:
            return
        was_open = seen.heads is not None
        follows = seen.look(at_ms, direction, data)
        if follows == ENDS:
            self._over()
            self.host.close(connection, *seen.how_it_closed(direction))
        elif follows == TOO_MUCH:
            self._too_much(connection)
        elif seen.heads is not None and not was_open and seen.takes_short_way:
            self._take_short_way(seen, back)

    def _take_short_way(self, seen: Lookout, back: ServerSide) -> None:
        """Let what is read go by the short way from now on."""
        up, down = seen.way(UP, back.write, self.passed), seen.way(DOWN, self.front.write, self.passed)
        for protocol, transport, way in ((self, self.front, up), (back, back.transport, down)):
            setattr(protocol, "data_received", way)  # noqa: B010 (a method, of this one alone)
            transport.set_protocol(protocol)  # event loops keep the method itself

    # Its end

    def _over(self) -> None:
        self._phase = _OVER
        if self._seen is not None:
            self._seen.stop()

    def lost(self, side: int, error: Exception | None) -> None:
        """Take note that a side is gone: the other one goes in the same way.

        Parameters
        ----------
        side : int
            The side that is gone: 0 the client, 1 the server.
        error : Exception or None
            Why, None for an end in order.
        """
        phase = self._phase
        self._over()
        other = self.front if side == DOWN else self.back.transport if self.back is not None else None
        if other is not None:
            if isinstance(error, ConnectionError):
                reset(other)
            else:
                close_soon(other)
        if self.connection is not None and phase in (_WAITING, _PASSING):
            how = (
                (NO_CLOSE_FRAME, (BY_CLIENT, BY_SERVER)[side]) if self._seen is None else self._seen.how_it_closed(side)
            )
            self.host.close(self.connection, *how)

    def dropped(self, code: int) -> None:
        """Cut both sides: the invocation is over."""
        self._over()
        how = self.host.manners.cut_close
        if how.isdecimal() and self._may_put_frame():
            self.front.write(struct.pack("!BBH", 0x88, 2, int(how)))
        if how == "reset":
            reset(self.front)
        else:
            self._answer_a_cut(code)
            close_soon(self.front)
        if self.back is not None:
            self.back.end(is_reset=how == "reset")

    def _may_put_frame(self) -> bool:
        return self._seen is not None and self._seen.may_put_frame() and not self.front.is_closing()

    def _answer_a_cut(self, code: int) -> None:
        """Say so to a client that has no answer yet."""
        if (self._seen is None or self._seen.is_unanswered) and not self.front.is_closing():
            self.front.write(refusal(code, self._identity))

    def _too_much(self, connection: Connection) -> None:
        """Close a connection that goes beyond the limits of messages."""
        self._over()
        if self._may_put_frame():
            self.front.write(struct.pack("!BBH", 0x88, 2, 1009))
        close_soon(self.front)
        if self.back is not None:
            self.back.end(is_reset=False)
        self.host.close(connection, 1009, BY_SERVER)


def _warn_of_http(host: FunctionHost, target: str) -> None:
    """Say what a plain HTTP request to a WebSocket function means."""
    if "transport=polling" in target and host.model.rules.function.max_concurrency == 1:
        text = (
            "a client polls over HTTP before it asks for a WebSocket (socket.io does): with one connection an instance "
            'its requests never meet on one instance; connect with transports: ["websocket"]'
        )
        host.warn("polling", text)
    host.warn(
        "plain_http", f"a plain HTTP request ({target.partition('?')[0]}) is passed on; is it a WebSocket function?"
    )
