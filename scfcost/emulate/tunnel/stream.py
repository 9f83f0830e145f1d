"""The short way of a chunk: what an emulated message costs beyond a bare tunnel.

Most chunks are one small message of a connection that nothing is due for. They are handed on first, then noted, by a
function that holds all it needs; every other chunk goes the long way.
"""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic_ns

from scfcost.emulate.clock import EPOCH_NS, NS_PER_MS
from scfcost.emulate.model.connection import ENDED, Connection
from scfcost.emulate.model.frames import WHOLE_BYTES, FrameHeads
from scfcost.emulate.model.function import FunctionModel
from scfcost.emulate.recording.journal import Journal

DIRECTIONS = ("up", "down")
"""Names of the directions, from the client and to it."""


def short_way(
    model: FunctionModel, connection: Connection, heads: FrameHeads, direction: int, journal: Journal, identity: str,
    write: Callable[[bytes], None], long_way: Callable[[int, bytes], None],
) -> Callable[[bytes], None]:  # fmt: skip
    """Return what takes the chunks of one direction of an open WebSocket.

    Parameters
    ----------
    model : FunctionModel
        The function.
    connection : Connection
        The invocation whose bytes they are.
    heads : FrameHeads
        The frames of this direction.
    direction : int
        0 from the client, 1 to it.
    journal : Journal
        Where messages are written; `identity` is the connection's name there.
    identity : str
        Id of the request.
    write : callable
        Hands a chunk on.
    long_way : callable
        Takes the direction and a chunk that is not one small message, or comes or may come too late.

    Returns
    -------
    callable
        Takes a chunk.
    """
    append, spoke, idle_ms, exec_at_ms = journal.rows.append, model.spoke, model.rules.idle_ms, connection.exec_at_ms
    begin, middle, rest = f"{identity},", f",message,{DIRECTIONS[direction]},", journal.rest

    def take(data: bytes) -> None:
        at_ms = (EPOCH_NS + monotonic_ns()) // NS_PER_MS
        if (
            not heads.is_plain
            or WHOLE_BYTES.get(data[:2]) != len(data)
            or at_ms >= connection.active_ms + idle_ms
            or not model.now_ms <= at_ms < exec_at_ms
            or connection.state == ENDED
        ):
            long_way(direction, data)
            return
        write(data)
        size = data[1] & 127
        spoke(at_ms, connection, direction, size)
        append(f"{begin}{at_ms}{middle}{size}{rest}")

    return take
