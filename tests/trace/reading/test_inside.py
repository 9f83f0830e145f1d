"""A window keeps what of each connection lies inside it, and carries in those that began before."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scfcost.trace.model import UNKNOWN, Trace
from scfcost.trace.read import read_trace
from scfcost.trace.reading.inside import inside_window
from tests.trace.files import write_rows

ROWS = [
    {"connection_id": "a", "timestamp": 1_000, "event": "connect"},
    {"connection_id": "a", "timestamp": 2_000, "event": "message", "direction": "up", "bytes": 1},
    {"connection_id": "a", "timestamp": 6_000, "event": "message", "direction": "down", "bytes": 2},
    {"connection_id": "a", "timestamp": 9_000, "event": "close"},
    {"connection_id": "b", "timestamp": 1_500, "event": "connect"},
    {"connection_id": "b", "timestamp": 4_000, "event": "close"},
    {"connection_id": "c", "timestamp": 3_000, "event": "connect"},
    {"connection_id": "d", "timestamp": 7_000, "event": "connect"},
    {"connection_id": "d", "timestamp": 9_500, "event": "close"},
]


def test_what_began_before_enters_with_what_is_left(tmp_path: Path) -> None:
    trace = read_trace(write_rows(tmp_path / "t.csv", ROWS), window=(5_000, 8_000), time_unit="ms")
    assert trace.connection_id.tolist() == ["a", "c", "d"]
    assert trace.connect_ms.tolist() == [5_000, 5_000, 7_000]
    assert trace.natural_ms().tolist() == [3_000, 3_000, 1_000]
    assert (trace.message_ms.tolist(), trace.message_bytes.tolist()) == ([6_000], [2])
    said = {one.code: one.message for one in trace.provenance.warnings}
    assert said["carried_in"].startswith("2 connections began before the window")
    assert said["rows_outside_window"].startswith("3 rows")  # two of b, one message of a


def test_what_ends_as_the_window_starts_is_left_out(tmp_path: Path) -> None:
    trace = read_trace(write_rows(tmp_path / "t.csv", ROWS), window=(4_000, 8_000), time_unit="ms")
    assert "b" not in trace.connection_id.tolist()


def test_a_window_may_be_a_length_from_the_first_connect_on(tmp_path: Path) -> None:
    trace = read_trace(write_rows(tmp_path / "t.csv", ROWS), window=(None, 2_500), time_unit="ms")
    assert (trace.start_ms, trace.end_ms) == (1_000, 3_500)


def test_a_client_that_was_gone_before_is_gone_from_the_start(tmp_path: Path) -> None:
    rows = [*ROWS[:2], {"connection_id": "a", "timestamp": 3_000, "event": "lost"}, ROWS[3]]
    trace = read_trace(write_rows(tmp_path / "t.csv", rows), window=(5_000, 8_000), time_unit="ms")
    assert trace.client_lost_ms.tolist() == [5_000]


LIFE = {"connection_id": "a", "connect_time": 0, "close_time": 10_000, "bytes_out": 1}


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Trace:
    """One connection of 10 s without message rows."""
    path = tmp_path_factory.mktemp("t") / "t.csv"
    return read_trace(write_rows(path, [LIFE], tuple(LIFE)), time_unit="ms")


@given(cuts=st.lists(st.integers(1, 9_999), min_size=1, max_size=4, unique=True), total=st.integers(0, 10**13))
def test_the_windows_of_a_life_share_its_bytes_without_a_rest(life: Trace, cuts: list[int], total: int) -> None:
    whole = life.replace(total_bytes_out=np.array([total], np.int64))
    shares = []
    for window in pairwise([0, *sorted(cuts), 10_000]):
        part = inside_window(whole, window)
        assert part.total_bytes_out is not None
        shares.append(int(part.total_bytes_out[0]))
    assert UNKNOWN not in shares
    assert sum(shares) == total
