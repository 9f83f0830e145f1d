"""The rules of an events file: one row an event."""

from __future__ import annotations

from scfcost.trace.model import CONTROL, DOWN, UNDIRECTED, UP
from scfcost.trace.reading.rules import (
    FIRST_CODE,
    LAST_CODE,
    Check,
    Columns,
    Rules,
    among,
    cell,
    close_code_check,
    code_of,
    required,
    side_check,
)

CONNECT, LOST, CLOSE = 0, 11, 12
"""Row codes of a connect, a client gone without a close and a close. They order one instant."""
MESSAGE = 1
"""Row code of a message, to which its flags are added."""
_EVENTS = {
    "connect": CONNECT,
    "message": MESSAGE,
    "ping": MESSAGE + CONTROL,
    "pong": MESSAGE + CONTROL,
    "lost": LOST,
    "close": CLOSE,
}
EVENT_NAMES = tuple(_EVENTS)
_DIRECTIONS = {"up": UP, "down": DOWN}


def event_rules(columns: Columns) -> Rules:
    """Return the rules of an events file; its canonical columns are id, time, code, payload and function.

    `code` packs event, direction and kind; it orders the events of one instant (connect, up, undirected, down, close).
    `payload` is the bytes of a message, or close code × 4 + side of a close.
    """
    what, is_close = cell("event"), f"{cell('event')} = {CLOSE}"
    is_message = f"{what} NOT IN ({CONNECT}, {LOST}, {CLOSE})"
    cells = {
        "id": columns.identity(),
        "timestamp": columns.instant("timestamp"),
        "event": code_of(columns.text("event"), _EVENTS),
        "direction": columns.code("direction", _DIRECTIONS, UNDIRECTED),
        "bytes": columns.whole("bytes"),
        "close_code": columns.whole("close_code", FIRST_CODE, LAST_CODE),
        "closed_by": columns.side(),
        "function": columns.text("function"),
    }
    checks = [
        *required("connection_id", Check("connection_id", f"{cell('id')} IS NULL", "'not written as a number is'")),
        *required("timestamp", *columns.instant_checks("timestamp")),
        *required("event", among("event", _EVENTS)),
        among("direction", _DIRECTIONS, is_message),
        columns.whole_check("bytes", is_message),
        close_code_check(is_close),
        side_check(is_close),
    ]
    payload = (
        f"WHEN {is_close} THEN {cell('close_code')} * 4 + {cell('closed_by')} WHEN {is_message} THEN {cell('bytes')}"
    )
    values = {
        "id": f"coalesce({cell('id')}, CAST(0 AS {columns.id_type}))",
        "time": cell("timestamp"),
        "code": f"CASE WHEN {is_message} THEN {what} + {cell('direction')} ELSE {what} END",
        "payload": f"CASE {payload} END",
        "function": cell("function"),
    }
    return Rules(cells, columns.checks_of(checks), values)
