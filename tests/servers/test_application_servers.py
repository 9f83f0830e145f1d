"""Real Mosquitto, Daphne, socket.io, Tornado and uvicorn on loopback: what they log, against what was driven."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from scfcost.core.errors import TraceError
from scfcost.trace.read import read_trace
from tests.servers.test_proxies import free_port, running

pytestmark = pytest.mark.servers
websockets_client = pytest.importorskip(
    "websockets.asyncio.client", reason="websockets is not installed (pip install websockets)"
)
SECOND_MS = 1000
"""How exactly a log in whole seconds tells an instant. [ms]"""
LIFE_S = 1.2
"""Longer than the second that no handshake takes. [s]"""
MQTT_CONNECT = b"\x10\x0d\x00\x04MQTT\x04\x02\x00\x3c\x00\x01a"
MQTT_PUBLISH = b"\x30\x07\x00\x03t/ahi"
MQTT_DISCONNECT = b"\xe0\x00"


async def drive(address: str, *payloads: bytes | str, **options: Any) -> tuple[float, float]:
    """Hold a connection a little and return when it began and ended. [s]"""
    began = time.time()
    async with websockets_client.connect(address, compression=None, ping_interval=None, **options) as client:
        for payload in payloads[:-1]:
            await client.send(payload)
        await asyncio.sleep(LIFE_S)
        for payload in payloads[-1:]:
            await client.send(payload)
    return began, time.time()


@pytest.mark.needs("mosquitto")
def test_mosquitto_logs_what_was_driven(tmp_path: Path) -> None:
    port, log, config = free_port(), tmp_path / "mosquitto.log", tmp_path / "mosquitto.conf"
    config.write_text(
        f"listener {free_port()} 127.0.0.1\n"  # 2.0.11 wants one of plain TCP, too
        f"listener {port} lo\nprotocol websockets\nallow_anonymous true\nlog_type all\nlog_timestamp true\n"
        f"log_dest file {log}\n" + ("user root\n" if os.geteuid() == 0 else "")
    )
    payloads = (MQTT_CONNECT, MQTT_PUBLISH, MQTT_DISCONNECT)
    with running(["mosquitto", "-c", str(config)], port):
        began, ended = asyncio.run(drive(f"ws://127.0.0.1:{port}/mqtt", *payloads, subprotocols=["mqtt"]))
    trace = read_trace(log)
    assert (trace.connections, trace.messages) == (1, 1)
    assert abs(trace.connect_ms[0] - began * 1000) <= SECOND_MS
    assert abs(trace.close_ms[0] - ended * 1000) <= SECOND_MS


DAPHNE = """
async def application(scope, receive, send):
    while (event := await receive())["type"] != "websocket.disconnect":
        if event["type"] == "websocket.connect":
            await send({"type": "websocket.accept"})
"""


def test_daphne_logs_an_opening_and_a_close(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("daphne", reason="daphne is not installed (pip install daphne)")
    port, log = free_port(), tmp_path / "access.log"
    (tmp_path / "echo_app.py").write_text(DAPHNE)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    command = [sys.executable, "-m", "daphne", "-b", "127.0.0.1", "-p", str(port), "--access-log", str(log)]
    with running([*command, "echo_app:application"], port):
        began, ended = asyncio.run(drive(f"ws://127.0.0.1:{port}/ws"))
    trace = read_trace(log)
    assert trace.connections == 1
    assert abs((trace.close_ms - trace.connect_ms)[0] - (ended - began) * 1000) <= SECOND_MS


SOCKET_IO = """
const { Server } = require("socket.io");
new Server(Number(process.argv[2]));
"""


@pytest.mark.needs("node")
def test_socket_io_logs_openings_and_closes_in_its_debug_output(tmp_path: Path) -> None:
    if subprocess.run(["node", "-e", "require('socket.io')"], capture_output=True, check=False).returncode:
        pytest.skip("socket.io is not installed where node finds it (npm install socket.io, NODE_PATH)")
    port, log, program = free_port(), tmp_path / "debug.log", tmp_path / "server.js"
    program.write_text(SOCKET_IO)
    command = ["env", "DEBUG=engine,socket.io*", "node", str(program), str(port)]
    with log.open("wb") as out, running(command, port, stderr=out):
        began, ended = asyncio.run(drive(f"ws://127.0.0.1:{port}/socket.io/?EIO=4&transport=websocket", "40", ""))
    trace = read_trace(log)
    assert trace.connections == 1
    assert abs(trace.connect_ms[0] - began * 1000) <= SECOND_MS
    assert abs(trace.close_ms[0] - ended * 1000) <= SECOND_MS


TORNADO = """
import asyncio, sys
import tornado.log, tornado.options, tornado.web, tornado.websocket
class Echo(tornado.websocket.WebSocketHandler):
    def on_message(self, message): self.write_message(message)
async def main():
    tornado.web.Application([("/ws", Echo)]).listen(int(sys.argv[1]), "127.0.0.1")
    await asyncio.Event().wait()
tornado.options.parse_command_line(["x", "--logging=info"])
asyncio.run(main())
"""


def test_tornado_logs_a_handshake_and_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("tornado", reason="tornado is not installed (pip install tornado)")
    port, log, program = free_port(), tmp_path / "tornado.log", tmp_path / "echo.py"
    program.write_text(TORNADO)
    with log.open("wb") as out, running([sys.executable, str(program), str(port)], port, stderr=out):
        asyncio.run(drive(f"ws://127.0.0.1:{port}/ws"))
    with pytest.raises(TraceError, match="Tornado writes the line of a WebSocket at its handshake"):
        read_trace(log)


UVICORN = """
import sys, uvicorn
async def app(scope, receive, send):
    while (event := await receive())["type"] != "websocket.disconnect":
        if event["type"] == "websocket.connect":
            await send({"type": "websocket.accept"})
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), lifespan="off")
"""


def test_uvicorn_names_no_connection_and_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("uvicorn", reason="uvicorn is not installed (pip install uvicorn)")
    port, log, program = free_port(), tmp_path / "uvicorn.log", tmp_path / "app.py"
    program.write_text(UVICORN)
    with log.open("wb") as out, running([sys.executable, str(program), str(port)], port, stdout=out, stderr=out):
        asyncio.run(drive(f"ws://127.0.0.1:{port}/ws"))
    with pytest.raises(TraceError, match="name no connection"):
        read_trace(log)
