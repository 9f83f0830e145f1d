"""WebSocket frames of captured TCP streams into events.

A line is one packet; a packet may end several frames, and a message may span several packets. The client is who opened
the TCP stream; where the capture does not hold that, who asked for the upgrade; where neither, who masks its frames
(RFC 6455, section 5.3).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from scfcost.trace.formats.rows import EventRow

FIELDS = (
    "frame.time_epoch", "tcp.stream", "ip.src", "ipv6.src", "tcp.srcport", "tcp.flags.fin", "tcp.flags.reset",
    "http.request.method", "http.response.code", "http.upgrade", "tls.handshake.type", "websocket.opcode",
    "websocket.fin", "websocket.mask", "websocket.payload_length", "websocket.payload_length_ext_16",
    "websocket.payload_length_ext_64", "websocket.payload.close.status_code", "tcp.dstport", "ip.dst", "ipv6.dst",
    "tcp.flags.syn", "tcp.flags.ack", "tcp.len", "frame.cap_len", "frame.len",
)  # fmt: skip
"""Fields of tshark that a line holds, in their order."""
FILTER = (
    "websocket or http.upgrade or tls.handshake.type == 1 or tcp.flags.fin == 1 or tcp.flags.reset == 1 "
    "or (tcp.flags.syn == 1 and tcp.flags.ack == 0)"
)
"""Packets that are looked at."""
EARLY = "(tcp.len > 0 and !(tcp.completeness & 1))"
"""Further packets: data of streams whose opening is not in the capture, from Wireshark 3.6 on."""
CUT = "(tcp.len > 0 and frame.cap_len < frame.len)"
"""Further packets: data of which the capture holds the beginning alone, as a snapshot length was set."""

_CONTINUATION, _CLOSE, _PING, _PONG = 0, 8, 9, 10
_EVENTS = {_PING: "ping", _PONG: "pong"}
_EXTENDED_16, _EXTENDED_64 = 126, 127
"""Lengths that stand for a longer one in 16 or 64 bits."""
EMPTY_CLOSE, NO_CLOSE_FRAME = 1005, 1006
"""RFC 6455, section 7.4.1: a close frame without a code, and a connection that ended without a close frame."""
_OTHER = {"client": "server", "server": "client"}


@dataclass(slots=True)
class CaptureCounts:
    """What became of the TCP streams of a capture."""

    streams: int = 0
    """TCP streams that were looked at. [1]"""
    connections: int = 0
    """Those that are WebSockets. [1]"""
    encrypted: int = 0
    """Streams that carry TLS and show no WebSocket. [1]"""
    still_open: int = 0
    """Connections whose end is not in the capture. [1]"""
    open_at_end: list[str] = field(default_factory=list)
    """Their names."""
    open_before: list[str] = field(default_factory=list)
    """Streams to a server of WebSockets that were open before the capture, of which nothing else is known."""
    unknown_before: int = 0
    """Streams to other servers that were open before the capture. [1]"""
    headless: int = 0
    """Connections whose handshake is not in the capture. [1]"""
    cut: int = 0
    """Packets of WebSockets of which the capture holds the beginning alone. [1]"""


@dataclass(slots=True)
class _Frame:
    opcode: int
    final: bool
    sender: str
    size: int
    close_code: int | None


@dataclass(slots=True)
class _Stream:
    """A TCP stream, as far as it was read."""

    name: str
    connect_ms: int | None = None
    requested_ms: int | None = None
    client: str = ""
    """Address and port of the client."""
    opened: bool = False
    """Whether the client is known as who opened the stream."""
    ends: frozenset[str] = frozenset()
    """Addresses and ports of both sides."""
    early: bool = False
    """Whether data came without the opening of the stream."""
    encrypted: bool = False
    headless: bool = False
    cut: int = 0
    """Packets of which the capture holds the beginning alone. [1]"""
    unfinished: dict[str, int] = field(default_factory=dict)
    """Bytes of a message whose last frame is still to come, by sender."""
    closes: list[tuple[int, str, int]] = field(default_factory=list)
    """Close frames: instant, sender and code."""
    last_ms: int = 0
    ended: tuple[int, str] | None = None
    """First end of the TCP stream: instant and sender."""


def events_of_packets(lines: Iterable[str], name: str, counts: CaptureCounts) -> Iterator[EventRow]:
    """Yield the events of the WebSockets in a capture.

    The connect is the upgrade request, where it was answered with 101; a message is placed at its last frame, with the
    payload bytes of all of them, compressed where the connection compresses.

    Parameters
    ----------
    lines : iterable of str
        Packets with FIELDS, separated by tabs, several values of a field by commas.
    name : str
        What connection ids start with; the number of the TCP stream follows.
    counts : CaptureCounts
        Counted up while the events are taken.
    """
    streams: dict[str, _Stream] = {}
    for line in lines:
        cells = dict(zip(FIELDS, line.rstrip("\n").split("\t"), strict=True))
        if number := cells["tcp.stream"].split(",")[0]:
            stream = streams.setdefault(number, _Stream(f"{name}#{number}"))
            yield from _packet(stream, cells)
    counts.streams += len(streams)
    servers = {end for one in streams.values() if one.connect_ms is not None for end in one.ends - {one.client}}
    for stream in streams.values():
        yield from _end(stream, counts)
        counts.cut += stream.cut if stream.connect_ms is not None else 0
        if stream.early and stream.connect_ms is None and not stream.encrypted:
            if stream.ends & servers:
                counts.open_before.append(stream.name)
            else:
                counts.unknown_before += 1


def _packet(stream: _Stream, cells: dict[str, str]) -> Iterator[EventRow]:
    now = int(Decimal(cells["frame.time_epoch"]) * 1000)
    source = f"{cells['ip.src']}{cells['ipv6.src']}:{cells['tcp.srcport']}"
    stream.encrypted |= bool(cells["tls.handshake.type"])
    has_data = cells["tcp.len"].split(",")[0] not in ("", "0")
    stream.cut += has_data and int(cells["frame.cap_len"] or 0) < int(cells["frame.len"] or 0)
    _sides(stream, cells, source)
    if "websocket" in cells["http.upgrade"].lower():
        if cells["http.request.method"]:
            stream.requested_ms, stream.client = now, stream.client if stream.opened else source
        elif "101" in cells["http.response.code"].split(","):
            yield from _connect(stream, now if stream.requested_ms is None else stream.requested_ms)
    for frame in _frames(cells):
        if stream.client:
            frame.sender = "client" if source == stream.client else "server"
        elif frame.sender == "client":
            stream.client = source
        if stream.connect_ms is None:
            stream.headless = True
            yield from _connect(stream, now)
        yield from _event(stream, frame, now)
    ends = "1" in cells["tcp.flags.fin"] + cells["tcp.flags.reset"] or "True" in cells["tcp.flags.fin"]
    if ends and stream.connect_ms is not None and stream.ended is None:
        stream.ended = now, "client" if source == stream.client else "server"


def _sides(stream: _Stream, cells: dict[str, str], source: str) -> None:
    """Note who opened a stream, and whether its data came without that."""
    if _true(cells["tcp.flags.syn"]):
        if not _true(cells["tcp.flags.ack"]):
            stream.client, stream.opened = source, True
    elif cells["tcp.len"] not in ("", "0") and not stream.opened and stream.requested_ms is None:
        stream.early = True
    if not stream.ends:
        stream.ends = frozenset((source, f"{cells['ip.dst']}{cells['ipv6.dst']}:{cells['tcp.dstport']}"))


def _connect(stream: _Stream, instant: int) -> Iterator[EventRow]:
    if stream.connect_ms is None:
        stream.connect_ms = stream.last_ms = instant
        address = stream.client.rpartition(":")[0]
        yield EventRow(stream.name, instant, "connect", client=address or None)


def _frames(cells: dict[str, str]) -> Iterator[_Frame]:
    """Yield the frames that a packet ends. Extended lengths and close codes stand only for frames that have them."""
    columns = [cells[f"websocket.{one}"].split(",") for one in ("opcode", "fin", "mask", "payload_length")]
    longer = {
        _EXTENDED_16: iter(cells["websocket.payload_length_ext_16"].split(",")),
        _EXTENDED_64: iter(cells["websocket.payload_length_ext_64"].split(",")),
    }
    codes = iter(cells["websocket.payload.close.status_code"].split(","))
    for opcode, final, mask, length in zip(*columns, strict=False):
        if not opcode:
            return
        size = int(length)
        if size in longer:
            size = int(next(longer[size]))
        code = None
        if int(opcode) == _CLOSE:
            code = int(next(codes)) if size >= 2 else EMPTY_CLOSE
        yield _Frame(int(opcode), _true(final), "client" if _true(mask) else "server", size, code)


def _true(text: str) -> bool:
    return text in ("1", "True")


def _event(stream: _Stream, frame: _Frame, now: int) -> Iterator[EventRow]:
    stream.last_ms = max(stream.last_ms, now)
    direction = "up" if frame.sender == "client" else "down"
    if frame.close_code is not None:
        stream.closes.append((now, frame.sender, frame.close_code))
    elif frame.opcode in _EVENTS:
        yield EventRow(stream.name, now, _EVENTS[frame.opcode], direction, frame.size)
    else:
        size = frame.size + (stream.unfinished.pop(frame.sender, 0) if frame.opcode == _CONTINUATION else 0)
        if frame.final:
            yield EventRow(stream.name, now, "message", direction, size)
        else:
            stream.unfinished[frame.sender] = size


def _end(stream: _Stream, counts: CaptureCounts) -> Iterator[EventRow]:
    """Write the close, of whom it came first from; none where the capture ends before it."""
    if stream.connect_ms is None:
        counts.encrypted += stream.encrypted
        return
    counts.connections += 1
    counts.headless += stream.headless
    if stream.closes:
        _, sender, code = stream.closes[0]
        yield EventRow(stream.name, stream.last_ms, "close", close_code=code, closed_by=sender)
    elif stream.ended is not None:
        end, sender = stream.ended
        end = max(end, stream.last_ms)
        yield EventRow(stream.name, end, "close", close_code=NO_CLOSE_FRAME, closed_by=sender)
    else:
        counts.still_open += 1
        counts.open_at_end.append(stream.name)
