"""nginx's access log, by any `log_format`: compiled to one regular expression that captures only what is used."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from scfcost.errors import ConfigError, TraceError
from scfcost.trace.formats.base import Converted, Format, Knows, LogOptions, Original, head_of
from scfcost.trace.formats.lines import LineLog, convert_lines, decimal_ms, iso, matches, whole, zoned

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
_USED = {
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
    wanted = {"status", "request_time", end, *([size] if size else [])}
    at_end = _ENDS[end]
    return LineLog(
        pattern=_pattern(log_format, wanted),
        websocket="status = '101'",
        connect_ms=f"({at_end}) - {decimal_ms('request_time')}",
        close_ms=at_end,
        bytes_out="NULL" if size is None else whole(size),
        notes=_notes(end, size),
    )


def _pattern(log_format: str, wanted: set[str]) -> str:
    parts, position, seen = [], 0, set()
    for match in _VARIABLE.finditer(log_format):
        parts.append(re.escape(log_format[position : match.start()]).replace("\\ ", " "))
        name, position = match[1] or match[2], match.end()
        if name in wanted and name not in seen:
            parts.append(f"(?P<{name}>{_USED[name]})")
        else:
            parts.append(f"(?:{_USED[name]})" if name in _USED else ".*?")
        seen.add(name)
    return "".join(parts) + re.escape(log_format[position:]).replace("\\ ", " ") + r"\s*$"


def _notes(end: str, size: str | None) -> tuple[tuple[str, str, str], ...]:
    found = []
    if end != "msec":
        found.append(("coarse_times", "TRUE", "connections with times of whole seconds (log $msec for milliseconds)"))
    if size == "bytes_sent":
        found.append(("handshake_bytes", "TRUE", "connections whose bytes hold the handshake's response, too"))
    return tuple(found)


def _preset_of(head: bytes) -> LineLog | None:
    """Return the preset of which this is the head of a log, None where it is none."""
    return next((log for log in map(compile_format, PRESETS) if matches(log, head)), None)


_COMBINED = re.compile(r'^(?:.*\| )?\S+ - \S+ \[[^\]]+\] "[^"]*" \d{3} (?:\d+|-)')


def _is_access_log(head: bytes) -> bool:
    lines = head.decode("utf-8", errors="replace").splitlines()[:50]
    return _preset_of(head) is not None or any(_COMBINED.match(line) for line in lines[:5])


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
    knows=Knows(start=True, end=True, bytes_out=True, bytes_are="wire"),
    advice=ADVICE,
    convert=convert,
)
