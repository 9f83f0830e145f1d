"""A trace into an events file, in chunks of whole connections."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from scfcost.core.errors import TraceError
from scfcost.core.files import whole
from scfcost.core.units import FOREVER_MS
from scfcost.trace.model import CONTROL, DIRECTION_MASK, UNKNOWN, Int64, Trace
from scfcost.trace.reading.event_rules import EVENT_NAMES
from scfcost.trace.window import SIDE_FILE, WINDOW_KEY, window_text

_CONNECT, _MESSAGE, _PING, _LOST, _CLOSE = (
    EVENT_NAMES.index(one) for one in ("connect", "message", "ping", "lost", "close")
)
_DIRECTIONS, _SIDES = ("up", None, "down"), (None, "client", "server")
"""Names of `UP`, `UNDIRECTED` and `DOWN`, and of `BY_UNKNOWN`, `BY_CLIENT` and `BY_SERVER`."""
_WORDS = pa.dictionary(pa.int8(), pa.string())


def write_trace(
    chunks: Iterable[Trace], path: Path, seen: Callable[[Trace], None] | None = None,
    window: tuple[int, int] | None = None,
) -> int:  # fmt: skip
    """Write a trace as an events file: Parquet, or CSV by the suffix. The file is whole, or not there.

    What `read_trace` makes of it, told the same window, is the same trace.

    Parameters
    ----------
    chunks : iterable of Trace
        Whole connections of one trace with message rows, ids apart.
    path : Path
        Ends with .parquet or .csv.
    seen : callable, optional
        Called with each chunk once it is written.
    window : tuple of int, optional
        What the file carries as the window of its trace. [ms]

    Returns
    -------
    int
        Rows written.

    Raises
    ------
    TraceError
        If the suffix is neither, or the file cannot be written.
    """
    if path.suffix not in (".parquet", ".csv"):
        raise TraceError(f"{path}: a trace is written as .parquet or .csv")
    rows = 0
    with whole(path, TraceError) as partial, ExitStack() as opened:
        writer = None
        for chunk in chunks:
            table = event_rows(chunk)
            writer = writer or opened.enter_context(_writer(partial, path.suffix, with_window(table.schema, window)))
            writer.write(table)
            rows += table.num_rows
            if seen is not None:
                seen(chunk)
    if path.suffix == ".csv" and window is not None:
        write_side_file(path, window)
    return rows


def with_window(schema: pa.Schema, window: tuple[int, int] | None) -> pa.Schema:
    """Return a schema whose files carry a window.

    Parameters
    ----------
    schema : pa.Schema
        The columns of the file.
    window : tuple of int or None
        Start and end. [epoch ms]
    """
    return schema if window is None else schema.with_metadata({WINDOW_KEY: window_text(window)})


def write_side_file(path: Path, window: tuple[int, int]) -> None:
    """Write the window of a trace file that cannot hold it beside that file.

    Parameters
    ----------
    path : Path
        The trace file.
    window : tuple of int
        Start and end. [epoch ms]

    Raises
    ------
    TraceError
        If it cannot be written.
    """
    with whole(path.with_name(path.name + SIDE_FILE), TraceError) as partial:
        partial.write_text(window_text(window) + "\n", encoding="utf-8")


def _writer(path: Path, suffix: str, schema: pa.Schema) -> pa.csv.CSVWriter | pa.parquet.ParquetWriter:
    if suffix == ".csv":
        return pa.csv.CSVWriter(path, schema)
    return pa.parquet.ParquetWriter(path, schema)


def event_rows(trace: Trace) -> pa.Table:
    """Return the rows of an events file: each connection's from its connect to its close.

    Returns
    -------
    pyarrow.Table
        connection_id, timestamp (epoch ms), event, direction, bytes, close_code, closed_by; and function and
        room where the trace names any.
    """
    messages = np.diff(trace.offsets)
    lost, closed = trace.client_lost_ms < FOREVER_MS, trace.close_ms < FOREVER_MS
    counts = 1 + messages + lost + closed
    ends = np.cumsum(counts)
    begins, n = ends - counts, int(counts.sum())
    said = np.arange(trace.messages) + np.repeat(begins + 1 - trace.offsets[:-1], messages)
    gone, closing = (begins + 1 + messages)[lost], (ends - 1)[closed]

    event = np.full(n, _MESSAGE, np.int8)
    event[begins], event[gone], event[closing] = _CONNECT, _LOST, _CLOSE
    event[said[(trace.message_flags & CONTROL) != 0]] = _PING
    timestamp = np.empty(n, np.int64)
    timestamp[begins], timestamp[said] = trace.connect_ms, trace.message_ms
    timestamp[gone], timestamp[closing] = trace.client_lost_ms[lost], trace.close_ms[closed]
    columns = {
        "connection_id": pa.array(np.repeat(trace.connection_id, counts)),
        "timestamp": pa.array(timestamp),
        "event": pa.DictionaryArray.from_arrays(pa.array(event), list(EVENT_NAMES)),
        "direction": _words(n, said, (trace.message_flags & DIRECTION_MASK).astype(np.int64), _DIRECTIONS),
        "bytes": _sparse(n, said, trace.message_bytes),
        "close_code": _sparse(n, closing, trace.close_code[closed].astype(np.int64)),
        "closed_by": _words(n, closing, trace.closed_by[closed].astype(np.int64), _SIDES),
    }
    if trace.functions != ("default",):
        columns["function"] = _words(n, begins, trace.function_code.astype(np.int64), trace.functions)
    if trace.room is not None:
        columns["room"] = _sparse(n, begins, trace.room)
    return pa.table(columns)


def _sparse(n: int, rows: Int64, values: Int64) -> pa.Array:
    """Return a column that is empty but for some rows, and there where the value is UNKNOWN."""
    filled, empty = np.zeros(n, np.int64), np.ones(n, np.bool_)
    filled[rows], empty[rows] = values, values == UNKNOWN
    return pa.array(filled, mask=empty)


def _words(n: int, rows: Int64, codes: Int64, names: tuple[str | None, ...]) -> pa.Array:
    """Return a column of words that is empty but for some rows, and there where the code has no name."""
    known = [name for name in names if name is not None]
    index = np.array([UNKNOWN if name is None else known.index(name) for name in names])
    sparse = _sparse(n, rows, index[codes]).cast(pa.int8())
    return pa.DictionaryArray.from_arrays(sparse, known).cast(_WORDS)
