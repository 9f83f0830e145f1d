"""Packet captures, pcap and pcapng, through tshark."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from scfcost.core.errors import TraceError
from scfcost.core.warning import Warned
from scfcost.trace.formats.base import Converted, Format, Knows, LogOptions, Original, labels, refuse_fields
from scfcost.trace.formats.frames import CaptureCounts, events_of_packets
from scfcost.trace.formats.rows import EventRow, write_events
from scfcost.trace.formats.tshark import KEYS, packets

_LISTED = 5
"""Streams that are named. [1]"""
_MAGIC = (b"\xd4\xc3\xb2\xa1", b"\xa1\xb2\xc3\xd4", b"\x4d\x3c\xb2\xa1", b"\xa1\xb2\x3c\x4d", b"\x0a\x0d\x0d\x0a")


def convert(originals: Sequence[Original], scratch: Path, options: LogOptions) -> Converted:
    """Make an events file of the WebSockets in captures.

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
        If tshark is not installed, a file is no capture, or no WebSocket shows in any of them.
    """
    refuse_fields(options, "a capture")
    counts, said = CaptureCounts(), list[str]()

    def rows() -> Iterator[EventRow]:
        for original, label in zip(originals, labels(originals), strict=True):
            yield from events_of_packets(packets(*original, scratch, said), label, counts)

    path = scratch / "capture.parquet"
    write_events(rows(), path)
    if counts.connections == 0:
        raise TraceError(f"{', '.join(one.name for one in originals)}: {_none(counts)}")
    warnings = (*(Warned("capture_cut_short", text) for text in said), *_warnings(counts))
    others = counts.streams - counts.connections - len(counts.open_before)
    return Converted(path, counts.streams, counts.connections, others, len(counts.open_before), warnings=warnings)


def _none(counts: CaptureCounts) -> str:
    keys = f"name the file of TLS keys in {KEYS}, the variable by which browsers write it"
    if counts.encrypted:
        return f"shows no WebSocket, but {counts.encrypted} encrypted connections: {keys}"
    before = f" {counts.unknown_before} streams were open before it;" if counts.unknown_before else ""
    return (
        f"shows no WebSocket;{before} the capture must hold the start of a connection, and if it is encrypted, {keys}"
    )


def _named(names: Sequence[str]) -> str:
    """Name a few streams by the numbers that Wireshark gives them (tcp.stream)."""
    return ", ".join(names[:_LISTED]) + (f" and {len(names) - _LISTED} more" if len(names) > _LISTED else "")


def _warnings(counts: CaptureCounts) -> Iterator[Warned]:
    if counts.encrypted:
        text = f"{counts.encrypted} encrypted connections cannot be looked into ({KEYS}) and are left out"
        yield Warned("capture_encrypted", text)
    if counts.open_before:
        text = (
            f"streams to a server of WebSockets that were open before the capture, left out: {len(counts.open_before)} "
            f"({_named(counts.open_before)}); what they cost is missing from the bill"
        )
        yield Warned("capture_open_before", text)
    if counts.still_open:
        text = (
            f"connections that the end of the capture cut, open when it ends: {counts.still_open} "
            f"({_named(counts.open_at_end)})"
        )
        yield Warned("capture_open", text)
    if counts.cut:
        text = (
            f"packets of which the capture holds the beginning alone: {counts.cut}; messages and bytes in them are "
            "missing from the bill (capture whole packets: tshark or tcpdump with -s 0)"
        )
        yield Warned("capture_packets_cut", text)
    if counts.headless:
        text = f"{counts.headless} connections began before the capture: they start at their first frame"
        yield Warned("capture_headless", text)


FORMAT = Format(
    name="pcap",
    title="packet capture (pcap, pcapng), through tshark",
    recognise=lambda head: head.startswith(_MAGIC),
    knows=Knows(
        start=True,
        end=True,
        bytes_out=True,
        message_times=True,
        direction=True,
        close_code=True,
        client=True,
        bytes_are="payload",
    ),
    advice=(
        "tshark -i eth0 -f 'tcp port 8080' -w capture.pcapng, behind what ends TLS; for TLS itself set SSLKEYLOGFILE. "
        "Bytes are those of payloads, compressed where the connection compresses (permessage-deflate)."
    ),
    convert=convert,
)
