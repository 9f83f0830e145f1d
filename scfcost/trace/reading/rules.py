"""The rules of a row as SQL, stated once: what each cell tells, what makes a row bad, and what is said of one that is.

A cell is looked at once, in an inner SELECT (`Rules.rows`), which gives NULL where it cannot be what it should be. The
fast reading asks whether any check of a row fails; the careful one asks which does, and for its sentence. The rules of
each shape stand in `event_rules` and `connection_rules`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from scfcost.trace.model import BY_CLIENT, BY_SERVER, BY_UNKNOWN, UNKNOWN
from scfcost.trace.reading.database import column as named
from scfcost.trace.reading.times import FIRST_MS, LAST_MS, duration_ms, instant_ms, whole_number

BAD = 255
"""Row code of an unsound event."""
FIRST_CODE, LAST_CODE = 1000, 4999
"""Close codes of RFC 6455, section 7.4."""
MOST = 10**13
"""Bytes or messages that one cell may tell: more is absurd, and sums of such numbers might overflow. [1]"""
DEFAULT_FUNCTION = "default"
_SIDES = {"client": BY_CLIENT, "server": BY_SERVER}


@dataclass(frozen=True, slots=True)
class Check:
    """A condition under which a row is bad, in SQL, and the sentence that says so, in SQL."""

    column: str
    fails: str
    reason: str


@dataclass(frozen=True, slots=True)
class Rules:
    """The rows of one source: what their cells tell, what makes one bad, and the values of one that is sound."""

    cells: dict[str, str]
    """SQL of each cell over the file's columns."""
    checks: list[Check]
    """In the order in which they are told."""
    values: dict[str, str]
    """Canonical columns, as SQL over the cells."""

    def rows(self, source: str) -> str:
        """Return what stands after FROM for the rows of a source with their cells beside the columns."""
        listed = ", ".join(f"{sql} AS {cell(name)}" for name, sql in self.cells.items())
        return f"(SELECT *, {listed} FROM {source})"

    def is_bad(self) -> str:
        """Return SQL that is true for an unsound row."""
        return f"coalesce({' OR '.join(f'({check.fails})' for check in self.checks)}, FALSE)"

    def fault(self) -> str:
        """Return SQL for `column: what is wrong` of the first failing check, NULL for a sound row."""
        cases = " ".join(f"WHEN {c.fails} THEN '{c.column}: ' || {c.reason}" for c in self.checks)
        return f"CASE {cases} END"


def cell(name: str) -> str:
    """Return SQL for a cell of `Rules.cells`; its name begins with a space, as that of no column does."""
    return named(f" {name}")


