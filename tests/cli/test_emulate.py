"""The report of a run on the screen, and what it says to do next."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.emulate.emulator import APPS, PYTHON, Emulator
from tests.emulate.lives import HELLO, live
from tests.forked import scfcost

pytestmark = [pytest.mark.servers, pytest.mark.slow]


def test_the_report_ends_with_the_proof_and_commands_that_run(tmp_path: Path) -> None:
    given = ("--idle-timeout", "0.6", "--memory", "256", "--format", "table")
    run = Emulator(tmp_path, *given, "-o", "run.parquet", "--", PYTHON, str(APPS / "asked.py"))
    try:
        run.wait_ready()
        asyncio.run(live(run.port, 0, "one", [HELLO]))
    finally:
        assert run.end() == 0
    assert "every code and every millisecond is what scfcost finds in the recording" in run.out
    month = next(line for line in run.out.splitlines() if line.startswith("total CNY"))
    commands = [line.strip() for line in run.out.splitlines() if line.startswith("  scfcost ")]
    assert len(commands) == 2
    for command in commands:
        done = scfcost(*command.split()[1:], cwd=tmp_path)
        assert done.returncode == 0, done.stderr
    assert month in scfcost(*commands[0].split()[1:], cwd=tmp_path).stdout


def test_help_tells_of_every_switch(tmp_path: Path) -> None:
    told = scfcost("emulate", "--help-all", cwd=tmp_path).stdout
    for flag in ("--mode", "--upstream", "--isolation", "--cut-close", "--end-at", "--freeze", "--limits", "--check"):
        assert flag in told
