"""Forecasts and logs of a few requests, for what compares them."""

from __future__ import annotations

from typing import Any

from scfcost.analysis.estimate.estimate import TraceEstimate, estimate
from scfcost.config.function import FunctionConfig
from scfcost.trace.formats.scf_records import LoggedInvocation
from tests.oracles.lifecycle import Session
from tests.strategies import build_trace

START = 1_793_750_400_000
"""2026-11-04 00:00 UTC. [ms]"""


def forecast(*lives: tuple[int, int], **settings: Any) -> TraceEstimate:
    """Estimate connections by their start, counted from START, and their length. [ms]"""
    sessions = [Session(START + begin, START + begin + length, []) for begin, length in lives]
    return estimate(build_trace(sessions), FunctionConfig(**{"idle_timeout_s": 600, **settings}))


def request(start_ms: int | None, duration_ms: int | None, **cells: Any) -> LoggedInvocation:
    """Write down a request, its start counted from START."""
    begin = None if start_ms is None else START + start_ms
    known: dict[str, Any] = {
        "request_id": f"r{start_ms}", "retry": 0, "function": "default", "start_ms": begin, "duration_ms": duration_ms,
        "status": 200, "memory_mb": 128, "used_mb": None, "cold_start": False,
        "last_ms": (begin or START) + (duration_ms or 0),
    }  # fmt: skip
    return LoggedInvocation(**{**known, **cells})
