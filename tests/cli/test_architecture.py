"""`scfcost architecture` as a user meets it."""

from __future__ import annotations

import json
import os
from decimal import Decimal
from pathlib import Path

import pytest

from tests.cli.test_estimate import ROWS
from tests.forked import scfcost
from tests.trace.files import write_rows

FILE = """
name = "two halves"
plan = "team"
[functions.a]
share = 0.5
[functions.b]
share = "50%"
"""


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write_rows(tmp_path / "traces.csv", ROWS)
    (tmp_path / "halves.toml").write_text(FILE)
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("SCFCOST_")]:
        monkeypatch.delenv(name)
    return tmp_path


def test_a_line_for_each_part_and_the_total(desk: Path) -> None:
    done = scfcost("architecture", "halves.toml", "traces.csv")
    assert done.returncode == 0, done.stderr
    assert max(len(line) for line in done.stdout.splitlines()) <= 80
    for words in ("two halves: CNY ", "a     ", "b     ", "allowances and fee", "total CNY"):
        assert words in done.stdout


def test_halves_of_a_trace_are_its_month(desk: Path) -> None:
    whole = json.loads(scfcost("estimate", "traces.csv", "--plan", "team", "--format", "json").stdout)
    parts = json.loads(scfcost("architecture", "halves.toml", "traces.csv", "--format", "json").stdout)
    assert parts["total"] == whole["monthly"]["total"]
    flag = scfcost("architecture", "halves.toml", "traces.csv", "--plan", "payg", "--format", "json")
    assert Decimal(json.loads(flag.stdout)["total"]) < Decimal(parts["total"])


def test_other_forms_hold_the_same_total(desk: Path) -> None:
    total = json.loads(scfcost("architecture", "halves.toml", "traces.csv", "--format", "json").stdout)["total"]
    table = scfcost("architecture", "halves.toml", "traces.csv", "--format", "csv").stdout
    assert table.splitlines()[-1].endswith(total)
    assert total in scfcost("architecture", "halves.toml", "traces.csv", "--format", "markdown").stdout.replace(",", "")


def test_a_share_without_traces_is_refused(desk: Path) -> None:
    done = scfcost("architecture", "halves.toml")
    assert (done.returncode, "has a share of traces, but none is given" in done.stderr) == (2, True)
