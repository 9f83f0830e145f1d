"""The same small server with aiohttp."""

from __future__ import annotations

from aiohttp import web


async def talk(request: web.Request) -> web.WebSocketResponse:
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    async for message in socket:
        if message.data.startswith("close:"):
            await socket.close(code=int(message.data[6:]))
        else:
            await socket.send_str(message.data)
    return socket


app = web.Application()
app.router.add_get("/ws", talk)
web.run_app(app, host="0.0.0.0", port=9000, print=None)
