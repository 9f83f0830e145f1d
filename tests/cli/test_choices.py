"""The commands that choose and compare, as a user meets them."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from scfcost.analysis.sweep.sweep import SweepResult
from tests.cli.test_estimate import ROWS
from tests.forked import scfcost
from tests.trace.files import write_rows


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write_rows(tmp_path / "traces.csv", ROWS)
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("SCFCOST_")]:
        monkeypatch.delenv(name)
    return tmp_path


def test_a_sweep_is_written_and_drawn(desk: Path) -> None:
    done = scfcost("sweep", "traces.csv", "--idle", "5:20:5", "--exec", "60,900", "--memory", "128,256",
                   "--reconnect", "none,on-demand", "-o", "grid.parquet", "--plot", "grid.png")  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "32 settings" in done.stdout
    assert "8 of 32 settings lie outside" in done.stderr
    assert len(SweepResult.load(desk / "grid.parquet")) == 32
    assert (desk / "grid.png").read_bytes().startswith(b"\x89PNG")


def test_a_sweep_as_json_is_exact(desk: Path) -> None:
    document = json.loads(scfcost("sweep", "traces.csv", "--idle", "15", "--exec", "900", "--format", "json").stdout)
    (row,) = document["rows"]
    estimate = json.loads(scfcost("estimate", "traces.csv", "--format", "json").stdout)
    assert (row["amount"], row["monthly_amount"]) == (estimate["bill"]["total"], estimate["monthly"]["total"])


def test_a_recommendation_is_given_in_words_and_numbers(desk: Path) -> None:
    done = scfcost("recommend", "traces.csv", "--reconnect", "on-demand", "--max-harmful-cuts", "100%")
    assert done.returncode == 0, done.stderr
    assert " the idle timeout " in done.stdout
    assert "tccli scf UpdateFunctionConfiguration" in done.stdout
    asked = scfcost("recommend", "traces.csv")
    assert (asked.returncode, "state --reconnect" in asked.stderr) == (2, True)


def test_a_check_fails_with_exit_code_1(desk: Path) -> None:
    assert scfcost("check", "traces.csv", "--budget", "500").returncode == 0
    done = scfcost("check", "traces.csv", "--budget", "0.01")
    assert (done.returncode, done.stdout.startswith("Broken; the month costs CNY ")) == (1, True)
    document = json.loads(scfcost("check", "traces.csv", "--budget", "0.01", "--format", "json").stdout)
    assert [(one["limit"], one["verdict"]) for one in document["limits"]] == [("budget", "broken")]
    (desk / "scfcost.toml").write_text("[check]\nbudget = 0.01\n")
    assert scfcost("check", "traces.csv").returncode == 1
    (desk / "scfcost.toml").write_text("[check]\nbudgets = 1\n")
    assert "did you mean 'budget'?" in scfcost("check", "traces.csv").stderr


def test_check_judges_the_most_that_a_month_can_cost(desk: Path) -> None:
    broken = scfcost("check", "traces.csv", "--worst-case", "1000", "--format", "json")
    (limit,) = json.loads(broken.stdout)["limits"]
    assert (broken.returncode, limit["verdict"], limit["found"]) == (1, "broken", "35989.92")
    assert limit["remedy"].startswith("a quota of 3,556 MB, now 128,000 MB")
    (desk / "scfcost.toml").write_text('[check]\nworst_case = "40000"\nbudget = 500\n')
    assert scfcost("check", "traces.csv").returncode == 0


def test_a_comparison_names_the_cheaper(desk: Path) -> None:
    done = scfcost("compare", "traces.csv", "--server-cost", "50", "--server-capacity", "1000", "--format", "json")
    assert json.loads(done.stdout)["current"]["server_monthly"] == "50.00"


def test_results_and_configurations_are_compared(desk: Path) -> None:
    for name, memory in (("base", "128"), ("head", "256")):
        scfcost("estimate", "traces.csv", "--memory", memory, "-o", f"{name}.json")
        (desk / f"{name}.toml").write_text(f"memory = {memory}\n")
    saved = scfcost("diff", "base.json", "head.json", "--format", "markdown").stdout
    assert saved.startswith("<!-- scfcost-diff -->\n")
    assert "| function: memory_mb | 128 | 256 | +128 | +100.0 % |" in saved
    assert scfcost("diff", "base.json", "head.json", "--fail-above", "5%").returncode == 1
    assert scfcost("diff", "base.json", "head.json", "--fail-above", "1000").returncode == 0
    assert "impact" not in scfcost("diff", "base.json", "head.json", "--only-above", "5%").stdout
    assert scfcost("diff", "base.toml", "head.toml", "--trace", "traces.csv", "--format", "markdown").stdout == saved


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("sweep", "traces.csv", "--idle", "5:1"), "is empty: it ends before it starts"),
        (("sweep", "traces.csv", "--exec", "60:100:30"), "the steps miss the end 100"),
        (("sweep", "traces.csv", "--reconnect", "never"), "reconnect: 'never' is not known"),
        (("sweep", "traces.csv", "--memory", "x"), "memory: 'x' is not a comma list"),
        (("sweep", "traces.csv", "--plot", "grid.gif"), "a figure is written as .png, .svg, .pdf"),
        (("recommend", "traces.csv", "--reconnect", "none", "--max-lost", "-1%"), "max_lost: '-1%' is negative"),
        (("recommend", "traces.csv", "--reconnect", "none", "--max-reconnects", "often"), "no rate such as 2/h"),
        (("check", "traces.csv"), "nothing to check"),
        (("check", "traces.csv", "--budget", "much"), "no amount of money"),
        (("compare", "traces.csv", "--server-cost", "-1", "--server-capacity", "5"), "no amount of 0 or more"),
        (("diff", "traces.csv", "traces.csv"), "traces.csv: not JSON"),
        (("diff", "a.toml", "b.toml"), "a.toml: name the trace"),
        (("diff", "none.json", "none.json"), "none.json: cannot be read"),
    ],
)  # fmt: skip
def test_a_mistake_gets_one_message_and_exit_code_2(desk: Path, arguments: tuple[str, ...], message: str) -> None:
    done = scfcost(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr.replace("\n", " ")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("figure", ["tradeoff", "heatmap"])
def test_a_recommendation_is_drawn_either_way(figure: str, tmp_path: Path) -> None:
    rows = ["connection_id,timestamp,event", "a,0,connect", "a,5000,message", "a,90000,message", "a,100000,close"]
    (tmp_path / "t.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    words = ["recommend", str(tmp_path / "t.csv"), "--reconnect", "on-demand", "--time-unit", "ms"]
    words += ["--figure", figure, "--plot", str(tmp_path / "f.png"), "-q"]
    done = scfcost(*words)
    assert done.returncode in (0, 1), done.stderr
    assert (tmp_path / "f.png").stat().st_size > 5_000


def test_free_tiers_of_other_platforms_are_asked_for_where_the_function_has_none(desk: Path) -> None:
    done = scfcost("compare", "traces.csv", "--reconnect", "immediate", "--plan", "free", "--with", "aws-apigateway",
                   "--server", "ec2-t4g-small", "--format", "json")  # fmt: skip
    assert done.returncode == 0, done.stderr
    rows = {row["name"]: row for row in json.loads(done.stdout)["platforms"]}
    messages, egress = rows["aws-apigateway"]["lines"][0], rows["ec2-t4g-small"]["lines"][1]
    assert (messages["free"], messages["amount"]) == (messages["quantity"], "0.00")
    assert (egress["free"], egress["amount"]) == (egress["quantity"], "0.00")
