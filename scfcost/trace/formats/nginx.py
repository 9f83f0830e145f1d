"""nginx's access log, by any `log_format`: compiled to one regular expression that captures only what is used."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from scfcost.core.errors import ConfigError, TraceError
from scfcost.trace.formats.base import Converted, Format, Knows, LogOptions, Original, head_of
from scfcost.trace.formats.line_log import (
    LineLog,
    decimal_ms,
    has_keys,
    iso,
    json_at,
    lines_of,
    matches,
    whole,
    zoned,
)
from scfcost.trace.formats.lines import convert_lines
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
PRESETS = (
    f"{COMBINED} {TIMED}",
    f"{COMBINED} $request_time",
    f'{COMBINED} "$http_x_forwarded_for" $request_time',
    _INGRESS,
    _EXTENDED,
    _UPSTREAM,
)
"""Formats that are recognised without being told: the advised one first, then combined with the request's time, that of
ingress-nginx, and two that are used to watch upstreams."""
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
}
"""Variables that are read, and what they look like."""
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
    )


def _pattern(log_format: str) -> str:
    parts, position, seen = [], 0, set[str]()
    for match in _VARIABLE.finditer(log_format):
        parts.append(re.escape(log_format[position : match.start()]).replace("\\ ", " "))
        name, position = match[1] or match[2], match.end()
        parts.append(f"({'?:' if name in seen else f'?P<{name}>'}{_USED.get(name, '.*?')})")
        seen.add(name)
    return "".join(parts) + re.escape(log_format[position:]).replace("\\ ", " ") + r"\s*$"


def _notes(end: str, size: str | None) -> tuple[tuple[str, str, str], ...]:
    found = []
    if end != "msec":
        found.append(("coarse_times", "TRUE", "connections with times of whole seconds (log $msec for milliseconds)"))
    if size == "bytes_sent":
        found.append(("handshake_bytes", "TRUE", "connections whose bytes hold the handshake's response, too"))
    return tuple(found)


def _json_log(head: bytes) -> LineLog | None:
    """Return the kind of a log of JSON whose keys are named as nginx's variables."""
    end = next((name for name in _ENDS if has_keys(head, ["status", "request_time", name])), None)
    if end is None:
        return None
    size = next((name for name in ("body_bytes_sent", "bytes_sent") if has_keys(head, [name])), None)
    at_end = _ENDS[end].replace(end, json_at(end))
    return LineLog(
        pattern=None,
        websocket=f"{json_at('status')} = '101'",
        connect_ms=f"({at_end}) - {decimal_ms(json_at('request_time'))}",
        close_ms=at_end,
        bytes_out="NULL" if size is None else whole(json_at(size)),
        client=json_at("remote_addr"),
        notes=_notes(end, size),
    )


def _preset_of(head: bytes) -> LineLog | None:
    """Return the preset of which this is the head of a log, None where it is none."""
    if (log := _json_log(head)) is not None:
        return log
    return next((log for log in map(compile_format, PRESETS) if matches(log, head)), None)


_COMBINED = re.compile(r'\S+ - \S+ \[[^\]]+\] "[^"]*" \d{3} (?:\d+|-)')


def _is_access_log(head: bytes) -> bool:
    return _preset_of(head) is not None or any(_COMBINED.match(line) for line in lines_of(head)[:5])


def convert(originals: Sequence[Original], scratch: Path, options: LogOptions) -> Converted:
    """Make a connections file of the lines with status 101.

    Raises
    ------
    TraceError
        If the log holds only when a connection ended; the message says what to add to the configuration.
    """
    if options.log_format is not None:
        log = compile_format(options.log_format)
    else:
        found = _preset_of(head_of(originals[0]))
        if found is None:
            raise TraceError(
                f"{originals[0].name}: tells when a connection ended, but not when it started; give --log-format where "
                f"the log tells more, or {ADVICE}"
            )
        log = found
    return convert_lines(log, originals, scratch, options, "nginx")


FORMAT = Format(
    name="nginx",
    title="nginx's access log, by any log_format with $request_time (ingress-nginx, OpenResty, Tengine)",
    recognise=_is_access_log,
    knows=Knows(start=True, end=True, bytes_out=True, bytes_are="wire", client=True),
    advice=ADVICE,
    convert=convert,
)
