"""Logs that a mapping describes: units in the value, dates apart from times, W3C, tables without a header, text."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scfcost.core.errors import ConfigError, TraceError
from scfcost.trace.model import Trace
from scfcost.trace.read import read_trace
from tests.trace.formats.test_lines import lives, log, notes

START = 1_767_261_600_000
"""2026-01-01T10:00:00Z."""

HEADER = "#Fields: date time sc-status sc-bytes cs-bytes time-taken"
LOAD_BALANCER = """
[fields]
connect_time = "timestamp"
duration = "httpRequest.latency"
bytes_out = "httpRequest.responseSize"
client = "httpRequest.remoteIp"
[only]
"httpRequest.status" = 101
"""
W3C = """
kind = "w3c"
[fields]
close_time = ["date", "time"]
duration = "time-taken"
bytes_out = "sc-bytes"
bytes_in = "cs-bytes"
[units]
duration = "ms"
[only]
sc-status = ["101", "1010"]
"""
HUB = """
[fields]
time = "time"
[only]
"properties.connectionType" = "Client"
[pair]
key = "properties.connectionId"
open = { operationName = "ConnectionStarted" }
close = { operationName = ["ConnectionEnded", "ConnectionAborted"] }
"""
TEXT = r"""
kind = "text"
[units]
time = "%Y-%m-%d %H:%M:%S,%f"
[pair]
open = '^(?P<time>\S+ \S+) .* client (?P<key>\w+) joined from (?P<client>\S+)'
close = '^(?P<time>\S+ \S+) .* client (?P<key>\w+) left: (?P<close_code>\d+)'
message_up = '^(?P<time>\S+ \S+) .* client (?P<key>\w+) sent (?P<bytes>\d+)'
message_down = '^(?P<time>\S+ \S+) .* to client (?P<key>\w+): (?P<bytes>\d+)'
restart = '^(?P<time>\S+ \S+) .* listening'
"""


def read(folder: Path, mapping: str, *lines: str, tz: str | None = None) -> Trace:
    path = log(folder / "m.toml", mapping)
    return read_trace(log(folder / "a.log", *lines), source_format=str(path), tz=tz)


def balancer(latency: str, status: int = 101) -> str:
    request = {"latency": latency, "responseSize": "20480", "remoteIp": "192.0.2.9", "status": status}
    return json.dumps({"httpRequest": request, "timestamp": "2026-01-01T10:00:00Z"})


LENGTHS = {"600.123456s": 600_123, "12ms": 12, "10m0.5s": 600_500, "1h2m": 3_720_000, "0:10:00.25": 600_250, "7": 7_000}


@pytest.mark.parametrize(("latency", "life"), LENGTHS.items())
def test_a_length_may_name_its_unit(tmp_path: Path, latency: str, life: int) -> None:
    assert lives(read(tmp_path, LOAD_BALANCER, balancer(latency), balancer("3s", 200))) == [(START, life)]


def test_an_array_of_json_is_read_as_its_objects(tmp_path: Path) -> None:
    document = f"[{balancer('1s')},\n {balancer('2s')}]"
    assert lives(read(tmp_path, LOAD_BALANCER, document)) == [(START, 1_000), (START, 2_000)]
    assert lives(read(tmp_path, LOAD_BALANCER, json.dumps({"log": balancer("1s")}))) == [(START, 1_000)]


def test_a_w3c_log_names_its_columns_anew_and_keeps_date_and_time_apart(tmp_path: Path) -> None:
    trace = read(
        tmp_path, W3C, "#Version: 1.0", HEADER,
        "2026-01-01 10:10:00 101 5120 2048 600123", "2026-01-01 10:10:00 200 1 1 12",
        "#Fields: time-taken date time cs-bytes sc-bytes sc-status", "500 2026-01-01 10:20:00 - 7 1010",
    )  # fmt: skip
    assert lives(trace) == [(START - 123, 600_123), (START + 1_200_000 - 500, 500)]
    assert trace.total_bytes_out.tolist() == [5120, 7]  # type: ignore[union-attr]
    assert trace.total_bytes_in.tolist() == [2048, -1]  # type: ignore[union-attr]


def test_a_broken_row_of_a_w3c_log_is_named_by_its_line(tmp_path: Path) -> None:
    lines = [HEADER, "#Remark: none", "2026-01-01 10:10:00 101", "2026-01-01 10:10:00 101 5120 2048 600123"]
    with pytest.raises(TraceError, match=r"a\.log:3: line: not a line of this format"):
        read(tmp_path, W3C, *lines)
    with pytest.raises(TraceError, match=r"a\.log: no #Fields: line stands before the first row"):
        read(tmp_path, W3C, lines[3])


def test_a_table_without_a_header_is_read_by_the_names_given(tmp_path: Path) -> None:
    mapping = """
    kind = "delimited"
    delimiter = ";"
    columns = ["who", "began", "secs", "sent"]
    fields = {connection_id = "who", connect_time = "began", duration = "secs", bytes_out = "sent"}
    units = {time = "s"}
    """
    trace = read(tmp_path, mapping, 'b;1767261600;1.5;"1,024"', "a;1767261601.25;2;")
    assert trace.connection_id.tolist() == ["a", "b"]
    assert lives(trace) == [(START + 1_250, 2_000), (START, 1_500)]
    assert trace.total_bytes_out.tolist() == [-1, 1024]  # type: ignore[union-attr]
    with pytest.raises(TraceError, match="2 rows of the id 'b'"):
        read(tmp_path, mapping, "b;1767261600;1.5;", "b;1767261601.25;2;")


def test_fields_of_two_lines_are_joined_by_their_key(tmp_path: Path) -> None:
    def line(second: int, name: str, key: str, kind: str = "Client") -> str:
        properties = {"connectionId": key, "connectionType": kind}
        return json.dumps(
            {"time": f"2026-01-01T10:00:{second:02}.0000000Z", "operationName": name, "properties": properties}
        )

    lines = [line(0, "ConnectionStarted", "c1"), line(1, "ConnectionStarted", "s", "Server")]
    lines += [
        line(30, "ConnectionAborted", "c1"),
        line(40, "ConnectionStarted", "c1"),
        line(50, "ConnectionEnded", "c2"),
    ]
    trace = read(tmp_path, HUB, json.dumps({"records": [json.loads(one) for one in lines]}))
    assert lives(trace)[0] == (START, 30_000)
    assert trace.still_open().tolist() == [False, True]
    assert {"unopened", "unclosed"} <= notes(trace).keys()


TOLD = """2026-01-01 09:00:00,000 INFO listening on 80
web-1  | 2026-01-01 10:00:00,000 INFO client a1 joined from 192.0.2.1
2026-01-01 10:00:01,500 INFO client a1 sent 42
2026-01-01 10:00:02,000 DEBUG to client a1: 1000
nothing of note
2026-01-01 10:00:03,250 INFO client a1 left: 1001
2026-01-01 10:00:04,000 INFO client b2 joined from 192.0.2.2
2026-01-01 10:01:00,000 INFO listening on 80""".splitlines()
WHAT = ("joined from x", "left: 1000")


def test_lines_of_text_are_joined_by_a_group_of_their_patterns(tmp_path: Path) -> None:
    trace = read(tmp_path, TEXT, *TOLD)
    assert lives(trace) == [(START, 3_250), (START + 4_000, 56_000)]
    assert trace.close_code.tolist() == [1001, -1]
    assert (trace.message_ms - START).tolist() == [1_500, 2_000]
    assert trace.message_bytes.tolist() == [42, 1000]
    assert trace.message_flags.tolist() == [0, 2]
    assert "unclosed_ended" in notes(trace)


def test_local_times_of_text_are_those_of_the_zone(tmp_path: Path) -> None:
    lines = [f"2026-01-01 18:00:0{second},000 INFO client a1 {what}" for second, what in enumerate(WHAT)]
    iso = TEXT.replace('time = "%Y-%m-%d %H:%M:%S,%f"', 'time = "iso"')
    for mapping in (TEXT, iso):
        assert lives(read(tmp_path, mapping, *lines, tz="Asia/Shanghai")) == [(START, 1_000)]
        assert lives(read(tmp_path, mapping, *lines)) == [(START + 8 * 3_600_000, 1_000)]


EVENTS = """
rows = "events"
fields = {connection_id = "sid", time = "at", event = "what", direction = "way", bytes = "size", close_code = "code"}
units = {time = "ms"}
values = {connect = ["open", "reopen"], message = "msg", close = "end", up = "in", down = "out"}
"""


def test_a_table_of_events_may_call_them_otherwise(tmp_path: Path) -> None:
    rows = [
        {"sid": "a", "at": START + 9, "what": "END", "code": 1000},
        {"sid": "a", "at": START, "what": "open"},
        {"sid": "a", "at": START + 5, "what": "msg", "way": "out", "size": 7},
        {"sid": "b", "at": START + 1, "what": "msg", "way": "in"},
        {"sid": "b", "at": START + 1, "what": "typing"},
    ]
    trace = read(tmp_path, EVENTS, *map(json.dumps, rows))
    assert trace.connection_id.tolist() == ["a", "b"]
    assert (trace.connect_ms - START).tolist() == [0, 1]
    assert trace.still_open().tolist() == [False, True]
    assert trace.close_code.tolist() == [1000, -1]
    assert trace.message_flags.tolist() == [2, 0]
    assert trace.message_bytes.tolist() == [7, -1]


def test_a_table_of_messages_tells_lives_from_the_first_to_the_last(tmp_path: Path) -> None:
    mapping = EVENTS.replace('"events"', '"messages"')
    for part in ('event = "what", ', ', close_code = "code"'):
        mapping = mapping.replace(part, "")
    rows = [{"sid": 1, "at": START + second, "way": "in", "size": 3} for second in (0, 400, 900)]
    trace = read(tmp_path, mapping, *map(json.dumps, rows))
    assert lives(trace) == [(START, 900)]
    assert trace.messages == 3
    assert "lower bound" in notes(trace)["unclosed_ended"]


LATANCY = LOAD_BALANCER.replace("latency", "latancy")
TAKEN = W3C.replace("time-taken", "timetaken")
CELLS = 'kind = "delimited"\nfields = {connect_time = "x", duration = "y"}'


@pytest.mark.parametrize(
    ("mapping", "lines", "said"),
    [
        (LATANCY, [balancer("1s")], r"no field 'httpRequest.latancy'; did you mean 'httpRequest.latency'\? Its fields"),
        (TAKEN, [HEADER, "a b c d e f"], "did you mean 'time-taken'"),
        (CELLS, ["started,lasted", "1,2"], "no field 'x'; its fields are: started, lasted"),
    ],
)
def test_a_field_that_is_not_there_is_answered_with_those_that_are(
    tmp_path: Path, mapping: str, lines: list[str], said: str
) -> None:
    with pytest.raises(TraceError, match=rf"a\.log: .*{said}"):
        read(tmp_path, mapping, *lines)


@pytest.mark.parametrize(
    ("mapping", "said"),
    [
        ("[pair]\nopen = {a = '1'}\nclose = 'x'", "pair: .*are all patterns, or all values"),
        ("kind = 'text'\n[pair]\nopen = 'a'\nclose = '(?P<key>b)'", "pair: open: the pattern has no group of the key"),
        ("kind = 'text'\n[pair]\nopen = '(a'\nclose = 'b'", "pair: open: not a regular expression"),
        ("[pair]\nopen = {a = '1'}\nclose = {a = '2'}", "fields: time is needed beside a"),
        ("rows = 'events'\n[fields]\ntime = 'a'", "fields: connection_id, event needed where rows tell events"),
        ("kind = 'text'", 'kind = "text" goes with a pattern'),
        ("[fields]\nconnect_tim = 'a'", "fields: unknown key 'connect_tim'; did you mean 'connect_time'"),
    ],
)
def test_a_mapping_that_says_too_little_is_refused(tmp_path: Path, mapping: str, said: str) -> None:
    with pytest.raises(ConfigError, match=rf"m\.toml: .*{said}"):
        read(tmp_path, mapping, "{}")
