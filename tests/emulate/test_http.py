"""Functions whose invocations are HTTP requests: JSON, chunks, server-sent events, several requests a connection."""

from __future__ import annotations

import asyncio
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.emulate.emulator import APPS, PYTHON, emulating
from tests.forked import scfcost

pytestmark = [pytest.mark.servers, pytest.mark.slow]
SERVER = (PYTHON, str(APPS / "six_fastapi.py"))
FLAGS = ("--function-type", "web-http", "--max-concurrency", "10", "--keep-alive", "60")


async def ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str) -> tuple[bytes, bytes]:
    """Ask for a path on a connection that may serve more, and return head and body."""
    writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    head = await reader.readuntil(b"\r\n\r\n")
    if b"chunked" in head.lower():
        body = b""
        while size := int(await reader.readline(), 16):
            body += (await reader.readexactly(size + 2))[:-2]
        await reader.readexactly(2)
        return head, body
    length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length"))
    return head, await reader.readexactly(int(length.split(b":")[1]))


def test_each_request_is_an_invocation(tmp_path: Path) -> None:
    if find_spec("fastapi") is None or find_spec("uvicorn") is None:
        pytest.skip("fastapi and uvicorn are not installed (pip install fastapi uvicorn)")

    async def three(port: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        head, body = await ask(reader, writer, "/hello")
        assert body == b'{"hello":"world"}' and b"X-Scf-Request-Id" in head
        assert (await ask(reader, writer, "/events"))[1] == b"data: 0\n\ndata: 1\n\ndata: 2\n\n"
        assert b"404" in (await ask(reader, writer, "/nothing"))[0]
        writer.close()
        await writer.wait_closed()

    with emulating(tmp_path, *FLAGS, "-o", "run.parquet", "--", *SERVER) as run:
        asyncio.run(three(run.port))
        run.end()
    assert (run.report["outcomes"]["200"], run.report["usage"]["invocations"]) == (3, 3)
    assert run.report["proof"]["holds"], run.report["proof"]
    assert run.report["usage"]["egress_bytes"] > 17 + 27
    done = scfcost("estimate", "run.parquet", *FLAGS, "--format", "json", cwd=tmp_path)
    assert f'"total": "{run.report["monthly"]["total"]}"' in done.stdout


def test_a_request_that_takes_too_long_is_433(tmp_path: Path) -> None:
    slow = (
        "import http.server, time\n"
        "class H(http.server.BaseHTTPRequestHandler):\n"
        "  def do_GET(self): time.sleep(60)\n"
        "http.server.ThreadingHTTPServer(('0.0.0.0', 9000), H).serve_forever()"
    )

    async def one(port: int) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        answer = await reader.read()
        writer.close()
        return answer

    with emulating(tmp_path, *FLAGS, "--exec-timeout", "0.5", "--", PYTHON, "-c", slow) as run:
        assert asyncio.run(one(run.port)).startswith(b"HTTP/1.1 433")
        run.end()
    assert run.report["as_run"]["outcomes"] == {"433": 1}
    assert run.report["proof"]["holds"], run.report["proof"]
