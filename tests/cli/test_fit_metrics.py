"""`scfcost fit --metrics`, as a user meets it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from scfcost.trace.samples import sample
from tests.forked import scfcost


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "open.csv").write_text("time,open\n1767261600,10\n1767261660,20\n1767265260,20\n")
    (tmp_path / "graph.csv").write_bytes(sample("graph").content())
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("SCFCOST_")]:
        monkeypatch.delenv(name)
    return tmp_path


def test_a_graph_tells_its_usage_at_most_and_what_it_does_not_tell(desk: Path) -> None:
    done = scfcost("fit", "--metrics", "open.csv", "--memory", "256", "-o", "g.toml")
    assert done.returncode == 0, done.stderr
    # (60 s × 20 + 3,600 s × 20) × 256 MB / 1,024 = 18,300 GBs
    assert "resource at 256 MB, at most: 18,300 GBs in this time" in done.stdout
    assert "peak: 20 instances of 256 MB are 5,120 MB, within the quota of 128,000 MB" in done.stdout
    assert "mean life: not known" in done.stdout
    assert "not known: silences" in done.stdout
    assert all(f"#   {line}" in (desk / "g.toml").read_text() for line in done.stdout.splitlines())


def test_its_scenario_is_estimated_as_any_other(desk: Path) -> None:
    assert "by Little's law" in scfcost("fit", "--metrics", "graph.csv", "-o", "g.toml").stdout
    assert scfcost("config", "show").returncode == 0
    assert scfcost("simulate", "g.toml", "--days", "0.05", "-o", "t.parquet").returncode == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["open.csv", "graph.csv", "--metrics"], "--metrics takes one graph"),
        (["open.csv", "--metrics", "--mean-life", "0"], "--mean-life: expected more than 0 s"),
        (["open.csv", "--mean-life", "5"], "--mean-life goes with --metrics"),
        (["none.csv", "--metrics"], "none.csv: cannot be read"),
    ],
)
def test_a_mistake_is_one_message(desk: Path, arguments: list[str], said: str) -> None:
    done = scfcost("fit", *arguments)
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
    assert said in done.stderr


def test_a_graph_that_is_taken_for_a_trace_names_the_flag_that_reads_it(desk: Path) -> None:
    done = scfcost("fit", "graph.csv")
    assert done.returncode == 2
    assert "read by scfcost fit --metrics graph.csv" in done.stderr and "meant?" not in done.stderr
