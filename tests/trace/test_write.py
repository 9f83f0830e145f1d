"""A trace that is written is read back as it was."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from scfcost.core.errors import TraceError
from scfcost.trace.model import Trace
from scfcost.trace.read import read_trace
from scfcost.trace.write import write_trace
from scfcost.workload.generate import chunks, generate, plan
from scfcost.workload.presets import preset
from tests.trace.files import columns_of


def as_read(trace: Trace) -> Trace:
    """Put what happens at one instant of a connection in the reader's order: data before pings, up before down."""
    owner = np.repeat(np.arange(trace.connections), np.diff(trace.offsets))
    order = np.lexsort((trace.message_flags, trace.message_ms, owner))
    rows = (trace.message_ms, trace.message_bytes, trace.message_flags)
    message_ms, message_bytes, message_flags = (column[order] for column in rows)
    return trace.replace(message_ms=message_ms, message_bytes=message_bytes, message_flags=message_flags)


@pytest.mark.parametrize("suffix", [".parquet", ".csv"])
@pytest.mark.parametrize("name", ["chat-room", "iot-telemetry", "llm-streaming"])
def test_a_generated_trace_is_read_back(tmp_path: Path, suffix: str, name: str) -> None:
    made = plan(preset(name), days=0.3)
    path = tmp_path / f"t{suffix}"
    rows = write_trace(chunks(made, 4), path)
    expected = as_read(generate(preset(name), days=0.3, seed=4))
    found = read_trace(path, window=made.window)
    assert columns_of(found) == columns_of(expected)
    assert found.client_lost_ms.tolist() == expected.client_lost_ms.tolist()
    assert found.provenance.rows_used == rows
    assert (found.room is None) == (expected.room is None) == (made.scenario.rooms is None)
    if found.room is not None and expected.room is not None:
        pairs = set(zip(found.room.tolist(), expected.room.tolist(), strict=True))
        assert len(pairs) == len({one for one, _ in pairs}) == len({other for _, other in pairs})


def test_a_trace_of_a_named_function_keeps_its_name(tmp_path: Path) -> None:
    named = preset("notifications").model_copy(update={"function": "push"})
    path = tmp_path / "t.parquet"
    write_trace(chunks(plan(named, days=0.3), 4), path)
    assert read_trace(path).functions == ("push",)


def test_a_file_is_whole_or_not_there(tmp_path: Path) -> None:
    def broken() -> Iterator[Trace]:
        yield generate(preset("notifications"), days=0.3)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_trace(broken(), tmp_path / "t.parquet")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "message"), [("t.txt", "is written as .parquet or .csv"), ("no/t.csv", "No such file")]
)
def test_what_cannot_be_written_is_said(tmp_path: Path, name: str, message: str) -> None:
    with pytest.raises(TraceError, match=message):
        write_trace([generate(preset("notifications"), days=0.3)], tmp_path / name)
