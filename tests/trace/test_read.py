"""Sound traces of every form give the same trace; messy ones give what the oracle says."""

from __future__ import annotations

import json
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scfcost.core.errors import BadRowsError, ConfigError, TraceError
from scfcost.core.units import FOREVER_MS
from scfcost.trace.model import CONTROL, UNKNOWN, Trace
from scfcost.trace.read import read_trace
from scfcost.trace.reading import load as fast
from tests.depth import depth
from tests.oracles import reading as oracle
from tests.strategies import DIRECTIONS, SIDES
from tests.trace.files import EVENT_COLUMNS, columns_of, event, write_rows

START = 1_700_000_000_000
SOUND = [
    event("b", START, "connect"),
    event("b", START + 1500, "message", direction="up", bytes=5),
    event("b", START + 1500, "message", direction="down", bytes=7),
    event("b", START + 2000, "ping", direction="down"),
    event("b", START + 9000, "close", close_code=1001, closed_by="client"),
    event("a", START + 100, "connect"),
    event("a", START + 200, "message", bytes=3),
]


def test_a_client_that_is_gone_without_a_close_is_known(tmp_path: Path) -> None:
    rows = [*SOUND, event("a", START + 300, "lost"), event("a", START + 400, "message", direction="down", bytes=1)]
    trace = read_trace(write_rows(tmp_path / "t.csv", rows))
    assert trace.client_lost_ms.tolist() == [START + 300, FOREVER_MS]
    assert (trace.close_ms[0], trace.provenance.rows_used) == (FOREVER_MS, len(rows))


def test_a_room_is_read_where_a_column_names_it(tmp_path: Path) -> None:
    rows = [
        *(event(name, START, "connect", room=room) for name, room in (("a", "red"), ("b", "blue"), ("c", "red"))),
        *(event(name, START + 9, "close") for name in "abc"), event("d", START, "connect"),
    ]  # fmt: skip
    trace = read_trace(write_rows(tmp_path / "t.csv", rows, (*EVENT_COLUMNS, "room")))
    assert trace.room is not None
    assert trace.room.tolist() == [2, 1, 2, UNKNOWN]
    assert not any("room" in one.message for one in trace.provenance.warnings)
    assert read_trace(write_rows(tmp_path / "plain.csv", SOUND)).room is None


def test_a_trace_is_columns_in_the_order_of_ids(tmp_path: Path) -> None:
    trace = read_trace(write_rows(tmp_path / "t.csv", SOUND))
    assert trace.connection_id.tolist() == ["a", "b"]
    assert (trace.close_ms[0], trace.close_code.tolist(), trace.closed_by.tolist()) == (
        FOREVER_MS,
        [UNKNOWN, 1001],
        [0, 1],
    )
    assert trace.message_bytes.tolist() == [3, 5, 7, UNKNOWN]
    assert (trace.start_ms, trace.end_ms) == (START, START + 9000)


@pytest.mark.parametrize("suffix", [".csv", ".csv.gz", ".csv.zst", ".jsonl", ".jsonl.gz", ".jsonl.zst", ".parquet"])
@pytest.mark.parametrize("kind", ["text", "gibberish"])
def test_every_form_gives_the_same_trace(tmp_path: Path, suffix: str, kind: str) -> None:
    expected = columns_of(read_trace(write_rows(tmp_path / "expected.csv", SOUND)))
    path = write_rows(tmp_path / f"trace{suffix}", SOUND)
    if kind == "gibberish":  # the content tells the form, not the name
        path = path.rename(tmp_path / "trace.dat")
    assert columns_of(read_trace(path)) == expected


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns", "iso", "iso+08"])
@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet"])
def test_every_unit_of_time_gives_the_same_trace(tmp_path: Path, unit: str, suffix: str) -> None:
    rows = [{**row, "timestamp": written(int(row["timestamp"]), unit)} for row in SOUND]
    expected = columns_of(read_trace(write_rows(tmp_path / "expected.csv", SOUND)))
    assert columns_of(read_trace(write_rows(tmp_path / f"t{suffix}", rows))) == expected


