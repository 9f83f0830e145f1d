"""What is printed to be pasted works: it stands on one line, runs, and does what the sentence above it promises."""

from __future__ import annotations

import html
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from scfcost.cli import app
from tests.conftest import SAMPLE
from tests.trace.files import event, write_rows

EXAMPLES = Path(__file__).parents[2] / "examples"
START = 1_790_784_000
EVENTS = [
    *(event(f"c{k}", START + k, "connect") for k in range(60)),
    *(event(f"c{k}", START + k + 200, "message", direction="up", bytes=10) for k in range(60)),
    *(event(f"c{k}", START + k + 400, "close", close_code=1000, closed_by="client") for k in range(60)),
]
"""Sixty connections that say something once, after 200 s of silence."""
LIVES = ["who,since,until,bytes_out", *(f"c{k},{START + 9 * k},{START + 9 * k + 300},9000000" for k in range(60))]
TOLD = "--column connection_id=who --column connect_time=since --column close_time=until"
CASES = {
    "undelivered": "estimate events.csv",
    "undelivered, settings of its own": "estimate events.csv --memory 256 --idle-timeout 20 --plan team --seed 3",
    "flags of clients": "estimate events.csv --reconnect none --client-idle 250 --drop-heartbeats kind",
    "too late a heartbeat": "estimate events.csv --heartbeat 15 --reconnect immediate",
    "too late a heartbeat, shorter than a second": "estimate events.csv --heartbeat 1 --idle-timeout 1",
    "refused": "estimate events.csv --reconnect immediate --idle-timeout 600 --quota-mb 1280",
    "silent": f"estimate lives.csv {TOLD}",
    "a price that is not known": f"estimate lives.csv {TOLD} --function-type web-http --catalog tencent-scf-intl "
    "--region ap-singapore",
    "lives of an old server": "estimate events.csv --reconnect immediate --source-max-life 400 --idle-timeout 300 "
    "--exec-timeout 900",
    "sample": "estimate 'chat room.parquet' --window 2013-05-01T10:00Z/30m",
    **{
        preset: f"estimate {preset}.toml --days {days}"
        for preset, days in (
            ("chat-room", 0.02),
            ("iot-telemetry", 0.02),
            ("notifications", 0.01),
            ("market-data", 0.1),
        )
    },
}


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write_rows(tmp_path / "events.csv", EVENTS)
    (tmp_path / "lives.csv").write_text("\n".join(LIVES) + "\n", encoding="utf-8")
    shutil.copy(SAMPLE, tmp_path / "chat room.parquet")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "60")
    return tmp_path


