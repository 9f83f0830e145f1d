"""HAProxy's log, of HTTP and of TCP: start, duration, bytes, and whether its own timeout closed the connection."""

from __future__ import annotations

from scfcost.trace.formats.base import Format, Knows
from scfcost.trace.formats.haproxy_json import json_kinds
from scfcost.trace.formats.line_log import AT, MOST_DAYS, LineLog, whole, zoned
from scfcost.trace.formats.lines import kind_of, no_line

_COMMON_START = zoned("accepted", "%d/%b/%Y:%H:%M:%S %z")
LOG = LineLog(
    slack_days=MOST_DAYS,
    pattern=r"(?P<before>.*?)\[(?P<accepted>\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d\.\d{3})\] \S+ \S+ (?:\S+ )?"
    r"-?\d+/-?\d+/(?:-?\d+/-?\d+/)?(?P<lasted>[+-]?\d+) (?:(?P<status>-?\d+) )?(?P<size>\+?\d+) (?:\S+ \S+ )?"
    r"(?P<state>\S{4}|\S\S) \d+/\d+/\d+/\d+/",
    websocket="status = '101' OR status IS NULL",
    connect_ms=AT,
    close_ms=f"{AT} + {whole('lasted')}",
    bytes_out=whole("size"),
    client=r"regexp_extract(before, '(?:^| )\[?([^ ]*?)\]?:[0-9]+ $', 1)",
    cut="CASE WHEN state[1:2] IN ('cD', 'sD') THEN 'idle' END",
    local_time=("accepted", "%d/%b/%Y:%H:%M:%S.%g"),
    notes=(("any_tcp", "status IS NULL", "connections of a TCP log, which does not tell WebSockets from others"),),
    left_out=(
        ("starts_with(lasted, '+') OR starts_with(size, '+')", "logged before their end (option logasap)"),
        ("starts_with(lasted, '-')", "that never connected (a time of -1)"),
    ),
    begins=r".*?\[\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d\.\d{3}\]",
    aside=r".*?haproxy\[\d+\]: (?:\[?[A-Z]|backend |.*\[[^\]]*\] \S+: )",
)
"""A line of HTTP, with five times and a status, or of TCP, with three times and none; notices of a
restart and failed handshakes stand between them."""


COMMON = LineLog(
    slack_days=MOST_DAYS,
    pattern=r'(?P<client>\S+) - - \[(?P<accepted>\d\d/\w{3}/\d{4}:[\d:]{8} [+-]\d{4})\] "[^"]*" (?P<status>-?\d+) '
    r'(?P<size>\d+) "[^"]*" "[^"]*" \d+ (?P<fraction>\d{1,3}) "[^"]*" "[^"]*" "[^"]*" -?\d+ -?\d+ -?\d+ -?\d+ '
    r"(?P<lasted>[+-]?\d+) (?P<state>\S{4}) ",
    websocket="status = '101'",
    connect_ms=f"{_COMMON_START} + {whole('fraction')}",
    close_ms=f"{_COMMON_START} + {whole('fraction')} + {whole('lasted')}",
    bytes_out=whole("size"),
    client="client",
    cut=LOG.cut,
    left_out=(("starts_with(lasted, '+')", "logged before their end (option logasap)"),),
    begins=r"\S+ - - \[",
)
"""A line of `option httplog clf`."""
FORMAT = Format(
    name="haproxy",
    title="HAProxy's log, `option httplog`, `option httplog clf`, `option tcplog` or JSON",
    kinds=lambda texts: (kind_of(LOG, "haproxy"), kind_of(COMMON, "haproxy"), *json_kinds(texts)),
    knows=Knows(start=True, end=True, bytes_out=True, idle_cut=True, bytes_are="wire", client=True),
    advice=(
        "use `option httplog` without `option logasap` and without `option dontlog-normal`. Times are local: name the "
        "zone with --tz. An idle timeout in the data phase shows as cD or sD."
    ),
    convert=no_line,
)
