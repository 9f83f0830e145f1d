"""Lengths of time that name their unit in the value: `600.123s`, `12ms`, Go's `10m0.123s`, ISO 8601's `PT10M0.123S`."""

from __future__ import annotations

import re
from decimal import Decimal

UNITS_MS = {
    "d": "86400000",
    "h": "3600000",
    "m": "60000",
    "s": "1000",
    "ms": "1",
    "us": "0.001",
    "ns": "0.000001",
}
"""Milliseconds of each unit, exactly, as text. [ms]"""
NUMBER = r"[0-9]+(?:\.[0-9]+)?"
"""A number as text, a regular expression."""
WORDS = {
    "ms": "milliseconds?|msecs?",
    "m": "minutes?|mins?",
    "s": "seconds?|secs?",
    "h": "hours?|hrs?",
    "d": "days?",
}
"""Longer names of units, as regular expressions, in the order in which they are told apart."""
GO = rf"^(?:{NUMBER} ?(?:{'|'.join(WORDS.values())}|d|h|ms|m|s|us|µs|μs|ns) ?)+$"
"""A length of time as people and Go write it."""
ISO = rf"^p(?:{NUMBER}d)?t?(?:{NUMBER}[hms])*$"
"""One as ISO 8601 writes it."""
_PART = re.compile(rf"({NUMBER})(d|h|ms|m|s|us|ns)")


def plain_units(text: str) -> str:
    """Return a length of time with one spelling of each unit; "" where it names none.

    Examples
    --------
    >>> plain_units("10m0.123s"), plain_units("PT10M0.123S"), plain_units("211.498µs"), plain_units("12")
    ('10m0.123s', '10m0.123s', '211.498us', '')
    >>> plain_units("1 hour 2.5 minutes"), plain_units("10 min")
    ('1h2.5m', '10m')
    """
    low = text.strip().lower()
    if not (re.match(GO, low) or (re.match(ISO, low) and low[1:2])):
        return ""
    for unit, words in WORDS.items():
        low = re.sub(words, unit, low)
    return re.sub("[µμ]s", "us", re.sub(r"\s", "", low.removeprefix("p").replace("t", "")))


def length_ms(text: str) -> int | None:
    """Return a length of time that names its unit in whole ms, floored; None where it is none.

    Examples
    --------
    >>> length_ms("10m0.123s"), length_ms("600.123456s"), length_ms("211.498µs"), length_ms("PT1H"), length_ms("soon")
    (600123, 600123, 0, 3600000, None)
    """
    exact = exact_ms(text)
    return None if exact is None else int(exact)


def exact_ms(text: str) -> Decimal | None:
    """Return a length of time that names its unit, exactly; None where it is none. [ms]

    Examples
    --------
    >>> exact_ms("1m30.5s"), exact_ms("90")
    (Decimal('90500.0'), None)
    """
    parts = _PART.findall(plain_units(text))
    return sum((Decimal(number) * Decimal(UNITS_MS[unit]) for number, unit in parts), Decimal(0)) if parts else None
