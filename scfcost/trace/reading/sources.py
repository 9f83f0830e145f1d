"""Files, globs and standard input into sources that the database can read, each recognised by its content."""

from __future__ import annotations

import codecs
import csv
import errno
import glob
import hashlib
import io
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from tempfile import gettempdir
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

from scfcost.core.errors import TraceError
from scfcost.core.files import reason_of
from scfcost.core.guard import parse_json
from scfcost.core.text import first_line
from scfcost.core.warning import Warned
from scfcost.trace.reading.columns import CONNECTIONS, EVENTS, Shape, plain_name, recognise, unknown_columns
from scfcost.trace.reading.compressed import compression_of, first_bytes, read_bytes
from scfcost.trace.reading.database import plain_path
from scfcost.trace.reading.event_rules import EVENT_NAMES
from scfcost.trace.reading.remote import fetch, is_remote

STDIN = "-"
TEXT = "VARCHAR"
"""Type of a column of a text file, where every value is read as it is written."""
_HEAD_BYTES = 1 << 16
LONGEST_ROW = 1 << 26
"""A longer row of text is a bad row. [B]"""
_SNIFFED_LINES = 200
_DELIMITERS = (",", "\t", ";", "|")
_OTHER_KINDS = {
    b"PK\x03\x04": "a zip archive or a spreadsheet",
    b"%PDF": "a PDF document",
    b"SQLite format 3": "an SQLite database",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ": "an xz archive",
    b"\x89PNG": "a picture",
    b"ORC": "an ORC file",
    b"ARROW1": "an Arrow file",
}


@dataclass(frozen=True, slots=True)
class Source:
    """One file of a trace, recognised."""

    path: Path
    name: str
    """What messages call it: the path as the user gave it, or `<stdin>`."""
    kind: str
    """`csv`, `jsonl` or `parquet`."""
    compression: str
    """`none`, `gzip` or `zstd`."""
    delimiter: str
    columns: dict[str, str]
    """Column names, in order, and their database types."""
    shape: Shape
    first_rows: tuple[dict[str, str], ...] = ()
    """Rows at the head of the file, as text, where the layout may be told from them."""


def resolve(files: Sequence[tuple[Path, str]]) -> list[Source]:
    """Recognise files as sources, in the order given.

    Parameters
    ----------
    files : sequence of tuple
        Path of each file, and what messages call it.

    Raises
    ------
    TraceError
        If a file is empty, or holds something else than a trace.
    """
    sources = [_recognise(path, name) for path, name in files]
    shapes = {source.shape.name: source.name for source in reversed(sources)}
    if len(shapes) > 1:
        raise TraceError(
            f"{shapes['events']} is an events file and {shapes['connections']} a connections file; "
            "read them one at a time"
        )
    return sources


def column_warnings(sources: Sequence[Source], key: str | None = None) -> Iterator[Warned]:
    """Yield which columns of the files are not read; `key` is one that another reading takes.

    Parameters
    ----------
    sources : sequence of Source
        The files that are read.
    key : str, optional
        Column that another reading takes.
    """
    for source in sources:
        if extra := unknown_columns([name for name in source.columns if name != (key or "").lower()], source.shape):
            yield Warned("unknown_columns", f"{source.name}: columns that are not read: {', '.join(extra)}")


def expand(paths: Sequence[str | Path | tuple[Path, str]], scratch: Path) -> Iterator[tuple[Path, str]]:
    """Yield each file that a user named, and what messages call it, in the order given, globs sorted.

    Parameters
    ----------
    paths : sequence of str, Path or tuple
        Files, globs, addresses of object storage, or `-` for standard input; or a file and what messages call it.
    scratch : Path
        An existing directory where standard input and fetched files are kept while they are read.

    Raises
    ------
    TraceError
        If a path does not exist, is a directory, or stands twice.
    """
    if not paths:
        raise TraceError("no trace given: name a file, a glob, or - for standard input")
    seen: set[Path] = set()
    for path in paths:
        for file, name in [path] if isinstance(path, tuple) else _expand_one(str(path), scratch):
            if (real := file.resolve()) in seen:
                raise TraceError(f"{name}: named twice; its connections would be counted twice")
            seen.add(real)
            yield file, name


def _expand_one(path: str, scratch: Path) -> list[tuple[Path, str]]:
    if path == STDIN:
        return [(_spool(_standard_input(), scratch / "stdin", "<stdin>"), "<stdin>")]
    try:
        path.encode()
    except UnicodeEncodeError:
        raise TraceError(f"{path!r}: the name of the file is not valid UTF-8; rename it") from None
    if is_remote(path):
        return fetch(path, scratch)
    file = Path(path)
    try:
        return [(plain_path(_kept(one, scratch), scratch), name) for one, name in _found(file, path)]
    except (OSError, ValueError) as error:  # a name that is too long, or holds a NUL
        if isinstance(error, TraceError):
            raise
        raise TraceError(f"{path}: cannot be read: {reason_of(error)}") from None


