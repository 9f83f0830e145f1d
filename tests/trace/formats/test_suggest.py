"""Mappings that are suggested for logs that nobody knows: they parse, and read the log right."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner

from scfcost.cli.app import app
from scfcost.core.errors import ConfigError, TraceError
from scfcost.trace.formats.base import Original
from scfcost.trace.formats.mapping import Fields, Mapping, Meanings, Pair, Units
from scfcost.trace.formats.mapping_example import EXAMPLE
from scfcost.trace.formats.suggest import suggestion
from scfcost.trace.model import Trace
from scfcost.trace.read import read_trace
from tests.trace.formats.test_lines import lives, log

START = 1_767_261_600_000
"""2026-01-01T10:00:00Z."""
BALANCER = {
    "httpRequest": {"latency": "600.123456s", "remoteIp": "192.0.2.9", "responseSize": "20480", "status": 101},
    "timestamp": "2026-01-01T10:00:00Z",
}
APPLICATION = """2026-01-01 10:00:00,000 INFO server ready
2026-01-01 10:00:00,000 INFO ws: client 7f3a connected from 192.0.2.9:55555
2026-01-01 10:00:02,000 INFO ws: client 7f3a sent 12 bytes
2026-01-01 10:00:05,000 INFO ws: client 8b connected from 192.0.2.9:55556
2026-01-01 10:10:00,500 INFO ws: client 7f3a disconnected code=1000
2026-01-01 10:10:05,000 INFO ws: client 8b disconnected code=1000"""
LABELLED = """[2026/01/01 10:00:00] chat INFO - WebSocket opened, id=42 (10.1.1.1)
[2026/01/01 10:00:01] chat INFO - WebSocket opened, id=43 (10.1.1.1)
[2026/01/01 10:05:01] chat INFO - WebSocket closed, id=42, code 1001
[2026/01/01 10:06:01] chat INFO - WebSocket closed, id=43, code 1001"""
SESSIONS = """session_id;user;login_at;logout_at;bytes_sent
1;anna;2026-01-01 10:00:00;2026-01-01 10:10:00;1000
2;ben;2026-01-01 10:00:05;2026-01-01 10:12:00;2000"""
CLOUD = """#Version: 1.0
#Fields: date time sc-bytes c-ip sc-status cs-bytes time-taken
2026-01-01\t10:10:00\t20480\t192.0.2.9\t101\t512\t600.123"""
IIS = """#Fields: date time c-ip sc-status sc-win32-status sc-bytes cs-bytes time-taken
2026-01-01 10:10:00 192.0.2.9 101 0 5120 2048 600123"""
BARE = "1767262200,600.123,192.0.2.9,101,20480\n1767262260,3.5,192.0.2.9,200,512"
EVENTS = "\n".join(
    json.dumps({"ts": START + at, "ev": what, "conn": key})
    for at, what, key in ((0, "ws_open", "a"), (500, "ws_open", "b"), (900, "ws_close", "a"), (2_000, "ws_close", "b"))
)
SENTENCES = "\n".join(
    json.dumps({"asctime": f"2026-01-01 10:00:{second:02},000", "level": "INFO", "message": f"client {key} {what}"})
    for second, key, what in (
        (0, "7f3a", "connected"),
        (1, "8b01", "connected"),
        (9, "7f3a", "left"),
        (10, "8b01", "left"),
    )
)
ENDS = "\n".join(
    json.dumps(
        {"ts": START / 1000 + at + 0.5, "msg": "ws connection closed", "conn_id": key, "duration_ms": 500 + at * 1000}
    )
    for at, key in ((0, "x1"), (5, "x2"))
)
TEXTS = "\n".join(
    json.dumps({"@timestamp": f"2026-01-01T10:00:0{second}Z", "message": json.dumps({"event": what, "id": key})})
    for second, what, key in ((0, "connect", "a"), (1, "connect", "b"), (2, "disconnect", "a"), (4, "disconnect", "b"))
)
LOG4J = """2026-01-01 10:00:00,000 INFO  [http-nio-1] c.e.ChatSocket - Session opened: 0a1b-11
2026-01-01 10:00:05,000 INFO  [http-nio-2] c.e.ChatSocket - Session opened: 0a1b-12
2026-01-01 10:10:00,500 INFO  [http-nio-3] c.e.ChatSocket - Session closed: 0a1b-11 CloseStatus[code=1000]
2026-01-01 10:12:00,000 INFO  [http-nio-3] c.e.ChatSocket - Session closed: 0a1b-12 CloseStatus[code=1001]"""
GO = """2026/01/01 10:00:00 ws: new connection id=42 addr=192.0.2.9:5
2026/01/01 10:00:01 ws: new connection id=43 addr=192.0.2.8:5
2026/01/01 10:10:00 ws: connection closed id=42
2026/01/01 10:10:02 ws: connection closed id=43"""
PYTHON = """INFO:2026-01-01 10:00:00,000:chat:Client 5f1e connected
INFO:2026-01-01 10:00:09,000:chat:Client 6a2b connected
INFO:2026-01-01 10:10:00,500:chat:Client 5f1e disconnected
INFO:2026-01-01 10:11:00,000:chat:Client 6a2b disconnected"""
CHINESE = """2026-01-01 10:00:00.000 INFO 客户端连接 sessionId=s1
2026-01-01 10:00:02.000 INFO 客户端连接 sessionId=s2
2026-01-01 10:10:00.500 INFO 客户端断开 sessionId=s1
2026-01-01 10:11:02.000 INFO 客户端断开 sessionId=s2"""
ECHO = {"time": "2026-01-01T10:10:00.123456Z", "remote_ip": "192.0.2.9", "status": 101, "latency": 600123456789,
        "latency_human": "10m0.123456789s", "bytes_in": 0, "bytes_out": 20480}  # fmt: skip
PINO = {"level": 30, "time": START + 600_000, "res": {"statusCode": 101}, "responseTime": 600000.1, "msg": "completed"}
WORDS = ("connected", "disconnected")
KINDS = {
    "JSON within texts of JSON": (TEXTS, [(0, 2_000), (1_000, 3_000)]),
    "sentences in JSON": (SENTENCES, [(0, 9_000), (1_000, 9_000)]),
    "seconds with decimals in JSON": (ENDS, [(0, 500), (0, 5_500)]),
    "array of JSON": (json.dumps([BALANCER]), [(0, 600_123)]),
    "records": (json.dumps({"records": [BALANCER]}), [(0, 600_123)]),
    "text, a word": (APPLICATION, [(0, 600_500), (5_000, 600_000)]),
    "text, a label": (LABELLED, [(0, 301_000), (1_000, 360_000)]),
    "start and end": (SESSIONS, [(0, 600_000), (5_000, 715_000)]),
    "W3C, seconds": (CLOUD, [(-123, 600_123)]),
    "W3C, milliseconds of IIS": (IIS, [(-123, 600_123)]),
    "no header": (BARE, [(-123, 600_123)]),
    "text of log4j": (LOG4J, [(0, 600_500), (5_000, 715_000)]),
    "text of Go": (GO, [(0, 600_000), (1_000, 601_000)]),
    "text of Python": (PYTHON, [(0, 600_500), (9_000, 651_000)]),
    "text in Chinese": (CHINESE, [(0, 600_500), (2_000, 660_000)]),
    "a length with its unit": (json.dumps(ECHO), [(0, 600_123)]),
    "milliseconds of Node": (json.dumps(PINO), [(0, 600_000)]),
    "events of JSON": (EVENTS, [(0, 900), (500, 1_500)]),
}


def suggested(folder: Path, text: str) -> tuple[str, Path]:
    path = log(folder / "a.log", text)
    return suggestion(Original(path, "a.log")), path


def read(folder: Path, mapping: str, path: Path) -> Trace:
    return read_trace(path, source_format=str(log(folder / "m.toml", mapping)))


@pytest.mark.parametrize("kind", KINDS)
def test_a_suggestion_reads_the_log_as_it_stands(tmp_path: Path, kind: str) -> None:
    text, expected = KINDS[kind]
    mapping, path = suggested(tmp_path, text)
    assert lives(read(tmp_path, mapping, path)) == [(START + start, life) for start, life in expected]


def test_a_unit_that_nothing_tells_is_left_to_choose(tmp_path: Path) -> None:
    rows = [{"ended": START, "lasted": 600123, "peer": "x"}]
    mapping, path = suggested(tmp_path, "\n".join(map(json.dumps, rows)))
    assert 'duration = "s|ms|us|ns|min|h"  # choose one: is 600123 seconds' in mapping
    with pytest.raises(ConfigError, match=r"units\.duration: Input should be 's', 'ms', 'us', 'ns', 'min' or 'h'"):
        read(tmp_path, mapping, path)
    assert lives(read(tmp_path, mapping.replace("s|ms|us|ns|min|h", "ms"), path)) == [(START - 600_123, 600_123)]


def test_a_year_that_nothing_tells_is_left_to_say(tmp_path: Path) -> None:
    lines = [f"Jan  1 10:{minute:02}:00 host app[12]: [ws] 192.0.2.9:44 {what}" for minute, what in enumerate(WORDS)]
    mapping, path = suggested(tmp_path, "\n".join(lines))
    with pytest.raises(ConfigError, match=r"units\.year: Input should be greater"):
        read(tmp_path, mapping, path)
    assert lives(read(tmp_path, mapping.replace("year = 0", "year = 2026"), path)) == [(START, 60_000)]


def test_the_order_of_the_rows_tells_a_start(tmp_path: Path) -> None:
    rows = [(30, 1), (0, 60), (45, 20), (10, 100)]
    text = "\n".join(json.dumps({"ts": START + at * 1000, "secs": secs}) for at, secs in rows)
    mapping, path = suggested(tmp_path, text)
    assert 'connect_time = "ts"' in mapping
    assert "by the order of the rows" in mapping
    assert lives(read(tmp_path, mapping, path))[0] == (START, 60_000)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a,b\n1,x\n2,y", r"no two fields tell a start.*its fields are: a \(1\), b \(x\).*formats mapping"),
        ("nothing here\nnor here", "no two lines tell an opening and a close.*begins: nothing here"),
    ],
)
def test_a_log_that_tells_no_lives_is_answered_with_what_it_tells(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(TraceError, match=rf"a\.log: {said}"):
        suggested(tmp_path, text)


def test_the_example_parses_and_names_every_key() -> None:
    assert Mapping.model_validate(tomllib.loads(EXAMPLE)).fields.bytes_out == ("response.size",)
    for model in (Mapping, Fields, Units, Meanings, Pair):
        missing = [name for name in model.model_fields if not re.search(rf"(?m)^(# )?\[?{name}\b", EXAMPLE)]
        assert not missing, f"{model.__name__}: {missing}"


def test_columns_named_otherwise_are_read_from_any_table(tmp_path: Path) -> None:
    columns = {"connect_time": "login_at", "close_time": "logout_at", "bytes_out": "bytes_sent"}
    trace = read_trace(log(tmp_path / "t.csv", SESSIONS), columns=columns)
    assert lives(trace) == [(START, 600_000), (START + 5_000, 715_000)]
    assert trace.total_bytes_out.tolist() == [1000, 2000]  # type: ignore[union-attr]
    parts = {"close_time": "date+time", "duration_s": "time-taken"}
    assert lives(read_trace(log(tmp_path / "c.log", CLOUD), columns=parts)) == [(START - 123, 600_123)]
    numbers = log(tmp_path / "n.csv", "connect_time,took", f"{START},1500")
    assert lives(read_trace(numbers, columns={"duration_ms": "took"})) == [(START, 1_500)]


def test_columns_of_parquet_are_renamed_and_rows_keep_their_numbers(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = tmp_path / "t.parquet"
    pq.write_table(pa.table({"id": ["a", "b"], "began": [START, START], "secs": [1.5, -1.0]}), path)
    columns = {"connection_id": "id", "connect_time": "began", "duration_s": "secs"}
    with pytest.raises(TraceError, match=r"t\.parquet:2: duration_s"):
        read_trace(path, columns=columns)
    with pytest.raises(TraceError, match="no column 'sec'; did you mean 'secs'"):
        read_trace(path, columns={"duration_s": "sec"})


@pytest.mark.parametrize(
    ("columns", "error", "said"),
    [
        (
            {"connect_time": "login", "close_time": "logout_at"},
            TraceError,
            "no column 'login'; did you mean 'login_at'",
        ),
        ({"connect_time": "login_at"}, ConfigError, "column: .*two of connect_time, close_time and duration"),
        ({"connect_time": "login_at", "duration": "bytes_sent"}, ConfigError, "duration_s=bytes_sent, duration_ms="),
    ],
)
def test_columns_that_do_not_do_are_refused(
    tmp_path: Path, columns: dict[str, str], error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        read_trace(log(tmp_path / "t.csv", SESSIONS), columns=columns)


ADVISED = {
    "fiber": (
        "10:10:00 | 101 |      36.5µs |       127.0.0.1 | GET     | /ws             | -",
        "2026/01/01 10:{minute}:00 ws {what} {key}",
        ("7f3a1c", "8b2d44"),
    ),
    "phoenix": (
        "2026-01-01 10:00:00.000 [info] CONNECTED TO MyAppWeb.UserSocket in 23µs",
        "2026-01-01 10:{minute}:00.101 [info] {what} #PID<{key}>",
        ("0.512.0", "0.530.0"),
    ),
    "tornado": (
        "[I 260101 10:10:00 web:2348] 101 GET /ws (192.0.2.9) 1.00ms",
        "[I 260101 10:{minute}:00 chat:31] ws {what} {key}",
        ("140231", "140232"),
    ),
    "werkzeug": (
        '192.0.2.9 - - [01/Jan/2026 10:10:00] "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1" 200 -',
        "2026-01-01 10:{minute}:00,123 ws {what} {key}",
        ("S6ePVwc1c5wjvjJNAAAA", "vjJNAAAAcwjQrstCBAAB"),
    ),
    "granian": (
        '[2026-01-01 10:10:00 +0000] 192.0.2.9 - "- /ws HTTP/1.1" 101 0.012',
        "2026-01-01 10:{minute}:00,123 ws {what} {key}",
        ("0f3c9a7be1d24c6f8a5b4c3d2e1f0a9b", "abcdefabcdefabcdefabcdefabcdefab"),
    ),
    "hypercorn": (
        '192.0.2.9:5 - - [01/Jan/2026:10:10:00 +0000] "GET /ws 1.1" 101 - "-" "Mozilla/5.0"',
        "2026-01-01 10:{minute}:00,123 ws {what} {key}",
        ("0f3c9a7be1d24c6f8a5b4c3d2e1f0a9b", "abcdefabcdefabcdefabcdefabcdefab"),
    ),
    "uvicorn": (
        "2026-01-01T10:00:00.000000000Z INFO:     connection open",
        "2026-01-01 10:{minute}:00,123 - INFO - ws {what} {key}",
        ("140231", "140232"),
    ),
}
"""What a framework writes, and the lines that it is advised to have beside."""


@pytest.mark.parametrize("name", ADVISED)
def test_lines_that_a_refusal_asks_for_are_read_beside_those_that_were_there(tmp_path: Path, name: str) -> None:
    own, line, keys = ADVISED[name]
    asked = [line.format(minute=at, what=what, key=key)
             for at, what in (("00", "open"), ("10", "close")) for key in keys]  # fmt: skip
    path = log(tmp_path / "app.log", own, asked[0], own, *asked[1:], own)
    mapping = tmp_path / "pair.toml"
    done = CliRunner().invoke(app, ["import", str(path), "--suggest", "-o", str(mapping)])
    assert done.exit_code == 0, done.exception
    assert [life for _, life in lives(read_trace(path, source_format=str(mapping)))] == [600_000] * 2
    with pytest.raises(TraceError, match=rf"lines of it tell openings .* `scfcost import {path} --suggest"):
        read_trace(path)
    refused = CliRunner().invoke(app, ["import", str(log(tmp_path / "own.log", own)), "--suggest"])
    assert f"import {tmp_path / 'own.log'} --suggest > mapping.toml` then writes" in str(refused.exception)


def test_lines_that_name_no_connection_are_paired_in_their_order(tmp_path: Path) -> None:
    """As uvicorn writes them, behind the times of a container."""
    lines = [f"2026-01-01T10:{at:02}:00.000000000Z INFO:     connection {what}"
             for at, what in ((0, "open"), (1, "open"), (5, "closed"), (9, "closed"))]  # fmt: skip
    mapping, path = suggested(tmp_path, "\n".join(lines))
    trace = read(tmp_path, mapping, path)
    assert [life for _, life in lives(trace)] == [300_000, 480_000]
    assert any("exact together" in one.message for one in trace.provenance.warnings)
    with pytest.raises(ConfigError, match="name no connection need shared = true"):
        read(tmp_path, mapping.replace("shared = true", ""), path)


def test_times_without_a_day_take_the_day_that_is_said_and_the_next_at_midnight(tmp_path: Path) -> None:
    """As logback and log4j write them by default."""
    lines = [f"{at} [http-nio-1] INFO  c.e.Chat - Session {what}: {key}-11"
             for at, what, key in (("22:00:00.000", "opened", "a1"), ("23:59:00.000", "opened", "b2"),
                                   ("00:09:00.500", "closed", "b2"), ("00:10:00.000", "closed", "a1"))]  # fmt: skip
    mapping, path = suggested(tmp_path, "\n".join(lines))
    with pytest.raises(ConfigError, match=r"units\.day: Input should be a valid date"):
        read(tmp_path, mapping, path)
    dated = mapping.replace("YYYY-MM-DD", "2026-01-01")
    assert lives(read(tmp_path, dated, path)) == [(START + 43_200_000, 7_800_000), (START + 50_340_000, 600_500)]
    for units, said in (("", "holds no day"), ('day = "2026-01-01"\nyear = 2026', "holds no day")):
        with pytest.raises(ConfigError, match=said):
            read(tmp_path, dated.replace('day = "2026-01-01"', units), path)
    with pytest.raises(ConfigError, match="hold their day"):
        read(tmp_path, dated.replace('time = "%H:%M:%S.%f"', 'time = "%Y-%m-%d %H:%M:%S"'), path)


DATED = "id,start,end\na,01/02/2026 10:00,01/02/2026 10:10\n"
FEBRUARY_MS, JANUARY_MS = 1_769_940_000_000, 1_767_348_000_000
"""10:00 on 1 February and on 2 January."""


@pytest.mark.parametrize(("form", "start"), [("%d/%m/%Y %H:%M", FEBRUARY_MS), ("%m/%d/%Y %H:%M", JANUARY_MS)])
def test_whether_the_day_stands_first_is_asked_and_not_guessed(tmp_path: Path, form: str, start: int) -> None:
    mapping, path = suggested(tmp_path, DATED)
    with pytest.raises(ConfigError, match=r"Write %d/%m/%Y %H:%M .day first. or %m/%d/%Y %H:%M .month first."):
        read(tmp_path, mapping, path)
    with pytest.raises(ConfigError, match="day first"):
        read_trace(path, columns={"connect_time": "start", "close_time": "end"})
    chosen = re.sub('(?m)^time = "[^"]*"', f'time = "{form}"', mapping)
    assert lives(read(tmp_path, chosen, path)) == [(start, 600_000)]


def test_a_thirteenth_tells_which_number_is_the_day(tmp_path: Path) -> None:
    mapping, path = suggested(tmp_path, f"{DATED}b,13/02/2026 10:00,13/02/2026 10:20\n")
    assert [life for _, life in lives(read(tmp_path, mapping, path))] == [600_000, 1_200_000]


@pytest.mark.parametrize(
    ("header", "cell", "lasted"),
    [
        ("duration_min", "20.5", 1_230_000),
        ("lasted_hours", "1.5", 5_400_000),
        ("duration", "20.5 minutes", 1_230_000),
        ("duration", "1 hour 20 mins", 4_800_000),
        ("duration", "1h 20m", 4_800_000),
        ("duration", "500 milliseconds", 500),
    ],
)
def test_lengths_in_minutes_and_hours_are_told_by_their_names(
    tmp_path: Path, header: str, cell: str, lasted: int
) -> None:
    mapping, path = suggested(tmp_path, f"id,connected_at,{header}\na,2026-01-01 10:00:00,{cell}\n")
    assert lives(read(tmp_path, mapping, path)) == [(START, lasted)]


FLOW = "2 123456789010 eni-1235b8ca 192.0.2.9 192.0.2.1 20641 443 6 20 4249 1767261600 1767261660 ACCEPT OK"
FLOW_JSON = {
    "interface_id": "eni-1",
    "srcaddr": "192.0.2.9",
    "start": 1767261600,
    "end": 1767261660,
    "log_status": "OK",
}


@pytest.mark.parametrize("line", [FLOW, FLOW.replace(" ", ","), json.dumps(FLOW_JSON)])
def test_windows_of_a_flow_log_are_no_lives(tmp_path: Path, line: str) -> None:
    path = log(tmp_path / "a.log", line, line)
    for reading in (read_trace, lambda path: suggestion(Original(path, str(path)))):
        with pytest.raises(TraceError, match="its start and end are those of the count"):
            reading(path)  # type: ignore[operator]
