"""A trace in memory: connections as they would live without the platform's timeouts.

Connections are columns of length n, in the order of their id; messages are columns of length m in compressed-row
form: those of connection i stand at `offsets[i]:offsets[i + 1]`, in time order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scfcost.core.units import FOREVER_MS, MS_PER_HOUR
from scfcost.core.warning import Warned

Int64 = NDArray[np.int64]

UNKNOWN = -1
"""A close code, a number of bytes or of messages that the source does not tell."""

BY_UNKNOWN, BY_CLIENT, BY_SERVER = 0, 1, 2
"""Who closed a connection, as held in `Trace.closed_by`."""

NOT_CUT, CUT_IDLE, CUT_LIFE = 0, 1, 2
"""Which timeout of the server that a trace comes from closed a connection, as held in `Trace.source_cut`."""

UP, UNDIRECTED, DOWN = 0, 1, 2
"""Direction of a message: the two low bits of `Trace.message_flags`. Also the order at one instant."""
DIRECTION_MASK = 3
CONNECTION_COLUMNS = (
    "connection_id", "connect_ms", "close_ms", "close_code", "closed_by", "client_lost_ms", "function_code",
    "total_messages", "total_bytes_out", "total_bytes_in", "last_activity_ms", "max_idle_ms", "active_until_ms",
    "source_cut", "room",
)  # fmt: skip
"""Fields of a trace that hold a value a connection."""
_MESSAGE_COLUMNS = ("message_ms", "message_bytes", "message_flags")
CONTROL = 4
"""Set in `Trace.message_flags` for a ping or pong row, which is no data message."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a trace came from, and what became of each row. rows_read = rows_used + rows_rejected + rows_outside."""

    sources: tuple[str, ...] = ()
    rows_read: int = 0
    rows_used: int = 0
    rows_rejected: int = 0
    rows_outside: int = 0
    """Rows left out by `--window`."""
    rejects_path: str | None = None
    warnings: tuple[Warned, ...] = ()
    censored: int = 0
    """Connections that the old server's own timeouts closed. [1]"""
    source_idle_ms: int | None = None
    """Idle timeout of the old server, where it is known. [ms]"""
    source_life_ms: int | None = None
    """Longest life on the old server, where it is known. [ms]"""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Trace:
    """Connections and their messages. All times are Unix epoch ms, UTC.

    A trace read from a connections file has no message rows; what is known of each connection's traffic stands in
    `total_messages`, `total_bytes_out`, `last_activity_ms` and `max_idle_ms`, each UNKNOWN where the file is silent.
    """

    connection_id: NDArray[Any]
    """Ids, int64 or str (dtype object), strictly ascending. Shape (n,)."""
    connect_ms: Int64
    """Connect instants, shape (n,). [ms]"""
    close_ms: Int64
    """Natural closes, FOREVER_MS where the connection is still open when the trace ends. Shape (n,). [ms]"""
    close_code: NDArray[np.int16]
    """RFC 6455 close codes, or UNKNOWN. Shape (n,)."""
    closed_by: NDArray[np.int8]
    """BY_UNKNOWN, BY_CLIENT or BY_SERVER. Shape (n,)."""
    offsets: Int64
    """Where the messages of each connection begin, shape (n + 1,)."""
    message_ms: Int64
    """Instants of the messages, shape (m,). [ms]"""
    message_bytes: Int64
    """Billed bytes of the messages, or UNKNOWN. Shape (m,). [B]"""
    message_flags: NDArray[np.uint8]
    """UP, UNDIRECTED or DOWN, plus CONTROL. Shape (m,)."""
    start_ms: int
    """Start of the window: the first connect, or as `--window` says. [ms]"""
    end_ms: int
    """End of the window: the last instant seen, or as `--window` says. [ms]"""
    client_lost_ms: Int64
    """From here the client is gone without a close; FOREVER_MS where it is not. Shape (n,). [ms]"""
    function_code: NDArray[np.int16]
    """Index into `functions` of the function that serves each connection. Shape (n,)."""
    functions: tuple[str, ...] = ("default",)
    has_messages: bool = True
    """Whether the source has message rows. Without them every result is low, point and high."""
    total_messages: Int64 | None = None
    """Messages of each connection, shape (n,). [1]"""
    total_bytes_out: Int64 | None = None
    """Bytes from the function to each client, shape (n,). [B]"""
    total_bytes_in: Int64 | None = None
    """Bytes from each client, shape (n,). [B]"""
    last_activity_ms: Int64 | None = None
    """Last message of each connection, shape (n,). [ms]"""
    max_idle_ms: Int64 | None = None
    """Longest silence of each connection, shape (n,). [ms]"""
    active_until_ms: Int64 | None = None
    """Taken as never silent from the connect to here (an assumption, see `assume`). Shape (n,). [ms]"""
    source_cut: NDArray[np.int8] | None = None
    """NOT_CUT, CUT_IDLE or CUT_LIFE: what the old server's own timeouts closed, where that was asked. Shape (n,)."""
    room: Int64 | None = None
    """A number for the room of each connection, UNKNOWN where it has none. Shape (n,). [1]"""
    provenance: Provenance = field(default_factory=Provenance)

    @classmethod
    def from_frame(cls, frame: Any, columns: Mapping[str, str] | None = None, **reading: Any) -> Trace:
        """Read a trace from a DataFrame of pandas, Polars, DuckDB or pyarrow: see `frames.trace_from_frame`.

        Parameters
        ----------
        frame : object
            A DataFrame, or what speaks the Arrow C stream.
        columns : mapping, optional
            Column of the frame for each column of a trace, where it is called otherwise.
        """
        from scfcost.trace.frames import trace_from_frame

        return trace_from_frame(frame, columns, **reading)

    @property
    def connections(self) -> int:
        """Number of connections (sessions)."""
        return len(self.connect_ms)

    def __repr__(self) -> str:
        messages = f"{self.messages:,} messages" if self.has_messages else "no message rows"
        hours = self.window_ms / MS_PER_HOUR
        return f"<Trace: {self.connections:,} connections, {messages}, {hours:,.1f} hours>"

    @property
    def messages(self) -> int:
        """Number of message rows, pings and pongs included."""
        return len(self.message_ms)

    @property
    def window_ms(self) -> int:
        """Length of the window. [ms]"""
        return self.end_ms - self.start_ms

    def natural_end_ms(self) -> Int64:
        """Instant at which each session ends by itself: its close, or the window's end where still open. [ms]"""
        return np.minimum(self.close_ms, self.end_ms)

    def natural_ms(self) -> Int64:
        """Length of each session as it would live without timeouts, up to the window's end. [ms]"""
        return self.natural_end_ms() - self.connect_ms

    def still_open(self) -> NDArray[np.bool_]:
        """Whether each connection is still open at the window's end."""
        return self.close_ms > self.end_ms

    def of_function(self, code: int) -> Trace:
        """Return the connections that one function serves, with the window of the whole trace."""
        if len(self.functions) == 1:
            return self
        own = self.take(self.function_code == code)
        return own.replace(function_code=np.zeros(own.connections, dtype=np.int16), functions=(self.functions[code],))

    def take(self, rows: NDArray[Any]) -> Trace:
        """Return some of the connections, by mask or index, with the window of the whole trace.

        An index may name a connection several times; ids are then no longer apart.
        """
        index = np.flatnonzero(rows) if rows.dtype == np.bool_ else rows
        counts = np.diff(self.offsets)[index]
        offsets = np.concatenate(([0], np.cumsum(counts))).astype(np.int64)
        messages = np.repeat(self.offsets[index] - offsets[:-1], counts) + np.arange(int(offsets[-1]))
        changes = {
            **{name: value[index] for name in CONNECTION_COLUMNS if (value := getattr(self, name)) is not None},
            **{name: getattr(self, name)[messages] for name in _MESSAGE_COLUMNS},
            "offsets": offsets,
        }
        return replace(self, **changes)

    def between(self, begin: int, end: int) -> Trace:
        """Return the connections from one index up to another, which shares their columns; with the window of all.

        Parameters
        ----------
        begin : int
            First connection. [index]
        end : int
            The one after the last. [index]
        """
        first, last = int(self.offsets[begin]), int(self.offsets[end])
        columns = {one: value[begin:end] for one in CONNECTION_COLUMNS if (value := getattr(self, one)) is not None}
        messages = {one: getattr(self, one)[first:last] for one in _MESSAGE_COLUMNS}
        return replace(self, **columns, **messages, offsets=self.offsets[begin : end + 1] - first)

    def replace(self, **changes: Any) -> Trace:
        """Return a copy with some fields changed."""
        return replace(self, **changes)


def never(n: int) -> Int64:
    """Return n instants that never come."""
    return np.full(n, FOREVER_MS, dtype=np.int64)
