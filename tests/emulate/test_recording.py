"""Recordings: whole rows, a window, and nothing lost that was written."""

from __future__ import annotations

from pathlib import Path

import pytest

from scfcost.core.errors import TraceError
from scfcost.emulate.model.connection import Connection
from scfcost.emulate.recording.journal import Journal
from scfcost.lifecycle.outcomes import EXEC_TIMEOUT, IDLE_TIMEOUT, RECYCLED
from scfcost.lifecycle.placement import Instance
from scfcost.trace.model import BY_CLIENT, CUT_IDLE, CUT_LIFE, NOT_CUT
from scfcost.trace.read import read_trace


def recorded(path: Path, **how: object) -> Journal:
    journal = Journal(path, **how)  # type: ignore[arg-type]
    for number, outcome in enumerate((IDLE_TIMEOUT, EXEC_TIMEOUT, RECYCLED)):
        connection = Connection(Instance(0), 1_000, start_ms=1_000, end_ms=3_000, outcome=outcome)
        journal.connect(f"cut-{number}", 1_000, 'a, "b"')
        journal.message(f"cut-{number}", 1_500, "down", 7)
        journal.cut(f"cut-{number}", connection, 1_500, 2_000)
    journal.connect("own", 1_200, "")
    journal.control("own", 1_300, "ping", "up", 2)
    journal.close("own", 1_400, 1000, BY_CLIENT)
    journal.connect("open", 1_500, "")
    return journal


@pytest.mark.parametrize("suffix", [".parquet", ".csv"])
@pytest.mark.parametrize("how", [{}, {"function": "chat", "has_clients": True}])
def test_a_recording_reads_back_as_it_was_written(tmp_path: Path, suffix: str, how: dict[str, object]) -> None:
    path = tmp_path / f"run{suffix}"
    assert recorded(path, **how).finish((500, 9_000))
    trace = read_trace(path, time_unit="ms")
    assert trace.connection_id.tolist() == ["cut-0", "cut-1", "cut-2", "open", "own"]
    assert trace.close_ms.tolist()[:3] == [3_000, 3_000, 3_001]
    assert (trace.start_ms, trace.end_ms, trace.functions) == (500, 9_000, (how.get("function", "default"),))
    assert trace.source_cut is not None
    assert trace.source_cut.tolist() == [CUT_IDLE, CUT_LIFE, NOT_CUT, NOT_CUT, NOT_CUT]
    assert (trace.provenance.source_idle_ms, trace.provenance.source_life_ms) == (1_500, 2_000)
    assert not list(tmp_path.glob("*.partial*"))


def test_what_a_killed_run_has_written_is_kept_and_read(tmp_path: Path) -> None:
    path = tmp_path / "run.parquet"
    killed = recorded(path)
    killed.flush((500, 2_000))
    killed._file.close()
    after = Journal(path)
    assert after.left_over == tmp_path / "run.parquet.partial.1.csv"
    trace = read_trace(after.left_over, time_unit="ms")
    assert (trace.connections, trace.start_ms) == (5, 500)
    assert not after.finish((0, 1))
    assert not path.exists()


def test_two_runs_do_not_record_in_one_place(tmp_path: Path) -> None:
    first = Journal(tmp_path / "run.parquet")
    with pytest.raises(TraceError, match="another run records there now"):
        Journal(tmp_path / "run.parquet")
    first.finish((0, 1))
    with pytest.raises(TraceError, match="cannot be written: No such file"):
        Journal(tmp_path / "no" / "such" / "run.parquet")
