"""Servers for the tests on loopback."""

from __future__ import annotations

from typing import Any


async def answer(connection: Any) -> None:
    """Echo; `close CODE` closes from the server's side."""
    async for message in connection:
        if isinstance(message, str) and message.startswith("close "):
            await connection.close(int(message.split()[1]))
            return
        await connection.send(message)
