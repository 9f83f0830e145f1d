"""A kind of log with one line a connection: which line it is and what its fields mean, as SQL for the database."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from scfcost.core.errors import ConfigError, nearest
from scfcost.trace.formats.pairing import Pairing
from scfcost.trace.formats.unwrap import object_in
from scfcost.trace.reading.columns import CLIENT
from scfcost.trace.reading.database import column, quoted
from scfcost.trace.reading.times import ISO, instant_ms

PREFIX = (
    r"^\s*(?:[\w.-]+\s+\| )?(?:\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d) (?:stdout|stderr) [FP] )?"
    r"(?:(?:<\d+>)?\w{3} [ \d]\d [\d:]{8} (?:\S+ )?[\w.-]+(?:\[\d+\])?: )?"
)
"""What docker compose, Kubernetes and syslog write before a line."""
WRAPPED = '{"log":'
"""What a line begins with in the files of docker: it is an object of JSON that holds the line."""
MOST_DAYS = 40_000
"""Days by which a life may outlast a log whose times need no unit. [1]"""
SAME = "_same"
"""Column of what the lines of one connection share, where a server writes several: the last counts, and the first of
`left_out` says why the others do not."""
AT = '"_at"'
"""The instant of a line's local time, where the kind has one. [ms]"""
_CARRIER_YEAR = 2000
"""A leap year, which any day without a year is read in."""
_GROUP = re.compile(r"\(\?P<(\w+)>")


@dataclass(frozen=True)
class LineLog:
    """A kind of line: which it is, and its fields as SQL over its named groups, NULL where it does not tell."""

    pattern: str | None
    """Regular expression with a named group for each field; None for a line of JSON, named `line`."""
    websocket: str
    """Whether the line is of a WebSocket."""
    connect_ms: str
    close_ms: str
    bytes_out: str = "NULL"
    bytes_in: str = "NULL"
    client: str | None = None
    """Whom the connection is of: the address of the client."""
    cut: str = "NULL"
    """Which of its own timeouts closed the connection: `idle` or `life`."""
    local_time: tuple[str, str] | None = None
    """A time without a zone, as a text and the form it has; its instant is AT."""
    since: int | date | None = None
    """Year or day of the first line, where the local time names none."""
    notes: tuple[tuple[str, str, str], ...] = ()
    """Code of a warning, the condition of a connection that it counts, and what such connections are called."""
    left_out: tuple[tuple[str, str], ...] = ()
    """Condition of a WebSocket's line that cannot be used, and why."""
    aside: str = ""
    """Regular expression of other lines that such a log holds, of no connection."""
    unique: bool = False
    """Whether the same line may come twice, from two nodes."""
    comment: str = ""
    """What a line that tells nothing begins with."""
    keys: tuple[str, ...] = ()
    """Keys that a line of JSON has, those of objects in it joined by dots."""
    begins: str = ""
    """Regular expression of how a line of this kind begins, by which one that is damaged is told from a foreign one."""
    handshake: str = ""
    """Why no life of a second means that lines are of handshakes, where the server may write them then."""
    slack_days: int = 1
    """By how many days a life may outlast the log. [1]"""
    at_start: bool = False
    """Whether a line names the start of a connection, and its end only by a length of time."""
    pairing: Pairing | None = None
    """How lines that each tell one event become connections; None where each tells a whole one."""
    more: tuple[tuple[str, str], ...] = ()
    """Further columns that a line tells, each a name and its SQL."""
    delimiter: str | None = None
    """What stands between the columns of a file with a header, whose names are then the fields; None for lines."""

    @cached_property
    def _whole_line(self) -> re.Pattern[str]:
        return re.compile(r"\s*" + (self.pattern or ""))

    def is_line(self, text: str) -> bool:
        """Whether a text is a line of this kind, whatever a container or syslog wrote before it."""
        if self.pattern is not None:
            return self._whole_line.match(re.sub(PREFIX, "", _unwrapped(text), count=1)) is not None
        found = object_in(text)
        return found is not None and all(value_at(found, name) is not None for name in self.keys)

    @cached_property
    def groups(self) -> list[str]:
        """Names of the fields of a line that is no JSON."""
        return [] if self.pattern is None else list(re.compile(self.pattern).groupindex)

    def field(self, name: str | None) -> str:
        """Return SQL for a field of the user's choice, NULL where it is empty.

        Raises
        ------
        ConfigError
            If lines of this kind have no such field.
        """
        if name is None or name == CLIENT:
            return f"nullif(nullif({self.client or 'NULL'}, '-'), '')"
        if self.delimiter is not None:
            found = column(name)
        elif self.pattern is None:
            found = json_at(name)
        elif name in self.groups:
            found = column(name)
        else:
            raise ConfigError(f"stitch: this log has no field {name!r}; {nearest(name, [CLIENT, *self.groups])}")
        return f"nullif(nullif({found}, '-'), '')"

    def expressions(self) -> list[str]:
        """Return all SQL that tells of a line, but whom it is of."""
        wall = [self.local_time[0]] if self.local_time else []
        own = [self.websocket, self.connect_ms, self.close_ms, self.bytes_out, self.bytes_in, self.cut, *wall]
        own += [sql for _, sql in self.more]
        return own + [condition for _, condition, _ in self.notes] + [condition for condition, _ in self.left_out]

    def captured(self, extra: str) -> tuple[str, list[str]]:
        """Return the regular expression with the groups that are used, and their names; one that is never empty first.

        A group that nothing reads costs half as much again as the whole line.
        """
        needed = self._named_in(" ".join(self.expressions()))
        used = [*needed, *(one for one in self._named_in(extra) if one not in needed)]
        pattern = _GROUP.sub(lambda group: "(" if group[1] in used else "(?:", self.pattern or "")
        return pattern, sorted(used, key=self.groups.index)

    def proof(self) -> str:
        """Return the name of a group that is not empty where a line is of this kind."""
        return self._named_in(" ".join(self.expressions()))[0]

    def _named_in(self, sql: str) -> list[str]:
        words = set(re.findall(r"\w+", sql))
        return [group for group in self.groups if group in words]


