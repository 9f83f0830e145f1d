"""Rows that arrive in the order of time, put into the columns of a trace without being sorted.

Each connection's rows have to be in order among themselves, as they are in any recording and in any file sorted by
id; nothing is asked of the order of connections. One pass takes down what each connection has and keeps its messages
as they come; then every connection has its place, and a second pass puts the messages there.
"""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from scfcost.core.units import FOREVER_MS
from scfcost.trace.model import Int64
from scfcost.trace.reading import arrival_kernel as kernel
from scfcost.trace.reading.arrays import whole_numbers
from scfcost.trace.reading.group import Grouped, Named, UnsoundRowsError
from scfcost.trace.reading.rules import BAD

Messages = tuple[NDArray[Any], ...]
"""Number of the connection, instant, bytes and flags of messages."""
_KINDS = (np.int32, np.int64, np.int64, np.uint8)
_FIRST_CELLS = 1 << 22
_CELLS_PER_ROW = 4
"""Cells that ids may range over, at first and for each row, before they are told apart by slots. [1]"""


class OutOfOrderError(Exception):
    """A row arrived after a later one of its connection: the rows have to be sorted."""


class _Numbering:
    """Numbers of connections, in the order in which their ids are first seen."""

    def __init__(self) -> None:
        self.count = 0
        self._keys = np.empty(0, np.int64)
        self._lowest = 0
        self._numbers = np.zeros(0, np.int32)
        self._slots: NDArray[np.int32] | None = None
        self._rows = 0

    def in_order(self) -> tuple[Int64, Int64]:
        """Return the numbers of the connections in the order of their ids, and these ids."""
        keys = self._keys[: self.count]
        if self._slots is None:
            cells = np.flatnonzero(self._numbers)
            order = self._numbers[cells].astype(np.int64) - 1
        else:
            order = np.argsort(keys)
        return order, keys[order]

    def of(self, key: Int64) -> NDArray[np.int32]:
        """Return the number of the connection of each row.

        Raises
        ------
        OutOfOrderError
            If too many ids want the same place.
        """
        self._rows += key.size
        if self.count + key.size > self._keys.size:
            self._keys.resize(2 * (self.count + key.size), refcheck=False)
        number = np.empty(key.size, np.int32)
        if self._slots is None and self._are_near(int(key.min()), int(key.max())):
            self.count = kernel.number_near(key, self._lowest, self._numbers, self._keys, self.count, number)
            return number
        slots = self._slots_for(self.count + key.size)
        self.count = kernel.number_far(key, slots, self._keys, self.count, number)
        if self.count == kernel.CROWDED:
            raise OutOfOrderError
        return number

    def _are_near(self, lowest: int, highest: int) -> bool:
        """Whether ids so far apart have a cell each; give them one if so."""
        size = self._numbers.size
        if size:
            lowest, highest = min(lowest, self._lowest), max(highest, self._lowest + size - 1)
        if highest - lowest >= max(_FIRST_CELLS, _CELLS_PER_ROW * self._rows):
            return False
        if not size or lowest < self._lowest or highest >= self._lowest + size:
            numbers = np.zeros(highest - lowest + 1 + size // 2, np.int32)
            numbers[self._lowest - lowest : self._lowest - lowest + size] = self._numbers
            self._lowest, self._numbers = lowest, numbers
        return True

    def _slots_for(self, connections: int) -> NDArray[np.int32]:
        if self._slots is None or 2 * connections > self._slots.size:
            self._slots = np.zeros(1 << (4 * connections - 1).bit_length(), np.int32)
            known, again = self._keys[: self.count].copy(), np.empty(self.count, np.int32)
            if kernel.number_far(known, self._slots, self._keys, 0, again) == kernel.CROWDED:
                raise OutOfOrderError
        return self._slots


class Arrivals:
    """Connections as far as their rows have arrived, and the messages in the order of the rows."""

    def __init__(self) -> None:
        self.rows = 0
        self._numbering = _Numbering()
        self._connections = np.empty((0, kernel.COLUMNS), np.int64)
        self._messages: list[Messages] = []
        self._first_ms, self._last_ms = FOREVER_MS, -FOREVER_MS

    def take(self, batch: pa.RecordBatch) -> None:
        """Take a batch of rows: columns id (a whole number), time, code, payload and function.

        Raises
        ------
        UnsoundRowsError
            If a row breaks a rule.
        OutOfOrderError
            If a row arrives after a later one of its connection.
        """
        key, *rows = (whole_numbers(batch.column(i)) for i in range(5))
        time, code = rows[:2]
        if code.max() == BAD:
            raise UnsoundRowsError
        seen = self._numbering.count
        number = self._numbering.of(key.view(np.int64))
        if self._numbering.count > len(self._connections):
            self._connections.resize((2 * self._numbering.count, kernel.COLUMNS), refcheck=False)
        messages = tuple(np.empty(key.size, kind) for kind in _KINDS)
        filled = kernel.take_rows(number, tuple(rows), seen, self._connections, messages)
        if filled < 0:
            raise UnsoundRowsError if filled == kernel.UNSOUND else OutOfOrderError
        for column in messages:
            column.resize(filled, refcheck=False)
        self._messages.append(messages)
        self._first_ms, self._last_ms = min(self._first_ms, int(time.min())), max(self._last_ms, int(time.max()))
        self.rows += key.size

    def grouped(self, named: Named | None) -> Grouped:
        """Put all messages into their places, and let go of what arrived; see `arrange`."""
        order, ids = self._numbering.in_order()
        if named is not None:
            reordered, ids = named(ids)
            order = order[reordered]
        column = np.empty((kernel.COLUMNS, order.size), np.int64)
        kernel.turn(order, self._connections, column)
        count = column[kernel.MESSAGES]
        begin = np.cumsum(count) - count
        placed = _placed(self._messages, order, begin, count)
        tied = np.flatnonzero(column[kernel.IS_TIED])
        if tied.size:
            kernel.settle_ties(tied, begin, count, placed)
        return Grouped(
            self.rows, ids, column[kernel.CONNECT_MS], column[kernel.CLOSE_MS], column[kernel.CLOSING],
            column[kernel.FUNCTION], column[kernel.HAS_CONNECT].astype(np.bool_), count, column[kernel.LOST_MS],
            *placed, self._first_ms, self._last_ms,
        )  # fmt: skip


def _placed(
    arrived: list[Messages], order: Int64, begin: Int64, count: Int64
) -> tuple[Int64, Int64, NDArray[np.uint8]]:
    """Return instants, bytes and flags in the order of connections: one thread from each end, which meet."""
    total = int(count.sum())
    placed = np.empty(total, np.int64), np.empty(total, np.int64), np.empty(total, np.uint8)

    def put(batches: list[Messages], places: Int64, step: int) -> None:
        cursor = np.empty(order.size, np.int64)
        cursor[order] = places
        while batches:  # each is let go of when it is placed
            kernel.place_messages(batches.pop(), cursor, step, placed)

    middle = len(arrived) // 2
    earlier, later = arrived[:middle][::-1], arrived[middle:]
    arrived.clear()
    with ThreadPoolExecutor(1) as beside:
        other = beside.submit(put, earlier, begin, 1)
        put(later, begin + count, -1)
        other.result()
    return placed


def arrange(batches: Iterable[pa.RecordBatch], named: Named | None = None) -> Grouped:
    """Put rows that arrive in the order of time into connections.

    Parameters
    ----------
    batches : iterable of RecordBatch
        Columns id, time, code, payload and function.
    named : callable, optional
        Where the ids are hashes: called with them in their order, returns the order of what they stand for, and that.

    Raises
    ------
    UnsoundRowsError
        If any row breaks a rule of a trace.
    OutOfOrderError
        If a row arrives after a later one of its connection.
    """
    arrivals = Arrivals()
    for batch in batches:
        if batch.num_rows:
            arrivals.take(batch)
    return arrivals.grouped(named)
