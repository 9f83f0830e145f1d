"""Envoy's and Istio's access log, as text or as JSON."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from scfcost.trace.formats.base import Converted, Format, Kind, Knows, LogOptions, Original
from scfcost.trace.formats.line_log import MOST_DAYS, SAME, LineLog, host, iso, key, whole
from scfcost.trace.formats.lines import convert_lines, kind_of, no_line
from scfcost.trace.formats.unwrap import object_in

_CUT = "CASE WHEN flags LIKE '%SI%' THEN 'idle' WHEN flags LIKE '%DT%' OR flags LIKE '%UMSDR%' THEN 'life' END"
"""Envoy's stream idle timeout, and its longest durations."""
_UPGRADED = (
    "status = '101' OR (status = '200' AND method = 'CONNECT' AND starts_with(asked, '/') "
    "AND regexp_matches(asked, 'HTTP/[23]'))"
)
"""An upgrade of HTTP/1.1, or an extended CONNECT of HTTP/2 or 3, which names a path; a plain CONNECT names a host."""
_STILL = "that still lived (a line of every flush; the last one counts)"


def _same(start: str, request: str) -> tuple[tuple[str, str], ...]:
    """Return what the lines of one connection share, where its request has an id."""
    return ((SAME, f"CASE WHEN nullif(nullif({request}, '-'), '') IS NOT NULL THEN {start} || {request} END"),)


TEXT = LineLog(
    slack_days=MOST_DAYS,
    pattern=r'\[(?P<start>\d{4}-\d\d-\d\dT[\d:.]+Z)\] (?:[\w.-]+ )?"(?P<method>\S+) (?P<asked>[^"]*)" '
    r"(?P<status>\d+) (?P<flags>\S+) "
    r'(?:.*? )?(?P<received>\d+) (?P<sent>\d+) (?P<lasted>\d+) \S+ "(?P<x_forwarded_for>[^"]*)" '
    r'"(?P<user_agent>(?:[^"\\]|\\.)*)" "(?P<request_id>[^"]*)"',
    client="trim(split_part(x_forwarded_for, ',', 1))",
    websocket=_UPGRADED,
    connect_ms=iso("start"),
    close_ms=f"{iso('start')} + {whole('lasted')}",
    bytes_out=whole("sent"),
    bytes_in=whole("received"),
    cut=_CUT,
    left_out=(("FALSE", _STILL),),
    more=_same("start", "request_id"),
    begins=r"\[\d{4}-\d\d-\d\dT[\d:.]+Z\] ",
)
_FLAGS, _STATUS, _METHOD = key("$.response_flags"), key("$.response_code"), key("$.method")
_REQUESTS = ('$."x-request-id"', "$.request_id", "$.x_request_id", "$.stream_id")
_PATH = f"coalesce({key('$.path')}, '/')"


def _json(start: str) -> LineLog:
    at_start = iso(key(f'$."{start}"'))
    return LineLog(
        pattern=None,
        slack_days=MOST_DAYS,
        keys=("response_flags", "response_code", "duration", start),
        websocket=f"{_STATUS} = '101' OR ({_STATUS} = '200' AND {_METHOD} = 'CONNECT' AND starts_with({_PATH}, '/') "
        f"AND coalesce({key('$.protocol')}, 'HTTP/2') NOT LIKE 'HTTP/1%')",
        connect_ms=at_start,
        close_ms=f"{at_start} + {whole(key('$.duration'))}",
        bytes_out=whole(key("$.bytes_sent")),
        bytes_in=whole(key("$.bytes_received")),
        client=f"coalesce({host(key('$.downstream_remote_address'))}, split_part({key('$.x_forwarded_for')}, ',', 1))",
        cut=_CUT.replace("flags", _FLAGS),
        left_out=(
            (
                f"regexp_matches({key('$.access_log_type')}, '(Start|Periodic|Established|Connected)$')",
                _STILL,
            ),
        ),
        more=_same(key(f'$."{start}"'), f"coalesce({', '.join(map(key, _REQUESTS))})"),
    )


JSON = tuple(map(_json, ("start_time", "@timestamp", "timestamp", "time")))
"""Lines of JSON by the key that holds Envoy's %START_TIME%: Envoy's and Istio's own, Contour's, and others'."""


_NEVER = r"'(?:^|,)(?:UF|UH|UO|NR|NC)(?:,|$)'"
"""Flags of connections for which Envoy found no server."""


def _tcp(log: LineLog, is_line: Callable[[str], bool], tells: str, flags: str, status: str) -> Kind:
    """Return lines of TCP, which are taken for WebSockets where no line of the files tells of an upgrade.

    Parameters
    ----------
    log : LineLog
        How lines of HTTP are read.
    is_line : callable
        Whether a line is of TCP.
    tells : str
        The same as SQL.
    flags, status : str
        SQL for the flags and the status of a line.
    """
    both = replace(
        log,
        websocket=f"({log.websocket}) OR ({tells})",
        left_out=(*log.left_out, (f"regexp_matches({flags}, {_NEVER})", "that never reached a server")),
        notes=(
            ("any_tcp", tells, "connections of a TCP log, which does not tell WebSockets from others"),
            ("upgraded", f"{status} <> '0'", "connections of which the log shows the upgrade"),
        ),
    )

    def convert(originals: Sequence[Original], scratch: Path, options: LogOptions) -> Converted:
        found = convert_lines(both, originals, scratch, options, "envoy")
        if any(one.code == "upgraded" for one in found.warnings):
            return convert_lines(log, originals, scratch, options, "envoy")
        return found

    return Kind(is_line, convert)


def _is_tcp(text: str) -> bool:
    """Whether a line of JSON is of a connection over TCP, which has neither method nor status."""
    found = object_in(text)
    return found is not None and found.get("method") in (None, "-", "") and str(found.get("response_code")) == "0"


def _tcp_kinds() -> list[Kind]:
    text = replace(
        TEXT, pattern=str(TEXT.pattern).replace(r"(?P<method>\S+) (?P<asked>[^\"]*)", r"(?P<method>-) (?P<asked>- -)")
    )
    found = [_tcp(TEXT, text.is_line, "method = '-' AND status = '0'", "flags", "status")]
    tells = f"coalesce({_METHOD}, '-') IN ('-', '') AND {_STATUS} = '0'"
    found += [
        _tcp(log, lambda line, log=log: log.is_line(line) and _is_tcp(line), tells, _FLAGS, _STATUS)  # type: ignore[misc]
        for log in JSON
    ]
    return found


FORMAT = Format(
    name="envoy",
    title="access log of Envoy, Istio, Contour, Emissary or Kuma, text or JSON",
    kinds=lambda _: (*_tcp_kinds(), kind_of(TEXT, "envoy"), *(kind_of(log, "envoy") for log in JSON)),
    knows=Knows(start=True, end=True, bytes_out=True, idle_cut=True, bytes_are="wire", client=True),
    advice="the default format tells all that Envoy knows; without periodic flushes there is one line a connection",
    convert=no_line,
)
