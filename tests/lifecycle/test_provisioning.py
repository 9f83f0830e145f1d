"""Idle provisioned instances, window by window."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from scfcost.analysis.estimate.estimate import estimate
from scfcost.config.function import FunctionConfig
from scfcost.lifecycle.instances import pack
from scfcost.lifecycle.provisioning import IDLE_WINDOW_MS, changes, idle_windows
from scfcost.lifecycle.replay import replay
from tests.oracles.lifecycle import Session
from tests.strategies import build_trace

edge = st.sampled_from((0, 1, 9_999, 10_000, 10_001, 15_000, 20_000, 29_999, 30_000))


@given(
    st.lists(st.tuples(edge, edge), max_size=6), st.lists(st.tuples(edge, st.integers(0, 4)), max_size=4), edge, edge
)
def test_idle_instances_are_those_provisioned_less_the_busiest_moment(
    spans: list[tuple[int, int]], steps: list[tuple[int, int]], start: int, length: int
) -> None:
    lives = [(begin, begin + life) for begin, life in spans if life]
    steps = sorted(dict(steps).items())
    begin, idle_ms = idle_windows(
        np.array(steps, np.int64).reshape(-1, 2),
        np.array([a for a, _ in lives], np.int64),
        np.array([b for _, b in lives], np.int64),
        (start, start + length),
    )
    expected = []
    for window in range(0, start + length, IDLE_WINDOW_MS):
        charged = max(min(window + IDLE_WINDOW_MS, start + length) - max(window, start), 0)
        if window + IDLE_WINDOW_MS <= start:
            continue
        provisioned = ([n for at, n in steps if at <= max(window, start)] or [0])[-1]
        instants = range(window, window + IDLE_WINDOW_MS)
        moments = {window} | {a for a, _ in lives if a in instants}
        busy = max(sum(a <= now < b for a, b in lives) for now in moments)
        expected.append((window, max(provisioned - busy, 0) * charged))
    assert list(zip(begin.tolist(), idle_ms.tolist(), strict=True)) == expected


def test_a_month_of_a_short_trace_holds_no_more_idle_time_than_thirty_days() -> None:
    trace = build_trace([Session(1_760_000_000_000, 1_760_000_002_000)])
    month = estimate(trace, FunctionConfig(provisioned=2)).monthly
    assert month is not None
    # One of two is idle for the 2 s of the trace, so one of 128 MB for 30 days: 128 / 1024 GB x 2,592,000 s.
    assert month.line("provisioned_idle").quantity == Decimal(324_000)


def test_provisioned_instances_spare_cold_starts_and_outlive_keep_alive() -> None:
    trace = build_trace([Session(0, 1_000), Session(500, 1_000), Session(50_000, 51_000)])
    for provisioned, cold in ((0, [True, True, True]), (1, [False, True, False]), (2, [False, False, False])):
        config = {"default": FunctionConfig(provisioned=provisioned)}
        assert pack(trace, replay(trace, config), config).cold_start.tolist() == cold


def test_what_a_schedule_stops_is_gone_and_what_is_busy_goes_on() -> None:
    hour = 3_600_000
    config = {"default": FunctionConfig(provisioned="2@00:00-01:00", exec_timeout_s=7_200, idle_timeout_s=7_200)}
    trace = build_trace([Session(hour - 10, hour + 10), Session(hour + 5, hour + 6), Session(hour + 20, hour + 30)])
    assert changes(trace, config, "UTC").tolist() == [[hour - 10, 0, 2], [hour, 0, 0]]
    packing = pack(trace, replay(trace, config), config)
    assert packing.cold_start.tolist() == [False, True, True]
    assert packing.instance.tolist() == [1, 2, 3]
