"""What to say of a log that is of no known format: what it tells, what is missing, and the nearest way."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from scfcost.trace.formats.first_rows import objects_of
from scfcost.trace.formats.json_fields import common_paths, flat
from scfcost.trace.formats.sample import LINES
from scfcost.trace.formats.votes import Sample

_INSTANT = re.compile(
    r"\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d|\d\d/\w{3}/\d{4}[: ]\d\d:\d\d|\b1\d{9}(?:\.\d+|\d{3})?\b"
    r"|\b1(?:\d{15}|\d{18})\b|\b\d\d?[/-]\d\d?[/-]\d{4},? \d\d?:\d\d|\w{3} [ \d]\d \d\d:\d\d:\d\d|^\W?\d\d:\d\d:\d\d\b"
)
_MARKUP = re.compile(r"\s*<")
_WAY = (
    "`scfcost import {name} --suggest > mapping.toml` looks at it and writes what its fields may mean, to be "
    "corrected: one line a connection, or one for its opening and one for its close; then read it with "
    "--from mapping.toml"
)
_OWN = "connection_id"
"""A column that only a trace has."""
_MOST_KEYS = 12
"""Keys that are named. [1]"""


def unknown(sample: Sample) -> str:
    """Return what to say of a file whose records look like those of a log; "" where it may be something else."""
    records = [record for record in sample.records if record.strip()]
    found = [dict(flat(value)) for record in records for value in objects_of(record)]
    if 2 * len(found) >= max(len(records), 1):
        return _of_json(found, sample.original.name)
    timed = sum(_INSTANT.search(record) is not None for record in records)
    if sample.shape != LINES or not records or 2 * timed < len(records) or _MARKUP.match(records[0]):
        return ""
    if _INSTANT.search(records[0]) is None and re.search(r"[,\t;|]", records[0]):
        return ""  # a header, and rows
    way = _WAY.format(name=sample.original.name)
    return (
        "is no log of a known format: its lines hold times, but which are of connections, and what is a start and what "
        f"an end? {way}. Where a web server wrote it, --log-format takes its own format string"
    )


def _of_json(found: Sequence[Mapping[tuple[str, ...], str]], name: str) -> str:
    paths = common_paths(found)
    timed = [path for path in paths if any(_INSTANT.search(one.get(path, "")) for one in found)]
    if not timed or _OWN in {".".join(path).lower() for path in paths}:
        return ""
    shown = ", ".join(map(".".join, paths[:_MOST_KEYS])) + (", …" if len(paths) > _MOST_KEYS else "")
    instants = ", ".join(map(".".join, timed[:3]))
    known = f"is no log of a known format. Its keys are {shown}; those that hold instants: {instants}"
    return f"{known}. {_WAY.format(name=name)}"
