"""APISIX's log as JSON, of its plugins file-logger, http-logger and their like: the start and the length, in ms."""

from __future__ import annotations

from scfcost.trace.formats.base import Format, Knows
from scfcost.trace.formats.line_log import LineLog, decimal_ms, json_at, whole
from scfcost.trace.formats.lines import kind_of, no_line

_AT = decimal_ms(json_at("start_time"), "1")
LOG = LineLog(
    pattern=None,
    keys=("start_time", "latency", "response.status", "apisix_latency"),
    websocket=f"{json_at('response.status')} = '101'",
    connect_ms=_AT,
    close_ms=f"{_AT} + {decimal_ms(json_at('latency'), '1')}",
    bytes_out=f"nullif({whole(json_at('response.size'))}, 0)",
    bytes_in=whole(json_at("request.size")),
    client=json_at("client_ip"),
)
FORMAT = Format(
    name="apisix",
    title="APISIX's log as JSON (file-logger, http-logger and their like)",
    kinds=lambda _: (kind_of(LOG, "apisix"),),
    knows=Knows(start=True, end=True, bytes_out=True, bytes_are="wire", client=True),
    advice="add the plugin file-logger without a log_format of its own. Its access.log is read as nginx's",
    convert=no_line,
)
