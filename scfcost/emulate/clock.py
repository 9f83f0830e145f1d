"""One monotonic clock for a whole run, anchored once to the epoch: whole milliseconds that never go back."""

from __future__ import annotations

import time

NS_PER_MS = 1_000_000
EPOCH_NS = time.time_ns() - time.monotonic_ns()
"""What turns an instant of the monotonic clock into one since the epoch. [ns]"""


def now_ms() -> int:
    """Return the present instant, floored to the ms. [ms since the epoch]"""
    return (EPOCH_NS + time.monotonic_ns()) // NS_PER_MS


def loop_time(at_ms: int) -> float:
    """Return an instant as the time of an event loop, whose clock is the monotonic one. [s]"""
    return (at_ms * NS_PER_MS - EPOCH_NS) / 1e9
