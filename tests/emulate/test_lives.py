"""Live connections against scfcost's replay of what was recorded: every code, every millisecond."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from tests.depth import THOROUGH, depth
from tests.emulate.emulator import APPS, PYTHON, emulating
from tests.emulate.lives import crowd, live
from tests.emulate.plans import contradictions
from tests.forked import scfcost

pytestmark = [pytest.mark.servers, pytest.mark.slow]
SETTINGS = ("--idle-timeout", "0.75", "--exec-timeout", "2", "--keep-alive", "1")


def estimated(folder: Path, *arguments: str) -> dict[str, Any]:
    done = scfcost("estimate", "run.parquet", "--format", "json", *arguments, cwd=folder)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


RUNS = [("cut", 1, "8"), ("cut", 2, "1"), ("shadow", 1, "8")]
MORE_RUNS = [("shadow", 2, "1"), ("cut", 3, "8"), ("shadow", 3, "8")]


@pytest.mark.parametrize(("mode", "seed", "places"), [*RUNS, *(MORE_RUNS if THOROUGH else [])])
def test_random_lives_get_the_codes_and_milliseconds_of_the_replay(
    tmp_path: Path, mode: str, seed: int, places: str
) -> None:
    lives = depth(100, 250) if places == "8" else 40
    given = (*SETTINGS, "--max-concurrency", places)
    asked = (*given, "--mode", mode, "--client", "query:who", "-o", "run.parquet")
    with emulating(tmp_path, *asked, "--", PYTHON, str(APPS / "asked.py")) as run:
        seen = asyncio.run(crowd(run.port, lives, 3, seed, run.end))
    proof, report = run.report["proof"], run.report
    assert (proof["wrong_codes"], proof["deviating"], proof["most_ms"]) == (0, 0, 0), proof["examples"]
    connected = sum(one.status == 101 for one in seen)
    assert proof["connections"] >= connected >= 10  # on a busy machine many are over before the server has answered
    assert contradictions(tmp_path / "run.parquet", seen) == []
    again = estimated(tmp_path, *given)
    for part in ("usage", "outcomes", "impact", "bill", "monthly"):
        assert again[part] == report[part]
    assert again["outcomes"] == report["as_run"]["outcomes"]
    if places == "1":
        assert report["as_run"]["billed_ms"] == again["usage"]["billed_ms"]
    assert report["as_run"]["egress_bytes"] == again["usage"]["egress_bytes"]
    if mode == "cut":
        reconciled(tmp_path, *given)


def reconciled(folder: Path, *given: str) -> None:
    """Hold the forecast of a recording to the log that the emulator wrote beside it."""
    done = scfcost("reconcile", "run.parquet", "--cls", "run.cls.jsonl", "--format", "json", *given, cwd=folder)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert float(found["factor"]) == 1, found["lines"]
    assert all(one["forecast"] == one["logged"] for one in found["outcomes"]), found["outcomes"]


def test_warm_instances_are_busy_as_scfcost_packs_them(tmp_path: Path) -> None:
    """Instances that are there before the first connection: how long one takes to start is of the machine."""
    given = ("--idle-timeout", "0.75", "--exec-timeout", "2", "--provisioned", "3", "--max-concurrency", "4")

    async def busy(port: int) -> None:
        await asyncio.gather(*(live(port, 0, "first", [(1.0, "close", 1000)]) for _ in range(12)))
        steps = [(0.1, "text", "hello"), (0.4, "close", 1000)]
        await asyncio.gather(*(live(port, 0.07 * n, "one", steps) for n in range(60)))

    with emulating(tmp_path, *given, "-o", "run.parquet", "--", PYTHON, str(APPS / "asked.py")) as run:
        asyncio.run(busy(run.port))
        run.end()
    proof, ran = run.report["proof"], run.report["as_run"]
    assert proof["holds"], proof
    assert (ran["billed_ms"], run.report["instances"]) == (proof["billed_ms"], proof["instances"])
