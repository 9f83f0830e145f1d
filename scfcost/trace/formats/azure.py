"""Access log of Azure Application Gateway: version 2 gives seconds with decimals, version 1 whole milliseconds."""

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
    kinds=lambda _: (_kind(),),
    knows=Knows(start=True, end=True, bytes_out=True, bytes_are="wire", client=True),
    advice="send the category ApplicationGatewayAccessLog to a storage account by a diagnostic setting",
    convert=no_line,
)