def shown(column: str) -> str:
    """Return SQL for what stands in a column, as text."""
    return f"CAST({named(column)} AS VARCHAR)"


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a file as the SQL of cells, as if empty where the file lacks one."""

    kinds: Mapping[str, str]
    """Database type of each."""
    unit: str
    """`iso`, or the unit of numeric instants."""
    id_type: str
    """BIGINT where every id is an integer, VARCHAR otherwise."""

    def identity(self) -> str:
        """Return SQL for an id; a text that is to be a number must be written as numbers are."""
        key = f'TRY_CAST("connection_id" AS {self.id_type})'
        if self.id_type == "BIGINT" and self.kinds["connection_id"] == "VARCHAR":
            return f'CASE WHEN CAST({key} AS VARCHAR) = "connection_id" THEN {key} END'
        return key

    def text(self, name: str) -> str:
        """Return SQL for a text."""
        return shown(name) if name in self.kinds else "CAST(NULL AS VARCHAR)"

    def instant(self, name: str) -> str:
        """Return SQL for an instant, NULL where it is none. [ms]"""
        return instant_ms(named(name), self.kinds[name], self.unit) if name in self.kinds else "CAST(NULL AS BIGINT)"

    def length(self, name: str) -> str:
        """Return SQL for a number of seconds, NULL where it is none. [ms]"""
        return duration_ms(named(name), self.kinds[name]) if name in self.kinds else "CAST(NULL AS BIGINT)"

    def code(self, name: str, codes: Mapping[str, int], empty: int) -> str:
        """Return SQL for the code of a word, `empty` where there is no word, NULL for one that is not known.

        Parameters
        ----------
        name : str
            The column.
        codes : mapping of str to int
            Words that are known, and the code of each.
        empty : int
            Code of a cell without a word.
        """
        return f"CASE WHEN {self.text(name)} IS NULL THEN {empty} ELSE {code_of(self.text(name), codes)} END"

    def side(self) -> str:
        """Return SQL for who closed a connection."""
        return self.code("closed_by", _SIDES, BY_UNKNOWN)

    def whole(self, name: str, least: int = 0, most: int = MOST) -> str:
        """Return SQL for a whole number within bounds, UNKNOWN where the cell is empty, NULL where it is none.

        Parameters
        ----------
        name : str
            The column.
        least, most : int
            The bounds, both included. [1]
        """
        if name not in self.kinds:
            return f"CAST({UNKNOWN} AS BIGINT)"
        value = whole_number(named(name), self.kinds[name])
        in_range = f"CASE WHEN {value} BETWEEN {least} AND {most} THEN {value} END"
        return f"CASE WHEN {named(name)} IS NULL THEN {UNKNOWN} ELSE {in_range} END"

    def whole_check(self, name: str, where: str = "TRUE") -> Check:
        """Return the check of a number of bytes or messages.

        Parameters
        ----------
        name : str
            The column.
        where : str
            SQL that is true for the rows it is asked of.
        """
        value = whole_number(named(name), self.kinds[name]) if name in self.kinds else "NULL"
        otherwise = _is_not(name, f"a whole number of {name.replace('_', ' ')}")
        reason = (
            f"CASE WHEN {value} < 0 THEN 'negative: ' || {shown(name)} "
            f"WHEN {value} > {MOST} THEN {shown(name)} || ' is absurd; expected at most {MOST}' ELSE {otherwise} END"
        )
        return Check(name, f"{where} AND {cell(name)} IS NULL", reason)

    def instant_checks(self, name: str) -> list[Check]:
        """Return the checks of an instant that may be missing."""
        expected = "an instant in ISO 8601" if self.unit == "iso" else f"a number of epoch {self.unit}"
        return [_unreadable(name, expected), _beyond(name)]

    def checks_of(self, checks: list[Check]) -> list[Check]:
        """Return those checks whose column the file has."""
        return [check for check in checks if check.column in self.kinds]


def code_of(text: str, codes: Mapping[str, int]) -> str:
    """Return SQL for the code of a word, NULL where it is not known.

    Parameters
    ----------
    text : str
        SQL of a text.
    codes : mapping of str to int
        Words that are known, and the code of each.
    """
    return f"CASE {text} {' '.join(f'WHEN {word!r} THEN {code}' for word, code in codes.items())} END"


def required(column: str, *checks: Check) -> list[Check]:
    """Return the checks of a column that every row must have."""
    return [Check(column, f"{named(column)} IS NULL", "'missing'"), *checks]


def length_checks(name: str) -> list[Check]:
    """Return the checks of a number of seconds."""
    negative = Check(name, f"{cell(name)} < 0", f"'negative: ' || {shown(name)}")
    return [_unreadable(name, "a number of seconds"), _beyond(name), negative]


def among(column: str, codes: Mapping[str, int], where: str = "TRUE") -> Check:
    """Return the check of a word.

    Parameters
    ----------
    column : str
        The column, whose cell goes by its name.
    codes : mapping of str to int
        Words that are known.
    where : str
        SQL that is true for the rows it is asked of.
    """
    known = list(codes)
    words = ", ".join(known[:-1]) + " or " + known[-1]
    return Check(
        column, f"{where} AND {cell(column)} IS NULL", f"'''' || {shown(column)} || ''' is not known; expected {words}'"
    )


def side_check(where: str = "TRUE") -> Check:
    """Return the check of who closed a connection."""
    return among("closed_by", _SIDES, where)


def close_code_check(where: str = "TRUE") -> Check:
    """Return the check of a close code."""
    reason = _is_not("close_code", f"a close code from {FIRST_CODE} to {LAST_CODE}")
    return Check("close_code", f"{where} AND {cell('close_code')} IS NULL", reason)


def _is_not(column: str, expected: str) -> str:
    return f"'''' || {shown(column)} || ''' is not {expected}'"


def _unreadable(name: str, expected: str) -> Check:
    return Check(name, f"{named(name)} IS NOT NULL AND {cell(name)} IS NULL", _is_not(name, expected))


def _beyond(name: str) -> Check:
    reason = f"{shown(name)} || ' is absurd; expected the years 1 to 5138'"
    return Check(name, f"{cell(name)} NOT BETWEEN {FIRST_MS} AND {LAST_MS}", reason)
