"""Scenarios as a user meets them: from the list of presets to a month, its interval, timeouts and a picture."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from scfcost.workload.presets import preset_text
from tests.analysis.forecast.test_uncertainty import SCHEMA
from tests.cli.test_architecture import desk as desk
from tests.forked import scfcost


@pytest.fixture
def mine(desk: Path) -> Path:
    path = desk / "mine.toml"
    path.write_text(preset_text("customer-support").replace("per_day = 1500", "per_day = 60"))
    return path


def test_the_presets_are_listed_and_shown() -> None:
    listed = scfcost("scenario", "list").stdout
    assert "chat-room" in listed
    assert "sessions a day" in listed
    assert scfcost("scenario", "show", "chat-room").stdout == preset_text("chat-room")
    wrong = scfcost("scenario", "show", "chatroom")
    assert (wrong.returncode, wrong.stderr) == (
        2,
        "scfcost: scenario 'chatroom' is not known; did you mean 'chat-room'?\n",
    )


def test_an_idea_becomes_a_month_with_its_interval_and_a_recommendation(mine: Path, desk: Path) -> None:
    done = scfcost("estimate", "mine.toml", "--replications", "40", "--plot", "silences.png", "--verbose")
    assert done.returncode == 0, done.stderr
    assert "mine.toml (generated: 7 days, seed 0)" in done.stdout
    assert "80 % between" in done.stdout
    assert "40 runs of the scenario" in " ".join(done.stdout.split())
    assert (desk / "silences.png").stat().st_size > 1_000
    chosen = scfcost("recommend", "mine.toml", "--reconnect", "on-demand")
    assert (chosen.returncode, "CNY" in chosen.stdout and "balanced" in chosen.stdout) == (0, True)
    grid = scfcost("sweep", "mine.toml", "--idle", "10,60", "--exec", "900")
    assert (grid.returncode, "2 settings" in grid.stdout) == (0, True)


def test_seed_days_and_scale_decide_the_traffic(mine: Path) -> None:
    def connections(*flags: str) -> int:
        done = scfcost("estimate", "mine.toml", "--format", "json", "--replications", "0", *flags)
        return int(json.loads(done.stdout)["trace"]["connections"])

    plain = connections()
    assert plain != connections("--seed", "1")
    assert connections("--days", "14") == pytest.approx(2 * plain, rel=0.1)
    assert connections("--scale", "5") == pytest.approx(5 * plain, rel=0.1)


def test_a_simulated_file_is_estimated_as_the_scenario_is(mine: Path) -> None:
    done = scfcost("simulate", "mine.toml", "--seed", "3", "-o", "trace.parquet")
    assert done.returncode == 0, done.stderr
    flags = ("--format", "json", "--replications", "0")
    read = json.loads(scfcost("estimate", "trace.parquet", *flags).stdout)
    made = json.loads(scfcost("estimate", "mine.toml", "--seed", "3", *flags).stdout)
    for part in ("usage", "outcomes", "impact", "concurrency", "bill", "monthly"):
        assert read[part] == made[part]


def test_a_trace_is_scaled(desk: Path) -> None:
    one, ten = (
        json.loads(scfcost("estimate", "traces.csv", "--format", "json", *flags).stdout)
        for flags in ((), ("--scale", "10"))
    )
    assert ten["usage"]["invocations"] == 10 * one["usage"]["invocations"]
    assert "stand for" in ten["warnings"][0]["message"]


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (("estimate", "mine.toml", "--users", "100"), "users: the scenario states a rate of sessions, not users"),
        (("estimate", "mine.toml", "traces.csv"), "mine.toml: a scenario is estimated by itself"),
        (("estimate", "mine.toml", "--window", "0/1"), "--window cuts a recorded trace"),
        (("estimate", "mine.toml", "--scale", "0"), "scale: 0 is not more than 0"),
        (("estimate", "mine.toml", "--scale", "2500", "--memory-limit", "451MB"), "messages are generated at once"),
        (("estimate", "mine.toml", "--days", "9e9"), "days: 9e+09 is more than 3,660"),
        (("estimate", "mine.toml", "--scale", "2", "--users", "3"), "--users and --scale both say"),
        (("estimate", "traces.csv", "--days", "3"), "--days is for scenarios"),
        (("estimate", "nothing.toml"), "nothing.toml: cannot be read: No such file"),
        (("simulate", "traces.csv", "-o", "t.parquet"), "traces.csv: is no scenario"),
        (("simulate", "mine.toml", "-o", "t.xml"), "t.xml: a trace is written as .parquet or .csv"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(mine: Path, command: tuple[str, ...], message: str) -> None:
    done = scfcost(*command)
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)
    assert message in done.stderr


def test_a_trace_is_fitted_and_the_scenario_is_estimated(mine: Path) -> None:
    assert scfcost("simulate", "mine.toml", "-o", "trace.parquet").returncode == 0
    done = scfcost("fit", "trace.parquet", "-o", "fitted.toml")
    assert done.returncode == 0, done.stderr
    assert "Month and cuts are within" in done.stdout
    assert max(len(line) for line in done.stdout.splitlines()) <= 80
    assert scfcost("estimate", "fitted.toml", "--replications", "0").returncode == 0
    assert scfcost("fit", "trace.parquet").stdout == Path("fitted.toml").read_text()


def test_later_months_are_told_and_keep_to_the_schema(mine: Path) -> None:
    flags = ("estimate", "mine.toml", "--replications", "0", "--growth", "50%/month")
    assert "growing by 50 % a month" in " ".join(scfcost(*flags).stdout.split())
    document = json.loads(scfcost(*flags, "--format", "json").stdout)
    jsonschema.validate(document, SCHEMA)
    months = [float(one["monthly"]) for one in document["growth"]["ahead"]]
    assert months[2] > months[1] > months[0] > float(document["monthly"]["total"])


def test_a_function_of_an_architecture_has_a_scenario(mine: Path, desk: Path) -> None:
    (desk / "all.toml").write_text('name = "all"\n[functions.support]\ntraffic = "mine.toml"\n')
    whole = json.loads(scfcost("architecture", "all.toml", "--format", "json", "--seed", "2").stdout)
    alone = scfcost("estimate", "mine.toml", "--format", "json", "--seed", "2", "--replications", "0")
    assert whole["total"] == json.loads(alone.stdout)["monthly"]["total"]


def test_heartbeats_are_left_out_of_every_run_that_an_answer_stands_on(desk: Path) -> None:
    text = preset_text("customer-support").replace("per_day = 1500", "per_day = 60")
    (desk / "silent.toml").write_text(text)
    (desk / "beating.toml").write_text(text + '\n[heartbeat]\nevery = "5s"\nkind = "data"\n')
    flags = ("--growth", "5%", "--replications", "40", "--drop-heartbeats", "0", "--format", "json")
    silent, beating = (json.loads(scfcost("estimate", f"{one}.toml", *flags).stdout) for one in ("silent", "beating"))
    for part in ("usage", "uncertainty", "growth"):
        assert silent[part] == beating[part]
