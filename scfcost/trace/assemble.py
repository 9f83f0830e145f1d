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

from scfcost.trace.grouping_kernel import FAULT, STATE_SIZE, group_rows
from scfcost.trace.model import UNKNOWN, Int64
from scfcost.units import FOREVER_MS


class UnsoundRowsError(Exception):
    """The fast reading met a row that breaks a rule: read again, carefully."""


@dataclass(slots=True)
class Grouped:
    """Connections and messages as columns, before they become a trace."""

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


def group_batches(batches: Iterable[pa.RecordBatch], rows: int) -> Grouped:
    """Group rows sorted by (id, time, code) into connections.

    Parameters
    ----------
    batches : iterable of RecordBatch
        Columns id, time, code, payload and function.
    rows : int
        How many rows there are in all.

    Raises
    ------
    UnsoundRowsError
        If any row breaks a rule of a trace.
    """
    messages = (np.empty(rows, np.int64), np.empty(rows, np.int64), np.empty(rows, np.uint8))
    state = np.zeros(STATE_SIZE, np.int64)
    state[2], state[3] = FOREVER_MS, -FOREVER_MS
    parts: list[tuple[NDArray[np.int64], ...]] = []
    ids: list[NDArray[Any]] = []
    last_id: pa.Scalar | None = None
    for batch in batches:
        if batch.num_rows == 0:
            continue
        begins, last_id = _beginnings(batch.column(0), last_id)
        ids.append(_id_values(batch.column(0).filter(pa.array(begins))))
        table = tuple(np.full(int(begins.sum()) + 1, fill, np.int64) for fill in (0, FOREVER_MS, UNKNOWN * 4, 0, 0, 0))
        if parts:  # row 0 goes on with the connection that the last batch broke off
            for column, before in zip(table, parts[-1], strict=True):
                column[0] = before[-1]
        columns = [batch.column(i).to_numpy(zero_copy_only=False) for i in range(1, 5)]
        group_rows(begins, *columns, table, messages, state)
        if state[FAULT]:
            raise UnsoundRowsError
        parts.append(table)
    return _gather(ids, parts, messages, state)


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
    ids: list[NDArray[Any]],
    parts: list[tuple[NDArray[np.int64], ...]],
    messages: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.uint8]],
    state: Int64,
) -> Grouped:
    for earlier, later in pairwise(parts):
        for before, after in zip(earlier, later, strict=True):
            before[-1] = after[0]
    columns = [np.concatenate([part[i][1:] for part in parts]) for i in range(6)]
    connect, close, closing, function, has_connect, count = columns
    used = int(state[0])
    time, size, flags = messages[0][:used], messages[1][:used], messages[2][:used]
    if used < len(messages[0]) // 2:  # mostly connects and closes: do not hold on to the room
        time, size, flags = time.copy(), size.copy(), flags.copy()
    return Grouped(
        np.concatenate(ids), connect, close, closing, function, has_connect.astype(np.bool_), count,
        time, size, flags, int(state[2]), int(state[3]),
    )  # fmt: skip
