"""One cheap look at the whole trace before it is sorted: its size, its unit of time, its ids, its functions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from scfcost.core.errors import TraceError
from scfcost.trace.reading.columns import EVENTS, Shape
from scfcost.trace.reading.connection_rules import connection_rules
from scfcost.trace.reading.database import quoted
from scfcost.trace.reading.event_rules import event_rules
from scfcost.trace.reading.rules import DEFAULT_FUNCTION, Columns, Rules
from scfcost.trace.reading.times import ISO, infer_unit, is_number, numeric, unit_bounds, unit_of_columns

_INT64 = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER")
_MAX_FUNCTIONS = 1_000
_MS = {"s": Fraction(1000), "ms": Fraction(1), "us": Fraction(1, 1000), "ns": Fraction(1, 1_000_000)}
"""Milliseconds in each unit. [ms]"""


@dataclass(frozen=True, slots=True)
class Relation:
    """A source as the database sees it."""

    name: str
    """What messages call it."""
    sql: str
    """What stands after FROM."""
    columns: dict[str, str]
    """Column names and database types."""
    shape: Shape
    kind: str
    """`csv`, `jsonl` or `parquet`."""
    first_rows: tuple[dict[str, str], ...] = ()
    """Rows at the head of the file, as text, where the layout may be told from them."""
    path: Path = Path()
    """Where the file is that the database reads; nowhere for rows that it holds already."""


@dataclass(frozen=True, slots=True)
class Layout:
    """What the whole trace has in common."""

    rows: int
    unit: str
    """Unit of its numeric instants, or `iso`."""
    id_type: str
    """BIGINT where every id is an integer, VARCHAR otherwise."""
    functions: tuple[str, ...]
    """Names found in the function column."""
    fractions: bool
    """Whether an instant in a text file is a number with decimals."""
    guessed: bool = False
    """Whether this was told from the first rows of each file, and is to be confirmed by all of them."""

    def covers(self, first_ms: int, last_ms: int) -> bool:
        """Whether the first and last instant confirm the unit that was guessed.

        Parameters
        ----------
        first_ms : int
            First instant. [epoch ms]
        last_ms : int
            Last instant. [epoch ms]
        """
        if not self.guessed or self.unit == ISO:
            return True
        low, high = (Fraction(bound) * _MS[self.unit] for bound in unit_bounds(self.unit))
        return all(low <= abs(instant) < high or instant == 0 for instant in (first_ms, last_ms))

    def rules(self, relation: Relation) -> Rules:
        """Return the rules of a relation's rows."""
        build = event_rules if relation.shape is EVENTS else connection_rules
        return build(Columns(relation.columns, self.unit, self.id_type))

    def function_code(self, value: str) -> str:
        """Return SQL for the code of a function name, counted from 1, 0 where there is none."""
        if not self.functions:
            return "CAST(0 AS BIGINT)"
        listed = ", ".join(quoted(name) for name in self.functions)
        return f"CAST(coalesce(list_position([{listed}], {value}), 0) AS BIGINT)"

    def named_functions(self) -> tuple[str, ...]:
        """Return the names of the function codes from 0 on."""
        return (DEFAULT_FUNCTION, *self.functions)


def guess(relations: Sequence[Relation], time_unit: str | None) -> Layout | None:
    """Tell the layout of events from the first rows of CSV or Parquet, to spare a look at all.

    Parameters
    ----------
    relations : sequence of Relation
        The files, as relations of the database.
    time_unit : str or None
        Unit of the instants as the user names it; told from the values where not given.

    Returns
    -------
    Layout or None
        A guess that the reading confirms, or None where the whole trace has to be looked at first.
    """
    rows = [row for relation in relations for row in relation.first_rows]
    simple = all(one.kind != "jsonl" and one.shape is EVENTS and "function" not in one.columns for one in relations)
    if not simple or not all(relation.first_rows for relation in relations):
        return None
    stamps = [row["timestamp"] for row in rows]
    if not all(stamp.isdecimal() for stamp in stamps):
        return None
    unit = time_unit or infer_unit(min(map(int, stamps)), max(map(int, stamps)))
    if unit is None or unit == ISO:
        return None
    whole = all(is_int64(row["connection_id"]) for row in rows)
    return Layout(0, unit, "BIGINT" if whole else "VARCHAR", (), fractions=False, guessed=time_unit is None)


