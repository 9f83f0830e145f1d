"""What the fields of a log mean, said by a person: a small TOML file, or columns named on the command line."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from scfcost.core.tables import Strict
from scfcost.trace.formats.cells import PER_UNIT_MS
from scfcost.trace.formats.pairing import LAST_LINE, LEFT_OUT, OPEN, START

JSON, DELIMITED, W3C, TEXT = "json", "delimited", "w3c", "text"
ISO = "iso"
_CONNECTIONS, _EVENTS, _MESSAGES = "connections", "events", "messages"


def _listed(value: object) -> object:
    return (value,) if isinstance(value, str | int) and not isinstance(value, bool) else value


Name = Annotated[tuple[str, ...], BeforeValidator(_listed), Field(min_length=1)]
"""A field, or several that stand for one value with a space between, such as a date and a time."""


def _words(value: object) -> tuple[str, ...]:
    found = _listed(value)
    if not isinstance(found, list | tuple) or not all(isinstance(one, str | int) for one in found):
        raise ValueError(f"expected a value or a list of values, not {value!r}")
    return tuple(str(one) for one in found)


Values = Annotated[tuple[str, ...], BeforeValidator(_words)]
"""A value, or several, of a field."""


class Fields(Strict):
    """Names of the log's fields: a column, the keys down to a value joined by dots, or a group of a pattern."""

    connection_id: Name | None = None
    connect_time: Name | None = None
    close_time: Name | None = None
    duration: Name | None = None
    time: Name | None = None
    """When the event of a row was."""
    event: Name | None = None
    direction: Name | None = None
    bytes: Name | None = None
    """Of a message."""
    bytes_out: Name | None = None
    bytes_in: Name | None = None
    messages: Name | None = None
    function: Name | None = None
    close_code: Name | None = None
    closed_by: Name | None = None
    client: Name | None = None

    def names(self) -> dict[str, Name]:
        """Return what is named."""
        return {name: value for name in type(self).model_fields if (value := getattr(self, name)) is not None}


class Units(Strict):
    """Units of the times: s, ms, us or ns since 1970, iso, or a form such as %Y-%m-%d %H:%M:%S in the zone of --tz."""

    time: str = ISO
    year: int | None = Field(default=None, ge=1990, le=2100)
    """Year of the first line, where the form of the times has none."""
    day: date | None = None
    """Day of the first line, where the form of the times has none, and the order of the lines tells the next ones."""
    duration: Literal["s", "ms", "us", "ns", "min", "h"] = "s"
    """Of lengths that do not name their unit themselves, as 600.123s and 1m30s do."""

    @model_validator(mode="after")
    def _a_year_and_a_day(self) -> Units:
        day, _, month = self.time.partition("|")
        if "%Y" in day and "%Y" in month:
            raise ValueError(f"time: is the day first or the month? Write {day} (day first) or {month} (month first)")
        has_form = self.time not in (*PER_UNIT_MS, ISO)
        if has_form and "%" not in self.time:
            raise ValueError(f"time: {self.time!r} is none of s, ms, us, ns, iso and no form such as %Y-%m-%d %H:%M:%S")
        parts = set(re.findall("%.", self.time))
        has_day = not has_form or bool({"%d", "%j", "%c", "%x"} & parts)
        if not has_day and (self.day is None or self.year is not None):
            raise ValueError(
                f"time: {self.time!r} holds no day: give that of the first line as day, such as 2026-01-31"
            )
        if has_day and self.day is not None:
            raise ValueError(f"day: times of {self.time!r} hold their day")
        has_year = not has_form or not has_day or bool({"%Y", "%y", "%c", "%x"} & parts)
        if has_year and self.year is not None:
            raise ValueError(f"year: times of {self.time!r} hold their year")
        if not has_year and self.year is None:
            raise ValueError(f"time: {self.time!r} holds no year: give that of the first line as year")
        return self


class Meanings(Strict):
    """Which values of the fields event and direction mean what; upper and lower case are one."""

    connect: Values = ("connect",)
    message: Values = ("message",)
    close: Values = ("close",)
    up: Values = ("up",)
    down: Values = ("down",)


Told = str | dict[str, Values]
"""How a line shows what it tells: a regular expression with named groups, or values of fields."""


