"""Ends of TCP connections: reset, closed with patience, and how a client is told of a refusal."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from contextlib import suppress

from scfcost.emulate.model.http import answer
from scfcost.lifecycle.outcomes import BURST, EXEC_TIMEOUT, INIT_TIMEOUT, QUOTA, SERVER_CLOSE

PATIENCE_S = 5.0
"""How long a side that is to end may take to read what was sent to it. [s]"""
REASONS = {
    405: "ContainerStateExitedByUser", BURST: "ResourceLimit", QUOTA: "ResourceLimitReached",
    EXEC_TIMEOUT: "InvocationTimeout", SERVER_CLOSE: "UserProcessExit", INIT_TIMEOUT: "FunctionInitTimeout",
}  # fmt: skip
"""What the platform calls a refusal: cloud.tencent.com/document/product/583/42611."""


def reset(transport: asyncio.Transport) -> None:
    """End a connection by a reset, as a process that dies does."""
    raw = transport.get_extra_info("socket")
    if raw is not None and not transport.is_closing():
        with suppress(OSError):
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


def close_soon(transport: asyncio.Transport) -> None:
    """End a connection once what was sent is through, or after a while."""
    if not transport.is_closing():
        transport.close()
        if transport.get_write_buffer_size():
            asyncio.get_running_loop().call_later(PATIENCE_S, transport.abort)


def refusal(code: int, identity: str) -> bytes:
    """Return the answer of the platform to a request that it does not let in.

    Parameters
    ----------
    code : int
        Status code.
    identity : str
        Id of the request.
    """
    reason = REASONS.get(code, "BadRequest")
    body = {"errorCode": -1, "errorMessage": reason, "requestId": identity, "statusCode": code}
    return answer(code, reason, json.dumps(body).encode(), {"X-Scf-Request-Id": identity, "X-Scf-Status": str(code)})
