"""Real nginx and HAProxy on loopback before a real server: what they log, against what was driven."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from scfcost.trace.formats.nginx import COMBINED, TIMED
from scfcost.trace.model import CUT_IDLE, NOT_CUT
from scfcost.trace.read import read_trace

pytestmark = pytest.mark.servers
ConnectionClosedError = pytest.importorskip(
    "websockets.exceptions", reason="websockets is not installed (pip install websockets)"
).ConnectionClosedError
PAUSE_S = 0.05
IDLE_S = 4
"""Idle timeout of the proxies: a client that a busy machine holds up is not cut. [s]"""
PATIENCE_S = 120
"""How long anything may take before it counts as never coming, on a machine that is busy with other things. [s]"""
APACHE_MODULES = "/usr/lib/apache2/modules"
NEAR_MS = 5
"""How exactly a start and an end must agree. [ms]"""
UP, DOWN, FRAME = 10, 1000, 4
"""Sizes of a message to the server and of its answer, and of the answer's frame header. [B]"""
PONG = 4
"""Size of the answer to a ping of two bytes, with its frame header. [B]"""
ENDS = (1000, 1001, 4000, "server 1011", "abort", "idle")


class Driven(NamedTuple):
    """What a connection was made to do: around its opening and its end [s], and the bytes that it was sent."""

    before: float
    opened: float
    closing: float
    closed: float
    header_bytes: int
    framed_bytes: int


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


async def answer(connection: Any) -> None:
    with suppress(ConnectionClosedError):  # a client that aborts, and a proxy that cuts, are what is driven
        async for message in connection:
            if message.startswith("close "):
                await connection.close(int(message.split()[1]))
                return
            await connection.send("y" * DOWN)


async def drive(port: int, backend: int, log: Path, ends: tuple[object, ...] = ENDS) -> list[Driven]:
    """Drive one connection after the other; each has ended when the proxy has logged it."""
    from websockets.asyncio.client import connect
    from websockets.asyncio.server import serve

    found = []
    plain = {"compression": None, "ping_interval": None, "open_timeout": PATIENCE_S}
    async with serve(answer, "127.0.0.1", backend, **plain):
        for how in ends:
            before = time.time()
            client = await connect(f"ws://127.0.0.1:{port}/chat?room=1", **plain)
            opened = time.time()
            for _ in range(3):
                await asyncio.sleep(PAUSE_S)
                await client.send("x" * UP)
                await client.recv()
            await (await client.ping(b"12"))
            await asyncio.sleep(PAUSE_S)
            closing = time.time()
            await end(client, how)
            await logged(log, len(found) + 1)
            headers = client.response.headers.raw_items()
            head = len("HTTP/1.1 101 Switching Protocols\r\n\r\n") + sum(len(k) + len(v) + 4 for k, v in headers)
            close_frame = 0 if how in ("abort", "idle") else FRAME
            found.append(Driven(before, opened, closing, time.time(), head, 3 * (DOWN + FRAME) + PONG + close_frame))
    return found


async def logged(log: Path, lines: int) -> None:
    """Wait until a log holds so many connections."""
    deadline = time.monotonic() + PATIENCE_S
    while not log.exists() or log.read_text().count("/chat?room=1") < lines:
        assert time.monotonic() < deadline, f"connection {lines} is not logged"
        await asyncio.sleep(0.01)


async def end(client: Any, how: object) -> None:
    if how == "abort":
        client.transport.abort()
    elif isinstance(how, int):
        await client.close(how)
    else:
        if str(how).startswith("server"):
            await client.send("close 1011")
        await client.wait_closed()


@contextmanager
def running(command: list[str], port: int, **options: Any) -> Iterator[None]:
    deadline = time.monotonic() + PATIENCE_S
    with subprocess.Popen(command, **options) as process:
        try:
            while not listens(port):
                assert process.poll() is None, f"{command[0]} ended at once"
                assert time.monotonic() < deadline, f"{command[0]} does not listen"
                time.sleep(0.05)
            yield
        finally:
            process.terminate()


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.needs("nginx")
def test_nginx_logs_what_was_driven(tmp_path: Path) -> None:
    port, backend = free_port(), free_port()
    config = tmp_path / "nginx.conf"
    folders = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    config.write_text(
        f"daemon off; pid {tmp_path}/pid; error_log {tmp_path}/error.log;\n"
        f"{'user root;' if os.geteuid() == 0 else ''}\n"
        "events {}\nhttp {\n"
        f"  log_format websocket '{COMBINED} {TIMED}';\n"
        f"  access_log {tmp_path}/access.log websocket;\n"
        + "".join(f"  {one}_temp_path {tmp_path}/{one};\n" for one in folders)
        + f"  server {{ listen 127.0.0.1:{port}; location / {{\n"
        f"    proxy_pass http://127.0.0.1:{backend}; proxy_http_version 1.1; proxy_read_timeout {IDLE_S}s;\n"
        "    proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade;\n"
        "  } }\n}\n"
    )
    with running(["nginx", "-p", str(tmp_path), "-c", str(config)], port):
        driven = asyncio.run(drive(port, backend, tmp_path / "access.log"))
    trace = read_trace(tmp_path / "access.log")
    assert_times(trace, driven)
    assert trace.total_bytes_out.tolist() == [one.framed_bytes for one in driven]  # type: ignore[union-attr]


