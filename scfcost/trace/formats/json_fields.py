"""Fields of JSON whose names nobody fixed: found by the last word of their path and by what their values look like."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from scfcost.core.guard import parse_json
from scfcost.trace.formats.line_log import decimal_ms, iso, key, zoned

_DEEPEST = 4
"""Objects within objects that are looked into. [1]"""
_CLF, _CLF_FORM = r"\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}", "%d/%b/%Y:%H:%M:%S %z"
_INSTANTS: dict[str, Callable[[str], str]] = {
    r"1\d{9}(?:\.\d+)?": decimal_ms,
    r"1\d{12}": lambda text: decimal_ms(text, "1"),
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d.*": iso,
    _CLF: lambda text: zoned(text, _CLF_FORM),
    rf"\[{_CLF}\]": lambda text: zoned(text, f"[{_CLF_FORM}]"),
}
"""What instants look like, and how they are read."""


def flat(found: Mapping[str, Any], depth: int = _DEEPEST) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield the path and the text of each single value of an object.

    Parameters
    ----------
    found : mapping
        An object of JSON.
    depth : int, optional
        How deep objects within it are looked at. [1]
    """
    for name, value in found.items():
        if isinstance(value, Mapping):
            if depth:
                yield from (((name, *path), text) for path, text in flat(value, depth - 1))
        elif isinstance(value, str | int | Decimal) and not isinstance(value, bool):
            yield (name,), str(value)


def objects(texts: Sequence[str]) -> list[dict[tuple[str, ...], str]]:
    """Return the values of each text that is an object, by their paths; numbers as they are written."""
    found = []
    for text in texts:
        brace = text.find("{")
        if brace < 0:
            continue
        try:
            value = parse_json(text[brace:], parse_float=Decimal)
        except ValueError:
            continue
        if isinstance(value, dict):
            found.append(dict(flat(value)))
    return found


def common_paths(values: Sequence[Mapping[tuple[str, ...], str]]) -> list[tuple[str, ...]]:
    """Return the paths of objects, those that most of them have first."""
    return [path for path, _ in Counter(path for one in values for path in one).most_common()]


def find(paths: Sequence[tuple[str, ...]], names: Sequence[str]) -> tuple[str, ...] | None:
    """Return the path that ends with the first of some names that there is, however they are spelt.

    Parameters
    ----------
    paths : sequence of tuple of str
        The keys to each value, from the outermost.
    names : sequence of str
        Names of the last key, the first of them preferred.

    Examples
    --------
    >>> find([("core", "RequestTime"), ("time",)], ["request_time"])
    ('core', 'RequestTime')
    """
    for name in names:
        for path in paths:
            if _bare(path[-1]) == _bare(name):
                return path
    return None


def _bare(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def at(path: tuple[str, ...]) -> str:
    """Return SQL for the value at a path of a line of JSON, as text."""
    return key("$" + "".join(f'."{part}"' for part in path))


def instant_at(path: tuple[str, ...], values: Sequence[str]) -> str | None:
    """Return SQL for the instant at a path in epoch ms, by what its values look like; None where they are none.

    Parameters
    ----------
    path : tuple of str
        The keys to the value, from the outermost.
    values : sequence of str
        Some values that stand there.
    """
    for shape, read in _INSTANTS.items():
        if values and all(re.fullmatch(shape, value) for value in values):
            return read(at(path))
    return None