class Shell:
    """Runs what is pasted, in this process."""

    def __init__(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self.capsys, self.patch = capsys, monkeypatch

    def __call__(self, line: str, codes: tuple[int, ...] = (0, 1)) -> tuple[int, str]:
        self.patch.setattr(sys, "argv", ["scfcost", *shlex.split(line.removeprefix("scfcost "))])
        with pytest.raises(SystemExit) as left:
            app.main()
        done = self.capsys.readouterr()
        code = left.value.code or 0
        assert code in codes, (line, done.err)
        return int(code), done.out + done.err * (codes != (0, 1))


@pytest.fixture
def shell(desk: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shell:
    return Shell(capsys, monkeypatch)


def printed(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip().startswith("scfcost ")]


@pytest.mark.parametrize("case", CASES)
def test_a_printed_command_does_what_it_is_printed_for(case: str, shell: Shell) -> None:
    if ".toml" in CASES[case]:
        preset = CASES[case].split()[1]
        Path(preset).write_text(shell(f"scenario show {preset.removesuffix('.toml')}")[1], encoding="utf-8")
    before = json.loads(shell(f"{CASES[case]} --replications 0 --format json")[1])
    _, shown = shell(f"{CASES[case]} --replications 0")
    (command,) = printed(shown)
    name = command.split()[1]
    code, after = shell(command.replace(" PRICE", " 0.12") + " --format json" * (name == "recommend"))
    assert code == 0
    if name == "recommend":
        assert_nobody_is_worse_off(before, json.loads(after), shell, command)
    elif name == "estimate":
        assert printed(after) == [] or printed(after)[0].split()[1] == "recommend"
    elif name == "capacity":
        assert "What carries this traffic" in after


def assert_nobody_is_worse_off(before: dict, found: dict, shell: Shell, command: str) -> None:  # type: ignore[type-arg]
    """More is delivered at what is put forward, and the estimate there says what the recommendation said."""
    chosen, now = found["recommended"], found["current"]
    assert float(chosen["undelivered_share"]) <= float(now["undelivered_share"])
    assert now["monthly_amount"] == before["monthly"]["total"] or before["function"]["reconnect"] != now["reconnect"]
    there = f"--idle-timeout {chosen['idle_timeout_s']:g} --exec-timeout {chosen['exec_timeout_s']:g}"
    asked = shlex.join(shlex.split(command)[2:])
    estimate = json.loads(shell(f"estimate {asked} {there} --replications 0 --format json")[1])
    assert estimate["monthly"]["total"] == chosen["monthly_amount"]
    assert estimate["impact"]["messages_lost"] == chosen["messages_lost"]


REPORTS = {
    "start": "",
    "recommend": "recommend events.csv --reconnect on-demand --quota-mb 128",
    "capacity": "capacity events.csv --quota-mb 1280 --reconnect immediate --idle-timeout 600",
    "compare": "compare events.csv --reconnect immediate",
    "check": "check events.csv --budget 0.01 --max-lost 1%",
    "diff": "diff base.json head.json",
    "sweep": f"sweep lives.csv --idle 15,60 --exec 900 {TOLD}",
    "reconcile": "reconcile events.csv --cls cls.json",
    "simulate": "simulate market-data.toml --days 0.01 -o sim.parquet",
    "fit": "fit events.csv -o fitted.toml --days 1",
    "import": "import events.log --suggest",
    "scenario": "scenario list",
    "formats": "formats",
    "how to record": "formats nginx",
    "a platform": "estimate events.csv --catalog aws-apigateway",
    "report": "report events.csv -o page.html --idle 15,60 --exec 900 --replications 0",
}
"""Reports beside that of `estimate`."""
NAMED = {
    "traces.csv": "events.csv",
    "TRACES": "events.csv",
    "my.toml": "market-data.toml",
    "NAME": "market-data",
    "FILE.toml": "mapping.toml",
    "FILE": "events.log",
    "LOG": "events.log",
}
"""What stands for a file or name of one's own."""
WRITTEN = re.compile(r"`scfcost ([^`]+)`|^[#\s]*scfcost ([a-z].*?)(?:   .*)?$|\(scfcost ([^)]+)\)", re.MULTILINE)


def test_every_command_that_a_report_prints_is_one(shell: Shell, desk: Path) -> None:
    write_what_reports_read(shell, desk)
    told: set[str] = set()
    for name, line in REPORTS.items():
        shown = shell(line, (0, 1, 2))
        text = shown[1] + ((desk / "page.html").read_text("utf-8") if name == "report" else "")
        for found in WRITTEN.finditer(re.sub("<[^>]*>", "\n", html.unescape(text)) if name == "report" else text):
            command = next(part for part in found.groups() if part).strip()
            words = [NAMED.get(word, word) for word in shlex.split(command.split(" > ")[0])]
            alone = not any(Path(word).exists() or word in NAMED.values() for word in words[1:])
            told |= {f"{name}: {words[0]}"}
            shell(shlex.join([*words, "--help"] if alone or name == "import" else words))
    expected = {"start: recommend", "check: recommend", "report: recommend", "sweep: formats", "scenario: estimate"}
    assert expected < told


@pytest.mark.parametrize("line", ["check events.csv --budget 1", "sensitivity events.csv", "compare events.csv SERVER"])
def test_a_verdict_on_minutes_says_what_its_month_is_made_of(line: str, shell: Shell) -> None:
    _, shown = shell(line.replace("SERVER", "--server-cost 9 --server-capacity 9"), (0, 1, 2))
    assert "the month is 30 days like these 0.128 h" in shown


def write_what_reports_read(shell: Shell, desk: Path) -> None:
    (desk / "market-data.toml").write_text(shell("scenario show market-data")[1], encoding="utf-8")
    (desk / "cls.json").write_text(shell("sample scf-log")[1], encoding="utf-8")
    (desk / "events.log").write_text("2026-01-01T00:00:00Z open id=1\n2026-01-01T00:01:00Z close id=1\n", "utf-8")
    for name, memory in (("base", 128), ("head", 256)):
        document = shell(f"estimate events.csv --memory {memory} --format json")[1]
        (desk / f"{name}.json").write_text(document, encoding="utf-8")


@pytest.mark.parametrize("example", ["chat-room-redis.toml", "http-front-queue.toml"])
def test_an_example_that_is_copied_delivers(example: str, shell: Shell) -> None:
    code, shown = shell(f"architecture {EXAMPLES / example}")
    assert (code, "reach nobody" in shown) == (0, False)


@pytest.mark.parametrize("name", ["FUNCTION", "it's 100 % `mine`"])
def test_a_shell_on_the_pipe_deploys_exactly_what_is_recommended(name: str, shell: Shell, desk: Path) -> None:
    (desk / "function.json").write_text(json.dumps({"FunctionName": name, "MemorySize": 128}), encoding="utf-8")
    asked = "recommend events.csv --reconnect on-demand --region ap-shanghai"
    asked += "" if name == "FUNCTION" else " --from-function function.json"
    (desk / "tccli").write_text("#!/bin/sh\nprintf '%s\\n' \"$@\" >> got\n", encoding="utf-8")
    (desk / "tccli").chmod(0o755)
    path = os.pathsep.join([str(desk), os.environ["PATH"]])
    subprocess.run(["sh"], input=shell(f"{asked} --format sh")[1], text=True, env={"PATH": path}, check=True)
    chosen = json.loads(shell(f"{asked} --format json")[1])
    setting, exec_s = chosen["recommended"], f"{chosen['recommended']['exec_timeout_s']:g}"
    assert (desk / "got").read_text(encoding="utf-8").splitlines() == [
        "scf", "UpdateFunctionConfiguration", "--cli-unfold-argument", "--FunctionName", name, "--MemorySize", "128",
        "--Timeout", exec_s, "--InitTimeout", "60", "--ProtocolParams.WSParams.IdleTimeOut",
        f"{setting['idle_timeout_s']:g}", "--region", "ap-shanghai",
    ]  # fmt: skip
    (line,) = (one for one in shell(asked)[1].splitlines() if one.startswith("tccli "))
    assert line == chosen["deploy"]["tccli"]