def host(text: str) -> str:
    """Return SQL for the address without the port; one of IPv6 may stand in brackets."""
    return f"regexp_extract({text}, '^\\[?(.*?)\\]?:[0-9]+$', 1)"


def zoned(text: str, form: str) -> str:
    """Return SQL for epoch ms of a time that names its zone.

    Parameters
    ----------
    text : str
        Time, as SQL.
    form : str
        Its form, as `strptime` takes it.
    """
    return f"epoch_ms(try_strptime({text}, {quoted(form)}))"


def wall_ms(text: str, form: str, since: int | date | None) -> str:
    """Return SQL for a local time as ms, as if it were of UTC; in a leap year where the form names none.

    Parameters
    ----------
    text : str
        Time, as SQL.
    form : str
        Its form, as `strptime` takes it.
    since : int, date or None
        Year of times that name none, or day of times that name none.
    """
    if isinstance(since, date):
        text, form = f"'{since.isoformat()} ' || {text}", f"%Y-%m-%d {form}"
    elif since is not None:
        text, form = f"'{_CARRIER_YEAR} ' || {text}", f"%Y {form}"
    return f"epoch_ms(try_strptime({text}, {quoted(form)}))"


def iso(text: str) -> str:
    """Return SQL for epoch ms of a time in ISO 8601."""
    return f"({instant_ms(text, 'VARCHAR', ISO)})"


def decimal_ms(text: str, per_unit_ms: str = "1000") -> str:
    """Return SQL for whole ms, floored, of a decimal number of some unit.

    Parameters
    ----------
    text : str
        Number, as SQL.
    per_unit_ms : str, optional
        How many ms its unit has, as SQL.
    """
    return f"CAST(floor(TRY_CAST({text} AS DECIMAL(30, 9)) * {per_unit_ms}) AS BIGINT)"


def any_instant(text: str) -> str:
    """Return SQL for epoch ms of a time in ISO 8601, or of a number whose size tells its unit."""
    number = f"TRY_CAST({text} AS DECIMAL(30, 9))"
    bounds = (("100000000000", "1000"), ("100000000000000", "1"), ("100000000000000000", "0.001"))
    scaled = " ".join(f"WHEN {number} < {bound} THEN {decimal_ms(text, unit)}" for bound, unit in bounds)
    return f"CASE WHEN {number} IS NULL THEN {iso(text)} {scaled} ELSE {decimal_ms(text, '0.000001')} END"


def whole(text: str) -> str:
    """Return SQL for a whole number, NULL where there is none."""
    return f"TRY_CAST({text} AS BIGINT)"


def key(path: str) -> str:
    """Return SQL for a value of a line of JSON, as text."""
    return f"json_extract_string(line, {quoted(path)})"


def pointer(keys: Sequence[str]) -> str:
    """Return the keys down to a value as RFC 6901 has them: whatever they hold, none is more than a name.

    Examples
    --------
    >>> pointer(["http", "a/b"])
    '/http/a~1b'
    """
    return "".join("/" + one.replace("~", "~0").replace("/", "~1") for one in keys)


def json_at(name: str) -> str:
    """Return SQL for a value of a line of JSON by its keys, joined by dots; one key may have the dots in its name."""
    nested, literal = key(pointer(name.split("."))), key(pointer([name]))
    return f"coalesce({nested}, {literal})" if "." in name else nested


def value_at(found: dict[str, Any], name: str) -> Any:
    """Return the value of an object by its keys, joined by dots; None where there is none.

    Parameters
    ----------
    found : dict
        An object of JSON.
    name : str
        Keys joined by dots, from the outermost.

    Examples
    --------
    >>> value_at({"a": {"b": 1}}, "a.b"), value_at({"a": 1}, "a.b")
    (1, None)
    """
    if name in found:
        return found[name]
    first, _, rest = name.partition(".")
    inner = found.get(first)
    return value_at(inner, rest) if rest and isinstance(inner, dict) else None


def _unwrapped(line: str) -> str:
    if not line.startswith(WRAPPED):
        return line
    inner = object_in(line)
    return line if inner is None else str(inner["log"]).rstrip("\n")
