"""Access logs of Azure's Application Gateway and Front Door, in records of a diagnostic setting or a table's rows.

Of the gateway, version 2 gives seconds with decimals, version 1 whole milliseconds. Front Door writes a WebSocket when
it is closed, with the seconds that it was open.

References
----------
learn.microsoft.com, seen 2026-11-25: azure/frontdoor/standard-premium/how-to-logs, and the table AGWAccessLogs of
azure/azure-monitor/reference.
"""

from __future__ import annotations

from scfcost.trace.formats.base import Format, Kind, Knows
from scfcost.trace.formats.line_log import LineLog, decimal_ms, iso, json_at, value_at, whole
from scfcost.trace.formats.lines import kind_of, no_line
from scfcost.trace.formats.unwrap import object_in

_END = f"coalesce({iso(json_at('timeStamp'))}, {iso(json_at('time'))})"
_TAKEN = json_at("properties.timeTaken")
_SECONDS = f"contains({_TAKEN}, '.') OR {json_at('properties.transactionId')} IS NOT NULL"
LOG = LineLog(
    pattern=None,
    keys=("properties.timeTaken", "properties.httpStatus", "properties.clientIP"),
    websocket=f"{json_at('properties.httpStatus')} = '101'",
    connect_ms=f"({_END}) - CASE WHEN {_SECONDS} THEN {decimal_ms(_TAKEN)} ELSE {decimal_ms(_TAKEN, '1')} END",
    close_ms=_END,
    bytes_out=whole(json_at("properties.sentBytes")),
    bytes_in=whole(json_at("properties.receivedBytes")),
    client=json_at("properties.clientIP"),
    notes=(
        (
            "milliseconds_taken",
            f"NOT ({_SECONDS})",
            "connections whose timeTaken is taken as milliseconds, as version 1 of the gateway writes whole numbers",
        ),
    ),
)


_GENERATED = iso(json_at("TimeGenerated"))
TABLE = LineLog(
    pattern=None,
    keys=("TimeGenerated", "TimeTaken", "HttpStatus"),
    websocket=f"{json_at('HttpStatus')} = '101'",
    connect_ms=f"({_GENERATED}) - {decimal_ms(json_at('TimeTaken'))}",
    close_ms=_GENERATED,
    bytes_out=whole(json_at("SentBytes")),
    bytes_in=whole(json_at("ReceivedBytes")),
    client=json_at("ClientIp"),
)
"""Rows of the table AGWAccessLogs, which only version 2 fills."""
_CLOSED = iso(json_at("time"))
DOOR = LineLog(
    pattern=None,
    keys=("time", "properties.timeTaken", "properties.httpStatusCode"),
    websocket=f"{json_at('properties.httpStatusCode')} = '101'",
    connect_ms=f"({_CLOSED}) - {decimal_ms(json_at('properties.timeTaken'))}",
    close_ms=_CLOSED,
    bytes_out=whole(json_at("properties.responseBytes")),
    bytes_in=whole(json_at("properties.requestBytes")),
    client=f"coalesce({json_at('properties.clientIp')}, {json_at('properties.clientIP')})",
)


def _is_line(text: str) -> bool:
    found = object_in(text)
    return (
        found is not None
        and LOG.is_line(text)
        and (value_at(found, "timeStamp") or value_at(found, "time")) is not None
    )


def _kind() -> Kind:
    return Kind(_is_line, kind_of(LOG, "azure-gateway").convert)


FORMAT = Format(
    name="azure-gateway",
    title="access log of an Azure Application Gateway",
    kinds=lambda _: (_kind(), kind_of(TABLE, "azure-gateway")),
    knows=Knows(start=True, end=True, bytes_out=True, bytes_are="wire", client=True),
    advice="send the category ApplicationGatewayAccessLog to a storage account by a diagnostic setting",
    convert=no_line,
)
FRONT_DOOR = Format(
    name="azure-front-door",
    title="access log of Azure Front Door",
    kinds=lambda _: (kind_of(DOOR, "azure-front-door"),),
    knows=Knows(start=True, end=True, bytes_out=True, bytes_are="wire", client=True),
    advice="send the category FrontDoorAccessLog to a storage account by a diagnostic setting",
    convert=no_line,
)
