"""Supposed messages: many of one connection are not made one by one, and nothing else comes of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from scfcost.analysis.estimate.estimate import estimate
from scfcost.config.function import FunctionConfig
from scfcost.trace import assumption
from scfcost.trace.read import read_trace


def lives(path: Path, messages: int, seconds: int = 1_000) -> Path:
    text = f"connection_id,connect_time,close_time,messages\na,1767225600,{1_767_225_600 + seconds},{messages}\n"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("messages", [1_001, 2_000, 77_777])
@pytest.mark.parametrize("config", [FunctionConfig(exec_timeout_s=300), FunctionConfig(reconnect="immediate")])
def test_many_messages_give_what_each_of_them_gives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, messages: int, config: FunctionConfig
) -> None:
    trace = read_trace(lives(tmp_path / "t.csv", messages))
    one_by_one = estimate(trace, config)
    monkeypatch.setattr(assumption, "DENSE", 1_000)
    assert assumption.assume(trace, "point").messages == 0
    at_once = estimate(trace, config)
    assert (at_once.usage, at_once.bill.total_exact) == (one_by_one.usage, one_by_one.bill.total_exact)


@pytest.mark.parametrize(("messages", "seconds", "supposed"), [(10**13, 1_000, 0), (100_000, 1, 100_000), (0, 9, 0)])
def test_what_is_supposed_is_bounded(tmp_path: Path, messages: int, seconds: int, supposed: int) -> None:
    trace = assumption.assume(read_trace(lives(tmp_path / "t.csv", messages, seconds)), "point")
    assert trace.messages == supposed


def test_the_last_of_many_lies_where_it_would_one_by_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trace = read_trace(lives(tmp_path / "t.csv", 77_777))
    last = assumption.assume(trace, "point").message_ms[-1]
    monkeypatch.setattr(assumption, "DENSE", 1_000)
    until = assumption.assume(trace, "point").active_until_ms
    assert until is not None and until.tolist() == [last]
