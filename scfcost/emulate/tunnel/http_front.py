"""The client's side of a function whose invocations are HTTP requests: one TCP connection, one request at a time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

from scfcost.emulate.clock import now_ms
from scfcost.emulate.model.connection import NO_CLOSE_FRAME, NORMAL, Connection
from scfcost.emulate.model.http import END_OF_HEAD, HEAD_LIMIT, Body, Head, parse_head, with_fields
from scfcost.emulate.recording.recorder import request_id
from scfcost.emulate.tunnel.clients import client_name, fingerprint
from scfcost.emulate.tunnel.scf_fields import scf_fields
from scfcost.emulate.tunnel.server import ServerSide
from scfcost.emulate.tunnel.sockets import close_soon, refusal, reset
from scfcost.lifecycle.outcomes import SERVER_CLOSE
from scfcost.trace.model import BY_CLIENT, BY_SERVER

if TYPE_CHECKING:
    from scfcost.emulate.host import FunctionHost

_BAD_REQUEST = 400
_UP, _DOWN = 0, 1


class HttpSide(asyncio.Protocol):
    """One connection of a client to a web-http function."""

    def __init__(self, host: FunctionHost) -> None:
        self.host = host
        self._waiting = b""
        self._exchange: Exchange | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self.front = cast("asyncio.Transport", transport)  # that of uvloop is none by its class

    def data_received(self, data: bytes) -> None:
        """Take a part of a request, or of the next one."""
        self._waiting += data
        self.go_on()

    def go_on(self) -> None:
        """Hand on what is there: the rest of a request, then the head of the next."""
        if self._exchange is not None:
            self._waiting = self._exchange.take(self._waiting)
            return
        end = self._waiting.find(END_OF_HEAD)
        if end < 0:
            if len(self._waiting) > HEAD_LIMIT:
                self.front.write(refusal(_BAD_REQUEST, ""))
                close_soon(self.front)
            return
        end += len(END_OF_HEAD)
        raw, self._waiting = self._waiting[:end], self._waiting[end:]
        self._exchange = Exchange(self, raw)
        self._exchange.begin()
        if self._exchange is not None:
            self._waiting = self._exchange.take(self._waiting)

    def answered(self, *, goes_on: bool) -> None:
        """Take note that a request has its answer."""
        self._exchange = None
        if not goes_on:
            close_soon(self.front)
        elif self._waiting:
            asyncio.get_running_loop().call_soon(self.go_on)

    def pause_writing(self) -> None:
        """Let the instance wait while the client does not read."""
        if self._exchange is not None and self._exchange.back is not None:
            self._exchange.back.pause_reading()

    def resume_writing(self) -> None:
        """Let the instance go on."""
        if self._exchange is not None and self._exchange.back is not None:
            self._exchange.back.resume_reading()

    def connection_lost(self, error: Exception | None) -> None:
        """Take note that the client is gone."""
        if self._exchange is not None:
            self._exchange.lost(_UP, error)


class Exchange:
    """One request and its answer: one invocation."""

    def __init__(self, side: HttpSide, raw: bytes) -> None:
        self.host, self.front, self._side, self._raw = side.host, side.front, side, raw
        self.head: Head = parse_head(raw)
        self.client_name = client_name(self.head, side.host.manners.client)
        self.client = fingerprint(self.head, self.client_name)
        self.connection: Connection | None = None
        self.back: ServerSide | None = None
        self._request = Body(self.head, is_answer=False)
        self._answer_head = b""
        self._body: Body | None = None
        self._early, self._identity, self._is_over = b"", "", False
        self._keeps = (self.head.get("connection") or "").lower() != "close" and "HTTP/1.1" in self.head.first
        self._connecting: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Ask for an instance."""
        found = self.host.arrive(self)
        if isinstance(found, int):
            self.refuse(found)
        elif not self._is_over:
            self.connection = found

    def refuse(self, code: int) -> None:
        """Answer that the request is not let in."""
        self._is_over = True
        self.front.write(refusal(code, self.host.recorder.refused(now_ms(), code, code)))
        self._side.answered(goes_on=False)

    def opened(self, connection: Connection) -> None:
        """Take note that the invocation began, and reach for the instance."""
        self.connection, self._identity = connection, request_id(connection.number)
        self._connecting = asyncio.get_running_loop().create_task(self._connect(connection))

    async def _connect(self, connection: Connection) -> None:
        back = ServerSide(self)
        try:
            address = self.host.instances.address(connection)
            await asyncio.get_running_loop().create_connection(lambda: back, *address)
        except (OSError, KeyError):
            self._fail(SERVER_CLOSE)
            return
        if self._is_over:
            back.abort()
            return
        self.back = back
        added = {**scf_fields(self.host, self._identity), "Connection": "close"}
        back.write(with_fields(self._raw, added, ("connection", "keep-alive")) + self._early)
        self._early = b""

    def take(self, data: bytes) -> bytes:
        """Take what belongs to the request, and return the rest."""
        used = self._request.feed(data)
        if self.back is None:
            self._early += data[:used]
        elif used:
            self.back.write(data[:used])
        return data[used:]

    def passed(self, direction: int, data: bytes) -> None:
        """Hand a part of the answer on, unless the invocation was cut by now.

        Parameters
        ----------
        direction : int
            0 from the client, 1 to it.
        data : bytes
            The chunk.
        """
        del direction
        connection = self.connection
        at_ms = -1 if self._is_over or connection is None else self.host.model.passes(now_ms(), connection)
        if at_ms < 0 or connection is None:
            return
        if self._body is None:
            data = self._read_answer_head(data)
        if self._body is None or self._is_over:
            return
        used = self._body.feed(data)
        if used:
            self.front.write(data[:used])
            self.host.model.spoke(at_ms, connection, 1, used)
            self.host.recorder.journal.message(self._identity, at_ms, "down", used)
        if self._body.is_done:
            self._done()

    def _read_answer_head(self, data: bytes) -> bytes:
        """Hand the head of the answer on once it is whole, and return what follows it."""
        self._answer_head += data
        end = self._answer_head.find(END_OF_HEAD)
        if end < 0:
            return b""
        end += len(END_OF_HEAD)
        raw, rest = self._answer_head[:end], self._answer_head[end:]
        head = parse_head(raw)
        if 100 <= head.status < 200:  # such as 100 Continue: the answer follows
            self.front.write(raw)
            self._answer_head = b""
            return self._read_answer_head(rest)
        self._body = Body(head, is_answer=True, without=self.head.first.startswith("HEAD "))
        self._keeps = self._keeps and not self._body.until_close
        how = "keep-alive" if self._keeps else "close"
        added = {"X-Scf-Request-Id": self._identity, "Connection": how}
        self.front.write(with_fields(raw, added, ("connection", "keep-alive")))
        if self._body.is_done:
            self._done()
        return rest

    def _done(self) -> None:
        """End the invocation: its answer is whole."""
        self._is_over = True
        if self.back is not None:
            self.back.end(is_reset=False)
        self._record(NORMAL, BY_SERVER)
        self._side.answered(goes_on=self._keeps)

    def _record(self, close_code: int, closed_by: int) -> None:
        if self.connection is not None:
            self.host.close(self.connection, close_code, closed_by)

    def lost(self, side: int, error: Exception | None) -> None:
        """Take note that a side is gone.

        Parameters
        ----------
        side : int
            The side that is gone: 0 the client, 1 the server.
        error : Exception or None
            Why, None for an end in order.
        """
        if self._is_over:
            return
        if side == _DOWN and self._body is not None and self._body.until_close and error is None:
            self._done()
        elif side == _DOWN:
            self._fail(SERVER_CLOSE)
        else:
            self._is_over = True
            if self.back is not None:
                self.back.end(is_reset=error is not None)
            self._record(NO_CLOSE_FRAME, BY_CLIENT)

    def _fail(self, code: int) -> None:
        """Tell the client that the process gave no whole answer."""
        if self._is_over:
            return
        self._is_over = True
        self._record(NO_CLOSE_FRAME, BY_SERVER)
        self._tell(code)

    def dropped(self, code: int) -> None:
        """Cut it: the invocation took too long."""
        self._is_over = True
        if self.back is not None:
            self.back.end(is_reset=False)
        self._tell(code)

    def _tell(self, code: int) -> None:
        """Answer with a status of the platform, or break off an answer that has begun."""
        if self._body is None and not self.front.is_closing():
            self.front.write(refusal(code, self._identity))
            self._side.answered(goes_on=False)
        else:
            reset(self.front)
