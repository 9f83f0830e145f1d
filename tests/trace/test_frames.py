"""DataFrames as traces: what the same rows in a file give, with the messages of files."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import scfcost
from scfcost.core.errors import BadRowsError, ConfigError, TraceError
from scfcost.trace.inputs import as_trace
from scfcost.trace.model import Trace
from scfcost.trace.read import read_trace
from tests.depth import depth

START = 1_767_261_600_000
FIELDS = (
    *("connect_ms", "close_ms", "close_code", "closed_by", "offsets", "message_ms", "message_bytes", "message_flags"),
    *("total_bytes_out", "total_messages"),
)


def same(one: Trace, other: Trace) -> bool:
    pairs = ((getattr(one, name), getattr(other, name)) for name in FIELDS)
    alike = all((a is None and b is None) or np.array_equal(a, b) for a, b in pairs)
    ends = [(t.start_ms, t.end_ms, t.has_messages, t.connection_id.tolist()) for t in (one, other)]
    return alike and ends[0] == ends[1]


INSTANTS = ["2026-01-01T10:00:00.0", "2026-01-01T10:00:05.5", "2026-01-01T10:02:00.0", None]


class Streamed:
    """A table that speaks Arrow's stream and nothing else, as that of another library."""

    def __init__(self, table: pa.Table) -> None:
        self._table = table

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        return self._table.__arrow_c_stream__(requested_schema)


@st.composite
def lives(draw: st.DrawFn) -> pd.DataFrame:
    n = draw(st.integers(1, 6))
    row = st.tuples(
        st.integers(0, 5_000), st.one_of(st.none(), st.integers(0, 90_000)), st.sampled_from([None, 1000, 1006]),
        st.one_of(st.none(), st.integers(0, 10**9)),
    )  # fmt: skip
    rows = [draw(row) for _ in range(n)]
    return pd.DataFrame(
        {
            "connection_id": [f"c{number}" for number in range(n)],
            "connect_time": [START + start for start, *_ in rows],
            "close_time": pd.array(
                [None if life is None else START + start + life for start, life, *_ in rows], "Int64"
            ),
            "close_code": pd.array([code for *_, code, _ in rows], "Int64"),
            "bytes_out": pd.array([size for *_, size in rows], "Int64"),
        }
    )


@settings(max_examples=depth(6, 15))
@given(lives())
def test_a_frame_gives_what_its_file_gives(tmp_path_factory: pytest.TempPathFactory, frame: pd.DataFrame) -> None:
    path = tmp_path_factory.mktemp("frames") / "t.csv"
    frame.to_csv(path, index=False)
    from_file = read_trace(path)
    table = pa.Table.from_pandas(frame, preserve_index=False)
    for one in (frame, table, Streamed(table), duckdb.from_arrow(table)):
        assert same(Trace.from_frame(one), from_file)


def test_a_frame_of_polars_gives_what_that_of_pandas_gives() -> None:
    polars = pytest.importorskip("polars", reason="polars is not installed (pip install polars)")
    columns = {"connection_id": ["a", "b"], "connect_time": [START, START + 1], "duration_s": [1.5, None]}
    assert same(Trace.from_frame(polars.DataFrame(columns)), Trace.from_frame(pd.DataFrame(columns)))


def test_events_of_a_frame_cost_what_their_file_costs(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "connection_id": [1, 1, 1, 1],
            "timestamp": pd.to_datetime(
                ["2026-01-01T10:00:00.0", "2026-01-01T10:00:05.5", "2026-01-01T10:02:00.0", ""]
            ),
            "event": pd.Categorical(["connect", "message", "close", "message"]),
            "direction": [None, "down", None, "up"],
            "bytes": [None, 100, None, 5],
        }
    ).iloc[:3]
    path = tmp_path / "t.csv"
    frame.to_csv(path, index=False)
    from_frame, from_file = scfcost.estimate(frame), scfcost.estimate(str(path))
    assert from_frame.to_dict()["usage"] == from_file.to_dict()["usage"]
    assert from_frame.to_dict()["trace"]["sources"] == ["frame"]
    assert scfcost.sweep(frame, idle_ms=[15_000], exec_ms=[900_000]).frame.equals(
        scfcost.sweep(path, idle_ms=[15_000], exec_ms=[900_000]).frame
    )


def test_columns_may_be_called_otherwise_and_lengths_be_time_differences() -> None:
    frame = pd.DataFrame(
        {
            "session": ["a", "b"],
            "started": pd.to_datetime(["2026-01-01T10:00:00.123456+08:00", "2026-01-01T10:00:01.0+08:00"]),
            "lasted": [timedelta(seconds=600, microseconds=123_999), timedelta(0)],
        }
    )
    trace = Trace.from_frame(
        frame, {"connection_id": "session", "connect_time": "started", "duration_s": "lasted"}
    )  # fmt: skip
    assert (trace.close_ms - trace.connect_ms).tolist() == [600_123, 0]
    assert trace.connect_ms.tolist() == [1_767_232_800_123, 1_767_232_801_000]


