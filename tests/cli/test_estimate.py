"""The command line as a user meets it: streams, exit codes, layers of settings, one message for a mistake."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.forked import scfcost
from tests.trace.files import event, write_rows

START = 1_700_000_000_000
ROWS = [
    event("a", START, "connect"),
    event("a", START + 1000, "message", direction="up", bytes=10),
    event("a", START + 2000, "message", direction="down", bytes=20),
    event("a", START + 60_000, "close", close_code=1000, closed_by="client"),
    event("b", START + 5000, "connect"),
]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write_rows(tmp_path / "traces.csv", ROWS)
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("SCFCOST_")]:
        monkeypatch.delenv(name)
    return tmp_path


def document(*arguments: str, **environment: str) -> dict[str, object]:
    done = scfcost("estimate", "traces.csv", "--format", "json", *arguments, **environment)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)  # type: ignore[no-any-return]


def test_one_screen_answers(desk: Path) -> None:
    done = scfcost("estimate", "traces.csv")
    assert done.returncode == 0
    assert done.stderr == ""
    assert max(len(line) for line in done.stdout.splitlines()) <= 80
    for words in (
        "initialisation timeout 60 s · execution timeout 900 s · idle timeout 15 s",
        "total CNY", "cut at the idle timeout",
        "2 cuts by a timeout: 0 that people notice", "of the region's 128,000 MB", "A month, CNY: none",
    ):  # fmt: skip
        assert words in " ".join(done.stdout.split())
    more = " ".join(scfcost("estimate", "traces.csv", "--verbose").stdout.split())
    assert all(words in more for words in ("for 1,000 connection-hours", "log storage"))


def test_flags_beat_the_environment_which_beats_the_file_which_beats_defaults(desk: Path) -> None:
    (desk / "scfcost.toml").write_text("memory = 512\nidle_timeout = 30\nexec_timeout = 600\n")
    function = document("--memory", "1024", SCFCOST_MEMORY="256", SCFCOST_IDLE_TIMEOUT="20")["function"]
    assert isinstance(function, dict)
    assert (function["memory_mb"], function["idle_timeout_s"], function["exec_timeout_s"]) == (1024, 20, 600)
    assert function["init_timeout_s"] == 60
    shown = scfcost("config", "show", SCFCOST_IDLE_TIMEOUT="20").stdout
    assert "SCFCOST_IDLE_TIMEOUT" in shown
    assert "scfcost.toml" in shown


def test_functions_have_their_own_table_in_the_file(desk: Path) -> None:
    rows = [event("a", START, "connect", function="chat"), event("b", START, "connect", function="push")]
    write_rows(desk / "traces.csv", rows, ("connection_id", "timestamp", "event", "function"))
    (desk / "scfcost.toml").write_text("[functions.push]\nmemory = 512\n")
    functions = document()["functions"]
    assert isinstance(functions, dict)
    assert [functions[name]["function"]["memory_mb"] for name in ("chat", "push")] == [128, 512]


def test_standard_input_is_read(desk: Path) -> None:
    done = scfcost("estimate", "-", "--format", "json", stdin=(desk / "traces.csv").read_text())
    assert json.loads(done.stdout)["trace"]["sources"] == ["<stdin>"]


def test_a_file_is_written_in_the_form_of_its_suffix(desk: Path) -> None:
    assert scfcost("estimate", "traces.csv", "-o", "bill.csv").stdout == ""
    rows = list(csv.DictReader(io.StringIO((desk / "bill.csv").read_text())))
    assert [row["item"] for row in rows if row["scope"] == "trace"] == ["resource", "invocations", "egress", "total"]
    scfcost("estimate", "traces.csv", "-o", "bill.md")
    assert (desk / "bill.md").read_text().startswith("## Cost estimate")
    assert sorted(path.name for path in desk.iterdir()) == ["bill.csv", "bill.md", "traces.csv"]


def test_every_figure_is_explained(desk: Path) -> None:
    shown = scfcost("estimate", "traces.csv", "--explain", COLUMNS="200").stdout
    assert "583/71468" in shown.replace("\n", "")
    assert "half-up" in shown


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("estimate", "trace.csv"), "scfcost: trace.csv: no such file; did you mean 'traces.csv'?"),
        (("estimate", "traces.csv", "--memory", "0"), "scfcost: memory_mb: 0 is less than 1 (from --memory)"),
        (("estimate", "traces.csv", "--idle-timeout", "-1"), "idle_timeout_s: -1 is negative"),
        (("estimate", "traces.csv", "--idle-timeout", "0.0001"), "finer than a millisecond"),
        (("estimate", "traces.csv", "--exec-timeout", "nan"), "'nan' is no time such as 90 (seconds)"),
        (("estimate", "traces.csv", "--max-concurrency", "101"), "more than the 100 connections"),
        (("estimate", "traces.csv", "--max-concurrency", "1001"), "more than the 1,000 connections"),
        (("estimate", "traces.csv", "--region", "ap-guangzou"), "did you mean 'ap-guangzhou'?"),
        (("estimate", "traces.csv", "--plan", "teem"), "did you mean 'team'?"),
        (("estimate", "traces.csv", "--catalog", "mine.toml"), "mine.toml: cannot be read: No such file"),
        (("estimate", "traces.csv", "--pricing-date", "tomorrow"), "is not a day such as"),
        (("estimate", "traces.csv", "--window", "now"), "is not START/END"),
        (("estimate", "traces.csv", "-o", "bill.doc"), "no format has the suffix '.doc'"),
        (("estimate", "traces.csv", "-o", "none/bill.json"), "cannot be written"),
        (("estimate", "traces.csv", "--drop-heartbeats", "all"), "neither 'kind' nor a number of bytes"),
        (("catalog", "check", "traces.csv"), "traces.csv: not TOML"),
        (("catalog", "show", "tencent"), "catalog 'tencent' is not known"),
    ],
)
def test_a_mistake_gets_one_message_and_exit_code_2(desk: Path, arguments: tuple[str, ...], message: str) -> None:
    done = scfcost(*arguments)
    assert done.returncode == 2
    assert message in done.stderr.replace("\n", " ")
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    "arguments",
    [("estimate",), ("estimat", "x"), ("estimate", "x", "--memry", "5"), ("estimate", "x", "--memory", "big")],
)
def test_wrong_usage_is_exit_code_2(desk: Path, arguments: tuple[str, ...]) -> None:
    done = scfcost(*arguments)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("memry = 5", "scfcost.toml: memry: no such setting; did you mean 'memory'?"),
        ("[functions.chat]\nregion = 'x'", "scfcost.toml: functions.chat: region: no such setting"),
        ("memory = [1]", "scfcost.toml:1: memory: [1] is not a single value"),
        ("ping_resets_idle = 'maybe'", "'maybe' is neither true nor false"),
        ("quota_mb = 0", "is not a whole number of 1 or more"),
        ("memory = ", "scfcost.toml: not TOML"),
    ],
)
def test_a_wrong_configuration_file_is_named(desk: Path, text: str, message: str) -> None:
    (desk / "scfcost.toml").write_text(text)
    done = scfcost("config", "show")
    assert (done.returncode, message in done.stderr) == (2, True), done.stderr


def test_bad_rows_are_listed_and_can_be_skipped(desk: Path) -> None:
    with (desk / "traces.csv").open("a") as file:
        file.write("a,soon,message,up,1,,\n")
    done = scfcost("estimate", "traces.csv")
    assert (done.returncode, "traces.csv:7: timestamp: 'soon'" in done.stderr) == (2, True)
    assert document("--on-error", "skip", "--rejects", "bad.csv")["trace"]["rejected_rows"] == 1  # type: ignore[index]
    assert (desk / "bad.csv").exists()


def test_catalogs_are_listed_shown_and_checked(desk: Path) -> None:
    assert "tencent-scf-intl" in scfcost("catalog", "list").stdout
    assert "personal-advanced" in scfcost("catalog", "show", "tencent-scf-cn", COLUMNS="120").stdout
    assert json.loads(scfcost("catalog", "show", "--format", "json").stdout)["currency"] == "CNY"


def test_an_internal_error_is_exit_code_3(desk: Path) -> None:
    code = (
        "import sys, scfcost.cli.app as app, scfcost.cli.inputs as inputs\n"
        "def broken(*_): raise RuntimeError('boom')\n"
        "inputs.estimate_of = broken\nsys.argv = ['scfcost', 'estimate', 'traces.csv']\napp.main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, "internal error: RuntimeError: boom" in done.stderr) == (3, True)
    assert "Traceback" not in done.stderr


def test_the_version_is_printed() -> None:
    assert scfcost("--version").stdout.startswith("scfcost ")


def test_a_reader_that_has_seen_enough_is_no_error(desk: Path) -> None:
    for command in ("estimate traces.csv --format json", "config show", "catalog list"):
        line = f"set -o pipefail; '{sys.executable}' -m scfcost {command} | true"
        done = subprocess.run(["bash", "-c", line], capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, ""), command


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is full")
def test_a_full_disk_is_named(desk: Path) -> None:
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "scfcost", "config", "show"]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True)
    assert (done.returncode, done.stderr) == (
        2,
        "scfcost: standard output: cannot be written: No space left on device\n",
    )


def test_a_failed_writing_leaves_nothing_behind(desk: Path) -> None:
    (desk / "bill.json").mkdir()
    done = scfcost("estimate", "traces.csv", "-o", "bill.json")
    assert (done.returncode, "bill.json: cannot be written: Is a directory" in done.stderr) == (2, True)
    assert sorted(path.name for path in desk.iterdir()) == ["bill.json", "traces.csv"]


def test_colours_are_for_terminals_that_want_them(desk: Path) -> None:
    assert "\x1b[" not in scfcost("estimate", "traces.csv").stdout
    assert "\x1b[" in scfcost("estimate", "traces.csv", FORCE_COLOR="1").stdout
    assert "\x1b[3" not in scfcost("estimate", "traces.csv", FORCE_COLOR="1", NO_COLOR="1").stdout


def test_names_are_shown_as_they_are_written(desk: Path) -> None:
    (desk / "traces.csv").rename(desk / "[bold]:fire:[red].csv")
    assert "[bold]:fire:[red].csv" in scfcost("estimate", "[[]bold[]]:fire:[[]red[]].csv").stdout


def test_a_terminal_of_few_signs_gets_the_answer(desk: Path) -> None:
    done = scfcost("estimate", "traces.csv", PYTHONIOENCODING="ascii")
    assert (done.returncode, "total CNY" in done.stdout) == (0, True)


def test_each_setting_is_shown_with_its_place(desk: Path) -> None:
    (desk / "scfcost.toml").write_text("memory = 512\n# a remark\n[functions.push]  # one of them\nidle_timeout = 30\n")
    shown = json.loads(scfcost("config", "show", "--format", "json", SCFCOST_EXEC_TIMEOUT="600").stdout)
    assert shown["memory"] == {"value": 512, "origin": "scfcost.toml:1"}
    assert shown["exec_timeout"] == {"value": 600, "origin": "SCFCOST_EXEC_TIMEOUT"}
    assert shown["idle_timeout"] == {"value": 15, "origin": "default"}
    assert shown["functions.push.idle_timeout"] == {"value": 30, "origin": "scfcost.toml:4"}


def test_wrong_flags_are_named_with_where_they_came_from(desk: Path) -> None:
    (desk / "scfcost.toml").write_text("plan = 'payg'\nidle_timeout = -5\n")
    assert "idle_timeout_s: -5 is negative" in (said := scfcost("config", "show").stderr)
    assert "(from scfcost.toml:2)" in said
    assert "(from SCFCOST_IDLE_TIMEOUT)" in scfcost("config", "show", SCFCOST_IDLE_TIMEOUT="-1").stderr


def test_the_month_comes_with_its_interval(desk: Path) -> None:
    rows = [event(f"c{n}", START + 60_000 * n, "connect") for n in range(20)]
    said = event("c0", START + 1, "message", direction="up", bytes=1)
    write_rows(desk / "traces.csv", [*rows, said, event("c0", START + 2_000_000, "close")])
    found = document("--replications", "50", "--seed", "3")["uncertainty"]
    assert (found["replications"], found["seed"]) == (50, 3)  # type: ignore[index]
    assert "uncertainty" not in document("--replications", "0")
    shown = " ".join(scfcost("estimate", "traces.csv").stdout.split())
    assert re.search(r"A month CNY [\d.]+ \(80 % between [\d.]+ and [\d.]+\)", shown)
    refused = scfcost("estimate", "traces.csv", "--replications", "3")
    assert (refused.returncode, "3 are too few" in refused.stderr) == (2, True)
