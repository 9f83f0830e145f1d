"""Rows of a log that somebody described, each as an object of JSON on the line where it stood."""

from __future__ import annotations

import csv
import json
import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

from scfcost.core.errors import TraceError
from scfcost.core.guard import parse_json
from scfcost.trace.formats.base import Original
from scfcost.trace.reading.compressed import compression_of, first_bytes, open_text

WHAT = "_what"
"""Field of the name of the pattern that a line was found by."""
_FIELDS = "#Fields:"
_MOST_BEHIND = 200
"""Lines behind the last that is found, in which a time is looked for. [1]"""
_LONGEST_HEAD = 1000
"""[B]"""
_NOTHING, _BROKEN = "{}", "{"
"""An object that tells nothing, and the begin of one that cannot be read."""


def write_rows(rows: Iterator[tuple[int, str]], path: Path) -> None:
    """Write texts, each on its line, with empty lines between.

    Parameters
    ----------
    rows : iterator of (int, str)
        Number and text of each line, in the order of the numbers.
    path : Path
        File to write.
    """
    with path.open("w", encoding="utf-8", errors="replace", newline="\n") as out:
        written = 0
        for number, text in rows:
            out.write("\n" * (number - written - 1) + text + "\n")
            written = max(number, written + 1)


def opened(original: Original) -> IO[str]:
    """Open a file as text, decompressed."""
    return open_text(original.path, compression_of(first_bytes(*original)), newline=None)


def rows_of_w3c(original: Original) -> Iterator[tuple[int, str]]:
    """Yield the rows of a log with `#Fields:` headers, as IIS and CloudFront write it.

    Raises
    ------
    TraceError
        If a row stands before any header.
    """
    names: list[str] = []
    with opened(original) as text:
        for number, line in enumerate(text, 1):
            if line.startswith(_FIELDS):
                names = line.removeprefix(_FIELDS).split()
            elif not line.startswith("#") and line.strip():
                if not names:
                    raise TraceError(f"{original.name}: no {_FIELDS} line stands before the first row")
                yield number, _object(names, w3c_cells(line))


def exact_object(text: str) -> dict[str, Any] | None:
    r"""Return the object of JSON that a line ends with, its numbers as they are written; None where it holds none.

    Texts in it that are objects of JSON themselves are opened, as shippers write them.

    Examples
    --------
    >>> exact_object('web-1 | {"at": 1.50, "message": "{\\"id\\": 7}"}')
    {'at': Decimal('1.50'), 'message': {'id': 7}}
    """
    brace = text.find("{")
    if brace < 0:
        return None
    try:
        value = parse_json(text[brace:], parse_float=Decimal)
    except ValueError:
        return None
    return {name: _opened(inner) for name, inner in value.items()} if isinstance(value, dict) else None


def _opened(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _opened(inner) for name, inner in value.items()}
    if isinstance(value, str) and value.lstrip().startswith("{"):
        return exact_object(value) or value
    return value


def w3c_cells(line: str) -> list[str]:
    """Return the cells of a row: between tabs where it has some, else between spaces."""
    return line.rstrip("\n").split("\t") if "\t" in line else line.split()


def rows_of_cells(original: Original, delimiter: str, names: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Yield the rows of a table without a header.

    Parameters
    ----------
    original : Original
        The file, as the user named it.
    delimiter : str
        What stands between two cells.
    names : sequence of str
        What the cells are called, from the left.
    """
    with opened(original) as text:
        rows = csv.reader(text, delimiter=delimiter)
        for cells in rows:
            if cells:
                yield rows.line_num, _object(names, cells)


def rows_of_patterns(
    original: Original, patterns: Mapping[str, re.Pattern[str]], timed: re.Pattern[str] | None = None
) -> Iterator[tuple[int, str]]:
    """Yield the groups of the first pattern that is found in a line; nothing of other lines, but when the last was.

    Parameters
    ----------
    original : Original
        The file.
    patterns : mapping of str to pattern
        Patterns by their names.
    timed : pattern, optional
        Finds the time of any line of such a log: of the lines behind the last that is found, the last that has one
        yields it.
    """
    behind: deque[tuple[int, str]] = deque()
    with opened(original) as text:
        for number, line in enumerate(text, 1):
            found = _matched(line.rstrip("\n"), patterns)
            if found != _NOTHING:
                yield from ((place, _NOTHING) for place, _ in behind)
                behind.clear()
                yield number, found
                continue
            behind.append((number, line[:_LONGEST_HEAD]))
            if len(behind) > _MOST_BEHIND:
                yield behind.popleft()[0], _NOTHING
    last = next((at for at in reversed(range(len(behind))) if timed and timed.search(behind[at][1])), None)
    for at, (number, line) in enumerate(behind):
        yield number, _matched(line, {"other": timed}) if timed and at == last else _NOTHING


def timed(pattern: str) -> re.Pattern[str] | None:
    r"""Return a pattern of the time that lines as one of a pattern begin with, None where it stands elsewhere in them.

    Examples
    --------
    >>> timed(r"(?P<time>\d+(?:\.\d)?): New client (?P<key>\S+)")
    re.compile('(?P<time>\\d+(?:\\.\\d)?)')
    """
    start = pattern.find("(?P<time>")
    for end in range(start + 1, len(pattern)) if start >= 0 else ():
        if pattern[end] == ")":
            with suppress(re.error):
                return re.compile(pattern[: end + 1])
    return None


def matched(line: str, patterns: Mapping[str, re.Pattern[str]]) -> dict[str, str] | None:
    """Return the name and the groups of the first pattern that is found in a line.

    Parameters
    ----------
    line : str
        A line of the log.
    patterns : mapping
        What is looked for, by the name of the event.
    """
    for name, pattern in patterns.items():
        if found := pattern.search(line):
            return {WHAT: name, **{group: text for group, text in found.groupdict().items() if text is not None}}
    return None


def _matched(line: str, patterns: Mapping[str, re.Pattern[str]]) -> str:
    found = matched(line, patterns)
    return _NOTHING if found is None else json.dumps(found, ensure_ascii=False)


def _object(names: Sequence[str], cells: Sequence[str]) -> str:
    if len(names) != len(cells):
        return _BROKEN + " ".join(cells)
    return json.dumps(dict(zip(names, cells, strict=True)), ensure_ascii=False)
