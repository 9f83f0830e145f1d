"""The window that trace files carry."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from scfcost.core.errors import TraceError
from scfcost.trace.read import read_trace
from scfcost.trace.window import SIDE_FILE, WINDOW_KEY, carried_window
from scfcost.trace.write import write_trace

ROWS = {"connection_id": ["a", "a", "b"], "timestamp": [1_500, 2_500, 2_000], "event": ["connect", "close", "connect"]}
WINDOW = 1_000, 9_000


def written(path: Path, window: tuple[int, int] | None = WINDOW) -> Path:
    """Write the rows as a trace file that carries a window."""
    raw = path.with_suffix(".raw.csv")
    pyarrow.csv.write_csv(pa.table(ROWS), raw)
    write_trace([read_trace(raw, time_unit="ms")], path, window=window)
    return path


@pytest.mark.parametrize("suffix", [".parquet", ".csv"])
def test_a_trace_reads_back_with_the_window_it_carries(tmp_path: Path, suffix: str) -> None:
    trace = read_trace(written(tmp_path / f"kept{suffix}"), time_unit="ms")
    assert (trace.start_ms, trace.end_ms, trace.natural_end_ms().tolist()) == (*WINDOW, [2_500, 9_000])


def test_a_window_that_is_asked_for_comes_first(tmp_path: Path) -> None:
    trace = read_trace(written(tmp_path / "kept.parquet"), window=(1_200, 3_000), time_unit="ms")
    assert (trace.start_ms, trace.end_ms) == (1_200, 3_000)


def test_several_files_carry_the_window_from_the_first_start_to_the_last_end(tmp_path: Path) -> None:
    one, other = written(tmp_path / "one.parquet"), written(tmp_path / "other.csv", (500, 3_000))
    assert carried_window([(one, "one"), (other, "other")]) == (500, 9_000)


def test_a_window_that_is_too_narrow_leaves_nothing_out(tmp_path: Path) -> None:
    trace = read_trace(written(tmp_path / "kept.parquet", (1_700, 1_800)), time_unit="ms")
    assert (trace.start_ms, trace.end_ms, trace.connections) == (1_500, 2_500, 2)


def test_what_is_no_window_is_refused_by_the_name_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "bad.parquet"
    pq.write_table(pa.table(ROWS).replace_schema_metadata({WINDOW_KEY: "soon"}), path)
    with pytest.raises(TraceError, match=r"bad\.parquet: carries a bad window"):
        read_trace(path)
    path.with_name(path.name + SIDE_FILE).write_text("1/2")
    assert carried_window([(path, "bad")]) == (1, 2)
