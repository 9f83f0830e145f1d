"""Traps of real logs, each from a real line: what would go wrong without a word."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from scfcost.core.errors import BadRowsError, TraceError
from scfcost.trace.read import read_trace
from tests.trace.formats.samples import LINES
from tests.trace.formats.test_lines import END, KONG, NGINX, lives, log, notes

HAPROXY = (LINES / "haproxy_lab.log").read_text().splitlines()
HAPROXY_TCP = (LINES / "haproxy_tcp_lab.log").read_text().splitlines()
ALB = (LINES / "aws_alb_ws_samples.log").read_text().splitlines()
ENVOY = (LINES / "envoy_renuka_fernando_examples.log").read_text().splitlines()
ZEEK = (LINES / "zeek_conn.log").read_text()
EXTENDED = (LINES / "nginx_amplify_issue16_main_ext.log").read_text().strip()
CADDY = (LINES / "caddy_lab.log").read_text().splitlines()


def clients(path: Path) -> str:
    return re.sub(r".*clients: (\d+);.*", r"\1", notes(read_trace(path, stitch=("client", 0)))["stitched"])


def test_rotated_files_in_any_order_are_one_log(tmp_path: Path) -> None:
    files = [log(tmp_path / f"haproxy.log.{n}", line) for n, line in enumerate(HAPROXY)]
    expected = lives(read_trace(LINES / "haproxy_lab.log"))
    assert lives(read_trace(files)) == lives(read_trace(files[::-1])) == expected


def test_lines_that_two_nodes_of_a_balancer_wrote_count_once_with_their_places(tmp_path: Path) -> None:
    one, other = log(tmp_path / "node-1.log", ALB[0], ALB[1]), log(tmp_path / "node-2.log", ALB[1], ALB[0])
    assert read_trace([one, other]).connections == 2
    other.write_text(f"{ALB[1]}\n{ALB[0]}\n{ALB[0][:60]}\n")
    with pytest.raises(BadRowsError, match=r"node-2\.log:3: "):
        read_trace([one, other])


@pytest.mark.parametrize(
    ("line", "address", "other"),
    [
        (HAPROXY[0], "127.0.0.1:42594", "2001:db8::1:42594"),
        (HAPROXY_TCP[0], "127.0.0.1:45166", "[2001:db8::1]:45166"),
        (ALB[0], "10.0.0.140:40914", "[2001:db8::1]:40914"),
        (NGINX, "10.0.0.1", "2001:db8::1"),
        (CADDY[0], '"remote_ip":"127.0.0.1"', '"remote_ip":"::1"'),
    ],
)
def test_addresses_of_ipv6_are_addresses(tmp_path: Path, line: str, address: str, other: str) -> None:
    assert address in line
    changed = line.replace(address, other)
    path = log(tmp_path / "a.log", line, changed, re.sub(r":4\d{4}( |\])", r":1\1", changed))
    assert read_trace(log(tmp_path / "b.log", changed)).connections == 1
    assert clients(path) == "2"


@pytest.mark.parametrize(
    ("line", "part", "quoted"),
    [
        (NGINX, '"-" "-"', r'"-" "a \x22b\x22 101 0 \x22"'),
        (EXTENDED, "Mozilla/5.0", r"\x22Mozilla\x22 101 7 \x22-"),
        (ALB[0], '"-" - - arn', r'"say \"101 101 9 9\" twice" - - arn'),
        (ALB[1], "GET https://10.0.0.30:443/ ", "GET https://10.0.0.30:443/?q=a%22 b 2018-01-01T00:00:00Z "),
        (ENVOY[0], '- "-" "-"', r'- "-" "a \"b\" 1 2 3 - \""'),
        (CADDY[0], "Python/3.11", r"a \"b\": \\"),
    ],
)
def test_quotes_in_a_field_shift_no_other(tmp_path: Path, line: str, part: str, quoted: str) -> None:
    assert part in line
    plain, changed = (log(tmp_path / name, text) for name, text in (("a", line), ("b", line.replace(part, quoted))))
    found = [read_trace(one) for one in (plain, changed)]
    assert lives(found[0]) == lives(found[1])
    assert [None if one.total_bytes_out is None else one.total_bytes_out.tolist() for one in found].count(
        None if found[0].total_bytes_out is None else found[0].total_bytes_out.tolist()
    ) == 2  # fmt: skip


def test_retries_of_the_upstream_shift_no_field(tmp_path: Path) -> None:
    retried = EXTENDED.replace('ua="10.115.242.54:8082"', 'ua="10.115.242.53:8082, [2001:db8::1]:8082 : 10.0.0.1:1"')
    retried = retried.replace('us="101" ut="24388.248"', 'us="502, 101" ut="0.001, 24388.247"').replace(
        'ul="0"', 'ul="-, 0"'
    )
    assert lives(read_trace(log(tmp_path / "a.log", retried))) == [(1486098176752, 24388248)]


def test_connections_open_when_a_log_ends_are_told_of(tmp_path: Path) -> None:
    lines = [NGINX.replace("486.372", f"{486 + n}.372").replace("rt=3.508", "rt=100.000") for n in range(0, 400, 10)]
    text = notes(read_trace(log(tmp_path / "a.log", *lines)))["open_missing"]
    assert "about 8, judging" in text
    open_still = ZEEK.replace("\t0.447460\t601\t38393\tRSTO", "\t-\t-\t-\tS1")
    trace = read_trace(log(tmp_path / "conn.log", open_still))
    assert notes(trace)["left_out"] == "WebSockets whose end Zeek did not see, left out: 3"


def test_a_restart_of_the_server_is_told_of(tmp_path: Path) -> None:
    lines = [NGINX.replace("rt=3.508", f"rt={5 * n}.508") for n in range(1, 41)]
    assert "--stitch" in notes(read_trace(log(tmp_path / "a.log", *lines)))["restarts"]
    apart = [line.replace("486.372", f"{486 + n}.372") for n, line in enumerate(lines)]
    assert "restarts" not in notes(read_trace(log(tmp_path / "b.log", *apart)))
    alike = [NGINX.replace("rt=3.508", f"rt=60.{n:03d}") for n in range(40)]
    assert "restarts" not in notes(read_trace(log(tmp_path / "c.log", *alike)))


@pytest.mark.parametrize(
    ("unit", "scale", "message"),
    [
        ("s", 1, "times lie before 1990 or after 2100, so their unit is another; a unit a thousand times smaller"),
        ("us", 1, "a unit 1,000 times larger would fit"),
        ("ms", 1000, "a unit a thousand times smaller would fit"),
        ("ns", 10**6, None),
    ],
)
def test_a_unit_of_instants_that_cannot_be_is_refused(
    tmp_path: Path, unit: str, scale: int, message: str | None
) -> None:
    mapping = log(tmp_path / "kong.toml", KONG.replace('time = "ms"', f'time = "{unit}"'))
    line = '{"started_at": %d, "latencies": {"request": 3508}, "response": {"status": 101, "size": "271"}}'
    path = log(tmp_path / "kong.json", line % ((END - 3508) * scale))
    if message is None:
        assert lives(read_trace(path, source_format=str(mapping))) == [(END - 3508, 3508)]
        return
    with pytest.raises(TraceError, match=message):
        read_trace(path, source_format=str(mapping))


@pytest.mark.parametrize(("unit", "code"), [("ms", None), ("us", None), ("ns", "implausible_lives")])
def test_a_unit_of_durations_that_can_hardly_be_is_a_warning(tmp_path: Path, unit: str, code: str | None) -> None:
    mapping = log(tmp_path / "kong.toml", KONG.replace('duration = "ms"', f'duration = "{unit}"'))
    line = '{"started_at": %d, "latencies": {"request": %d}, "response": {"status": 101, "size": "271"}}'
    path = log(tmp_path / "kong.json", *(line % (END + n * 1000, 900_000 + n) for n in range(30)))
    assert ("implausible_lives" in notes(read_trace(path, source_format=str(mapping)))) == (code is not None)


def test_an_absurd_number_of_bytes_is_a_bad_row(tmp_path: Path) -> None:
    mapping = log(tmp_path / "kong.toml", KONG)
    line = '{"started_at": %d, "latencies": {"request": 3508}, "response": {"status": 101, "size": "-1"}}'
    with pytest.raises(BadRowsError, match="absurd number of bytes"):
        read_trace(log(tmp_path / "kong.json", line % END), source_format=str(mapping))


def test_a_flush_of_a_connection_that_lives_is_no_connection(tmp_path: Path) -> None:
    line = (
        '{"start_time":"2024-07-21T08:32:59.547Z","method":"GET","response_code":101,"response_flags":"%s",'
        '"bytes_received":61,"bytes_sent":%d,"duration":%d,"access_log_type":"Downstream%s"}'
    )
    lines = (
        line % ("-", 50, 5000, "Periodic"),
        line % ("-", 100, 10_000, "Periodic"),
        line % ("DC", 105, 13_342, "End"),
    )
    trace = read_trace(log(tmp_path / "envoy.json", *lines))
    assert lives(trace) == [(1721550779547, 13342)]
    assert notes(trace)["left_out"].endswith("left out: 2")


@pytest.mark.parametrize(
    "prefix", ["", "caddy-1  | ", "2026-11-23T04:34:46.372999Z stdout F ", "<134>Nov 23 04:34:46 host caddy[1]: "]
)
def test_what_containers_and_syslog_write_before_json_is_no_part_of_it(tmp_path: Path, prefix: str) -> None:
    path = log(tmp_path / "caddy.log", *(prefix + line for line in CADDY))
    found = read_trace(path, source_format="caddy" if prefix.startswith("<") else None)
    assert lives(found) == [(1795408503928, 3515), (1795408507446, 3509)]


@pytest.mark.parametrize("line", [NGINX, HAPROXY[0], CADDY[0], ENVOY[0], ALB[0]])
def test_a_line_within_the_json_of_docker_is_the_line(tmp_path: Path, line: str) -> None:
    cells = {"log": f"{line}\n", "stream": "stdout", "time": "2026-11-23T04:34:46.372999Z"}
    wrapped = json.dumps(cells, separators=(",", ":"))
    plain, packed = log(tmp_path / "plain.log", line), log(tmp_path / "container-json.log", wrapped)
    assert lives(read_trace(packed)) == lives(read_trace(plain))
    with pytest.raises(BadRowsError, match=r":2: line: not a line of this format"):
        read_trace(log(tmp_path / "broken.log", wrapped, wrapped[:50], wrapped))


@pytest.mark.parametrize("prefix", ["<190>Nov 23 04:34:46 host nginx: ", "Nov  3 04:34:46 nginx[7]: "])
def test_what_syslog_writes_before_an_address_is_no_part_of_it(tmp_path: Path, prefix: str) -> None:
    path = log(tmp_path / "syslog", prefix + NGINX, NGINX)
    assert lives(read_trace(path)) == [(END - 3508, 3508)] * 2
    assert clients(path) == "1"


def test_nginx_as_json_is_recognised_by_the_names_of_its_variables(tmp_path: Path) -> None:
    line = (
        '{"msec":"%s","remote_addr":"2001:db8::1","status":"%d","request_time":"3.508","body_bytes_sent":"3016",'
        '"http_user_agent":"a \\"b\\""}'
    )
    path = log(tmp_path / "a.json", line % ("1795408486.372", 101), line % ("1795408486.400", 200))
    trace = read_trace(path)
    assert (lives(trace), notes(trace)["not_websocket"][-1]) == ([(END - 3508, 3508)], "1")
    assert trace.total_bytes_out.tolist() == [3016]  # type: ignore[union-attr]
    assert clients(path) == "1"


@pytest.mark.parametrize("order", ["600.123 0.003", "0.003 600.123", "600.120 600.121"])
def test_no_part_of_a_request_outlasts_the_whole(tmp_path: Path, order: str) -> None:
    """Two lengths that nothing names, `$request_time $upstream_response_time` or the other way round."""
    line = '192.0.2.9 - - [01/Jan/2026:10:10:00 +0000] "GET /ws HTTP/1.1" 101 20480 "-" "Mozilla/5.0" '
    lasted = 600_120 if order.startswith("600.120") else 600_123
    assert [life for _, life in lives(read_trace(log(tmp_path / "a.log", line + order)))] == [lasted]


TCP = '[2026-01-01T10:00:00.000Z] "- - -" 0 - 61 105 600123 - "-" "-" "-" "-" "192.0.2.5:9000"'
TCP_JSON = json.dumps({
    "start_time": "2026-01-01T10:00:00.000Z", "method": None, "protocol": None, "response_code": 0, "duration": 600123,
    "response_flags": "-", "bytes_received": 61, "bytes_sent": 105, "request_id": None, "authority": None,
})  # fmt: skip
"""Lines of Envoy's TCP proxy, in its own text and in Istio's JSON."""


@pytest.mark.parametrize("line", [TCP, TCP.replace(" 0 - ", ' 0 - - - "-" '), TCP_JSON])
def test_lines_of_tcp_of_envoy_are_connections_where_they_stand_alone(tmp_path: Path, line: str) -> None:
    failed = line.replace(" 0 - ", " 0 UF,URX ").replace('_flags": "-"', '_flags": "UF"')
    trace = read_trace(log(tmp_path / "a.log", line, failed))
    assert [life for _, life in lives(trace)] == [600_123]
    assert notes(trace)["any_tcp"].endswith("WebSockets from others: 1")


def test_lines_of_tcp_of_envoy_are_no_websockets_beside_an_upgrade(tmp_path: Path) -> None:
    assert lives(read_trace(log(tmp_path / "a.log", TCP, TCP, ENVOY[0]))) == [(1721550779547, 13342)]


def test_flushes_that_name_no_request_are_told_of(tmp_path: Path) -> None:
    line = TCP.replace('"- - -" 0', '"GET /ws HTTP/1.1" 101')
    trace = read_trace(log(tmp_path / "a.log", line, line.replace("600123", "300000"), line.replace(":00.", ":01.")))
    assert trace.connections == 3
    assert notes(trace)["unnamed_flushes"].endswith(": 1")
