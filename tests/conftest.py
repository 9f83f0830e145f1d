"""Settings shared by every test, and what a test has to say of the programs that it needs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import settings

from tests.depth import EXAMPLES, THOROUGH

# A first call may compile a kernel, and a machine may be busy: no single example has a time limit. Developers draw
# new examples each time; in CI they are the same, so that a change does not fail over what it has not touched.
settings.register_profile("scfcost", deadline=None, derandomize=bool(os.environ.get("CI")), max_examples=EXAMPLES)
settings.load_profile("scfcost")

os.environ.pop("SCFCOST_LANG", None)
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
"""Tests start hundreds of processes: without kept bytecode each would translate the whole package again."""
collect_ignore_glob = ["emulate/apps/*"]
"""Servers that tests run: importing one, as the search for doctests does, would start it."""
PROGRAMS = {
    "tshark": "tshark",
    "dumpcap": "tshark",
    "nginx": "nginx-light",
    "haproxy": "haproxy",
    "apache2": "apache2",
    "caddy": "caddy",
    "mosquitto": "mosquitto",
    "chromium": "chromium",
    "chromedriver": "chromium-driver",
    "redis-server": "redis-server",
    "node": "nodejs",
    "go": "golang-go",
}
"""Programs that a test may need, each with the package that holds it."""
SLOW = (
    *("cli/", "emulate/", "engines/", "examples/", "fuzz/", "servers/"),  # a process or more a test
    *("report/test_browser", "test_docs", "test_notebooks", "test_promise", "test_representations"),
    *("analysis/capacity/test_capacity", "analysis/sweep/test_recommend", "analysis/forecast/test_uncertainty"),
    *("trace/formats/test_export", "trace/formats/test_pairing", "trace/reading/test_hostile"),
    *("trace/reading/test_remote", "trace/test_read", "workload/test_fitting"),
)
"""Where tests take more than a moment each, measured; `make quick` leaves them out, as those that say so themselves."""
SAMPLE = Path(__file__).parents[1] / "data" / "sample_traces" / "chat_room.parquet"


def named(item: pytest.Item) -> set[str]:
    """Return the programs that a test says it needs."""
    return {program for mark in item.iter_markers("needs") for program in mark.args}


@pytest.hookimpl(tryfirst=True)  # before the selection by marks
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what a thorough run adds, skip with the reason what needs a missing program, and mark what is slow."""
    tests = Path(__file__).parent
    if not THOROUGH:
        config.hook.pytest_deselected(items=[item for item in items if item.get_closest_marker("thorough")])
        items[:] = [item for item in items if not item.get_closest_marker("thorough")]
    for item in items:
        if item.path.is_relative_to(tests) and item.path.relative_to(tests).as_posix().startswith(SLOW):
            item.add_marker(pytest.mark.slow)
        for program in sorted(named(item)):
            if shutil.which(program) is None:
                reason = f"{program} is not installed (apt-get install {PROGRAMS[program]})"
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def decoys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder a program, with one of its name in it that says what is wrong."""
    folder = tmp_path_factory.mktemp("decoys")
    for program in PROGRAMS:
        decoy = folder / program / program
        decoy.parent.mkdir()
        decoy.write_text(f"#!/bin/sh\necho 'a test without the marker needs({program!r}) called it' >&2\nexit 127\n")
        decoy.chmod(0o755)
    return folder


@pytest.fixture(autouse=True)
def only_named_programs(request: pytest.FixtureRequest, decoys: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide each program that a test does not name, so that it fails here and not first where that is missing."""
    hidden = [str(decoys / program) for program in PROGRAMS if program not in named(request.node)]
    monkeypatch.setenv("PATH", os.pathsep.join([*hidden, os.environ["PATH"]]))


def pytest_sessionstart(session: pytest.Session) -> None:
    """Compile the kernels once, before several processes run tests and each would compile them for itself."""
    if getattr(session.config.option, "numprocesses", None) and not hasattr(session.config, "workerinput"):
        grid = ("sweep", str(SAMPLE), "--idle", "30", "--exec", "900", "--reconnect", "immediate", "--format", "json")
        for command in (("estimate", str(SAMPLE), "--format", "json"), grid):
            subprocess.run([sys.executable, "-m", "scfcost", *command], capture_output=True, check=False)
