"""What the fields of an unknown log may mean, by their names and by what their values look like."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from scfcost.core.durations import length_ms
from scfcost.trace.formats.mapping import ISO
from scfcost.trace.formats.orders import order_of

Columns = Mapping[str, Sequence[str]]
"""Values of the first rows, by field; "" where a row has none."""

EITHER = "|"
"""Stands between two forms, of which the values fit both: with the day first, and with the month."""
_OF_EITHER = tuple(
    (rf"\d\d?{mark}\d\d?{mark}\d{{4}}{comma} {clock}",
     EITHER.join(f"{day}{mark}{month}{mark}%Y{comma} {form}" for day, month in (("%d", "%m"), ("%m", "%d"))))
    for mark in "/-" for comma in ("", ",")
    for clock, form in ((r"\d\d?:\d\d:\d\d\.\d+", "%H:%M:%S.%f"), (r"\d\d?:\d\d:\d\d", "%H:%M:%S"),
                        (r"\d\d?:\d\d", "%H:%M"))
)  # fmt: skip
"""Dates of numbers alone, in 24 hours."""
FORMS = (
    (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?: ?(?:Z|UTC|[+-]\d\d:?\d\d))?", ISO),
    (r"\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}", "%d/%b/%Y:%H:%M:%S %z"),
    (r"\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d\.\d+", "%d/%b/%Y:%H:%M:%S.%f"),
    (r"\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d", "%d/%b/%Y:%H:%M:%S"),
    (r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT", "%a, %d %b %Y %H:%M:%S GMT"),
    (r"\d\d/\w{3}/\d{4} \d\d:\d\d:\d\d", "%d/%b/%Y %H:%M:%S"),
    (r"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d\.\d+", "%Y/%m/%d %H:%M:%S.%f"),
    (r"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d", "%Y/%m/%d %H:%M:%S"),
    (r"\d\d?/\d\d?/\d{4}, \d\d?:\d\d:\d\d\.\d+ [AP]M", "%m/%d/%Y, %I:%M:%S.%f %p"),
    (r"\d\d?/\d\d?/\d{4} \d\d?:\d\d:\d\d\.\d+ [AP]M", "%m/%d/%Y %I:%M:%S.%f %p"),
    (r"\d\d?/\d\d?/\d{4}, \d\d?:\d\d:\d\d [AP]M", "%m/%d/%Y, %I:%M:%S %p"),
    (r"\d\d?/\d\d?/\d{4} \d\d?:\d\d:\d\d [AP]M", "%m/%d/%Y %I:%M:%S %p"),
    (r"\d\d\.\d\d\.\d{4} \d\d:\d\d:\d\d", "%d.%m.%Y %H:%M:%S"),
    *_OF_EITHER,
    (r"\d{8}[T ]\d{6}Z?", "%Y%m%dT%H%M%S"),
    (r"\d{6} \d\d:\d\d:\d\d", "%y%m%d %H:%M:%S"),
    (r"1\d{9}(?:\.\d+)?", "s"),
    (r"1\d{12}(?:\.\d+)?", "ms"),
    (r"1\d{15}", "us"),
    (r"1\d{18}", "ns"),
    (r"[A-Z][a-z]{2} [ \d]?\d \d\d?:\d\d:\d\d [AP]M", "%b %d %I:%M:%S %p"),
    (r"[A-Z][a-z]{2} [ \d]?\d \d\d:\d\d:\d\d", "%b %d %H:%M:%S"),
)
"""What instants look like, and the unit or form that a mapping calls them by."""
CLOCKS = (
    (r"\d\d:\d\d:\d\d\.\d{3,6}", "%H:%M:%S.%f"),
    (r"\d\d:\d\d:\d\d,\d{3}", "%H:%M:%S,%f"),
    (r"\d\d?:\d\d:\d\d [AP]M", "%I:%M:%S %p"),
    (r"\d\d?:\d\d[AP]M", "%I:%M%p"),
    (r"\d\d:\d\d:\d\d", "%H:%M:%S"),
)
"""The same of times that name no day; lengths look so, too."""
_MONTHS = 12
"""[1]"""
NUMBER = r"-?\d+(?:\.\d+)?"
_CLOCK = r"\d+:[0-5]\d:[0-5]\d(?:\.\d+)?"

STARTS = (
    r"start|begin|began|open|(?<!dis)connected|log_?(?:in|on)(?:_|$)|(?<!dis)connect_?(?:time|at|ts)|accept|creat|establish"
    r"|join|since|from"
)
ENDS = r"end|clos|log_?(?:out|off)(?:_|$)|disconnect|finish|stop|left|terminat|last|until|complet"
TIMES = (
    r"^@?time$|timestamp|^ts$|^date$|datetime|date_?time|event_?time|time_?generated|logged|^at$|^when$|msec"
    r"|time_?iso|time_?local"
)
LENGTHS = (
    r"duration|latency|elapsed|taken|request_?time|lasted|length|lifetime|life|^secs?$|seconds|session_?(?:time|length)"
    r"|uptime|alive|connected_?for|^dur$|^rt$|millis|_[mun]s$|^t[at]$|response_?time"
)
NO_LENGTHS = r"upstream|backend|processing|header|handshake|ttfb|first_?byte|dns|content|size"
_LONGEST_S = 86_400
"""Numbers without a unit that are more are hardly seconds. [s]"""
ROLES = {
    "bytes_out": r"(?:bytes_?)?sent(?:_?bytes)?$|sc.bytes|bytes_?out|response_?(?:size|bytes|length)|egress|tx_?bytes"
    r"|bytes_?tx|body_?bytes|downstream",
    "bytes_in": r"received|recv|rcvd|cs.bytes|bytes_?in|request_?(?:size|bytes|length)|ingress|rx_?bytes|bytes_?rx",
    "client": r"remote_?(?:addr|ip|host)|client_?(?:ip|addr|address)|^c.ip$|caller_?ip|source_?ip|src_?ip|peer|^ip$"
    r"|client$",
    "close_code": r"close_?code|disconnect_?(?:code|status_?code)|ws_?code",
    "closed_by": r"closed_?by",
    "function": r"^function$",
}
IDENTITY = (
    r"conn(?:ection)?_?id|^conn$|socket_?id|session_?id|ws_?id|^sid$|stream_?id|client_?id|^id$|uuid|^key$|session$|peer"
    r"|remote"
)
STATUS = r"status|code"


@dataclass
class Guess:
    """What a log seems to hold."""

    fields: dict[str, tuple[str, ...]] = field(default_factory=dict)
    time: str = ISO
    duration: str | None = None
    """Unit of lengths; "" where they name it themselves, None where nothing tells it."""
    only: dict[str, str] = field(default_factory=dict)
    doubts: dict[str, str] = field(default_factory=dict)
    """What is to be looked at, by the name of the field in the mapping."""


def bare(name: str) -> str:
    """Return the last part of a field's name as lower case words joined by underscores.

    Examples
    --------
    >>> bare("httpRequest.responseSize"), bare("sc-bytes"), bare("EdgeEndTimestamp")
    ('response_size', 'sc_bytes', 'edge_end_timestamp')
    """
    last = name.rsplit(".", 1)[-1]
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", last)
    return re.sub(r"[^a-z0-9@]+", "_", words.lower()).strip("_")


def told(values: Sequence[str]) -> list[str]:
    """Return the values that tell something."""
    return [one for one in (value.strip() for value in values) if one not in ("", "-")]


def looks(values: Sequence[str], pattern: str) -> bool:
    """Whether all values that tell something look so.

    Parameters
    ----------
    values : sequence of str
        Some values of a field.
    pattern : str
        Regular expression that the whole of each has to match.
    """
    some = told(values)
    return bool(some) and all(re.fullmatch(pattern, one) for one in some)


def form_of(values: Sequence[str], forms: Sequence[tuple[str, str]] = FORMS) -> str | None:
    """Return the unit or form of instants, None where the values are none.

    Parameters
    ----------
    values : sequence of str
        Some values of a field.
    forms : sequence of (str, str)
        What instants look like, and what each is called.
    """
    found = next((form for pattern, form in forms if looks(values, pattern)), None)
    return found if found is None or EITHER not in found else _with_days(found, values)


def _with_days(form: str, values: Sequence[str]) -> str:
    """Return which of two forms values are of, where a number above 12 tells it; else both."""
    dates = [re.findall(r"\d+", one)[:2] for one in told(values)]
    day_first, month_first = form.split(EITHER)
    if any(int(first) > _MONTHS for first, _ in dates):
        return day_first
    return month_first if any(int(second) > _MONTHS for _, second in dates) else form


def lengths_of(values: Sequence[str]) -> bool:
    """Whether values are lengths of time, as numbers or with their unit."""
    some = told(values)
    return bool(some) and all(re.fullmatch(f"{NUMBER}|{_CLOCK}", one) or length_ms(one) is not None for one in some)


def has_no_year(form: str) -> bool:
    """Whether instants of a unit or form do not name their year."""
    return "%" in form and "%Y" not in form and "%y" not in form


def unit_of(name: str, values: Sequence[str]) -> str | None:
    """Return the unit of lengths: "" where they name it, by the field's name, seconds where they have decimals.

    None is for whole numbers under a name that says nothing: seconds, milliseconds or less.

    Parameters
    ----------
    name : str
        Name of the field.
    values : sequence of str
        Some of its values.
    """
    some = told(values)
    if some and all(re.fullmatch(_CLOCK, one) or length_ms(one) is not None for one in some):
        return ""
    words = bare(name)
    for pattern, unit in (
        (r"(?:^|_)(?:ns|nanos?|nanoseconds?)(?:_|$)", "ns"),
        (r"(?:^|_)(?:us|micros?|microseconds?)(?:_|$)", "us"),
        (r"(?:^|_)(?:ms|msecs?|millis|milliseconds?)(?:_|$)", "ms"),
        (r"(?:^|_)(?:s|secs?|seconds?)(?:_|$)", "s"),
        (r"(?:^|_)(?:mins?|minutes?)(?:_|$)", "min"),
        (r"(?:^|_)(?:hours?|hrs?)(?:_|$)", "h"),
        (r"^response_time$", "ms"),  # of Node's loggers
    ):
        if re.search(pattern, words):
            return unit
    numbers = [Decimal(one) for one in some if re.fullmatch(NUMBER, one)]
    has_thousandths = any(re.search(r"\.\d{3}", one) for one in some)
    return "s" if has_thousandths and max(numbers, default=Decimal(0)) <= _LONGEST_S else None


def find(columns: Columns, pattern: str, beside: str = r"(?!)", test: object = None) -> str | None:
    """Return the first field whose name is found by a pattern and not by another, and whose values pass a test.

    Parameters
    ----------
    columns : Columns
        Some values of each field, by its name.
    pattern : str
        What a name has to contain, a regular expression.
    beside : str, optional
        What it must not contain.
    test : object, optional
        What the values have to pass; all pass where not given.
    """
    for name, values in columns.items():
        words = bare(name)
        passes = test(values) if callable(test) else bool(told(values))
        if passes and re.search(pattern, words) and not re.search(beside, words):
            return name
    return None


def _has_upgrades(values: Sequence[str]) -> bool:
    """Whether values are status codes, that of an upgrade among them."""
    return "101" in told(values) and looks(values, r"\d{1,3}")


def life(columns: Columns, guess: Guess) -> bool:
    """Find what tells the start, the end and the length of a connection; False where that is not enough.

    Parameters
    ----------
    columns : Columns
        Some values of each field, by its name.
    guess : Guess
        What was guessed, to which this adds.
    """
    instants = {name: values for name, values in columns.items() if form_of(values)}
    others = {name: values for name, values in columns.items() if name not in instants}
    start = find(instants, STARTS, ENDS)
    end = find(instants, ENDS, f"(?:{STARTS})(?!.*end)")
    length = _length(others)
    dated = _date_and_time(columns)
    if (start is None) != (end is None) or (start and end):
        for role, name in (("connect_time", start), ("close_time", end)):
            if name:
                guess.fields[role] = (name,)
    elif dated or (name := find(instants, TIMES) or next(iter(instants), None)):
        fields = dated or (str(name),)
        role, doubt = _written_at(columns, fields, length)
        guess.fields[role] = fields
        if doubt:
            guess.doubts[role] = doubt
    if not guess.fields:
        return False
    first = next(iter(guess.fields.values()))
    guess.time = ISO if dated else form_of(columns[first[0]]) or ISO
    if len(guess.fields) == 2:
        return True
    if length is None and start and (name := find({one: instants[one] for one in instants if one != start}, TIMES)):
        guess.fields["close_time"] = (name,)
        guess.doubts["close_time"] = "the only other time: is it that of the end?"
        return True
    if length is None and (length := _with_decimals(others)):
        guess.doubts["duration"] = "the only lengths of time, or numbers with decimals, that there are"
    if length is None:
        return False
    guess.fields["duration"] = (length,)
    guess.duration = unit_of(length, columns[length])
    return True


def _length(columns: Columns) -> str | None:
    """Return the first field of lengths of time, one whose unit is told before others."""
    known = {
        name: values for name, values in columns.items() if lengths_of(values) and unit_of(name, values) is not None
    }
    return find(known, LENGTHS, NO_LENGTHS) or find(columns, LENGTHS, NO_LENGTHS, lengths_of)


def _with_decimals(columns: Columns) -> str | None:
    """Return the field of the longest lengths that name their unit or have decimals: no part outlasts the whole."""
    found = {
        name: max(length_ms(one) or Decimal(one) * 1000 for one in told(values) if ":" not in one)
        for name, values in columns.items()
        if lengths_of(values)
        and all("." in one or not one.isdigit() for one in told(values))
        and any(":" not in one for one in told(values))
    }
    return max(found, key=lambda name: found[name]) if found else None


def _date_and_time(columns: Columns) -> tuple[str, str] | None:
    date = find(columns, r"date$", test=lambda values: looks(values, r"\d{4}-\d\d-\d\d"))
    time = find(columns, r"time$", test=lambda values: looks(values, r"\d\d:\d\d:\d\d(?:\.\d+)?"))
    return (date, time) if date and time else None


def _written_at(columns: Columns, fields: tuple[str, ...], length: str | None) -> tuple[str, str]:
    """Return whether the only time is the start or the end, by the order of the rows, and a doubt that is left."""
    doubt = "the log does not say whether this is the end (as here) or the start (connect_time)"
    if length is None:
        return "close_time", doubt
    shown = order_of([[columns[name][row] for name in fields] for row in range(len(columns[length]))], columns[length])
    if "latency" in bare(length) and "timestamp" in bare(fields[-1]):
        return "connect_time", "taken as the start, as load balancers write it beside a latency"
    return (shown, "by the order of the rows") if shown else ("close_time", doubt)


def rest(columns: Columns, guess: Guess) -> None:
    """Find what else a connection tells, and what its line has that others have not.

    Parameters
    ----------
    columns : Columns
        Some values of each field, by its name.
    guess : Guess
        What was guessed, to which this adds.
    """
    used = {name for fields in guess.fields.values() for name in fields}
    for role, pattern in ROLES.items():
        numbers = role in ("bytes_out", "bytes_in", "close_code")
        name = find(columns, pattern, r"time", (lambda values: looks(values, r"\d+")) if numbers else None)
        if name and name not in used:
            guess.fields[role] = (name,)
            used.add(name)
    status = find(columns, STATUS, test=_has_upgrades) or find(columns, "", test=_has_upgrades)
    if status and status not in used:
        guess.only[status] = "101"
