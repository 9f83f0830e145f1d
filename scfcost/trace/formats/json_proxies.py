"""JSON access logs of Traefik and Caddy."""

from __future__ import annotations

from scfcost.trace.formats.base import Format, Knows
from scfcost.trace.formats.line_log import LineLog, decimal_ms, iso, key, whole
from scfcost.trace.formats.lines import kind_of, no_line

_MS_PER_NS = "0.000001"
_TRAEFIK_STATUS = key("$.DownstreamStatus")
TRAEFIK_LOG = LineLog(
    pattern=None,
    keys=("StartUTC", "DownstreamStatus", "Duration"),
    websocket=f"{_TRAEFIK_STATUS} = '101' OR ({_TRAEFIK_STATUS} = '0' AND {key('$.OriginStatus')} = '0')",
    connect_ms=iso(key("$.StartUTC")),
    close_ms=f"{iso(key('$.StartUTC'))} + {decimal_ms(key('$.Duration'), _MS_PER_NS)}",
    client=key("$.ClientHost"),
)
_CADDY_END, _CADDY_SECONDS = decimal_ms(key("$.ts")), decimal_ms(key("$.duration"))
_UPGRADE = " OR ".join(
    f"lower({key(path)}) = 'websocket'" for path in ("$.request.headers.Upgrade[0]", "$.resp_headers.Upgrade[0]")
)
CADDY_LOG = LineLog(
    pattern=None,
    keys=("ts", "logger", "duration", "resp_headers"),
    websocket=f"{key('$.status')} IN ('0', '101') AND ({_UPGRADE})",
    connect_ms=f"{_CADDY_END} - {_CADDY_SECONDS}",
    close_ms=_CADDY_END,
    bytes_out=f"CASE WHEN {key('$.status')} = '101' THEN {whole(key('$.size'))} END",
    client=f"coalesce({key('$.request.client_ip')}, {key('$.request.remote_ip')})",
    notes=(("both_directions", f"{key('$.status')} = '101'", "connections with the bytes of both directions as sent"),),
)


TRAEFIK = Format(
    name="traefik",
    title="Traefik's access log as JSON",
    kinds=lambda _: (kind_of(TRAEFIK_LOG, "traefik"),),
    knows=Knows(start=True, end=True, client=True),
    advice='[accessLog] format = "json". Traefik writes status 0 and no bytes for a WebSocket: they are unknown',
    convert=no_line,
)
CADDY = Format(
    name="caddy",
    title="Caddy's access log as JSON",
    kinds=lambda _: (kind_of(CADDY_LOG, "caddy"),),
    knows=Knows(start=True, end=True, client=True),
    advice="log { format json }. Before 2.7 there are no bytes; from 2.7 on those of both directions in one number",
    convert=no_line,
)
