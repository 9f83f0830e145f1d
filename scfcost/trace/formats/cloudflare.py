"""Cloudflare Logpush, http_requests: start and end at the edge, RFC 3339 or numbers of seconds or nanoseconds."""

from __future__ import annotations

from scfcost.trace.formats.base import Format, Knows
from scfcost.trace.formats.line_log import MOST_DAYS, LineLog, any_instant, json_at, whole
from scfcost.trace.formats.lines import kind_of, no_line

_START, _END = (any_instant(json_at(f"Edge{which}Timestamp")) for which in ("Start", "End"))
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
    notes=(
        (
            "coarse_times",
            f"({_START}) % 1000 = 0 AND ({_END}) % 1000 = 0",
            "connections with times of whole seconds (rfc3339 and unix tell no more; unixnano does)",
        ),
        (
            "sampled",
            f"TRY_CAST({json_at('SampleInterval')} AS DOUBLE) > 1",
            "connections of a sample: --scale with its interval gives the traffic that they stand for",
        ),
    ),
)
FORMAT = Format(
    name="cloudflare",
    title="Cloudflare Logpush, http_requests",
    kinds=lambda _: (kind_of(LOG, "cloudflare"),),
    knows=Knows(start=True, end=True, bytes_out=True, bytes_are="wire", client=True),
    advice=(
        "push EdgeStartTimestamp, EdgeEndTimestamp, EdgeResponseStatus, EdgeResponseBytes, ClientRequestBytes and "
        "ClientIP, unsampled, with timestamps as unixnano"
    ),
    convert=no_line,
)
