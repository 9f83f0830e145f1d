"""Whether a command reads a trace in parts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from scfcost.cli import parts
from scfcost.cli.options import Engine, OnError
from scfcost.core.errors import ConfigError
from scfcost.engines.dask import execute as on_cluster
from scfcost.engines.local import execute
from tests.trace.files import event, write_rows

FLAGS: dict[str, Any] = {
    "engine": Engine.LOCAL, "checkpoint": None, "scheduler": None, "workers": None, "memory_limit": None,
    "quiet": True, "window": None,
}  # fmt: skip


@pytest.fixture
def trace(tmp_path: Path) -> str:
    return str(write_rows(tmp_path / "t.csv", [event("a", 1_700_000_000_000, "connect")]))


def planned(trace: str, **flags: Any) -> Any:
    with parts.planned([trace], {**FLAGS, **flags}) as plan:
        return plan


def test_a_small_trace_is_read_as_a_whole(trace: str) -> None:
    assert planned(trace) is None
    assert planned(trace, memory_limit="450MB") is None


def test_a_trace_beyond_the_memory_is_read_in_parts(trace: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "_is_small", lambda *_: False)
    monkeypatch.setattr("scfcost.trace.reading.memory.parts_needed", lambda *_: 7)
    plan = planned(trace)
    assert (plan.parts, [one.name for one in plan.sources], plan.checkpoint) == (7, [trace], None)


def test_a_checkpoint_asks_for_parts(trace: str, tmp_path: Path) -> None:
    plan = planned(trace, checkpoint=tmp_path / "kept")
    assert (plan.parts, plan.checkpoint) == (2, tmp_path / "kept")


def test_a_cluster_has_parts_for_each_worker(trace: str) -> None:
    assert planned(trace, engine=Engine.DASK, workers=3).parts == 6
    assert parts.engine_of({**FLAGS, "engine": Engine.DASK}).func is on_cluster
    assert parts.engine_of(FLAGS) is execute


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ({"workers": 2}, "--workers is of a cluster"),
        ({"on_error": OnError.SKIP, "checkpoint": Path("kept")}, "--on-error skip looks at every row"),
        ({"stitch": "client", "checkpoint": Path("kept")}, "--stitch needs the whole"),
        ({"memory_limit": "1MB"}, "1MB is too little"),
    ],
)
def test_what_cannot_be_is_said(trace: str, flags: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        planned(trace, **flags)


def test_a_scenario_has_no_parts(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="it is generated from a scenario"):
        planned("my.toml", checkpoint=tmp_path / "kept")
