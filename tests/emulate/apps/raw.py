"""A server of bytes: answers a WebSocket handshake, then says back whatever comes, or does what the path asks for."""

from __future__ import annotations

import asyncio
import os
import socket
import struct

HANDSHAKE = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
FLOOD = 80 * 2**20


async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    path = head.split()[1]
    writer.write(HANDSHAKE)
    if path == b"/flood":
        chunk = b"\x82\x7e\x10\x00" + bytes(4_096)
        for _ in range(FLOOD // len(chunk)):
            writer.write(chunk)
            await writer.drain()
    elif path == b"/reset":
        await reader.read(1)
        raw = writer.transport.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()
        return
    try:
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
        os.write(1, b"the client ended\n")
    except ConnectionResetError:
        os.write(1, b"the client reset\n")
    writer.close()


async def main() -> None:
    server = await asyncio.start_server(talk, "0.0.0.0", 9000)
    await server.serve_forever()


asyncio.run(main())
