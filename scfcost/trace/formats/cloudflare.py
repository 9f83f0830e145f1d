"""Cloudflare Logpush: start and end at the edge, RFC 3339 or numbers of seconds or nanoseconds.

References
----------
Fields of `http_requests` and `websocket_analytics`: developers.cloudflare.com/logs/logpush/logpush-job/datasets/zone,
seen 2026-11-25. The second writes one record a WebSocket, when it closes.
"""

from __future__ import annotations

from scfcost.trace.formats.base import Format, Knows
from scfcost.trace.formats.line_log import MOST_DAYS, LineLog, any_instant, json_at, whole
from scfcost.trace.formats.lines import kind_of, no_line

_START, _END = (any_instant(json_at(f"Edge{which}Timestamp")) for which in ("Start", "End"))
_COARSE = (
    "coarse_times",
    f"({_START}) % 1000 = 0 AND ({_END}) % 1000 = 0",
    "connections with times of whole seconds (rfc3339 and unix tell no more; unixnano does)",
)
_SAMPLED = (
    "sampled",
    f"TRY_CAST({json_at('SampleInterval')} AS DOUBLE) > 1",
    "connections of a sample: --scale with its interval gives the traffic that they stand for",
)
LOG = LineLog(
    slack_days=MOST_DAYS,
    pattern=None,
    keys=("EdgeStartTimestamp", "EdgeEndTimestamp", "EdgeResponseStatus"),
    websocket=f"{json_at('EdgeResponseStatus')} = '101'",
    connect_ms=_START,
    close_ms=_END,
    bytes_out=whole(json_at("EdgeResponseBytes")),
    bytes_in=whole(json_at("ClientRequestBytes")),
    client=json_at("ClientIP"),
    notes=(_COARSE, _SAMPLED),
)
WEBSOCKETS = LineLog(
    slack_days=MOST_DAYS,
    pattern=None,
    keys=("EdgeStartTimestamp", "EdgeEndTimestamp", "ConnectionID", "BytesSentClient"),
    websocket="TRUE",
    connect_ms=_START,
    close_ms=_END,
    bytes_out=whole(json_at("BytesSentClient")),
    bytes_in=whole(json_at("BytesReceivedClient")),
    client=json_at("ClientIP"),
    cut=f"CASE WHEN {json_at('ConnectionCloseReason')} = 'timedOut' AND {json_at('ConnectionCloseSource')} = 'me' "
    "THEN 'idle' END",
    notes=(_COARSE,),
)
"""Records of websocket_analytics; what timed out at Cloudflare itself was cut by its idle timeout."""
FORMAT = Format(
    name="cloudflare",
    title="Cloudflare Logpush, websocket_analytics or http_requests",
    kinds=lambda _: (kind_of(WEBSOCKETS, "cloudflare"), kind_of(LOG, "cloudflare")),
    knows=Knows(start=True, end=True, bytes_out=True, bytes_are="wire", client=True, idle_cut=True),
    advice=(
        "push websocket_analytics, which alone shows Cloudflare's own timeouts; or of http_requests "
        "EdgeStartTimestamp, EdgeEndTimestamp, EdgeResponseStatus, EdgeResponseBytes, ClientRequestBytes and ClientIP, "
        "unsampled. Have timestamps as unixnano"
    ),
    convert=no_line,
)
