"""Real captures through tshark."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from scfcost.core.errors import TraceError
from scfcost.trace.formats.frames import CaptureCounts, events_of_packets
from scfcost.trace.formats.rows import EventRow
from scfcost.trace.formats.tshark import packets
from scfcost.trace.read import read_trace
from tests.trace.formats.samples import LINES
from tests.trace.formats.test_lines import notes

needs_tshark = pytest.mark.needs("tshark")


def read(path: Path, scratch: Path, warn: list[str]) -> list[EventRow]:
    return list(events_of_packets(packets(path, "c", scratch, warn), "c", CaptureCounts()))


@needs_tshark
def test_nine_coalesced_frames_are_nine_messages(tmp_path: Path) -> None:
    rows = read(LINES / "zeek_jupyter-websocket.pcap", tmp_path, [])
    at_once = [row for row in rows if row.timestamp == 1696029905617]
    assert [row.bytes for row in at_once] == [527, 1647, 540, 540, 515, 515, 540, 540, 540]
    assert {row.direction for row in at_once} == {"down"}
    assert rows[0] == EventRow("c#0", 1696029904590, "connect", client="127.0.0.1")
    assert rows[-1] == EventRow("c#0", 1696029905626, "close", close_code=1005, closed_by="client")


@needs_tshark
def test_a_capture_cut_short_is_read_up_to_there(tmp_path: Path) -> None:
    whole = (LINES / "zeek_http_websocket.pcap").read_bytes()
    (tmp_path / "short.pcap").write_bytes(whole[: len(whole) * 2 // 3])
    warn: list[str] = []
    rows = read(tmp_path / "short.pcap", tmp_path, warn)
    assert [row.event for row in rows][:2] == ["connect", "message"]
    assert "close" not in {row.event for row in rows}
    assert warn == ["c: the capture was cut short in the middle of a packet; what stands before is read"]


@needs_tshark
def test_packets_of_which_the_beginning_alone_is_there_are_counted(tmp_path: Path) -> None:
    """As `tcpdump -s 300` leaves them."""
    whole = (LINES / "zeek_jupyter-websocket.pcap").read_bytes()
    kept, at = [whole[:24]], 24
    while at < len(whole):
        seconds, fraction, length, original = struct.unpack_from("<4I", whole, at)
        kept += [
            struct.pack("<4I", seconds, fraction, min(length, 300), original),
            whole[at + 16 :][: min(length, 300)],
        ]
        at += 16 + length
    (tmp_path / "cut.pcap").write_bytes(b"".join(kept))
    counts = CaptureCounts()
    rows = list(events_of_packets(packets(tmp_path / "cut.pcap", "c", tmp_path, []), "c", counts))
    assert (rows[-1].event, rows[-1].timestamp) == ("close", 1696029905626)
    assert counts.cut > 0
    assert "tcpdump with -s 0" in notes(read_trace(tmp_path / "cut.pcap"))["capture_packets_cut"]


@needs_tshark
def test_what_is_no_capture_is_refused(tmp_path: Path) -> None:
    (tmp_path / "no.pcap").write_text("connection_id,timestamp,event\n")
    with pytest.raises(TraceError, match="c: tshark cannot read it: "):
        read(tmp_path / "no.pcap", tmp_path, [])


def test_without_tshark_the_package_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(TraceError, match=r"which is not installed: apt-get install tshark"):
        read(LINES / "zeek_http_websocket.pcap", tmp_path, [])
