"""A service that functions use, behind a port of each instance: connections, bytes and, for Redis, commands."""

from __future__ import annotations

import asyncio
import socket
from collections import Counter
from dataclasses import dataclass, field
from typing import cast
from urllib.parse import urlsplit, urlunsplit

from scfcost.core.errors import ConfigError
from scfcost.emulate.services.redis import Commands

REDIS = "redis"
_SCHEMES = {"redis": "redis", "postgres": "postgresql", "postgresql": "postgresql", "mysql": "mysql", "amqp": "amqp"}


@dataclass(frozen=True, slots=True)
class Service:
    """A service as the user named it."""

    name: str
    host: str
    port: int

    @property
    def variable(self) -> str:
        """Environment variable that tells a function its address."""
        return "".join(one if one.isalnum() else "_" for one in self.name).upper() + "_URL"

    def url(self, port: int, stated: str = "") -> str:
        """Return the address that an instance uses: as stated, with names and paths, but at another port.

        Parameters
        ----------
        port : int
            Port of the tunnel.
        stated : str
            Address that the user set, empty for none.
        """
        if "://" in stated:
            parts = urlsplit(stated)
            user = f"{parts.netloc.rpartition('@')[0]}@" if "@" in parts.netloc else ""
            return urlunsplit(parts._replace(netloc=f"{user}127.0.0.1:{port}"))
        scheme = next((_SCHEMES[one] for one in _SCHEMES if self.name.lower().startswith(one)), "tcp")
        return f"{scheme}://127.0.0.1:{port}"


@dataclass(slots=True)
class ServiceCount:
    """What instances asked of a service."""

    service: Service
    connections: int = 0
    bytes_up: int = 0
    """From functions to the service. [B]"""
    bytes_down: int = 0
    commands: Counter[str] = field(default_factory=Counter)
    """Commands by name, for Redis. [1]"""
    by_instance: Counter[int] = field(default_factory=Counter)
    """Connections by instance. [1]"""


def read_service(text: str) -> Service:
    """Read NAME=HOST:PORT.

    Raises
    ------
    ConfigError
        If it is something else.
    """
    name, equals, address = text.partition("=")
    host, colon, port = address.rpartition(":")
    if not (equals and colon and name and host and port.isdecimal() and 0 < int(port) < 65_536):
        raise ConfigError(f"service: {text!r} is not NAME=HOST:PORT, such as redis=127.0.0.1:6379")
    return Service(name, host.strip("[]"), int(port))


class _FunctionSide(asyncio.Protocol):
    """A connection of an instance to a service."""

    def __init__(self, count: ServiceCount, instance: int) -> None:
        self.count, self.instance = count, instance
        self.back: _ServiceSide | None = None
        self._early = b""
        self._commands = Commands() if count.service.name.lower().startswith(REDIS) else None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # that of uvloop is none by its class
        self.count.connections += 1
        self.count.by_instance[self.instance] += 1
        self._task = asyncio.get_running_loop().create_task(self._connect())

    async def _connect(self) -> None:
        back = _ServiceSide(self)
        service = self.count.service
        try:
            await asyncio.get_running_loop().create_connection(lambda: back, service.host, service.port)
        except OSError:
            self.transport.abort()
            return
        self.back = back
        back.transport.write(self._early)

    def data_received(self, data: bytes) -> None:
        self.count.bytes_up += len(data)
        if self._commands is not None:
            self.count.commands.update(self._commands.feed(data))
        if self.back is None:
            self._early += data
        else:
            self.back.transport.write(data)

    def pause_writing(self) -> None:
        if self.back is not None and not self.back.transport.is_closing():
            self.back.transport.pause_reading()

    def resume_writing(self) -> None:
        if self.back is not None and not self.back.transport.is_closing():
            self.back.transport.resume_reading()

    def connection_lost(self, error: Exception | None) -> None:
        del error
        if self.back is not None:
            self.back.transport.close()


class _ServiceSide(asyncio.Protocol):
    """The connection that carries it on."""

    def __init__(self, function: _FunctionSide) -> None:
        self._function = function

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # that of uvloop is none by its class

    def data_received(self, data: bytes) -> None:
        self._function.count.bytes_down += len(data)
        self._function.transport.write(data)

    def pause_writing(self) -> None:
        if not self._function.transport.is_closing():
            self._function.transport.pause_reading()

    def resume_writing(self) -> None:
        if not self._function.transport.is_closing():
            self._function.transport.resume_reading()

    def connection_lost(self, error: Exception | None) -> None:
        del error
        self._function.transport.close()


def open_port(count: ServiceCount, instance: int) -> tuple[int, asyncio.Task[asyncio.Server]]:
    """Open a port for what one instance asks of a service; return it, and the server to come.

    Parameters
    ----------
    count : ServiceCount
        What is asked of the service.
    instance : int
        Number of the instance.
    """
    ours = socket.create_server(("127.0.0.1", 0))
    loop = asyncio.get_running_loop()
    server = loop.create_task(loop.create_server(lambda: _FunctionSide(count, instance), sock=ours))
    return ours.getsockname()[1], server
