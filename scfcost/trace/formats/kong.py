"""Kong's log as JSON, of its plugins file-log, http-log and tcp-log: the start and the length, in ms."""

from __future__ import annotations

from scfcost.trace.formats.base import Format, Knows
from scfcost.trace.formats.line_log import LineLog, json_at, whole
from scfcost.trace.formats.lines import kind_of, no_line

_AT = whole(json_at("started_at"))
LOG = LineLog(
    pattern=None,
    keys=("started_at", "latencies.request", "response.status"),
    websocket=f"{json_at('response.status')} = '101'",
    connect_ms=_AT,
    close_ms=f"{_AT} + {whole(json_at('latencies.request'))}",
    bytes_out=f"nullif({whole(json_at('response.size'))}, 0)",
    bytes_in=whole(json_at("request.size")),
    client=json_at("client_ip"),
)
FORMAT = Format(
    name="kong",
    title="Kong's log as JSON (file-log, http-log, tcp-log)",
    kinds=lambda _: (kind_of(LOG, "kong"),),
    knows=Knows(start=True, end=True, bytes_out=True, bytes_are="wire", client=True),
    advice="add the plugin file-log. Kong's access.log is nginx's: give its log_format by --log-format",
    convert=no_line,
)
