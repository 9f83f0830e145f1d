"""Lengths of time that name their unit in the value: `600.123s`, `12ms`, Go's `10m0.123s`, ISO 8601's `PT10M0.123S`."""

from __future__ import annotations

import re
from decimal import Decimal

_UNITS_MS = {
    "d": "86400000",
    "h": "3600000",
    "m": "60000",
    "s": "1000",
    "ms": "1",
    "us": "0.001",
    "ns": "0.000001",
}
"""Milliseconds of each unit, as they are written in SQL. [ms]"""
_NUMBER = r"[0-9]+(?:\.[0-9]+)?"
_GO = rf"^(?:{_NUMBER} ?(?:d|h|min|ms|m|secs?|seconds?|s|us|µs|μs|ns) ?)+$"
_ISO = rf"^p(?:{_NUMBER}d)?t?(?:{_NUMBER}[hms])*$"
_PART = re.compile(rf"({_NUMBER})(d|h|ms|m|s|us|ns)")


def plain_units(text: str) -> str:
    """Return a length of time with one spelling of each unit; "" where it names none.

    Examples
    --------
    >>> plain_units("10m0.123s"), plain_units("PT10M0.123S"), plain_units("211.498µs"), plain_units("12")
    ('10m0.123s', '10m0.123s', '211.498us', '')
    """
    low = text.strip().lower()
    if not (re.match(_GO, low) or (re.match(_ISO, low) and low[1:2])):
        return ""
    low = re.sub("[µμ]s", "us", low.removeprefix("p").replace("t", ""))
    return re.sub(r"min|\s|(?<=s)ec(?:ond)?s?", lambda found: "m" if found[0] == "min" else "", low)


def length_ms(text: str) -> int | None:
    """Return a length of time that names its unit in whole ms, floored; None where it is none.

    Examples
    --------
    >>> length_ms("10m0.123s"), length_ms("600.123456s"), length_ms("211.498µs"), length_ms("PT1H"), length_ms("soon")
    (600123, 600123, 0, 3600000, None)
    """
    parts = _PART.findall(plain_units(text))
    return int(sum(Decimal(number) * Decimal(_UNITS_MS[unit]) for number, unit in parts)) if parts else None


def named_unit_ms(text: str) -> str:
    """Return SQL for `length_ms` of a text."""
    low = f"lower(trim({text}))"
    isolated = f"CASE WHEN regexp_matches({low}, '{_ISO}') THEN replace(substr({low}, 2), 't', '') ELSE {low} END"
    short = f"regexp_replace(regexp_replace({isolated}, '[µμ]s', 'us', 'g'), 'seconds?|secs?', 's', 'g')"
    short = f"replace(replace({short}, 'min', 'm'), ' ', '')"
    parts = " + ".join(_part(short, unit, factor) for unit, factor in _UNITS_MS.items())
    named = f"regexp_matches({low}, '{_GO}') OR (regexp_matches({low}, '{_ISO}') AND length({low}) > 1)"
    return f"CASE WHEN {named} THEN CAST(floor({parts}) AS BIGINT) END"


def _part(text: str, unit: str, factor: str) -> str:
    end = "(?:[^s]|$)" if unit == "m" else ""
    number = f"TRY_CAST(nullif(regexp_extract({text}, '({_NUMBER}){unit}{end}', 1), '') AS DECIMAL(20, 9))"
    return f"coalesce({number} * {factor}, 0)"
