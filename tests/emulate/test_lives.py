"""Live connections against scfcost's replay of what was recorded: every code, every millisecond."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from tests.emulate.emulator import APPS, PYTHON, emulating, scfcost
from tests.emulate.lives import Seen, crowd, live

pytestmark = [pytest.mark.servers, pytest.mark.slow]
CLOCK_MS = 2
"""Whole milliseconds of two clocks. [ms]"""
SETTINGS = ("--idle-timeout", "0.75", "--exec-timeout", "2", "--keep-alive", "1")


def estimated(folder: Path, *arguments: str) -> dict[str, Any]:
    done = scfcost("estimate", "run.parquet", "--format", "json", *arguments, folder=folder)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def ended_before_its_plan(one: Seen) -> bool:
    """Whether a client saw its end before it did all it wanted, and before any timeout; how late is the machine's."""
    if one.status != 101 or one.kind in ("server", "sabort", "die", "push") or not one.ended_ms:
        return False
    own_ms = one.sent[-1] if one.steps and len(one.sent) == len(one.steps) else float("inf")
    return one.ended_ms < min(own_ms, one.asked_ms + 750) - CLOCK_MS


@pytest.mark.parametrize(("mode", "seed", "places"), [
    ("cut", 1, "8"), ("cut", 2, "1"), ("cut", 3, "8"), ("shadow", 1, "8"), ("shadow", 2, "1"), ("shadow", 3, "8"),
])  # fmt: skip
def test_random_lives_get_the_codes_and_milliseconds_of_the_replay(
    tmp_path: Path, mode: str, seed: int, places: str
) -> None:
    lives = 250 if places == "8" else 40
    given = (*SETTINGS, "--max-concurrency", places)
    run_it = (PYTHON, str(APPS / "asked.py"))
    with emulating(tmp_path, *given, "--mode", mode, "-o", "run.parquet", "--", *run_it) as run:
        seen = asyncio.run(crowd(run.port, lives, 4, seed))
        run.end()
    proof, report = run.report["proof"], run.report
    assert (proof["wrong_codes"], proof["deviating"], proof["most_ms"]) == (0, 0, 0), proof["examples"]
    connected = sum(one.status == 101 for one in seen)
    assert proof["connections"] >= connected >= 0.9 * lives
    killed = any(one.kind == "die" for one in seen)  # a process that dies takes others with it
    assert killed or not (early := [one for one in seen if ended_before_its_plan(one)]), early[:3]
    again = estimated(tmp_path, *given)
    for part in ("usage", "outcomes", "impact", "bill", "monthly"):
        assert again[part] == report[part]
    assert again["outcomes"] == report["as_run"]["outcomes"]
    if places == "1":
        assert report["as_run"]["billed_ms"] == again["usage"]["billed_ms"]
    assert report["as_run"]["egress_bytes"] == again["usage"]["egress_bytes"]


@pytest.mark.parametrize("places", ["1", "8"])
def test_reconcile_on_the_emulators_own_log_finds_a_factor_of_one(tmp_path: Path, places: str) -> None:
    given = (*SETTINGS, "--max-concurrency", places)
    with emulating(tmp_path, *given, "-o", "run.parquet", "--", PYTHON, str(APPS / "asked.py")) as run:

        async def some() -> None:
            stays = [asyncio.create_task(live(run.port, 4.2, "stay", [(0.1, "text", "hello")])) for _ in range(4)]
            await crowd(run.port, 25, 3, 7)
            await asyncio.wait(stays, timeout=0.4)
            run.end()
            await asyncio.gather(*stays)

        asyncio.run(some())
    done = scfcost("reconcile", "run.parquet", "--cls", "run.cls.jsonl", "--format", "json", *given, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert float(found["factor"]) == 1, found["lines"]
    assert [(one["forecast"], one["logged"]) for one in found["outcomes"]] == [
        (one["logged"], one["logged"]) for one in found["outcomes"]
    ]


def test_warm_instances_are_busy_as_scfcost_packs_them(tmp_path: Path) -> None:
    given = ("--idle-timeout", "0.75", "--exec-timeout", "2", "--keep-alive", "60", "--max-concurrency", "4")

    async def warm_then_busy(port: int) -> None:
        await asyncio.gather(*(live(port, 0, "warm", [(1.0, "close", 1000)]) for _ in range(12)))
        steps = [(0.1, "text", "hello"), (0.4, "close", 1000)]
        await asyncio.gather(*(live(port, 0.07 * n, "one", steps) for n in range(60)))

    with emulating(tmp_path, *given, "-o", "run.parquet", "--", PYTHON, str(APPS / "asked.py")) as run:
        asyncio.run(warm_then_busy(run.port))
        run.end()
    proof, ran = run.report["proof"], run.report["as_run"]
    assert proof["holds"], proof
    assert (ran["billed_ms"], run.report["instances"]) == (proof["billed_ms"], proof["instances"])
