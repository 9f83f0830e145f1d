"""A chat room on a WebSocket function: who is there, what is said, and who leaves, shared through Redis.

Three modules, as the platform's pages suggest: register at the connect, pass messages through Redis so that everyone
hears everyone whatever instance they are on, clean up at the disconnect. An instance may be frozen or taken away before
it cleans up, so a registration lives for a while and is renewed: what nobody renews goes by itself.
"""

from __future__ import annotations

import asyncio
import json
import os
import uuid
from typing import Any

import redis.asyncio as redis
from websockets.asyncio.server import broadcast, serve

ONLINE = "online"
"""Sorted set of who is there, by the instant until which their registration holds."""
HOLDS_S = float(os.environ.get("REGISTRATION_S", "10"))
"""How long a registration holds; 0: until it is taken back."""
RENEWALS = 3
"""How often it is renewed in that time."""

database: Any = redis.from_url(os.environ["REDIS_URL"], decode_responses=True)
here: set[Any] = set()


async def register(name: str) -> None:
    """Say that someone is there, for as long as a registration holds."""
    seconds, micros = await database.time()
    expires = "inf" if HOLDS_S == 0 else seconds + micros / 1e6 + HOLDS_S
    await database.zadd(ONLINE, {name: expires})


async def renew(name: str) -> None:
    """Renew a registration until the connection is gone."""
    while HOLDS_S:
        await asyncio.sleep(HOLDS_S / RENEWALS)
        await register(name)


async def relay() -> None:
    """Hand what is said anywhere to everyone who is connected here."""
    async with database.pubsub() as room:
        await room.subscribe("room")
        async for message in room.listen():
            if message["type"] == "message":
                broadcast(here, message["data"])


async def talk(socket: Any) -> None:
    """Serve one user."""
    name = socket.request.headers.get("X-Scf-Request-Id") or str(uuid.uuid4())
    await register(name)
    here.add(socket)
    renewing = asyncio.create_task(renew(name))
    try:
        async for text in socket:
            await database.publish("room", json.dumps({"from": name, "text": text}))
    finally:
        here.discard(socket)
        renewing.cancel()
        await database.zrem(ONLINE, name)


async def main() -> None:
    """Listen where the platform expects it."""
    relaying = asyncio.create_task(relay())
    async with serve(talk, "0.0.0.0", 9000, ping_interval=None):
        await relaying


asyncio.run(main())
