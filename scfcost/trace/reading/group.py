"""Sorted rows, batch by batch, into the columns of a trace."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from scfcost.core.units import FOREVER_MS
from scfcost.trace.model import UNKNOWN, Int64
from scfcost.trace.reading.arrays import whole_numbers
from scfcost.trace.reading.group_kernel import FAULT, FIRST_MS, LAST_MS, STATE_SIZE, gather_runs, group_rows

_FILLS = (0, FOREVER_MS, UNKNOWN * 4, 0, 0, 0, FOREVER_MS)
"""Connect, close, closing, function, connect rows, messages and loss of a connection of which nothing is known."""


Named = Callable[[Int64], tuple[Int64, NDArray[Any]]]
"""From hashes in their order to the order of the ids that they stand for, and these ids."""


class UnsoundRowsError(Exception):
    """The fast reading met a row that breaks a rule: read again, carefully. It may name the part of a trace."""


class AmbiguousIdsError(Exception):
    """Two ids share a hash: sort by the ids themselves."""


@dataclass(slots=True)
class Grouped:
    """Connections and messages as columns, before they become a trace."""

    rows: int
    connection_id: NDArray[Any]
    connect_ms: Int64
    close_ms: Int64
    closing: Int64
    function_code: Int64
    has_connect: NDArray[np.bool_]
    message_count: Int64
    client_lost_ms: Int64
    message_ms: Int64
    message_bytes: Int64
    message_flags: NDArray[np.uint8]
    first_ms: int
    last_ms: int


class _Messages:
    """Instants, bytes and flags of messages, in arrays that grow where they lie: a copy costs as much as grouping."""

    def __init__(self) -> None:
        self.filled = 0
        self._columns = tuple(np.empty(0, kind) for kind in (np.int64, np.int64, np.uint8))

    def room_for(self, rows: int) -> tuple[NDArray[Any], ...]:
        """Return room for so many rows after those that are filled; room given before is gone."""
        return tuple(column[self.filled :] for column in self._resized(self.filled + rows))

    def columns(self) -> tuple[NDArray[Any], ...]:
        """Return what is filled."""
        return self._resized(self.filled)

    def _resized(self, rows: int) -> tuple[NDArray[Any], ...]:
        for column in self._columns:
            column.resize(rows, refcheck=False)  # the room given before still refers to it
        return self._columns


def group_batches(batches: Iterable[pa.RecordBatch]) -> Grouped:
    """Group rows sorted by (id, time, code) into connections.

    Parameters
    ----------
    batches : iterable of RecordBatch
        Columns id, time, code, payload and function.

    Raises
    ------
    UnsoundRowsError
        If any row breaks a rule of a trace.
    """
    messages = _Messages()
    state = np.zeros(STATE_SIZE, np.int64)
    state[FIRST_MS], state[LAST_MS] = FOREVER_MS, -FOREVER_MS
    parts: list[tuple[NDArray[np.int64], ...]] = []
    ids: list[NDArray[Any]] = []
    last_id: Any = None
    rows = 0
    for batch in batches:
        if batch.num_rows == 0:
            continue
        begins, begun, last_id = _beginnings(batch.column(0), last_id)
        ids.append(begun)
        table = tuple(np.full(int(begins.sum()) + 1, fill, np.int64) for fill in _FILLS)
        if parts:  # row 0 goes on with the connection that the last batch broke off
            for column, before in zip(table, parts[-1], strict=True):
                column[0] = before[-1]
        columns = [whole_numbers(batch.column(i)) for i in range(1, 5)]
        messages.filled += group_rows(begins, *columns, table, messages.room_for(batch.num_rows), state)
        if state[FAULT]:
            raise UnsoundRowsError
        parts.append(table)
        rows += batch.num_rows
    if not parts:
        return _nothing()
    return _gather(rows, ids, parts, messages, state)


def order_of_names(hashes: NDArray[Any], names: pa.Table) -> tuple[Int64, NDArray[Any]]:
    """Return the order of connections by their ids, where hashes stand for these, and the ids in that order.

    Parameters
    ----------
    hashes : ndarray, shape (n,)
        Hashes of the ids of n connections, in the order of their type.
    names : pyarrow.Table
        Columns id and hash of every id, in the order of the ids.

    Raises
    ------
    AmbiguousIdsError
        If two ids share a hash.
    """
    given = [whole_numbers(chunk).view(hashes.dtype) for chunk in names.column("hash").chunks]
    told = np.concatenate(given or [hashes])
    by_hash = np.argsort(told)
    if not np.array_equal(told[by_hash], hashes):
        raise AmbiguousIdsError
    order = np.empty_like(by_hash)
    order[by_hash] = np.arange(len(order))
    return order, np.array(names.column("id").to_pylist(), dtype=object)


def name_connections(grouped: Grouped, named: Named) -> Grouped:
    """Give connections that were grouped by the hash of their id that id, and put them in the order of the ids.

    Parameters
    ----------
    grouped : Grouped
        n connections in the order of their hashes, which stand for their ids.
    named : callable
        What `order_of_names` tells of hashes; errors as there.
    """
    row, grouped.connection_id = named(grouped.connection_id)
    begin = np.concatenate(([0], np.cumsum(grouped.message_count)))[row]
    columns = ("connect_ms", "close_ms", "closing", "function_code", "has_connect", "message_count", "client_lost_ms")
    for name in columns:
        setattr(grouped, name, getattr(grouped, name)[row])
    for name in ("message_ms", "message_bytes", "message_flags"):
        values = getattr(grouped, name)
        gathered = np.empty_like(values)
        gather_runs(begin, grouped.message_count, values, gathered)
        setattr(grouped, name, gathered)
    return grouped


def _beginnings(ids: pa.Array, last_id: Any) -> tuple[NDArray[np.bool_], NDArray[Any], Any]:
    """Tell which rows begin a connection, and the ids of those that do.

    Returns
    -------
    begins : ndarray of bool, shape (k,)
        Whether each row begins a connection.
    ids : ndarray
        Ids of the connections that begin, int64 or str (dtype object).
    last_id : int or str
        Id of the last row, for the next batch.
    """
    begins = np.empty(len(ids), np.bool_)
    if pa.types.is_integer(ids.type):
        values = whole_numbers(ids)
        begins[0], begins[1:] = values[0] != last_id, values[1:] != values[:-1]
        return begins, values[begins], values[-1]
    import pyarrow.compute as pc  # whole numbers do without it

    begins[0] = ids[0].as_py() != last_id
    begins[1:] = whole_numbers(pc.not_equal(ids.slice(1), ids.slice(0, len(ids) - 1)).cast(pa.uint8()))
    rows = np.flatnonzero(begins)
    taken = ids.take(pa.Array.from_buffers(pa.int64(), len(rows), [None, pa.py_buffer(rows)]))
    return begins, np.array(taken.to_pylist(), dtype=object), ids[len(ids) - 1].as_py()


def _gather(
    rows: int,
    ids: list[NDArray[Any]],
    parts: list[tuple[NDArray[np.int64], ...]],
    messages: _Messages,
    state: Int64,
) -> Grouped:
    for earlier, later in reversed(list(pairwise(parts))):  # from the back: a connection may span many batches
        for before, after in zip(earlier, later, strict=True):
            before[-1] = after[0]
    connect, close, closing, function, has_connect, count, lost = (
        np.concatenate([part[i][1:] for part in parts]) for i in range(len(_FILLS))
    )
    time, size, flags = messages.columns()
    return Grouped(
        rows, np.concatenate(ids), connect, close, closing, function, has_connect.astype(np.bool_), count, lost,
        time, size, flags, int(state[FIRST_MS]), int(state[LAST_MS]),
    )  # fmt: skip


def _nothing() -> Grouped:
    empty = np.zeros(0, np.int64)
    flags = empty.astype(np.uint8)
    return Grouped(
        0, empty, empty, empty, empty, empty, empty.astype(np.bool_), empty, empty, empty, empty, flags, 0, 0
    )
