"""The fast reading: sort a narrow, packed row, stream it, and stop at the first sign of a bad row."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing, suppress
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from scfcost.core.errors import TraceError
from scfcost.core.text import one_line
from scfcost.core.units import FOREVER_MS
from scfcost.trace.model import UNKNOWN, Int64
from scfcost.trace.reading.arrival import OutOfOrderError, arrange
from scfcost.trace.reading.columns import EVENTS, Shape, plain_name
from scfcost.trace.reading.compressed import ends_in_a_long_row
from scfcost.trace.reading.database import column, file_literal, quoted
from scfcost.trace.reading.draft import Draft, draft_of_connections, draft_of_events
from scfcost.trace.reading.group import (
    AmbiguousIdsError,
    Grouped,
    UnsoundRowsError,
    group_batches,
    name_connections,
    order_of_names,
)
from scfcost.trace.reading.layout import Layout, Relation
from scfcost.trace.reading.rules import BAD, Rules
from scfcost.trace.reading.sources import Source

__all__ = ["UnsoundRowsError", "connection_values", "event_values", "read", "relation"]
_BATCH_ROWS, _ARRIVING_ROWS = 500_000, 131_072
"""Rows of a batch, at most: sorted, and as they arrive. [1]"""
LARGE_BYTES = 4_000_000
"""Files below this are sorted in less time than it takes to load the loops that spare the sort. [B]"""
_HASH = "hash(id)"
"""A number of 64 bits for a text id. Where two ids of a trace share one, the texts themselves are sorted."""


def relation(connection: Any, source: Source) -> Relation:
    """Return a source as a relation that the database parses itself.

    Parameters
    ----------
    connection : object
        An open connection of the database.
    source : Source
        The file that is read.

    Raises
    ------
    TraceError
        If a column of a trace holds lists or structures.
    UnsoundRowsError
        If the database would not read the header as it is.
    """
    path = file_literal(source.path)
    if source.kind == "parquet":
        sql = f"read_parquet({path}, hive_partitioning = false)"
        described = connection.sql(f"DESCRIBE SELECT * FROM {sql}").fetchall()
        kinds = {name: plain_type(kind) for name, kind, *_ in described}
        columns = {plain_name(name): kind for name, kind in kinds.items() if plain_name(name)}
        refuse_nested(source.name, columns, source.shape)
        sql = f"(SELECT {cells(kinds, source.shape)} FROM {sql})"
        return Relation(source.name, sql, columns, source.shape, source.kind, source.first_rows, source.path)
    if source.kind == "csv" and any({"\r", "\n"} & set(name) for name in source.columns):
        raise UnsoundRowsError  # the database takes a line end in a header for that of the header
    columns = dict.fromkeys(source.columns, "VARCHAR")
    names = ", ".join(f"{quoted(name)}: 'VARCHAR'" for name in source.columns)
    options = f"columns = {{{names}}}, compression = {quoted(source.compression)}, hive_partitioning = false"
    if source.kind == "csv":
        sql = (
            f"read_csv({path}, header = true, auto_detect = false, delim = {quoted(source.delimiter)}, quote = '\"', "
            f"escape = '\"', {options})"
        )
    else:
        sql = f"read_json({path}, format = 'newline_delimited', {options})"
        sql = f"(SELECT {cells(columns, source.shape)} FROM {sql})"
    return Relation(source.name, sql, columns, source.shape, source.kind, source.first_rows, source.path)


def cells(columns: Mapping[str, str], shape: Shape) -> str:
    """Return SQL for all columns under their plain names, NULL in those of the shape where a writer put "" or NaN.

    Parameters
    ----------
    columns : mapping
        Type of each column of the file, by its name.
    shape : Shape
        What the rows of the file are: events, or connections.
    """
    listed = []
    for name, kind in columns.items():
        cell, plain = column(name), plain_name(name)
        if not plain:  # the database knows no column without a name, and none is asked for
            continue
        if plain in shape.columns and kind in ("VARCHAR", "FLOAT", "DOUBLE"):
            cell = f"nullif({cell}, '')" if kind == "VARCHAR" else f"CASE WHEN NOT isnan({cell}) THEN {cell} END"
        listed.append(f"{cell} AS {column(plain)}")
    return ", ".join(listed)


def read(connection: Any, relations: Sequence[Relation], layout: Layout) -> Draft:
    """Sort and group the rows of a sound trace.

    Parameters
    ----------
    connection : object
        An open connection of the database.
    relations : sequence of Relation
        The files, as relations of the database.
    layout : Layout
        How ids, instants and functions are written.

    Raises
    ------
    UnsoundRowsError
        If any row breaks a rule, or holds a number that this reading would take through a binary float.
    """
    if layout.fractions and any(relation.kind == "jsonl" for relation in relations):
        raise UnsoundRowsError
    refuse_hidden_rows(relations)
    if relations[0].shape is EVENTS:
        grouped = _grouped(connection, relations, layout)
        if grouped.rows == 0 or not layout.covers(grouped.first_ms, grouped.last_ms):
            raise UnsoundRowsError
        return draft_of_events(grouped, layout)
    return connections_of(connection, " UNION ALL ".join(connection_rows(one, layout) for one in relations), layout)


def refuse_hidden_rows(relations: Sequence[Relation]) -> None:
    """Refuse files whose last row is so long that the database would leave it out without a word.

    Raises
    ------
    UnsoundRowsError
        If there is one, or a file is damaged: the careful reading says what it is.
    """
    try:
        hides_rows = any(one.kind == "csv" and ends_in_a_long_row(one.path) for one in relations)
    except (OSError, pa.ArrowException):
        hides_rows = True
    if hides_rows:
        raise UnsoundRowsError


def connections_of(connection: Any, rows: str, layout: Layout) -> Draft:
    """Sort the rows of connections files.

    Parameters
    ----------
    connection : object
        An open connection of the database.
    rows : str
        SELECT of the rows, as `connection_rows` returns it.
    layout : Layout
        How ids, instants and functions are written.

    Raises
    ------
    UnsoundRowsError
        If any row breaks a rule, or two are of one connection.
    """
    table = connection.sql(f"{rows} ORDER BY id").to_arrow_table()
    columns = {name: _numpy(table.column(name)) for name in table.column_names}
    ids = columns["id"]
    if columns["bad"].any() or (len(ids) > 1 and bool((ids[1:] == ids[:-1]).any())):
        raise UnsoundRowsError
    return draft_of_connections(columns, layout)


def _grouped(connection: Any, relations: Sequence[Relation], layout: Layout) -> Grouped:
    """Group the rows by id; for text by its hash, since numbers are sorted in a third of the time and memory."""
    rows = " UNION ALL ".join(packed(one, layout) for one in relations)
    is_text = layout.id_type == "VARCHAR"
    hashed = f"SELECT {_HASH} AS id, time, code, payload, function FROM ({rows})" if is_text else rows

    def named(hashes: Int64) -> tuple[Int64, NDArray[Any]]:
        return order_of_names(hashes, _names(connection, relations))

    with suppress(AmbiguousIdsError):
        if sum(one.path.stat().st_size for one in relations) >= LARGE_BYTES:
            with suppress(OutOfOrderError), closing(events(connection, hashed)) as batches:
                return arrange(batches, named if is_text else None)
        with closing(sorted_events(connection, hashed)) as batches:
            grouped = group_batches(batches)
        return name_connections(grouped, named) if is_text else grouped
    with closing(sorted_events(connection, rows)) as batches:
        return group_batches(batches)


def packed(relation: Relation, layout: Layout) -> str:
    """Return a SELECT of the packed rows of an events file.

    Parameters
    ----------
    relation : Relation
        The file, as a relation of the database.
    layout : Layout
        How ids, instants and functions are written.
    """
    return _selected(event_values, relation, layout)


def connection_rows(relation: Relation, layout: Layout) -> str:
    """Return a SELECT of the rows of a connections file.

    Parameters
    ----------
    relation : Relation
        The file, as a relation of the database.
    layout : Layout
        How ids, instants and functions are written.
    """
    return _selected(connection_values, relation, layout)


def _selected(values: Callable[[Rules, Layout], dict[str, str]], relation: Relation, layout: Layout) -> str:
    rules = layout.rules(relation)
    listed = ", ".join(f"{sql} AS {name}" for name, sql in values(rules, layout).items())
    return f"SELECT {listed} FROM {rules.rows(relation.sql)}"


def events(connection: Any, rows: str, batch_rows: int = _ARRIVING_ROWS) -> Generator[pa.RecordBatch, None, None]:
    """Yield packed rows in the order of the files, if the database keeps it.

    Parameters
    ----------
    connection : object
        An open connection of the database.
    rows : str
        SELECT of the packed rows.
    batch_rows : int, optional
        Rows of a batch, at most. [1]
    """
    with connection.sql(rows).to_arrow_reader(batch_rows) as reader:
        yield from reader


def sorted_events(connection: Any, rows: str) -> Generator[pa.RecordBatch, None, None]:
    """Yield packed rows in the order that grouping needs.

    Parameters
    ----------
    connection : object
        An open connection of the database.
    rows : str
        SELECT of the packed rows.
    """
    yield from events(connection, f"{rows} ORDER BY id, time, code", _BATCH_ROWS)


def _names(connection: Any, relations: Sequence[Relation]) -> pa.Table:
    """Return each id that is text and its hash, in the order of the ids."""
    ids = " UNION ALL ".join(f'SELECT CAST("connection_id" AS VARCHAR) AS id FROM {one.sql}' for one in relations)
    return connection.sql(
        f"SELECT id, {_HASH} AS hash FROM (SELECT DISTINCT id FROM ({ids})) ORDER BY id"
    ).to_arrow_table()


def event_values(rules: Rules, layout: Layout) -> dict[str, str]:
    """Return the packed row of an event as SQL: id, time, code (BAD where a check fails), payload, function.

    Parameters
    ----------
    rules : Rules
        Those of the rows of a file.
    layout : Layout
        How ids, instants and functions are written.
    """
    values = rules.values
    return {
        "id": values["id"],
        "time": f"coalesce({values['time']}, 0)",
        "code": f"CAST(CASE WHEN {rules.is_bad()} THEN {BAD} ELSE {values['code']} END AS UTINYINT)",
        "payload": f"CAST(coalesce({values['payload']}, {UNKNOWN}) AS BIGINT)",
        "function": layout.function_code(values["function"]),
    }


def connection_values(rules: Rules, layout: Layout) -> dict[str, str]:
    """Return the row of a connection as SQL, UNKNOWN or FOREVER_MS where a cell is empty.

    Parameters
    ----------
    rules : Rules
        Those of the rows of a file.
    layout : Layout
        How ids, instants and functions are written.
    """
    values = dict(rules.values)
    forever = ("close", "client_lost")
    for name in ("connect", "close", "client_lost", "bytes_out", "bytes_in", "messages", "last_activity", "max_idle"):
        empty = FOREVER_MS if name in forever else UNKNOWN
        values[name] = f"coalesce({values[name]}, {empty})"
    values["function"] = layout.function_code(values["function"])
    return {**values, "bad": rules.is_bad()}


def _numpy(column: pa.ChunkedArray) -> NDArray[Any]:
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        return np.array(column.to_pylist(), dtype=object)
    return column.to_numpy()  # type: ignore[no-any-return]


def plain_type(kind: str) -> str:
    """Return the database type that a column of a file is taken as."""
    plain = {"TIMESTAMP WITH TIME ZONE": "TIMESTAMPTZ"}.get(kind, kind)
    return "VARCHAR" if plain.startswith("ENUM") else plain


def refuse_nested(name: str, columns: Mapping[str, str], shape: Shape) -> None:
    """Refuse columns that hold lists or structures where a value is expected.

    Parameters
    ----------
    name : str
        What messages call the file.
    columns : mapping
        Type of each column of the file, by its name.
    shape : Shape
        What the rows of the file are: events, or connections.

    Raises
    ------
    TraceError
        If one does.
    """
    for one, kind in columns.items():
        if one in shape.columns and ("[" in kind or kind.startswith(("STRUCT", "MAP", "UNION", "VARIANT"))):
            what = "lists" if "[" in kind else "structures"
            raise TraceError(f"{name}: {one}: a column of type {one_line(kind, 40)} ({what}) holds no single values")
