"""`--from-function`: what is deployed is used, named, and beaten by flags."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.forked import scfcost

ROWS = "connection_id,timestamp,event\na,1767225600,connect\na,1767225660,message\na,1767225700,close\n"


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    (tmp_path / "traces.csv").write_text(ROWS, encoding="utf-8")
    deployed = {"FunctionName": "chat", "MemorySize": 512, "Timeout": 600}
    (tmp_path / "function.json").write_text(json.dumps(deployed), encoding="utf-8")
    return tmp_path


def estimated(desk: Path, *flags: str) -> subprocess.CompletedProcess[str]:
    words = ["estimate", "traces.csv", "--from-function", "function.json", "--format", "json", *flags]
    return scfcost(*words, cwd=desk)


def test_settings_that_are_deployed_are_used_and_named(desk: Path) -> None:
    done = estimated(desk)
    assert json.loads(done.stdout)["function"]["memory_mb"] == 512
    assert done.stderr.count("chat: --memory 512, --exec-timeout 600 (not said there: --idle-timeout)") == 1


def test_a_flag_beats_what_is_deployed_and_that_beats_the_file(desk: Path) -> None:
    (desk / "scfcost.toml").write_text("memory = 64\nidle_timeout = 33\n", encoding="utf-8")
    function = json.loads(estimated(desk, "--exec-timeout", "700").stdout)["function"]
    assert (function["memory_mb"], function["idle_timeout_s"], function["exec_timeout_s"]) == (512, 33, 700)


SEVERAL = "provider: {name: tencent}\nfunctions:\n  default: {memorySize: 256}\n  other: {memorySize: 64}\n"


def test_of_several_functions_one_is_named(desk: Path) -> None:
    (desk / "function.json").write_text(SEVERAL, encoding="utf-8")
    done = estimated(desk, "--from-function", "function.json#other")
    assert json.loads(done.stdout)["function"]["memory_mb"] == 64
    assert "function.json#NAME takes one for all" in estimated(desk).stderr


def test_a_function_that_is_not_there_is_answered_with_those_that_are(desk: Path) -> None:
    (desk / "function.json").write_text(SEVERAL, encoding="utf-8")
    done = estimated(desk, "--from-function", "function.json#othr")
    assert done.returncode == 2
    assert "other" in done.stderr.splitlines()[-1]


def test_a_file_of_another_kind_is_refused(desk: Path) -> None:
    (desk / "function.json").write_text("[]", encoding="utf-8")
    done = estimated(desk)
    assert done.returncode == 2
    assert "function.json" in done.stderr and "Traceback" not in done.stderr
