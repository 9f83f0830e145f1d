"""The files for continuous integration: what they call runs, and they call it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
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


ECHO = """
import asyncio
from websockets.asyncio.server import serve
async def echo(socket):
    async for text in socket:
        await socket.send(text)
async def main():
    async with serve(echo, "0.0.0.0", 9000, ping_interval=None):
        await asyncio.get_running_loop().create_future()
asyncio.run(main())
"""
THREE = """
import os, sys, time
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect
comes_back, number = sys.argv[1:] == ["again"], 0
while number < 3:
    try:
        with connect(os.environ["WS_URL"], open_timeout=60) as socket:
            while number < 3:
                socket.send(str(number))
                assert socket.recv() == str(number)
                number += 1
                time.sleep(0.9 if number == 2 else 0)
    except ConnectionClosed:
        if not comes_back:
            sys.exit(1)
"""
"""A client that says three things, the last after a silence that is cut."""


def under_cuts(folder: Path, server: str, test: str, *flags: str) -> str:
    """Run a server under cuts, and return what the script says of it last, with its exit code."""
    (folder / "server.py").write_text(ECHO)
    (folder / "client.py").write_text(THREE)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    command = [str(RECIPES / "under-cuts.sh"), server, test, "--idle-timeout", "0.5", *flags]
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # a real process, which takes signals
    environment = {**os.environ, "PATH": path, "PORT": port}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    return f"{done.stdout.splitlines()[-1]}; {done.returncode}"


@pytest.mark.servers
def test_a_server_whose_clients_come_back_passes_under_cuts_and_one_that_loses_messages_fails(tmp_path: Path) -> None:
    said = "under cuts: exit code of the test: {}, of scfcost emulate --check: {}; {}".format
    assert under_cuts(tmp_path, "python server.py", "python client.py again") == said(0, 0, 0)
    assert under_cuts(tmp_path, "python server.py", "python client.py", "--budget", "0.01") == said(1, 1, 1)
    assert under_cuts(tmp_path, "no-such-server", "python client.py") == said("none", 2, 2)


@pytest.mark.parametrize("name", ["github.yml", "gitlab.yml", "coding.Jenkinsfile"])
def test_each_recipe_calls_the_script_that_is_tested(name: str) -> None:
    assert "examples/ci/bill.sh " in (RECIPES / name).read_text(encoding="utf-8")


def test_the_recipe_for_a_server_calls_its_script() -> None:
    assert "examples/ci/under-cuts.sh '" in (RECIPES / "github-under-cuts.yml").read_text(encoding="utf-8")
