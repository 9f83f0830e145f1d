"""The WebSocket function: hands what the queue holds to everyone, whatever instance they are on."""

from __future__ import annotations

import asyncio
import os
from typing import Any

import redis.asyncio as redis
from websockets.asyncio.server import broadcast, serve

QUEUE, ROOM = "queue", "room"
database: Any = redis.from_url(os.environ["REDIS_URL"], decode_responses=True)
here: set[Any] = set()


async def consume() -> None:
    """Take messages out of the queue, one instance each, and tell all instances."""
    while True:
        taken = await database.blpop([QUEUE], timeout=1)
        if taken is not None:
            await database.publish(ROOM, taken[1])


async def relay(room: Any) -> None:
    """Hand what any instance took to everyone who is connected here."""
    async for message in room.listen():
        if message["type"] == "message":
            broadcast(here, message["data"])


async def talk(socket: Any) -> None:
    """Serve one listener; what it sends is not asked for."""
    here.add(socket)
    try:
        async for _ in socket:
            pass
    finally:
        here.discard(socket)


async def main() -> None:
    """Listen where the platform expects it, once nothing that is published can be missed."""
    async with database.pubsub() as room:
        await room.subscribe(ROOM)
        await anext(room.listen())  # that it is subscribed
        async with serve(talk, "0.0.0.0", 9000, ping_interval=None):
            await asyncio.gather(consume(), relay(room))


asyncio.run(main())
