"""The chat room, with one command: a Redis, the emulator, twenty users; then with instances frozen, then recycled.

usage: python examples/chat-room/run.py [USERS] [SECONDS]
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import redis

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from running import emulated, redis_server  # noqa: E402

USERS = sys.argv[1] if len(sys.argv) > 1 else "20"
SECONDS = sys.argv[2] if len(sys.argv) > 2 else "20"
CASES = (
    ("registrations are taken back", ()),
    ("instances are frozen between connections", ("--freeze", "on")),
    ("instances go at a cut", ("--exec-timeout", "6", "--recycle-on-error")),
)


def crowd(port: int, more: tuple[str, ...], registration_s: str, folder: Path) -> tuple[str, str, int]:
    """Let users talk; return what they saw, the report, and who is registered after they left."""
    database = redis.Redis(port=port, decode_responses=True)
    database.flushall()
    service, settings = f"redis=127.0.0.1:{port}", ("--env", f"REGISTRATION_S={registration_s}", *more)
    arguments = ["--service", service, "--client", "query:user", *settings, str(HERE / "architecture.toml")]
    with emulated([*arguments, "-o", str(folder / "run.parquet")], folder) as run:
        command = [sys.executable, str(HERE / "clients.py"), run.addresses["chat"], USERS, SECONDS]
        heard = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        time.sleep(1)
        report = run.end()
    left = int(database.zcount("online", time.time(), "inf"))
    return heard, report, left


def main() -> None:
    """Run every case, and print what was seen."""
    with redis_server() as port, tempfile.TemporaryDirectory() as folder:
        for number, (case, more) in enumerate(CASES):
            print(f"\n== {case}")
            heard, report, left = crowd(port, more, "0", Path(folder))
            print(heard + (report if number == 0 else ""), end="")
            print(f"registered though nobody is there: {left} (registrations that never expire)")
            if number:
                _, _, left = crowd(port, more, "3", Path(folder))
                time.sleep(3)
                database = redis.Redis(port=port)
                left = int(database.zcount("online", time.time(), "inf"))
                print(f"registered though nobody is there: {left} (registrations that hold 3 s and are renewed)")


main()
