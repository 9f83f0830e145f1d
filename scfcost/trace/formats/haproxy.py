"""HAProxy's log, of HTTP and of TCP: start, duration, bytes, and whether its own timeout closed the connection."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from scfcost.core.warning import Warned
from scfcost.trace.formats.base import Converted, Format, Kind, Knows, LogOptions, Original
from scfcost.trace.formats.haproxy_json import json_kinds
from scfcost.trace.formats.line_log import AT, MOST_DAYS, LineLog, whole, zoned
from scfcost.trace.formats.lines import convert_lines, kind_of, no_line

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
    notes=(
        ("any_tcp", "status IS NULL", "connections of a TCP log, which does not tell WebSockets from others"),
        ("upgraded", "status = '101'", "connections of which the log shows the upgrade"),
    ),
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
_BESIDE = "tcp_beside_upgrades"
UPGRADES = replace(
    LOG,
    left_out=(("status IS NULL", _BESIDE), *LOG.left_out),
    notes=(),
)
"""Lines of a log that holds upgrades and connections over TCP: only of the former it tells that they are WebSockets."""


def _convert(originals: Sequence[Original], scratch: Path, options: LogOptions) -> Converted:
    """Count lines of TCP as WebSockets where the log holds nothing else that is one."""
    found = convert_lines(LOG, originals, scratch, options, "haproxy")
    if {"any_tcp", "upgraded"} <= {one.code for one in found.warnings}:
        found = convert_lines(UPGRADES, originals, scratch, options, "haproxy")
    return replace(found, warnings=tuple(_named(one) for one in found.warnings if one.code != "upgraded"))


def _named(warning: Warned) -> Warned:
    count = warning.message.rsplit(" ", 1)[-1]
    if _BESIDE not in warning.message:
        return warning
    text = (
        "lines of TCP beside upgrades to WebSocket, of which the log does not tell what they are, left out: "
        f"{count}; where they are WebSockets, read them as a file of their own, by `grep -v ' HTTP/' FILE > tcp.log`"
    )
    return Warned(_BESIDE, text)


FORMAT = Format(
    name="haproxy",
    title="HAProxy's log, `option httplog`, `option httplog clf`, `option tcplog` or JSON",
    kinds=lambda texts: (Kind(LOG.is_line, _convert), kind_of(COMMON, "haproxy"), *json_kinds(texts)),
    knows=Knows(start=True, end=True, bytes_out=True, idle_cut=True, bytes_are="wire", client=True),
    advice=(
        "use `option httplog` without `option logasap` and without `option dontlog-normal`. Times are local: name the "
        "zone with --tz. An idle timeout in the data phase shows as cD or sD."
    ),
    convert=no_line,
)
