"""The chat room, with one command: a Redis, the emulator, twenty users; then with instances frozen, then recycled.

usage: python examples/chat-room/run.py [USERS] [SECONDS]
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import redis

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from running import emulated, redis_server  # noqa: E402

USERS = sys.argv[1] if len(sys.argv) > 1 else "20"
SECONDS = sys.argv[2] if len(sys.argv) > 2 else "20"
LIFE = f"{0.3 * float(SECONDS):g}"
FOREVER, EXPIRING = "0", "3"
"""How long a registration holds without a renewal: until it is taken back, or so many seconds. [s]"""
FROZEN, RECYCLED = ("--freeze", "on"), ("--exec-timeout", LIFE, "--recycle-on-error")
CASES = (
    ("instances are frozen between connections", FROZEN),
    (f"instances go at a cut, after {LIFE} s", RECYCLED),
)


def crowd(more: tuple[str, ...], registration_s: str) -> tuple[str, str, int]:
    """Let users talk by way of a Redis of their own; return what they saw, the report, and who is registered after."""
    with redis_server() as port, tempfile.TemporaryDirectory() as folder:
        service, settings = f"redis=127.0.0.1:{port}", ("--env", f"REGISTRATION_S={registration_s}", *more)
        arguments = ["--service", service, "--client", "query:user", *settings, str(HERE / "architecture.toml")]
        with emulated([*arguments, "-o", "run.parquet"], Path(folder)) as run:
            command = [sys.executable, str(HERE / "clients.py"), run.addresses["chat"], USERS, SECONDS]
            heard = subprocess.run(command, capture_output=True, text=True, check=True).stdout
            time.sleep(1)
            report = run.end()
        time.sleep(float(registration_s))
        left = int(redis.Redis(port=port).zcount("online", time.time(), "inf"))
    return heard, report, left


def main() -> None:
    """Run the first case alone, so that nothing disturbs what is measured, then the others side by side."""
    print("\n== registrations are taken back")
    heard, report, left = crowd((), FOREVER)
    print(f"{heard}{report}registered though nobody is there: {left} (registrations that never expire)", flush=True)
    with ThreadPoolExecutor() as threads:
        seen = [
            (case, threads.submit(crowd, more, FOREVER), threads.submit(crowd, more, EXPIRING)) for case, more in CASES
        ]
        for case, forever, expiring in seen:
            print(f"\n== {case}")
            heard, _, left = forever.result()
            print(f"{heard}registered though nobody is there: {left} (registrations that never expire)")
            left = expiring.result()[2]
            print(f"registered though nobody is there: {left} (registrations that hold {EXPIRING} s and are renewed)")


main()
