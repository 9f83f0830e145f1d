"""Rows that arrive in the order of time are put in their places as sorting would put them."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from unittest import mock

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scfcost.trace.model import Trace
from scfcost.trace.read import read_trace
from scfcost.trace.reading import arrival, load
from scfcost.trace.reading.arrival import OutOfOrderError, arrange
from scfcost.trace.reading.draft import draft_of_events
from scfcost.trace.reading.event_rules import CLOSE, CONNECT, LOST, MESSAGE
from scfcost.trace.reading.group import UnsoundRowsError
from scfcost.trace.reading.layout import Layout
from tests.oracles import reading as oracle
from tests.strategies import DIRECTIONS
from tests.trace.files import columns_of, event, write_rows
from tests.trace.test_read import as_connections

CODES = {"connect": CONNECT, "lost": LOST, "close": CLOSE}
START = 1_700_000_000_000
Row = dict[str, str]


def batches(rows: list[Row], edges: list[int]) -> list[pa.RecordBatch]:
    """Return packed rows, cut into batches."""
    packed = pa.table(
        {
            "id": pa.array([int(row["connection_id"]) for row in rows], pa.int64()),
            "time": pa.array([int(row["timestamp"]) for row in rows], pa.int64()),
            "code": pa.array([code_of(row) for row in rows], pa.uint8()),
            "payload": pa.array([payload_of(row) for row in rows], pa.int64()),
            "function": pa.array([0] * len(rows), pa.int64()),
        }
    )
    bounds = sorted({0, len(rows), *(edge % len(rows) for edge in edges)})
    return [batch for begin, end in pairwise(bounds) for batch in packed.slice(begin, end - begin).to_batches()]


def code_of(row: Row) -> int:
    return CODES.get(row["event"], MESSAGE + DIRECTIONS[row["direction"]])


def payload_of(row: Row) -> int:
    return -4 if row["event"] == "close" else int(row["bytes"] or -1)


events = st.builds(
    event, st.sampled_from([-5, 3, 4, 5]), st.integers(START, START + 6),
    st.sampled_from(["connect", *["message"] * 5, "lost", "close"]),
    direction=st.sampled_from(["up", "down", ""]), bytes=st.sampled_from(["", "3", "4"]),
)  # fmt: skip


def judged(rows: list[Row], edges: list[int], far: int) -> tuple[dict[str, oracle.Connection], set[int]]:
    """Arrange rows and compare with the oracle, which sorts them."""
    rows = [{**row, "connection_id": str(int(row["connection_id"]) * far)} for row in rows]
    expected, bad = oracle.read(rows, "ms")
    for one in expected.values():
        one.messages.sort(key=str)
    if bad:
        with pytest.raises(UnsoundRowsError):
            arrange(batches(rows, edges))
    else:
        grouped = arrange(batches(rows, edges))
        assert grouped.connection_id.tolist() == sorted(int(one) for one in expected)
        trace = draft_of_events(grouped, Layout(0, "ms", "BIGINT", (), fractions=False)).trace
        assert as_connections(trace) == {int(one): connection for one, connection in expected.items()}
        assert all(before <= after for before, after in ties(trace))
    return expected, bad


def ties(trace: Trace) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Return instant and flags of each message with those of the next of its connection."""
    found = []
    for begin, end in pairwise(trace.offsets.tolist()):
        found += pairwise(
            zip(trace.message_ms[begin:end].tolist(), trace.message_flags[begin:end].tolist(), strict=True)
        )
    return found


@settings(max_examples=40)
@given(
    rows=st.lists(events, min_size=1, max_size=14).map(lambda rows: sorted(rows, key=lambda row: row["timestamp"])),
    edges=st.lists(st.integers(0, 14), max_size=2), far=st.sampled_from((1, 1, 10**12)),
)  # fmt: skip
def test_rows_in_the_order_of_time_are_arranged_as_the_oracle_sorts_them(
    rows: list[Row], edges: list[int], far: int
) -> None:
    judged(rows, edges, far)


@settings(max_examples=25)
@given(lives=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 4), st.integers(0, 3)), min_size=1, max_size=5))
def test_sound_lives_are_arranged(lives: list[tuple[int, int, int]]) -> None:
    rows = []
    for number, (begin, messages, gap) in enumerate(lives):
        instants = [START + begin + gap * k for k in range(messages + 2)]
        rows.append(event(number, instants[0], "connect"))
        rows += [event(number, at, "message", direction=("up", "down")[at % 2], bytes=at % 7) for at in instants[1:-1]]
        rows.append(event(number, instants[-1], "close"))
    assert not judged(sorted(rows, key=lambda row: (row["timestamp"], row["event"])), [5], 1)[1]
    assert not judged(rows, [3], 1)[1]


def test_a_row_that_arrives_late_is_noticed() -> None:
    rows = [event(1, START + 5, "message"), event(2, START, "connect"), event(1, START + 4, "connect")]
    with pytest.raises(OutOfOrderError):
        arrange(batches(rows, []))


def test_ids_begin_near_and_end_far(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrival, "_FIRST_CELLS", 4)
    ids = (7, 8, 6, 400, 9, -(2**62), 2**62, 5)
    grouped = arrange(batches([event(one, START + k, "connect") for k, one in enumerate(ids)], [2, 4, 6]))
    assert grouped.connection_id.tolist() == sorted(ids)
    assert [ids[at] for at in grouped.connect_ms - START] == sorted(ids)


LIVES = [
    row
    for name in (12, 3, 7)
    for row in (
        event(name, START + name, "connect"),
        event(name, START + name + 20, "message", direction="up", bytes=name),
        event(name, START + name + 20, "message", direction="down", bytes=1),
        event(name, START + name + 50, "close", close_code=1000, closed_by="client"),
    )
]


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
@pytest.mark.parametrize("prefix", ["", "9", "1000000000000", "id-"])
@pytest.mark.parametrize("is_sorted", [True, False])
def test_large_files_are_read_as_small_ones_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str, prefix: str, is_sorted: bool
) -> None:
    rows = [{**row, "connection_id": prefix + row["connection_id"]} for row in LIVES]
    rows = sorted(rows, key=lambda row: row["timestamp"], reverse=not is_sorted)
    path = write_rows(tmp_path / f"t{suffix}", rows)
    expected = columns_of(read_trace(path))
    monkeypatch.setattr(load, "LARGE_BYTES", 0)
    with mock.patch.object(load, "sorted_events", side_effect=load.sorted_events) as sort:
        assert columns_of(read_trace(path)) == expected
    assert sort.called is not is_sorted


def test_ids_that_share_a_hash_are_sorted_as_texts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [event(name, START + k, "connect") for k, name in enumerate("ba")]
    monkeypatch.setattr(load, "LARGE_BYTES", 0)
    monkeypatch.setattr(load, "_HASH", "CAST(length(id) AS UBIGINT)")
    assert read_trace(write_rows(tmp_path / "t.csv", rows)).connect_ms.tolist() == [START + 1, START]
