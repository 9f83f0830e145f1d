"""Closes that the old server made by its own timeouts are marked, and results beyond them are bounds."""

from __future__ import annotations

from pathlib import Path

import pytest

from scfcost.analysis.estimate.estimate import estimate
from scfcost.analysis.sweep.sweep import sweep
from scfcost.config.function import FunctionConfig
from scfcost.core.errors import ConfigError
from scfcost.trace.censoring import censor
from scfcost.trace.model import UNKNOWN, Trace
from scfcost.trace.read import read_trace
from tests.oracles.lifecycle import Session
from tests.strategies import build_trace
from tests.trace.formats.samples import LINES

HOUR = 3_600_000
SESSIONS = [
    Session(0, HOUR, [(10_000, "up", 1, "data"), (HOUR - 5_000, "down", 1, "data")]),  # cut at its longest life
    Session(0, 70_000, [(10_000, "up", 1, "data")]),  # cut after a minute of silence
    Session(0, 69_000, [(10_001, "up", 1, "data")]),  # closed by itself, a second before
    Session(0, None, [(1_000, "up", 1, "data")]),  # still open
]


def marked(trace: Trace) -> list[bool]:
    return (trace.close_code == UNKNOWN).tolist()


def codes(found: object) -> set[str]:
    return {one.code for one in found.warnings}  # type: ignore[attr-defined]


def test_closes_at_the_old_timeouts_are_marked() -> None:
    trace = build_trace(SESSIONS)
    assert marked(censor(trace, idle_timeout_s=60)) == [False, True, False, False]
    assert marked(censor(trace, max_life_s=3_600)) == [True, False, False, False]
    both = censor(trace, idle_timeout_s=60, max_life_s=3_600)
    assert both.provenance.censored == 2
    assert (both.close_ms == trace.close_ms).all()


def test_results_beyond_the_old_timeouts_say_that_they_are_bounds() -> None:
    trace = censor(build_trace(SESSIONS), idle_timeout_s=60, max_life_s=3_600)
    within = estimate(trace, FunctionConfig(idle_timeout_s=60, exec_timeout_s=3_600))
    beyond = estimate(trace, FunctionConfig(idle_timeout_s=61, exec_timeout_s=900))
    assert ("censored" in codes(within), "censored" in codes(beyond)) == (False, True)
    said: list[str] = []
    sweep(trace, idle_ms=[60_000, 61_000], exec_ms=[900_000], notice=said.append)
    assert said[0].startswith(
        "1 of 2 pairs of timeouts reach beyond the old server's: 2 of 4 connections were closed by"
    )


def test_a_pile_of_equal_lives_is_proposed_as_the_old_longest_life() -> None:
    sessions = [Session(n, n + 1_800_000 + n % 300) for n in range(30)] + [
        Session(n, n + 7_000 * n + 1) for n in range(60)
    ]
    (warning,) = censor(build_trace(sessions)).provenance.warnings
    assert "--source-max-life 1800" in warning.message
    assert censor(build_trace(sessions), max_life_s=1_800).provenance.warnings == ()


def test_closes_that_the_log_itself_explains_propose_nothing(tmp_path: Path) -> None:
    line = (LINES / "haproxy_lab.log").read_text().splitlines()[0]
    path = tmp_path / "h.log"
    path.write_text("".join(line.replace("04:36:45", f"04:{n:02d}:45") + "\n" for n in range(40)))
    found = read_trace(path)
    assert (found.provenance.censored, found.provenance.source_idle_ms) == (40, 2008)
    assert "source_life_proposed" not in codes(found.provenance)
    path.write_text(path.read_text().replace("cD--", "----"))
    assert "source_life_proposed" in codes(read_trace(path).provenance)


def test_lives_of_every_length_propose_nothing() -> None:
    assert censor(build_trace([Session(n, 40_000 * n + 1) for n in range(90)])).provenance.warnings == ()


def test_logs_are_looked_at_and_timeouts_can_be_named(tmp_path: Path) -> None:
    trace = read_trace(LINES / "haproxy_lab.log", source_max_life=2)
    assert trace.provenance.censored == 1
    with pytest.raises(ConfigError, match="source_max_life: 0 s is not more than 0"):
        read_trace(LINES / "haproxy_lab.log", source_max_life=0)
