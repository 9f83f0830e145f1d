"""The same small server with FastAPI, and two routes of HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import uvicorn
from fastapi import FastAPI, WebSocket, WebSocketDisconnect
from fastapi.responses import StreamingResponse

app = FastAPI()


@app.websocket("/ws")
async def talk(socket: WebSocket) -> None:
    await socket.accept()
    try:
        while True:
            text = await socket.receive_text()
            if text.startswith("close:"):
                await socket.close(int(text[6:]))
                return
            await socket.send_text(text)
    except WebSocketDisconnect:
        pass


@app.get("/hello")
def hello() -> dict[str, str]:
    return {"hello": "world"}


@app.get("/events")
async def events() -> StreamingResponse:
    async def each() -> AsyncIterator[str]:
        for number in range(3):
            yield f"data: {number}\n\n"
            await asyncio.sleep(0.05)

    return StreamingResponse(each(), media_type="text/event-stream")


uvicorn.run(app, host="0.0.0.0", port=9000, log_level="warning", ws_ping_interval=None)
