"""Columns of a table named on the command line, `--column connect_time=started`, as a mapping."""

from __future__ import annotations

from collections.abc import Mapping as Named
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import ValidationError

from scfcost.core.errors import ConfigError, TraceError, nearest
from scfcost.core.guard import taking_apart
from scfcost.trace.formats.base import Converted, LogOptions, Original
from scfcost.trace.formats.cells import LENGTH_UNIT_MS
from scfcost.trace.formats.first_rows import Table, table_of
from scfcost.trace.formats.guesses import form_of, told, unit_of
from scfcost.trace.formats.mapped import format_of
from scfcost.trace.formats.mapping import DELIMITED, ISO, TEXT, Fields, Mapping
from scfcost.trace.reading.columns import CONNECTIONS, EVENTS
from scfcost.trace.reading.compressed import first_bytes

_LENGTHS = {"duration": None, **{f"duration_{unit}": unit for unit in LENGTH_UNIT_MS}}
_OTHERS = {"timestamp": "time"}
"""What a trace file calls a field, and a mapping."""
_PARQUET = b"PAR1"


def read_columns(named: Sequence[str]) -> dict[str, str]:
    """Return columns by the names that they have in a trace, from NAME=COLUMN each.

    Raises
    ------
    ConfigError
        If one is no such pair, or names what a trace has not.
    """
    found = {}
    known = [*Fields.model_fields, *_LENGTHS, *_OTHERS]
    for one in named:
        name, equals, own = one.partition("=")
        if not equals or not own:
            raise ConfigError(f"column: {one!r} is no NAME=COLUMN, such as connect_time=started")
        if name not in known:
            raise ConfigError(f"column: a trace has no {name!r}; {nearest(name, known)}")
        found[name] = own
    return found


def is_parquet(original: Original) -> bool:
    """Whether a file is Parquet, which is read as it is once its columns are renamed."""
    return first_bytes(*original).startswith(_PARQUET)


def convert_columns(originals: Sequence[Original], scratch: Path, options: LogOptions) -> Converted:
    """Read tables by the columns that the user named.

    Parameters
    ----------
    originals : sequence of Original
        The files that were given, as the user named them.
    scratch : Path
        Folder for files on the way; what is written goes there.
    options : LogOptions
        What the user says of logs.

    Raises
    ------
    TraceError
        If a file has no such column; it names those that are there.
    ConfigError
        If what is named does not tell a life, or the unit of a length is not known.
    """
    first, columns = originals[0], dict(options.columns)
    table = table_of(first)
    if table.kind == TEXT:
        raise TraceError(
            f"{first.name}: has no columns; `scfcost import {first.name} --suggest` looks for what it tells"
        )
    for own in columns.values():
        for part in [own] if own in table.columns else own.split("+"):
            if part not in table.columns:
                raise TraceError(f"{first.name}: no column {part!r}; {_there(part, list(table.columns))}")
    mapping = mapping_of(table, columns, options.time_unit)
    return format_of(mapping, "columns", "a table by --column", first.path.stem).convert(originals, scratch, options)


def _there(name: str, names: Sequence[str]) -> str:
    """Name the nearest column, and all that there are."""
    close = nearest(name, names)
    return f"{close + ' ' if close.startswith('did you') else ''}its columns are: {', '.join(names)}"


def mapping_of(table: Table, columns: Named[str, str], time_unit: str | None) -> Mapping:
    """Return the mapping that some named columns are, beside those that are called as in a trace.

    Parameters
    ----------
    table : Table
        The first rows of the table.
    columns : Named[str, str]
        Column of the file for each column of a trace, as the user named them.
    time_unit : str or None
        Unit of the instants as the user names it; told from the values where not given.
    """
    of_events = {"time", "timestamp", "event"} & set(columns)
    shape = EVENTS if of_events else CONNECTIONS
    known = [name for name in shape.columns if name in Fields.model_fields or name in (*_LENGTHS, *_OTHERS)]
    named = {name: name for name in known if name in table.columns} | dict(columns)
    fields: dict[str, Any] = {}
    units: dict[str, Any] = {}
    for name, own in named.items():
        parts = own.split("+") if own not in table.columns else [own]
        if name in _LENGTHS:
            fields["duration"] = parts
            unit = _LENGTHS[name] or unit_of(own, table.columns[parts[0]])
            if unit is None:
                raise ConfigError(
                    f"column: is {own!r} in seconds? Say duration_s={own}, duration_ms=…, duration_us, duration_ns, "
                    "duration_min or duration_h"
                )
            units["duration"] = unit or "s"
        else:
            fields[_OTHERS.get(name, name)] = parts
    times = [fields[name] for name in ("connect_time", "close_time", "time") if name in fields]
    if times:
        values = [" ".join(row) for row in zip(*(table.columns[part] for part in times[0]), strict=True)]
        units["time"] = time_unit or form_of(told(values)) or ISO
    described: dict[str, Any] = {"kind": table.kind, "fields": fields, "units": units, "rows": _rows(fields)}
    if table.kind == DELIMITED:
        described |= {"delimiter": table.delimiter} | ({} if table.has_header else {"columns": list(table.columns)})
    try:
        return Mapping.model_validate(described)
    except ValidationError as error:
        raise ConfigError(f"column: {error.errors()[0]['msg'].removeprefix('Value error, ')}") from None


def _rows(fields: Named[str, Any]) -> str:
    if "time" not in fields:
        return "connections"
    return "events" if "event" in fields else "messages"


def renamed(original: Original, columns: Named[str, str], scratch: Path) -> Original:
    """Return a Parquet file with its columns renamed, rows as they are.

    Parameters
    ----------
    original : Original
        The file, as the user named it.
    columns : Named[str, str]
        Column of the file for each column of a trace, as the user named them.
    scratch : Path
        Folder for files on the way; what is written goes there.

    Raises
    ------
    TraceError
        If it has no such column.
    ConfigError
        If a trace has no column of a name.
    """
    with taking_apart(original.name, "Parquet", TraceError, pa.ArrowException):
        names = pq.read_schema(original.path).names
    known = (*EVENTS.columns, *CONNECTIONS.columns)
    for name, own in columns.items():
        if name not in known:
            raise ConfigError(f"column: a trace file has no {name!r}; {nearest(name, known)}")
        if own not in names:
            raise TraceError(f"{original.name}: no column {own!r}; {_there(own, names)}")
    taken = {*columns, *columns.values()}
    places = {name: names.index(own) for name, own in columns.items()}
    kept = [(name, place) for place, name in enumerate(names) if name not in taken]
    path = scratch / f"renamed-{len(list(scratch.glob('renamed-*')))}.parquet"
    with taking_apart(original.name, "Parquet", TraceError, pa.ArrowException):
        _write_renamed(original.path, path, [*places.items(), *kept])
    return Original(path, original.name)


def _write_renamed(source: Path, path: Path, columns: Sequence[tuple[str, int]]) -> None:
    """Write columns of a Parquet file, each by its place, under other names."""
    with pq.ParquetFile(source) as file:
        fields = [file.schema_arrow.field(place).with_name(name) for name, place in columns]
        schema = pa.schema(fields, metadata=file.schema_arrow.metadata)
        with pq.ParquetWriter(path, schema) as writer:
            for batch in file.iter_batches():
                arrays = [batch.column(place) for _, place in columns]
                writer.write_batch(pa.RecordBatch.from_arrays(arrays, schema=schema))
