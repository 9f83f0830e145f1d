"""End the processes of an emulator that is gone, however it went: even a `kill -9` leaves none behind.

Reads lines `+GROUP` and `-GROUP` from standard input: process groups that began and ended. When the input ends, the
emulator has; whatever groups are left are killed. Runs as a script by itself, in a session of its own.
"""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress


def main() -> None:
    """Follow the groups until the input ends."""
    for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(one, signal.SIG_IGN)
    groups: set[int] = set()
    for line in sys.stdin.buffer:
        if line.startswith(b"+"):
            groups.add(int(line[1:]))
        else:
            groups.discard(int(line[1:]))
    for group in groups:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)


if __name__ == "__main__":
    main()
