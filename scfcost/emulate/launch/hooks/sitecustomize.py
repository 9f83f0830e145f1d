"""Let a Python server that binds port 9000 listen on the port of its instance, where the system cannot be asked to."""

from __future__ import annotations

import os
import socket
from typing import Any

_bind = socket.socket.bind


def _bind_to_instance(self: socket.socket, address: Any) -> None:
    if isinstance(address, tuple) and len(address) > 1 and address[1] == 9_000:
        address = ("127.0.0.1" if len(address) == 2 else "::1", int(os.environ["SCF_PORT"]), *address[2:])
    _bind(self, address)


if "SCF_PORT" in os.environ:  # an instance, and nobody who merely imports this
    socket.socket.bind = _bind_to_instance  # type: ignore[method-assign, assignment]