@pytest.mark.needs("haproxy")
def test_haproxy_logs_what_was_driven(tmp_path: Path) -> None:
    port, backend = free_port(), free_port()
    config = tmp_path / "haproxy.cfg"
    config.write_text(
        "global\n  log stdout format raw local0\n"
        "defaults\n  mode http\n  log global\n  option httplog\n  option dontlognull\n"
        f"  timeout connect 5s\n  timeout client {IDLE_S}s\n  timeout server {IDLE_S}s\n  timeout tunnel {IDLE_S}s\n"
        f"frontend f\n  bind 127.0.0.1:{port}\n  default_backend b\nbackend b\n  server s1 127.0.0.1:{backend}\n"
    )
    with (
        (tmp_path / "haproxy.log").open("wb") as out,
        running(["haproxy", "-f", str(config)], port, stdout=out, env={**os.environ, "TZ": "UTC"}),
    ):
        driven = asyncio.run(drive(port, backend, tmp_path / "haproxy.log"))
    trace = read_trace(tmp_path / "haproxy.log")
    assert_times(trace, driven)
    logged: list[int] = trace.total_bytes_out.tolist()  # type: ignore[union-attr]
    (headers,) = {size - one.framed_bytes for size, one in zip(logged, driven, strict=True)}
    assert 0 <= driven[0].header_bytes - headers <= 10  # HAProxy counts headers in its own form, a few bytes short
    (cut,) = [one.message for one in trace.provenance.warnings if one.code == "cut_by_proxy"]
    assert cut.endswith(": 1")
    assert trace.source_cut is not None
    assert trace.source_cut.tolist() == [CUT_IDLE if how == "idle" else NOT_CUT for how in ENDS]


@pytest.mark.needs("apache2")
@pytest.mark.parametrize("string", ['%h %l %u %{msec}t "%r" %>s %b %D', '%h %{end:msec}t "%r" %>s %O %I %D'])
def test_apache_logs_what_was_driven(tmp_path: Path, string: str) -> None:
    port, backend = free_port(), free_port()
    config = tmp_path / "apache.conf"
    modules = ("mpm_event", "authz_core", "proxy", "proxy_http", "proxy_wstunnel")
    quoted = string.replace('"', '\\"')
    config.write_text(
        f"ServerRoot {tmp_path}\nServerName 127.0.0.1\nListen 127.0.0.1:{port}\nPidFile {tmp_path}/pid\n"
        + "".join(f"LoadModule {one}_module {APACHE_MODULES}/mod_{one}.so\n" for one in modules)
        + ("User www-data\nGroup www-data\n" if os.geteuid() == 0 else "")
        + f"DefaultRuntimeDir {tmp_path}\nErrorLog {tmp_path}/error.log\nTimeout {IDLE_S}\nThreadsPerChild 5\n"
        f'LogFormat "{quoted}" websocket\nCustomLog {tmp_path}/access.log websocket\n'
        f"ProxyPass / ws://127.0.0.1:{backend}/\n"
    )
    with running(["apache2", "-f", str(config), "-DFOREGROUND"], port):
        driven = asyncio.run(drive(port, backend, tmp_path / "access.log"))
    trace = read_trace(tmp_path / "access.log", log_format=string)
    assert_times(trace, driven)
    if "%O" in string:
        logged: list[int] = trace.total_bytes_out.tolist()  # type: ignore[union-attr]
        assert len({size - one.framed_bytes for size, one in zip(logged, driven, strict=True)}) == 1


@pytest.mark.needs("caddy")
@pytest.mark.parametrize("form", ["json", "console", "json {\n time_format iso8601\n duration_format string\n}"])
def test_caddy_logs_what_was_driven(tmp_path: Path, form: str) -> None:
    port, backend = free_port(), free_port()
    config, ends = tmp_path / "Caddyfile", tuple(how for how in ENDS if how != "idle")  # Caddy cuts no idle connection
    config.write_text(
        "{\n admin off\n auto_https off\n}\n"
        f"http://127.0.0.1:{port} {{\n log {{\n output file {tmp_path}/access.log\n format {form}\n }}\n"
        f" reverse_proxy 127.0.0.1:{backend}\n}}\n"
    )
    options = {"env": {**os.environ, "HOME": str(tmp_path)}, "stderr": subprocess.DEVNULL}
    with running(["caddy", "run", "--config", str(config), "--adapter", "caddyfile"], port, **options):
        driven = asyncio.run(drive(port, backend, tmp_path / "access.log", ends))
    trace = read_trace(tmp_path / "access.log")
    assert_times(trace, driven)


def assert_times(trace: Any, driven: list[Driven]) -> None:
    assert trace.connections == len(driven)
    for start, stop, one in zip(trace.connect_ms.tolist(), trace.close_ms.tolist(), driven, strict=True):
        assert one.before * 1000 - NEAR_MS <= start <= one.opened * 1000 + NEAR_MS
        assert one.closing * 1000 - NEAR_MS <= stop <= one.closed * 1000 + NEAR_MS
