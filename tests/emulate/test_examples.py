"""The worked examples run with one command each, and show what their pages say."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.emulate.emulator import LIMIT_S

ROOT = Path(__file__).parents[2]
pytestmark = [
    pytest.mark.servers,
    pytest.mark.slow,
    pytest.mark.needs("redis-server"),
    pytest.mark.skipif(find_spec("redis") is None, reason="redis is not installed (pip install redis)"),
]


def shown(example: str, folder: Path, *arguments: str) -> str:
    command = [sys.executable, str(ROOT / "examples" / example / "run.py"), *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=3 * LIMIT_S)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_in_the_chat_room_everyone_hears_everyone_and_registrations_expire(tmp_path: Path) -> None:
    text = shown("chat-room", tmp_path, "6", "5")
    said, heard = (int(found) for found in re.findall(r"users said (\d+) and heard (\d+)", text)[0])
    assert heard > 2 * said > 0
    assert "every code and every millisecond" in text
    commands = dict(re.findall(r"(\d+) (PUBLISH|ZADD|ZREM)", text.partition("Next:")[0]))
    assert str(said) in commands and len(re.findall(r"\[\[services\.uses\]\]", text)) >= 3
    left = [int(found) for found in re.findall(r"registrations that nobody took back: (\d+)", text)]
    taken_back, frozen, recycled = left
    assert taken_back == 0 and frozen > 0 and recycled > 0
    assert re.findall(r"of these still there 3 s later, .*: (\d+)", text) == ["0", "0"]


def test_what_is_posted_to_the_front_is_heard_on_the_sockets(tmp_path: Path) -> None:
    text = shown("http-front-queue", tmp_path, "6", "8")
    assert text.rstrip().endswith("6 of 6 listeners heard all of 8 requests")
    assert "8 RPUSH" in text and "HTTP front with a queue: CNY" in text
