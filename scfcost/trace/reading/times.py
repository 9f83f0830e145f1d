"""Instants and durations as SQL: whatever a file holds into whole milliseconds, floored once."""

from __future__ import annotations

from collections.abc import Mapping
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from scfcost.core.errors import TraceError

UNITS = ("s", "ms", "us", "ns")
"""Units of a numeric timestamp. [1]"""
ISO = "iso"
"""Timestamps in ISO 8601."""
_UPPER = {"s": 10**11, "ms": 10**14, "us": 10**17}
"""A column whose values stay below this is in that unit: each bound is the year 5138 in its own unit."""
FIRST_MS, LAST_MS = -62_135_596_800_000, 10**14
"""Instants lie between the years 1 and 5138. [ms]"""
_DECIMAL = "DECIMAL(38, 18)"
_DECIMAL_TEXT = r"\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\s*"
"""A number as people and programs write one; `0x5` and `1_000` are none."""
_FLOATS = ("FLOAT", "DOUBLE")
_BEYOND_S = 10**15
"""Seconds that are beyond every calendar. [s]"""


def has_time_zone(name: str) -> bool:
    """Whether a name is that of a time zone, such as Asia/Shanghai."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return False
    return True


def floor_div(value: str, divisor: int) -> str:
    """Return SQL for the floor of an integer expression over a positive divisor.

    Parameters
    ----------
    value : str
        Integer expression, as SQL.
    divisor : int
        What it is divided by, above 0. [1]
    """
    return f"(({value}) - ((({value}) % {divisor}) + {divisor}) % {divisor}) // {divisor}"


def has_fraction(column: str) -> str:
    """Return SQL that tells whether a text may hold a decimal fraction or an exponent."""
    return f"(contains({column}, '.') OR contains({column}, 'e') OR contains({column}, 'E'))"


def whole_number(column: str, kind: str) -> str:
    """Return SQL for a column as BIGINT, NULL where it is no whole number.

    Parameters
    ----------
    column : str
        Column, as SQL.
    kind : str
        Type of the column, as the database calls it.
    """
    if kind in _FLOATS:
        return f"CASE WHEN isfinite({column}) AND {column} = floor({column}) THEN TRY_CAST({column} AS BIGINT) END"
    if is_integer(kind):
        return f"TRY_CAST({column} AS BIGINT)"
    if kind != "VARCHAR":
        return f"CASE WHEN {column} = floor({column}) THEN TRY_CAST({column} AS BIGINT) END"
    number = f"TRY_CAST({column} AS BIGINT)"
    digits = f"regexp_full_match({column}, '\\s*[+-]?[0-9]+(\\.0*)?\\s*')"
    cut = f"TRY_CAST(regexp_replace({column}, '\\.0*', '') AS BIGINT)"
    return f"CASE WHEN CAST({number} AS VARCHAR) = {column} THEN {number} WHEN {digits} THEN {cut} END"


def _exact(column: str) -> str:
    """Return SQL for a text as a decimal of 18 places; a longer fraction keeps a last digit that says it goes on.

    The database would round a longer fraction, and so might lift it over the next millisecond.
    """
    cut = f"regexp_replace({column}, '(\\.[0-9]{{17}})[0-9]*[1-9][0-9]*', '\\11')"
    return f"TRY_CAST(CASE WHEN strlen({column}) > 19 THEN {cut} ELSE {column} END AS {_DECIMAL})"


def numeric(column: str, kind: str) -> str:
    """Return SQL for the number a timestamp holds, NULL where it holds none, for the profile of a column.

    Parameters
    ----------
    column : str
        Column, as SQL.
    kind : str
        Type of the column, as the database calls it.
    """
    if kind == "VARCHAR":
        return f"CASE WHEN regexp_full_match({column}, '{_DECIMAL_TEXT}') THEN TRY_CAST({column} AS DOUBLE) END"
    return f"CAST({column} AS DOUBLE)" if is_number(kind) else "CAST(NULL AS DOUBLE)"


def is_integer(kind: str) -> bool:
    """Whether a database type is a whole number."""
    return kind.endswith("INT") or kind in ("INTEGER", "UINTEGER")


def is_number(kind: str) -> bool:
    """Whether a database type is a number."""
    return kind in _FLOATS or kind.startswith("DECIMAL") or is_integer(kind)


def infer_unit(low: float, high: float) -> str | None:
    """Infer the unit of a column from its smallest and largest magnitude, None where they disagree.

    Parameters
    ----------
    low : float
        Smallest magnitude. [1]
    high : float
        Largest magnitude. [1]

    Examples
    --------
    >>> infer_unit(1_700_000_000, 1_700_000_100), infer_unit(1_700_000_000, 1_700_000_000_000)
    ('s', None)
    """
    units = {_unit_of(value) for value in (low, high) if value != 0}
    return None if len(units) > 1 else (units or {"s"}).pop()


def unit_bounds(unit: str) -> tuple[int, int]:
    """Return the magnitudes from which and below which a number is taken to be in a unit."""
    place = UNITS.index(unit)
    return _UPPER[UNITS[place - 1]] if place else 0, _UPPER.get(unit, 10**20)


def _unit_of(value: float) -> str:
    return next((unit for unit, upper in _UPPER.items() if abs(value) < upper), "ns")


def instant_ms(column: str, kind: str, unit: str) -> str:
    """Return SQL for an instant in whole ms, NULL where the value is no instant.

    Parameters
    ----------
    column : str
        A quoted column.
    kind : str
        Its database type.
    unit : str
        `iso`, or the unit of its numbers.

    Raises
    ------
    TraceError
        If the column's type holds no instant.
    """
    if kind.startswith("TIMESTAMP"):
        if kind in ("TIMESTAMP_NS", "TIMESTAMPTZ_NS"):
            return floor_div(f"epoch_ns({column})", 1_000_000)
        return f"CASE WHEN isfinite({column}) THEN {floor_div(f'epoch_us(CAST({column} AS TIMESTAMP))', 1_000)} END"
    if kind == "VARCHAR" and unit == ISO:
        instant = f"TRY_CAST({column} AS TIMESTAMPTZ)"
        return f"CASE WHEN isfinite({instant}) THEN {floor_div(f'epoch_us({instant})', 1_000)} END"
    if kind == "VARCHAR":
        number = f"TRY_CAST({column} AS BIGINT)"
        decimal = f"regexp_full_match({column}, '{_DECIMAL_TEXT}')"
        return (
            f"CASE WHEN CAST({number} AS VARCHAR) = {column} THEN {_scaled(number, unit)} "
            f"WHEN {decimal} THEN {_scaled_exact(_exact(column), unit)} END"
        )
    if kind in _FLOATS:
        return f"CASE WHEN isfinite({column}) THEN {_scaled_float(column, unit)} END"
    if kind.startswith("DECIMAL"):
        return _scaled_exact(f"CAST({column} AS {_DECIMAL})", unit)
    if is_number(kind):
        return _scaled(f"TRY_CAST({column} AS BIGINT)", unit)
    raise TraceError(f"{column.strip(chr(34))}: a column of type {kind} holds no instants")


def _scaled(value: str, unit: str) -> str:
    if unit == "s":
        return f"TRY_CAST(CAST({value} AS HUGEINT) * 1000 AS BIGINT)"
    return value if unit == "ms" else floor_div(value, 1_000 if unit == "us" else 1_000_000)


def _scaled_exact(value: str, unit: str) -> str:
    if unit == "s":  # what is beyond every calendar stays so, and does not overflow on the way
        return f"TRY_CAST(floor(least(greatest({value}, -{_BEYOND_S}), {_BEYOND_S}) * 1000) AS BIGINT)"
    return _scaled(f"TRY_CAST(floor({value}) AS BIGINT)", unit)


def _scaled_float(value: str, unit: str) -> str:
    """Binary floats are rounded to the microsecond first: 1.001 s is 1001 ms."""
    to_us = {"s": "* 1e6", "ms": "* 1e3", "us": "* 1e0", "ns": "/ 1e3"}[unit]
    return floor_div(f"TRY_CAST(round(CAST({value} AS DOUBLE) {to_us}) AS BIGINT)", 1_000)


def duration_ms(column: str, kind: str) -> str:
    """Return SQL for a duration in seconds as whole ms, NULL where the value is no number.

    Parameters
    ----------
    column : str
        Column, as SQL.
    kind : str
        Type of the column, as the database calls it.
    """
    return instant_ms(column, kind, "s")


def unit_of_columns(ranges: Mapping[str, tuple[float | None, float | None]], forced: str | None) -> str:
    """Decide one unit for all numeric instants of a trace.

    Parameters
    ----------
    ranges : mapping of str to (low, high)
        Smallest and largest magnitude of each column, None where it holds no number.
    forced : str or None
        What `--time-unit` says.

    Raises
    ------
    TraceError
        If the magnitudes fit different units.
    """
    if forced:
        return forced
    known = {name: (low, high) for name, (low, high) in ranges.items() if low is not None and high is not None}
    if not known:
        return ISO
    low = min(low for low, _ in known.values() if low is not None)
    high = max(high for _, high in known.values() if high is not None)
    unit = infer_unit(low, high)
    if unit is None:
        raise TraceError(
            f"{', '.join(known)}: mixed time units: values from {low:.15g} ({_unit_of(low)}) to {high:.15g} "
            f"({_unit_of(high)}); give --time-unit s, ms, us or ns if one unit is meant"
        )
    return unit
