# ruff: noqa: E501, ISC004 (lines of logs stay whole)
"""Every format from its own text, first try: lines in the form that its documentation shows, with other values.

Each is a WebSocket of ten minutes and a little, between other requests. Sources: the access log pages of the products'
own documentation, seen 2026-11-25, and the lines that the servers of `tests/servers` write.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from scfcost.core.errors import BadRowsError, ConfigError, TraceError
from scfcost.trace.read import read_trace
from tests.trace.formats.test_lines import lives, log, notes

START, END = 1767261600000, 1767262200000
LASTED = 600_123
FROM_START, FROM_END = (START, LASTED), (END - LASTED, LASTED)
CLF = '192.0.2.9 - - [01/Jan/2026:10:{minute}:00 +0000] "GET /ws HTTP/1.1" {status}'
OPEN, DONE = CLF.format(minute="00", status=101), CLF.format(minute="10", status=101)
CADDY: dict[str, Any] = {
    "level": "info", "ts": END / 1000, "logger": "http.log.access", "msg": "handled request",
    "request": {"remote_ip": "192.0.2.9", "proto": "HTTP/1.1", "method": "GET", "headers": {"Upgrade": ["websocket"]}},
    "duration": 600.123, "size": 9000, "status": 101, "resp_headers": {"Upgrade": ["websocket"]},
}  # fmt: skip
CONSOLE = {key: value for key, value in CADDY.items() if key not in ("level", "ts", "logger", "msg")}
CLB = (
    "[r1] [01/Jan/2026:18:10:00 +0800] [WSS] [203.0.113.5:443] [ws.example] [192.0.2.9:53122] [101] [192.0.2.2:8080] "
    "[101] [s1] [GET /ws HTTP/1.1] [512] [20480] [ws.example] [Mozilla/5.0] [-] [600.123] [600.120] [0.001] [0.003] [12] "
    "[991] [1] [0.021] [C] [TLSv1.2] [77] [/ws] [HTTP/1.1]"
)
CLB_FIELDS = {"stgw_request_id": "r1", "time_local": "01/Jan/2026:18:10:00 +0800", "protocol_type": "WSS",
              "remote_addr": "192.0.2.9", "status": "101", "bytes_sent": "20480", "request_time": "600.123"}  # fmt: skip
EDGE = {"EdgeResponseStatus": 101, "EdgeResponseBytes": 20480, "ClientRequestBytes": 9, "ClientIP": "192.0.2.9"}
IIS = (
    "#Software: Microsoft Internet Information Services 10.0\n"
    "#Fields: date time s-ip cs-method cs-uri-stem c-ip cs(User-Agent) sc-status sc-bytes cs-bytes time-taken\n"
    "2026-01-01 10:06:00 192.0.2.10 GET / 192.0.2.9 Mozilla/5.0 200 512 300 12\n"
    "2026-01-01 10:10:00 192.0.2.10 GET /hub 192.0.2.9 Mozilla/5.0 101 20480 2048 600123"
)
FRONT = (
    "#Version: 1.0\n#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status time-taken\n"
    "2026-01-01\t10:06:00\tFRA56-P1\t392\t192.0.2.9\tGET\td1.example\t/\t200\t0.001\n"
    "2026-01-01\t10:10:00\tFRA56-P1\t20480\t192.0.2.9\tGET\td1.example\t/ws\t101\t600.123"
)
AZURE = {"timeStamp": "2026-01-01T10:10:00+00:00", "category": "ApplicationGatewayAccessLog", "properties": {
    "clientIP": "192.0.2.9", "httpStatus": 101, "receivedBytes": 65, "sentBytes": 20480, "timeTaken": 600.123}}  # fmt: skip
KONG = {"started_at": START, "latencies": {"request": LASTED, "kong": 1, "proxy": 2}, "client_ip": "192.0.2.9",
        "response": {"status": 101, "size": "20480"}, "request": {"size": "61"}}  # fmt: skip
APISIX = {"start_time": START, "latency": 600123.4, "apisix_latency": 1, "upstream_latency": 2,
          "response": {"status": 101, "size": 20480}, "request": {"size": 61}, "client_ip": "192.0.2.9"}  # fmt: skip
GCP = {"httpRequest": {"latency": "600.123456s", "remoteIp": "192.0.2.9", "requestSize": "61", "responseSize": "20480",
                       "status": 101}, "timestamp": "2026-01-01T10:00:00Z"}  # fmt: skip
ALIBABA = {"slbid": "lb-1", "client_ip": "192.0.2.9", "status": "101", "request_time": "600.123", "request_length": "512",
           "body_bytes_sent": "20480", "time": "2026-01-01T18:10:00+08:00", "upstream_response_time": "600.1"}  # fmt: skip
TRACEFIELDS = {"ClientHost": "192.0.2.9", "DownstreamStatus": 200, "Duration": 600_123_456_789, "OriginStatus": 200,
               "RequestMethod": "CONNECT", "RequestProtocol": "HTTP/2.0", "StartUTC": "2026-01-01T10:00:00Z"}  # fmt: skip
ENVOY = '"{method} /ws {protocol}" {status} - 61 20480 600123 - "-" "-" "r1" "ws.example" "192.0.2.2:80"'
H2 = ENVOY.format(method="CONNECT", protocol="HTTP/2", status=200)
H1 = ENVOY.format(method="GET", protocol="HTTP/1.1", status=101)
AT = "[2026-01-01T10:00:00.000Z]"
KESTREL = "Request finished HTTP/1.1 GET http://a.example/ws - 101"

FORMATS: dict[str, tuple[str, str, tuple[int, int], int | None]] = {
    "traefik's common form": ("traefik", f'{OPEN} 0 "-" "-" 1 "ws@docker" "http://192.0.2.2:80" 600123ms', FROM_START, None),
    "traefik's local start": ("traefik", json.dumps({"DownstreamStatus": 101, "Duration": 600_123_000_000, "StartLocal":
        "2026-01-01T18:00:00.000+08:00", "RequestMethod": "GET"}), FROM_START, None),
    "traefik over HTTP/2": ("traefik", json.dumps(TRACEFIELDS), FROM_START, None),
    "caddy": ("caddy", json.dumps(CADDY), FROM_END, 9000),
    "caddy, no size": ("caddy", json.dumps({**CADDY, "size": 0}), FROM_END, None),
    "caddy, ISO": ("caddy", json.dumps({**CADDY, "ts": "2026-01-01T10:10:00.000Z"}), FROM_END, 9000),
    "caddy, wall": ("caddy", json.dumps({**CADDY, "ts": "2026/01/01 10:10:00.000"}), FROM_END, 9000),
    "caddy, ms": ("caddy", json.dumps({**CADDY, "ts": 1767262200000.0, "duration": "10m0.123s"}), FROM_END, 9000),
    "caddy's console": (
        "caddy", f"2026/01/01 10:10:00.000\tINFO\thttp.log.access.log0\thandled request\t{json.dumps(CONSOLE)}", FROM_END, 9000,
    ),
    "envoy over HTTP/2": ("envoy", f"{AT} {H2}", FROM_START, 20480),
    "kuma": ("envoy", f"{AT} default {H1}", FROM_START, 20480),
    "emissary": ("envoy", f"ACCESS {AT} {H1}", FROM_START, 20480),
    "contour": ("envoy", json.dumps({"@timestamp": "2026-01-01T10:00:00.000Z", "bytes_sent": 20480, "duration": LASTED,
        "method": "GET", "response_code": 101, "response_flags": "-"}), FROM_START, 20480),
    "nlb": ("nlb", "tls 2.0 2026-01-01T10:10:00 net/lb/1 abc 192.0.2.9:51341 192.0.2.2:443 600123 2 61 20480 - arn:x - C "
            "tlsv12 - lb.example - - - 2026-01-01T10:00:00", FROM_END, 20480),
    "clb": ("tencent-clb", CLB, FROM_END, 20480),
    "clb by CLS": ("tencent-clb", json.dumps(CLB_FIELDS), FROM_END, 20480),
    "clb by SearchLog": ("tencent-clb", json.dumps({"Response": {"Results": [{"LogJson": json.dumps(CLB_FIELDS)}]}}),
                         FROM_END, 20480),
    "clb's text by CLS": ("tencent-clb", json.dumps({"__CONTENT__": CLB, "__SOURCE__": "x"}), FROM_END, 20480),
    "clb as CSV": ("tencent-clb", ",".join(CLB_FIELDS) + "\n" + ",".join(CLB_FIELDS.values()), FROM_END, 20480),
    "alibaba": ("alibaba", json.dumps(ALIBABA), FROM_END, 20480),
    "gcp": ("gcp-lb", json.dumps([GCP], indent=2), FROM_START, 20480),
    "cloudflare": ("cloudflare", json.dumps({**EDGE, "EdgeStartTimestamp": "2026-01-01T10:00:00Z",
        "EdgeEndTimestamp": "2026-01-01T10:10:00.123Z"}), FROM_START, 20480),
    "cloudflare, ns": ("cloudflare", json.dumps({**EDGE, "EdgeStartTimestamp": START * 10**6,
        "EdgeEndTimestamp": (START + LASTED) * 10**6}), FROM_START, 20480),
    "cloudflare's WebSockets": ("cloudflare", json.dumps({"BytesReceivedClient": 61, "BytesSentClient": 20480, "ConnectionID": "0a",
        "ConnectionCloseReason": "peerNoError", "ConnectionCloseSource": "downstream", "EdgeStartTimestamp": START * 10**6,
        "EdgeEndTimestamp": (START + LASTED) * 10**6}), FROM_START, 20480),
    "edgeone": ("edgeone", "\n".join(json.dumps({"RequestTime": "2026-01-01T10:00:00Z", "RequestProtocol": "WebSocket",
        "RequestStatus": status, "EdgeResponseTime": lasted, "EdgeResponseBytes": size, "ClientIP": "192.0.2.9"})
        for status, lasted, size in ((0, 300_000, 9_000), (1, LASTED, 20480))), FROM_START, 20480),
    "edgeone, its end": ("edgeone", json.dumps({"RequestTime": "2026-01-01T10:00:00Z", "RequestProtocol": "WebSocket",
        "RequestStatus": 2, "EdgeEndTime": "2026-01-01T10:10:00Z", "EdgeResponseBytes": 9}), (START, 600_000), 9),
    "edgeone's L4": ("edgeone", "\n".join(json.dumps({"SessionID": "s1", "ConnectTimeStamp": "2026-01-01T10:00:00Z",
        "DisconnetTimeStamp": end, "DisconnetReason": why, "ReceivedBytes": size, "SentBytes": 7})
        for end, why, size in (("-", "-", 20000), ("2026-01-01T10:10:00Z", "up:net_exception_peer_close", 480))),
        (START, 600_000), 20480),
    "azure's front door": ("azure-front-door", json.dumps({"records": [{"time": "2026-01-01T10:10:00.0000000Z",
        "category": "FrontDoorAccessLog", "properties": {"httpStatusCode": "101", "timeTaken": "600.123", "requestBytes": "61",
        "responseBytes": "20480", "clientIp": "192.0.2.9"}}]}), FROM_END, 20480),
    "azure's table": ("azure-gateway", json.dumps({"TimeGenerated": "2026-01-01T10:10:00Z", "HttpStatus": 101, "TimeTaken": 600.123,
        "SentBytes": 20480, "ReceivedBytes": 61, "ClientIp": "192.0.2.9"}), FROM_END, 20480),
    "cloudfront as JSON": ("cloudfront", json.dumps({"date": "2026-01-01", "time": "10:10:00", "x-edge-location": "FRA56-P1",
        "sc-bytes": "20480", "c-ip": "192.0.2.9", "sc-status": "101", "time-taken": "600.123"}), FROM_END, 20480),
    "nginx, times of the upstream": ("nginx", DONE + ' 20480 "-" "Mozilla" rt=600.123 uct="0.001" uht="0.003" urt="600.122"', FROM_END, 20480),
    "nginx, bare times": ("nginx", DONE + ' 20480 "-" "Mozilla" "-" rt=600.123 uct=0.001 uht=0.003 urt=600.122', FROM_END, 20480),
    "nginx, two times": ("nginx", DONE + ' 20480 "-" "Mozilla" 600.123 600.122', FROM_END, 20480),
    "nginx, labelled": ("nginx", "time:01/Jan/2026:10:10:00 +0000\thost:192.0.2.9\treq:GET /ws HTTP/1.1\tstatus:101\tsize:20480"
                        "\treqtime:600.123\tapptime:600.120", FROM_END, 20480),
    "kong": ("kong", json.dumps(KONG), FROM_START, 20480),
    "kong in nginx's log": ("kong", f"2026/01/01 10:10:00 [notice] 1#0: *1 [lua] log: {json.dumps(KONG)}, context: ngx.timer",
                            FROM_START, 20480),
    "gcp as CSV": ("gcp-lb", "httpRequest.latency,httpRequest.status,timestamp,httpRequest.responseSize\n"
                   "600.123456s,101,2026-01-01T10:00:00Z,20480", FROM_START, 20480),
    "traefik, given up by the client": ("traefik", json.dumps({**TRACEFIELDS, "DownstreamStatus": 499, "RequestMethod": "GET",
        "RequestProtocol": "HTTP/1.1", "request_Upgrade": "websocket"}), FROM_START, None),
    "kong in a batch": ("kong", json.dumps([KONG]), FROM_START, 20480),
    "apisix": ("apisix", json.dumps(APISIX), FROM_START, 20480),
    "apisix's access.log": ("nginx", DONE.replace('"GET', 'ws.example "GET') +
        ' 20480 600.123 "-" "Mozilla" 192.0.2.2:80 101 600.120 "http://192.0.2.2/ws"', FROM_END, 20480),
    "azure": ("azure-gateway", json.dumps({"records": [AZURE]}), FROM_END, 20480),
    "iis": ("iis", IIS, FROM_END, 20480),
    "cloudfront": ("cloudfront", FRONT, FROM_END, 20480),
    "gin": ("gin", '[GIN] 2026/01/01 - 10:10:00 | 101 |      10m0.123s |       192.0.2.9 | GET      "/ws"', FROM_END, None),
    "gin in colour": ("gin", '[GIN] 2026/01/01 - 10:10:00 |\x1b[97;42m 101 \x1b[0m|  10m0.123s |  192.0.2.9 |\x1b[9m GET \x1b[0m "/ws"',
                      FROM_END, None),
    "tornado": ("tornado", "[I 260101 10:10:00 web:2348] 101 GET /ws (192.0.2.9) 600123.00ms", FROM_END, None),
    "morgan": ("morgan", f'{DONE} - "-" "Mozilla/5.0" 600123.456 ms', FROM_END, None),
    "haproxy's common form": ("haproxy", OPEN + ' 20480 "" "" 42594 000 "f" "b" "s1" 0 0 0 1 600123 ---- 1 1 0 0 0 0 0 "" ""',
                              FROM_START, 20480),
    "ingress-nginx for Google's logging": ("nginx", json.dumps({"timestamp": "2026-01-01T10:10:00+00:00", "proxyUpstreamName": "chat-80",
        "upstreamStatus": "101", "httpRequest": {"status": 101, "responseSize": "20480", "latency": "600.123 s"}}), FROM_END, 20480),
    "lines of a container, by Google's logging": ("nginx", json.dumps({"timestamp": "2026-01-01T10:10:00Z", "resource": {"type":
        "k8s_container"}, "httpRequest": {"status": 101, "responseSize": "20480", "latency": "600.123s"}}), FROM_END, 20480),
    "heroku's drain": ("heroku", "318 <158>1 2026-01-01T10:10:00.000000+00:00 host heroku router - at=info method=GET path=\"/ws\" "
        'fwd="192.0.2.9" dyno=web.1 connect=0ms service=600123ms status=101 bytes=20480 protocol=https', FROM_END, 20480),
    "heroku's router": ("heroku", '2026-01-01T10:10:00.000000+00:00 heroku[router]: at=info method=GET path="/ws" host=a.example '
        'request_id=r fwd="192.0.2.9" dyno=web.1 connect=1ms service=600123ms status=101 bytes=20480 protocol=https', FROM_END, 20480),
    "chi": ("chi", '2026/01/01 10:10:00 [host/abc-000001] "GET http://a.example/ws HTTP/1.1" from 192.0.2.9:5 - 000 0B in 10m0.123s',
            FROM_END, None),
    "chi in colour": ("chi", '2026/01/01 10:10:00 \x1b[36m"\x1b[0m\x1b[35;1mGET \x1b[0m\x1b[36mhttp://a.example/ws HTTP/1.1" \x1b[0mfrom '
        "[::1]:5 - \x1b[34;1m101\x1b[0m\x1b[34;1m 0B\x1b[0m in \x1b[31m10m0.123s\x1b[0m", FROM_END, None),
    "serilog": ("aspnet", f"2026-01-01 10:10:00.000 +00:00 [INF] {KESTREL} null null 600123.4567ms", FROM_END, None),
    "serilog's requests": ("aspnet", "2026-01-01 10:10:00.000 +00:00 [INF] HTTP GET /ws responded 101 in 600123.4567 ms", FROM_END, None),
    "serilog, local": ("aspnet", f"[2026-01-01 10:10:00.000 INF] {KESTREL} null null 600123.4567ms", FROM_END, None),
    "kestrel on one line": ("aspnet", "2026-01-01T10:10:00.000+00:00 info: Microsoft.AspNetCore.Hosting.Diagnostics[2] "
        "Request finished HTTP/1.1 GET http://a.example/ws - - - 101 - - 600123.4567ms", FROM_END, None),
    "kestrel as JSON": ("aspnet", json.dumps({"Timestamp": "2026-01-01T10:10:00.0000000+00:00", "EventId": 2, "Message": KESTREL,
        "State": {"ElapsedMilliseconds": 600123.4567, "StatusCode": 101, "Protocol": "HTTP/1.1", "Method": "GET"}}), FROM_END, None),
    "serilog as JSON": ("aspnet", json.dumps({"@t": "2026-01-01T10:10:00.0000000Z", "RequestMethod": "GET", "StatusCode": 101,
        "Elapsed": 600123.4567}), FROM_END, None),
    "kestrel's W3C": ("aspnet", "#Version: 1.0\n#Start-Date: 2026-01-01 10:00:00\n#Fields: date time c-ip cs-method sc-status time-taken\n"
        "2026-01-01 10:00:00 192.0.2.9 GET 101 600123.4567", FROM_START, None),
    "haproxy as JSON": ("haproxy", json.dumps({"client_ip": "192.0.2.9", "request_date": "01/Jan/2026:10:00:00.000", "TR": "0", "Tw": "0",
        "Tc": "1", "Tr": "2", "Ta": "600123", "status_code": "101", "bytes_read": "20480", "termination_state": "----"}), FROM_START, 20480),
    "haproxy as JSON, with its zone": ("haproxy", json.dumps({"haproxy": {"time_request": 0, "time_wait": 0, "time_connect": 1,
        "time_response": 2, "time_active": 600123, "at": "01/Jan/2026:18:00:00 +0800"}, "http": {"status": 101, "bytes_read": 20480}}),
        FROM_START, 20480),
    "nginx, nested": ("nginx", json.dumps({"time_local": "01/Jan/2026:10:10:00 +0000", "core": {
        "remote_addr": "192.0.2.9", "status": "101", "request_time": "600.123", "body_bytes_sent": "20480"}}), FROM_END, 20480),
    "nginx, with commas": ("nginx", json.dumps({"time_local": "01/Jan/2026:10:10:00 +0000", "remote_addr": "192.0.2.9",
        "status": "101", "request_time": "600.123", "body_bytes_sent": "20480"}) + ",", FROM_END, 20480),
    "nginx, other names": ("nginx", json.dumps({"ts": "2026-01-01T10:10:00+00:00", "ip": "192.0.2.9", "code": 101,
        "dur": "600.123", "bytes": 20480, "uri": "/ws"}), FROM_END, 20480),
    "nginx by CLS": ("nginx", json.dumps({"__CONTENT__": f'{DONE} 20480 "-" "Mozilla" 600.123'}), FROM_END, 20480),
}  # fmt: skip


@pytest.mark.parametrize("which", FORMATS)
def test_a_format_is_read_from_its_own_text(tmp_path: Path, which: str) -> None:
    name, text, life, size = FORMATS[which]
    trace = read_trace(log(tmp_path / "a.log", text))
    assert f"(--from {name})" in notes(trace)["read_as"]
    assert lives(trace) == [life]
    if size is None:
        assert "bytes_unknown" in notes(trace)
    else:
        assert trace.total_bytes_out is not None
        assert trace.total_bytes_out.tolist() == [size]


@pytest.mark.parametrize(
    "request_line",
    ['"OPTIONS /api HTTP/2.0" 0', '"POST /api HTTP/1.1" 0', '"GET /api HTTP/2.0" 0', '"CONNECT a.example:443 HTTP/1.1" 200'],
)  # fmt: skip
def test_a_status_alone_is_no_upgrade(tmp_path: Path, request_line: str) -> None:
    line = f'{OPEN} 0 "-" "-" 1 "ws@docker" "http://192.0.2.2:80" 600123ms'
    other = line.replace('"GET /ws HTTP/1.1" 101', request_line)
    assert notes(read_trace(log(tmp_path / "a.log", line, other)))["not_websocket"].endswith(": 1")
    envoy = [f"{AT} {H1}", f"{AT} {H2.replace('/ws', 'a.example:443')}"]
    assert read_trace(log(tmp_path / "b.log", *envoy)).connections == 1


STRINGS = {
    ('%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i" %D', None): (f'{OPEN} - "-" "Mozilla" 600123456', FROM_START),
    ('%h %l %u %t "%r" %>s %b %{ms}T', None): (f"{OPEN} 0 600123", FROM_START),
    ('%h %l %u %t "%r" %>s %b %T', "apache"): (f"{OPEN} 0 600", (START, 600_000)),
    ('%D %h %l %u %t \\"%r\\" %>s %I %O', None): (f"600123456 {OPEN} 61 20480", FROM_START),
    ('%{msec}t "%r" %>s %D', None): (f'{START} "GET /ws HTTP/1.1" 101 600123456', FROM_START),
    ('%{end:msec}t "%r" %>s %D', None): (f'{END} "GET /ws HTTP/1.1" 101 600123456', FROM_END),
    ('%{begin:msec}t %{end:msec}t "%r" %>s', None): (f'{START} {START + LASTED} "GET /ws HTTP/1.1" 101', FROM_START),
    ('%h %l %u %t "%r" %s %b %D', "tomcat9"): (f"{DONE} - 600123", FROM_END),
    ('%h %l %u %t "%r" %s %b %D', "tomcat"): (f"{DONE} - 600123456", FROM_END),
    ('%h %{yyyy-MM-dd HH:mm:ss}t "%r" %s %T', "tomcat9"):
        ('192.0.2.9 2026-01-01 10:10:00 "GET /ws HTTP/1.1" 101 600.123', FROM_END),
    ('%{client}a - %u %t "%r" %s %O "%{Referer}i" "%{User-Agent}i" %{ms}T', "jetty"):
        (f'{OPEN} 20480 "-" "Mozilla" 600123'.replace("- -", "- -"), FROM_START),
}  # fmt: skip


@pytest.mark.parametrize(("string", "server"), STRINGS)
def test_a_server_is_read_by_its_own_format_string(tmp_path: Path, string: str, server: str | None) -> None:
    line, life = STRINGS[string, server]
    path = log(tmp_path / "access.log", line)
    assert lives(read_trace(path, log_format=string, source_format=server)) == [life]


@pytest.mark.parametrize(
    "line",
    [
        f'{OPEN} - "-" "Mozilla/5.0" 600000000',
        f'{OPEN} - "-" "Mozilla/5.0" 600',
        f"600000000 {OPEN} -",
        f'{OPEN} - 600000000 "-" "Mozilla/5.0"',
        f'ws.example:443 {OPEN} - "-" "Mozilla/5.0" 600 600000000',
        f'{OPEN} - "-" "Mozilla/5.0" **600/600000000**',
        f'{OPEN} - "-" "Mozilla/5.0" took=600123ms',
        f'{OPEN} - "-" "Mozilla/5.0" "600000000"',
        f'{OPEN} - "-" "Mozilla/5.0" 600000000 5120 2048',
        '192.0.2.9 - - [01/Jan/2026:10:00:00 +0000] 600000000 "GET /ws HTTP/1.1" 101 - "-" "Mozilla/5.0"',
    ],
)
def test_a_number_without_its_unit_is_refused_with_a_string_that_reads_it(tmp_path: Path, line: str) -> None:
    path = log(tmp_path / "access.log", line, line.replace(" 101 ", " 200 "))
    with pytest.raises(TraceError, match="unit of its numbers") as error:
        read_trace(path)
    string = str(error.value).partition("--log-format '")[2].partition("'\n")[0]
    assert read_trace(path, log_format=string).connections == 1


def test_bytes_of_the_whole_stand_for_a_body_that_is_not_told(tmp_path: Path) -> None:
    """Of a tunnel httpd writes `-` as %b, and all that went through as %O."""
    string = '%h %l %u %t "%r" %>s %b %I %O %D'
    trace = read_trace(log(tmp_path / "a.log", f"{OPEN} - 61 20480 600123456"), log_format=string)
    assert trace.total_bytes_out is not None
    assert (trace.total_bytes_out.tolist(), "handshake_bytes" in notes(trace)) == ([20480], True)
    told = read_trace(log(tmp_path / "b.log", f"{OPEN} 20000 61 20480 600123456"), log_format=string)
    assert told.total_bytes_out is not None
    assert (told.total_bytes_out.tolist(), "handshake_bytes" in notes(told)) == ([20000], False)


@pytest.mark.parametrize("lines", [1, 3, 30])
def test_lives_that_cannot_be_right_stop_the_reading(tmp_path: Path, lines: int) -> None:
    start = log(tmp_path / "a.log", *[f'{OPEN} - "-" "Mozilla" 600000000'] * lines)
    with pytest.raises(TraceError, match="longer than the log, so its unit"):
        read_trace(start, log_format='%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i" %T')
    end = log(tmp_path / "b.log", *[f'{DONE} 5 "-" "Mozilla" 600123.456'] * lines)
    with pytest.raises(TraceError, match="6 days before the log's first line"):
        read_trace(end)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("[I 260101 10:10:00 web:2348] 101 GET /ws (192.0.2.9) 1.00ms", "Tornado writes .* at its handshake"),
        ("::1 - GET /ws HTTP/1.1 101 - - 600123.456 ms", "but not when .*:total-time ms"),
        ("\x1b[0mGET /ws \x1b[36m101\x1b[0m 600123.456 ms - -\x1b[0m", "but not when .*:total-time ms"),
        ('[01/Jan/2026:10:10:00 +0000] - 101 101 - GET https ws.example "/ws" [Client 192.0.2.9] [Length 143] [Gzip -] '
         '[Sent-to 192.0.2.2] "Mozilla/5.0" "-"', r"Nginx Proxy Manager.*\$request_time"),
        (f"{KESTREL} - - 600123.4567ms", "not on which day.*TimestampFormat"),
        ("[10:10:00 INF] HTTP GET /ws responded 101 in 600123.4567 ms", "not on which day.*Serilog"),
        ("10:10:00 | 101 |      36.5µs |       127.0.0.1 | GET     | /ws             | -", "Fiber .* at its handshake.*import .*--suggest"),
        ("10:00:00.000 [info] CONNECTED TO Phoenix.LiveView.Socket in 23µs", "Phoenix .* not when it closed.*terminate/2"),
        ("2026-01-01 10:00:00,123 connection open", "Python's websockets name no connection.*an adapter that puts the id"),
        ("2026-01-01 10:00:00,123 - websockets.server - INFO - connection closed", "Python's websockets"),
        ("INFO:     connection open", "uvicorn's"),
        (f'{DONE} 143 "-" "Mozilla/5.0"', r"one time of a connection.*LogFormat .*log_format websocket"),
        ('INFO:werkzeug:192.0.2.9 - - [01/Jan/2026 10:10:00] "GET /socket.io/?EIO=4 HTTP/1.1" 200 -', r"werkzeug .*request\.sid"),
        ("#Fields: date time c-ip sc-status\n2026-01-01 10:10:00 192.0.2.9 101", "lack time-taken.*Time Taken"),
    ],
)  # fmt: skip
def test_a_log_that_tells_too_little_is_refused_with_the_way_out(tmp_path: Path, line: str, words: str) -> None:
    with pytest.raises(TraceError, match=f"(?s){words}"):
        read_trace(log(tmp_path / "a.log", line))


@pytest.mark.parametrize(
    ("string", "server", "words"),
    [
        ('%h %l %u %t "%r" %>s %b', None, "without %D .*LogFormat"),
        ('%h "%r" %s %D', "tomcat", "without %t .*pattern="),
        (None, "jetty", "needs its format string"),
        ("%h", "caddy", "caddy has no format strings; those that have are apache, tomcat, tomcat9, jetty, nginx"),
    ],
)
def test_a_format_string_that_tells_too_little_says_what_to_add(
    tmp_path: Path, string: str | None, server: str | None, words: str
) -> None:
    with pytest.raises(ConfigError, match=f"(?s){words}"):
        read_trace(log(tmp_path / "a.log", OPEN), log_format=string, source_format=server)


@pytest.mark.parametrize("rest", ['"-" "Mozilla" rt=600.123 cache=-', f"{END // 1000}.000 600.123"])
def test_a_form_of_nginx_that_is_not_known_is_refused_with_a_string_that_reads_it(tmp_path: Path, rest: str) -> None:
    path = log(tmp_path / "a.log", f"{DONE} 5 {rest}")
    with pytest.raises(TraceError, match="three decimals") as error:
        read_trace(path)
    string = str(error.value).partition("--log-format '")[2].partition("'\n")[0]
    assert lives(read_trace(path, log_format=string)) == [FROM_END]


GATEWAY = {
    "the console's CSV": '192.0.2.9,-,-,01/Jan/2026:10:{minute}:00 +0000,{event},$default,abc=,200,r1',
    "the console's XML": '<request id="r1"> <ip>192.0.2.9</ip> <requestTime>01/Jan/2026:10:{minute}:00 +0000</requestTime> '
        '<eventType>{event}</eventType> <status>200</status> <connectionId>abc=</connectionId> </request>',
    "the console's CLF": '192.0.2.9 - - [01/Jan/2026:10:{minute}:00 +0000] "{event} $default abc=" 200 r1',
    "other names": '{{"event_type": "{event}", "connection_id": "abc=", "request_time": "01/Jan/2026:10:{minute}:00 +0000", "status": "200"}}',
}  # fmt: skip


@pytest.mark.parametrize("which", GATEWAY)
def test_an_api_gateway_is_read_by_any_template(tmp_path: Path, which: str) -> None:
    events = (("CONNECT", "00"), ("MESSAGE", "01"), ("DISCONNECT", "10"))
    trace = read_trace(log(tmp_path / "a.log", *(GATEWAY[which].format(event=what, minute=at) for what, at in events)))
    assert (lives(trace), trace.messages) == ([(START, 600_000)], 1)


def test_timeouts_of_the_edge_itself_are_marked(tmp_path: Path) -> None:
    row = {"BytesSentClient": 1, "ConnectionID": "0a", "ConnectionCloseReason": "timedOut",
           "EdgeStartTimestamp": "2026-01-01T10:00:00Z", "EdgeEndTimestamp": "2026-01-01T10:01:40Z"}  # fmt: skip
    rows = [json.dumps({**row, "ConnectionCloseSource": source}) for source in ("me", "downstream")]
    assert notes(read_trace(log(tmp_path / "a.log", *rows)))["cut_by_proxy"].endswith(": 1")


def test_a_log_of_the_edge_is_the_same_whenever_it_is_read(tmp_path: Path) -> None:
    path = log(tmp_path / "a.log", *FORMATS["edgeone's L4"][1].split("\n"))
    sizes = [read_trace(path).total_bytes_out for _ in range(2)]
    assert [one.tolist() for one in sizes if one is not None] == [[20480], [20480]]


def test_a_session_of_the_edge_without_an_end_is_left_out(tmp_path: Path) -> None:
    ended, still = FORMATS["edgeone's L4"][1].split("\n")[::-1]
    path = log(tmp_path / "a.log", still.replace("s1", "s2"), still, ended)
    trace = read_trace(path)
    assert (trace.connections, notes(trace)["left_out"].rsplit(" ", 1)[1]) == (1, "1")


def test_records_of_a_journal_that_hold_no_line_are_foreign(tmp_path: Path) -> None:
    line = f'{DONE} 20480 "-" "Mozilla" 600.123'
    rows = [
        json.dumps({"MESSAGE": text, "_SYSTEMD_UNIT": unit})
        for text, unit in ((line, "nginx"), ("(root) CMD (x)", "cron"))
    ]
    trace = read_trace(log(tmp_path / "a.log", *rows))
    assert lives(trace) == [FROM_END]
    assert notes(trace)["foreign_lines"].endswith("left out: 1 of 2")
    with pytest.raises(BadRowsError, match="1 bad row"):
        read_trace(log(tmp_path / "b.log", *rows, json.dumps({"MESSAGE": line[:90]})))


def test_lines_of_another_log_that_tell_of_upgrades_are_named_with_the_way_to_read_both(tmp_path: Path) -> None:
    path = log(tmp_path / "a.log", *[f'{DONE} 5 "-" "Mozilla" 600.123'] * 9, f"{AT} {H1}")
    with pytest.raises(
        BadRowsError, match=r"(?s)1 of the first 1 lines .*Envoy.*--from nginx --on-error skip"
    ) as error:
        read_trace(path)
    assert "--from envoy --on-error skip -o envoy.parquet" in str(error.value)
    reading = {"on_error": "skip", "rejects": tmp_path / "rejects.csv"}
    found = [read_trace(path, source_format=name, **reading).connections for name in ("nginx", "envoy")]
    assert found == [9, 1]


def test_lines_of_another_log_are_named_with_their_share(tmp_path: Path) -> None:
    path = log(tmp_path / "a.log", *[f'{DONE} 5 "-" "Mozilla" 600.123'] * 3, FORMATS["gin"][1])
    assert "1 of 4 lines that were looked at are of log of Gin" in notes(read_trace(path))["mixed_formats"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            '{"when": "2026-01-01T10:00:00Z", "user": 17, "what": "joined"}',
            "keys are when, user, what; .*instants: when",
        ),
        ("2026-01-01 10:00:00 INFO user 17 joined", "its lines hold times, but which"),
    ],
)
def test_a_log_that_nobody_knows_is_refused_with_what_it_tells_and_the_way_out(
    tmp_path: Path, text: str, words: str
) -> None:
    with pytest.raises(TraceError, match=f"no log of a known format.*{words}.*--suggest > mapping.toml"):
        read_trace(log(tmp_path / "a.log", text))


def test_columns_that_change_within_a_file_are_those_of_the_header_above(tmp_path: Path) -> None:
    more = "#Fields: date time c-ip sc-status time-taken\n2026-01-01 10:20:00 192.0.2.9 101 600123"
    less = "#Fields: date time c-ip sc-status\n2026-01-01 10:30:00 192.0.2.9 101"
    trace = read_trace(log(tmp_path / "a.log", IIS, more, less))
    assert lives(trace) == [FROM_END, (END + 600_000 - LASTED, LASTED)]
    assert notes(trace)["left_out"].endswith("lack time-taken, date or time, left out: 1")


@pytest.mark.parametrize("as_json", [False, True])
def test_lines_of_every_flush_are_one_connection(tmp_path: Path, as_json: bool) -> None:
    """As Envoy writes them with access_log_flush_interval; its default text does not say of which flush a line is."""
    line = f'{AT} "GET /ws HTTP/1.1" 101 - 61 {{size}} {{lasted}} - "-" "-" "{{request}}" "ws.example" "192.0.2.2:80"'
    told = {"start_time": AT[1:-1], "response_code": 101, "response_flags": "-", "method": "GET"}
    flushed = [
        ("r1", 0, 0),
        ("r1", 9_000, 300_000),
        ("r1", 20_480, LASTED),
        ("r2", 5, 1_000),
        ("-", 6, 2_000),
        ("-", 7, 3_000),
    ]
    lines = [
        json.dumps({**told, "bytes_sent": size, "duration": lasted, "x-request-id": request}) if as_json
        else line.format(size=size, lasted=lasted, request=request)
        for request, size, lasted in flushed
    ]  # fmt: skip
    trace = read_trace(log(tmp_path / "a.log", *lines))
    assert [life for _, life in lives(trace)] == [1_000, 2_000, 3_000, LASTED]
    assert trace.total_bytes_out.tolist() == [5, 6, 7, 20_480]  # type: ignore[union-attr]
    assert notes(trace)["left_out"].endswith("left out: 2")
