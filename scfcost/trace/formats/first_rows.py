"""The first rows of a log that nobody knows, whatever holds them: W3C, JSON, a table, or lines of text."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from scfcost.core.errors import TraceError
from scfcost.trace.formats.base import Original
from scfcost.trace.formats.described import exact_object, opened, rows_of_w3c
from scfcost.trace.formats.guesses import Columns
from scfcost.trace.formats.json_fields import flat
from scfcost.trace.formats.mapping import DELIMITED, JSON, TEXT, W3C
from scfcost.trace.formats.sample import LINES, MOST, is_table, sample_of
from scfcost.trace.formats.unwrap import parsed, within


@dataclass(frozen=True)
class Table:
    """The first rows of a log."""

    kind: str
    columns: Columns
    """Values by field; for text none."""
    lines: Sequence[str] = ()
    """Lines of text, as they stand."""
    delimiter: str = ","
    has_header: bool = True


def table_of(original: Original) -> Table:
    """Return the first rows of a log: of W3C, JSON, a table with or without a header, or text.

    Raises
    ------
    TraceError
        If the file cannot be read, or is empty.
    """
    with opened(original) as text:
        head = list(islice(text, MOST))
    if any(line.startswith("#Fields:") for line in head[:20]):
        return Table(
            W3C, _columns(json.loads(row) for _, row in islice(rows_of_w3c(original), MOST) if row[1:2] == '"')
        )
    shape, records = sample_of(original)
    if not records:
        raise TraceError(f"{original.name}: holds no line")
    objects = [value for record in records for value in objects_of(record)]
    if shape != LINES or 2 * len(objects) >= len(records):
        return Table(JSON, _columns(dict(_flat(one)) for one in objects), records if shape == LINES else ())
    lines = [line.rstrip("\n") for line in head if line.strip()]
    delimiter = max(",\t;|", key=lines[0].count)
    if is_table(lines):
        return Table(DELIMITED, _columns(csv.DictReader(lines, delimiter=delimiter)), lines, delimiter)
    cells = [row for row in csv.reader(lines, delimiter=delimiter) if row]
    if len(cells[0]) > 2 and len({len(row) for row in cells}) == 1:
        names = [f"c{place}" for place in range(1, len(cells[0]) + 1)]
        rows = [dict(zip(names, row, strict=True)) for row in cells]
        return Table(DELIMITED, _columns(rows), lines, delimiter, has_header=False)
    return Table(TEXT, {}, [_bare_line(line) for line in lines])


def objects_of(record: str) -> Iterator[dict[str, Any]]:
    """Yield the objects of a record: itself, or those of an array in it."""
    value = exact_object(record)
    if value is None:
        return
    for inner in value.values():
        if isinstance(inner, list) and inner and all(isinstance(one, dict) for one in inner):
            yield from inner
            return
    yield value


def _bare_line(line: str) -> str:
    """Return a line of text out of the JSON of a container."""
    if parsed(line) is None:
        return line
    return max(within(line), key=len, default=line)


def _flat(value: dict[str, Any]) -> Iterator[tuple[str, str]]:
    yield from ((".".join(path), text) for path, text in flat(value))


def _columns(rows: Iterable[Mapping[str, Any]]) -> dict[str, list[str]]:
    """Return the values of each field, "" where a row has none."""
    listed = list(rows)
    names = dict.fromkeys(name for row in listed for name in row if name is not None)
    return {name: [str(row.get(name) or "") for row in listed] for name in names}