class Pair(Strict):
    """Lines that each tell one event, joined by a key."""

    key: Annotated[tuple[str, ...], BeforeValidator(_listed)] = ("key",)
    """What joins the lines; none where they name no connection, which is shared then."""
    open: Told
    close: Told
    message: Told | None = None
    message_up: Told | None = None
    message_down: Told | None = None
    restart: Told | None = None
    """A line that ends all that is open, such as the start of the server."""
    other: str | None = None
    """A pattern with the time of any other line, as the log reaches to the last; else how an opening begins tells."""
    unclosed: Literal["open", "last line", "left out"] = OPEN  # type: ignore[assignment]
    unopened: Literal["left out", "start"] = LEFT_OUT  # type: ignore[assignment]
    shared: bool = False
    """Whether several connections may have one key at a time, such as an address without its port."""

    def told(self) -> dict[str, Told]:
        """Return how each event shows, the rarest first."""
        named = ("restart", "open", "close", "message_up", "message_down", "message")
        return {name: value for name in named if (value := getattr(self, name)) is not None}

    @model_validator(mode="after")
    def _of_one_kind(self) -> Pair:
        if not self.key and not self.shared:
            raise ValueError(
                "key: lines that name no connection need shared = true: the first opened is the first closed"
            )
        kinds = {isinstance(value, str) for value in self.told().values()}
        if len(kinds) > 1:
            raise ValueError("open, close, message and restart are all patterns, or all values of fields")
        for name, value in self.told().items():
            if isinstance(value, str):
                groups = _groups(value, name)
                if name != "restart" and not set(self.key) <= groups:
                    raise ValueError(f"{name}: the pattern has no group of the key: (?P<{self.key[0]}>…)")
        if self.other is not None and "time" not in _groups(self.other, "other"):
            raise ValueError("other: the pattern has no group of the time: (?P<time>…)")
        return self


class Mapping(Strict):
    """What a log's fields mean."""

    kind: Literal["json", "delimited", "w3c", "text"] = JSON  # type: ignore[assignment]
    rows: Literal["connections", "events", "messages"] = _CONNECTIONS  # type: ignore[assignment]
    """What a row tells, where no [pair] says it."""
    delimiter: str = Field(",", min_length=1, max_length=1)
    columns: tuple[str, ...] = ()
    """Names of the columns of a table without a header."""
    pattern: str | None = None
    """Of a line of text that tells a whole connection."""
    fields: Fields = Fields()
    units: Units = Units()
    only: dict[str, Values] = Field(default_factory=dict)
    """Values that the line of a WebSocket has, by field; "" where the field may be missing."""
    values: Meanings = Meanings()
    pair: Pair | None = None

    @property
    def has_patterns(self) -> bool:
        """Whether lines are text, told by regular expressions."""
        return self.pattern is not None or (self.pair is not None and isinstance(self.pair.open, str))

    @model_validator(mode="after")
    def _enough(self) -> Mapping:
        named = self.fields
        if self.pattern is not None:
            _groups(self.pattern, "pattern")
        if (self.kind == TEXT) != self.has_patterns:
            raise ValueError('kind = "text" goes with a pattern, or with patterns in [pair]')
        if self.pair is not None:
            if named.time is None and not self.has_patterns:
                raise ValueError("fields: time is needed beside a [pair]: when the event of a line was")
        elif self.rows == _CONNECTIONS:
            if sum(one is not None for one in (named.connect_time, named.close_time, named.duration)) < 2:
                raise ValueError("fields: two of connect_time, close_time and duration are needed to tell a life")
        else:
            needed = ["connection_id", "time", *(["event"] if self.rows == _EVENTS else [])]
            if missing := [one for one in needed if getattr(named, one) is None]:
                raise ValueError(f"fields: {', '.join(missing)} needed where rows tell {self.rows}")
        return self

    def unclosed(self) -> str:
        """Return what becomes of a connection without a close."""
        if self.pair is not None:
            return self.pair.unclosed
        return LAST_LINE if self.rows == _MESSAGES else OPEN

    def unopened(self) -> str:
        """Return what becomes of a connection without an opening."""
        return START if self.pair is None else self.pair.unopened


def _groups(pattern: str, key: str) -> set[str]:
    """Return the names of a pattern's groups; the time is one unless a field names it otherwise.

    Raises
    ------
    ValueError
        If it is no regular expression.
    """
    try:
        return set(re.compile(pattern).groupindex)
    except re.error as error:
        raise ValueError(f"{key}: not a regular expression: {error}") from None
