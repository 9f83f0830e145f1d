"""The same small server with Tornado."""

from __future__ import annotations

import asyncio

import tornado.web
import tornado.websocket


class Talk(tornado.websocket.WebSocketHandler):
    def on_message(self, message: str | bytes) -> None:
        if isinstance(message, str) and message.startswith("close:"):
            self.close(int(message[6:]))
        else:
            self.write_message(message)


async def main() -> None:
    tornado.web.Application([("/ws", Talk)]).listen(9000)
    await asyncio.Event().wait()


asyncio.run(main())
