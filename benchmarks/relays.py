"""Servers and relays beside the emulator, each a process: `python -m benchmarks.relays KIND PORT TARGET`."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import sys
from typing import Any

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Echo(asyncio.Protocol):
    """Answers each small masked frame with its payload, at once."""

    def connection_made(self, transport: Any) -> None:
        self.transport, self.buffer, self.is_open = transport, b"", False

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        if not self.is_open:
            end = self.buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            head, self.buffer = self.buffer[:end], self.buffer[end + 4 :]
            key = next(line for line in head.split(b"\r\n") if line.lower().startswith(b"sec-websocket-key"))
            accept = base64.b64encode(hashlib.sha1(key.split(b":")[1].strip() + GUID).digest())
            self.transport.write(
                b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
            )
            self.is_open = True
        while len(self.buffer) >= 6 and len(self.buffer) >= (size := 6 + (self.buffer[1] & 127)):
            mask, body = self.buffer[2:6], self.buffer[6:size]
            plain = bytes(byte ^ mask[i & 3] for i, byte in enumerate(body))
            self.transport.write(bytes([0x82, len(body)]) + plain)
            self.buffer = self.buffer[size:]


class Tunnel(asyncio.Protocol):
    """Passes bytes and looks at nothing."""

    def __init__(self, target: int) -> None:
        self.target, self.other, self.early = target, None, b""

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        if self.target:
            self.task = asyncio.get_running_loop().create_task(self.connect())

    async def connect(self) -> None:
        back = Tunnel(0)
        await asyncio.get_running_loop().create_connection(lambda: back, "127.0.0.1", self.target)
        back.other, self.other = self, back
        back.transport.write(self.early)

    def data_received(self, data: bytes) -> None:
        if self.other is None:
            self.early += data
        else:
            self.other.transport.write(data)

    def connection_lost(self, _: Exception | None) -> None:
        if self.other is not None:
            self.other.transport.close()


async def of_websockets(port: int, target: int) -> None:
    """Relay message by message with the library websockets."""
    from websockets.asyncio.client import connect
    from websockets.asyncio.server import serve

    async def relay(front: Any) -> None:
        async with connect(f"ws://127.0.0.1:{target}", compression=None) as back:

            async def down() -> None:
                async for message in back:
                    await front.send(message)

            task = asyncio.create_task(down())
            async for message in front:
                await back.send(message)
            task.cancel()

    async with serve(relay, "127.0.0.1", port, compression=None):
        await asyncio.Event().wait()


async def of_aiohttp(port: int, target: int) -> None:
    """Relay message by message with aiohttp."""
    from aiohttp import ClientSession, web

    async def relay(request: web.Request) -> web.WebSocketResponse:
        front = web.WebSocketResponse(compress=False)
        await front.prepare(request)
        async with ClientSession() as session, session.ws_connect(f"ws://127.0.0.1:{target}") as back:

            async def down() -> None:
                async for message in back:
                    await front.send_bytes(message.data)

            task = asyncio.create_task(down())
            async for message in front:
                await back.send_bytes(message.data)
            task.cancel()
        return front

    app = web.Application()
    app.router.add_get("/", relay)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await asyncio.Event().wait()


async def serve(kind: str, port: int, target: int) -> None:
    if kind in ("websockets", "aiohttp"):
        await {"websockets": of_websockets, "aiohttp": of_aiohttp}[kind](port, target)
    make = Echo if kind == "echo" else lambda: Tunnel(target)
    server = await asyncio.get_running_loop().create_server(make, "127.0.0.1", port, backlog=4096)
    await server.serve_forever()


if __name__ == "__main__":
    try:
        import uvloop

        uvloop.run(serve(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
    except ImportError:
        asyncio.run(serve(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
