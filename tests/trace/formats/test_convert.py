"""Logs as traces: recognised by their content, converted, and read like any other file."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from scfcost.core.errors import ConfigError, TraceError
from scfcost.trace.formats import FORMATS, by_name
from scfcost.trace.formats.base import Original
from scfcost.trace.formats.convert import recognise
from scfcost.trace.model import Trace
from scfcost.trace.read import read_trace
from tests.trace.files import event, write_rows
from tests.trace.formats.samples import LINES
from tests.trace.formats.test_har import SOCKET, START
from tests.trace.formats.test_scf_records import RECORD, REPORT, record

needs_tshark = pytest.mark.needs("tshark")


def har(path: Path, *entries: dict[str, Any]) -> Path:
    path.write_text(json.dumps({"log": {"version": "1.2", "entries": list(entries)}}), encoding="utf-8-sig")
    return path


def log(path: Path, *records: dict[str, Any]) -> Path:
    path.write_text("\n".join(json.dumps(one) for one in records))
    return path


def codes(trace: Trace) -> set[str]:
    return {one.code for one in trace.provenance.warnings}


def test_a_har_becomes_a_trace_with_messages(tmp_path: Path) -> None:
    trace = read_trace(har(tmp_path / "a.har", SOCKET))
    assert (trace.connections, trace.messages, trace.has_messages) == (1, 3, True)
    assert (trace.connect_ms[0], trace.close_ms[0]) == (START, 1558730484500)
    assert trace.message_bytes.tolist() == [18, 6, 10]
    assert trace.provenance.sources == (str(tmp_path / "a.har"),)
    assert codes(trace) >= {"read_as", "har_ends"}


def test_a_real_har_over_several_lines_is_read() -> None:
    trace = read_trace(LINES / "mitmproxy_websocket.har")
    assert trace.connect_ms.tolist() == [1693314200195, 1693314210145]
    assert trace.message_ms.tolist() == [1693314200336, 1693314210270]
    assert trace.message_bytes.tolist() == [27, 26]


def test_several_har_files_are_one_trace(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
    trace = read_trace([har(tmp_path / folder / "a.har", SOCKET, SOCKET) for folder in ("one", "two")])
    assert trace.connection_id.tolist() == ["a.har#0", "a.har#1", "a.har-1#0", "a.har-1#1"]


@pytest.mark.parametrize("entries", [[], [{key: SOCKET[key] for key in SOCKET if key != "_webSocketMessages"}]])
def test_a_har_without_messages_is_refused_with_the_remedy(tmp_path: Path, entries: list[dict[str, Any]]) -> None:
    with pytest.raises(TraceError, match=r"a\.har: holds .* open the network panel of Chrome"):
        read_trace(har(tmp_path / "a.har", *entries))


@needs_tshark
def test_captures_become_a_trace(tmp_path: Path) -> None:
    trace = read_trace(LINES / "zeek_*.pcap")
    assert (trace.connections, trace.messages) == (2, 19)
    assert trace.close_code.tolist() == [1005, 1005]
    assert "read_as" in codes(trace)
    squeezed = tmp_path / "capture.pcap.gz"
    squeezed.write_bytes(gzip.compress((LINES / "zeek_http_websocket.pcap").read_bytes(), mtime=0))
    assert read_trace(squeezed).messages == 7


@needs_tshark
def test_a_capture_without_websocket_is_refused(tmp_path: Path) -> None:
    header = (LINES / "zeek_http_websocket.pcap").read_bytes()[:24]
    (tmp_path / "empty.pcap").write_bytes(header)
    with pytest.raises(TraceError, match="shows no WebSocket; the capture must hold the start of a connection"):
        read_trace(tmp_path / "empty.pcap")


def test_an_scf_log_becomes_connections_without_messages(tmp_path: Path) -> None:
    rows = [RECORD, REPORT]
    rows += [record(RequestId=f"x{code}", StatusCode=code, Duration=1000) for code in (200, 439, 456)]
    rows += [record(RequestId="busy", StatusCode=432), record(RequestId="open")]
    trace = read_trace(log(tmp_path / "cls.json", *rows))
    assert trace.connection_id.tolist() == ["open", "r1", "x200", "x439", "x456"]
    assert (trace.close_ms - trace.connect_ms).tolist()[1:] == [5000, 1000, 1000, 1000]
    assert trace.close_code.tolist() == [-1, -1, 1000, 1006, 1006]
    assert trace.closed_by.tolist() == [0, 0, 0, 2, 1]
    assert trace.still_open().tolist() == [True, False, False, False, False]
    assert (trace.functions, trace.has_messages) == (("chat",), False)
    assert codes(trace) >= {"never_ran", "already_cut", "still_running", "bytes_unknown"}


def test_the_sample_of_the_log_service_is_one_open_connection() -> None:
    trace = read_trace(LINES / "tencent_cls_scf_records.json")
    assert (trace.connections, trace.functions) == (1, ("log-test",))
    assert trace.still_open().all()


def test_report_lines_without_a_start_are_refused_with_the_remedy() -> None:
    with pytest.raises(TraceError, match="do not say when a request started; export the function's topic"):
        read_trace(LINES / "tencent_scf_report_lines.log")


def test_a_format_can_be_forced_and_is_checked(tmp_path: Path) -> None:
    path = log(tmp_path / "cls.json", RECORD, REPORT)
    assert "read_as" not in codes(read_trace(path, source_format="scf-cls"))
    with pytest.raises(TraceError, match="is no HAR file"):
        read_trace(path, source_format="har")
    with pytest.raises(ConfigError, match="format 'harr' is not known; did you mean 'har'"):
        read_trace(path, source_format="harr")


def test_files_of_two_formats_are_refused(tmp_path: Path) -> None:
    rows = [event("a", START, "connect"), event("a", START + 1, "close")]
    paths = [write_rows(tmp_path / "t.csv", rows), log(tmp_path / "cls.json", REPORT)]
    with pytest.raises(TraceError, match=r"t\.csv is a trace and .*cls\.json of the format scf-cls; read them one at"):
        read_trace(paths)


@pytest.mark.parametrize(
    "head", [b"connection_id,timestamp,event\na,1,connect\n", b'{"connection_id": "a", "log": 1}', b"PAR1", b""]
)
def test_no_trace_is_taken_for_a_log(tmp_path: Path, head: bytes) -> None:
    (tmp_path / "trace").write_bytes(head)
    assert recognise(Original(tmp_path / "trace", "trace")) is None


def test_every_format_says_what_it_is() -> None:
    assert len({one.name for one in FORMATS}) == len(FORMATS)
    assert all(one.title and one.advice and by_name(one.name) is one for one in FORMATS)
