"""What the bytes of one connection say, once they were handed on: the answer, messages, pings, close frames."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from scfcost.emulate.model.connection import NO_CLOSE_FRAME, Connection
from scfcost.emulate.model.frames import CLOSE, PING, FrameHeads
from scfcost.emulate.model.http import END_OF_HEAD, parse_head
from scfcost.emulate.tunnel.limits import Limits
from scfcost.emulate.tunnel.stream import DIRECTIONS, short_way
from scfcost.trace.model import BY_CLIENT, BY_SERVER

if TYPE_CHECKING:
    from scfcost.emulate.host import FunctionHost

GOES_ON, ENDS, TOO_MUCH = range(3)
"""What follows from a chunk: nothing; the invocation ended by itself; a limit of messages was broken."""
UP, DOWN = 0, 1
"""Directions: from the client, to the client."""
_SIDES = (BY_CLIENT, BY_SERVER)
_SWITCHING = 101


class Lookout:
    """The reader of one connection's bytes, both ways.

    Parameters
    ----------
    host : FunctionHost
        The function that the connection is to.
    connection : Connection
        Its invocation.
    identity : str
        Id of the request.
    wants_websocket : bool
        Whether the request asks for a WebSocket; without one every chunk counts as a message.
    """

    def __init__(self, host: FunctionHost, connection: Connection, identity: str, *, wants_websocket: bool) -> None:
        self.closes: list[tuple[int, int]] = []
        """Direction and code of the close frames that passed."""
        self.heads: tuple[FrameHeads, FrameHeads] | None = None
        """The frames of both directions, None as long as it is no WebSocket."""
        self._host, self._model, self._journal = host, host.model, host.recorder.journal
        self._connection, self._identity, self._wants_websocket = connection, identity, wants_websocket
        self._answer: bytes | None = b""  # None once its head is past
        self._partial = [0, 0]
        self._limits = Limits(host.manners.bounds) if host.manners.limits == "close" else None

    @property
    def is_unanswered(self) -> bool:
        """Whether nothing came back yet."""
        return self._answer == b""

    @property
    def takes_short_way(self) -> bool:
        """Whether small messages of it may pass without a closer look."""
        return self.heads is not None and self._limits is None and not self._model.rules.recycles

    def may_put_frame(self) -> bool:
        """Whether a close frame can be put before the client now without breaking another."""
        return self.heads is not None and self.heads[DOWN].is_between

    def has_closed(self, direction: int) -> bool:
        """Whether a close frame has passed in a direction: 0 from the client, 1 to it."""
        return any(side == direction for side, _ in self.closes)

    def way(
        self, direction: int, write: Callable[[bytes], None], long_way: Callable[[int, bytes], None]
    ) -> Callable[[bytes], None]:
        """Return the short way of one direction.

        Parameters
        ----------
        direction : int
            0 from the client, 1 to it.
        write : callable
            Hands a chunk on.
        long_way : callable
            Takes the direction and a chunk that needs care.
        """
        assert self.heads is not None  # noqa: S101 (of the type)
        heads = self.heads[direction]
        return short_way(
            self._model, self._connection, heads, direction, self._journal, self._identity, write, long_way
        )

    def stop(self) -> None:
        """Let nothing pass by the short way any more."""
        for heads in self.heads or ():
            heads.is_plain = False

    def look(self, at_ms: int, direction: int, data: bytes) -> int:
        """Take note of what a chunk holds, and return what follows.

        Parameters
        ----------
        at_ms : int
            When it passed. [ms]
        direction : int
            0 from the client, 1 to it.
        data : bytes
            The chunk.

        Returns
        -------
        int
            GOES_ON, ENDS or TOO_MUCH.
        """
        if self.heads is not None:
            return self._look_at_frames(self.heads[direction], at_ms, direction, data)
        if direction == DOWN and self._answer is not None:
            self._answer += data
            end = self._answer.find(END_OF_HEAD)
            if end < 0:
                return GOES_ON
            end += len(END_OF_HEAD)
            is_websocket = self._wants_websocket and parse_head(self._answer[:end]).status == _SWITCHING
            data, self._answer = self._answer[end:], None
            if is_websocket:
                self.heads = FrameHeads(), FrameHeads()
                return self._look_at_frames(self.heads[DOWN], at_ms, DOWN, data) if data else GOES_ON
        elif self._wants_websocket and self._answer is not None:
            return GOES_ON
        if data:
            self._message(at_ms, direction, len(data))
        return GOES_ON

    def _look_at_frames(self, heads: FrameHeads, at_ms: int, direction: int, data: bytes) -> int:
        for opcode, is_last, size, code in heads.feed(data):
            if opcode < CLOSE:
                size += self._partial[direction]
                self._partial[direction] = 0 if is_last else size
                if is_last:
                    self._message(at_ms, direction, size)
                    if self._limits is not None and self._limits.beyond(at_ms, size):
                        return TOO_MUCH
            elif opcode == CLOSE:
                self.closes.append((direction, code))
                if self._is_end():
                    return ENDS
            else:
                self._model.pinged(at_ms, self._connection)
                kind = "ping" if opcode == PING else "pong"
                self._journal.control(self._identity, at_ms, kind, DIRECTIONS[direction], size)
        heads.is_plain = heads.is_between and not self._partial[direction]
        return GOES_ON

    def _message(self, at_ms: int, direction: int, size: int) -> None:
        self._model.spoke(at_ms, self._connection, direction, size)
        self._journal.message(self._identity, at_ms, DIRECTIONS[direction], size)

    def _is_end(self) -> bool:
        end_at = self._host.manners.end_at
        return end_at == "first" or (end_at == "handshake" and len({side for side, _ in self.closes}) > 1)

    def how_it_closed(self, lost: int) -> tuple[int, int]:
        """Return close code and side of the first close frame, else that the side was lost.

        Parameters
        ----------
        lost : int
            Side whose TCP connection ended, or that sent the last close frame: 0 the client, 1 the server.
        """
        if self.closes:
            side, code = self.closes[0]
            return code, _SIDES[side]
        if self.heads is None and self._answer is None:
            return 1000, _SIDES[lost]  # an HTTP answer is whole when its connection closes
        return NO_CLOSE_FRAME, _SIDES[lost]
