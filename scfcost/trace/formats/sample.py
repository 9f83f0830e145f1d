"""A sample of a file: lines of its head, its middle and its end, or the first records of one document."""

from __future__ import annotations

import codecs
import csv
import io
import json
import shutil
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import IO, Any

from scfcost.core.errors import TraceError
from scfcost.core.guard import parse_json
from scfcost.trace.formats.base import HEAD_BYTES, Original
from scfcost.trace.reading.compressed import PLAIN, compression_of, first_bytes, open_text, read_bytes

LINES, DOCUMENT, TABLE = "lines", "document", "table"
"""What a file is: a line each, JSON over any lines (an array, or one object after another), or cells under a header."""
MOST = 200
"""Records that are looked at. [1]"""
_PARTS, _PART_BYTES = 8, 1 << 13
"""Further places of a long file that are looked at, and how much there. [1], [B]"""
_CHUNK = 1 << 20


def sample_of(original: Original, shape: str | None = None) -> tuple[str, list[str]]:
    """Return what a file is, where it is not said, and records of it.

    Parameters
    ----------
    original : Original
        The file, as the user named it.
    shape : str, optional
        What the file is, where the user says so.

    Raises
    ------
    TraceError
        If the file cannot be read.
    """
    if shape == TABLE:
        found: list[str] = []
        with suppress(csv.Error):  # a cell that is longer than most
            found.extend(islice(records_of(original, TABLE), MOST))
        return TABLE, found
    head = read_bytes(*original, HEAD_BYTES)
    if b"\0" in head:
        return LINES, []
    text = head.decode("utf-8-sig", errors="replace")
    if is_document(text, whole=len(head) < HEAD_BYTES):
        with suppress(TraceError):  # what only begins as JSON is looked at by its lines
            return DOCUMENT, list(islice(records_of(original, DOCUMENT), MOST))
    lines = [line for line in text.splitlines() if line.strip()]
    if len(head) == HEAD_BYTES:
        lines = _spread(lines[:-1], MOST // 2) + list(_further(original))
    return LINES, _spread(lines, MOST)


def as_utf8(original: Original, scratch: Path) -> Original:
    """Return a file, or a copy of it in UTF-8 where it is UTF-16, as Windows' shells write what they redirect.

    Parameters
    ----------
    original : Original
        The file, as the user named it.
    scratch : Path
        Folder for files on the way; what is written goes there.
    """
    start = first_bytes(*original)
    if not start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return original
    copy = scratch / f"utf8-{len(list(scratch.glob('utf8-*')))}"
    with original.path.open(encoding="utf-16", errors="replace") as text, copy.open("w", encoding="utf-8") as out:
        shutil.copyfileobj(text, out)
    return Original(copy, original.name)


def is_document(text: str, *, whole: bool = True) -> bool:
    """Whether a file begins as JSON that is not one object a line.

    Parameters
    ----------
    text : str
        How the file begins.
    whole : bool, optional
        Whether that is all of it.

    Examples
    --------
    >>> is_document('[{"a": 1}]'), is_document("[GIN] 2026/01/01"), is_document('{"a": 1}'), is_document('{' + chr(10))
    (True, False, False, True)
    """
    start = text.lstrip()
    if start[:1] == "[":
        inner = start[1:].lstrip()[:1]
        return bool(inner) and inner in '[{"'
    first, newline, _ = start.partition("\n")
    if start[:1] != "{" or (not newline and not whole):
        return start[:1] == "{"
    try:
        parse_json(first)
    except ValueError:
        return first.strip() in ("{", "") or first.rstrip().endswith((",", "[", "{"))
    return False


def records_of(original: Original, shape: str) -> Iterator[str]:
    """Yield the records of a file as text: its lines, the values of its JSON, or its rows as objects of JSON.

    Parameters
    ----------
    original : Original
        The file, as the user named it.
    shape : str
        What the file is.

    Raises
    ------
    TraceError
        If a document of JSON ends within a value.
    """
    with open_text(original.path, compression_of(first_bytes(*original)), newline=None) as text:
        if shape == LINES:
            yield from (line.rstrip("\n") for line in text)
        elif shape == TABLE:
            rows = csv.DictReader(text, delimiter=delimiter_of(original))
            yield from (json.dumps(row, ensure_ascii=False, default=str) for row in rows)
        else:
            for value in _values(text, original.name):
                yield value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def delimiter_of(original: Original) -> str:
    """Return what stands most often in the first line of a table."""
    first = read_bytes(*original, HEAD_BYTES).decode("utf-8-sig", errors="replace").lstrip().partition("\n")[0]
    return max(",\t;|", key=first.count)


def is_table(lines: list[str]) -> bool:
    """Whether lines are a header of names and rows of as many cells."""
    if len(lines) < 2:
        return False
    delimiter = max(",\t;|", key=lines[0].count)
    try:
        rows = list(csv.reader(io.StringIO("\n".join(lines[:20])), delimiter=delimiter))
    except csv.Error:
        return False
    names = rows[0]
    named = all(name.strip() and not name.strip()[0].isdigit() for name in names) and len(set(names)) == len(names)
    return named and len(names) > 1 and len(rows) > 1 and len(rows[1]) == len(names)


def _further(original: Original) -> Iterator[str]:
    """Yield whole lines from places all over a file that is not compressed."""
    path: Path = original.path
    if compression_of(first_bytes(*original)) != PLAIN:
        return
    size = path.stat().st_size
    with path.open("rb") as file:
        for part in range(1, _PARTS + 1):
            file.seek(max(0, (size - _PART_BYTES) * part // _PARTS))
            lines = file.read(_PART_BYTES).decode("utf-8", errors="replace").splitlines()[1:-1]
            yield from _spread([line for line in lines if line.strip()], MOST // 2 // _PARTS)


def _spread(lines: list[str], most: int) -> list[str]:
    step = max(1, -(-len(lines) // most))
    return lines[::step]


def _values(text: IO[str], name: str) -> Iterator[Any]:
    """Yield the items of an array of JSON, or the objects that stand one after another, without holding them all."""
    decoder, held, grown = json.JSONDecoder(), "", _CHUNK
    in_array = False
    while True:
        held = held.lstrip("\ufeff \t\r\n,]" if in_array else "\ufeff \t\r\n,")
        if held[:1] == "[" and not in_array:
            in_array, held = True, held[1:]
            continue
        try:
            value, end = decoder.raw_decode(held)
            held = held[end:]
            yield value
            continue
        except ValueError:
            more = text.read(grown)
        if not more:
            if held.strip():
                raise TraceError(f"{name}: the JSON ends or breaks within a value: {held[:60]!r}")
            return
        held, grown = held + more, max(_CHUNK, len(held))
