"""Connections files, and what is supposed of a trace without message rows."""

from __future__ import annotations

from pathlib import Path

import pytest

from scfcost.analysis.estimate.estimate import estimate
from scfcost.config.function import FunctionConfig
from scfcost.core.errors import BadRowsError, ConfigError
from scfcost.core.units import FOREVER_MS
from scfcost.trace.assumption import assume, assumed, assumptions
from scfcost.trace.heartbeats import drop_heartbeats
from scfcost.trace.model import UNKNOWN, Trace
from scfcost.trace.read import read_trace
from tests.strategies import Session, build_trace

T = 1_700_000_000


def read(tmp_path: Path, columns: str, *rows: str) -> Trace:
    path = tmp_path / "c.csv"
    path.write_text("\n".join((columns, *rows)) + "\n")
    return read_trace(path)


def test_a_close_or_a_duration_ends_a_connection(tmp_path: Path) -> None:
    trace = read(
        tmp_path, "connection_id,connect_time,close_time,duration_s", f"a,{T},{T + 9},", f"b,{T},,1.0019", f"c,{T},,"
    )
    assert trace.close_ms.tolist() == [(T + 9) * 1000, T * 1000 + 1001, FOREVER_MS]
    assert trace.end_ms == (T + 9) * 1000
    assert not trace.has_messages


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        (f"{T},-1,,,", "duration_s: negative: -1"),
        (f"{T},x,,,", "duration_s: 'x' is not a number of seconds"),
        (f"{T},10,{T + 11},,", "last_activity_time: outside the connection's life"),
        (f"{T},10,,11,", "max_idle_s: longer than the connection's life"),
        (f"{T},10,,,-5", "bytes_out: negative: -5"),
        ("soon,10,,,", "connect_time: 'soon' is not a number of epoch s"),
    ],
)
def test_bad_cells_are_named(tmp_path: Path, cells: str, message: str) -> None:
    columns = "connection_id,connect_time,duration_s,last_activity_time,max_idle_s,bytes_out"
    with pytest.raises(BadRowsError, match=f"c.csv:3: {message}"):
        read(tmp_path, columns, f"a,{T},1,,,", f"b,{cells}")


def test_an_id_that_stands_twice_is_bad(tmp_path: Path) -> None:
    with pytest.raises(BadRowsError, match=r"c\.csv:3: connection_id: 'a' stands twice"):
        read(tmp_path, "connection_id,connect_time,duration_s", f"a,{T},1", f"a,{T},2")


def test_low_and_high_bound_the_point(tmp_path: Path) -> None:
    trace = read(
        tmp_path, "connection_id,connect_time,duration_s,messages,bytes_out", f"a,{T},100,4,1000", f"b,{T},100,,"
    )
    found = estimate(trace, FunctionConfig(idle_timeout_s=30))
    low, high = (found.bounds[which].usage["billed_ms"] for which in ("low", "high"))
    # a: four messages 20 s apart keep it alive; b: never idle, as the file does not tell.
    assert (low, found.usage["billed_ms"], high) == (60_000, 200_000, 200_000)
    assert found.bounds["low"].usage["egress_bytes"] == 300


def test_the_longest_silence_is_placed_as_late_as_the_data_allow(tmp_path: Path) -> None:
    columns = "connection_id,connect_time,duration_s,last_activity_time,max_idle_s"
    trace = read(tmp_path, columns, f"a,{T},100,{T + 90},50", f"b,{T},100,{T + 40},", f"c,{T},100,,30")
    point = assume(trace, "point")
    assert [until - T * 1000 for until in point.active_until_ms.tolist()] == [40_000, 40_000, 70_000]
    assert (point.message_ms - T * 1000).tolist() == [90_000]
    assert assumptions(assumed(trace)) == [
        "3 connections: active but for the last activity and longest silence that the file gives"
    ]


def test_heartbeats_in_a_trace_can_be_dropped_by_kind_or_size() -> None:
    trace = build_trace([Session(0, 9, [(1, "up", 2, "ping"), (2, "up", 2, "data"), (3, "up", 50, "data")])])
    assert drop_heartbeats(trace, "kind").message_ms.tolist() == [2, 3]
    assert drop_heartbeats(trace, "2").message_ms.tolist() == [3]
    with pytest.raises(ConfigError, match="neither 'kind' nor a number"):
        drop_heartbeats(trace, "all")


def test_the_totals_of_a_connection_are_unknown_where_empty(tmp_path: Path) -> None:
    trace = read(tmp_path, "connection_id,connect_time,duration_s,bytes_out", f"a,{T},1,", f"b,{T},1,7")
    assert trace.total_bytes_out is not None
    assert trace.total_bytes_out.tolist() == [UNKNOWN, 7]
    assert "bytes_unknown" in [warning.code for warning in trace.provenance.warnings]
