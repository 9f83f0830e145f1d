"""Usage by clock hour: what spans an hour's edge is split there, and the hours sum to the usage."""

from __future__ import annotations

from typing import Any

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from scfcost.analysis.estimate.estimate import estimate
from scfcost.billing.hourly import hourly_usage
from scfcost.config.function import FunctionConfig
from scfcost.core.units import MS_PER_HOUR
from tests.oracles.lifecycle import Session
from tests.strategies import build_trace

HOUR = 500_000 * MS_PER_HOUR
"""A clock hour. [ms]"""


def by_hour(sessions: list[Session], **settings: Any) -> tuple[pd.DataFrame, Any]:
    """Return the table, and the usage that it splits."""
    config = FunctionConfig(idle_timeout_s=7_200, exec_timeout_s=7_200, **settings)
    found = estimate(build_trace(sessions), config)
    packing = found.result.packing
    table = hourly_usage(found.trace, found.result.invocations, packing, {"default": config}, time_zone="Asia/Shanghai")
    return table, found.usage


def test_a_life_over_the_edge_of_an_hour_is_split_there() -> None:
    push = (HOUR, "down", 100, "data")
    table, _ = by_hour([Session(HOUR - 1_000, HOUR + 500, [push])])
    assert table["resource_mb_ms"].tolist() == [128 * 1_000, 128 * 500]
    assert table["invocations"].tolist() == [1, 0]
    assert table["egress_bytes"].tolist() == [0, 100]
    assert [one.strftime("%H:%M %z") for one in table["hour"]] == ["15:00 +0800", "16:00 +0800"]


def test_an_hour_without_anything_between_two_is_there_with_nothing() -> None:
    table, _ = by_hour([Session(HOUR, HOUR + 5, []), Session(HOUR + 2 * MS_PER_HOUR, HOUR + 2 * MS_PER_HOUR + 7, [])])
    assert table["resource_mb_ms"].tolist() == [128 * 5, 0, 128 * 7]


@given(
    st.lists(st.tuples(st.integers(-3, 3), st.integers(0, 2 * MS_PER_HOUR)), min_size=1, max_size=4),
    st.sampled_from((1, 2)),
)
def test_the_hours_sum_to_the_usage(lives: list[tuple[int, int]], held: int) -> None:
    sessions = [
        Session(HOUR + begin, HOUR + begin + length, [(HOUR + begin + length // 2, "down", 10, "data")])
        for begin, length in lives
    ]
    table, usage = by_hour(sessions, max_concurrency=held)
    assert int(table["resource_mb_ms"].sum()) == usage["resource_mb_ms"]
    assert int(table["egress_bytes"].sum()) == usage["egress_bytes"]
    assert int(table["invocations"].sum()) == usage["invocations"]
