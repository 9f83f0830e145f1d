"""nginx's access log, by any `log_format`: compiled to one regular expression that captures only what is used."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from scfcost.core.errors import ConfigError
from scfcost.trace.formats.base import Format, Kind, Knows
from scfcost.trace.formats.line_log import PREFIX, LineLog, decimal_ms, iso, whole, zoned
from scfcost.trace.formats.lines import kind_of, no_line
from scfcost.trace.formats.nginx_json import COARSE, HANDSHAKE, json_kinds
from scfcost.trace.reading.database import column

COMBINED = (
    '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"'
)
TIMED = "msec=$msec rt=$request_time us=$upstream_bytes_sent"
_INGRESS = (
    f"{COMBINED} $request_length $request_time [$proxy_upstream_name] [$proxy_alternative_upstream_name] "
    "$upstream_addr $upstream_response_length $upstream_response_time $upstream_status $req_id"
)
_EXTENDED = (
    f'{COMBINED} "$http_x_forwarded_for" "$host" sn="$server_name" rt=$request_time ua="$upstream_addr" '
    'us="$upstream_status" ut="$upstream_response_time" ul="$upstream_response_length" cs=$upstream_cache_status'
)
_UPSTREAM = (
    '$remote_addr [$time_local] msec=$msec "$request" $status body=$body_bytes_sent bytes=$bytes_sent '
    "reqlen=$request_length rt=$request_time us=$upstream_status uct=$upstream_connect_time "
    "uht=$upstream_header_time urt=$upstream_response_time ubr=$upstream_bytes_received ubs=$upstream_bytes_sent "
    "conn=$connection"
)
_APISIX = (
    '$remote_addr - $remote_user [$time_local] $http_host "$request" $status $body_bytes_sent $request_time '
    '"$http_referer" "$http_user_agent" $upstream_addr $upstream_status $upstream_response_time '
    '"$upstream_scheme://$upstream_host$upstream_uri"'
)
_TIMES = "rt=$request_time uct=$upstream_connect_time uht=$upstream_header_time urt=$upstream_response_time"
_QUOTED_TIMES = re.sub(r"=(\$upstream\w+)", r'="\1"', _TIMES)
_UNNAMED = " $request_time $upstream_response_time"
"""Two lengths of time that nothing names, written in either order: no part of a request outlasts the whole."""
_APART_MS = 1_000
"""The clocks of the two differ by less. [ms]"""
PRESETS = (
    f"{COMBINED} {TIMED}",
    f"{COMBINED} $request_time",
    f'{COMBINED} "$http_x_forwarded_for" $request_time',
    f"{COMBINED} {_TIMES}",
    f"{COMBINED} {_QUOTED_TIMES}",
    f'{COMBINED} "$http_x_forwarded_for" {_TIMES}',
    f'{COMBINED} "$http_x_forwarded_for" {_QUOTED_TIMES}',
    f"{COMBINED} rt=$request_time",
    f'{COMBINED} "$http_x_forwarded_for" rt=$request_time',
    f"{COMBINED}{_UNNAMED}",
    f'{COMBINED} "$http_x_forwarded_for"{_UNNAMED}',
    _INGRESS,
    _EXTENDED,
    _UPSTREAM,
    _APISIX,
)
"""Formats that are recognised without being told: the advised one, then combined with the request's time, alone or
before those of the upstream, that of ingress-nginx, two that are used to watch upstreams, and that of APISIX."""
ADVICE = (
    "add to the configuration, and read the log with --log-format and the same string:\n"
    f"    log_format websocket '{COMBINED} '\n"
    f"                         '{TIMED}';\n"
    "    access_log /var/log/nginx/access.log websocket;"
)
_COMBINED_OTHERS = r'\S+ - .*? \[[^\]]+\] "(?:[^"\\]|\\.)*" (?:[02-9]\d\d|1[1-9]\d|10[02-9]) '
"""Lines of combined of no WebSocket, as a log holds them whose format was changed."""
_USED = {
    "remote_addr": r"\S+",
    "msec": r"\d+\.\d+",
    "time_iso8601": r"[\d:T+Z-]+",
    "time_local": r"[^\]\"]+?",
    "request_time": r"[\d.]+|-",
    "status": r"\d{3}",
    "body_bytes_sent": r"\d+|-",
    "bytes_sent": r"\d+|-",
    "upstream_response_time": r"[\d., :-]+",
}
"""What variables look like: those that are read, and one behind which a unit would tell of another server."""
_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
_ENDS = {
    "msec": decimal_ms("msec"),
    "time_iso8601": iso("time_iso8601"),
    "time_local": zoned("time_local", "%d/%b/%Y:%H:%M:%S %z"),
}
"""The end of a connection, which is when its line is written, by the best variable first."""


def compile_format(log_format: str) -> LineLog:
    """Compile a `log_format` string.

    Raises
    ------
    ConfigError
        If it lacks what tells a connection's status, end and duration; the message says what to add.
    """
    names = [match[1] or match[2] for match in _VARIABLE.finditer(log_format)]
    end = next((name for name in _ENDS if name in names), None)
    missing = [
        what
        for what, there in (
            ("$status", "status" in names),
            ("$request_time", "request_time" in names),
            ("$msec (or $time_iso8601, $time_local)", end is not None),
        )
        if not there
    ]
    if missing or end is None:
        raise ConfigError(
            f"log_format: without {' and '.join(missing)} it does not tell when a connection starts; {ADVICE}"
        )
    size = next((name for name in ("body_bytes_sent", "bytes_sent") if name in names), None)
    at_end = _ENDS[end]
    return LineLog(
        pattern=_pattern(log_format),
        websocket="status = '101'",
        connect_ms=f"({at_end}) - {decimal_ms('request_time')}",
        close_ms=at_end,
        bytes_out="NULL" if size is None else whole(size),
        client=column("remote_addr") if "remote_addr" in names else None,
        notes=_notes(end, size),
        aside=_COMBINED_OTHERS,
        begins=_begins(log_format),
    )


def _pattern(log_format: str) -> str:
    parts, position, seen = [], 0, set[str]()
    for match in _VARIABLE.finditer(log_format):
        parts.append(re.escape(log_format[position : match.start()]).replace("\\ ", " "))
        name, position = match[1] or match[2], match.end()
        if not (name.isascii() and name.isidentifier()):
            raise ConfigError(f"log_format: ${name} is no variable: a name begins with a letter")
        parts.append(f"({'?:' if name in seen else f'?P<{name}>'}{_USED.get(name, '.*?')})")
        seen.add(name)
    return "".join(parts) + re.escape(log_format[position:]).replace("\\ ", " ") + r"\s*$"


def _begins(log_format: str) -> str:
    """Return how a line begins: up to the second variable, where that tells it from other lines."""
    variables = list(_VARIABLE.finditer(log_format))
    if len(variables) < 2:
        return ""
    before, between = log_format[: variables[0].start()], log_format[variables[0].end() : variables[1].start()]
    return re.escape(before) + r"\S+?" + re.escape(between) if (before + between).strip() else ""


def _notes(end: str, size: str | None) -> tuple[tuple[str, str, str], ...]:
    coarse = () if end == "msec" else (("coarse_times", "TRUE", COARSE),)
    handshake = (("handshake_bytes", "TRUE", HANDSHAKE),) if size == "bytes_sent" else ()
    return (*coarse, *handshake)


_MANAGER = re.compile(r"\s*\[[^\]]+\] (?:\S+ )?\d{3} (?:\d{3} )?- \S+ \S+ \S+ \"[^\"]*\" \[Client ")
_COMBINED = re.compile(r'\s*\S+ - .*? \[\d\d/\w{3}/\d{4}[: ][^\]]+\] "(?:[^"\\]|\\.)*" \d{3} (?:\d+|-)')
_ENDS_ONLY = (
    "tells one time of a connection (nginx writes that of its end, Apache that of its start), and not how long it "
    "lived; of Apache httpd, add to the configuration, and read the log with --log-format and the string between the "
    'outer quotes:\n    LogFormat "%h %l %u %t \\"%r\\" %>s %b \\"%{Referer}i\\" \\"%{User-Agent}i\\" %D" websocket\n'
    f"    CustomLog logs/websocket.log websocket\nof nginx, {ADVICE}"
)
_MANAGER_ENDS_ONLY = (
    "is a log of Nginx Proxy Manager, which tells when a connection ended, but not when it started: its log_format "
    "`proxy` has no $request_time. In data/nginx/custom/http_top.conf define a format of your own, and name it in an "
    f"access_log of the host's Advanced tab, that is, {ADVICE}"
)


def _kinds(texts: Sequence[str]) -> list[Kind]:
    presets = [kind_of(log, "nginx") for log in map(_preset, PRESETS)]
    refused = [
        Kind(lambda text: _MANAGER.match(text) is not None, refusal=_MANAGER_ENDS_ONLY),
        Kind(lambda text: _COMBINED.match(re.sub(PREFIX, "", text, count=1)) is not None, refusal=_ENDS_ONLY),
    ]
    return [*presets, *json_kinds(texts), *refused]


@cache
def _preset(log_format: str) -> LineLog:
    """Return lines of a format that nobody named, where a request's time is written as nginx does."""
    log = compile_format(log_format)
    found = replace(log, pattern=str(log.pattern).replace(_USED["request_time"], r"\d+\.\d{3}"))
    if not log_format.endswith(_UNNAMED):
        return found
    first, second = decimal_ms("request_time"), decimal_ms("upstream_response_time")
    lasted = f"CASE WHEN {second} > {first} + {_APART_MS} THEN {second} ELSE {first} END"
    return replace(found, connect_ms=found.connect_ms.replace(first, lasted))


FORMAT = Format(
    name="nginx",
    title="nginx's access log, by any log_format with $request_time (ingress-nginx, OpenResty, Tengine)",
    kinds=_kinds,
    compile=lambda string: kind_of(compile_format(string), "nginx"),
    knows=Knows(start=True, end=True, bytes_out=True, bytes_are="wire", client=True),
    advice=ADVICE,
    convert=no_line,
)
