"""Access log of AWS API Gateway's WebSocket APIs: one JSON object an event."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from scfcost.core.errors import TraceError
from scfcost.core.units import MS_PER_SECOND
from scfcost.core.warning import Warned
from scfcost.trace.formats.base import UNFINISHED, Converted, Format, Kind, Knows, LogOptions, Original, text_of
from scfcost.trace.formats.rows import EventRow, write_events
from scfcost.trace.formats.unwrap import object_in
from scfcost.trace.reading.columns import CLIENT
from scfcost.trace.reading.rejects import Reject, settle

_EVENTS = {"CONNECT": "connect", "MESSAGE": "message", "DISCONNECT": "close"}
_FAILED = 400
"""Status codes from here on are of events that failed. [1]"""


def convert(originals: Sequence[Original], scratch: Path, options: LogOptions) -> Converted:
    """Make an events file of the connects that were accepted, their messages from clients and their ends.

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
    BadRowsError
        If lines are no objects of JSON and are not to be skipped.
    TraceError
        If no connection was accepted.
    """
    rejects, unfinished = list[Reject](), list[Warned]()
    texts = ((text_of(original, options.memory_limit), original) for original in originals)
    entries = [entry for text, original in texts for entry in _entries(text, original, rejects, unfinished)]
    settle(rejects, options.on_error, options.rejects)
    failed = sum(_status(entry) >= _FAILED or entry.get("connectionId", "-") == "-" for entry in entries)
    client = "ip" if options.client in (None, CLIENT) else str(options.client)
    rows = [row for entry in entries for row in _rows(entry, client)]
    if not rows:
        raise TraceError(
            f"{originals[0].name}: holds no connection that was accepted: {failed} of {len(entries)} events failed; "
            "export the log of a time in which clients could connect"
        )
    path = scratch / "apigateway.parquet"
    write_events(rows, path)
    warnings = [
        *unfinished,
        Warned("no_pushes", "messages to clients are not in an access log: silences look longer than they are, and the "
               "bytes sent are unknown")
    ]  # fmt: skip
    if failed:
        warnings.append(Warned("failed_connects", f"{failed} events failed and are left out"))
    used = len({row.connection_id for row in rows})
    read = len(entries) + len(rejects)
    return Converted(path, read, used, left_out=failed, rejected=len(rejects), warnings=tuple(warnings))


def _entries(
    text: str, original: Original, rejects: list[Reject], unfinished: list[Warned]
) -> Iterator[dict[str, Any]]:
    lines = text.splitlines(keepends=True)
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        entry = _entry(line)
        if entry is not None:
            yield entry
        elif _OWN.search(line) is None:
            continue  # no line of the gateway
        elif number == len(lines) and not line.endswith("\n"):
            unfinished.append(UNFINISHED)
        else:
            rejects.append(Reject(original.name, number, "line: not an object of JSON", line.rstrip("\n")))


def _rows(entry: Mapping[str, Any], client: str) -> Iterator[EventRow]:
    what, instant = _EVENTS.get(str(entry.get("eventType"))), _instant_ms(entry)
    identity = str(entry.get("connectionId", "-"))
    if what is None or instant is None or identity == "-" or _status(entry) >= _FAILED:
        return
    if what == "message":
        yield EventRow(identity, instant, what, direction="up")
        return
    if what == "connect":
        whom = str(entry.get(client, "-"))
        yield EventRow(identity, instant, what, client=None if whom == "-" else whom)
        return
    code = str(entry.get("disconnectStatusCode", ""))
    yield EventRow(identity, instant, what, close_code=int(code) if code.isdecimal() else None)


def _status(entry: Mapping[str, Any]) -> int:
    status = str(entry.get("status", ""))
    return int(status) if status.isdecimal() else 0


def _instant_ms(entry: Mapping[str, Any]) -> int | None:
    epoch = str(entry.get("requestTimeEpoch", ""))
    if epoch.isdecimal():
        return int(epoch)
    try:
        moment = datetime.strptime(str(entry.get("requestTime", "")), "%d/%b/%Y:%H:%M:%S %z")
    except ValueError:
        return None
    return int(moment.timestamp()) * MS_PER_SECOND


_COMMON = re.compile(
    r"\s*(?P<ip>\S+) \S+ \S+ \[(?P<requestTime>\d\d/\w{3}/\d{4}:[^\]]+)\] "
    r'"(?P<eventType>CONNECT|MESSAGE|DISCONNECT) (?P<routeKey>\S+) (?P<connectionId>(?!HTTP/)\S+)" '
    r"(?P<status>\d{3}|-) (?P<requestId>\S+)"
)
"""The CLF template of the console."""


_OWN = re.compile(r"connectionId|CONNECT|MESSAGE|^\s*[{\[]")
"""What a line of the gateway holds, even where it is damaged."""


_COMMA = re.compile(
    r"\s*(?P<ip>[^,]+),[^,]*,[^,]*,(?P<requestTime>[^,]+),(?P<eventType>CONNECT|MESSAGE|DISCONNECT),(?P<routeKey>[^,]*),"
    r"(?P<connectionId>[^,]+),(?P<status>\d{3}|-),(?P<requestId>\S*)"
)
"""The CSV template of the console."""
_TAG = re.compile(r"<(\w+)>([^<]*)</\1>")
_NAMES = {
    "connectionid": "connectionId", "requesttimeepoch": "requestTimeEpoch", "requesttime": "requestTime",
    "status": "status", "ip": "ip", "sourceip": "ip", "disconnectstatuscode": "disconnectStatusCode",
}  # fmt: skip
"""Fields by the letters of their names, as templates of one's own may spell them."""


def _entry(text: str) -> dict[str, Any] | None:
    """Return the fields of a line of any template, None where it is of none."""
    for template in (_COMMON, _COMMA):
        if found := template.match(text):
            return found.groupdict()
    if "<connectionId>" in text:
        return dict(_TAG.findall(text))
    entry = object_in(text)
    if entry is None or {"connectionId", "eventType"} <= set(entry):
        return entry
    named = {_NAMES.get(re.sub("[^a-z]", "", name.lower()), name): value for name, value in entry.items()}
    event = next((value for value in entry.values() if isinstance(value, str) and value in _EVENTS), None)
    return {**named, "eventType": event} if event is not None and "connectionId" in named else entry


def _is_line(text: str) -> bool:
    entry = _entry(text)
    return entry is not None and "connectionId" in entry and "eventType" in entry


FORMAT = Format(
    name="apigateway",
    title="access log of an AWS API Gateway WebSocket API, JSON, CLF, CSV or XML, as CloudWatch hands it out",
    kinds=lambda _: (Kind(_is_line),),
    knows=Knows(start=True, end=True, message_times=True, direction=True, close_code=True, client=True),
    advice=(
        "log $context.eventType, routeKey, connectionId, requestTimeEpoch, status and disconnectStatusCode. Messages "
        "to clients (POST to @connections) do not appear, nor does any size"
    ),
    convert=convert,
)
