"""The canonical columns of each shape as SQL: the value of a cell, and what is wrong with it where something is.

Both readings use these expressions: the fast one, which only asks whether a row is sound, and the careful one, which
asks why it is not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from scfcost.trace.model import BY_CLIENT, BY_SERVER, BY_UNKNOWN, CONTROL, UNKNOWN
from scfcost.trace.reading.columns import CONNECTIONS
from scfcost.trace.reading.times import FIRST_MS, LAST_MS, duration_ms, instant_ms, whole_number

CONNECT, LOST, CLOSE, BAD = 0, 11, 12, 255
"""Row codes of a connect, a client gone without a close, a close and an unsound row. They order one instant."""
MESSAGE = 1
"""Row code of a message, to which its flags are added."""
EVENT_NAMES = ("connect", "message", "ping", "pong", "lost", "close")
FIRST_CODE, LAST_CODE = 1000, 4999
"""Close codes of RFC 6455, section 7.4."""
MOST = 10**13
"""Bytes or messages that one cell may tell: more is absurd, and sums of such numbers might overflow. [1]"""
DEFAULT_FUNCTION = "default"


@dataclass(frozen=True, slots=True)
class Check:
    """A condition under which a row is bad, in SQL, and the sentence that says so, in SQL."""

    column: str
    fails: str
    reason: str


@dataclass(frozen=True, slots=True)
class Canonical:
    """Canonical columns of one source: name to SQL, and the checks of a row."""

    values: dict[str, str]
    checks: list[Check]

    def is_bad(self) -> str:
        """Return SQL that is true for an unsound row."""
        return " OR ".join(f"coalesce({check.fails}, FALSE)" for check in self.checks)

    def fault(self) -> str:
        """Return SQL for `column: what is wrong` of the first failing check, NULL for a sound row."""
        cases = " ".join(f"WHEN {c.fails} THEN '{c.column}: ' || {c.reason}" for c in self.checks)
        return f"CASE {cases} END"


def events(columns: Mapping[str, str], unit: str, id_type: str) -> Canonical:
    """Return the canonical columns of an events file: id, time, code, payload and function.

    `code` packs event, direction and kind; it orders the events of one instant (connect, up, undirected, down, close).
    `payload` is the bytes of a message, or close code × 4 + side of a close.
    """
    cell = _Cells(columns)
    time = instant_ms('"timestamp"', columns["timestamp"], unit)
    is_message = "\"event\" IN ('message', 'ping', 'pong')"
    direction = cell.text("direction")
    flags = f"CASE {direction} WHEN 'up' THEN 0 WHEN 'down' THEN 2 ELSE 1 END"
    flags = f"{flags} + CASE \"event\" WHEN 'message' THEN 0 ELSE {CONTROL} END"
    size, code = cell.whole("bytes"), cell.whole("close_code")
    closing = f"coalesce({code}, {UNKNOWN}) * 4 + {_side(cell.text('closed_by'))}"
    checks = [
        _missing("connection_id"),
        _missing("timestamp"),
        _unreadable("timestamp", f"({time}) IS NULL", _time_words(unit)),
        _beyond("timestamp", time),
        _missing("event"),
        _not_among("event", '"event"', EVENT_NAMES, ""),
        _not_among("direction", direction, ("up", "down"), is_message),
        *_whole_checks("bytes", size, "bytes", is_message),
        *_close_checks(cell, code, "\"event\" = 'close'"),
    ]
    values = {
        "id": _id(id_type),
        "time": time,
        "code": f"CASE \"event\" WHEN 'connect' THEN {CONNECT} WHEN 'close' THEN {CLOSE} "
        f"WHEN 'lost' THEN {LOST} ELSE {MESSAGE} + {flags} END",
        "payload": f"CASE WHEN \"event\" = 'close' THEN {closing} WHEN {is_message} THEN coalesce({size}, {UNKNOWN}) "
        f"ELSE {UNKNOWN} END",
        "function": cell.text("function"),
    }
    return Canonical(values, [check for check in checks if check.column in columns])


def packed_events(source: str, columns: Mapping[str, str], unit: str, id_type: str, function_code: str) -> str:
    """Return a SELECT of the packed rows of an events file, each cell looked at once; its code is BAD for unsound rows.

    It holds the same rules as `events`, for the reading that only asks whether all is well. A text id that is to be a
    number must be written as numbers are.
    """
    cell = _Cells(columns)
    key = f'TRY_CAST("connection_id" AS {id_type})'
    if id_type == "BIGINT" and columns["connection_id"] == "VARCHAR":
        key = f'CASE WHEN CAST({key} AS VARCHAR) = "connection_id" THEN {key} END'
    inner = {
        "id": key,
        "time": instant_ms('"timestamp"', columns["timestamp"], unit),
        "what": f"CASE \"event\" WHEN 'message' THEN {MESSAGE} WHEN 'connect' THEN {CONNECT} WHEN 'close' THEN {CLOSE} "
        f"WHEN 'lost' THEN {LOST} WHEN 'ping' THEN {MESSAGE + CONTROL} WHEN 'pong' THEN {MESSAGE + CONTROL} END",
        "direction": f"CASE WHEN {cell.text('direction')} IS NULL THEN 1 ELSE "
        f"CASE {cell.text('direction')} WHEN 'up' THEN 0 WHEN 'down' THEN 2 END END",
        "size": cell.whole_or_absent("bytes"),
        "close": cell.whole_or_absent("close_code"),
        "side": f"CASE WHEN {cell.text('closed_by')} IS NULL THEN {BY_UNKNOWN} ELSE "
        f"CASE {cell.text('closed_by')} WHEN 'client' THEN {BY_CLIENT} WHEN 'server' THEN {BY_SERVER} END END",
        "function": function_code,
    }
    bad_close = f'"close" IS NULL OR ("close" <> {UNKNOWN} AND "close" NOT BETWEEN {FIRST_CODE} AND {LAST_CODE})'
    bad = (
        f"id IS NULL OR time IS NULL OR time NOT BETWEEN {FIRST_MS} AND {LAST_MS} OR what IS NULL OR "
        f"CASE what WHEN {CONNECT} THEN FALSE WHEN {LOST} THEN FALSE "
        f"WHEN {CLOSE} THEN side IS NULL OR {bad_close} ELSE direction IS NULL OR size IS NULL END"
    )
    outer = {
        "id": f"coalesce(id, CAST(0 AS {id_type}))",
        "time": "coalesce(time, 0)",
        "code": f"CAST(CASE WHEN {bad} THEN {BAD} WHEN what IN ({CONNECT}, {LOST}, {CLOSE}) THEN what "
        "ELSE what + direction END AS UTINYINT)",
        "payload": f"CAST(coalesce(CASE what WHEN {CONNECT} THEN {UNKNOWN} WHEN {LOST} THEN {UNKNOWN} "
        f'WHEN {CLOSE} THEN "close" * 4 + side '
        f"ELSE size END, {UNKNOWN}) AS BIGINT)",
        "function": "function",
    }
    inside, outside = (", ".join(f'{sql} AS "{name}"' for name, sql in part.items()) for part in (inner, outer))
    return f"SELECT {outside} FROM (SELECT {inside} FROM {source})"


def connections(columns: Mapping[str, str], unit: str, id_type: str) -> Canonical:
    """Return the canonical columns of a connections file: one row a connection, instants and durations in ms."""
    cell = _Cells(columns)

    def instant(name: str) -> str:
        return instant_ms(f'"{name}"', columns[name], unit) if name in columns else "CAST(NULL AS BIGINT)"

    def length(name: str) -> str:
        return duration_ms(f'"{name}"', columns[name]) if name in columns else "CAST(NULL AS BIGINT)"

    connect = instant("connect_time")
    close = f"coalesce({instant('close_time')}, ({connect}) + ({length('duration_s')}))"
    code = cell.whole("close_code")
    totals = {name: cell.whole(name) for name in ("bytes_out", "bytes_in", "messages")}
    last, longest = instant("last_activity_time"), length("max_idle_s")
    checks = [
        _missing("connection_id"),
        _missing("connect_time"),
        *(
            _unreadable(name, f'"{name}" IS NOT NULL AND ({instant(name)}) IS NULL', _time_words(unit))
            for name in CONNECTIONS.times
        ),
        *(_beyond(name, instant(name)) for name in CONNECTIONS.times),
        *(
            _unreadable(name, f'"{name}" IS NOT NULL AND ({length(name)}) IS NULL', "a number of seconds")
            for name in ("duration_s", "max_idle_s")
        ),
        *(_beyond(name, length(name)) for name in ("duration_s", "max_idle_s")),
        Check("duration_s", f"({length('duration_s')}) < 0", "'negative: ' || CAST(\"duration_s\" AS VARCHAR)"),
        Check("max_idle_s", f"({longest}) < 0", "'negative: ' || CAST(\"max_idle_s\" AS VARCHAR)"),
        *_contradiction(columns, connect, instant("close_time"), length("duration_s")),
        Check("close_time", f"({close}) < ({connect})", "'before its connect_time'"),
        Check("client_lost_time", f"({instant('client_lost_time')}) < ({connect})", "'before its connect_time'"),
        Check(
            "last_activity_time", f"({last}) < ({connect}) OR ({last}) > ({close})", "'outside the connection''s life'"
        ),
        Check("max_idle_s", f"({longest}) > ({close}) - ({connect})", "'longer than the connection''s life'"),
        *(check for name, value in totals.items() for check in _whole_checks(name, value, name, "")),
        *_close_checks(cell, code, ""),
    ]
    values = {
        "id": _id(id_type),
        "connect": connect,
        "close": close,
        "close_code": f"CAST(coalesce({code}, {UNKNOWN}) AS SMALLINT)",
        "closed_by": f"CAST({_side(cell.text('closed_by'))} AS TINYINT)",
        "client_lost": instant("client_lost_time"),
        **totals,
        "last_activity": last,
        "max_idle": longest,
        "function": cell.text("function"),
    }
    return Canonical(values, [check for check in checks if check.column in columns])


_AGREE_MS = 1_000
"""A life told twice may differ by less: one of both may be in whole seconds. [ms]"""


def _contradiction(columns: Mapping[str, str], connect: str, close: str, length: str) -> list[Check]:
    """Return the check of a life that is told twice, by its end and by its length."""
    if not {"close_time", "duration_s"} <= set(columns):
        return []
    told = "CAST(\"duration_s\" AS VARCHAR) || ' s, but close_time is ' || CAST(({close}) - ({connect}) AS VARCHAR)"
    reason = told.format(close=close, connect=connect) + " || ' ms after connect_time'"
    return [Check("duration_s", f"abs(({close}) - ({connect}) - ({length})) >= {_AGREE_MS}", reason)]


class _Cells:
    """Cells of the optional columns, NULL where a file lacks the column."""

    def __init__(self, columns: Mapping[str, str]) -> None:
        self.columns = columns

    def text(self, name: str) -> str:
        return f'CAST("{name}" AS VARCHAR)' if name in self.columns else "CAST(NULL AS VARCHAR)"

    def whole(self, name: str) -> str:
        return whole_number(f'"{name}"', self.columns[name]) if name in self.columns else "CAST(NULL AS BIGINT)"

    def whole_or_absent(self, name: str) -> str:
        """Return SQL for a whole number, UNKNOWN where the cell is empty, NULL where it cannot be one."""
        if name not in self.columns:
            return f"CAST({UNKNOWN} AS BIGINT)"
        value = self.whole(name)
        in_range = f"CASE WHEN {value} BETWEEN 0 AND {MOST} THEN {value} END"
        return f'CASE WHEN "{name}" IS NULL THEN {UNKNOWN} ELSE {in_range} END'


def _id(id_type: str) -> str:
    return f'CAST("connection_id" AS {id_type})'


def _side(closed_by: str) -> str:
    return f"CASE {closed_by} WHEN 'client' THEN {BY_CLIENT} WHEN 'server' THEN {BY_SERVER} ELSE {BY_UNKNOWN} END"


def _missing(column: str) -> Check:
    return Check(column, f'"{column}" IS NULL', "'missing'")


def _unreadable(column: str, fails: str, expected: str) -> Check:
    return Check(column, fails, f"'''' || CAST(\"{column}\" AS VARCHAR) || ''' is not {expected}'")


def _time_words(unit: str) -> str:
    return "an instant in ISO 8601" if unit == "iso" else f"a number of epoch {unit}"


def _beyond(column: str, value_ms: str) -> Check:
    reason = f"CAST(\"{column}\" AS VARCHAR) || ' is absurd; expected the years 1 to 5138'"
    return Check(column, f"({value_ms}) NOT BETWEEN {FIRST_MS} AND {LAST_MS}", reason)


def _not_among(column: str, value: str, known: tuple[str, ...], where: str) -> Check:
    words = ", ".join(known[:-1]) + " or " + known[-1]
    listed = ", ".join(f"'{name}'" for name in known)
    scope = f"{where} AND " if where else ""
    reason = f"'''' || {value} || ''' is not known; expected {words}'"
    return Check(column, f"{scope}{value} NOT IN ({listed})", reason)


def _whole_checks(column: str, value: str, what: str, where: str) -> list[Check]:
    scope = f"{where} AND " if where else ""
    shown = f'CAST("{column}" AS VARCHAR)'
    return [
        Check(
            column,
            f'{scope}"{column}" IS NOT NULL AND ({value}) IS NULL',
            f"'''' || {shown} || ''' is not a whole number of {what.replace('_', ' ')}'",
        ),
        Check(column, f"{scope}({value}) < 0", f"'negative: ' || {shown}"),
        Check(column, f"{scope}({value}) > {MOST}", f"{shown} || ' is absurd; expected at most {MOST}'"),
    ]


def _close_checks(cell: _Cells, code: str, where: str) -> list[Check]:
    scope = f"{where} AND " if where else ""
    fails = (
        f'{scope}"close_code" IS NOT NULL AND (({code}) IS NULL OR ({code}) NOT BETWEEN {FIRST_CODE} AND {LAST_CODE})'
    )
    return [
        _unreadable("close_code", fails, f"a close code from {FIRST_CODE} to {LAST_CODE}"),
        _not_among("closed_by", cell.text("closed_by"), ("client", "server"), where),
    ]
