"""Logs of one line a connection, from real lines: starts, ends, bytes, and what they cannot tell."""

from __future__ import annotations

import gzip
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scfcost.core.errors import ConfigError, TraceError
from scfcost.trace.formats import by_name
from scfcost.trace.formats.base import Original
from scfcost.trace.formats.convert import recognise
from scfcost.trace.formats.nginx import COMBINED, TIMED, compile_format
from scfcost.trace.model import Trace
from scfcost.trace.read import read_trace
from tests.trace.formats.samples import LINES

END = 1795408486372
AT = "10.0.0.1 - - [23/Nov/2026:04:34:46 +0000]"
NGINX = f'{AT} "GET /chat HTTP/1.1" 101 3016 "-" "-" msec=1795408486.372 rt=3.508 us=261'
HTTP = f'{AT} "GET / HTTP/1.1" 200 12 "-" "-" msec=1795408486.400 rt=0.001 us=9'


def lives(trace: Trace) -> list[tuple[int, int]]:
    return list(zip(trace.connect_ms.tolist(), (trace.close_ms - trace.connect_ms).tolist(), strict=True))


def notes(trace: Trace) -> dict[str, str]:
    return {one.code: one.message for one in trace.provenance.warnings}


def log(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.mark.parametrize(
    ("file", "name", "expected"),
    [
        ("nginx_lab.log", "nginx", [(1795408601340, 2008), (1795408603862, 705)]),
        ("nginx_amplify_issue16_main_ext.log", "nginx", [(1486098176752, 24388248)]),
        ("haproxy_lab.log", "haproxy", [(1795408605072, 2008), (1795408607592, 706)]),
        ("haproxy_tcp_lab.log", "haproxy", [(1795408608800, 2001), (1795408611304, 704)]),
        ("caddy_lab.log", "caddy", [(1795408503928, 3515), (1795408507446, 3509)]),
        ("envoy_renuka_fernando_examples.log", "envoy", [(1721550779547, 13342), (1721553093481, 413322)]),
        ("aws_alb_ws_samples.log", "alb", [(1530570168364, 11822)] * 2),
        ("eventlet_wsgi_ws.log", "eventlet", [(1603480475486, 12514)]),
    ],
)  # fmt: skip
def test_real_logs_become_connections(file: str, name: str, expected: list[tuple[int, int]]) -> None:
    trace = read_trace(LINES / file)
    assert recognise(Original(LINES / file, file)) is by_name(name)
    assert lives(trace) == expected
    assert not trace.has_messages
    assert trace.connection_id.tolist() == [f"{name}-{n + 1}" for n in range(len(expected))]


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("odoo_werkzeug_101.log", "one line of a WebSocket with one time.*log_format websocket"),
        ("aws_apigateway_websocket.jsonl", "no connection that was accepted: 4 of 4 events failed"),
    ],
)
def test_logs_that_cannot_answer_are_refused_with_the_remedy(file: str, message: str) -> None:
    with pytest.raises(TraceError, match=f"(?s){message}"):
        read_trace(LINES / file)


def test_bytes_that_a_log_does_not_tell_are_unknown_and_not_0() -> None:
    for file in ("caddy_lab.log", "eventlet_wsgi_ws.log"):
        trace = read_trace(LINES / file)
        assert trace.total_bytes_out is None or (trace.total_bytes_out < 0).all()
        assert "bytes_unknown" in notes(trace)
    assert read_trace(LINES / "nginx_lab.log").total_bytes_out.tolist() == [1004, 1004]  # type: ignore[union-attr]


def test_what_the_old_proxy_cut_is_said() -> None:
    assert notes(read_trace(LINES / "haproxy_lab.log"))["cut_by_proxy"].endswith("is not known): 1")
    assert notes(read_trace(LINES / "envoy_renuka_fernando_examples.log"))["cut_by_proxy"].endswith("is not known): 1")
    assert "any_tcp" in notes(read_trace(LINES / "haproxy_tcp_lab.log"))


