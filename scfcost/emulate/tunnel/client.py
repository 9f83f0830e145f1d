"""The client's side of a connection: one TCP connection, one invocation.

Bytes pass untouched; what they are is looked at after they were handed on. The path of a message is short on purpose:
it is what an emulated connection costs beyond a bare tunnel.
"""

from __future__ import annotations

import asyncio
import struct
from typing import TYPE_CHECKING, cast

from scfcost.emulate.clock import now_ms
from scfcost.emulate.model.connection import NO_CLOSE_FRAME, Connection
from scfcost.emulate.model.frames import CLOSE, PING, FrameHeads
from scfcost.emulate.model.http import END_OF_HEAD, HEAD_LIMIT, parse_head, with_fields
from scfcost.emulate.recording.recorder import request_id
from scfcost.emulate.tunnel.clients import client_name, fingerprint
from scfcost.emulate.tunnel.limits import Limits
from scfcost.emulate.tunnel.scf_fields import scf_fields
from scfcost.emulate.tunnel.server import ServerSide
from scfcost.emulate.tunnel.sockets import close_soon, refusal, reset
from scfcost.lifecycle.outcomes import SERVER_CLOSE
from scfcost.trace.model import BY_CLIENT, BY_SERVER

if TYPE_CHECKING:
    from scfcost.emulate.host import FunctionHost

_HEAD, _WAITING, _PASSING, _OVER = range(4)
_BAD_REQUEST = 400
_UP, _DOWN = 0, 1
_DIRECTIONS = ("up", "down")
_ROWS = (",message,up,", ",message,down,")
"""Middles of the rows of messages, by direction; see `Journal.message`."""
_SIDES = (BY_CLIENT, BY_SERVER)
_SWITCHING = 101


