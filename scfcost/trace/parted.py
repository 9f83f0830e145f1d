"""A trace larger than memory: its packed rows on disk, in parts of whole connections.

The ids are divided at quantiles into ranges. One pass over the files puts every row into the folder of its range; a
part is then read, sorted and grouped in memory. Parts one after the other are the connections of the whole in the
order of their ids, so what is done with each in turn is what would be done with the whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import numpy as np
import pyarrow as pa

from scfcost.errors import TraceError
from scfcost.trace import fast
from scfcost.trace.assemble import UnsoundRowsError, group_batches
from scfcost.trace.build import draft_of_events
from scfcost.trace.canonical import BAD, CLOSE, CONNECT, LOST
from scfcost.trace.database import quoted
from scfcost.trace.model import Trace, never
from scfcost.trace.profile import Layout, Relation

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

    def hollow(self) -> Trace:
        """Return a trace without connections that has the window and the functions of the whole."""
        nothing = np.zeros(0, np.int64)
        return Trace(
            connection_id=nothing, connect_ms=nothing, close_ms=nothing, close_code=nothing.astype(np.int16),
            closed_by=nothing.astype(np.int8), offsets=np.zeros(1, np.int64), message_ms=nothing,
            message_bytes=nothing, message_flags=nothing.astype(np.uint8), start_ms=self.start_ms, end_ms=self.end_ms,
            client_lost_ms=never(0), function_code=nothing.astype(np.int16), functions=self.functions,
        )  # fmt: skip


def divide(connection: Any, relations: Sequence[Relation], layout: Layout, parts: int) -> list[Any]:
    """Return the ids at which the ranges of so many parts begin, the first range left out.

    They come from a sample of rows and may be fewer where few connections have most rows. The sample is drawn with a
    seed, so that the same files are divided alike.
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

    Raises
    ------
    duckdb.Error
        If a file cannot be read, or the disk is full.
    """
    packed = " UNION ALL ".join(fast.packed(one, layout) for one in relations)
    select = (
        f"SELECT id, time, code, payload, CAST(function AS USMALLINT) AS function, {_part(bounds)} AS part "
        f"FROM ({packed})"
    )
    folder.mkdir(parents=True, exist_ok=True)
    attempt = Path(mkdtemp(prefix="try-", dir=folder))
    options = "FORMAT parquet, PARTITION_BY (part), COMPRESSION lz4, OVERWRITE_OR_IGNORE true"
    connection.execute(f"COPY ({select}) TO {quoted(str(attempt))} ({options})")
    with suppress(OSError):  # another attempt was quicker
        attempt.rename(folder / ROWS)


def _part(bounds: Sequence[Any]) -> str:
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
    """Return the files of one part, in a fixed order."""
    return [file for folder in folders for file in sorted((folder / ROWS / f"part={part}").glob("*.parquet"))]


def survey(connection: Any, folders: Sequence[Path], layout: Layout) -> Whole:
    """Look over all packed rows once: the window and the functions.

    Raises
    ------
    UnsoundRowsError
        If any row is bad, or a guess about the layout was wrong.
    TraceError
        If no row is a message: then every connection counts by what is supposed of it, which needs the whole.
    """
    files = [file for folder in folders for file in sorted((folder / ROWS).glob("*/*.parquet"))]
    if not files:
        raise UnsoundRowsError
    paths = ", ".join(quoted(str(file)) for file in files)
    messages = f"count_if(code NOT IN ({CONNECT}, {LOST}, {CLOSE}))"
    query = f"SELECT min(time), max(time), max(code), {messages} FROM read_parquet([{paths}])"
    first, last, highest, message_rows = connection.sql(query).fetchall()[0]
    if highest == BAD or not layout.covers(first, last):
        raise UnsoundRowsError
    if message_rows == 0:
        raise TraceError("the trace has no message rows: it is read as a whole; raise --memory-limit")
    names, codes = layout.named_functions(), [0]
    if layout.functions:
        served = f"SELECT max(function) AS code FROM read_parquet([{paths}]) GROUP BY id"
        codes = [int(row[0]) for row in connection.sql(f"SELECT DISTINCT code FROM ({served})").fetchall()]
    # An unnamed function and one named `default` are the same, which the first place of a name says.
    return Whole(first, last, tuple(names[code] for code in sorted({names.index(names[code]) for code in codes})))


def read_part(connection: Any, files: Sequence[Path], layout: Layout, whole: Whole) -> tuple[Trace, int] | None:
    """Read one part.

    Returns
    -------
    trace, headless : Trace and int, or None
        The part's connections in the order of their ids, with window and functions of the whole, and how many have no
        connect row; None where the part is empty.

    Raises
    ------
    UnsoundRowsError
        If any row breaks a rule of a trace.
    """
    if not files:
        return None
    paths = ", ".join(quoted(str(file)) for file in files)
    select = f"SELECT id, time, code, payload, CAST(function AS BIGINT) AS function FROM read_parquet([{paths}])"
    with closing(fast.sorted_events(connection, select)) as batches:
        return part_of(batches, layout, whole)


def part_of(batches: Iterable[pa.RecordBatch], layout: Layout, whole: Whole) -> tuple[Trace, int]:
    """Group packed rows in the order of (id, time, code) into a part; returns and errors as in `read_part`."""
    grouped = group_batches(batches)
    headless = int((~grouped.has_connect).sum())
    trace = draft_of_events(grouped, layout).trace
    place = {name: number for number, name in enumerate(whole.functions)}
    code = np.array([place[name] for name in trace.functions], np.int16)[trace.function_code]
    own = trace.replace(
        function_code=code, functions=whole.functions, start_ms=whole.start_ms, end_ms=whole.end_ms, has_messages=True
    )
    return own, headless