def test_lines_of_tcp_are_no_websockets_where_upgrades_stand_beside_them(tmp_path: Path) -> None:
    """Of a log of TCP alone the user says that its connections are WebSockets; one that holds both says which are."""
    upgraded, plain = ((LINES / name).read_text().splitlines() for name in ("haproxy_lab.log", "haproxy_tcp_lab.log"))
    trace = read_trace(log(tmp_path / "a.log", *plain, *upgraded))
    assert lives(trace) == lives(read_trace(LINES / "haproxy_lab.log"))
    said = notes(trace)
    assert ("any_tcp" in said, "not_websocket" in said) == (False, False)
    assert re.search(r"lines of TCP .* left out: 2; .*grep -v ' HTTP/'", said["tcp_beside_upgrades"])
    other = [upgraded[0].replace(" 101 ", " 200 ")]
    assert read_trace(log(tmp_path / "b.log", *plain, *other)).connections == 2


def test_the_advised_format_is_recognised_and_other_lines_are_counted(tmp_path: Path) -> None:
    trace = read_trace(log(tmp_path / "access.log", HTTP, NGINX, HTTP))
    assert lives(trace) == [(END - 3508, 3508)]
    assert notes(trace)["not_websocket"] == "lines of no WebSocket, left out: 2"


@pytest.mark.parametrize(
    "prefix", ["frontend-1  | ", "2026-11-23T04:34:46.372999Z stdout F ", "2026-11-23T12:34:46.372+08:00 stderr P "]
)
def test_prefixes_of_containers_are_no_part_of_a_line(tmp_path: Path, prefix: str) -> None:
    assert lives(read_trace(log(tmp_path / "access.log", prefix + NGINX))) == [(END - 3508, 3508)]


def test_any_log_format_is_compiled_json_too(tmp_path: Path) -> None:
    form = '{"t":"$time_iso8601","s":$status,"d":"${request_time}","to":"$http_referer","b":$bytes_sent}'
    line = '{"t":"2026-11-23T12:34:46+08:00","s":101,"d":"3.508","to":"a\\"b","b":3204}'
    trace = read_trace(log(tmp_path / "access.json", line), log_format=form)
    assert lives(trace) == [(1795408486000 - 3508, 3508)]
    assert {"coarse_times", "handshake_bytes"} <= set(notes(trace))


def test_retries_and_dashes_do_not_shift_fields(tmp_path: Path) -> None:
    form = '[$time_local] $status $body_bytes_sent "$upstream_addr" $upstream_response_time $request_time $msec'
    line = '[23/Nov/2026:04:34:46 +0000] 101 - "10.0.0.1:80, [2001:db8::1]:80" 0.001, 3.5 3.508 1795408486.372'
    trace = read_trace(log(tmp_path / "a.log", line), log_format=form)
    assert lives(trace) == [(END - 3508, 3508)]
    assert "bytes_unknown" in notes(trace)


@pytest.mark.parametrize("form", [COMBINED, "$status $request_time", "$msec $request_time"])
def test_a_format_that_cannot_tell_a_start_says_what_to_add(form: str) -> None:
    with pytest.raises(ConfigError, match=r"(?s)without \$.*log_format websocket"):
        compile_format(form)
    assert compile_format(f"{COMBINED} {TIMED}")


def test_combined_is_refused_with_the_lines_to_add(tmp_path: Path) -> None:
    line = '143.244.45.3 - - [23/Feb/2026:14:43:31 +0000] "GET /socket.io/ HTTP/1.1" 101 0 "-" "Mozilla"'
    with pytest.raises(TraceError, match=r"(?s)not how long it lived.*log_format websocket"):
        read_trace(log(tmp_path / "access.log", line))


