"""Random lives of raw clients against an emulated server: what each planned, and what it saw, on one clock."""

from __future__ import annotations

import asyncio
import base64
import os
import random
import socket
import struct
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from scfcost.emulate.model.frames import CLOSE, PING, TEXT, FrameHeads

KINDS = {
    "chat": 16, "odd": 18, "frag": 6, "silent": 12, "long": 10, "pings": 8, "abort": 8, "fin": 5, "server": 12,
    "sabort": 4, "push": 10, "die": 0.6, "stay": 5,
}  # fmt: skip
PATIENCE_S = 120
"""Longest that a client waits for anything; a hang, not a slow machine. [s]"""
STAY_S = 4
"""How long one stays that nobody tells to leave. [s]"""
HELLO = (0.05, "text", "hello")


def now_ms() -> float:
    return time.time() * 1_000


def frame(opcode: int, body: bytes = b"", *, last: bool = True) -> bytes:
    mask, size = os.urandom(4), len(body)
    head = bytes([last << 7 | opcode])
    if size < 126:
        head += bytes([128 | size])
    else:
        head += bytes([254]) + struct.pack("!H", size) if size < 65_536 else bytes([255]) + struct.pack("!Q", size)
    return head + mask + bytes(byte ^ mask[i & 3] for i, byte in enumerate(body))


def plan(rng: random.Random, scale: float = 1.0) -> tuple[str, list[tuple[float, str, Any]]]:
    """Draw what a client does: instants from its connect [s], what, and with which value."""
    kind = rng.choices(list(KINDS), list(KINDS.values()))[0]
    at, steps = rng.uniform(0.01, 0.3), []

    def gap() -> float:
        return scale * rng.choice([rng.uniform(0.02, 0.9), rng.uniform(0.9, 2.2)])

    if kind in ("chat", "odd", "frag", "stay"):
        for _ in range(rng.randint(0, 6)):
            steps.append((at, "frag" if kind == "frag" else "text", rng.choice(["hello", "mute", "x" * 3_000])))
            at += gap()
        code = 1000 if kind != "odd" else rng.choice([1001, 1011, 4000, None, 1010, 1000])
        if kind != "stay":
            steps.append((at, "close", code))
    elif kind == "silent":
        steps.append((at + scale * rng.uniform(0.1, 3.5), "close", 1000))
    elif kind == "long":
        end = scale * rng.uniform(2, 6)
        while at < end:
            steps.append((at, "text", "hello"))
            at += scale * rng.uniform(0.1, 0.6)
        steps.append((at, "close", 1000))
    elif kind == "pings":
        for _ in range(rng.randint(1, 9)):
            steps.append((at, "ping", None))
            at += 0.3 * scale
        steps.append((at, "close", 1000))
    elif kind in ("abort", "fin"):
        steps += [(at, "text", "hello"), (at + scale * rng.uniform(0, 2.5), kind, None)]
    elif kind == "push":
        times, pause = rng.randint(1, 8), scale * rng.uniform(0.05, 1.9)
        steps.append((at, "text", f"push:{times},{pause:.3f}"))
        steps.append((at + times * pause + scale * rng.uniform(0.1, 1.0), "close", 1000))
    else:
        asked = {"server": f"close:{rng.choice([1000, 1001, 1011, 4000, 1008])}", "sabort": "abort", "die": "die"}
        steps.append((at, "text", asked[kind]))
    return kind, steps


@dataclass
class Seen:
    """What a client lived through."""

    kind: str
    steps: list[tuple[float, str, Any]]
    status: int = 0
    how: str = ""
    asked_ms: float = 0
    opened_ms: float = 0
    ended_ms: float = 0
    received: int = 0
    sent: list[float] = field(default_factory=list)
    """When it did each of its steps, as far as it came. [ms]"""
    got: list[float] = field(default_factory=list)
    """When each message came. [ms]"""
    code: int | None = None

    def sent_at(self, *kinds: str) -> list[float]:
        """When it did its steps of some kinds. [ms]"""
        return [at for at, (_, what, _) in zip(self.sent, self.steps, strict=False) if what in kinds]


