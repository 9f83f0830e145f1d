"""HAR, what a browser records: each WebSocket of a page with its messages.

References
----------
`_webSocketMessages` of Chrome 76 and later (developer.chrome.com, network panel); the close is an addition of HTTP
Toolkit. `entry.time` is no session length in every tool: mitmproxy writes that of the handshake.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from scfcost.core.errors import TraceError
from scfcost.core.guard import parse_json
from scfcost.core.warning import Warned
from scfcost.trace.formats.base import Converted, Format, Knows, LogOptions, Original, labels, refuse_fields, text_of
from scfcost.trace.formats.rows import EventRow, write_events

_KINDS = {1: "message", 2: "message", 9: "ping", 10: "pong"}
"""RFC 6455 opcodes that stand for an event. Browsers do not record ping and pong frames."""
_DIRECTIONS = {"send": "up", "receive": "down"}
_OF_HANDSHAKES = "mitmproxy"
"""How the name of a recorder begins that writes the time of the handshake as that of the entry."""
_MOST_DIGITS = 15
"""Digits of a number that a HAR may hold: instants in ms have 13. [1]"""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class HarCounts:
    """What became of the entries of a HAR file."""

    entries: int = 0
    websockets: int = 0
    without_messages: int = 0
    """WebSockets of which the recorder kept no messages. [1]"""
    at_last_message: int = 0
    """Connections that end with their last message: lower bounds. [1]"""
    at_entry_end: int = 0
    """Connections that end with the time of their entry: upper bounds. [1]"""
    skipped: list[str] = field(default_factory=list)
    """Messages that could not be read, each with its place."""


def events_of_har(text: str, name: str, counts: HarCounts, *, label: str | None = None) -> Iterator[EventRow]:
    """Yield the events of the WebSockets in a HAR file.

    A close is written at the last thing that is known of a connection. Where the recorder keeps none, that is the last
    message, a lower bound (the close came later), or the end of the entry, an upper bound (a browser counts up to the
    close or, for a socket that is still open, up to the export).

    Parameters
    ----------
    text : str
        The whole file.
    name : str
        What messages call it.
    counts : HarCounts
        Counted up while the events are taken.
    label : str, optional
        What connection ids start with, before the number of the entry; the name otherwise.

    Raises
    ------
    TraceError
        If the file is no HAR.
    """
    try:
        log = parse_json(text, parse_float=Decimal)["log"]
        entries = log["entries"]
    except (ValueError, KeyError, TypeError):
        raise TraceError(f"{name}: is no HAR file: expected one JSON object with log.entries") from None
    creator = log.get("creator")
    of_handshakes = isinstance(creator, Mapping) and str(creator.get("name")).startswith(_OF_HANDSHAKES)
    for number, entry in enumerate(entries):
        counts.entries += 1
        if not _is_websocket(entry):
            continue
        counts.websockets += 1
        if "_webSocketMessages" not in entry:
            counts.without_messages += 1
            continue
        yield from _events_of_entry(
            f"{label or name}#{number}", {**entry, "time": 0} if of_handshakes else entry, counts
        )


def _is_websocket(entry: Mapping[str, Any]) -> bool:
    return (
        "_webSocketMessages" in entry
        or entry.get("_resourceType") == "websocket"
        or (entry.get("response") or {}).get("status") == 101
    )


def _events_of_entry(connection: str, entry: Mapping[str, Any], counts: HarCounts) -> Iterator[EventRow]:
    try:
        start = _instant(entry["startedDateTime"])
    except (KeyError, ValueError, TypeError):
        counts.skipped.append(f"{connection}: startedDateTime: {entry.get('startedDateTime')!r} is no time")
        return
    yield EventRow(connection, start, "connect")
    lasted = max(int(_number(entry.get("time")) or 0), 0)
    last = entry_end = start + lasted
    for index, message in enumerate(entry["_webSocketMessages"]):
        row = _message(connection, start, message)
        if row is None:
            counts.skipped.append(f"{connection}: message {index}: not a message that was sent or received")
            continue
        last = max(last, row.timestamp)
        yield row
    close = entry.get("_webSocketClose")
    if not isinstance(close, Mapping) or _number(close.get("timestamp")) is None:
        counts.at_entry_end += lasted > 0 and entry_end == last
        counts.at_last_message += lasted == 0 or entry_end < last
    yield _close(connection, last, close)


def _message(connection: str, start: int, message: Mapping[str, Any]) -> EventRow | None:
    opcode, seconds = _number(message.get("opcode", 1)), _number(message.get("time"))
    event = None if opcode is None else _KINDS.get(int(opcode))
    direction = _DIRECTIONS.get(str(message.get("type")))
    if event is None or direction is None or seconds is None:
        return None
    # The clock of the entry and that of its messages may differ by a few ms.
    return EventRow(
        connection, max(int(seconds * 1000), start), event, direction, _size(opcode, message.get("data", ""))
    )


def _size(opcode: Decimal | None, data: str) -> int:
    """Return the payload bytes: text as UTF-8, binary data from its base64 form."""
    if opcode != 2:
        return len(data.encode("utf-8", errors="surrogatepass"))
    try:
        return len(base64.b64decode(data))
    except binascii.Error:
        return len(data)


def _close(connection: str, last: int, close: Any) -> EventRow:
    """Write the close: with its code and instant where the recorder keeps them, else where the record ends."""
    if not isinstance(close, Mapping):
        return EventRow(connection, last, "close")
    code, seconds = _number(close.get("code")), _number(close.get("timestamp"))
    end = last if seconds is None else max(last, int(seconds * 1000))
    return EventRow(connection, end, "close", close_code=None if code is None else int(code))


def _instant(text: str) -> int:
    moment = datetime.fromisoformat(text)
    return (moment.replace(tzinfo=moment.tzinfo or UTC) - _EPOCH) // timedelta(milliseconds=1)


def _number(value: Any) -> Decimal | None:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() and number.adjusted() < _MOST_DIGITS else None


def convert(originals: Sequence[Original], scratch: Path, options: LogOptions) -> Converted:
    """Make an events file of the WebSockets in HAR files.

    Parameters
    ----------
    originals : sequence of Original
        The files that were given, as the user named them.
    scratch : Path
        Folder for files on the way; what is written goes there.
    options : LogOptions
        What the user says of logs.

    Raises
    ------
    TraceError
        If a file is no HAR, or no WebSocket with its messages is in any of them.
    """
    refuse_fields(options, "a HAR")
    counts = HarCounts()
    path = scratch / "har.parquet"
    named = zip(originals, labels(originals), strict=True)
    texts = ((text_of(one, options.memory_limit), one.name, label) for one, label in named)
    write_events((row for text, name, label in texts for row in events_of_har(text, name, counts, label=label)), path)
    used = counts.websockets - counts.without_messages
    if used == 0:
        what = f"{counts.websockets} WebSockets without messages" if counts.websockets else "no WebSocket"
        raise TraceError(f"{', '.join(one.name for one in originals)}: holds {what}; {ADVICE}")
    return Converted(
        path,
        counts.entries,
        used,
        not_websocket=counts.entries - counts.websockets,
        left_out=counts.without_messages,
        warnings=tuple(_warnings(counts)),
    )


def _warnings(counts: HarCounts) -> Iterator[Warned]:
    if counts.at_last_message:
        text = f"connections that end with their last message, as a HAR keeps no close: {counts.at_last_message:,}"
        yield Warned("har_ends", f"{text} (lower bounds: they closed later)")
    if counts.at_entry_end:
        text = f"connections that end with the time of their entry, as a HAR keeps no close: {counts.at_entry_end:,}"
        yield Warned("har_entry_ends", f"{text} (upper bounds: up to the close, or to the export of one still open)")
    if counts.without_messages:
        text = f"{counts.without_messages} WebSockets were recorded without their messages and are left out"
        yield Warned("har_without_messages", text)
    if counts.skipped:
        text = f"{len(counts.skipped)} parts cannot be read and are left out, the first: {counts.skipped[0]}"
        yield Warned("har_skipped", text)


ADVICE = (
    "open the network panel of Chrome or Edge before the page connects and export with content once the sockets "
    "are closed (Firefox and Safari leave the messages out)"
)
FORMAT = Format(
    name="har",
    title="HAR, recorded by a browser",
    recognise=lambda head: re.match(rb'(?:\xef\xbb\xbf)?\s*\{\s*"log"\s*:\s*\{', head) is not None,
    knows=Knows(start=True, bytes_out=True, message_times=True, direction=True, bytes_are="payload"),
    advice=ADVICE,
    convert=convert,
)
