"""A scenario as plain data into the text of its file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any


def lines_of(tables: Mapping[str, Any], notes: Mapping[str, str]) -> Iterator[str]:
    """Write the tables of a scenario as TOML, with a note behind the keys that have one.

    Parameters
    ----------
    tables : mapping
        Values, tables and lists of tables, as in a scenario file.
    notes : mapping of str to str
        By key, such as `session.length` or `streams.up.gap`.
    """
    plain = {key: value for key, value in tables.items() if not isinstance(value, dict) and key != "streams"}
    yield from (f"{key} = {_toml(value)}" for key, value in plain.items())
    for key in [key for key, value in tables.items() if isinstance(value, dict)]:
        yield from ("", f"[{key}]", *_pairs(tables[key], notes, key))
    for stream in tables.get("streams", ()):
        yield from ("", "[[streams]]", *_pairs(stream, notes, str(stream["name"])))


def _pairs(table: Mapping[str, Any], notes: Mapping[str, str], where: str) -> Iterator[str]:
    for key, value in table.items():
        note = notes.get(f"{where}.{key}")
        if note:
            yield f"# {note}"
        yield f"{key} = {_toml(value)}"


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_toml(one)}" for key, one in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(_toml(one) for one in value) + "]"
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, str):
        return '"' + "".join(c if c.isprintable() and c not in '"\\' else f"\\u{ord(c):04x}" for c in value) + '"'
    return repr(value)
