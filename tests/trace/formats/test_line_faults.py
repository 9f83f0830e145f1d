"""Lines that cannot be read: refused with their places, or left out with their reasons; other lines are no fault."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import pytest

from scfcost.core.errors import BadRowsError, ConfigError, TraceError
from scfcost.trace.read import read_trace
from tests.trace.formats.samples import LINES
from tests.trace.formats.test_lines import END, HTTP, KONG, NGINX, lives, log, notes

HAPROXY = (LINES / "haproxy_lab.log").read_text().splitlines()
ALB = (LINES / "aws_alb_ws_samples.log").read_text().splitlines()
CADDY = (LINES / "caddy_lab.log").read_text().splitlines()


def test_lines_that_cannot_be_read_are_refused_with_their_places(tmp_path: Path) -> None:
    path = log(tmp_path / "access.log", HTTP, NGINX, "10.0.0.1 - what", HTTP, "a - - [")
    with pytest.raises(BadRowsError) as error:
        read_trace(path)
    assert str(error.value).splitlines() == [
        "2 bad rows; nothing was estimated (--on-error skip leaves bad rows out)",
        f"{path}:3: line: not a line of this format: 10.0.0.1 - what",
        f"{path}:5: line: not a line of this format: a - - [",
    ]


def test_the_first_ten_are_listed_and_the_others_counted(tmp_path: Path) -> None:
    path = log(tmp_path / "access.log", *[NGINX] * 20, *["x - "] * 12)
    with pytest.raises(BadRowsError, match=r"^12 bad rows;") as error:
        read_trace(path)
    assert str(error.value).splitlines()[10:] == [f"{path}:30: line: not a line of this format: x -", "… and 2 more"]


def test_skipped_lines_go_to_a_file_with_their_reasons(tmp_path: Path) -> None:
    path, rejects = tmp_path / "access.log.gz", tmp_path / "rejects.csv"
    backwards = NGINX.replace("rt=3.508", "rt=-3.508")
    path.write_bytes(
        gzip.compress("\n".join([NGINX, "", "10.0.0.1 - what, now", backwards, HTTP, ""]).encode(), mtime=0)
    )
    trace = read_trace(path, on_error="skip", rejects=rejects)
    assert lives(trace) == [(END - 3508, 3508)]
    assert (trace.provenance.rows_read, trace.provenance.rows_rejected) == (3, 2)
    with rejects.open() as file:
        rows = list(csv.DictReader(file))
    assert [(row["line"], row["row"]) for row in rows] == [("3", "10.0.0.1 - what, now"), ("4", backwards)]
    assert {(row["column"], row["reason"]) for row in rows} == {("line", "not a line of this format")}


def test_the_numbers_of_several_files_are_their_own(tmp_path: Path) -> None:
    one, other = log(tmp_path / "a.log", NGINX, NGINX), log(tmp_path / "b.log", NGINX, "? - -", NGINX)
    with pytest.raises(BadRowsError, match=r"^1 bad row;.*\n.*b\.log:2: "):
        read_trace([one, other])


def test_a_websocket_that_ends_before_it_starts_is_a_bad_row(tmp_path: Path) -> None:
    mapping = log(tmp_path / "m.toml", KONG.replace('duration = "latencies.request"', 'close_time = "ended_at"'))
    line = '{"started_at": %d, "ended_at": %s, "response": {"status": 101, "size": 5}}'
    path = log(tmp_path / "m.json", line % (END, END + 5), line % (END, END - 1), line % (END, '"soon"'))
    with pytest.raises(BadRowsError, match=r"^2 bad rows") as error:
        read_trace(path, source_format=str(mapping))
    assert ":2: line: ends before it starts: {" in str(error.value)
    assert ":3: line: a WebSocket whose start or end cannot be read" in str(error.value)


def test_a_last_line_that_is_still_written_is_only_a_warning(tmp_path: Path) -> None:
    for name, lines in (("h", HAPROXY), ("a", ALB), ("c", CADDY)):
        path = tmp_path / name
        path.write_text(f"{lines[0]}\n{lines[1][:90]}")
        trace = read_trace(path)
        assert trace.connections == 1
        assert "unfinished_line" in notes(trace)
        path.write_text(f"{lines[0]}\n{lines[1][:90]}\n")
        with pytest.raises(BadRowsError, match=":2: "):
            read_trace(path)


def test_lines_of_another_format_in_one_file_are_named(tmp_path: Path) -> None:
    path = log(tmp_path / "mixed.log", *HAPROXY, NGINX)
    with pytest.raises(BadRowsError, match=r"mixed\.log:3: line: not a line of this format: 10\.0\.0\.1 "):
        read_trace(path)
    assert read_trace(path, on_error="skip", rejects=tmp_path / "r.csv").connections == 2


def test_requests_of_before_the_format_was_changed_are_no_websockets(tmp_path: Path) -> None:
    old = NGINX[: NGINX.index(" msec=")]
    ordinary = old.replace(" 101 ", " 200 ")
    trace = read_trace(log(tmp_path / "access.log", ordinary, NGINX, NGINX))
    assert (trace.connections, notes(trace)["not_websocket"]) == (2, "lines of no WebSocket, left out: 1")
    with pytest.raises(BadRowsError, match=r":1: line: not a line of this format"):
        read_trace(log(tmp_path / "access.log", old, NGINX, NGINX))


def test_notices_of_a_restart_and_failed_handshakes_are_no_connections(tmp_path: Path) -> None:
    tag = "<134>Nov 23 04:36:49 haproxy[30378]: "
    path = log(
        tmp_path / "h.log",
        f"{tag}Proxy f started.",
        HAPROXY[0],
        f"{tag}[WARNING] 326/043649 (30378) : Exiting Master process...",
        f"{tag}backend b has no server available!",
        f"{tag}2001:db8::1:42594 [23/Nov/2026:04:36:45.072] f/1: SSL handshake failure",
        *HAPROXY[1:],
    )
    trace = read_trace(path)
    assert (trace.connections, notes(trace)["not_websocket"]) == (2, "lines of no WebSocket, left out: 4")


def test_a_limit_of_memory_that_is_none_is_refused_for_logs_too() -> None:
    with pytest.raises(ConfigError, match="memory_limit: 'much' is not a size"):
        read_trace(LINES / "nginx_lab.log", memory_limit="much")


def test_a_truncated_archive_is_named(tmp_path: Path) -> None:
    packed = gzip.compress("\n".join([NGINX] * 4000).encode(), mtime=0)
    path = tmp_path / "access.log.2.gz"
    path.write_bytes(packed[: len(packed) // 2])
    with pytest.raises(TraceError, match=r"access\.log\.2\.gz: "):
        read_trace(path)


def test_lines_of_an_api_gateway_are_judged_alike(tmp_path: Path) -> None:
    line = '{"eventType": "%s", "routeKey": "x", "connectionId": "c1", "requestTimeEpoch": %d, "status": 200}'
    opened, closed = line % ("CONNECT", 1000), line % ("DISCONNECT", 9000)
    path = log(tmp_path / "gw.jsonl", opened, "[1]", closed)
    with pytest.raises(BadRowsError, match=r"gw\.jsonl:2: line: not an object of JSON"):
        read_trace(path)
    trace = read_trace(path, on_error="skip", rejects=tmp_path / "r.csv")
    assert (lives(trace), trace.provenance.rows_rejected) == ([(1000, 8000)], 1)
    path.write_text(f"{opened}\n{closed}\n{opened[:40]}")
    assert "unfinished_line" in notes(read_trace(path))


def test_no_line_is_lost_without_a_word(tmp_path: Path) -> None:
    """A line that is not valid UTF-8 tells its numbers all the same; one of a megabyte is no line of a log."""
    path = tmp_path / "h.log"
    raw = [line.encode() for line in HAPROXY]
    path.write_bytes(b"\r\n".join([raw[0], raw[1].replace(b"/chat", b"/\xff\xe9"), b"", *raw, b""]))
    assert read_trace(path).connections == 4
    path.write_bytes(b"\n".join([*raw[:2], b"x" * 1_500_000, *raw[2:], b""]))
    with pytest.raises(BadRowsError, match=r"h\.log:3: line: not a line of this format: x+…$"):
        read_trace(path)
    assert read_trace(path, on_error="skip", rejects=tmp_path / "r.csv").connections == 2
