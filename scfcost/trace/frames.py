"""A trace from a DataFrame: pandas, or whatever speaks the stream of Arrow (Polars, DuckDB, pyarrow)."""

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
from scfcost.trace.reading.columns import CONNECTIONS, EVENTS

NAME = "frame"
"""What messages call a DataFrame; its rows count from 1."""
_NS_PER_MS = 1_000_000


def trace_from_frame(frame: Any, columns: Mapping[str, str] | None = None, **reading: Any) -> Trace:
    """Read a trace from a DataFrame, by the rules and with the messages of files.

    Parameters
    ----------
    frame : DataFrame
        Of pandas, or anything with `__arrow_c_stream__`. Its columns are those of an events file or a connections file;
        a column of time differences may stand for seconds.
    columns : mapping of str to str, optional
        What the frame calls a column of a trace, such as {"connect_time": "started"}; other names are as in files.
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
    with TemporaryDirectory(prefix="scfcost-") as folder:
        path = Path(folder) / "frame.parquet"
        pq.write_table(pa.table([_plain(column) for column in table.columns], table.column_names), path)
        return read_trace([(path, NAME)], **reading)


def is_frame(data: Any) -> bool:
    """Whether something is a table that can be read."""
    return _is_pandas(data) or hasattr(data, "__arrow_c_stream__")


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
        if own not in table.column_names:
            raise ConfigError(f"columns: {NAME} has no column {own!r}; {nearest(own, table.column_names)}")
    taken = {*columns, *columns.values()}
    cells = {name: table.column(own) for name, own in columns.items()}
    cells |= {name: table.column(name) for name in table.column_names if name not in taken}
    return pa.table(cells)


def _is_pandas(data: Any) -> bool:
    pandas = sys.modules.get("pandas")
    return pandas is not None and isinstance(data, pandas.DataFrame)


def _table_of(frame: Any) -> pa.Table:
    """Return a DataFrame as a table of Arrow, without an index."""
    if not is_frame(frame):
        raise ConfigError(
            f"expected a DataFrame of pandas or anything that speaks Arrow's stream, not {type(frame).__name__!r}"
        )
    if not _is_pandas(frame):
        return pa.table(frame)
    names = [str(name) for name in frame.columns]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise TraceError(f"{NAME}: the column {twice[0]!r} stands twice")
    return pa.table({name: _array(name, frame.iloc[:, place]) for place, name in enumerate(names)})


def _array(name: str, values: Any) -> pa.Array:
    try:
        return pa.Array.from_pandas(values)
    except (pa.ArrowException, OverflowError) as error:
        reason = str(error).splitlines()[0]
        raise TraceError(
            f"{NAME}: {name}: its values are of several kinds; make them one, as text ({reason})"
        ) from None


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return a column of a type that files have, too."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return column.cast(kind.value_type)
    if pa.types.is_null(kind):
        return column.cast(pa.string())
    return _seconds(column) if pa.types.is_duration(kind) else column


def _seconds(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return time differences as decimal seconds, floored to the ms."""
    nanoseconds = column.cast(pa.duration("ns")).cast(pa.int64())
    floored = pc.floor(pc.divide(nanoseconds.cast(pa.decimal128(19, 0)), pa.scalar(Decimal(_NS_PER_MS))))
    return pc.multiply(floored.cast(pa.decimal128(19, 0)), pa.scalar(Decimal("0.001")))