def _found(file: Path, path: str) -> list[tuple[Path, str]]:
    """Return the files that a path names: itself, else those that match it as a pattern."""
    if file.is_dir():
        raise TraceError(f"{path}: is a directory; name its files, such as '{file / '*.parquet'}'")
    if file.exists():
        return [(file, path)]
    if glob.has_magic(path):
        found = glob.glob(path, recursive=True)  # noqa: PTH207 (Path.glob takes no absolute pattern)
        matches = sorted(match for match in found if Path(match).is_file())
        if matches:
            return [(Path(match), match) for match in matches]
        raise TraceError(f"{path}: no file matches")
    raise TraceError(f"{path}: no such file{_nearest_file(file)}")


def is_stream(path: str) -> bool:
    """Whether a path is read once only: standard input, a pipe, a device."""
    if path == STDIN:
        return True
    try:
        return not is_remote(path) and Path(path).exists() and not (Path(path).is_file() or Path(path).is_dir())
    except (OSError, ValueError):
        return False


def _kept(file: Path, scratch: Path) -> Path:
    """Return a file, or what a pipe gave, in a file of its own: it is read more than once."""
    if file.is_file():
        return file
    copy = scratch / f"stream-{hashlib.sha256(str(file.absolute()).encode()).hexdigest()[:16]}"
    if copy.exists():
        return copy
    with file.open("rb") as stream:
        return _spool(stream, copy, str(file))


def _nearest_file(file: Path) -> str:
    folder = file.parent
    if not folder.is_dir():
        return f"; the folder {str(folder)!r} does not exist"
    close = get_close_matches(file.name, [entry.name for entry in folder.iterdir()], n=1)
    return f"; did you mean {str(folder / close[0])!r}?" if close else ""


def _standard_input() -> IO[Any]:
    if sys.stdin is None:
        raise TraceError("<stdin>: standard input is closed")
    stream: IO[Any] = getattr(sys.stdin, "buffer", sys.stdin)
    return stream


def _spool(stream: IO[Any], copy: Path, name: str) -> Path:
    """Keep a stream in a file: it is read more than once."""
    with _told(name), copy.open("wb") as file:
        while chunk := stream.read(1 << 20):
            file.write(chunk if isinstance(chunk, bytes) else chunk.encode())
    return copy


@contextmanager
def _told(name: str) -> Iterator[None]:
    """Turn what goes wrong while a stream is kept into one message."""
    try:
        yield
    except (OSError, ValueError) as error:
        if getattr(error, "errno", None) == errno.ENOSPC:
            raise TraceError(f"{name}: the disk of {gettempdir()} is full: set TMPDIR to a larger one") from None
        raise TraceError(f"{name}: cannot be read: {reason_of(error)}") from None


def _recognise(path: Path, name: str) -> Source:
    magic = first_bytes(path, name)
    if not magic:
        raise TraceError(f"{name}: is empty; a trace has at least a header and one row")
    for start, what in _OTHER_KINDS.items():
        if magic.startswith(start):
            raise TraceError(f"{name}: looks like {what}, not a trace (CSV, JSON Lines or Parquet)")
    if magic.startswith(b"PAR1"):
        return _parquet_source(path, name)
    return _text_source(path, name, compression_of(magic))


def is_trace_table(path: Path, name: str) -> bool:
    """Whether a file is Parquet with the columns that an events or a connections file must have, and so no log.

    Parameters
    ----------
    path : Path
        The file.
    name : str
        What messages call it.
    """
    if not first_bytes(path, name).startswith(b"PAR1"):
        return False
    try:
        names = set(_told_names(pq.read_schema(path).names))
    except (pa.ArrowException, OSError, OverflowError, UnicodeDecodeError):
        return False
    return any(names.issuperset(shape.required) for shape in (EVENTS, CONNECTIONS))


def _parquet_source(path: Path, name: str) -> Source:
    try:
        schema = pq.read_schema(path)
        names = _told_names(schema.names)
        columns = dict.fromkeys(names, TEXT)
        shape = recognise(names, name)
        rows = _first_parquet_rows(path, schema, shape)
    except (pa.ArrowException, OSError, OverflowError, UnicodeDecodeError) as error:
        raise TraceError(f"{name}: a damaged or truncated Parquet file: {first_line(error)}") from None
    return Source(path, name, "parquet", "none", "", columns, shape, rows)


def _told_names(header: Sequence[str]) -> list[str]:
    """Return plain names of columns; a place for each without one, such as after a comma at the end.

    Those of no meaning here that differ in their case or spaces alone, `ID` and `id`, have a place for a name, too:
    none of them is read.
    """
    names = [plain_name(one) for one in header]
    twice = {name for name, times in Counter(names).items() if times > 1} - {*EVENTS.columns, *CONNECTIONS.columns}
    return [
        f" {place}{' twice' if name else ''}" if not name or name in twice else name for place, name in enumerate(names)
    ]


def _first_parquet_rows(path: Path, schema: pa.Schema, shape: Shape) -> tuple[dict[str, str], ...]:
    """Return ids and instants at the head of an events file."""
    wanted = ["connection_id", "timestamp"]
    if shape is not EVENTS or not set(wanted) <= set(schema.names) or not _is_plain(schema.field(wanted[0]).type):
        return ()
    with pq.ParquetFile(path) as file:
        head = next(file.iter_batches(batch_size=_SNIFFED_LINES, columns=wanted), None)
    return () if head is None else tuple({key: str(value) for key, value in row.items()} for row in head.to_pylist())


