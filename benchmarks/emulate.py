"""What the emulator costs: CPU of a message beside other relays, memory of connections, echoes a second, latency."""

from __future__ import annotations

import argparse
import asyncio
import base64
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import psutil

MASK = b"\x01\x02\x03\x04"
FRAME = bytes([0x82, 0x80 | 32]) + MASK + bytes(32)
ANSWER_BYTES = 34
ROOT = Path(__file__).parents[1]


class Client(asyncio.Protocol):
    """Says something, and says it again once it is answered, so many times."""

    def __init__(self, times: int) -> None:
        self.times, self.got, self.head = times, 0, True
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.open: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.sent_at, self.lags = 0.0, []

    def connection_made(self, transport) -> None:  # type: ignore[no-untyped-def]
        self.transport = transport
        key = base64.b64encode(os.urandom(16)).decode()
        transport.write(
            f"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )

    def data_received(self, data: bytes) -> None:
        if self.head:
            self.head = False
            self.open.set_result(None)
            return
        self.got += len(data)
        if self.got >= ANSWER_BYTES:
            self.got -= ANSWER_BYTES
            self.lags.append(time.perf_counter() - self.sent_at)
            self.times -= 1
            self.say()

    def say(self) -> None:
        if self.times > 0:
            self.sent_at = time.perf_counter()
            self.transport.write(FRAME)
        elif not self.done.done():
            self.done.set_result(None)


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def process(*command: str, port: int, folder: str = ".") -> Iterator[psutil.Process]:
    """Run a server until it is no longer needed."""
    started = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={
        **os.environ, "PYTHONPATH": str(ROOT)})  # fmt: skip
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            break
        except OSError:
            time.sleep(0.05)
    try:
        yield psutil.Process(started.pid)
    finally:
        started.send_signal(signal.SIGINT)
        started.wait()


def relay(kind: str, port: int, target: int, folder: str):  # type: ignore[no-untyped-def]
    if kind != "scfcost":
        return process(sys.executable, "-m", "benchmarks.relays", kind, str(port), str(target), port=port)
    return process(
        sys.executable, "-m", "scfcost", "emulate", "-q", "--max-concurrency", "100", "--idle-timeout", "600",
        "--listen", f"127.0.0.1:{port}", "--upstream", f"ws://127.0.0.1:{target}", "-o", "b.parquet",
        port=port, folder=folder,
    )  # fmt: skip


async def talk(port: int, connections: int, times: int) -> tuple[float, list[float]]:
    """Return the seconds that all echoes took, and each one's latency."""
    loop = asyncio.get_running_loop()
    clients = [(await loop.create_connection(lambda: Client(times), "127.0.0.1", port))[1] for _ in range(connections)]
    await asyncio.gather(*(client.open for client in clients))
    begun = time.perf_counter()
    for client in clients:
        client.say()
    await asyncio.gather(*(client.done for client in clients))
    took = time.perf_counter() - begun
    for client in clients:
        client.transport.abort()
    return took, [lag for client in clients for lag in client.lags]


def cpu(of: psutil.Process) -> float:
    times = of.cpu_times()
    return float(times.user + times.system)


async def hold(port: int, connections: int, of: psutil.Process) -> float:
    """Return what so many idle connections take. [MB]"""
    loop = asyncio.get_running_loop()
    before = of.memory_info().rss
    clients = [(await loop.create_connection(lambda: Client(0), "127.0.0.1", port))[1] for _ in range(connections)]
    await asyncio.gather(*(client.open for client in clients))
    grown = of.memory_info().rss - before
    for client in clients:
        client.transport.abort()
    return grown / 2**20


def emulate(_: object, arguments: argparse.Namespace) -> None:
    """Relay messages through the emulator and through others, turn by turn, in one run."""
    print("\n## Emulator, every relay in turn, 32 bytes a message")
    runs, times = arguments.runs, 3_000  # a second of CPU a relay: the clock of a process ticks in 10 ms
    costs: dict[str, list[float]] = {kind: [] for kind in ("tunnel", "scfcost", "websockets", "aiohttp")}
    lags: dict[str, list[float]] = {"direct": [], "scfcost": []}
    rates, held = [], 0.0
    echo = free_port()
    with (
        tempfile.TemporaryDirectory() as folder,
        process(sys.executable, "-m", "benchmarks.relays", "echo", str(echo), "0", port=echo),
    ):
        for _ in range(runs):
            lags["direct"].append(median(asyncio.run(talk(echo, 1, times))[1]))
            for kind, found in costs.items():
                port = free_port()
                with relay(kind, port, echo, folder) as running:
                    asyncio.run(talk(port, 20, 20))  # warm
                    if kind == "scfcost":
                        held = asyncio.run(hold(port, 1_000, running))  # before it holds rows that it gives back
                    before = cpu(running)
                    asyncio.run(talk(port, 20, times))
                    found.append((cpu(running) - before) / (2 * 20 * times) * 1e6)
                    if kind == "scfcost":
                        lags[kind].append(median(asyncio.run(talk(port, 1, times))[1]))
                        took, _ = asyncio.run(talk(port, 100, times // 3))
                        rates.append(100 * (times // 3) / took)
    base = median(costs["tunnel"])
    for kind, found in costs.items():
        cost = median(found)
        print(f"CPU of a relayed message, {kind}: {cost:.1f} µs, {cost / base:.2f} x a bare tunnel", flush=True)
    print(f"1,000 connections: {held:.1f} MB; echoes a second at 100 connections: {median(rates):,.0f}")
    added = (median(lags["scfcost"]) - median(lags["direct"])) * 1_000
    print(f"added median latency: {added:.3f} ms (direct {median(lags['direct']) * 1_000:.3f} ms)")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=3)
    emulate(None, parser.parse_args())