def written(instant_ms: int, unit: str) -> str:
    if unit.startswith("iso"):
        shift = 8 * 3_600_000 if unit == "iso+08" else 0
        moment = np.datetime64(instant_ms + shift, "ms")
        return f"{moment}{'+08:00' if shift else ''}"
    return str((Decimal(instant_ms) * {"s": Decimal("0.001"), "ms": 1, "us": 1000, "ns": 1_000_000}[unit]).normalize())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1700000001.001", 1_700_000_001_001),
        ("1700000001.0009999999999", 1_700_000_001_000),
        ("1.7000000015e9", 1_700_000_001_500),
    ],
)
@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet"])
def test_decimals_in_text_are_exact(tmp_path: Path, text: str, expected: int, suffix: str) -> None:
    path = tmp_path / f"t{suffix}"
    write_rows(path, [event("a", text, "connect")])
    if suffix == ".jsonl":  # a number, not a string
        path.write_text(f'{{"connection_id": 1, "timestamp": {text}, "event": "connect"}}\n')
    assert read_trace(path).connect_ms.tolist() == [expected]


@pytest.mark.parametrize(
    "column",
    [
        pa.array([1_700_000_001.001]),
        pa.array([1_700_000_001_001]),
        pa.array([1_700_000_001_001], pa.timestamp("ms")),
        pa.array([1_700_000_001_001_999], pa.timestamp("us", tz="Asia/Tokyo")),
        pa.array([1_700_000_001_001_999_999], pa.timestamp("ns")),
        pa.array([Decimal("1700000001.0019")]),
    ],
    ids=lambda column: str(column.type),
)
def test_typed_columns_of_parquet_are_read(tmp_path: Path, column: pa.Array) -> None:
    pq.write_table(pa.table({"connection_id": [7], "timestamp": column, "event": ["connect"]}), tmp_path / "t.parquet")
    trace = read_trace(tmp_path / "t.parquet")
    assert (trace.connection_id.tolist(), trace.connect_ms.tolist()) == ([7], [1_700_000_001_001])


def test_instants_before_1970_are_floored(tmp_path: Path) -> None:
    rows = [event("a", "-1.0005", "connect"), event("a", "3", "close")]
    assert read_trace(write_rows(tmp_path / "t.csv", rows)).connect_ms.tolist() == [-1001]


def test_integer_ids_are_ordered_as_numbers_and_others_as_text(tmp_path: Path) -> None:
    def ids(*names: str) -> list[object]:
        return read_trace(
            write_rows(tmp_path / "t.csv", [event(n, START, "connect") for n in names])
        ).connection_id.tolist()

    assert ids("10", "9") == [9, 10]
    assert ids("10", "9", "x") == ["10", "9", "x"]
    assert ids("10", "09") == ["09", "10"]


def test_ids_that_share_a_hash_are_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_rows(tmp_path / "t.csv", [*SOUND, event("long", START + 3, "connect")])
    expected = columns_of(read_trace(path))
    monkeypatch.setattr(fast, "_HASH", "CAST(strlen(id) AS UBIGINT)")
    assert columns_of(read_trace(path)) == expected


def test_text_ids_are_sorted_as_numbers_are_whatever_their_hashes(tmp_path: Path) -> None:
    rows = [event(f"user-{n % 97:02}", START + n, "message", bytes=n) for n in range(500)]
    trace = read_trace(write_rows(tmp_path / "t.csv", rows))
    assert trace.connection_id.tolist() == [f"user-{n:02}" for n in range(97)]
    sizes = [trace.message_bytes[a:b].tolist() for a, b in pairwise(trace.offsets)]
    assert sizes == [list(range(n, 500, 97)) for n in range(97)]


