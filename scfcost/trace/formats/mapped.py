"""Logs read by a mapping: whatever its fields are called, whatever stands around its lines."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from scfcost.core.errors import ConfigError, TraceError, nearest
from scfcost.core.files import text_of
from scfcost.core.tables import parse_model
from scfcost.trace.formats.base import Converted, Format, Kind, Knows, LogOptions, Original
from scfcost.trace.formats.described import (
    exact_object,
    matched,
    opened,
    rows_of_cells,
    rows_of_patterns,
    rows_of_w3c,
    timed,
    write_rows,
)
from scfcost.trace.formats.json_fields import flat
from scfcost.trace.formats.line_log import LineLog, value_at
from scfcost.trace.formats.lines import convert_lines, no_line
from scfcost.trace.formats.mapped_log import log_of
from scfcost.trace.formats.mapping import DELIMITED, JSON, TEXT, W3C, Mapping, Pair
from scfcost.trace.formats.sample import LINES, sample_of
from scfcost.trace.formats.unwrap import parsed

SUFFIX = ".toml"
"""What the name of a mapping ends with."""


def load(path: Path) -> Format:
    """Read a mapping.

    Raises
    ------
    ConfigError
        If the file cannot be read, or holds no mapping; the message names file and key.
    """
    mapping = parse_model(Mapping, text_of(path, ConfigError), str(path), ConfigError, whole="the mapping")
    return format_of(mapping, path.name, f"a log described by {path}", path.stem)


def format_of(mapping: Mapping, name: str, title: str, label: str) -> Format:
    """Return the format that a mapping describes.

    Parameters
    ----------
    mapping : Mapping
        What the fields mean.
    name, title : str
        What the format is called.
    label : str
        What the ids of its connections start with.
    """
    kind = kind_of_mapping(mapping, label, of_a_person=True)
    fields = mapping.fields
    return Format(
        name=name,
        title=title,
        knows=Knows(
            start=True, end=True, client=True, message_times=_tells_messages(mapping),
            bytes_out=(fields.bytes_out or fields.bytes) is not None, close_code=fields.close_code is not None,
        ),
        advice="",
        convert=kind.convert or no_line,
        kinds=lambda _: () if mapping.kind in (DELIMITED, W3C) else (kind,),
    )  # fmt: skip


def kind_of_mapping(mapping: Mapping, label: str, *, of_a_person: bool = False) -> Kind:
    """Return the lines that a mapping describes.

    Parameters
    ----------
    mapping : Mapping
        What the fields mean.
    label : str
        What the ids of connections start with.
    of_a_person : bool
        Whether somebody wrote the mapping for this log, so that a field that is not there is a mistake.
    """
    log = log_of(mapping)

    def convert(originals: Sequence[Original], scratch: Path, options: LogOptions) -> Converted:
        plain = mapping.kind != DELIMITED or all(_has_plain_header(mapping, one) for one in originals)
        files = [_as_objects(mapping, one, scratch, plain_header=plain) for one in originals]
        for original, file in zip(originals, files, strict=True) if of_a_person else ():
            _check_fields(mapping, original, file)
        of_cells = log if plain else log_of(mapping.model_copy(update={"columns": ("named by each file",)}))
        return convert_lines(of_cells, files, scratch, options, label)

    return Kind(_is_line(mapping, log), convert)


def _tells_messages(mapping: Mapping) -> bool:
    if mapping.pair is None:
        return mapping.rows != "connections"
    return any(name.startswith("message") for name in mapping.pair.told())


def patterns_of(mapping: Mapping) -> dict[str, re.Pattern[str]]:
    """Return the patterns of lines of text, by what they tell."""
    if mapping.pair is None:
        return {"line": re.compile(mapping.pattern or "")}
    return {name: re.compile(told) for name, told in mapping.pair.told().items() if isinstance(told, str)}


def _is_line(mapping: Mapping, log: LineLog) -> Callable[[str], bool]:
    """Return what tells a line of the log from what stands around it."""
    if mapping.kind == TEXT:
        patterns = patterns_of(mapping)
        return lambda text: parsed(text) is None and matched(text, patterns) is not None
    return lambda text: (
        (value := exact_object(text)) is not None and all(value_at(value, key) is not None for key in log.keys)
    )


def _has_plain_header(mapping: Mapping, original: Original) -> bool:
    """Whether the database takes the names of a table's columns as they are: it trims them, and knows no case."""
    names = mapping.columns or fields_there(mapping, original)
    is_plain = all(one == one.strip() and one.isprintable() and one[:1] not in ("", "_") for one in names)
    return is_plain and len({one.lower() for one in names}) == len(names)


