"""Seconds and memory of whole processes, and seconds of calls."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable
from statistics import median
from typing import Any, NamedTuple


class Took(NamedTuple):
    """What a process took."""

    wall: float
    cpu: float
    """Seconds on all cores, those of its children included."""
    megabytes: float
    """Peak memory."""


def took(command: list[str], environment: dict[str, str] | None = None, cores: set[int] | None = None) -> Took:
    """Run a command, on some cores alone if that is asked for; an exit code of 1 is an answer, too."""
    begun = time.perf_counter()
    hold = (lambda: os.sched_setaffinity(0, cores)) if cores else None
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment, preexec_fn=hold
    ) as child:
        said = child.stderr.read() if child.stderr else b""
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode not in (0, 1):
        raise SystemExit(f"{command} ended with {child.returncode}: {said.decode()[-500:]}")
    return Took(time.perf_counter() - begun, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def process(command: list[str]) -> tuple[float, float]:
    """Run a command; return wall seconds and peak memory in MB."""
    begun = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"{command} ended with {child.returncode}")
    return time.perf_counter() - begun, usage.ru_maxrss / 1024


def timed(run: Callable[[], Any], runs: int = 1) -> tuple[float, Any]:
    """Return the median seconds of some runs, and the last result."""
    seconds, result = [], None
    for _ in range(runs):
        begun = time.perf_counter()
        result = run()
        seconds.append(time.perf_counter() - begun)
    return median(seconds), result