def test_empty_texts_and_nan_are_missing_values(tmp_path: Path) -> None:
    columns = {
        "connection_id": ["a", "a", "a"],
        "timestamp": [START, START + 1, START + 2],
        "event": ["connect", "message", "close"],
        "direction": ["", "", ""],
        "bytes": [float("nan")] * 3,
        "close_code": ["", "", ""],
    }
    pq.write_table(pa.table(columns), tmp_path / "t.parquet")
    rows = [{**dict(zip(columns, row, strict=True)), "bytes": ""} for row in zip(*columns.values(), strict=True)]
    (tmp_path / "t.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    for name in ("t.parquet", "t.jsonl"):
        trace = read_trace(tmp_path / name)
        assert (trace.message_bytes.tolist(), trace.close_code.tolist()) == ([UNKNOWN], [UNKNOWN])


def test_a_connection_without_connect_row_starts_at_its_first_row(tmp_path: Path) -> None:
    rows = [event("a", START + 5, "message", direction="up", bytes=1), event("a", START + 9, "close")]
    trace = read_trace(write_rows(tmp_path / "t.csv", rows))
    assert trace.connect_ms.tolist() == [START + 5]
    assert [warning.code for warning in trace.provenance.warnings] == ["no_connect_rows"]


def test_functions_are_told_apart(tmp_path: Path) -> None:
    rows = [
        event("a", START, "connect", function="chat"),
        event("b", START, "connect"),
        event("c", START, "connect", function="api"),
    ]
    trace = read_trace(write_rows(tmp_path / "t.csv", rows, (*rows[0], "function")[:8]))
    assert [trace.functions[code] for code in trace.function_code] == ["chat", "default", "api"]


def test_unknown_columns_and_missing_bytes_are_said(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(
        f"connection_id,timestamp,event,direction,byte\na,{START},connect,,\na,{START + 1},message,down,5\n"
    )
    codes = {warning.code: warning.message for warning in read_trace(path).provenance.warnings}
    assert "is 'bytes' meant?" in codes["unknown_columns"]
    assert codes["bytes_unknown"].startswith("1 of 1 messages")


@st.composite
def messy_rows(draw: st.DrawFn) -> list[dict[str, str]]:
    """Rows of a few ids at a few instants, some of them wrong."""
    cell = st.builds(
        event,
        st.sampled_from(["a", "b", "c", "", "d"]),
        st.sampled_from([str(START + k) for k in (0, 1, 2, 3, 5, 8)] * 3 + ["", "soon"]),
        st.sampled_from(["connect", "message", "message", "message", "ping", "lost", "close", "conect"]),
        direction=st.sampled_from(["up", "down", "", "sideways"]),
        bytes=st.sampled_from(["", "0", "7", "-1", "x"]),
        close_code=st.sampled_from(["", "1000", "1005", "99"]),
        closed_by=st.sampled_from(["", "client", "server", "me"]),
    )
    clean = st.builds(
        event, st.sampled_from(["a", "b"]), st.integers(START, START + 6),
        st.sampled_from(["connect", "message", "lost", "close"]),
        direction=st.sampled_from(["up", "down", ""]), bytes=st.sampled_from(["", "3"]),
    )  # fmt: skip
    return draw(st.lists(st.one_of(cell, clean), min_size=1, max_size=12))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=depth(8, 20))
@given(rows=messy_rows(), suffix=st.sampled_from([".csv", ".jsonl", ".parquet"]), data=st.data())
def test_messy_rows_are_judged_as_the_oracle_judges_them(
    tmp_path: Path, rows: list[dict[str, str]], suffix: str, data: st.DataObject
) -> None:
    rows = [event("z", START, "connect"), *rows]
    expected, bad = oracle.read(rows, "ms")
    cut = len(rows) if suffix == ".jsonl" else data.draw(st.integers(1, len(rows)))  # keys tell the shape of each file
    parts = [part for part in (rows[:cut], rows[cut:]) if part]
    paths = [write_rows(tmp_path / f"{number}{suffix}", part) for number, part in enumerate(parts)]
    rejects = tmp_path / "rejects.csv"
    trace = read_trace(paths, on_error="skip", rejects=rejects, time_unit="ms")
    assert as_connections(trace) == expected
    assert (trace.provenance.rows_read, trace.provenance.rows_rejected) == (len(rows), len(bad))
    assert trace.provenance.rows_used == len(rows) - len(bad)
    if bad:
        assert len(rejects.read_text().splitlines()) == len(bad) + 1
        with pytest.raises(BadRowsError, match=f"^{len(bad)} bad row"):
            read_trace(paths, time_unit="ms")


def as_connections(trace: Trace) -> dict[str, oracle.Connection]:
    directions = {code: name for name, code in DIRECTIONS.items()}
    sides = {code: name for name, code in SIDES.items()}
    found = {}
    for i, connection_id in enumerate(trace.connection_id.tolist()):
        messages = []
        for k in range(trace.offsets[i], trace.offsets[i + 1]):
            flags, size = int(trace.message_flags[k]), int(trace.message_bytes[k])
            kind = "ping" if flags & CONTROL else "message"
            messages.append((int(trace.message_ms[k]), directions[flags & 3], None if size == UNKNOWN else size, kind))
        close, code, lost = int(trace.close_ms[i]), int(trace.close_code[i]), int(trace.client_lost_ms[i])
        found[connection_id] = oracle.Connection(
            int(trace.connect_ms[i]), None if close == FOREVER_MS else close, None if code == UNKNOWN else code,
            sides[int(trace.closed_by[i])], None if lost == FOREVER_MS else lost, messages,
        )  # fmt: skip
    for one in found.values():
        one.messages.sort(key=str)
    return found


@pytest.fixture(autouse=True)
def _sorted_oracle(monkeypatch: pytest.MonkeyPatch) -> None:
    """Messages of one instant and direction have no order: compare them sorted."""
    plain = oracle._connection
    monkeypatch.setattr(oracle, "_connection", lambda rows, unit: sort_messages(plain(rows, unit)))


def sort_messages(connection: oracle.Connection) -> oracle.Connection:
    connection.messages.sort(key=str)
    return connection


@given(order=st.permutations(range(len(SOUND))), cut=st.integers(0, len(SOUND)))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=depth(8, 25))
def test_the_order_of_rows_and_their_files_changes_nothing(tmp_path: Path, order: list[int], cut: int) -> None:
    rows = [SOUND[k] for k in order]
    paths = [write_rows(tmp_path / f"{n}.csv", part) for n, part in enumerate((rows[:cut], rows[cut:])) if part]
    assert columns_of(read_trace(paths)) == columns_of(read_trace(write_rows(tmp_path / "all.csv", SOUND)))


def test_a_key_that_first_appears_far_below_is_read(tmp_path: Path) -> None:
    rows = [event(n, START + n, "connect") for n in range(300)]
    rows.append(event(299, START + 900, "close", close_code=1001, closed_by="server"))
    assert read_trace(write_rows(tmp_path / "t.jsonl", rows)).close_code[299] == 1001


def test_a_window_leaves_out_what_lies_outside_and_counts_it(tmp_path: Path) -> None:
    trace = read_trace(write_rows(tmp_path / "t.csv", SOUND), window=(START, START + 1500))
    assert trace.connections == 2
    assert trace.still_open().tolist() == [True, True]
    provenance = trace.provenance
    assert (provenance.rows_outside, provenance.rows_used) == (1, 6)
    with pytest.raises(TraceError, match="no connection lives inside"):
        read_trace(tmp_path / "t.csv", window=(0, 5))


def test_unknown_options_are_refused(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "t.csv", SOUND)
    with pytest.raises(ConfigError, match="did you mean 'skip'"):
        read_trace(path, on_error="skipp")
    with pytest.raises(ConfigError, match="memory_limit"):
        read_trace(path, memory_limit="lots")