async def live(
    port: int, wait_s: float, kind: str, steps: list[tuple[float, str, Any]], path: str = "/",
    stay_s: float = STAY_S,
) -> Seen:  # fmt: skip
    """Live one life."""
    seen = Seen(kind, steps)
    await asyncio.sleep(wait_s)
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError as error:
        seen.how = type(error).__name__
        return seen
    try:
        await _ask(seen, reader, writer, path)
        if seen.status == 101:
            await _live_on(seen, reader, writer, stay_s)
    finally:
        writer.transport.abort()
        with suppress(OSError):
            await writer.wait_closed()
    return seen


async def _ask(seen: Seen, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str) -> None:
    seen.asked_ms = now_ms()
    key = base64.b64encode(os.urandom(16)).decode()
    writer.write(
        f"GET {path} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    try:
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), PATIENCE_S)
    except (OSError, TimeoutError, asyncio.IncompleteReadError) as error:
        seen.how = type(error).__name__
        return
    seen.status, seen.opened_ms = int(head.split()[1]), now_ms()


async def _live_on(seen: Seen, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, stay_s: float) -> None:
    ended = asyncio.Event()
    listening = asyncio.create_task(_listen(seen, reader, writer, ended))
    begin = time.monotonic()
    for at, what, value in seen.steps:
        try:
            await asyncio.wait_for(ended.wait(), max(begin + at - time.monotonic(), 0.001))
            break
        except TimeoutError:
            seen.sent.append(now_ms())
            await _do(writer, what, value)
    try:
        await asyncio.wait_for(ended.wait(), PATIENCE_S if seen.kind != "stay" else stay_s)
    except TimeoutError:
        seen.how = seen.how or "nothing"
    listening.cancel()


async def _do(writer: asyncio.StreamWriter, what: str, value: Any) -> None:
    if writer.transport.is_closing():
        return
    if what == "text":
        writer.write(frame(TEXT, value.encode()))
    elif what == "frag":
        half = len(value) // 2
        writer.write(frame(TEXT, value[:half].encode(), last=False))
        await asyncio.sleep(0.01)
        writer.write(frame(PING, b"x") + frame(0, value[half:].encode()))
    elif what == "ping":
        writer.write(frame(PING, b"hb"))
    elif what == "close":
        writer.write(frame(CLOSE, b"" if value is None else struct.pack("!H", value)))
    elif what == "abort":
        raw = writer.transport.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()
    else:
        writer.close()


async def _listen(seen: Seen, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, ended: asyncio.Event) -> None:
    heads, closed = FrameHeads(), any(what == "close" for _, what, _ in seen.steps)
    try:
        while data := await reader.read(65_536):
            seen.received += len(data)
            for opcode, is_last, _, code in heads.feed(data):
                if opcode < CLOSE and is_last:
                    seen.got.append(now_ms())
                if opcode == CLOSE:
                    seen.code = code
                    seen.how, seen.ended_ms = seen.how or "close", seen.ended_ms or now_ms()
                    if not closed:
                        closed = True
                        writer.write(frame(CLOSE, struct.pack("!H", code) if code != 1005 else b""))
        seen.how = seen.how or "end"
    except ConnectionError:
        seen.how = seen.how or "reset"
    seen.ended_ms = seen.ended_ms or now_ms()
    ended.set()


async def crowd(port: int, lives: int, seconds: float, seed: int, end: Callable[[], object]) -> list[Seen]:
    """Let many lives begin within some seconds, and the run end while some of them stay."""
    rng = random.Random(seed)
    planned = [(rng.uniform(0, seconds), *plan(rng, 0.5)) for _ in range(lives)]
    begun = [asyncio.create_task(live(port, *one, f"/?who={number}", PATIENCE_S)) for number, one in enumerate(planned)]
    passing = [task for task, (_, kind, _) in zip(begun, planned, strict=True) if kind != "stay"]
    await asyncio.gather(*passing)
    begun += [asyncio.create_task(live(port, 0, "stay", [HELLO], f"/?who={lives + n}", PATIENCE_S)) for n in range(3)]
    await asyncio.sleep(0.4)
    await asyncio.to_thread(end)
    return list(await asyncio.gather(*begun))
