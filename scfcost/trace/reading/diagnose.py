"""The careful reading: line by line, to say what is wrong with each bad row and where it stands."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from scfcost.core.errors import BadRowsError, TraceError
from scfcost.core.guard import parse_json
from scfcost.core.text import first_line
from scfcost.trace.reading.columns import EVENTS, plain_name
from scfcost.trace.reading.compressed import damaged, open_text
from scfcost.trace.reading.database import column, quoted
from scfcost.trace.reading.draft import Draft, draft_of_connections, draft_of_events
from scfcost.trace.reading.event_rules import CLOSE, CONNECT, LOST
from scfcost.trace.reading.group import group_batches
from scfcost.trace.reading.layout import Layout, Relation
from scfcost.trace.reading.load import cells, connection_values, event_values, plain_type, refuse_nested
from scfcost.trace.reading.order_rules import (
    AWAITED,
    CONNECTED,
    EVENT_WORDS,
    HEADLESS,
    SENTENCES,
    SOUND,
    broken_rule,
)
from scfcost.trace.reading.rejects import LISTED, STRICT, Reject, listing, write_rejects
from scfcost.trace.reading.sources import LONGEST_ROW, Source

LINE, MALFORMED, RAW = " line", " malformed", " raw"
"""Columns of ours: no column of a file begins with a space."""
_BLOCK = "careful_block"
_BLOCK_ROWS = 100_000
_NOT_UTF8 = "\ufffd"


class Fault(NamedTuple):
    """A bad row: which source, which line of it, and `column: what is wrong`."""

    source: int
    line: int
    reason: str


def load(connection: Any, sources: Sequence[Source]) -> list[Relation]:
    """Load each source with its line numbers, the text of each row, and what is wrong with its form.

    Parameters
    ----------
    connection : object
        An open connection of the database.
    sources : sequence of Source
        The files that are read.

    Raises
    ------
    TraceError
        If a file is damaged or ends too early.
    """
    return [
        _load_parquet(connection, source, index) if source.kind == "parquet" else _load_text(connection, source, index)
        for index, source in enumerate(sources)
    ]


def read(connection: Any, relations: Sequence[Relation], layout: Layout, on_error: str, rejects: Path) -> Draft:
    """Find every bad row, then refuse the trace or build it from the others.

    Parameters
    ----------
    connection : object
        An open connection of the database.
    relations : sequence of Relation
        The files, as relations of the database.
    layout : Layout
        How ids, instants and functions are written.
    on_error : str
        "strict" refuses a trace with bad rows, "skip" writes them to a file and goes on.
    rejects : Path
        File that bad rows are written to where they are skipped.

    Raises
    ------
    BadRowsError
        If `on_error` is "strict" and a row is bad.
    """
    faults = _faults_of_cells(connection, relations, layout)
    events = relations[0].shape is EVENTS
    table = _sound_rows(connection, relations, layout)
    keep, broken = _faults_of_order(table) if events else _faults_of_ids(table)
    faults = sorted(faults + broken)
    if faults and on_error == STRICT:
        raise BadRowsError(_listing(faults, relations))
    if faults:
        write_rejects(_rejects(connection, relations, faults), rejects)
    kept = table.filter(pa.array(keep))
    if kept.num_rows == 0:
        raise TraceError(f"all {layout.rows} rows are bad; they stand in {rejects} with their reasons")
    draft = _draft_events(kept, layout) if events else _draft_connections(kept, layout)
    return replace(draft, rows=layout.rows, rejected=len(faults))


def explain(connection: Any, relations: Sequence[Relation], layout: Layout, ranges: Iterable[tuple[Any, Any]]) -> None:
    """Say which rows of a trace larger than memory are bad: cells anywhere, else the order of some ranges of ids.

    Parameters
    ----------
    connection, relations, layout
        As of `read`.
    ranges : iterable of tuple
        First id of a range, and the one that it ends before, None for no bound. They are looked at in turn up to the
        first with a bad row.

    Raises
    ------
    BadRowsError
        If a row is bad.
    """
    first, count = [], 0
    for relation in relations:
        faulty = _faulty(layout, relation)
        count += int(connection.sql(f"SELECT count(*) FROM ({faulty})").fetchall()[0][0])
        rows = connection.sql(f"{faulty} ORDER BY line LIMIT {LISTED}").fetchall()
        first += [(relation.name, line, reason) for line, reason in rows]
    if count:
        raise BadRowsError(listing(first, count, at_least=True))  # what cells hide, such as an order, is not looked at
    judge = _faults_of_order if relations[0].shape is EVENTS else _faults_of_ids
    for within in ranges:
        faults = judge(_sound_rows(connection, relations, layout, within))[1]
        if faults:
            raise BadRowsError(_listing(sorted(faults), relations, at_least=True))


def _load_parquet(connection: Any, source: Source, index: int) -> Relation:
    """Load the columns of a Parquet file by their place: no name of its own reaches the database but as a name."""
    try:
        with pq.ParquetFile(source.path) as file:
            schema = file.schema_arrow
            names = list(source.columns)
            connection.register(_BLOCK, pa.table(_plain_block(schema.empty_table(), names)))
            described = connection.sql(f"DESCRIBE SELECT * FROM {_BLOCK}").fetchall()
            kinds = {name: plain_type(kind) for name, kind, *_ in described[: len(names)]}
            refuse_nested(source.name, kinds, source.shape)
            table, first = _empty_table(connection, index, kinds), 1
            for batch in file.iter_batches(_BLOCK_ROWS):
                block = _plain_block(pa.Table.from_batches([batch]), names)
                block[LINE] = pa.array(np.arange(first, first + batch.num_rows))
                block[RAW] = pa.StructArray.from_arrays(batch.columns, names=names)
                first += batch.num_rows
                raw = f"CAST(to_json({column(RAW)}) AS VARCHAR)"
                _insert(connection, table, block, f"{cells(kinds, source.shape)}, {column(LINE)}, NULL, {raw}")
    except (OSError, pa.ArrowException, OverflowError) as error:
        raise TraceError(f"{source.name}: a damaged or truncated Parquet file: {first_line(error)}") from None
    except duckdb.Error as error:
        raise TraceError(f"{source.name}: cannot be read: {first_line(error)}") from None
    return Relation(source.name, table, kinds, source.shape, source.kind)


def _plain_block(table: pa.Table, names: Sequence[str]) -> dict[str, Any]:
    """Return columns by their plain names, those of a few repeated words as the words themselves."""
    plain = (one.cast(one.type.value_type) if pa.types.is_dictionary(one.type) else one for one in table.itercolumns())
    return dict(zip(names, plain, strict=True))


def _load_text(connection: Any, source: Source, index: int) -> Relation:
    rows = _csv_rows if source.kind == "csv" else _json_rows
    kinds = dict.fromkeys(source.columns, "VARCHAR")
    table = _empty_table(connection, index, kinds)
    types = [*[pa.string()] * len(kinds), pa.int64(), pa.string(), pa.string()]
    names = [*kinds, LINE, MALFORMED, RAW]
    try:
        for block in _blocks(rows(source)):
            columns = [pa.array(values, kind) for values, kind in zip(zip(*block, strict=True), types, strict=True)]
            _insert(connection, table, dict(zip(names, columns, strict=True)), "*")
    except (EOFError, OSError, pa.ArrowException) as error:
        raise damaged(source.name, source.compression, error) from None
    return Relation(source.name, table, kinds, source.shape, source.kind)


def _empty_table(connection: Any, index: int, kinds: Mapping[str, str]) -> str:
    table = f"careful_{index}"
    typed = {**kinds, LINE: "BIGINT", MALFORMED: "VARCHAR", RAW: "VARCHAR"}
    listed = ", ".join(f"{column(name)} {kind}" for name, kind in typed.items())
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {table} ({listed})")
    return table


def _insert(connection: Any, table: str, block: Mapping[str, Any], values: str) -> None:
    connection.register(_BLOCK, pa.table(dict(block)))
    connection.execute(f"INSERT INTO {table} SELECT {values} FROM {_BLOCK}")
    connection.unregister(_BLOCK)


def _blocks(rows: Iterator[list[Any]]) -> Iterator[list[list[Any]]]:
    block: list[list[Any]] = []
    for row in rows:
        block.append(row)
        if len(block) == _BLOCK_ROWS:
            yield block
            block = []
    if block:
        yield block


def _csv_rows(source: Source) -> Iterator[list[Any]]:
    names = list(source.columns)
    limit = csv.field_size_limit(LONGEST_ROW)
    try:
        with open_text(source.path, source.compression) as text:
            yield from _csv_rows_of(csv.reader(text, delimiter=source.delimiter), names, source.delimiter)
    finally:
        csv.field_size_limit(limit)


def _csv_rows_of(reader: Any, names: Sequence[str], delimiter: str) -> Iterator[list[Any]]:
    header, line = True, 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield [*[None] * len(names), reader.line_num, f"line: {error}", ""]
            continue
        line, begins = reader.line_num + 1, line
        if not cells or header:
            header = header and not cells
            continue
        raw = delimiter.join(cells)
        malformed = _form(raw)
        fitting = _fitting(cells, names)
        if fitting is None:
            malformed = f"line: {len(cells)} values where the header has {len(names)}"
        yield [*(cell or None for cell in fitting or [""] * len(names)), begins, malformed, raw]


def _fitting(cells: list[str], names: Sequence[str]) -> list[str] | None:
    """Return a cell for each column, None where there are too few or too many; commas at the end name nothing."""
    if len(cells) > len(names) and not any(cells[len(names) :]):
        return cells[: len(names)]
    missing = names[len(cells) :]
    return (
        [*cells, *[""] * len(missing)]
        if len(cells) <= len(names) and not "".join(missing).strip(" 0123456789")
        else None
    )


def _json_rows(source: Source) -> Iterator[list[Any]]:
    with open_text(source.path, source.compression) as text:
        for number, line in enumerate(text, start=1):
            if not line.strip():
                continue
            row, malformed = _json_object(line)
            cells = {plain_name(key): value for key, value in row.items()}
            values = [_cell(cells.get(name)) for name in source.columns]
            yield [*values, number, malformed, line.rstrip("\r\n")]


def _json_object(line: str) -> tuple[dict[str, Any], str | None]:
    try:
        row = parse_json(line, parse_float=str, parse_int=str)
    except ValueError as error:
        return {}, f"line: not JSON: {error}"
    if not isinstance(row, dict):
        return {}, "line: not a JSON object"
    return row, _form(line)


def _cell(value: Any) -> str | None:
    if value is None or value == "":
        return None
    return value if isinstance(value, str) else json.dumps(value)


def _form(raw: str) -> str | None:
    return "line: not valid UTF-8" if _NOT_UTF8 in raw else None


def _fault(layout: Layout, relation: Relation) -> str:
    return f"coalesce({column(MALFORMED)}, {layout.rules(relation).fault()})"


def _faulty(layout: Layout, relation: Relation) -> str:
    """Return a SELECT of line and fault of each row with a bad cell."""
    rows = layout.rules(relation).rows(relation.sql)
    faults = f"SELECT {column(LINE)} AS line, {_fault(layout, relation)} AS fault FROM {rows}"
    return f"SELECT line, fault FROM ({faults}) WHERE fault IS NOT NULL"


def _faults_of_cells(connection: Any, relations: Sequence[Relation], layout: Layout) -> list[Fault]:
    found = []
    for index, relation in enumerate(relations):
        rows = connection.sql(_faulty(layout, relation)).fetchall()
        found += [Fault(index, line, reason) for line, reason in rows]
    return found


def _sound_rows(
    connection: Any, relations: Sequence[Relation], layout: Layout, within: tuple[Any, Any] = (None, None)
) -> pa.Table:
    """Return the rows whose cells are sound, of the ids within a range, sorted, each with its source and line."""
    bounds = [
        f"id {compares} {quoted(bound) if isinstance(bound, str) else bound}"
        for compares, bound in zip((">=", "<"), within, strict=True)
        if bound is not None
    ]
    values = event_values if relations[0].shape is EVENTS else connection_values
    selects = []
    for index, relation in enumerate(relations):
        rules = layout.rules(relation)
        listed = ", ".join(f"{sql} AS {name}" for name, sql in values(rules, layout).items())
        rows, where = rules.rows(relation.sql), f"({_fault(layout, relation)}) IS NULL"
        selects.append(f"SELECT {listed}, {index} AS source, {column(LINE)} AS line FROM {rows} WHERE {where}")
    order = "id, time, code, source, line" if values is event_values else "id, source, line"
    where = f" WHERE {' AND '.join(bounds)}" if bounds else ""
    return connection.sql(f"SELECT * FROM ({' UNION ALL '.join(selects)}){where} ORDER BY {order}").to_arrow_table()


def _faults_of_order(table: pa.Table) -> tuple[NDArray[np.bool_], list[Fault]]:
    """Judge the rows of each connection in time order."""
    columns = ("id", "code", "function", "source", "line")
    ids, codes, functions, sources, lines = (table.column(name).to_pylist() for name in columns)
    keep = np.ones(len(ids), np.bool_)
    faults: list[Fault] = []
    begin = 0
    for end in range(1, len(ids) + 1):
        if end < len(ids) and ids[end] == ids[begin]:
            continue
        for row, reason in _broken_rules(ids[begin], codes[begin:end], functions[begin:end]):
            keep[begin + row] = False
            faults.append(Fault(sources[begin + row], lines[begin + row], reason))
        begin = end
    return keep, faults


def _broken_rules(connection_id: Any, codes: list[int], functions: list[int]) -> Iterator[tuple[int, str]]:
    """Yield the rows of one connection that break a rule, and which."""
    who = f"connection {connection_id!r}"
    standing = AWAITED if CONNECT in codes else HEADLESS
    lost, closed, served = False, False, 0
    for row, (code, function) in enumerate(zip(codes, functions, strict=True)):
        rule = broken_rule(code, function, standing, closed, lost, served)
        if rule != SOUND:
            yield row, SENTENCES[rule].format(what=EVENT_WORDS.get(code, "message"), who=who)
            continue
        standing = CONNECTED if code == CONNECT else standing
        lost = lost or code == LOST
        closed = closed or code == CLOSE
        served = served or function


def _faults_of_ids(table: pa.Table) -> tuple[NDArray[np.bool_], list[Fault]]:
    """Find the ids that stand twice in a connections file."""
    ids, sources, lines = (table.column(name).to_pylist() for name in ("id", "source", "line"))
    keep = np.ones(len(ids), np.bool_)
    faults = []
    for row in range(1, len(ids)):
        if ids[row] == ids[row - 1]:
            keep[row] = False
            faults.append(Fault(sources[row], lines[row], f"connection_id: {ids[row]!r} stands twice"))
    return keep, faults


def _listing(faults: Sequence[Fault], relations: Sequence[Relation], *, at_least: bool = False) -> str:
    first = [(relations[one.source].name, one.line, one.reason) for one in faults[:LISTED]]
    return listing(first, len(faults), at_least=at_least)


def _rejects(connection: Any, relations: Sequence[Relation], faults: Sequence[Fault]) -> Iterator[Reject]:
    """Yield each bad row as it stands in its file."""
    for index, relation in enumerate(relations):
        own = [fault for fault in faults if fault.source == index]
        wanted = pa.table({"line": pa.array([fault.line for fault in own], pa.int64())})
        connection.register("rejected_lines", wanted)
        line = column(LINE)
        rows = f"SELECT {line}, {column(RAW)} FROM {relation.sql}"
        query = f"{rows} WHERE {line} IN (SELECT line FROM rejected_lines)"
        raw = dict(connection.sql(query).fetchall())
        connection.unregister("rejected_lines")
        yield from (Reject(relation.name, fault.line, fault.reason, raw[fault.line]) for fault in own)


def _draft_events(table: pa.Table, layout: Layout) -> Draft:
    batches = table.select(["id", "time", "code", "payload", "function"]).combine_chunks().to_batches()
    return draft_of_events(group_batches(batches), layout)


def _draft_connections(table: pa.Table, layout: Layout) -> Draft:
    columns: dict[str, NDArray[Any]] = {}
    for name in table.column_names:
        column = table.column(name)
        text = pa.types.is_string(column.type)
        columns[name] = np.array(column.to_pylist(), dtype=object) if text else column.to_numpy()
    return draft_of_connections(columns, layout)
