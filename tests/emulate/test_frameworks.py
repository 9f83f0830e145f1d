"""The same six lives against servers in six frameworks, none of which knows that it is emulated."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tests.emulate.emulator import APPS, LIMIT_S, PYTHON, emulating
from tests.emulate.lives import HELLO, live

pytestmark = [pytest.mark.servers, pytest.mark.slow]
SIX = {
    "200": [HELLO, (0.3, "close", 1000)],
    "456": [HELLO, (0.3, "close", 4000)],
    "200 by the server": [(0.1, "text", "close:1000")],
    "439": [(0.1, "text", "close:4000")],
    "456 without a frame": [HELLO, (0.3, "abort", None)],
    "455": [HELLO],
}
SETTINGS = ("--idle-timeout", "1", "--exec-timeout", "10", "--max-concurrency", "100", "--keep-alive", "60")


async def six(port: int) -> None:
    await asyncio.gather(*(live(port, 0, "six", steps, "/ws") for steps in SIX.values()))


def outcomes_of(folder: Path, *command: str) -> dict[str, int]:
    with emulating(folder, *SETTINGS, "-o", "run.parquet", "--", *command) as run:
        asyncio.run(six(run.port))
        run.end()
    assert run.report["proof"]["holds"], run.report["proof"]["examples"]
    found: dict[str, int] = run.report["as_run"]["outcomes"]
    return found


@pytest.fixture(scope="module")
def node_modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("node")
    wanted = ["ws", "socket.io", "socket.io-client"]
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed (apt-get install npm)")
    try:
        done = subprocess.run(
            ["npm", "install", "--silent", "--no-audit", "--no-fund", *wanted],
            cwd=folder, capture_output=True, text=True, timeout=LIMIT_S,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        pytest.skip("npm cannot fetch ws and socket.io here")
    if done.returncode:
        pytest.skip(f"npm cannot fetch ws and socket.io here: {done.stderr.strip()[-200:]}")
    for script in APPS.glob("*.js"):
        shutil.copy(script, folder)
    return folder


@pytest.mark.parametrize("framework", ["websockets", "aiohttp", "fastapi", "tornado"])
def test_six_lives_give_the_same_codes_in_python(tmp_path: Path, framework: str) -> None:
    if find_spec(framework) is None:
        pytest.skip(f"{framework} is not installed (pip install {framework})")
    app = "asked.py" if framework == "websockets" else f"six_{framework}.py"
    assert outcomes_of(tmp_path, PYTHON, str(APPS / app)) == {"200": 2, "439": 1, "455": 1, "456": 2}


@pytest.mark.needs("node")
def test_six_lives_give_the_same_codes_in_node(tmp_path: Path, node_modules: Path) -> None:
    found = outcomes_of(tmp_path, "node", str(node_modules / "six_ws.js"))
    assert found == {"200": 2, "439": 1, "455": 1, "456": 2}


@pytest.mark.needs("go")
def test_six_lives_give_the_same_codes_for_a_static_binary_of_go(tmp_path: Path) -> None:
    binary = tmp_path / "six"
    environment = {"HOME": str(tmp_path), **os.environ, "GO111MODULE": "off", "CGO_ENABLED": "0"}
    build = ["go", "build", "-o", str(binary), str(APPS / "six.go")]
    subprocess.run(build, env=environment, check=True, timeout=5 * LIMIT_S)
    assert outcomes_of(tmp_path, str(binary)) == {"200": 2, "439": 1, "455": 1, "456": 2}


def socketio(folder: Path, port: int, transports: str, times: int) -> dict[str, Any]:
    done = subprocess.run(
        ["node", "socketio_client.js", str(port), transports, str(times)],
        cwd=folder, capture_output=True, text=True, check=True, timeout=LIMIT_S,
    )  # fmt: skip
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.needs("node")
def test_socketio_comes_back_after_a_cut_and_polling_never_meets_at_one_connection(
    tmp_path: Path, node_modules: Path
) -> None:
    command = ("--exec-timeout", "1", "-o", "run.parquet", "--", "node", str(node_modules / "six_socketio.js"))
    with emulating(tmp_path, *command) as run:
        again = socketio(node_modules, run.port, "websocket", 2)
        assert (again["connected"], again["answers"], again["transport"]) == (2, 2, "websocket")
        never = socketio(node_modules, run.port, "polling,websocket", 2)
        assert (never["connected"], never["failed"]) == (0, 2)
        run.end()
    assert run.report["outcomes"]["433"] >= 1
    assert run.report["reconnects"]["returned"] >= 1
    assert "polling" in {one["code"] for one in run.report["warnings"]}
