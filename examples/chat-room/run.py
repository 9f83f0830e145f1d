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
CASES = {
    "instances are frozen between connections": ("--freeze", "on"),
    f"instances go at a cut, after {LIFE} s": ("--exec-timeout", LIFE, "--recycle-on-error"),
}


def crowd(more: tuple[str, ...], registration_s: str) -> tuple[str, str, int, int]:
    """Let users talk by way of a Redis of their own.

    Returns what they saw, the report, registrations that nobody took back, and those that still hold after a while.
    """
    with redis_server() as port, tempfile.TemporaryDirectory() as folder:
        service, settings = f"redis=127.0.0.1:{port}", ("--env", f"REGISTRATION_S={registration_s}", *more)
        arguments = ["--service", service, "--client", "query:user", *settings, str(HERE / "architecture.toml")]
        with emulated([*arguments, "-o", "run.parquet"], Path(folder)) as run:
            command = [sys.executable, str(HERE / "clients.py"), run.addresses["chat"], USERS, SECONDS]
            heard = subprocess.run(command, capture_output=True, text=True, check=True).stdout
            time.sleep(1)
            report = run.end()
        database = redis.Redis(port=port)
        left = int(database.zcard("online"))
        time.sleep(float(registration_s))
        holds = int(database.zcount("online", time.time(), "inf"))
        database.close()
    return heard, report, left, holds


def main() -> None:
    """Run the first case alone, so that nothing disturbs what is measured, then the others side by side."""
    print("\n== registrations are taken back")
    heard, report, left, _ = crowd((), FOREVER)
    print(f"{heard}{report}registrations that nobody took back: {left}", flush=True)
    with ThreadPoolExecutor() as threads:
        seen = [(case, threads.submit(crowd, more, EXPIRING)) for case, more in CASES.items()]
        for case, running in seen:
            heard, _, left, holds = running.result()
            print(f"\n== {case}\n{heard}registrations that nobody took back: {left}")
            print(f"of these still there {EXPIRING} s later, as they hold so long unless they are renewed: {holds}")


main()