def _as_objects(mapping: Mapping, original: Original, scratch: Path, *, plain_header: bool) -> Original:
    """Return a file whose rows the database can read as they are."""
    rows: Iterator[tuple[int, str]]
    if mapping.kind == W3C:
        rows = rows_of_w3c(original)
    elif mapping.kind == TEXT:
        rows = rows_of_patterns(original, patterns_of(mapping), _time_of_others(mapping.pair))
    elif mapping.kind == DELIMITED and mapping.columns:
        rows = rows_of_cells(original, mapping.delimiter, mapping.columns)
    elif not plain_header:
        rows = islice(rows_of_cells(original, mapping.delimiter, fields_there(mapping, original)), 1, None)
    else:
        return original
    path = scratch / f"rows-{len(list(scratch.glob('rows-*')))}"
    write_rows(rows, path)
    return Original(path, original.name)


def _time_of_others(pair: Pair | None) -> re.Pattern[str] | None:
    """Return the pattern of the time of lines that tell no event."""
    if pair is None or not isinstance(pair.open, str):
        return None
    return timed(pair.open) if pair.other is None else re.compile(pair.other)


def _check_fields(mapping: Mapping, original: Original, file: Original) -> None:
    """Refuse a log in whose first rows a field of the mapping never stands.

    Raises
    ------
    TraceError
        It names the field, the nearest that is there, and all others.
    """
    if mapping.kind == TEXT:
        return
    there = fields_there(mapping, file)
    if not there:
        return
    for field in named_fields(mapping):
        if field not in there:
            shown = ", ".join(there[:40]) + (", …" if len(there) > 40 else "")
            hint = nearest(field, there)
            hint = f"{hint} Its fields are: {shown}" if hint.startswith("did you") else f"its fields are: {shown}"
            raise TraceError(f"{original.name}: no field {field!r}; {hint}")


def named_fields(mapping: Mapping) -> list[str]:
    """Return the fields of the log that a mapping names, each once."""
    named = [field for name in mapping.fields.names().values() for field in name]
    named += [field for field, words in mapping.only.items() if "" not in words]
    if mapping.pair is not None and not mapping.has_patterns:
        named += mapping.pair.key
        named += [field for told in mapping.pair.told().values() if isinstance(told, dict) for field in told]
    return list(dict.fromkeys(named))


def fields_there(mapping: Mapping, file: Original) -> list[str]:
    """Return the fields that stand in the first rows of a file, in their order.

    Parameters
    ----------
    mapping : Mapping
        The mapping by which the file is read.
    file : Original
        The file, as the user named it.
    """
    if mapping.kind == DELIMITED and not mapping.columns:
        with opened(file) as text:
            return next(csv.reader(text, delimiter=mapping.delimiter), [])
    shape, records = sample_of(file)
    if mapping.kind == JSON and shape != LINES:
        records = [json.dumps(one) if not isinstance(one, str) else one for one in records]
    found: dict[str, None] = {}
    for record in records:
        value = exact_object(record)
        if value is None:
            continue
        if mapping.kind == JSON:
            found |= dict.fromkeys(".".join(path) for path, _ in flat(value))
            found |= {name: None for name in named_fields(mapping) if value_at(value, name) is not None}
        else:
            found |= dict.fromkeys(value)
    return list(found)