def test_the_order_of_rotated_files_and_gzip_change_nothing(tmp_path: Path) -> None:
    lines = [NGINX.replace("486.372", f"{400 + n}.372") for n in range(9)]
    old = tmp_path / "access.log.2.gz"
    old.write_bytes(gzip.compress(("\n".join(lines[:5]) + "\n").encode()))
    new = log(tmp_path / "access.log", *lines[5:])
    assert (
        lives(read_trace([old, new]))
        == lives(read_trace([new, old]))
        == lives(read_trace(log(tmp_path / "b.log", *lines)))
    )


@pytest.mark.parametrize(("zone", "shift"), [(None, 0), ("Asia/Shanghai", -8 * 3_600_000)])
def test_local_times_are_of_the_zone_that_is_named(zone: str | None, shift: int) -> None:
    found = read_trace(LINES / "haproxy_lab.log", tz=zone)
    assert found.connect_ms[0] == 1795408605072 + shift


def test_a_zone_that_is_none_is_refused() -> None:
    with pytest.raises(ConfigError, match="tz: 'Mars' is not a time zone"):
        read_trace(LINES / "haproxy_lab.log", tz="Mars")


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("0/0/0/1/+2008 101 +1202 - - ----", "option logasap"),
        ("0/0/0/-1/-1 101 1202 - - ----", "never connected"),
    ],
)
def test_lines_of_haproxy_that_are_early_or_never_connected_are_left_out(tmp_path: Path, line: str, why: str) -> None:
    start = "Nov 23 04:36:47 h haproxy[1]: [2001:db8::1]:38037 [23/Nov/2026:04:36:45.072] f~ b/s1 {a|b} "
    path = log(
        tmp_path / "h.log",
        f'{start}{line} 1/1/0/0/0 0/0 "GET /"',
        f'{start}0/0/0/1/9 101 5 - - ---- 1/1/0/0/0 0/0 "GET /"',
    )
    trace = read_trace(path)
    assert lives(trace) == [(1795408605072, 9)]
    assert why in notes(trace)["left_out"]


def test_a_line_that_two_nodes_wrote_counts_once(tmp_path: Path) -> None:
    lines = (LINES / "aws_alb_ws_samples.log").read_text().splitlines()
    assert read_trace(log(tmp_path / "a.log", lines[0], lines[0], lines[1])).connections == 2


def test_zeek_takes_websockets_where_it_names_them(tmp_path: Path) -> None:
    assert "any_tcp" in notes(read_trace(LINES / "zeek_conn.log"))
    named = (LINES / "zeek_conn.log").read_text().replace("tcp\thttp\t0.447460", "tcp\thttp,websocket\t0.447460")
    trace = read_trace(log(tmp_path / "conn.log", named))
    assert lives(trace) == [(1379288667706, 447)]
    assert trace.total_bytes_out.tolist() == [38393]  # type: ignore[union-attr]
    assert read_trace(LINES / "zeek_conn.json.log").connections == 24


def test_accepted_connects_of_an_api_gateway_become_sessions(tmp_path: Path) -> None:
    def entry(what: str, at: int, **more: Any) -> str:
        cells = {
            "eventType": what,
            "routeKey": "x",
            "connectionId": "c1",
            "requestTimeEpoch": at,
            "status": 200,
            **more,
        }
        return str(cells).replace("'", '"')

    path = log(tmp_path / "gw.jsonl", entry("CONNECT", 1000), entry("MESSAGE", 2500), entry("CONNECT", 1, status=403),
               entry("DISCONNECT", 9000, disconnectStatusCode=1001))  # fmt: skip
    trace = read_trace(path)
    assert lives(trace) == [(1000, 8000)]
    assert (trace.messages, trace.close_code.tolist()) == (1, [1001])
    assert {"no_pushes", "failed_connects"} <= set(notes(trace))


