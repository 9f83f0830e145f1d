"""The files for continuous integration: what they call runs, and they call it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.forked import for_shells

ROOT = Path(__file__).parents[2]
RECIPES = ROOT / "examples" / "ci"
TRACE = "connection_id,connect_time,close_time,bytes_out\nc1,1767225600,1767225660,300\nc2,1767225610,1767225700,200\n"


def git(*words: str, where: Path) -> None:
    identity = ["-c", "user.name=test", "-c", "user.email=test@example.com"]
    subprocess.run(["git", *identity, *words], cwd=where, check=True, capture_output=True)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository whose branch `main` has other settings than the working tree."""
    (tmp_path / "traces.csv").write_text(TRACE, encoding="utf-8")
    (tmp_path / "scfcost.toml").write_text("memory = 128\n", encoding="utf-8")
    git("init", "-q", "-b", "main", where=tmp_path)
    git("add", ".", where=tmp_path)
    git("commit", "-q", "-m", "settings", where=tmp_path)
    return tmp_path


def bill(project: Path, settings: str) -> subprocess.CompletedProcess[str]:
    (project / "scfcost.toml").write_text(settings, encoding="utf-8")
    command = [str(RECIPES / "bill.sh"), "main"]
    return subprocess.run(command, cwd=project, env={**os.environ, **for_shells()}, capture_output=True, text=True)


def test_the_difference_is_written_and_a_kept_budget_passes(project: Path) -> None:
    done = bill(project, "memory = 256\n[check]\nbudget = 1000\n")
    assert done.returncode == 0, done.stderr
    assert "| " in (project / "scfcost.md").read_text(encoding="utf-8")


def test_a_broken_budget_fails_and_the_difference_stands_all_the_same(project: Path) -> None:
    done = bill(project, "memory = 256\n[check]\nbudget = 0\n")
    assert done.returncode == 1, done.stderr
    assert (project / "scfcost.md").exists()


@pytest.mark.parametrize("name", ["github.yml", "gitlab.yml", "coding.Jenkinsfile"])
def test_each_recipe_calls_the_script_that_is_tested(name: str) -> None:
    assert "examples/ci/bill.sh " in (RECIPES / name).read_text(encoding="utf-8")
