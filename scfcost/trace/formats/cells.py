"""Cells of a log that somebody described, as SQL: instants, lengths of time, numbers and words."""

from __future__ import annotations

from collections.abc import Sequence

from scfcost.trace.formats.line_log import decimal_ms, zoned
from scfcost.trace.formats.values import named_unit_ms
from scfcost.trace.reading.database import quoted

PER_UNIT_MS = {"s": "1000", "ms": "1", "us": "0.001", "ns": "0.000001"}
"""Milliseconds of the units that a number may be of, as they are written in SQL. [ms]"""
LENGTH_UNIT_MS = {**PER_UNIT_MS, "min": "60000", "h": "3600000"}
"""The same of units that only lengths of time are of. [ms]"""
_OFFSET = r"(?i)(z|utc|gmt|[+-][0-9]{2}:?[0-9]{2})$"
_CLOCK = r"^[0-9]+:[0-5][0-9]:[0-5][0-9](\.[0-9]+)?$"


def given(text: str) -> str:
    """Return SQL for a cell, NULL where it holds nothing: "", or the "-" of many logs."""
    return f"nullif(nullif(trim({text}), ''), '-')"


def joined(texts: Sequence[str]) -> str:
    """Return SQL for several cells with a space between, such as a date and a time; NULL where one holds nothing."""
    return " || ' ' || ".join(given(text) for text in texts)


def instant(text: str, unit: str) -> str:
    """Return SQL for epoch ms of an instant: a number of some unit, ISO 8601, or a form that names its zone.

    Parameters
    ----------
    text : str
        Cell, as SQL.
    unit : str
        Unit of a plain number, or none.
    """
    if unit in PER_UNIT_MS:
        return decimal_ms(text, PER_UNIT_MS[unit])
    return zoned(text, unit) if "%z" in unit else iso_ms(text)


def iso_ms(text: str) -> str:
    """Return SQL for epoch ms of ISO 8601, also with a comma, or a space before the offset; without one, on $tz."""
    plain = f"regexp_replace(replace(trim({text}), ',', '.'), ' ([+-][0-9]{{2}}:?[0-9]{{2}})$', '\\1')"
    at = f"CASE WHEN regexp_matches(trim({text}), '{_OFFSET}') THEN TRY_CAST({plain} AS TIMESTAMPTZ) "
    return f"epoch_ms({at}ELSE timezone($tz, TRY_CAST({plain} AS TIMESTAMP)) END)"


def length(text: str, unit: str) -> str:
    """Return SQL for whole ms of a length of time, floored: with its unit, as h:mm:ss, or a number of some unit.

    Parameters
    ----------
    text : str
        Cell, as SQL.
    unit : str
        Unit of a plain number, or none.
    """
    parts = [f"TRY_CAST(split_part(trim({text}), ':', {place}) AS DECIMAL(20, 9))" for place in (1, 2, 3)]
    clock = f"CAST(floor({parts[0]} * 3600000 + {parts[1]} * 60000 + {parts[2]} * 1000) AS BIGINT)"
    of_clock = f"CASE WHEN regexp_matches(trim({text}), '{_CLOCK}') THEN {clock} END"
    return f"coalesce({decimal_ms(text, LENGTH_UNIT_MS[unit])}, {named_unit_ms(text)}, {of_clock})"


def whole(text: str) -> str:
    """Return SQL for a whole number, NULL where there is none; thousands may stand apart by commas."""
    return f"TRY_CAST(replace({text}, ',', '') AS BIGINT)"


def one_of(text: str, values: Sequence[str]) -> str:
    """Return SQL for whether a cell is one of some values, whatever their case.

    Parameters
    ----------
    text : str
        Cell, as SQL.
    values : sequence of str
        What it may be.
    """
    listed = ", ".join(quoted(value.lower()) for value in values)
    return f"coalesce(lower({text}) IN ({listed}), FALSE)" if values else "FALSE"
