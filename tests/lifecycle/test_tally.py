"""What lives take of instances, counted and not kept."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from scfcost.config.function import PLACEMENTS, FunctionConfig
from scfcost.lifecycle.environment import Platform
from scfcost.lifecycle.instances import pack, would_refuse
from scfcost.lifecycle.records import Invocations, Load
from scfcost.lifecycle.tally import Lives, tally
from tests.oracles.lifecycle import Session
from tests.strategies import build_trace

LIVES = st.lists(st.tuples(st.integers(0, 12), st.sampled_from([0, 1, 2, 3, 5, 9, 61_000])), max_size=30)
PEAKS = ("peak_connections", "peak_instances", "peak_memory_mb", "peak_ms")


@settings(max_examples=150, deadline=None)
@given(
    LIVES, st.integers(1, 4), st.sampled_from(PLACEMENTS), st.sampled_from([0, 0.001, 0.003, 70]),
    st.sampled_from([None, 0, 128, 384]), st.sampled_from([None, 1, 4]), st.sampled_from([1, 100]),
)  # fmt: skip
def test_counts_are_those_of_the_placement(lives, held, placement, kept_s, quota_mb, burst, granularity_ms) -> None:
    start, length = np.array(lives, np.int64).reshape(-1, 2).T
    trace = build_trace([Session(one, one + last) for one, last in lives] or [Session(0, 0)])
    config = FunctionConfig(max_concurrency=held, placement=placement, keep_alive_s=kept_s)
    platform = Platform(granularity_ms, "UTC", quota_mb, burst)
    rows = Invocations.of_lives(start, start + length, np.arange(len(start)))
    for limits in ({}, {"quota_mb": quota_mb, "burst_per_minute": burst}):
        found = tally(Lives.of(start, start + length), config, platform, within_limits=bool(limits))
        packed = pack(trace, rows, {"default": config}, granularity_ms=granularity_ms, **limits)
        assert _load(found) == _load(packed)
        assert found.would_refuse == would_refuse(packed)
        cold = np.sort(start[packed.cold_start])
        most = max((int(((cold > one - 60_000) & (cold <= one)).sum()) for one in cold), default=0)
        assert found.cold_starts_a_minute == most


def _load(load: Load) -> tuple[int, ...]:
    return int(load.busy_ms.sum()), int(load.cold_starts.sum()), *(getattr(load, one) for one in PEAKS)
