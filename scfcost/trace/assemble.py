"""Sorted rows, batch by batch, into the columns of a trace."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from scfcost.trace.grouping_kernel import FAULT, FIRST_MS, LAST_MS, STATE_SIZE, group_rows
from scfcost.trace.model import UNKNOWN, Int64
from scfcost.units import FOREVER_MS


class UnsoundRowsError(Exception):
    """The fast reading met a row that breaks a rule: read again, carefully."""


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
    message_ms: Int64
    message_bytes: Int64
    message_flags: NDArray[np.uint8]
    first_ms: int
    last_ms: int


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
    messages: list[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.uint8]]] = []
    state = np.zeros(STATE_SIZE, np.int64)
    state[FIRST_MS], state[LAST_MS] = FOREVER_MS, -FOREVER_MS
    parts: list[tuple[NDArray[np.int64], ...]] = []
    ids: list[NDArray[Any]] = []
    last_id: pa.Scalar | None = None
    rows = 0
    for batch in batches:
        if batch.num_rows == 0:
            continue
        begins, last_id = _beginnings(batch.column(0), last_id)
        ids.append(_id_values(batch.column(0).filter(pa.array(begins))))
        table = tuple(np.full(int(begins.sum()) + 1, fill, np.int64) for fill in (0, FOREVER_MS, UNKNOWN * 4, 0, 0, 0))
        if parts:  # row 0 goes on with the connection that the last batch broke off
            for column, before in zip(table, parts[-1], strict=True):
                column[0] = before[-1]
        room = batch.num_rows
        block = (np.empty(room, np.int64), np.empty(room, np.int64), np.empty(room, np.uint8))
        columns = [batch.column(i).to_numpy(zero_copy_only=False) for i in range(1, 5)]
        filled = group_rows(begins, *columns, table, block, state)
        if state[FAULT]:
            raise UnsoundRowsError
        parts.append(table)
        messages.append((block[0][:filled], block[1][:filled], block[2][:filled]))
        rows += batch.num_rows
    if not parts:
        return _nothing()
    return _gather(rows, ids, parts, messages, state)


def _beginnings(ids: pa.Array, last_id: pa.Scalar | None) -> tuple[NDArray[np.bool_], pa.Scalar]:
    """Tell which rows begin a connection."""
    begins = np.empty(len(ids), np.bool_)
    begins[0] = last_id is None or ids[0] != last_id
    begins[1:] = pc.not_equal(ids.slice(1), ids.slice(0, len(ids) - 1)).to_numpy(zero_copy_only=False)
    return begins, ids[len(ids) - 1]


def _id_values(ids: pa.Array) -> NDArray[Any]:
    if pa.types.is_integer(ids.type):
        return np.asarray(ids.to_numpy(), dtype=np.int64)
    return np.array(ids.to_pylist(), dtype=object)


def _gather(
    rows: int,
    ids: list[NDArray[Any]],
    parts: list[tuple[NDArray[np.int64], ...]],
    messages: list[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.uint8]]],
    state: Int64,
) -> Grouped:
    for earlier, later in pairwise(parts):
        for before, after in zip(earlier, later, strict=True):
            before[-1] = after[0]
    connect, close, closing, function, has_connect, count = (
        np.concatenate([part[i][1:] for part in parts]) for i in range(6)
    )
    time, size, flags = (np.concatenate([block[i] for block in messages]) for i in range(3))
    return Grouped(
        rows, np.concatenate(ids), connect, close, closing, function, has_connect.astype(np.bool_), count,
        time, size, flags.astype(np.uint8, copy=False), int(state[FIRST_MS]), int(state[LAST_MS]),
    )  # fmt: skip


def _nothing() -> Grouped:
    empty = np.zeros(0, np.int64)
    flags = empty.astype(np.uint8)
    return Grouped(0, empty, empty, empty, empty, empty, empty.astype(np.bool_), empty, empty, empty, flags, 0, 0)
