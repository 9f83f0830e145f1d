"""What the vendor is silent on, and other switches: each does what it says."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import pytest

from tests.emulate.emulator import APPS, LIMIT_S, PYTHON, Emulator, emulating
from tests.emulate.lives import HELLO, Seen, live
from tests.forked import scfcost

pytestmark = [pytest.mark.servers, pytest.mark.slow]
SERVER = (PYTHON, str(APPS / "asked.py"))
SHARED = ("--idle-timeout", "0.7", "--max-concurrency", "20", "--keep-alive", "60")


def lived(folder: Path, *arguments: str, steps: Any = None, path: str = "/") -> tuple[Seen, dict[str, Any]]:
    """Let one client live under some flags; return what it saw, and the report."""
    with emulating(folder, *SHARED, *arguments, "--", *SERVER) as run:
        seen = asyncio.run(live(run.port, 0, "one", steps or [HELLO], path))
        run.end()
    return seen, run.report


@pytest.mark.parametrize(("how", "seen"), [("drop", "end"), ("reset", "reset"), ("1001", "close")])
def test_what_a_client_sees_at_a_cut(tmp_path: Path, how: str, seen: str) -> None:
    found, report = lived(tmp_path, "--cut-close", how)
    assert (found.how, report["outcomes"]["455"]) == (seen, 1)
    assert found.code == (1001 if how == "1001" else None)


@pytest.mark.parametrize("end_at", ["first", "handshake", "tcp"])
def test_when_an_invocation_ends_by_itself(tmp_path: Path, end_at: str) -> None:
    _, report = lived(tmp_path, "--end-at", end_at, steps=[HELLO, (0.2, "close", 1000)])
    assert report["outcomes"]["200"] == 1 and report["proof"]["holds"]


def test_too_much_is_closed_where_that_is_asked_for(tmp_path: Path) -> None:
    many = [(0.05 + 0.001 * n, "text", "mute") for n in range(30)]
    found, report = lived(tmp_path, "--limits", "close", steps=many)
    assert (found.code, report["outcomes"]["439"]) == (1009, 1)


def test_record_cuts_nothing_and_the_estimate_says_what_would_be(tmp_path: Path) -> None:
    found, report = lived(tmp_path, "--mode", "record", steps=[HELLO, (1.5, "text", "hello"), (1.7, "close", 1000)])
    assert found.how == "close" and "not_emulated" not in {one["code"] for one in report["warnings"]}
    assert (report["as_run"]["outcomes"], report["outcomes"]["455"]) == ({"200": 1}, 1)
    assert report["proof"]["holds"], report["proof"]


def test_clients_are_told_apart_and_come_back(tmp_path: Path) -> None:
    async def again(port: int) -> None:
        for name in ("ann", "bob"):
            await live(port, 0, "one", [HELLO], f"/?user={name}")
            await live(port, 0.3, "one", [HELLO, (0.1, "close", 1000)], f"/?user={name}")

    with emulating(tmp_path, *SHARED, "--client", "query:user", "-o", "run.csv", "--", *SERVER) as run:
        asyncio.run(again(run.port))
        run.end()
    found = run.report["reconnects"]
    assert (found["cuts"], found["returned"], found["policy"]) == (2, 2, "immediate")
    assert 250 <= found["median_ms"] < 10_000
    header, first, *_ = (tmp_path / "run.csv").read_text().splitlines()
    assert "client" in header.split(",") and ",ann," in first
    assert (tmp_path / "run.csv.window").exists()


def test_a_changed_file_starts_instances_anew(tmp_path: Path) -> None:
    async def changed(port: int) -> Seen:
        stay = asyncio.create_task(live(port, 0, "stay", [HELLO]))
        await asyncio.sleep(1.5)
        (tmp_path / "app.js").write_text("changed")
        return await stay

    with emulating(tmp_path, "--watch", "--", *SERVER) as run:
        asyncio.run(changed(run.port))
        run.end()
    assert run.report["outcomes"]["439"] == 1
    assert any("app.js has changed" in line for line in run.said)


def wait_for_ends(run: Emulator, number: int) -> None:
    """Wait until so many invocations have ended: a client sees its end before the emulator does."""
    until = time.monotonic() + LIMIT_S
    while sum(line.startswith("Report RequestId") for line in run.said) < number:
        assert time.monotonic() < until, run.said
        time.sleep(0.01)


def test_frozen_instances_go_on_where_they_stood(tmp_path: Path) -> None:
    with emulating(tmp_path, "--keep-alive", "60", "--freeze", "on", "--", *SERVER) as run:
        for number in (1, 2):
            seen = asyncio.run(live(run.port, 0, "one", [HELLO, (0.2, "close", 1000)]))
            assert seen.how == "close"
            wait_for_ends(run, number)
        run.end()
    assert (run.report["instances"], run.report["outcomes"]["200"]) == (1, 2)


@pytest.mark.parametrize("isolation", ["seccomp", "hook"])
def test_instances_have_ports_of_their_own_by_either_way(tmp_path: Path, isolation: str) -> None:
    async def two(port: int) -> None:
        seen = await asyncio.gather(*(live(port, 0, "one", [HELLO, (2, "close", 1000)]) for _ in range(2)))
        assert [one.how for one in seen] == ["close", "close"]

    with emulating(tmp_path, "--isolation", isolation, "--", *SERVER) as run:
        asyncio.run(two(run.port))
        run.end()
    assert (run.report["instances"], run.report["outcomes"]["200"]) == (2, 2)


def test_a_server_that_runs_already_is_emulated_too(tmp_path: Path) -> None:
    with emulating(tmp_path, *SHARED, "--", *SERVER) as inner:
        asyncio.run(live(inner.port, 0, "warm", [HELLO, (0.1, "close", 1000)]))
        (tmp_path / "outer").mkdir()
        with emulating(tmp_path / "outer", "--idle-timeout", "5", "--upstream", f"ws://127.0.0.1:{inner.port}") as run:
            asyncio.run(live(run.port, 0, "one", [HELLO, (0.1, "close", 1000)]))
            run.end()
    assert run.report["outcomes"]["200"] == 1


def test_settings_come_from_the_file_and_the_environment_of_the_server_from_flags(tmp_path: Path) -> None:
    settings = "idle_timeout = 0.6\nmemory = 256\nprovisioned = '1@09:00-18:00'\ninit_ms = 5\n"
    (tmp_path / "scfcost.toml").write_text(settings)
    (tmp_path / "one.env").write_text("# a comment\nexport GREETING='from a file'\n")
    show = "import os; print('seen', os.environ['GREETING'], os.environ['X'], os.environ['TENCENTCLOUD_RUNENV'])"
    with emulating(tmp_path, "--env-file", "one.env", "--env", "X=1", "--logs", "--", PYTHON, "-c", show) as run:
        asyncio.run(live(run.port, 0, "one", [HELLO]))
        run.end()
    assert any("seen from a file 1 SCF" in line for line in run.said)
    assert {"not_emulated", "init_not_emulated"} <= {one["code"] for one in run.report["warnings"]}
    kept = json.loads((tmp_path / "emulated.json").read_text())
    assert (kept["settings"]["idle_timeout_s"], kept["settings"]["memory_mb"]) == (0.6, 256)


def test_recycling_takes_the_instance_and_what_it_holds(tmp_path: Path) -> None:
    async def both(port: int) -> None:
        await live(port, 0, "warm", [(0.1, "close", 1000)])
        await asyncio.gather(
            live(port, 0, "stay", [HELLO]), live(port, 0.3, "one", [(0.4, "text", "close:4000")])
        )  # fmt: skip

    given = ("--idle-timeout", "10", "--max-concurrency", "5", "--keep-alive", "60", "--recycle-on-error")
    with emulating(tmp_path, *given, "-o", "run.parquet", "--", *SERVER) as run:
        asyncio.run(both(run.port))
        run.end()
    assert run.report["as_run"]["outcomes"] == {"recycled": 1, "200": 1, "439": 1}
    assert run.report["proof"]["holds"], run.report["proof"]
    again = scfcost("estimate", "run.parquet", "--format", "json", *given, cwd=tmp_path)
    assert json.loads(again.stdout)["outcomes"] == run.report["outcomes"]


def test_provisioned_instances_are_started_in_advance_and_another_for_one_that_dies(tmp_path: Path) -> None:
    async def one_dies(port: int) -> None:
        assert (await live(port, 0, "one", [HELLO, (0.1, "close", 1000)])).how == "close"
        await live(port, 0, "die", [(0.05, "text", "die")])
        assert (await live(port, 0, "one", [HELLO, (0.1, "close", 1000)])).how == "close"

    with emulating(tmp_path, "--provisioned", "2", "-o", "run.parquet", "--", *SERVER) as run:
        asyncio.run(one_dies(run.port))
        run.end()
    assert (run.report["instances"], run.report["concurrency"]["cold_starts"]) == (3, 0)
    assert run.report["as_run"]["outcomes"] == {"200": 2, "439": 1}
    assert run.report["proof"]["holds"] and not any("Coldstart" in line for line in run.said)
    lines = {one["item"] for one in run.report["monthly"]["lines"]}
    assert "provisioned_idle" in lines
