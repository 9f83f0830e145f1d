"""The HTTP front and the WebSocket function, with one command: what is posted to the one is heard on the other.

usage: python examples/http-front-queue/run.py [LISTENERS] [REQUESTS]
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import urllib.request
from pathlib import Path

from websockets.asyncio.client import connect

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from running import Emulated, emulated, redis_server  # noqa: E402

LISTENERS = int(sys.argv[1]) if len(sys.argv) > 1 else 12
REQUESTS = int(sys.argv[2]) if len(sys.argv) > 2 else 20


def post(address: str, text: str) -> int:
    """Post a text to the front, and return how many wait in the queue."""
    request = urllib.request.Request(f"{address}/say", data=text.encode(), method="POST")
    with urllib.request.urlopen(request, timeout=30) as answer:
        queued: int = json.load(answer)["queued"]
        return queued


async def listener(address: str, there: asyncio.Semaphore) -> list[str]:
    """Say that one listens, and listen until every message has come."""
    heard: list[str] = []
    async with connect(address, ping_interval=None, open_timeout=60) as socket:
        there.release()
        while len(heard) < REQUESTS:
            heard.append(str(await asyncio.wait_for(socket.recv(), 60)))
    return heard


async def drive(run: Emulated) -> str:
    """Connect the listeners, post, and say who heard what."""
    there = asyncio.Semaphore(0)
    listening = [asyncio.create_task(listener(run.addresses["sockets"], there)) for _ in range(LISTENERS)]
    for _ in listening:
        await there.acquire()
    for number in range(REQUESTS):
        await asyncio.to_thread(post, run.addresses["front"], f"message {number}")
    heard = await asyncio.gather(*listening)
    whole = sum(set(one) == {f"message {number}" for number in range(REQUESTS)} for one in heard)
    return f"{whole} of {LISTENERS} listeners heard all of {REQUESTS} requests"


def main() -> None:
    """Run it, and print what was seen."""
    with redis_server() as port, tempfile.TemporaryDirectory() as folder:
        arguments = ["--service", f"redis=127.0.0.1:{port}", str(HERE / "architecture.toml")]
        with emulated([*arguments, "-o", str(Path(folder) / "run.parquet")], Path(folder)) as run:
            seen = asyncio.run(drive(run))
            print(run.end() + seen)


main()
