"""A server as it would be deployed, on port 9000, that does what messages ask of it."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import Any

from websockets.asyncio.server import serve

ASKED = {"abort": lambda socket: socket.transport.abort(), "die": lambda _: os._exit(3), "mute": lambda _: None}


async def push(socket: Any, times: int, gap_s: float) -> None:
    for _ in range(times):
        await asyncio.sleep(gap_s)
        await socket.send("p" * 200)


async def handler(socket: Any) -> None:
    pushes = []
    async for text in socket:
        what, _, value = text.partition(":") if isinstance(text, str) else ("", "", "")
        if what == "close":
            await socket.close(int(value))
        elif what == "push":
            times, gap = value.split(",")
            pushes.append(asyncio.create_task(push(socket, int(times), float(gap))))
        elif what in ASKED:
            ASKED[what](socket)
        else:
            await socket.send(text)


async def main() -> None:
    host = sys.argv[1] if len(sys.argv) > 1 else "0.0.0.0"
    async with serve(handler, host, 9000, ping_interval=None, max_size=None):
        await asyncio.get_running_loop().create_future()


asyncio.run(main())
