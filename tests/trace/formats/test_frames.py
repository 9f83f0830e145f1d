"""Frames of TCP streams into events, from packets written as tshark prints them."""

from __future__ import annotations

from typing import Any

from scfcost.trace.formats.frames import FIELDS, CaptureCounts, events_of_packets
from scfcost.trace.formats.rows import EventRow

CLIENT = {"ip.src": "10.0.0.1", "tcp.srcport": "5000"}
SERVER = {"ip.src": "10.0.0.2", "tcp.srcport": "80"}
REQUEST = {**CLIENT, "http.request.method": "GET", "http.upgrade": "websocket"}
ACCEPTED = {**SERVER, "http.response.code": "101", "http.upgrade": "websocket"}


def frame(sender: dict[str, str], opcode: int, *lengths: int, fin: bool = True, code: int | None = None) -> Any:
    """A packet with one frame, the extended lengths after the short one."""
    length, *longer = lengths
    cells = {**sender, "websocket.opcode": opcode, "websocket.fin": int(fin), "websocket.payload_length": length}
    cells["websocket.mask"] = int(sender is CLIENT)
    cells["websocket.payload_length_ext_16" if length == 126 else "websocket.payload_length_ext_64"] = (
        longer[0] if longer else ""
    )
    return {**cells, "websocket.payload.close.status_code": code or ""}


def read(*packets: dict[str, Any], counts: CaptureCounts | None = None, stream: str = "0") -> list[EventRow]:
    """Read packets that come a second apart."""
    lines = []
    for second, cells in enumerate(packets):
        known: dict[str, Any] = {"frame.time_epoch": f"{1000 + second}.001999999", "tcp.stream": stream, **cells}
        lines.append("\t".join(str(known.get(name, "")) for name in FIELDS) + "\n")
    return list(events_of_packets(lines, "c", counts or CaptureCounts()))


def test_a_session_has_directions_and_payload_bytes() -> None:
    rows = read(REQUEST, ACCEPTED, frame(CLIENT, 1, 5), frame(SERVER, 2, 126, 300), frame(SERVER, 2, 127, 70_000))
    assert rows == [
        EventRow("c#0", 1_000_001, "connect", client="10.0.0.1"),
        EventRow("c#0", 1_002_001, "message", "up", 5),
        EventRow("c#0", 1_003_001, "message", "down", 300),
        EventRow("c#0", 1_004_001, "message", "down", 70_000),
    ]


def test_coalesced_frames_take_their_own_lengths() -> None:
    packet = {
        **SERVER, "websocket.opcode": "2,9,1,8", "websocket.fin": "1,1,1,1", "websocket.mask": "0,0,0,0",
        "websocket.payload_length": "126,4,126,2", "websocket.payload_length_ext_16": "527,1647",
        "websocket.payload.close.status_code": "1001",
    }  # fmt: skip
    rows = read(REQUEST, ACCEPTED, packet)
    assert [(row.event, row.bytes) for row in rows[1:]] == [
        ("message", 527), ("ping", 4), ("message", 1647), ("close", None),
    ]  # fmt: skip
    assert (rows[-1].close_code, rows[-1].closed_by) == (1001, "server")


def test_a_fragmented_message_is_one_message_at_its_last_frame() -> None:
    rows = read(
        REQUEST, ACCEPTED, frame(CLIENT, 1, 100, fin=False), frame(CLIENT, 9, 0), frame(SERVER, 1, 7),
        frame(CLIENT, 0, 20, fin=False), frame(CLIENT, 0, 3),
    )  # fmt: skip
    assert [(row.event, row.direction, row.bytes) for row in rows[1:]] == [
        ("ping", "up", 0), ("message", "down", 7), ("message", "up", 123),
    ]  # fmt: skip
    assert rows[-1].timestamp == 1_006_001


def test_an_empty_close_frame_is_1005_by_who_sent_it_first() -> None:
    counts = CaptureCounts()
    rows = read(REQUEST, ACCEPTED, frame(CLIENT, 8, 0), frame(SERVER, 8, 2, code=1000), counts=counts)
    assert rows[-1] == EventRow("c#0", 1_003_001, "close", close_code=1005, closed_by="client")
    assert (counts.connections, counts.still_open) == (1, 0)


def test_messages_between_the_two_close_frames_come_before_the_close() -> None:
    rows = read(REQUEST, ACCEPTED, frame(CLIENT, 8, 2, code=1000), frame(SERVER, 1, 9))
    assert [row.event for row in rows] == ["connect", "message", "close"]
    assert rows[-1].timestamp == rows[-2].timestamp


def test_an_end_without_a_close_frame_is_1006() -> None:
    for flag in ("tcp.flags.fin", "tcp.flags.reset"):
        for sender, by in ((CLIENT, "client"), (SERVER, "server")):
            rows = read(REQUEST, ACCEPTED, frame(SERVER, 1, 1), {**sender, flag: "1"}, {**CLIENT, flag: "1"})
            assert rows[-1] == EventRow("c#0", 1_003_001, "close", close_code=1006, closed_by=by)


def test_a_capture_that_ends_first_leaves_the_connection_open() -> None:
    counts = CaptureCounts()
    assert [row.event for row in read(REQUEST, ACCEPTED, counts=counts)] == ["connect"]
    assert (counts.connections, counts.still_open) == (1, 1)


def test_a_refused_or_encrypted_stream_is_no_connection() -> None:
    counts = CaptureCounts()
    assert read(REQUEST, {**SERVER, "http.response.code": "403", "http.upgrade": "websocket"}, counts=counts) == []
    assert read({**CLIENT, "tls.handshake.type": "1"}, {**CLIENT, "tcp.flags.fin": "1"}, counts=counts) == []
    assert (counts.connections, counts.encrypted) == (0, 1)


def test_a_connection_without_its_handshake_starts_at_its_first_frame() -> None:
    counts = CaptureCounts()
    rows = read(frame(CLIENT, 1, 5), counts=counts)
    assert [row.event for row in rows] == ["connect", "message"]
    assert counts.headless == 1


OPENED = {**CLIENT, "tcp.flags.syn": "1", "ip.dst": "10.0.0.2", "tcp.dstport": "80"}


def test_the_client_is_who_opened_the_stream_masked_or_not() -> None:
    unmasked = {**frame(CLIENT, 1, 5), "websocket.mask": 0}
    masked = {**frame(SERVER, 1, 7), "websocket.mask": 1}
    for first in ((OPENED, REQUEST, ACCEPTED), (REQUEST, ACCEPTED)):
        rows = read(*first, unmasked, masked, {**frame(CLIENT, 8, 2, code=1000), "websocket.mask": 0})
        assert [(row.direction, row.bytes) for row in rows if row.event == "message"] == [("up", 5), ("down", 7)]
        assert rows[-1].closed_by == "client"


def test_streams_that_were_open_before_the_capture_are_named() -> None:
    counts, other = CaptureCounts(), {**SERVER, "ip.dst": "10.0.0.9", "tcp.dstport": "6000", "tcp.len": "32"}
    lines = []
    for stream, packets in (
        ("0", (OPENED, REQUEST, ACCEPTED)),
        ("1", (other, other)),
        ("2", ({**other, "ip.src": "x"},)),
    ):
        for cells in packets:
            known = {"frame.time_epoch": "1000.0", "tcp.stream": stream, **cells}
            lines.append("\t".join(str(known.get(name, "")) for name in FIELDS) + "\n")
    assert len(list(events_of_packets(lines, "c", counts))) == 1
    assert (counts.open_before, counts.unknown_before, counts.open_at_end) == (["c#1"], 1, ["c#0"])
