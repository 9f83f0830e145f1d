"""Real headless Chromium on loopback: what its network panel would export, against what was driven.

A browser without a window exports no file, so the HAR is put together of what the panel itself is told: the events of
the Network domain of the DevTools protocol, whose times of messages are those of a monotonic clock.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from scfcost.trace.model import CONTROL, DIRECTION_MASK, DOWN, UP, Trace
from scfcost.trace.read import read_trace
from tests.servers.peers import answer

pytestmark = [
    pytest.mark.servers,
    pytest.mark.needs("chromium", "chromedriver"),
]
webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed (pip install selenium)")
websockets = pytest.importorskip("websockets", reason="websockets is not installed (pip install websockets)")
NEAR_MS = 5
"""How exactly a start and an end must agree. [ms]"""
TEXT, BINARY = 1000, 300
"""Sizes of the messages that a page sends, and gets back. [B]"""
PAGE = """
const [port, how, done] = arguments;
const now = () => performance.timeOrigin + performance.now();
const found = {before: now()};
const socket = new WebSocket(`ws://127.0.0.1:${port}/chat`);
let answers = 0;
socket.onopen = () => { found.opened = now(); socket.send('é'.repeat(500)); };
socket.onmessage = () => {
  answers += 1;
  if (answers === 1) { setTimeout(() => socket.send(new Uint8Array(300)), 60); return; }
  found.last = now();
  if (how === 'server') { socket.send('close 1011'); } else { socket.close(...(how ? [how] : [])); }
};
socket.onclose = (event) => { found.closed = now(); found.code = event.code; done(found); };
"""


class Driven(NamedTuple):
    """What a page saw of its connection. [ms]"""

    before: float
    opened: float
    last: float
    closed: float
    code: int


class Blank(BaseHTTPRequestHandler):
    """A page of the same origin: pages from elsewhere may not reach into the local network."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>chat</title>")

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def serving() -> Iterator[tuple[int, int]]:
    """Serve a blank page and a WebSocket, each on a port of its own."""
    from websockets.asyncio.server import serve

    ready, stop, ports = threading.Event(), asyncio.Event(), list[int]()
    loop = asyncio.new_event_loop()

    async def sockets() -> None:
        async with serve(answer, "127.0.0.1", 0, ping_interval=None) as server:
            ports.append(server.sockets[0].getsockname()[1])
            ready.set()
            await stop.wait()

    pages = HTTPServer(("127.0.0.1", 0), Blank)
    threads = [threading.Thread(target=loop.run_until_complete, args=(sockets(),)),
               threading.Thread(target=pages.serve_forever)]  # fmt: skip
    for thread in threads:
        thread.start()
    ready.wait()
    try:
        yield pages.server_address[1], ports[0]
    finally:
        pages.shutdown()
        pages.server_close()
        loop.call_soon_threadsafe(stop.set)
        for thread in threads:
            thread.join()
        loop.close()


@contextmanager
def browser(profile: Path) -> Iterator[Any]:
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium")
    for one in (
        "--headless=new",
        "--no-sandbox",
        "--disable-dev-shm-usage",
        "--disable-gpu",
        f"--user-data-dir={profile}",
    ):
        options.add_argument(one)
    options.set_capability("goog:loggingPrefs", {"performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(shutil.which("chromedriver")))
    try:
        driver.execute_cdp_cmd("Network.enable", {})
        yield driver
    finally:
        driver.quit()


def har_of(events: list[dict[str, Any]]) -> dict[str, Any]:
    """Put a HAR together as the network panel does: an entry a socket, its messages by the clock of the wall."""
    entries: dict[str, dict[str, Any]] = {}
    clocks, starts = dict[str, float](), dict[str, float]()
    for event in events:
        number, params = event["params"].get("requestId"), event["params"]
        match event["method"]:
            case "Network.webSocketCreated":
                entries[number] = {"_resourceType": "websocket", "_webSocketMessages": [], "response": {}}
            case "Network.webSocketWillSendHandshakeRequest":
                clocks[number] = params["wallTime"] - params["timestamp"]
                starts[number] = params["wallTime"]
                entries[number]["startedDateTime"] = iso(params["wallTime"])
            case "Network.webSocketHandshakeResponseReceived":
                entries[number]["response"]["status"] = params["response"]["status"]
            case "Network.webSocketFrameSent" | "Network.webSocketFrameReceived":
                frame = params["response"]
                kind = "send" if event["method"].endswith("Sent") else "receive"
                message = {"type": kind, "time": params["timestamp"] + clocks[number], "opcode": int(frame["opcode"])}
                entries[number]["_webSocketMessages"].append({**message, "data": frame["payloadData"]})
            case "Network.webSocketClosed":
                entries[number]["time"] = (params["timestamp"] + clocks[number] - starts[number]) * 1000
    return {"log": {"version": "1.2", "entries": list(entries.values())}}


def iso(seconds: float) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


ENDS = ((1000, 1000), (4000, 4000), (None, 1005), ("server", 1011))


def test_a_browsers_record_tells_every_connection_as_it_was_driven(tmp_path: Path) -> None:
    with serving() as (page, port), browser(tmp_path / "profile") as driver:
        driver.set_script_timeout(120)
        driver.get(f"http://127.0.0.1:{page}/")
        driven = [Driven(**driver.execute_async_script(PAGE, port, how)) for how, _ in ENDS]
        events = [json.loads(one["message"])["message"] for one in driver.get_log("performance")]
    assert [one.code for one in driven] == [code for _, code in ENDS]
    sockets = [one for one in events if one["method"].startswith("Network.webSocket")]
    (tmp_path / "page.har").write_text(json.dumps(har_of(sockets)))
    trace = read_trace(tmp_path / "page.har")
    assert trace.connections == len(driven)
    for number, one in enumerate(driven):
        assert one.before - NEAR_MS <= trace.connect_ms[number] <= one.opened + NEAR_MS
        assert one.last - NEAR_MS <= trace.close_ms[number] <= one.closed + NEAR_MS
        assert_messages(trace, number, closes_itself=ENDS[number][0] == "server")


def assert_messages(trace: Trace, number: int, *, closes_itself: bool) -> None:
    own = slice(trace.offsets[number], trace.offsets[number + 1])
    flags = trace.message_flags[own]
    assert not (flags & CONTROL).any()
    sizes = {one: trace.message_bytes[own][flags & DIRECTION_MASK == one].tolist() for one in (UP, DOWN)}
    assert sizes[UP] == [TEXT, BINARY, *([len("close 1011")] if closes_itself else [])]
    assert sizes[DOWN] == [TEXT, BINARY]