def is_int64(text: str) -> bool:
    """Whether a text is a whole number of 64 bits, written as numbers are."""
    digits = text.removeprefix("-")
    return digits.isdecimal() and str(int(text)) == text and abs(int(text)) < 2**63


def profile(connection: Any, relations: Sequence[Relation], time_unit: str | None) -> Layout:
    """Look at ids, instants and functions of every relation once.

    Parameters
    ----------
    connection : object
        An open connection of the database.
    relations : sequence of Relation
        The files, as relations of the database.
    time_unit : str or None
        Unit of the instants as the user names it; told from the values where not given.

    Raises
    ------
    TraceError
        If the trace has no row, mixes units of time, or holds instants in a type that is none.
    """
    rows, whole_ids, fractions = 0, True, False
    ranges: dict[str, tuple[float | None, float | None]] = {}
    functions: set[str] = set()
    for relation in relations:
        _refuse_dates(relation)
        found = connection.sql(f"SELECT {', '.join(_aggregates(relation))} FROM {relation.sql}").fetchall()
        values = dict(zip(_names(relation), found[0], strict=True))
        rows += values["rows"]
        whole_ids &= values["ids"] == values["whole_ids"]
        functions.update(name for name in values.get("functions") or () if name is not None)
        for column in _times(relation):
            numbers, given, low, high, dots = (values[f"{column}.{part}"] for part in _PARTS)
            if 2 * numbers >= given > 0:
                fractions |= bool(dots) and relation.columns[column] == "VARCHAR"
                before = ranges.get(column, (None, None))
                ranges[column] = _widen(before, low, high)
    if rows == 0:
        raise TraceError(f"{', '.join(relation.name for relation in relations)}: no rows below the header")
    if len(functions) > _MAX_FUNCTIONS:
        raise TraceError(f"{len(functions)} function names; at most {_MAX_FUNCTIONS} can be told apart")
    unit = unit_of_columns(ranges, time_unit)
    return Layout(rows, unit, "BIGINT" if whole_ids else "VARCHAR", tuple(sorted(functions)), fractions)


_PARTS = ("numbers", "given", "low", "high", "dots")


def _times(relation: Relation) -> list[str]:
    return [column for column in relation.shape.times if column in relation.columns]


def _names(relation: Relation) -> list[str]:
    names = ["rows", "ids", "whole_ids"]
    names += [f"{column}.{part}" for column in _times(relation) for part in _PARTS]
    return names + (["functions"] if "function" in relation.columns else [])


def _aggregates(relation: Relation) -> list[str]:
    id_column = '"connection_id"'
    if relation.columns["connection_id"] in _INT64:
        whole = "count(*)"
        ids = "count(*)"
    else:
        ids = f"count({id_column})"
        text = f"CAST({id_column} AS VARCHAR)"
        whole = f"count_if(CAST(TRY_CAST({text} AS BIGINT) AS VARCHAR) = {text})"
    parts = ["count(*)", ids, whole]
    for column in _times(relation):
        kind, cell = relation.columns[column], f'"{column}"'
        number = numeric(cell, kind)
        sized = f"FILTER (isfinite({number}) AND {number} <> 0)"
        dots = f"count_if(contains({cell}, '.') AND ({number}) IS NOT NULL)" if kind == "VARCHAR" else "0"
        parts += [f"count({number})", f"count({cell})"]
        parts += [f"min(abs({number})) {sized}", f"max(abs({number})) {sized}", dots]
    if "function" in relation.columns:
        parts.append('list(DISTINCT CAST("function" AS VARCHAR))')
    return parts


def _widen(
    before: tuple[float | None, float | None], low: float | None, high: float | None
) -> tuple[float | None, float | None]:
    lows = [value for value in (before[0], low) if value is not None]
    highs = [value for value in (before[1], high) if value is not None]
    return (min(lows), max(highs)) if lows and highs else (0.0, 0.0)


def _refuse_dates(relation: Relation) -> None:
    for column in _times(relation):
        kind = relation.columns[column]
        if not (kind == "VARCHAR" or kind.startswith("TIMESTAMP") or is_number(kind)):
            raise TraceError(f"{relation.name}: {column}: a column of type {kind} holds no instants")
