"""However a run ends: the exit code, a sentence, and no process left."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from scfcost.cli.app import main
from tests.emulate.emulator import APPS, LIMIT_S, PYTHON, Emulator, alive, emulating, group_of
from tests.emulate.lives import HELLO, live
from tests.forked import scfcost

pytestmark = [pytest.mark.servers, pytest.mark.slow]
SERVER = (PYTHON, str(APPS / "asked.py"))
IMPORTS = "import subprocess, sys, scfcost, websockets; subprocess.run([sys.executable, '-c', ''], check=True)"


def gone(pids: list[int]) -> bool:
    """Whether all of some processes are gone, within a while."""
    until = time.monotonic() + LIMIT_S
    while alive(pids) and time.monotonic() < until:
        time.sleep(0.05)
    return not alive(pids)


def with_children(run: Emulator) -> list[int]:
    """Connect once, and return the processes that run then: the instance and the guard."""
    asyncio.run(live(run.port, 0, "one", [HELLO, (0.1, "close", 1000)]))
    found = group_of(run)
    assert len(found) >= 2
    return found


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_ends_the_run_with_its_report(tmp_path: Path, number: signal.Signals) -> None:
    with emulating(tmp_path, "--keep-alive", "60", "-o", "run.parquet", "--", *SERVER) as run:
        children = with_children(run)
        assert run.end(number) == 0
    assert sum(run.report["outcomes"].values()) == 1
    assert gone(children)


def test_a_kill_leaves_no_process_and_costs_the_last_seconds_alone(tmp_path: Path) -> None:
    with emulating(tmp_path, "--keep-alive", "60", "-o", "run.parquet", "--", *SERVER) as run:
        children = with_children(run)
        partial, window = tmp_path / "run.parquet.partial.csv", tmp_path / "run.parquet.partial.csv.window"
        until = time.monotonic() + LIMIT_S  # rows are written every five seconds, then their window
        while not (window.exists() and partial.read_text().count("\n") >= 3) and time.monotonic() < until:
            time.sleep(0.1)
        run.process.kill()
        assert run.ended() == -signal.SIGKILL
    assert gone(children)
    assert not (tmp_path / "run.parquet").exists()
    done = scfcost("estimate", "run.parquet.partial.csv", "--format", "csv", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert window.read_text().count("/") == 1


def test_a_command_that_ends_before_it_listens_is_405_and_exit_code_2(tmp_path: Path) -> None:
    with emulating(tmp_path, "--", PYTHON, "-c", "print('no such module'); raise SystemExit(7)") as run:
        seen = asyncio.run(live(run.port, 0, "none", [HELLO]))
        assert run.end() == 2
    assert seen.status == 405
    text = "\n".join(run.said)
    assert "exit code 7" in text and "no such module" in text and "nothing" not in text
    assert run.said[-1].startswith("scfcost: no instance ever listened on port 9000")
    assert run.report["refused"] == {"405": 1}


def test_a_command_that_never_listens_is_450(tmp_path: Path) -> None:
    with emulating(tmp_path, "--init-timeout", "0.5", "--", "sleep", "600") as run:
        seen = asyncio.run(live(run.port, 0, "none", [HELLO]))
        children = group_of(run)
        assert run.end() == 2
    assert (seen.status, run.report["refused"]) == (450, {"450": 1})
    assert gone(children)


def test_a_process_that_dies_is_439_for_each_connection_it_held(tmp_path: Path) -> None:
    async def three(port: int) -> None:
        stay = [live(port, 0, "stay", [HELLO], stay_s=LIMIT_S) for _ in range(2)]
        await asyncio.gather(*stay, live(port, 0.6, "die", [(0.5, "text", "die")]))

    with emulating(tmp_path, "--max-concurrency", "3", "--", *SERVER) as run:
        asyncio.run(live(run.port, 0, "warm", [(0.1, "close", 1000)]))
        asyncio.run(three(run.port))
        assert run.end() == 0
    assert run.report["outcomes"]["439"] == 3
    assert run.report["proof"]["holds"], run.report["proof"]


def test_what_goes_beyond_the_quota_is_432_with_the_vendors_body(tmp_path: Path) -> None:
    async def two(port: int) -> int:
        first = asyncio.create_task(live(port, 0, "stay", [HELLO], stay_s=1))
        await asyncio.sleep(0.3)  # the place is taken when it is asked for, whether or not the instance is ready
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
        answer = await reader.read()
        writer.close()
        await first
        assert b'"statusCode": 432' in answer and b"ResourceLimitReached" in answer
        return int(answer.split()[1])

    with emulating(tmp_path, "--quota-mb", "128", "--", *SERVER) as run:
        assert asyncio.run(two(run.port)) == 432
        run.end()
    assert run.report["refused"] == {"432": 1}


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Return the one line with which a use of the command is refused."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["scfcost", "emulate", *arguments])
        with pytest.raises(SystemExit) as raised:
            main()
    said = capsys.readouterr()
    assert raised.value.code == 2, said
    assert "Traceback" not in said.err
    return said.err.strip().splitlines()[-1]


def test_mistakes_in_the_use_are_told_in_a_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert "the port is taken" in refused(capsys, "--listen", f"127.0.0.1:{port}", "--", "sleep", "1")
    assert "no such command" in refused(capsys, "--", "no-such-command-here")
    assert "--expose" in refused(capsys, "--listen", "0.0.0.0:0", "--", "sleep", "1")
    assert "holds no scf_bootstrap" in refused(capsys, str(tmp_path))
    assert "is encrypted" in refused(capsys, "--upstream", "wss://127.0.0.1:443")
    assert "nothing to run" in refused(capsys)
    assert "a recording ends with" in refused(capsys, "-o", "run.txt", "--", "sleep", "1")
    assert "--for" in refused(capsys, "--for", "soon", "--", "sleep", "1")
    assert "NAME=VALUE" in refused(capsys, "--env", "X", "--", "sleep", "1")
    assert "--freeze" in refused(capsys, "--freeze", "maybe", "--", "sleep", "1")
    assert "cookie:NAME" in refused(capsys, "--client", "session", "--", "sleep", "1")


def test_a_check_fails_where_a_limit_is_broken_or_nobody_came(tmp_path: Path) -> None:
    with emulating(tmp_path, "--budget", "0.01", "--for", "60s", "-o", "run.parquet", "--", *SERVER) as run:
        asyncio.run(live(run.port, 0, "one", [(0.5, "close", 1000)]))
        assert run.end() == 1
    assert "cost of the month is broken" in run.said[-1]
    with emulating(tmp_path, "--check", "--", *SERVER) as run:
        assert run.end() == 1
    assert "nobody connected" in run.said[-1]


def test_a_bootstrap_is_run_and_its_faults_are_told(tmp_path: Path) -> None:
    folder = tmp_path / "function"
    folder.mkdir()
    bootstrap = folder / "scf_bootstrap"
    bootstrap.write_bytes(f"#!/bin/sh\r\nexec {PYTHON} {APPS / 'asked.py'} 127.0.0.1\r\n".encode())
    with emulating(tmp_path, "function") as run:
        asyncio.run(live(run.port, 0, "one", [(0.2, "close", 1000)]))
        assert run.end() == 0
    codes = {one["code"] for one in run.report["warnings"]}
    assert {"bootstrap_crlf", "bootstrap_not_executable", "listens_locally"} <= codes
    assert run.report["outcomes"]["200"] == 1


def without_rights(folder: Path) -> list[str]:
    """Return what makes a command run as another user or, where none can read this Python, as root without powers."""
    if os.geteuid() != 0:
        return []
    if shutil.which("setpriv") is None:
        pytest.skip("needs setpriv to give up the rights of root (apt-get install util-linux)")
    powerless = ["setpriv", "--clear-groups", "--inh-caps=-all", "--bounding-set=-all", "--no-new-privs"]
    as_nobody = [*powerless, "--reuid=65534", "--regid=65534"]
    can = subprocess.run([*as_nobody, PYTHON, "-c", IMPORTS], cwd=folder, capture_output=True)
    return powerless if can.returncode else as_nobody


def test_it_runs_for_a_user_without_rights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tmp_path.chmod(0o777)
    for parent in tmp_path.parents:
        if parent.stat().st_uid == os.geteuid() and parent != Path("/") and str(parent).startswith("/tmp/"):
            parent.chmod(0o755)
    monkeypatch.setenv("HOME", str(tmp_path))
    run = Emulator(tmp_path, "--isolation", "seccomp", "--", *SERVER, before=without_rights(tmp_path))
    try:
        run.wait_ready()
        seen = asyncio.run(live(run.port, 0, "one", [HELLO, (0.2, "close", 1000)]))
    finally:
        code = run.end()
    assert (seen.status, code, run.report["outcomes"]["200"]) == (101, 0, 1)
