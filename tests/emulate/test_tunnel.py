"""Bytes pass as they are: with and without the emulator a client and a server see the same."""

from __future__ import annotations

import asyncio
import os
import random
import socket
import struct
from pathlib import Path

import psutil
import pytest

from tests.emulate.emulator import APPS, LIMIT_S, PYTHON, Emulator, emulating
from tests.emulate.lives import frame

pytestmark = [pytest.mark.servers, pytest.mark.slow]
RAW = (PYTHON, str(APPS / "raw.py"))
LONG = ("--idle-timeout", "60", "--max-concurrency", "100", "--keep-alive", "60")
ASK = (
    "GET {} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
NOT_READ_MB = 40
"""What the emulator may grow by while it holds back a server that pushes 80 MB."""


async def connected(port: int, path: str = "/") -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(ASK.format(path).encode())
    head = await reader.readuntil(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 101"), head
    return reader, writer


def corpus(rng: random.Random) -> bytes:
    """Frames of every kind and size, some compressed, some fragments, some no frames at all."""
    pieces = []
    for _ in range(60):
        size = rng.choice([0, 1, 125, 126, 127, 3_000, 65_536])
        opcode = rng.choice([1, 2, 0, 9, 10])
        raw = frame(opcode, os.urandom(min(size, 125) if opcode > 8 else size), last=opcode > 8 or rng.random() < 0.7)
        pieces.append(bytes([raw[0] | 64]) + raw[1:] if rng.random() < 0.2 else raw)
    return b"".join(pieces) + frame(8, struct.pack("!H", 4321) + b"why") + os.urandom(500)


def test_every_byte_comes_back_as_it_was(tmp_path: Path) -> None:
    rng = random.Random(4)

    async def said(port: int) -> None:
        for _ in range(10):
            reader, writer = await connected(port)
            sent = corpus(rng)
            task = asyncio.create_task(reader.readexactly(len(sent)))
            at = 0
            while at < len(sent):
                step = rng.choice([1, 2, 7, 100, 5_000, 70_000])
                writer.write(sent[at : at + step])
                await writer.drain()
                at += step
            assert await task == sent
            writer.close()
            await writer.wait_closed()

    with emulating(tmp_path, *LONG, "--end-at", "tcp", "--", *RAW) as run:
        asyncio.run(said(run.port))
        run.end()
    assert run.report["proof"]["holds"], run.report["proof"]


def test_a_client_that_closes_its_half_after_its_close_frame_gets_the_answer(tmp_path: Path) -> None:
    async def half(port: int) -> bytes:
        reader, writer = await connected(port)
        writer.write(frame(8, struct.pack("!H", 1000)))
        writer.write_eof()
        answer = await reader.read()
        writer.close()
        await writer.wait_closed()
        return answer

    with emulating(tmp_path, *LONG, "--", PYTHON, str(APPS / "asked.py")) as run:
        assert asyncio.run(half(run.port)) == b"\x88\x02\x03\xe8"
        run.end()
    assert run.report["as_run"]["outcomes"] == {"200": 1}


def test_a_reset_comes_out_as_a_reset(tmp_path: Path) -> None:
    async def reset(port: int) -> None:
        reader, writer = await connected(port, "/reset")
        writer.write(b"x")
        with pytest.raises(ConnectionResetError):
            await reader.read()
        writer.close()

    with emulating(tmp_path, *LONG, "--", *RAW) as run:
        asyncio.run(reset(run.port))
        run.end()
    assert run.report["as_run"]["outcomes"] == {"439": 1}


@pytest.mark.parametrize("how", ["reset", "ended"])
def test_the_server_sees_how_a_client_left(tmp_path: Path, how: str) -> None:
    async def leave(port: int) -> None:
        reader, writer = await connected(port)
        writer.write(b"\x82\x80\0\0\0\0")
        await reader.readexactly(6)
        if how == "reset":
            linger = struct.pack("ii", 1, 0)
            writer.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            writer.transport.abort()
        writer.close()
        until = asyncio.get_running_loop().time() + LIMIT_S
        while not any(f"the client {how}" in line for line in run.said):
            assert asyncio.get_running_loop().time() < until, run.said
            await asyncio.sleep(0.02)

    with emulating(tmp_path, *LONG, "--logs", "--", *RAW) as run:
        asyncio.run(leave(run.port))
        run.end()
    assert run.report["as_run"]["outcomes"] == {"456": 1}


def test_a_client_that_does_not_read_holds_the_server_back_and_fills_no_memory(tmp_path: Path) -> None:
    async def flood(run: Emulator) -> tuple[int, int]:
        reader, writer = await connected(run.port, "/flood")
        process = psutil.Process(run.process.pid)
        before = process.memory_info().rss
        await asyncio.sleep(2)
        grown, got = process.memory_info().rss - before, 0
        while got < 80 * 2**20 - 2 * 4_100:
            got += len(await reader.read(1 << 20))
        writer.close()
        return grown, got

    with emulating(tmp_path, *LONG, "--", *RAW) as run:
        grown, _ = asyncio.run(flood(run))
        run.end()
    assert grown < NOT_READ_MB * 2**20
    assert run.report["as_run"]["egress_bytes"] >= 79 * 2**20