def _is_plain(kind: pa.DataType) -> bool:
    """Whether ids of a type are written as they are read."""
    return bool(pa.types.is_string(kind) or pa.types.is_integer(kind))


_JSON = re.compile(r"\s*(?:\{|\[\s*[\[{\"])")
"""How JSON begins; a line of a log may begin with a bracket, too."""


def _text_source(path: Path, name: str, compression: str) -> Source:
    head = read_bytes(path, name, _HEAD_BYTES)
    if not head.strip():
        raise TraceError(f"{name}: is empty; a trace has at least a header and one row")
    if b"\0" in head:
        if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            raise TraceError(f"{name}: is UTF-16 text; save it as UTF-8")
        raise TraceError(f"{name}: is a binary file, not a trace (CSV, JSON Lines or Parquet)")
    is_json = _JSON.match(head.decode("utf-8-sig", errors="replace")) is not None
    if len(head) == _HEAD_BYTES and b"\n" not in head.lstrip():
        if not is_json:
            raise TraceError(f"{name}: the first line is longer than {_HEAD_BYTES:,} bytes; a header of a trace is not")
        head = read_bytes(path, name, LONGEST_ROW)  # the keys of its first object
    text = head.decode("utf-8-sig", errors="replace")
    if is_json:
        keys = _json_keys(text, name)
        shape = recognise(keys, name)
        typed = dict.fromkeys((*shape.columns, *keys), TEXT)  # a key may first appear far below
        return Source(path, name, "jsonl", compression, "", typed, shape)
    _refuse_other_text(text, name)
    header, delimiter = _csv_header(text)
    columns = _told_names(header)
    shape = _csv_shape(columns, name)
    rows = _first_rows(text, columns, delimiter)
    return Source(path, name, "csv", compression, delimiter, dict.fromkeys(columns, TEXT), shape, rows)


def _first_rows(text: str, columns: list[str], delimiter: str) -> tuple[dict[str, str], ...]:
    """Return the whole rows at the head of a CSV file that have as many cells as the header."""
    lines = text.split("\n")[: _SNIFFED_LINES + 2]
    try:
        cells = list(csv.reader(lines[:-1] if len(lines) > _SNIFFED_LINES else lines, delimiter=delimiter))[1:]
    except csv.Error:  # a row that is longer than most
        return ()
    return tuple(dict(zip(columns, row, strict=True)) for row in cells if len(row) == len(columns))


def _csv_shape(columns: list[str], name: str) -> Shape:
    known = {*EVENTS.columns, *CONNECTIONS.columns}
    names = any(column.isidentifier() and column not in EVENT_NAMES for column in columns)
    if not names or not (known & set(columns) or all(column.isidentifier() for column in columns if column.strip())):
        raise TraceError(
            f"{name}: the first line holds no column names; a trace starts with a header such as "
            f"connection_id,timestamp,event; of a log, `scfcost import {name} --suggest` looks for what its lines tell"
        )
    return recognise(columns, name)


def _json_keys(text: str, name: str) -> list[str]:
    if text.lstrip().startswith("["):
        raise TraceError(f"{name}: is one JSON array; write one JSON object a line (JSON Lines) instead")
    keys: dict[str, None] = {}
    lines = text.split("\n")
    for line in lines[:_SNIFFED_LINES]:
        try:
            row = parse_json(line)
        except ValueError:
            continue
        if isinstance(row, dict):
            keys.update(dict.fromkeys(plain_name(key) for key in row if plain_name(key)))
    if not keys:
        what = "one JSON document over several lines" if lines[0].strip() in ("{", "[") else "text"
        raise TraceError(f"{name}: looks like {what}, not JSON Lines (one object a line)")
    return list(keys)


def _refuse_other_text(text: str, name: str) -> None:
    start = text.lstrip().lower()
    first_line = text.splitlines()[0]
    if start.startswith(("<!doctype html", "<html")):
        raise TraceError(f"{name}: looks like a web page (HTML), not a trace")
    if start.startswith("<"):
        raise TraceError(f"{name}: looks like XML, not a trace")
    if '" 101 ' in first_line or " HTTP/1." in first_line:
        raise TraceError(f"{name}: looks like a web server's access log, not a trace with a header of column names")


def _csv_header(text: str) -> tuple[list[str], str]:
    """Return the names in the first row, and the delimiter: that which shows most names that are known, or most."""
    known = {*EVENTS.columns, *CONNECTIONS.columns}
    found = []
    for delimiter in _DELIMITERS:
        try:
            rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
            names = next(row for row in rows if any(cell.strip() for cell in row))
        except (csv.Error, StopIteration):
            continue
        found.append((len(known & {plain_name(name) for name in names}), len(names), names, delimiter))
    if not found:
        return [text.partition("\n")[0]], _DELIMITERS[0]
    _, _, names, delimiter = max(found, key=lambda one: one[:2])
    return names, delimiter
