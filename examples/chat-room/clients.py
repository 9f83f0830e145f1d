"""Users of the chat room: they come, talk, listen, and come back when they are cut.

usage: clients.py ADDRESS USERS SECONDS
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from dataclasses import dataclass, field

from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException


@dataclass
class Heard:
    """What all users together saw."""

    sent: int = 0
    messages: int = 0
    cuts: int = 0
    lags_ms: list[float] = field(default_factory=list)
    rooms: set[str] = field(default_factory=set)


async def user(address: str, number: int, seconds: float, heard: Heard) -> None:
    """Come within the first quarter, talk every second or so, and stay to the end; every fifth only listens."""
    draw = random.Random(number)
    await asyncio.sleep(draw.uniform(0, seconds / 4))
    end = time.monotonic() + 0.7 * seconds
    while time.monotonic() < end:
        try:
            async with connect(f"{address}/?user={number}", ping_interval=None, open_timeout=30) as socket:
                listening = asyncio.create_task(listen(socket, heard))
                while time.monotonic() < end and not listening.done():
                    await asyncio.sleep(draw.uniform(0.5, 1.5))
                    if number % 5:
                        await socket.send(f"{time.time()} hello from {number}")
                        heard.sent += 1
                listening.cancel()
                if time.monotonic() >= end:
                    return
        except (OSError, WebSocketException):
            pass
        heard.cuts += 1
        await asyncio.sleep(0.3)


async def listen(socket: object, heard: Heard) -> None:
    """Take what is said."""
    async for text in socket:  # type: ignore[attr-defined]
        message = json.loads(text)
        heard.messages += 1
        heard.rooms.add(message["from"])
        heard.lags_ms.append((time.time() - float(message["text"].split()[0])) * 1_000)


async def main() -> None:
    """Let all users live, and say what they saw."""
    address, users, seconds, heard = sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), Heard()
    await asyncio.gather(*(user(address, number, seconds, heard) for number in range(users)))
    lags = sorted(heard.lags_ms) or [0.0]
    print(
        f"{users} users said {heard.sent} and heard {heard.messages} messages from {len(heard.rooms)} connections; "
        f"{lags[len(lags) // 2]:.1f} ms in the middle; cut {heard.cuts} times"
    )


asyncio.run(main())
