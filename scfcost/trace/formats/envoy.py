"""Envoy's and Istio's access log, as text or as JSON."""

from __future__ import annotations

from scfcost.trace.formats.base import Format, Knows
from scfcost.trace.formats.line_log import LineLog, host, iso, key, whole
from scfcost.trace.formats.lines import kind_of, no_line

_CUT = "CASE WHEN flags LIKE '%SI%' THEN 'idle' WHEN flags LIKE '%DT%' OR flags LIKE '%UMSDR%' THEN 'life' END"
"""Envoy's stream idle timeout, and its longest durations."""
_UPGRADED = "status = '101' OR (status = '200' AND method = 'CONNECT')"
TEXT = LineLog(
    pattern=r'\[(?P<start>\d{4}-\d\d-\d\dT[\d:.]+Z)\] "(?P<method>\S+) [^"]*" (?P<status>\d+) (?P<flags>\S+) '
    r'(?:.*? )?(?P<received>\d+) (?P<sent>\d+) (?P<lasted>\d+) \S+ "(?P<x_forwarded_for>[^"]*)" '
    r'"(?P<user_agent>(?:[^"\\]|\\.)*)" "(?P<request_id>[^"]*)"',
    client="trim(split_part(x_forwarded_for, ',', 1))",
    websocket=_UPGRADED,
    connect_ms=iso("start"),
    close_ms=f"{iso('start')} + {whole('lasted')}",
    bytes_out=whole("sent"),
    bytes_in=whole("received"),
    cut=_CUT,
    begins=r"\[\d{4}-\d\d-\d\dT[\d:.]+Z\] \"",
)
_FLAGS, _STATUS, _METHOD = key("$.response_flags"), key("$.response_code"), key("$.method")


def _json(start: str) -> LineLog:
    at_start = iso(key(f'$."{start}"'))
    return LineLog(
        pattern=None,
        keys=("response_flags", "response_code", "duration", start),
        websocket=f"{_STATUS} = '101' OR ({_STATUS} = '200' AND {_METHOD} = 'CONNECT')",
        connect_ms=at_start,
        close_ms=f"{at_start} + {whole(key('$.duration'))}",
        bytes_out=whole(key("$.bytes_sent")),
        bytes_in=whole(key("$.bytes_received")),
        client=f"coalesce({host(key('$.downstream_remote_address'))}, split_part({key('$.x_forwarded_for')}, ',', 1))",
        cut=_CUT.replace("flags", _FLAGS),
        left_out=(
            (
                f"regexp_matches({key('$.access_log_type')}, '(Start|Periodic|Established|Connected)$')",
                "that still lived (a line of every flush; the last one counts)",
            ),
        ),
    )


JSON = tuple(map(_json, ("start_time", "@timestamp", "timestamp", "time")))
"""Lines of JSON by the key that holds Envoy's %START_TIME%: Envoy's and Istio's own, Contour's, and others'."""


FORMAT = Format(
    name="envoy",
    title="Envoy's or Istio's access log, text or JSON",
    kinds=lambda _: (kind_of(TEXT, "envoy"), *(kind_of(log, "envoy") for log in JSON)),
    knows=Knows(start=True, end=True, bytes_out=True, idle_cut=True, bytes_are="wire", client=True),
    advice="the default format tells all that Envoy knows; without periodic flushes there is one line a connection",
    convert=no_line,
)