class ClientSide(asyncio.Protocol):
    """One connection of a client to a function whose invocations are connections."""

    def __init__(self, host: FunctionHost) -> None:
        self.host, self.model = host, host.model
        self.client = self.client_name = ""
        self.connection: Connection | None = None
        self.back: ServerSide | None = None
        self._phase, self._head, self._early = _HEAD, b"", b""
        self._identity, self._wants_websocket = "", False
        self._answer: bytes | None = b""  # None once its head is past
        self._heads: tuple[FrameHeads, FrameHeads] | None = None
        self._partial = [0, 0]
        self._closes: list[tuple[int, int]] = []
        self._limits = Limits(host.manners.bounds) if host.manners.limits == "close" else None
        self._needs_care = self._limits is not None or host.model.rules.recycles
        self._connecting: asyncio.Task[None] | None = None
        self._idle_ms = host.model.rules.idle_ms
        self._rows, self._rest = host.recorder.journal.rows, host.recorder.journal.rest

    # The client's TCP connection

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self.front = cast("asyncio.Transport", transport)  # that of uvloop is none by its class

    def data_received(self, data: bytes) -> None:
        """Take what the client sends."""
        if self._phase == _PASSING:
            self.passed(_UP, data)
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

    def connection_lost(self, error: Exception | None) -> None:
        """Take note that the client is gone."""
        self.lost(_UP, error)

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
        self._connecting = asyncio.get_running_loop().create_task(self._connect(connection))

    async def _connect(self, connection: Connection) -> None:
        loop = asyncio.get_running_loop()
        back = ServerSide(self)
        try:
            await loop.create_connection(lambda: back, *self.host.address(connection))
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
        self._writes = back.write, self.front.write
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
            self.passed(_UP, early)

    def passed(self, direction: int, data: bytes) -> None:
        """Hand a chunk on, unless the connection was cut by now, and look at what it holds.

        Most chunks are one small message of a connection that nothing is due for: their way is short.
        """
        connection, heads, model = self.connection, self._heads, self.model
        if heads is None or connection is None or self._phase != _PASSING or self._needs_care:
            self._pass_with_care(direction, data)
            return
        at_ms = now_ms()
        if at_ms < model.now_ms or at_ms >= connection.active_ms + self._idle_ms or at_ms >= connection.exec_at_ms:
            self._pass_with_care(direction, data)
            return
        self._writes[direction](data)
        size = heads[direction].whole_message(data)
        if size < 0 or self._partial[direction]:
            self._look(connection, direction, at_ms, data)
            return
        model.spoke(at_ms, connection, direction, size)
        self._rows.append(f"{self._identity},{at_ms}{_ROWS[direction]}{size}{self._rest}")

    def _pass_with_care(self, direction: int, data: bytes) -> None:
        connection, back = self.connection, self.back
        if connection is None or back is None:
            return
        at_ms = self.model.passes(now_ms(), connection)
        if at_ms < 0:
            if self._phase == _OVER and self._closes:  # its own end, the last bytes of the handshake
                (self.front if direction else back).write(data)
            return
        (self.front if direction else back).write(data)
        if self._phase != _PASSING:
            return
        if self._heads is not None:
            self._look(connection, direction, at_ms, data)
        else:
            self._look_at_http(connection, direction, at_ms, data)

    def _look(self, connection: Connection, direction: int, at_ms: int, data: bytes) -> None:
        assert self._heads is not None  # noqa: S101 (of the type)
        for opcode, is_last, size, code in self._heads[direction].feed(data):
            if opcode < CLOSE:
                size += self._partial[direction]
                self._partial[direction] = 0 if is_last else size
                if is_last:
                    self.model.spoke(at_ms, connection, direction, size)
                    self.host.recorder.journal.message(self._identity, at_ms, _DIRECTIONS[direction], size)
                    if self._limits is not None and self._limits.beyond(at_ms, size):
                        self._too_much(connection)
                        return
            elif opcode == CLOSE:
                self._closes.append((direction, code))
                if self._is_end():
                    self._phase = _OVER
                    self.host.close(connection, *self._how_it_closed(direction))
                    return
            else:
                self.model.pinged(at_ms, connection)
                kind = "ping" if opcode == PING else "pong"
                self.host.recorder.journal.control(self._identity, at_ms, kind, _DIRECTIONS[direction], size)

    def _look_at_http(self, connection: Connection, direction: int, at_ms: int, data: bytes) -> None:
        """Look for the answer to the request; without a WebSocket every chunk counts as a message."""
        if direction == _DOWN and self._answer is not None:
            self._answer += data
            end = self._answer.find(END_OF_HEAD)
            if end < 0:
                return
            end += len(END_OF_HEAD)
            is_websocket = self._wants_websocket and parse_head(self._answer[:end]).status == _SWITCHING
            data, self._answer = self._answer[end:], None
            if is_websocket:
                self._heads = FrameHeads(), FrameHeads()
                if data:
                    self._look(connection, direction, at_ms, data)
                return
        elif self._wants_websocket and self._answer is not None:
            return
        if data:
            self.model.spoke(at_ms, connection, direction, len(data))
            self.host.recorder.journal.message(self._identity, at_ms, _DIRECTIONS[direction], len(data))

    # Its end

    def _is_end(self) -> bool:
        end_at = self.host.manners.end_at
        return end_at == "first" or (end_at == "handshake" and len({side for side, _ in self._closes}) > 1)

    def _how_it_closed(self, lost: int) -> tuple[int, int]:
        """Return close code and side of the first close frame, else that the side was lost."""
        if self._closes:
            side, code = self._closes[0]
            return code, _SIDES[side]
        if self._heads is None and self._answer is None:
            return 1000, _SIDES[lost]  # an HTTP answer is whole when its connection closes
        return NO_CLOSE_FRAME, _SIDES[lost]

    def lost(self, side: int, error: Exception | None) -> None:
        """Take note that a side is gone: the other one goes in the same way."""
        phase, self._phase = self._phase, _OVER
        other = self.front if side == _DOWN else self.back.transport if self.back is not None else None
        if other is not None:
            if isinstance(error, ConnectionError):
                reset(other)
            else:
                close_soon(other)
        if self.connection is not None and phase in (_WAITING, _PASSING):
            self.host.close(self.connection, *self._how_it_closed(side))

    def dropped(self, code: int) -> None:
        """Cut both sides: the invocation is over."""
        self._phase = _OVER
        how = self.host.manners.cut_close
        between = self._heads is not None and self._heads[_DOWN].is_between
        if how.isdecimal() and between and not self.front.is_closing():
            self.front.write(struct.pack("!BBH", 0x88, 2, int(how)))
        if how == "reset":
            reset(self.front)
        else:
            self._answer_a_cut(code)
            close_soon(self.front)
        if self.back is not None:
            self.back.end(is_reset=how == "reset")

    def _answer_a_cut(self, code: int) -> None:
        """Say so to a client that has no answer yet."""
        if self._answer == b"" and not self.front.is_closing():
            self.front.write(refusal(code, self._identity))

    def _too_much(self, connection: Connection) -> None:
        """Close a connection that goes beyond the limits of messages."""
        self._phase = _OVER
        if self._heads is not None and self._heads[_DOWN].is_between:
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
