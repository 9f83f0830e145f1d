"""HAR files into events, from a file written by hand in the documented form."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from scfcost.core.errors import TraceError
from scfcost.trace.formats.har import HarCounts, events_of_har
from scfcost.trace.formats.rows import EventRow

SOCKET: dict[str, Any] = {
    "startedDateTime": "2019-05-24T20:41:22.100Z",
    "time": 508.0,
    "_resourceType": "websocket",
    "response": {"status": 101},
    "_webSocketMessages": [
        {"type": "send", "time": 1558730482.5071473, "opcode": 1, "data": "Hello, WebSockets!"},
        {"type": "receive", "time": 1558730483.0009, "opcode": 1, "data": "你好"},
        {"type": "receive", "time": 1558730484.5, "opcode": 2, "data": base64.b64encode(b"\0" * 10).decode()},
    ],
}
START = 1558730482100


def read(*entries: dict[str, Any], counts: HarCounts | None = None) -> list[EventRow]:
    text = json.dumps({"log": {"version": "1.2", "entries": list(entries)}})
    return list(events_of_har(text, "a.har", counts or HarCounts()))


def test_messages_have_their_direction_time_and_payload_bytes() -> None:
    connect, *messages, close = read(SOCKET)
    assert connect == EventRow("a.har#0", START, "connect")
    assert [(row.timestamp, row.direction, row.bytes) for row in messages] == [
        (1558730482507, "up", 18), (1558730483000, "down", 6), (1558730484500, "down", 10),
    ]  # fmt: skip
    assert close == EventRow("a.har#0", 1558730484500, "close")


def test_the_end_of_the_entry_counts_where_it_is_later_than_the_last_message() -> None:
    assert read({**SOCKET, "time": 9_999.9})[-1].timestamp == START + 9_999
    assert read({**SOCKET, "time": None})[-1].timestamp == 1558730484500


def test_a_message_before_the_start_is_taken_at_the_start() -> None:
    early = {"type": "send", "time": 1558730482.0999, "opcode": 1, "data": "a"}
    assert read({**SOCKET, "_webSocketMessages": [early]})[1].timestamp == START


def test_a_recorded_close_tells_its_code() -> None:
    close = {"code": 1001, "reason": "", "timestamp": 1558730490.25}
    assert read({**SOCKET, "_webSocketClose": close})[-1] == EventRow(
        "a.har#0", 1558730490250, "close", close_code=1001
    )
    assert read({**SOCKET, "_webSocketClose": "aborted"})[-1].close_code is None


def test_what_is_no_websocket_or_no_message_is_counted() -> None:
    counts = HarCounts()
    page = {"startedDateTime": "2019-05-24T20:41:22Z", "response": {"status": 200}}
    silent = {key: value for key, value in SOCKET.items() if key != "_webSocketMessages"}
    error = {"type": "receive", "time": 1558730482.6, "opcode": -1, "data": "broken"}
    rows = read(page, silent, {**SOCKET, "_webSocketMessages": [error]}, counts=counts)
    assert [row.event for row in rows] == ["connect", "close"]
    assert (counts.entries, counts.websockets, counts.without_messages) == (3, 2, 1)
    assert counts.skipped == ["a.har#2: message 0: not a message that was sent or received"]


def test_control_frames_are_told_apart_where_a_recorder_keeps_them() -> None:
    ping = {"type": "receive", "time": 1558730482.6, "opcode": 9, "data": ""}
    assert [row.event for row in read({**SOCKET, "_webSocketMessages": [ping]})] == ["connect", "ping", "close"]


@pytest.mark.parametrize("text", ["{", "[]", '{"log": {}}', '{"log": []}'])
def test_what_is_no_har_is_refused(text: str) -> None:
    with pytest.raises(TraceError, match=r"a\.har: is no HAR file"):
        list(events_of_har(text, "a.har", HarCounts()))


def test_an_entry_without_a_start_is_left_out() -> None:
    counts = HarCounts()
    assert read({**SOCKET, "startedDateTime": "yesterday"}, counts=counts) == []
    assert counts.skipped == ["a.har#0: startedDateTime: 'yesterday' is no time"]


@pytest.mark.parametrize(
    ("entry", "lower", "upper"),
    [
        (SOCKET, 1, 0),
        ({**SOCKET, "time": 9_999.9}, 0, 1),
        ({**SOCKET, "_webSocketClose": {"code": 1000, "timestamp": 1558730490.25}}, 0, 0),
        ({**SOCKET, "_webSocketClose": {"code": 1000}}, 1, 0),
        ({**SOCKET, "time": 0, "_webSocketMessages": []}, 1, 0),
    ],
)
def test_an_end_without_a_close_is_counted_as_the_bound_that_it_is(
    entry: dict[str, Any], lower: int, upper: int
) -> None:
    counts = HarCounts()
    read(entry, counts=counts)
    assert (counts.at_last_message, counts.at_entry_end) == (lower, upper)


def test_the_time_of_a_handshake_is_no_end() -> None:
    """As mitmproxy writes it."""
    counts = HarCounts()
    entry = {**SOCKET, "time": 508.0, "_webSocketMessages": []}
    text = json.dumps({"log": {"creator": {"name": "mitmproxy exporthar"}, "entries": [entry]}})
    start, close = events_of_har(text, "a.har", counts)
    assert (close.timestamp - start.timestamp, counts.at_last_message, counts.at_entry_end) == (0, 1, 0)
