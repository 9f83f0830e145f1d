"""Lines of a server behind whatever containers, shippers and log services put around them."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from scfcost.core.errors import BadRowsError
from scfcost.trace.read import read_trace
from tests.trace.formats.test_lines import lives, log, notes

LINE = '192.0.2.9 - - [01/Jan/2026:10:10:00 +0000] "GET /ws HTTP/1.1" 101 20480 "-" "Mozilla/5.0" 600.123'
OTHER = LINE.replace(" 101 ", " 200 ").replace("600.123", "0.004")
ENVOY = '[2026-01-01T10:00:00.000Z] "GET /ws HTTP/1.1" 101 DC - 61 105 600123 - "-" "-" "r1" "ws.example" "a:80"'
END = 1767262200000
LIFE = [(END - 600123, 600123)]
STAMP = "2026-01-01T10:10:00.123456789Z"

WRAPPERS: dict[str, Callable[[str], str]] = {
    "compose": lambda line: f"web-1  | {line}",
    "compose with timestamps": lambda line: f"web-1  | {STAMP} {line}",
    "docker with timestamps": lambda line: f"{STAMP} {line}",
    "docker's file": lambda line: json.dumps({"log": line + "\n", "stream": "stdout", "time": STAMP}),
    "docker service": lambda line: f"web.1.abc@node-1    | {line}",
    "CRI": lambda line: f"{STAMP} stdout F {line}",
    "kubectl with a prefix": lambda line: f"[pod/web-7d9/nginx] {line}",
    "kubectl with both": lambda line: f"[pod/web-7d9/nginx] {STAMP} {line}",
    "stern": lambda line: f"web-7d9 nginx {line}",
    "syslog of old": lambda line: f"<190>Jan  1 10:10:00 host nginx[7]: {line}",
    "syslog of RFC 5424": lambda line: f'<190>1 {STAMP} host nginx 7 - [meta a="b"] {line}',
    "journald as JSON": lambda line: json.dumps({"__REALTIME_TIMESTAMP": "1", "MESSAGE": line, "_PID": "7"}),
    "journald's bytes": lambda line: json.dumps({"MESSAGE": list(line.encode()), "_PID": "7"}),
    "Fluent Bit's own output": lambda line: f'[0] kube.var: [[1767262200.0, {{}}], {{"log"=>{json.dumps(line)}}}]',
    "compose in colour": lambda line: f"\x1b[36mweb-1  | \x1b[0m{line}",
    "filebeat": lambda line: json.dumps({"@timestamp": STAMP, "host": {"name": "n1"}, "message": line}),
    "fluentd": lambda line: f"{STAMP}\tdocker.abc\t{json.dumps({'log': line, 'container_name': '/web'})}",
    "logcli": lambda line: json.dumps({"timestamp": STAMP, "labels": {"app": "web"}, "line": line}),
    "CLS": lambda line: json.dumps({"__CONTENT__": line, "__TIMESTAMP__": "1767262200"}),
    "CLS as LogJson": lambda line: json.dumps({"TopicId": "t", "LogJson": json.dumps({"content": line})}),
    "CloudWatch's tail": lambda line: f"{STAMP} web/stream-0 {line}",
    "docker within filebeat": lambda line: json.dumps({"message": json.dumps({"log": f"{STAMP} stdout F {line}"})}),
}


@pytest.mark.parametrize("name", WRAPPERS)
def test_what_is_around_a_line_is_no_part_of_it(tmp_path: Path, name: str) -> None:
    trace = read_trace(log(tmp_path / "a.log", *map(WRAPPERS[name], (OTHER, LINE, OTHER))))
    assert lives(trace) == LIFE
    assert notes(trace)["not_websocket"].endswith(": 2")
    assert lives(read_trace(log(tmp_path / "b.log", WRAPPERS[name](ENVOY)))) == [(END - 600_000, 600_123)]


CLB = (
    "[r1] [01/Jan/2026:18:10:00 +0800] [WSS] [a:443] [a] [192.0.2.9:5] [101] [b:80] [101] [s1] [GET /ws HTTP/1.1] [512]"
)
TOLD = {
    "kubectl with a prefix": f"{CLB} [20480] [a] [Mozilla/5.0] [-] [600.123] [600.120]",
    "syslog of RFC 5424": f"{CLB} [20480] [a] [Mozilla/5.0] [-] [600.123] [600.120]",
    "CRI": "time:01/Jan/2026:10:10:00 +0000\thost:192.0.2.9\tstatus:101\tsize:20480\treqtime:600.123",
    "docker's file": '{"time_local": "01/Jan/2026:10:10:00 +0000", "remote_addr": "192.0.2.9", "status": "101", '
    '"request_time": "600.123", "body_bytes_sent": "20480"},',
}
"""Lines that look like what stands around them, each behind that."""


@pytest.mark.parametrize("name", TOLD)
def test_a_line_that_looks_like_what_is_around_it_is_still_found(tmp_path: Path, name: str) -> None:
    assert lives(read_trace(log(tmp_path / "a.log", WRAPPERS[name](TOLD[name])))) == LIFE


@pytest.mark.parametrize("prefix", ["web-1\t", "2026-01-01T10:10:00Z\t", "2026-01-01T10:10:00+00:00\tnginx.access\t"])
def test_labelled_values_are_told_behind_a_tab(tmp_path: Path, prefix: str) -> None:
    assert lives(read_trace(log(tmp_path / "a.log", prefix + TOLD["CRI"]))) == LIFE


@pytest.mark.parametrize("name", ["CRI", "compose with timestamps", "kubectl with both"])
def test_headers_are_told_behind_a_prefix(tmp_path: Path, name: str) -> None:
    rows = ("#Fields: date time c-ip sc-status time-taken", "2026-01-01 10:10:00 192.0.2.9 101 600123")
    assert lives(read_trace(log(tmp_path / "a.log", *map(WRAPPERS[name], rows)))) == LIFE


def test_an_extended_connect_behind_a_prefix_is_no_line_of_a_gateway(tmp_path: Path) -> None:
    line = ENVOY.replace('"GET /ws HTTP/1.1" 101', '"CONNECT /ws HTTP/2" 200')
    assert lives(read_trace(log(tmp_path / "a.log", WRAPPERS["CRI"](line)))) == [(END - 600_000, 600_123)]


DOCUMENTS: dict[str, Callable[[list[str]], object]] = {
    "an array of lines": lambda lines: lines,
    "an array of objects": lambda lines: [{"message": line} for line in lines],
    "filter-log-events": lambda lines: {"events": [{"timestamp": 1, "message": line} for line in lines]},
    "Insights": lambda lines: {"results": [[{"field": "@message", "value": line}] for line in lines]},
    "Loki": lambda lines: {"data": {"result": [{"stream": {}, "values": [["17", line] for line in lines]}]}},
    "SearchLog": lambda lines: {"Response": {"Results": [{"LogJson": json.dumps({"c": line})} for line in lines]}},
    "Elasticsearch": lambda lines: {"hits": {"hits": [{"_source": {"message": line}} for line in lines]}},
}


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("name", DOCUMENTS)
def test_one_document_holds_many_lines(tmp_path: Path, name: str, indent: int | None) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps(DOCUMENTS[name]([OTHER, LINE, OTHER]), indent=indent), encoding="utf-8-sig")
    assert lives(read_trace(path)) == LIFE


def test_a_table_holds_lines_in_a_column(tmp_path: Path) -> None:
    with (path := tmp_path / "a.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["@timestamp", "@message"], ["t", LINE], ["t", OTHER]])
    assert lives(read_trace(path)) == LIFE


def test_a_banner_and_foreign_lines_are_counted_and_no_fault(tmp_path: Path) -> None:
    banner = [f"I0101 09:00:00.000000       7 main.go:{n}] starting" for n in range(40)]
    trace = read_trace(log(tmp_path / "a.log", "----", *banner, LINE, "panic: oh", "  at line 7", OTHER))
    assert lives(trace) == LIFE
    assert notes(trace)["foreign_lines"].endswith("left out: 43 of 45")


def test_a_damaged_line_of_an_upgrade_is_a_fault_and_no_foreign_line(tmp_path: Path) -> None:
    with pytest.raises(BadRowsError, match=r"a\.log:2: line: not a line of this format"):
        read_trace(log(tmp_path / "a.log", LINE, LINE.replace("600.123", "600"), OTHER))


def test_the_vote_is_over_the_whole_file(tmp_path: Path) -> None:
    banner = [f"2026-01-01T09:00:00Z INFO step {n}: {'x' * 200}" for n in range(2000)]
    assert lives(read_trace(log(tmp_path / "a.log", *banner, *[OTHER] * 2000, LINE))) == LIFE


def test_what_a_shell_of_windows_redirected_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(f"{LINE}\r\n{OTHER}\r\n".encode("utf-16"))
    assert lives(read_trace(path)) == LIFE
