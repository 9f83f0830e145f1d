"""A mapping as a kind of line: each field as SQL."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from scfcost.core.units import MS_PER_DAY
from scfcost.trace.formats.cells import PER_UNIT_MS, instant, joined, length, one_of, whole
from scfcost.trace.formats.described import WHAT
from scfcost.trace.formats.line_log import AT, MOST_DAYS, LineLog, json_at, key, pointer, wall_ms
from scfcost.trace.formats.mapping import DELIMITED, ISO, JSON, Mapping, Name, Pair
from scfcost.trace.formats.pairing import CLOSE, CONNECT, MESSAGE, RESTART, Pairing
from scfcost.trace.reading.database import column, quoted
from scfcost.trace.reading.rules import FIRST_CODE, LAST_CODE

_NO_TEXT = "CAST(NULL AS VARCHAR)"
_SLACK_DAYS = 30
"""By how many days a connection may outlast a table whose lengths of time need a unit. [1]"""
_DIRECTIONS = {"message_up": "up", "message_down": "down"}


def log_of(mapping: Mapping) -> LineLog:
    """Return the kind of line that a mapping describes."""
    return (
        _Log(mapping).connections()
        if mapping.pair is None and mapping.rows == "connections"
        else _Log(mapping).events()
    )


class _Log:
    """SQL for the parts of a mapping."""

    def __init__(self, mapping: Mapping) -> None:
        self._mapping = mapping
        self._fields = mapping.fields
        unit = mapping.units.time
        self._is_local = unit not in (*PER_UNIT_MS, ISO) and "%z" not in unit

    def connections(self) -> LineLog:
        """Return lines that each tell a whole connection."""
        start, end = self._end_or_start("connect_time"), self._end_or_start("close_time")
        lasted = (
            None
            if self._fields.duration is None
            else length(self._text(self._fields.duration), self._mapping.units.duration)
        )
        start = start or f"({end}) - ({lasted})"
        end = end or f"({start}) + ({lasted})"
        # lines of text that the pattern does not find tell nothing
        found = f"({self._value(WHAT)}) IS NOT NULL" if self._mapping.has_patterns else "TRUE"
        more = [("_code", self._code()), ("_side", self._side()), ("_function", self._named("function"))]
        more += [("_messages", self._whole("messages"))]
        if self._fields.connection_id is not None:
            more.append(("_id", self._named("connection_id")))
        return LineLog(
            pattern=None,
            websocket=f"{found} AND ({self._only()})",
            connect_ms=start,
            close_ms=end,
            bytes_out=self._whole("bytes_out"),
            bytes_in=self._whole("bytes_in"),
            more=tuple(more),
            local_time=self._local(self._fields.close_time or self._fields.connect_time),
            keys=self._keys(),
            at_start=self._fields.close_time is None,
            slack_days=_SLACK_DAYS if self._fields.duration is not None else MOST_DAYS,
            **self._rest(),
        )  # fmt: skip

    def events(self) -> LineLog:
        """Return lines that each tell an event of a connection."""
        mapping, pair = self._mapping, self._mapping.pair
        time = self._fields.time or ("time",)
        event, direction = self._event(pair)
        identity = pair.key if pair is not None else self._fields.connection_id or ()
        at = AT if self._is_local else instant(self._text(time), mapping.units.time)
        whom = self._whom(identity)
        websocket = f"({self._only()}) AND ({event}) IS NOT NULL AND (({whom}) IS NOT NULL OR ({event}) = '{RESTART}')"
        more = {"_key": whom, "_event": event, "_direction": direction, "_payload": self._whole("bytes"),
                "_code": self._code(), "_side": self._side(), "_function": self._named("function")}  # fmt: skip
        return LineLog(
            pattern=None,
            websocket=websocket,
            connect_ms=at,
            close_ms=at,
            more=tuple(more.items()),
            pairing=Pairing(
                again=pair is not None,
                shared=pair is not None and pair.shared,
                unclosed=mapping.unclosed(),
                unopened=mapping.unopened(),
                keep_ids=pair is None,
            ),
            local_time=self._local(time),
            keys=self._keys(),
            **self._rest(),
        )

    def _rest(self) -> dict[str, Any]:
        mapping = self._mapping
        client = self._fields.client or (("client",) if mapping.has_patterns else None)
        return {
            "client": None if client is None else self._text(client),
            "since": mapping.units.day or mapping.units.year,
            "delimiter": mapping.delimiter if mapping.kind == DELIMITED and not mapping.columns else None,
        }

    def _keys(self) -> tuple[str, ...]:
        """Return the keys that every line has; a line with values of [only] or [pair] has one of those, too."""
        named = self._fields
        needed = [named.connect_time, named.close_time, named.duration, named.time, named.connection_id]
        found = [field for name in needed if name is not None for field in name]
        if self._mapping.kind != JSON or self._mapping.pair is None:
            return tuple(found)
        return (*found, *self._mapping.pair.key)

    def _event(self, pair: Pair | None) -> tuple[str, str]:
        """Return SQL for the event and the direction that a line tells."""
        values = self._mapping.values
        direction = self._named("direction")
        ways = (
            f"CASE WHEN {one_of(direction, values.up)} THEN 'up' WHEN {one_of(direction, values.down)} THEN 'down' END"
        )
        if pair is None:
            if self._mapping.rows == "messages":
                return f"'{MESSAGE}'", ways
            event = self._named("event")
            named = {CONNECT: values.connect, MESSAGE: values.message, CLOSE: values.close}
            cases = " ".join(f"WHEN {one_of(event, words)} THEN '{name}'" for name, words in named.items())
            return f"CASE {cases} END", ways
        shows = {name: self._shows(name, told) for name, told in pair.told().items()}
        events = {"open": CONNECT, "close": CLOSE, "restart": RESTART}
        cases = " ".join(f"WHEN {sql} THEN '{events.get(name, MESSAGE)}'" for name, sql in shows.items())
        sent = " ".join(f"WHEN {shows[name]} THEN '{way}'" for name, way in _DIRECTIONS.items() if name in shows)
        return f"CASE {cases} END", f"CASE {sent} ELSE {ways} END" if sent else ways

    def _shows(self, name: str, told: object) -> str:
        """Return SQL for whether a line tells an event."""
        if not isinstance(told, dict):
            return f"{self._value(WHAT)} = {quoted(name)}"
        return " AND ".join(one_of(self._value(field), words) for field, words in told.items())

    def _whom(self, identity: Name) -> str:
        return joined([self._value(field) for field in identity]) if identity else "''"

    def _only(self) -> str:
        only = self._mapping.only.items()
        return " AND ".join(one_of(f"coalesce({self._value(field)}, '')", words) for field, words in only) or "TRUE"

    def _value(self, field: str) -> str:
        if self._mapping.kind == DELIMITED and not self._mapping.columns:
            return column(field)
        flat = key(pointer([field]))
        if self._mapping.kind != JSON or "." not in field:
            return flat
        return f"coalesce({', '.join([flat, json_at(field), *_within_texts(field)])})"

    def _text(self, name: Sequence[str]) -> str:
        return joined([self._value(field) for field in name])

    def _named(self, name: str) -> str:
        field = getattr(self._fields, name)
        if field is None and self._mapping.has_patterns:
            field = (name,)
        return _NO_TEXT if field is None else self._text(field)

    def _whole(self, name: str) -> str:
        return whole(self._named(name))

    def _code(self) -> str:
        code = self._whole("close_code")
        return f"CASE WHEN {code} BETWEEN {FIRST_CODE} AND {LAST_CODE} THEN {code} END"

    def _side(self) -> str:
        side = f"lower({self._named('closed_by')})"
        return f"CASE WHEN {side} IN ('client', 'server') THEN {side} END"

    def _end_or_start(self, name: str) -> str | None:
        field: Name | None = getattr(self._fields, name)
        units = self._mapping.units
        if field is None:
            return None
        if not self._is_local:
            return instant(self._text(field), units.time)
        if name == "close_time" or self._fields.close_time is None:
            return AT
        since = units.day or units.year
        walls = (wall_ms(self._text(one), units.time, since) for one in (self._fields.close_time, field))
        lasted = f"({next(walls)}) - ({next(walls)})"
        return f"{AT} - " + (f"(({lasted} + {MS_PER_DAY}) % {MS_PER_DAY})" if units.day else f"({lasted})")

    def _local(self, field: Name | None) -> tuple[str, str] | None:
        """Return the local time that the order of the lines is that of: the end where there is one."""
        return (self._text(field), self._mapping.units.time) if self._is_local and field is not None else None


def _within_texts(field: str) -> Iterator[str]:
    """Yield SQL for a field whose first keys lead to a text that is JSON itself."""
    parts = field.split(".")
    for place in range(1, len(parts)):
        text = json_at(".".join(parts[:place]))
        path = quoted(pointer(parts[place:]))
        yield f"CASE WHEN json_valid({text}) THEN json_extract_string({text}, {path}) END"
