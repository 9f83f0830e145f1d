# ruff: noqa: E501 (lines of logs stay whole)
"""What the table of `scfcost formats` says that each format knows is what a trace of its lines then has."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from scfcost.core.errors import TraceError
from scfcost.trace.formats import FORMATS, by_name
from scfcost.trace.formats.base import Converted, Knows, LogOptions, Original
from scfcost.trace.formats.convert import convert_logs
from scfcost.trace.samples import sample
from tests.trace.formats import test_first_try as lines
from tests.trace.formats.samples import LINES
from tests.trace.formats.test_lines import log
from tests.trace.formats.test_paired import LOGS

GATEWAY = {"connectionId": "c1", "ip": "192.0.2.9", "status": 200, "disconnectStatusCode": 1001}
EDGE_TIMEOUT = {"ConnectionCloseReason": "timedOut", "ConnectionCloseSource": "me", "ClientIP": "192.0.2.9"}
SERVICE = [
    {"time": f"2026-01-01T10:{minute}:00.0000000Z", "operationName": name, "callerIpAddress": "192.0.2.9",
     "properties": {"connectionId": "c1", "connectionType": "Client", "transportType": "WebSockets"}}
    for name, minute in (("ConnectionStarted", "00"), ("ConnectionEnded", "10"))
]  # fmt: skip
KEY = "1f6a8bc0-3f55-4c5e-9d4b-2f0c1f6a8bc0"
TOLD = {
    "apigateway": "\n".join(json.dumps({**GATEWAY, "eventType": event, "requestTimeEpoch": lines.START + at})
                            for at, event in enumerate(("CONNECT", "MESSAGE", "DISCONNECT"))),
    "envoy": f"{lines.AT} {lines.H1}".replace("101 -", "101 SI").replace('- "-" "-"', '- "192.0.2.9" "-"'),
    "cloudflare": json.dumps(json.loads(lines.FORMATS["cloudflare's WebSockets"][1]) | EDGE_TIMEOUT),
    "edgeone": lines.FORMATS["edgeone's L4"][1].replace("peer_close", "timeout").replace('{"S', '{"ClientIP": "192.0.2.9", "S'),
    "aspnet": lines.FORMATS["kestrel's W3C"][1],
    "azure-connectivity": "\n".join(map(json.dumps, SERVICE)),
    "websockets": "\n".join(f"2026-01-01 10:{at}:00,000 {KEY} connection {what}" for at, what in (("00", "open"), ("10", "closed"))),
    "werkzeug": (LINES / "odoo_werkzeug_101.log").read_text(encoding="utf-8"),
    "uvicorn": "INFO:     connection open",
    "fiber": "10:10:00 | 101 |      36.5µs |       127.0.0.1 | GET     | /ws             | -",
    "granian": '[2026-01-01 10:10:00 +0000] 192.0.2.9 - "- /ws HTTP/1.1" 101 0.012',
    "hypercorn": '[2026-01-01 10:10:00 +0000] [7] [INFO] 192.0.2.9:5 - - [01/Jan/2026:10:10:00 +0000] "GET /ws 1.1" 101 - "-" "-"',
    "vpc-flow": "2 123456789010 eni-1235b8ca 192.0.2.9 192.0.2.1 20641 443 6 20 4249 1767261600 1767261660 ACCEPT OK",
    "phoenix": "10:00:00.000 [info] CONNECTED TO Phoenix.LiveView.Socket in 23µs",
}  # fmt: skip
"""Lines that tell all that their format can."""
STRINGS = {
    "apache": ('%h %l %u %t "%r" %>s %O %D', f"{lines.OPEN} 20480 600123456"),
    "tomcat": ('%h %l %u %t "%r" %s %b %D', f"{lines.DONE} 20480 600123456"),
    "tomcat9": ('%h %l %u %t "%r" %s %b %D', f"{lines.DONE} 20480 600123"),
    "jetty": ('%{client}a - %u %t "%r" %s %O %{ms}T', f"{lines.OPEN} 20480 600123"),
}
FILES = {
    "pcap": "zeek_http_websocket.pcap", "har": "mitmproxy_websocket.har",
    "zeek": "zeek_conn.log", "alb": "aws_alb_ws_samples.log", "haproxy": "haproxy_lab.log", "eventlet": "eventlet_wsgi_ws.log",
}  # fmt: skip
BOUNDS = {"har_entry_ends", "har_ends"}
"""What warns that an end is that of the recording or of the last message, a bound of the life."""


def converted(folder: Path, name: str) -> Converted:
    string = None
    path = folder / "a.log"
    if name in FILES:
        path = LINES / FILES[name]
    elif name == "scf-cls":
        path.write_bytes(sample("scf-log").content())
    elif name in STRINGS:
        string, text = STRINGS[name]
        log(path, text)
    else:
        log(
            path,
            TOLD.get(name)
            or LOGS.get(name)
            or next(text for other, text, *_ in lines.FORMATS.values() if other == name),
        )
    found = convert_logs([Original(path, path.name)], name, folder, LogOptions(client="client", log_format=string))
    assert found is not None
    return found


def told(found: Converted) -> set[str]:
    """Return what the trace file of a log has values of."""
    table = pq.read_table(found.path)
    has = {name for name in table.column_names if table[name].null_count < table.num_rows}
    codes = {one.code for one in found.warnings}
    events = set(table["event"].to_pylist()) if "event" in has else set()
    messages = "message" in events
    return {name for name, is_told in {
        "start": "connect_time" in has or "connect" in events,
        "end": "close_time" in has or ("close" in events and not BOUNDS & codes),
        "bytes_out": bool({"bytes_out", "bytes"} & has),
        "message_times": messages,
        "direction": messages and "direction" in has,
        "close_code": "close_code" in has,
        "idle_cut": bool({"cut_by_proxy", "already_cut"} & codes),
        "client": "client" in has,
    }.items() if is_told}  # fmt: skip


def claimed(knows: Knows) -> set[str]:
    return {name for name in Knows.__slots__ if getattr(knows, name) is True}


@pytest.mark.parametrize(
    "name",
    [pytest.param(one.name, marks=[pytest.mark.needs("tshark")] if one.name == "pcap" else []) for one in FORMATS],
)
def test_what_a_format_is_said_to_know_is_what_its_trace_has(tmp_path: Path, name: str) -> None:
    shown = by_name(name)
    if "cannot be used" in shown.title:
        with pytest.raises(TraceError):
            converted(tmp_path, name)
        assert claimed(shown.knows) <= {"start"}
        return
    assert told(converted(tmp_path, name)) == claimed(shown.knows)
    assert (shown.knows.bytes_are == "unknown") == (not shown.knows.bytes_out)
