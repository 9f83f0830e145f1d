"""A trace larger than memory: its packed rows on disk, in parts of whole connections.

The ids are divided at quantiles into ranges. One pass over the files puts every row into the folder of its range; a
part is then read, sorted and grouped in memory. Parts one after the other are the connections of the whole in the
order of their ids, so what is done with each in turn is what would be done with the whole.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from scfcost.core.errors import TraceError
from scfcost.core.pieces import Listed, is_intact, listed, seal, unseal
from scfcost.core.units import FOREVER_MS
from scfcost.trace.model import Trace, never
from scfcost.trace.reading import load
from scfcost.trace.reading.columns import EVENTS, Shape
from scfcost.trace.reading.database import file_literal, quoted
from scfcost.trace.reading.draft import Draft, draft_of_events
from scfcost.trace.reading.event_rules import CLOSE, CONNECT, LOST
from scfcost.trace.reading.group import UnsoundRowsError, group_batches
from scfcost.trace.reading.inside import counts_outside, inside_window
from scfcost.trace.reading.layout import Layout, Relation
from scfcost.trace.reading.rules import BAD
from scfcost.trace.window import Asked, resolved

_LISTING = "listing"
"""File beside the rows that names each of their files, with its size and digest."""
ROWS = "rows"
"""Folder of the rows of a group of files, once they are all there."""
_SAMPLED_ROWS = 200_000
"""Rows whose ids say where to divide. [1]"""
_SAMPLED_FILES = 16


@dataclass(frozen=True, slots=True)
class Whole:
    """What the parts of a trace have in common."""

    start_ms: int
    """First instant. [ms]"""
    end_ms: int
    """Last instant. [ms]"""
    functions: tuple[str, ...]
    """Functions that serve a connection."""
    has_messages: bool = True
    """Whether any row is a message; without, connections count by what is supposed of them."""
    shape: Shape = EVENTS
    """Whether a row is an event or a connection."""
    is_window: bool = False
    """Whether start and end are of a window that was asked for, and what starts outside is left out."""

    def hollow(self) -> Trace:
        """Return a trace without connections that has the window and the functions of the whole."""
        nothing = np.zeros(0, np.int64)
        return Trace(
            connection_id=nothing, connect_ms=nothing, close_ms=nothing, close_code=nothing.astype(np.int16),
            closed_by=nothing.astype(np.int8), offsets=np.zeros(1, np.int64), message_ms=nothing,
            message_bytes=nothing, message_flags=nothing.astype(np.uint8), start_ms=self.start_ms, end_ms=self.end_ms,
            client_lost_ms=never(0), function_code=nothing.astype(np.int16), functions=self.functions,
            has_messages=self.has_messages,
        )  # fmt: skip


class Part(NamedTuple):
    """One part of a trace."""

    trace: Trace
    """Its connections in the order of their ids, maybe none, with the window and the functions of the whole."""
    headless: int
    """Connections without a connect row. [1]"""
    outside: int
    """Rows outside the window. [1]"""
    carried: int
    """Connections that began before the window and live into it. [1]"""


def divide(connection: Any, relations: Sequence[Relation], layout: Layout, parts: int) -> list[Any]:
    """Return the ids at which the ranges of so many parts begin, the first range left out.

    They come from a sample of rows and may be fewer where few connections have most rows. The sample is drawn with a
    seed, so that the same files are divided alike.

    Parameters
    ----------
    connection : object
        An open connection of the database.
    relations : sequence of Relation
        The files, as relations of the database.
    layout : Layout
        How ids, instants and functions are written.
    parts : int
        How many parts are wanted. [1]
    """
    if parts < 2:
        return []
    step = max(len(relations) // _SAMPLED_FILES, 1)
    looked_at = relations[::step]
    cast = f'CAST("connection_id" AS {layout.id_type})'
    ids = " UNION ALL ".join(f"SELECT {cast} AS id FROM {one.sql}" for one in looked_at)
    sample = f"SELECT id FROM ({ids}) USING SAMPLE reservoir({_SAMPLED_ROWS} ROWS) REPEATABLE (1)"
    found = sorted(row[0] for row in connection.sql(sample).fetchall() if row[0] is not None)
    return sorted({found[len(found) * k // parts] for k in range(1, parts)}) if found else []


def scatter(
    connection: Any, relations: Sequence[Relation], layout: Layout, bounds: Sequence[Any], folder: Path
) -> None:
    """Write the packed rows of some files into `rows/part=0` to `rows/part=n` below a folder, all of them or none.

    Parameters
    ----------
    connection : object
        An open connection of the database.
    relations : sequence of Relation
        The files, as relations of the database.
    layout : Layout
        How ids, instants and functions are written.
    bounds : sequence of object
        The ids at which the parts after the first begin.
    folder : Path
        Folder that it goes to.

    Raises
    ------
    duckdb.Error
        If a file cannot be read, or the disk is full.
    """
    load.refuse_hidden_rows(relations)
    rows = load.packed if relations[0].shape is EVENTS else load.connection_rows
    packed = " UNION ALL ".join(rows(one, layout) for one in relations)
    select = f"SELECT * REPLACE (CAST(function AS USMALLINT) AS function), {_number(bounds)} AS part FROM ({packed})"
    folder.mkdir(parents=True, exist_ok=True)
    attempt = Path(mkdtemp(prefix="try-", dir=folder))
    options = "FORMAT parquet, PARTITION_BY (part), COMPRESSION lz4, OVERWRITE_OR_IGNORE true"
    connection.execute(f"COPY ({select}) TO {file_literal(attempt)} ({options})")
    inside = sorted(file for file in attempt.rglob("*.parquet") if file.is_file())
    files = [listed(file, str(file.relative_to(attempt))) for file in inside]
    seal(attempt / _LISTING, json.dumps(files).encode(), TraceError, of=_name(relations, layout, bounds, folder))
    with suppress(OSError):  # another attempt was quicker
        attempt.rename(folder / ROWS)


def _name(relations: Sequence[Relation], layout: Layout, bounds: Sequence[Any], folder: Path) -> str:
    """Say of which files, divided how, the rows in a folder are."""
    states = [(str(one.path.resolve()), one.path.stat()) for one in relations]
    files = [(path, state.st_size, state.st_mtime_ns) for path, state in states]
    return repr((files, layout, list(bounds), folder.name))


def is_scattered(relations: Sequence[Relation], layout: Layout, bounds: Sequence[Any], folder: Path) -> bool:
    """Whether all rows of a group of files are in their parts as `scatter` wrote them.

    Parameters
    ----------
    relations : sequence of Relation
        The files, as relations of the database.
    layout : Layout
        How ids, instants and functions are written.
    bounds : sequence of object
        The ids at which the parts after the first begin.
    folder : Path
        Folder that it goes to.
    """
    content = unseal(folder / ROWS / _LISTING, of=_name(relations, layout, bounds, folder))
    if content is None:
        return False
    files = [Listed(*one) for one in json.loads(content)]
    there = {str(file.relative_to(folder / ROWS)) for file in (folder / ROWS).rglob("*.parquet")}
    return there == {one.name for one in files} and is_intact(folder / ROWS, files)


def _number(bounds: Sequence[Any]) -> str:
    """Return SQL for the part of an id, by bisection."""

    def between(low: int, high: int) -> str:
        if low == high:
            return str(low)
        middle = (low + high) // 2
        bound = bounds[middle]
        value = quoted(bound) if isinstance(bound, str) else str(bound)
        return f"CASE WHEN id < {value} THEN {between(low, middle)} ELSE {between(middle + 1, high)} END"

    return between(0, len(bounds))


def files_of(folders: Sequence[Path], part: int) -> list[Path]:
    """Return the files of one part, in a fixed order.

    Parameters
    ----------
    folders : sequence of Path
        Where the rows of each group of files are.
    part : int
        Which part, from 0.
    """
    return [file for folder in folders for file in sorted((folder / ROWS / f"part={part}").glob("*.parquet"))]


def survey(
    connection: Any, folders: Sequence[Path], layout: Layout, shape: Shape, window: Asked | None = None,
    carried: tuple[int, int] | None = None,
) -> Whole:  # fmt: skip
    """Look over all packed rows once: the window, where none is asked for, and the functions.

    Parameters
    ----------
    connection : object
        An open connection of the database.
    folders : sequence of Path
        Where the rows of each group of files are.
    layout : Layout
        How ids, instants and functions are written.
    shape : Shape
        What the rows of the file are: events, or connections.
    window : Asked, optional
        The window that the user asks for.
    carried : tuple of int, optional
        Start and end of the window that the files carry. [epoch ms]

    Raises
    ------
    UnsoundRowsError
        If any row is bad, or a guess about the layout was wrong.
    """
    files = [file for folder in folders for file in sorted((folder / ROWS).glob("*/*.parquet"))]
    if not files:
        raise UnsoundRowsError
    rows = _rows(files)
    if shape is EVENTS:
        messages = f"count_if(code NOT IN ({CONNECT}, {LOST}, {CLOSE}))"
        query = f"SELECT min(time), max(time), max(code) = {BAD}, {messages} FROM {rows}"
    else:
        ends = ", ".join(f"CASE WHEN {name} < {FOREVER_MS} THEN {name} END" for name in ("close", "client_lost"))
        last = f"max(greatest(connect, last_activity, {ends}))"
        query = f"SELECT min(connect), {last}, bool_or(bad), 0 FROM {rows}"
    first, last, is_bad, message_rows = connection.sql(query).fetchall()[0]
    if is_bad or not layout.covers(first, last):
        raise UnsoundRowsError
    names, codes = layout.named_functions(), [0]
    if layout.functions:
        served = f"SELECT max(function) AS code FROM {rows} GROUP BY id"
        codes = [int(row[0]) for row in connection.sql(f"SELECT DISTINCT code FROM ({served})").fetchall()]
    # An unnamed function and one named `default` are the same, which the first place of a name says.
    functions = tuple(names[code] for code in sorted({names.index(names[code]) for code in codes}))
    start_ms, end_ms = (first, last) if window is None else resolved(window, first)
    if window is not None and start_ms > last:
        raise TraceError(f"no connection lives inside the window; the trace runs from {first} to {last} ms")
    if window is None and carried is not None:
        start_ms, end_ms = min(first, carried[0]), max(last, carried[1])
    return Whole(start_ms, end_ms, functions, message_rows > 0, shape, is_window=window is not None)


def _rows(files: Sequence[Path]) -> str:
    """Return what stands after FROM for the packed rows of some files."""
    return f"read_parquet([{', '.join(file_literal(file) for file in files)}], hive_partitioning = false)"


def read_part(connection: Any, files: Sequence[Path], layout: Layout, whole: Whole) -> Part | None:
    """Read one part, None where it has no rows.

    Parameters
    ----------
    connection : object
        An open connection of the database.
    files : sequence of Path
        The packed rows of the part.
    layout : Layout
        How ids, instants and functions are written.
    whole : Whole
        What holds of the trace as a whole: its window, its functions.

    Raises
    ------
    UnsoundRowsError
        If any row breaks a rule of a trace.
    """
    if not files:
        return None
    if whole.shape is not EVENTS:
        select = f"SELECT * REPLACE (CAST(function AS BIGINT) AS function) FROM {_rows(files)}"
        return _part(load.connections_of(connection, select, layout), 0, whole)
    select = f"SELECT id, time, code, payload, CAST(function AS BIGINT) AS function FROM {_rows(files)}"
    with closing(load.sorted_events(connection, select)) as batches:
        return part_of(batches, layout, whole)


def part_of(batches: Iterable[pa.RecordBatch], layout: Layout, whole: Whole) -> Part:
    """Group packed rows in the order of (id, time, code) into a part; errors as in `read_part`.

    Parameters
    ----------
    batches : iterable of pa.RecordBatch
        Packed rows in the order of (id, time, code).
    layout : Layout
        How ids, instants and functions are written.
    whole : Whole
        What holds of the trace as a whole: its window, its functions.
    """
    grouped = group_batches(batches)
    headless = int((~grouped.has_connect).sum())
    return _part(draft_of_events(grouped, layout), headless, whole)


def _part(draft: Draft, headless: int, whole: Whole) -> Part:
    """Give a part the window and the functions of the whole."""
    trace = draft.trace
    place = {name: number for number, name in enumerate(whole.functions)}
    code = np.array([place[name] for name in trace.functions], np.int16)[trace.function_code]
    window = whole.start_ms, whole.end_ms
    own = trace.replace(
        function_code=code, functions=whole.functions, start_ms=window[0], end_ms=window[1],
        has_messages=whole.has_messages,
    )  # fmt: skip
    if not whole.is_window:
        return Part(own, headless, 0, 0)
    return Part(inside_window(own, window), headless, *counts_outside(own, draft.rows_of_connection, window))
