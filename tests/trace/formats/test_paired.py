"""Servers that log an opening and a close in two lines: recognised and read as they stand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from scfcost.cli.app import app
from scfcost.core.errors import TraceError
from scfcost.trace.formats.base import Original
from scfcost.trace.formats.convert import recognise
from scfcost.trace.read import read_trace
from tests.trace.formats.test_lines import lives, log, notes

START = 1_767_261_600_000
"""2026-01-01T10:00:00Z."""
LOGS = {
    "daphne": """192.0.2.1:48174 - - [01/Jan/2026:10:00:00] "WSCONNECTING /ws/a/" - -
192.0.2.1:48174 - - [01/Jan/2026:10:00:00] "WSCONNECT /ws/a/" - -
192.0.2.1:33594 - - [01/Jan/2026:10:00:25] "GET /api/stats/" 200 752
192.0.2.1:48174 - - [01/Jan/2026:10:00:48] "WSDISCONNECT /ws/a/" - -
192.0.2.1:48174 - - [01/Jan/2026:10:01:35] "WSCONNECT /ws/a/" - -
192.0.2.1:48174 - - [01/Jan/2026:10:31:35] "WSDISCONNECT /ws/a/" - -""",
    "action-cable": """Started GET "/cable" for 192.0.2.1 at 2026-01-01 10:00:00 +0000
