"""Times and sizes as people write them: "5m", "1h30m", "300 B", "2 kB"."""

from __future__ import annotations

import re

_MS = {"ms": 1, "s": 1_000, "m": 60_000, "min": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}
"""Milliseconds in each unit of time. [ms]"""
_BYTES = {"B": 1, "kB": 1_000, "KB": 1_000, "MB": 1_000_000, "KiB": 1_024, "MiB": 1_048_576}
"""Bytes in each unit of size. [B]"""
_PART = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([A-Za-z]*)")


def read_duration_ms(value: object) -> float:
    """Return a time in ms: a number of seconds, or numbers with units from ms to w.

    Raises
    ------
    ValueError
        If it is no time of 0 or more.

    Examples
    --------
    >>> read_duration_ms("1h30m"), read_duration_ms(2.5), read_duration_ms("250 ms")
    (5400000.0, 2500.0, 250.0)
    """
    return _read(value, _MS, "s", 'a time such as "250ms", "20s", "5m", "1h30m" or 20 (seconds)')


def read_bytes(value: object) -> float:
    """Return a size in bytes: a number, or a number with a unit from B to MiB.

    Raises
    ------
    ValueError
        If it is no size of 0 or more.

    Examples
    --------
    >>> read_bytes("2 kB"), read_bytes(300)
    (2000.0, 300.0)
    """
    return _read(value, _BYTES, "B", 'a size such as "300 B", "2 kB", "1 MiB" or 300 (bytes)')


def read_number(value: object) -> float:
    """Return a plain number of 0 or more.

    Raises
    ------
    ValueError
        If it is none.
    """
    return _read(value, {"": 1}, "", "a number of 0 or more, such as 3 or 0.5")


def _read(value: object, units: dict[str, int], bare: str, expected: str) -> float:
    text, position, total = str(value).strip(), 0, 0.0
    if isinstance(value, bool) or not text:
        raise ValueError(f"{value!r} is not {expected}")
    while position < len(text):
        part = _PART.match(text, position)
        unit = (part[2] or bare) if part else None
        if part is None or unit not in units:
            raise ValueError(f"{value!r} is not {expected}")
        total += float(part[1]) * units[unit]
        position = part.end()
    return total


def written_duration(duration_ms: float) -> str:
    """Write a time in its largest fitting unit, to three digits.

    Examples
    --------
    >>> written_duration(90_000), written_duration(340), written_duration(172_800_000)
    ('1.5m', '340ms', '2d')
    """
    unit = next((one for one in ("d", "h", "m", "s") if duration_ms >= _MS[one]), "ms")
    number = duration_ms / _MS[unit]
    return f"{number:.0f}{unit}" if number >= 100 else f"{number:.3g}{unit}"