def test_traefik_writes_status_0_for_a_websocket(tmp_path: Path) -> None:
    line = (
        '{"ClientAddr":"[::1]:3808","DownstreamContentSize":0,"DownstreamStatus":0,"Duration":38786475932,'
        '"OriginStatus":0,"RequestPath":"/ws","StartUTC":"2026-11-23T04:34:46.372123456Z"}'
    )
    other = line.replace('"DownstreamStatus":0', '"DownstreamStatus":200').replace(
        '"OriginStatus":0', '"OriginStatus":200'
    )
    trace = read_trace(log(tmp_path / "t.json", other, line))
    assert lives(trace) == [(END, 38786)]
    assert "bytes_unknown" in notes(trace)


def test_ends_are_never_before_starts() -> None:
    for file in ("nginx_lab.log", "haproxy_lab.log", "zeek_conn.log"):
        trace = read_trace(LINES / file)
        assert np.all(trace.close_ms >= trace.connect_ms)


KONG = """
[fields]
connect_time = "started_at"
duration = "latencies.request"
bytes_out = "response.size"
[units]
time = "ms"
duration = "ms"
[only]
"response.status" = "101"
"""


def test_a_mapping_tells_what_the_keys_of_json_mean(tmp_path: Path) -> None:
    mapping = log(tmp_path / "kong.toml", KONG)
    line = '{"started_at": %d, "latencies": {"request": 3508}, "response": {"status": %d, "size": "271"}}'
    path = log(tmp_path / "kong.json", line % (END - 3508, 101), line % (END, 200))
    trace = read_trace(path, source_format=str(mapping))
    assert lives(trace) == [(END - 3508, 3508)]
    assert trace.total_bytes_out.tolist() == [271]  # type: ignore[union-attr]
    assert "not_websocket" in notes(trace)


def test_a_mapping_tells_what_the_columns_of_a_table_mean(tmp_path: Path) -> None:
    mapping = log(
        tmp_path / "table.toml", 'kind = "delimited"', 'delimiter = ";"', "[fields]", 'close_time = "Ended at"',
        'duration = "secs"', "[units]", 'time = "%Y-%m-%d %H:%M:%S"',
    )  # fmt: skip
    path = log(tmp_path / "t.csv", "Ended at;secs", "2026-11-23 12:34:46;3.5")
    assert lives(read_trace(path, source_format=str(mapping), tz="Asia/Shanghai")) == [(1795408486000 - 3500, 3500)]
    with pytest.raises(TraceError, match=r"x\.csv: .*Ended at"):
        read_trace(log(tmp_path / "x.csv", "a;b", "1;2"), source_format=str(mapping))


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("[fields]\nconnect_time = 'a'", r"the mapping: fields: two of connect_time, close_time and duration"),
        (f"{KONG}\nmore = {{a = 1}}", r"only\.more: "),
        (KONG.replace("bytes_out", "bytes_gone"), r"fields: unknown key .bytes_gone.; did you mean"),
        ("[fields", "not TOML"),
    ],
)
def test_a_mapping_that_is_none_is_refused_by_file_and_key(tmp_path: Path, lines: str, message: str) -> None:
    with pytest.raises(ConfigError, match=rf"bad\.toml: {message}"):
        read_trace(LINES / "nginx_lab.log", source_format=str(log(tmp_path / "bad.toml", lines)))


def test_istio_lines_and_json_of_envoy_are_read(tmp_path: Path) -> None:
    istio = (
        '[2024-07-21T08:32:59.547Z] "GET /ws HTTP/1.1" 101 DC downstream_remote_disconnect - "-" 61 105 13342 - "-" '
        '"-" "e52" "localhost" "10.0.0.1:80" outbound|80||x.default - 10.0.0.2:80 10.0.0.3:1 - default'
    )
    assert lives(read_trace(log(tmp_path / "istio.log", istio))) == [(1721550779547, 13342)]
    line = (
        '{"start_time":"2024-07-21T08:32:59.547Z","method":"GET","response_code":101,"response_flags":"SI",'
        '"bytes_received":61,"bytes_sent":105,"duration":13342}'
    )
    trace = read_trace(log(tmp_path / "envoy.json", line))
    assert lives(trace) == [(1721550779547, 13342)]
    assert "cut_by_proxy" in notes(trace)
