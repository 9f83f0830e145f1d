"""A trace from a DataFrame: pandas, whatever speaks the stream of Arrow (Polars, DuckDB, pyarrow), or a mapping."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from scfcost.core.errors import ConfigError, TraceError, nearest
from scfcost.trace.model import Trace
from scfcost.trace.read import read_trace
from scfcost.trace.reading.columns import CONNECTIONS, EVENTS, plain_name, recognise

NAME = "frame"
"""What messages call a DataFrame; its rows count from 1."""
_WAY = (
    'a frame with other names is read by Trace.from_frame(frame, {"connect_time": "…", "close_time": "…"}); one whose '
    'rows have no id by frame.reset_index(names="connection_id")'
)
_NS_PER_MS = 1_000_000
_NS_PER_DAY = 86_400 * 10**9


def trace_from_frame(frame: Any, columns: Mapping[str, str] | None = None, **reading: Any) -> Trace:
    """Read a trace from a DataFrame, by the rules and with the messages of files.

    Parameters
    ----------
    frame : DataFrame
        Of pandas, anything with `__arrow_c_stream__`, or a mapping of columns to their values. Its columns are those of
        an events file or a connections file; a named index is one of them, and time differences may stand for seconds.
    columns : mapping of str to str, optional
        What the frame calls a column of a trace, such as {"connect_time": "started"}, "date+time" for two of which each
        is a part; other names are as in files.
    **reading
        As of `read_trace`: on_error, rejects, time_unit, window, memory_limit, stitch and the old server's timeouts.

    Returns
    -------
    Trace
        What the same rows in a file give.

    Raises
    ------
    TraceError
        If the frame is no trace; BadRowsError, one of its kind, if rows break the rules.
    ConfigError
        If `frame` is no DataFrame, or `columns` names a column that is not there.
    """
    table = renamed(_table_of(frame), columns or {})
    _check_names(table.column_names)
    with TemporaryDirectory(prefix="scfcost-") as folder:
        path = Path(folder) / "frame.parquet"
        columns_of_files = [_plain(name, table.column(name)) for name in table.column_names]
        pq.write_table(pa.table(columns_of_files, table.column_names), path)
        return read_trace([(path, NAME)], **reading)


def _check_names(names: list[str]) -> None:
    """Refuse columns that are those of neither shape, with the way of Python."""
    try:
        recognise(map(plain_name, names), NAME)
    except TraceError as error:
        told = [line for line in str(error).split("\n") if not line.startswith("a table with other names")]
        raise TraceError("\n".join([*told, _WAY])) from None


def is_frame(data: Any) -> bool:
    """Whether something is a table that can be read."""
    return _is_pandas(data) or hasattr(data, "__arrow_c_stream__") or isinstance(data, Mapping)


def renamed(table: pa.Table, columns: Mapping[str, str]) -> pa.Table:
    """Give columns the names that they have in a trace.

    Parameters
    ----------
    table : pa.Table
        The rows, as a table.
    columns : mapping
        Column of the table for each column of a trace.

    Raises
    ------
    ConfigError
        If a trace has no column of such a name, or the table none of the other.
    """
    known = tuple(dict.fromkeys((*EVENTS.columns, *CONNECTIONS.columns)))
    for name, own in columns.items():
        if name not in known:
            raise ConfigError(f"columns: a trace has no column {name!r}; {nearest(name, known)}")
        for part in _parts(table, own):
            if part not in table.column_names:
                raise ConfigError(f"columns: {NAME} has no column {part!r}; {nearest(part, table.column_names)}")
    taken = {*columns, *(part for own in columns.values() for part in _parts(table, own))}
    cells = {name: _joined([table.column(part) for part in _parts(table, own)]) for name, own in columns.items()}
    cells |= {name: table.column(name) for name in table.column_names if name not in taken}
    return pa.table(cells)


def _parts(table: pa.Table, name: str) -> list[str]:
    return [name] if name in table.column_names else name.split("+")


def _joined(columns: list[pa.ChunkedArray]) -> pa.ChunkedArray:
    """Return the only column, or several as one text, such as a date and a time."""
    if len(columns) == 1:
        return columns[0]
    return pc.binary_join_element_wise(*(column.cast(pa.string()) for column in columns), " ")


def _is_pandas(data: Any) -> bool:
    pandas = sys.modules.get("pandas")
    return pandas is not None and isinstance(data, pandas.DataFrame)


def _table_of(frame: Any) -> pa.Table:
    """Return a DataFrame as a table of Arrow, without an index."""
    if not is_frame(frame):
        way = "; collect() it first" if hasattr(frame, "collect") else ""
        raise ConfigError(
            f"expected a DataFrame of pandas or anything that speaks Arrow's stream, not {type(frame).__name__!r}{way}"
        )
    if isinstance(frame, Mapping):
        return _of_equal_lengths({str(name): _array(str(name), values) for name, values in frame.items()})
    if not _is_pandas(frame):
        try:
            return pa.table(frame)
        except pa.ArrowException:
            raise ConfigError(f"expected a table with named columns, not {type(frame).__name__!r}") from None
    if levels := [name for name in frame.index.names if name is not None and name not in frame.columns]:
        frame = frame.reset_index(level=levels)
    names = [str(name) for name in frame.columns]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise TraceError(f"{NAME}: the column {twice[0]!r} stands twice")
    return pa.table({name: _array(name, frame.iloc[:, place]) for place, name in enumerate(names)})


def _of_equal_lengths(columns: Mapping[str, pa.Array]) -> pa.Table:
    lengths = {name: len(values) for name, values in columns.items()}
    if len(set(lengths.values())) > 1:
        raise TraceError(f"{NAME}: its columns are of several lengths: {lengths}")
    return pa.table(dict(columns))


def _array(name: str, values: Any) -> pa.Array:
    try:
        return pa.array(values, from_pandas=True)
    except (pa.ArrowException, OverflowError, TypeError) as error:
        reason = str(error).splitlines()[0]
        raise TraceError(
            f"{NAME}: {name}: its values are of several kinds; make them one, as text ({reason})"
        ) from None


def _plain(name: str, column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return a column of a type that files have, too.

    Raises
    ------
    TraceError
        If there is none.
    """
    kind = column.type
    try:
        if pa.types.is_dictionary(kind):
            words = [chunk.dictionary.cast(_known(kind.value_type)).take(chunk.indices) for chunk in column.chunks]
            return pa.chunked_array(words, _known(kind.value_type))
        if pa.types.is_null(kind):
            return column.cast(pa.string())
        if pa.types.is_interval(kind):
            return _seconds(pa.chunked_array([_length(name, one) for one in column.chunks], pa.duration("ns")))
        return _seconds(column) if pa.types.is_duration(kind) else column
    except pa.ArrowException as error:
        reason = str(error).splitlines()[0]
        raise TraceError(f"{NAME}: {name}: a column of type {kind} cannot be read; make it text ({reason})") from None


def _known(kind: pa.DataType) -> pa.DataType:
    """Return the type of text for each of its kinds, other types as they are."""
    return pa.string() if str(kind) in ("string_view", "large_string") else kind


def _length(name: str, intervals: pa.Array) -> pa.Array:
    """Return lengths of days and nanoseconds, as DuckDB has them; a month is no length."""
    parts = [one if one is None else (one.months, one.days, one.nanoseconds) for one in intervals.to_pylist()]
    if any(one is not None and one[0] for one in parts):
        raise TraceError(f"{NAME}: {name}: a month is no length of time; give days or seconds")
    return pa.array([None if one is None else one[1] * _NS_PER_DAY + one[2] for one in parts], pa.duration("ns"))


def _seconds(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return time differences as decimal seconds, floored to the ms."""
    nanoseconds = column.cast(pa.duration("ns")).cast(pa.int64())
    floored = pc.floor(pc.divide(nanoseconds.cast(pa.decimal128(19, 0)), pa.scalar(Decimal(_NS_PER_MS))))
    return pc.multiply(floored.cast(pa.decimal128(19, 0)), pa.scalar(Decimal("0.001")))
