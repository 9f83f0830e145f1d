"""A capture on loopback of a real client and a real server, read back connection by connection."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from scfcost.trace.formats.frames import CaptureCounts, events_of_packets
from scfcost.trace.formats.rows import EventRow
from scfcost.trace.formats.tshark import packets
from tests.servers.peers import answer

pytestmark = [
    pytest.mark.servers,
    pytest.mark.needs("dumpcap", "tshark"),
    pytest.mark.skipif(os.geteuid() != 0, reason="capturing on loopback needs root"),
]
websockets = pytest.importorskip("websockets", reason="websockets is not installed (pip install websockets)")
PAUSE_S = 0.05
"""Between the steps of a client, long against the resolution. [s]"""
PATIENCE_S = 120
"""How long anything may take before it counts as never coming, on a machine that is busy with other things. [s]"""


@contextmanager
def captured(port: int, file: Path) -> Iterator[None]:
    """Capture what goes through a port, from before the first packet until the last one is in the file."""
    command = ["dumpcap", "-q", "-i", "lo", "-f", f"port {port}", "-w", str(file)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as capture:
        try:
            recorded(port, file, b"begin")
            yield
            recorded(port, file, b"the end")
        finally:
            capture.send_signal(signal.SIGINT)


def recorded(port: int, file: Path, mark: bytes) -> None:
    """Send a datagram until it is in the file, and with it all that was sent before."""
    deadline = time.monotonic() + PATIENCE_S
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        while not (file.exists() and mark in file.read_bytes()):
            assert time.monotonic() < deadline, "dumpcap captures nothing on loopback"
            sender.sendto(mark, ("127.0.0.1", port))
            time.sleep(0.05)


async def drive(file: Path) -> list[list[float]]:
    """Drive one connection after the other; return what each opening and closing lay between. [s]"""
    from websockets.asyncio.client import connect
    from websockets.asyncio.server import serve

    times = []
    plain: dict[str, Any] = {"ping_interval": None, "open_timeout": PATIENCE_S}
    ended: asyncio.Queue[None] = asyncio.Queue()

    async def answered(connection: Any) -> None:
        try:
            await answer(connection)
        finally:
            await ended.put(None)

    async with serve(answered, "127.0.0.1", 0, ping_interval=None) as server:
        port = server.sockets[0].getsockname()[1]
        with captured(port, file):
            for close in (1000, 1001, 4000, "server 1011", "abort"):
                squeezed = "deflate" if close == 1001 else None
                before = time.time()
                client = await connect(f"ws://127.0.0.1:{port}", compression=squeezed, **plain)
                opened = time.time()
                await talk(client)
                closing = time.time()
                await end(client, close)
                await asyncio.wait_for(ended.get(), PATIENCE_S)  # one that aborts does not wait for its last packet
                times.append([before, opened, closing, time.time()])
                await asyncio.sleep(PAUSE_S)
    return times


async def talk(client: Any) -> None:
    await asyncio.sleep(PAUSE_S)
    await client.send("x" * 1000)
    await client.recv()
    await asyncio.sleep(PAUSE_S)
    await client.send([b"a" * 70_000, b"b" * 300, b"c"])  # one message in fragments
    await client.recv()
    await (await client.ping(b"12"))
    await asyncio.sleep(PAUSE_S)


async def end(client: Any, how: object) -> None:
    if how == "abort":
        client.transport.abort()
    elif isinstance(how, int):
        await client.close(how)
    else:
        await client.send(f"close {str(how).split()[1]}")
        await client.wait_closed()


def test_a_capture_tells_every_connection_as_it_was_driven(tmp_path: Path) -> None:
    times = asyncio.run(drive(tmp_path / "lo.pcapng"))
    counts = CaptureCounts()
    rows = list(events_of_packets(packets(tmp_path / "lo.pcapng", "lo", tmp_path, []), "lo", counts))
    assert (counts.connections, counts.still_open) == (len(times), 0)
    closes = [(1000, "client"), (1001, "client"), (4000, "client"), (1011, "server"), (1006, "client")]
    for number, ((before, opened, closing, closed), (code, by)) in enumerate(zip(times, closes, strict=True)):
        own = [row for row in rows if row.connection_id == f"lo#{number}"]
        assert own[0].event == "connect"
        assert int(before * 1000) <= own[0].timestamp <= opened * 1000
        assert own[-1].event == "close"
        assert (own[-1].close_code, own[-1].closed_by) == (code, by)
        assert int(closing * 1000) <= own[-1].timestamp <= closed * 1000
        assert_messages(own, squeezed=code == 1001)


def assert_messages(own: list[EventRow], *, squeezed: bool) -> None:
    sizes = {
        one: [row.bytes for row in own if row.direction == one and row.event == "message"] for one in ("up", "down")
    }
    if squeezed:
        assert all(size is not None and size < 500 for size in sizes["down"])
    else:
        assert sizes["down"] == [1000, 70_301]
        assert sizes["up"][:2] == [1000, 70_301]
    assert [(row.event, row.direction, row.bytes) for row in own if row.event in ("ping", "pong")] == [
        ("ping", "up", 2), ("pong", "down", 2),
    ]  # fmt: skip
