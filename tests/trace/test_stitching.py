"""Reconnections of one client become one session; a plain walk through time judges which."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scfcost.analysis.estimate.estimate import estimate
from scfcost.config.function import FunctionConfig
from scfcost.core.errors import ConfigError, TraceError
from scfcost.trace.model import Trace
from scfcost.trace.read import read_trace
from scfcost.trace.reading.draft import Draft
from scfcost.trace.stitching import chains, stitch
from tests.oracles.lifecycle import Session
from tests.strategies import build_trace
from tests.trace.formats.samples import LINES
from tests.trace.formats.test_lines import NGINX, lives, log, notes


def walked(trace: Trace, client: list[int], within: int) -> list[int]:
    """Take every start in turn and look at all that ended before, by then and after their own turn."""
    first, taken = list(range(trace.connections)), set[int]()
    starts, ends = trace.connect_ms.tolist(), trace.close_ms.tolist()
    begun: list[int] = []
    for n in sorted(first, key=lambda one: (starts[one], one)):
        waiting = [
            (ends[one], one) for one in begun
            if one not in taken and client[one] == client[n] >= 0 and starts[n] - within <= ends[one] <= starts[n]
            and trace.close_code[one] not in (1000, 1001)
        ]  # fmt: skip
        if waiting:
            first[n] = first[max(waiting)[1]]
            taken.add(max(waiting)[1])
        begun.append(n)
    return first


@given(
    rows=st.lists(
        st.tuples(st.integers(0, 20), st.integers(0, 6), st.integers(-1, 2), st.sampled_from([None, 1000, 1006, 4000])),
        min_size=1,
        max_size=14,
    ),
    within=st.sampled_from([0, 1, 2, 5]),
)
def test_the_connection_that_ended_last_is_continued(rows: list[tuple[int, int, int, int | None]], within: int) -> None:
    sessions = [Session(start, start + life, [], close_code=code) for start, life, _, code in rows]
    trace, client = build_trace(sessions), [one for _, _, one, _ in rows]
    assert chains(trace, np.array(client), within)[0].tolist() == walked(trace, client, within)


def test_a_session_holds_what_its_connections_held() -> None:
    sessions = [
        Session(0, 10_000, [(1_000, "up", 5, "data")], close_code=1006),
        Session(12_000, 30_000, [(12_000, "down", 7, "data"), (29_000, "up", 1, "data")], close_code=1000),
        Session(31_000, 40_000, [], close_code=1000),
    ]
    trace = build_trace(sessions)
    found = stitch(Draft(trace, np.array([3, 4, 2]), 9), np.array([1, 1, 1]), 5_000)
    assert lives(found.trace) == [(0, 30_000), (31_000, 9_000)]
    assert found.trace.message_ms.tolist() == [1_000, 12_000, 29_000]
    assert (found.trace.offsets.tolist(), found.trace.close_code.tolist()) == ([0, 3, 3], [1000, 1000])
    assert found.rows_of_connection.tolist() == [7, 2]
    assert estimate(found.trace, FunctionConfig(idle_timeout_s=11)).outcomes == {"200": 1, "433": 0, "455": 1}
    assert [one.message for one in found.warnings] == [
        "connections stitched into sessions: 3 into 2 (clients: 1; back within 5 s)"
    ]


CONNECTIONS = """connection_id,connect_time,close_time,bytes_out,max_idle_s,user
1,1000000000,1000000010,100,4,ann
2,1000000013,1000000020,,2,ann
3,1000000013,1000000020,7,,bob
4,1000000090,1000000095,9,5,
"""


def test_any_column_of_a_file_names_a_client(tmp_path: Path) -> None:
    path = log(tmp_path / "c.csv", *CONNECTIONS.splitlines())
    trace = read_trace(path, stitch=("user", 3))
    assert lives(trace) == [(10**12, 20_000), (10**12 + 13_000, 7_000), (10**12 + 90_000, 5_000)]
    assert trace.connection_id.tolist() == [1, 3, 4]
    assert [column.tolist() for column in (trace.total_bytes_out, trace.max_idle_ms) if column is not None] == [
        [-1, 7, 9], [4_000, -1, 5_000],
    ]  # fmt: skip
    assert notes(trace)["no_client"] == "connections that name no client and stay as they are: 1"
    assert "unknown_columns" not in notes(trace)
    assert read_trace(path, stitch=("user", 2.999)).connections == 4


@pytest.mark.parametrize(
    ("stitching", "error", "message"),
    [
        (("usr", 3), ConfigError, r"stitch: .*c\.csv has no column 'usr'; did you mean 'user'\?"),
        (("user", -1), ConfigError, "within: -1 s is less than 0"),
        (("close_code", 1), TraceError, "tells no 'close_code' of any connection"),
    ],
)
def test_a_wrong_key_is_one_message(tmp_path: Path, stitching: Any, error: type, message: str) -> None:
    text = CONNECTIONS.replace("user\n", "user,close_code\n").replace("ann\n", "ann,\n").replace("bob\n", "bob,\n")
    path = log(tmp_path / "c.csv", *text.replace(",5,\n", ",5,,\n").splitlines())
    with pytest.raises(error, match=message):
        read_trace(path, stitch=stitching)


def test_logs_are_stitched_by_the_address_or_by_a_field(tmp_path: Path) -> None:
    """The second line starts 0.1 s after the end of the first; the third is of another address, and user."""
    second = NGINX.replace("486.372", "489.980")
    other = second.replace("10.0.0.1 - -", "2001:db8::7 - ann")
    path = log(tmp_path / "access.log", NGINX, second, other)
    assert len(lives(read_trace(path))) == 3
    assert sorted(life for _, life in lives(read_trace(path, stitch=("client", 0.1)))) == [3508, 7116]
    assert read_trace(path, stitch=("remote_addr", 0.099)).connections == 3
    assert notes(read_trace(path, stitch=("remote_user", 1)))["no_client"].endswith(": 2")
    with pytest.raises(ConfigError, match="this log has no field 'remote_adr'; did you mean 'remote_addr'"):
        read_trace(path, stitch=("remote_adr", 1))


@pytest.mark.parametrize(
    ("file", "key", "clients"),
    [
        ("nginx_lab.log", "client", 1), ("haproxy_lab.log", "client", 1), ("aws_alb_ws_samples.log", "client", 1),
        ("caddy_lab.log", "client", 1), ("caddy_lab.log", "request.remote_port", 2),
        ("zeek_conn.json.log", "client", 1),
        ("zeek_conn.log", "client", 1), ("eventlet_wsgi_ws.log", "client", 1), ("haproxy_lab.log", "state", 2),
        ("envoy_renuka_fernando_examples.log", "request_id", 2),
    ],
)  # fmt: skip
def test_each_kind_of_log_names_its_clients(file: str, key: str, clients: int) -> None:
    assert f"(clients: {clients};" in notes(read_trace(LINES / file, stitch=(key, 1)))["stitched"]


@pytest.mark.parametrize(
    ("file", "key", "message"),
    [
        ("envoy_renuka_fernando_examples.log", "client", "tells no 'client' of any connection"),
        ("caddy_lab.log", "request.user", "tells no"),
        ("mitmproxy_websocket.har", "user", "a HAR has no field 'user'"),
    ],
)
def test_a_log_that_names_no_client_says_so(file: str, key: str, message: str) -> None:
    with pytest.raises((ConfigError, TraceError), match=message):
        read_trace(LINES / file, stitch=(key, 1))