Started GET "/cable" [WebSocket] for 192.0.2.1 at 2026-01-01 10:00:00 +0000
I, [2026-01-01T18:00:10.1 #1]  INFO -- : Started GET "/cable" [WebSocket] for 192.0.2.1 at 2026-01-01 18:00:10 +0800
Finished "/cable" [WebSocket] for 192.0.2.1 at 2026-01-01 10:05:00 +0000
Finished "/cable" [WebSocket] for 192.0.2.1 at 2026-01-01 10:06:10 +0000""",
    "socket-io": """2026-01-01T10:00:00.000Z engine handshaking client "lv_VI97HAXpY6yYWAAAC" (polling)
2026-01-01T10:00:00.010Z engine:polling transport request
2026-01-01T10:00:05.000Z engine handshaking client "x2" (websocket)
2026-01-01T10:01:00.000Z socket.io:client client close with reason transport close
2026-01-01T10:10:00.000Z socket.io:client client close with reason ping timeout""",
    "mosquitto": """1767261599: mosquitto version 2.0.11 starting
1767261600: New client connected from 192.0.2.1:48174 as a (p2, c1, k60).
1767261601: Received PUBLISH from a (d0, q0, r0, m0, 'room/a', ... (12 bytes))
1767261601: Sending PUBLISH to a (d0, q0, r0, m0, 'room/a', ... (34 bytes))
1767261700: Client a has exceeded timeout, disconnecting.
1767261702: New client connected from 192.0.2.1:48175 as a (p2, c1, k60, u'anna').
1767261800: Client a closed its connection.
1767261802: New client connected from 192.0.2.1:48175 as b (p2, c1, k60, u'anna').
1767261900: mosquitto version 2.0.11 terminating""",
    "signalr": """2026-01-01 10:00:00.000 +00:00 [DBG] New connection V1StGXR8_Z5jdHi6B created.
2026-01-01 10:00:07.250 +00:00 [DBG] Removing connection V1StGXR8_Z5jdHi6B from the list of connections.""",
}
LIVES = {
    "daphne": [(0, 48), (95, 1800)],
    "action-cable": [(0, 300), (10, 360)],
    "socket-io": [(0, 60), (5, 595)],
    "mosquitto": [(0, 100), (102, 98), (202, 98)],
    "signalr": [(0, 7.25)],
    "azure-connectivity": [(0, 600)],
}


def azure(name: str, minute: int, key: str, kind: str = "Client") -> str:
    properties = {"connectionId": key, "connectionType": kind, "transportType": "WebSockets"}
    time = f"2026-01-01T10:{minute:02}:00.0000000Z"
    return json.dumps({"time": time, "operationName": name, "category": "ConnectivityLogs", "properties": properties})


LOGS["azure-connectivity"] = "\n".join(
    [
        azure("ConnectionStarted", 0, "c1"),
        azure("ConnectionStarted", 1, "s", "Server"),
        azure("ConnectionEnded", 10, "c1"),
    ]
)


@pytest.mark.parametrize("name", LOGS)
def test_openings_and_closes_become_lives(tmp_path: Path, name: str) -> None:
    path = log(tmp_path / "a.log", LOGS[name])
    shown = recognise(Original(path, "a.log"))
    assert shown is not None
    assert shown.name == name
    expected = [(START + int(start * 1000), int(life * 1000)) for start, life in LIVES[name]]
    assert sorted(lives(read_trace(path))) == expected


@pytest.mark.parametrize("name", LOGS)
def test_they_are_read_as_containers_and_shippers_keep_them(tmp_path: Path, name: str) -> None:
    wrapped = [json.dumps({"log": line + "\n", "stream": "stdout"}) for line in LOGS[name].splitlines()]
    assert len(lives(read_trace(log(tmp_path / "a.log", *wrapped)))) == len(LIVES[name])


def test_mosquitto_tells_the_messages_of_both_directions(tmp_path: Path) -> None:
    trace = read_trace(log(tmp_path / "a.log", LOGS["mosquitto"]))
    assert (trace.message_bytes.tolist(), trace.message_flags.tolist()) == ([12, 34], [0, 2])
    assert "unclosed_ended" in notes(trace)


def test_the_client_of_a_line_joins_its_reconnections(tmp_path: Path) -> None:
    path = log(tmp_path / "a.log", LOGS["daphne"])
    assert read_trace(path, stitch=("client", 60)).connections == 1
    assert read_trace(path, stitch=("client", 30)).connections == 2


def test_keys_that_several_connections_share_are_said_to(tmp_path: Path) -> None:
    assert "shared_keys" in notes(read_trace(log(tmp_path / "a.log", LOGS["action-cable"])))


def test_debug_output_without_times_leads_on(tmp_path: Path) -> None:
    lines = [line.split(" ", 1)[1] + " +3ms" for line in LOGS["socket-io"].splitlines()]
    with pytest.raises(TraceError, match="begin with their time: DEBUG="):
        read_trace(log(tmp_path / "a.log", *lines))


def test_the_window_of_rails_reaches_to_its_last_request(tmp_path: Path) -> None:
    path = log(tmp_path / "a.log", LOGS["action-cable"], 'Started GET "/" for 192.0.2.9 at 2026-01-01 12:00:00 +0000')
    assert read_trace(path).end_ms == START + 7_200_000


def test_ids_of_websockets_join_what_its_lines_tell(tmp_path: Path) -> None:
    ids = [f"0e3b5e76-3f4b-4c2a-9b1d-2f5f7c9f7a1{one}" for one in range(2)]
    told = [(ids[0], "00", "open"), (ids[1], "01", "open"), (ids[1], "05", "closed"), (ids[0], "10", "closed")]
    lines = [f"2026-01-01 10:{at}:00,123 {one} 192.0.2.9 connection {what}" for one, at, what in told]
    trace = read_trace(log(tmp_path / "a.log", *lines))
    assert sorted(lives(trace)) == [(START, 600_000), (START + 60_000, 240_000)]


@pytest.mark.parametrize("suffix", [".parquet", ".csv"])
def test_the_window_of_a_paired_log_reaches_to_its_last_line(tmp_path: Path, suffix: str) -> None:
    lines = [
        "2026-01-01T10:00:00: New client connected from 192.0.2.9:5 as c1 (p2, c1, k60).",
        "2026-01-01T10:10:00: Client c1 disconnected.",
        "2026-01-01T11:00:00: Saving in-memory database to mosquitto.db.",
        "no time at all",
    ]
    log = tmp_path / "a.log"
    log.write_text("\n".join(lines) + "\n")
    assert read_trace(log).window_ms == 3_600_000
    assert CliRunner().invoke(app, ["import", str(log), "-o", str(tmp_path / f"kept{suffix}")]).exit_code == 0
    assert read_trace(tmp_path / f"kept{suffix}").window_ms == 3_600_000


def test_socket_io_is_read_by_the_times_of_older_versions(tmp_path: Path) -> None:
    lines = ('Thu, 01 Jan 2026 10:00:00 GMT engine handshaking client "S6eP"',
             "Thu, 01 Jan 2026 10:10:00 GMT socket.io:client client close with reason transport close")  # fmt: skip
    assert lives(read_trace(log(tmp_path / "a.log", *lines))) == [(1_767_261_600_000, 600_000)]