BEGAN = ["2026-01-01T10:00:00.123456789+00:00", "2026-01-01T10:00:01+00:00"]


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "UTC", "Asia/Shanghai"])
def test_instants_are_read_in_any_resolution_and_zone(unit: str, zone: str | None) -> None:
    began = pd.to_datetime(pd.Series(BEGAN), format="ISO8601").dt.tz_convert(zone)
    frame = pd.DataFrame({"connection_id": ["a", "b"], "connect_time": began.dt.as_unit(unit), "duration_s": [1, 2]})
    first = START if unit == "s" else START + 123
    table = pa.Table.from_pandas(frame, preserve_index=False)
    for one in (frame, table):
        assert Trace.from_frame(one).connect_ms.tolist() == [first, START + 1_000]


WORDS = pa.array(["a", "b"]).dictionary_encode()


@pytest.mark.parametrize(
    "ids",
    [
        pd.Categorical(["a", "b"]),
        pd.array(["a", "b"], "string"),
        WORDS,
        WORDS.cast(pa.dictionary(pa.int8(), pa.string())),
    ],
    ids=["categorical", "string", "dictionary", "small dictionary"],
)
def test_ids_may_be_of_any_kind_of_text(ids: Any) -> None:
    frame = {"connection_id": ids, "connect_time": [START, START], "duration_s": [1, 2]}
    assert Trace.from_frame(frame).connection_id.tolist() == ["a", "b"]


def test_a_named_index_is_a_column() -> None:
    frame = pd.DataFrame({"connect_time": [START], "duration_s": [1]}, index=pd.Index(["a"], name="connection_id"))
    assert Trace.from_frame(frame).connection_id.tolist() == ["a"]


def test_lengths_of_duckdb_are_intervals_without_months() -> None:
    rows = "SELECT 'a' AS connection_id, TIMESTAMP '2026-01-01 10:00:00' AS connect_time, INTERVAL '{}' AS duration_s"
    trace = Trace.from_frame(duckdb.sql(rows.format("1 day 123 milliseconds")))
    assert (trace.close_ms - trace.connect_ms).tolist() == [86_400_123]
    with pytest.raises(TraceError, match="a month is no length"):
        Trace.from_frame(duckdb.sql(rows.format("1 month")))


def test_bad_rows_are_named_by_their_number() -> None:
    frame = pd.DataFrame({"connection_id": ["a", "b"], "connect_time": [START, START], "duration_s": [1.0, -1.0]})
    with pytest.raises(BadRowsError, match="frame:2: duration_s: "):
        Trace.from_frame(frame)


STARTED = pd.DataFrame({"started": [1]})
MIXED = pd.DataFrame({"connection_id": [1, "a"]}, dtype=object)
NESTED = pd.DataFrame({"connection_id": [1], "connect_time": [[1]], "close_time": [2]})


@pytest.mark.parametrize(
    ("frame", "columns", "error", "said"),
    [
        (STARTED, {"connect_time": "startd"}, ConfigError, "no column 'startd'; did you mean 'started'"),
        (STARTED, {"conect_time": "started"}, ConfigError, "did you mean 'connect_time'"),
        (STARTED, {}, TraceError, "frame: no column connection_id"),
        (MIXED, {}, TraceError, "frame: connection_id: its values are of several kinds"),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), {}, TraceError, "frame: the column 'a' stands twice"),
        (NESTED, {}, TraceError, "frame: connect_time"),
        (3, {}, ConfigError, "expected a DataFrame"),
        (pa.array([1]), {}, ConfigError, "expected a (DataFrame|table)"),
        ({"connection_id": [1], "connect_time": []}, {}, TraceError, "several lengths"),
        ({"connection_id": 1}, {}, TraceError, "frame: connection_id"),
    ],
)
def test_what_is_no_trace_is_refused(frame: Any, columns: dict[str, str], error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        Trace.from_frame(frame, columns)


def test_anything_else_is_refused_as_a_trace() -> None:
    with pytest.raises(ConfigError, match="expected a trace, files or a DataFrame, not 'int'"):
        as_trace(3)
    with pytest.raises(ConfigError, match=r"my\.toml: a scenario is no trace yet"):
        scfcost.estimate("my.toml")


def test_a_date_and_a_time_are_joined_and_names_are_refused_with_the_way_of_python() -> None:
    frame = pd.DataFrame({"id": ["a"], "day": ["2026-01-01"], "hour": ["10:00:00"], "secs": [5]})
    trace = Trace.from_frame(frame, {"connection_id": "id", "connect_time": "day+hour", "duration_s": "secs"})
    assert (trace.connect_ms.tolist(), trace.close_ms.tolist()) == ([START], [START + 5_000])
    with pytest.raises(ConfigError, match=r"no column 'time'"):
        Trace.from_frame(frame, {"connect_time": "day+time"})
    with pytest.raises(TraceError, match=r"(?s)no column connection_id.*Trace\.from_frame\(frame, .*reset_index"):
        Trace.from_frame(frame)
