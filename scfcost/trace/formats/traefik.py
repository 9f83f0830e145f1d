"""Traefik's access log, in its default common form and as JSON: both name the start, and how long a request took."""

from __future__ import annotations

from scfcost.trace.formats.base import Format, Knows
from scfcost.trace.formats.line_log import LineLog, decimal_ms, iso, key, whole, zoned
from scfcost.trace.formats.lines import kind_of, no_line

_MS_PER_NS = "0.000001"
_STATUS, _ORIGIN = key("$.DownstreamStatus"), key("$.OriginStatus")
_METHOD = f"coalesce({key('$.RequestMethod')}, 'GET')"
_PROTOCOL = f"coalesce({key('$.RequestProtocol')}, 'HTTP/1.1')"
_UPGRADE = f"lower({key('$.request_Upgrade')})"


def _json(start: str) -> LineLog:
    """Return lines that name their start so."""
    at = iso(key(f"$.{start}"))
    return LineLog(
        pattern=None,
        keys=(start, "DownstreamStatus", "Duration"),
        websocket=f"{_STATUS} = '101' OR ({_STATUS} = '0' AND coalesce({_ORIGIN}, '0') = '0' AND {_METHOD} = 'GET' "
        f"AND {_PROTOCOL} = 'HTTP/1.1') OR ({_METHOD} = 'CONNECT' AND {_STATUS} IN ('0', '200') "
        f"AND {_PROTOCOL} NOT LIKE 'HTTP/1%') OR ({_UPGRADE} = 'websocket' "
        f"AND {_STATUS} IN ('0', '101', '200', '499'))",
        connect_ms=at,
        close_ms=f"{at} + {decimal_ms(key('$.Duration'), _MS_PER_NS)}",
        bytes_out=f"nullif({whole(key('$.DownstreamContentSize'))}, 0)",
        client=key("$.ClientHost"),
    )


JSON, LOCAL = _json("StartUTC"), _json("StartLocal")
COMMON = LineLog(
    pattern=r'(?P<client>\S+) - .*? \[(?P<start>\d\d/\w{3}/\d{4}:[\d:]{8} [+-]\d{4})\] "(?P<request>(?:[^"\\]|\\.)*)" '
    r'(?P<status>\d+|-) (?P<size>\d+|-) "(?:[^"\\]|\\.)*" "(?:[^"\\]|\\.)*" (?:\d+|-) "[^"]*" "[^"]*" '
    r"(?P<lasted>\d+)ms\s*$",
    websocket="status = '101' OR (status = '0' AND regexp_matches(request, '^GET .* HTTP/1\\.1$'))"
    " OR (status IN ('0', '200') AND regexp_matches(request, '^CONNECT /.* HTTP/[23]'))",
    connect_ms=zoned("start", "%d/%b/%Y:%H:%M:%S %z"),
    close_ms=f"{zoned('start', '%d/%b/%Y:%H:%M:%S %z')} + {whole('lasted')}",
    bytes_out=f"nullif({whole('size')}, 0)",
    client="client",
    begins=r"\S+ - .*?\[",
    notes=(("coarse_times", "TRUE", "connections with starts of whole seconds (accesslog.format=json for more)"),),
)
FORMAT = Format(
    name="traefik",
    title="Traefik's access log, its common form or JSON",
    kinds=lambda _: tuple(kind_of(log, "traefik") for log in (JSON, LOCAL, COMMON)),
    knows=Knows(start=True, end=True, client=True),
    advice='[accessLog] format = "json". Traefik may write status 0 and no bytes for a WebSocket: they are unknown',
    convert=no_line,
)
