"""`scfcost reconcile`, as a user meets it."""

from __future__ import annotations

import json
import os
from datetime import datetime
from pathlib import Path

import pytest

from tests.cli.test_estimate import ROWS
from tests.forked import scfcost
from tests.trace.files import write_rows


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write_rows(tmp_path / "traces.csv", ROWS)
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("SCFCOST_")]:
        monkeypatch.delenv(name)
    start = json.loads(scfcost("estimate", "traces.csv", "--format", "json").stdout)["trace"]["start"]
    start_ms = int(datetime.fromisoformat(start).timestamp() * 1000)
    records = [
        {
            "SCF_FunctionName": "chat", "SCF_RequestId": f"r{k}", "SCF_StartTime": str(start_ms + k),
            "SCF_StatusCode": "455", "SCF_Duration": "20000", "SCF_LogTime": str((start_ms + 20_000) * 10**6),
            "SCF_Message": f"Report RequestId: r{k} Duration: 20000ms Memory: 256MB MemUsage: 27.765625MB",
        }
        for k in range(2)
    ]  # fmt: skip
    (tmp_path / "scf-logs.json").write_text("\n".join(json.dumps(one) for one in records))
    (tmp_path / "bill.csv").write_text("item,quantity,amount\nresource,10,0.01\n")
    return tmp_path


def test_a_reconciliation_explains_the_difference(desk: Path) -> None:
    done = scfcost("reconcile", "traces.csv", "--cls", "scf-logs.json", "--bill", "bill.csv")
    assert done.returncode == 0, done.stderr
    for said in (
        "Forecast CNY",
        "Why",
        "memory: other memory",
        "cut at the idle timeout",
        "multiply forecasts by",
        "256 MB configured, at most 27.7 MB used",
    ):
        assert said in done.stdout
    assert max(len(line) for line in done.stdout.splitlines()) <= 100


def test_a_reconciliation_is_given_as_json_and_markdown(desk: Path) -> None:
    document = json.loads(scfcost("reconcile", "traces.csv", "--cls", "*.json", "--format", "json").stdout)
    assert document["schema"] == "scfcost.reconcile/1"
    assert document["calls"]["logged"] == 2
    assert scfcost("reconcile", "traces.csv", "--cls", "scf-logs.json", "-o", "found.md").returncode == 0
    assert (desk / "found.md").read_text().startswith("## Forecast and reality")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--cls", "none.json"], "none.json: no such file"),
        (["--cls", "traces.csv"], "traces.csv: holds no record of a function (SCF_RequestId); export"),
        (["--cls", "scf-logs.json", "--format", "csv"], "table, json or markdown"),
        (["--cls", "scf-logs.json", "--log-function", "caht"], "did you mean 'chat'?"),
        (["--cls", "scf-logs.json", "--bill", "scf-logs.json"], "no column for the item"),
        ([], "--cls"),
    ],
)
def test_a_mistake_is_one_message(desk: Path, arguments: list[str], said: str) -> None:
    done = scfcost("reconcile", "traces.csv", *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
