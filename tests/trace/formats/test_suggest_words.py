# ruff: noqa: E501 (lines of logs stay whole)
"""Mappings that are suggested for lines of text, in the words of servers, frameworks and loggers as people post them.

Sources: the output of the products' own default loggers, and lines quoted in public issues (emqx/emqx 6237 and 6340,
spring-projects' tutorials on WebSockets, Nest's gateways), with other values.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scfcost.core.errors import TraceError
from tests.trace.formats.test_lines import lives
from tests.trace.formats.test_suggest import START, read, suggested

NAMED = {
    "Spring, a listener": ("{at} INFO 1 --- [exec-1] c.e.Listener : Received a new web socket connection, sessionId=3f2c",
                           "{at} INFO 1 --- [exec-2] c.e.Listener : User Disconnected, sessionId=3f2c"),
    "Spring, its decorator": ("{at} DEBUG 1 --- [exec-1] o.s.Logging : New StandardWebSocketSession[id=3f2c-1, uri=ws://a/ws]",
                              "{at} DEBUG 1 --- [exec-2] o.s.Logging : StandardWebSocketSession[id=3f2c-1] closed with 1000"),
    "EMQX 5": ("{at} [info] msg: client_connected, clientid: c1, peername: 192.0.2.9:5",
               "{at} [info] msg: client_disconnected, clientid: c1, peername: 192.0.2.9:5, reason: normal"),
    "EMQX 4": ("{at} [info] c1@192.0.2.9:5 [Channel] client connected",
               "{at} [info] c1@192.0.2.9:5 msg: terminate, reason: tcp_closed"),
    "structlog's console": ("{at} [info     ] websocket_connected    client_id=c1", "{at} [info     ] websocket_disconnected client_id=c1"),
    "Swoole": ("[{at}] local.INFO: websocket onOpen fd:12", "[{at}] local.INFO: websocket onClose fd:12"),
    "Colyseus": ("{at}Z colyseus:connection onJoin(roomId: 'a1', sessionId: 'Xa1b')", "{at}Z colyseus:connection onLeave(roomId: 'a1', sessionId: 'Xa1b')"),
    "ejabberd": ("{at}+00:00 [info] <0.812.0>@ejabberd_c2s:init:1 (websocket|<0.811.0>) Accepted connection 192.0.2.9",
                 "{at}+00:00 [info] <0.812.0>@ejabberd_c2s:process_closed:1 (websocket|<0.811.0>) Closing c2s connection"),
    "NATS": ("[1] 2026/01/01 10:00:00.000000 [DBG] 192.0.2.9:5 - wid:5 - Websocket client connection created",
             "[1] 2026/01/01 10:10:00.123000 [DBG] 192.0.2.9:5 - wid:5 - Websocket client connection closed: Client Closed"),
    "PM2": ("0|chat     | {at} +00:00: client connected 7f3a1c22", "0|chat     | {at} +00:00: client disconnected 7f3a1c22"),
    "LiveKit": ('{at}Z\tINFO\tnew client WS connected\t{{"connID": "p1"}}', '{at}Z\tINFO\tfinishing WS connection\t{{"connID": "p1", "closedByClient": true}}'),
    "Ratchet": ("[{at}] New connection! (54)", "[{at}] Connection 54 has disconnected"),
    "a hub of Go": ("{at} register 0xc000123456", "{at} unregister 0xc000123456"),
    "Netty": ("{at} INFO c.e.Ws - channelActive: [id: 0x7f3a1c22, R:/192.0.2.9:5]",
              "{at} INFO c.e.Ws - channelInactive: [id: 0x7f3a1c22, R:/192.0.2.9:5]"),
    "Workerman": ("{at} 用户上线 uid:1001", "{at} 用户下线 uid:1001"),
    "Python, an id of hexadecimal digits": ("{at} INFO ws.server: connection 8f3a1c20 established from 192.0.2.9",
                                            "{at} INFO ws.server: disconnect 8f3a1c20"),
    "no more than the words": ("{at}Z connection a1", "{at}Z disconnect a1"),
    "the words and an address": ("{at}Z connection: a1 from 192.0.2.9", "{at}Z disconnect: a1"),
    "a hub": ("{at} +00:00 [INF] Client connected: iAbCdEfGhIjKl", "{at} +00:00 [INF] Client disconnected: iAbCdEfGhIjKl"),
    "Loki": ('{{"line": "client 7f3a connected", "timestamp": "{at}Z"}}', '{{"line": "client 7f3a disconnected", "timestamp": "{at}Z"}}'),
    "fluentd": ('{at}Z\tapp.chat\t{{"event":"connect","sid":"a1"}}', '{at}Z\tapp.chat\t{{"event":"disconnect","sid":"a1"}}'),
    "the application's time behind that of syslog": (
        "Jan 01 09:59:00 host chat[1]: {at} INFO client 7f3a connected", "Jan 01 10:09:00 host chat[1]: {at} INFO client 7f3a disconnected"),
}  # fmt: skip
"""Lines of an opening and of a close in the words of servers and loggers, as people post them."""
WHOLE = {
    "a sentence": "{at} INFO ws client 7f3a disconnected after 600.123 seconds, 20480 bytes sent",
    "logfmt": 'ts={at}Z level=info msg="websocket session ended" remote=192.0.2.9 duration_ms=600123 bytes_sent=20480',
    "Go": "{at} ws closed remote=192.0.2.9:5 code=1000 duration=10m0.123s in=61 out=20480",
    "no name, three decimals": "{at}Z 192.0.2.9 ws.example GET /ws HTTP/1.1 101 20480 600.123 bytes_sent=20480",
    "the status before the request": '192.0.2.9 - - {at} 101 "GET /ws HTTP/1.1" bytes_sent=20480 "-" rt=600.123 us=101',
    "slog": 'time={at}Z level=INFO msg="Incoming request" response.latency=10m0.123s response.status=101 response.length=20480',
}
"""Lines that tell a whole connection."""
CLOCKED = {
    "Render": ("Jan 1 10:00:00 PM  WebSocket connected: 7f3a1c22", "Jan 1 10:10:00 PM  WebSocket disconnected: 7f3a1c22", 43_200_000),
    "Nest": ("[Nest] 1  - 01/01/2026, 10:00:00 AM  LOG [Chat] Client connected: Xa1b",
             "[Nest] 1  - 01/01/2026, 10:10:00 AM  LOG [Chat] Client disconnected: Xa1b", 0),
    "zerolog's console": ("10:00AM INF client connected conn=a1", "10:10AM INF client disconnected conn=a1", 0),
}  # fmt: skip
"""Times of twelve hours."""


@pytest.mark.parametrize("server", NAMED)
def test_openings_and_closes_are_found_in_the_words_of_servers(tmp_path: Path, server: str) -> None:
    opened, closed = NAMED[server]
    lines = (opened.format(at="2026-01-01T10:00:00.000"), closed.format(at="2026-01-01T10:10:00.123"))
    mapping, path = suggested(tmp_path, "\n".join(lines))
    assert lives(read(tmp_path, mapping, path)) == [(START, 600_123)]


@pytest.mark.parametrize("server", WHOLE)
def test_lines_that_each_tell_a_whole_connection_are_found_in_text(tmp_path: Path, server: str) -> None:
    other = "{at} INFO GET / status=200 duration=3ms".format(at="2026-01-01T10:09:00.000")
    mapping, path = suggested(tmp_path, f"{other}\n{WHOLE[server].format(at='2026-01-01T10:10:00.123')}")
    trace = read(tmp_path, mapping, path)
    assert (lives(trace), trace.total_bytes_out.tolist()) == ([(START, 600_123)], [20480])  # type: ignore[union-attr]


@pytest.mark.parametrize("server", CLOCKED)
def test_times_of_twelve_hours_are_told_from_those_of_a_day(tmp_path: Path, server: str) -> None:
    *lines, later = CLOCKED[server]
    mapping, path = suggested(tmp_path, "\n".join(map(str, lines)))
    dated = mapping.replace("YYYY-MM-DD", "2026-01-01").replace("year = 0", "year = 2026")
    assert lives(read(tmp_path, dated, path)) == [(START + int(later), 600_000)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("client,connected_at,disconnected_at\nc1,2026-01-01 10:00:00,2026-01-01 10:10:00", (START, 600_000)),
        (
            "time,request_processing_time,status,request_creation_time\n2026-01-01T10:10:00.123Z,0.001,101,2026-01-01T10:00:00Z",
            (START, 600_123),
        ),
        ("1767262200.123\t192.0.2.9\t0.002\t101\t600.123", (START, 600_123)),
    ],
)
def test_the_whole_is_told_from_its_parts(tmp_path: Path, text: str, expected: tuple[int, int]) -> None:
    mapping, path = suggested(tmp_path, text)
    assert lives(read(tmp_path, mapping, path)) == [expected]


def test_what_follows_a_connection_opens_no_other(tmp_path: Path) -> None:
    steps = (("connected", 0), ("subscribed", 1), ("joined", 2), ("disconnected", 9))
    rows = [
        {"ts": START + at * 1000 + 100 * number, "event": what, "conn": f"c{number}"}
        for what, at in steps
        for number in range(2)
    ]
    mapping, path = suggested(tmp_path, "\n".join(map(json.dumps, rows)))
    assert [life for _, life in lives(read(tmp_path, mapping, path))] == [9_000, 9_000]


def test_who_leaves_a_room_stays_connected(tmp_path: Path) -> None:
    steps = (("connect", 0), ("join_room", 1), ("leave_room", 2), ("disconnect", 9))
    rows = [{"ts": START + at * 1000, "event": what, "socket": "s1"} for what, at in steps]
    mapping, path = suggested(tmp_path, "\n".join(map(json.dumps, rows)))
    assert lives(read(tmp_path, mapping, path)) == [(START, 9_000)]


def test_a_key_of_several_connections_at_a_time_is_shared(tmp_path: Path) -> None:
    lines = [f"2026-01-01T10:0{at}:00Z user u1 {what}" for at, what in
             ((0, "connected"), (1, "connected"), (5, "disconnected"), (8, "disconnected"))]  # fmt: skip
    mapping, path = suggested(tmp_path, "\n".join(lines))
    assert [life for _, life in lives(read(tmp_path, mapping, path))] == [300_000, 420_000]
    events = (
        (0, "open", "a"),
        (1, "open", "a"),
        (2, "open", "b"),
        (5, "close", "a"),
        (6, "close", "b"),
        (9, "close", "a"),
    )
    rows = [{"ts": START + at, "ev": what, "who": key} for at, what, key in events]
    mapping, path = suggested(tmp_path, "\n".join(map(json.dumps, rows)))
    assert "shared = true" in mapping
    assert [life for _, life in lives(read(tmp_path, mapping, path))] == [5, 8, 4]


def test_handshakes_are_no_lives_and_large_numbers_no_seconds(tmp_path: Path) -> None:
    with pytest.raises(TraceError, match="no two lines tell"):
        suggested(tmp_path, "2026-01-01T10:10:00Z INFO tower_http: finished processing latency=0 ms status=101")
    with pytest.raises(TraceError, match="its upgrades take less than a second"):
        suggested(tmp_path, json.dumps({"time": "2026-01-01T10:00:00Z", "latency_ns": 2000000, "http": {"code": 101}}))
    mapping, _ = suggested(tmp_path, "method=GET path=/cable status=101 duration=600123.4 time=2026-01-01T10:10:00Z")
    assert "choose one: is 600123.4 seconds" in mapping
