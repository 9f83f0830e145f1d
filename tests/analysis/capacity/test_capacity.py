"""What a setting carries: peaks, refusals, growth and remedies."""

from __future__ import annotations

import io
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from scfcost import plots
from scfcost.analysis.capacity.capacity import Capacity, capacity
from scfcost.analysis.estimate.estimate import TraceEstimate, estimate
from scfcost.billing.terms import Pricing
from scfcost.config.function import FunctionConfig
from scfcost.core.errors import ConfigError
from scfcost.report import capacity as load
from scfcost.report.console.capacity import render_capacity
from tests.oracles.lifecycle import Session
from tests.strategies import build_trace

USERS = 3_000


def users(**options: Any) -> TraceEstimate:
    """3,000 users who come within five minutes, stay for an hour and are never silent for long."""
    rng = np.random.default_rng(1)
    sessions = [
        Session(start, start + 3_600_000, [(start + 600_000 * k, "up", 1, "data") for k in range(1, 6)])
        for start in rng.integers(0, 300_000, USERS).tolist()
    ]
    settings = {"idle_timeout_s": 700, "exec_timeout_s": 7_200, "reconnect": "none", **options}
    return estimate(build_trace(sessions), FunctionConfig(**settings), pricing=Pricing(burst_per_minute=10_000))


@pytest.fixture(scope="module")
def short() -> Capacity:
    return capacity(users(), factors=[2], bins=60)


def test_the_quota_holds_a_thousand_connections_of_128_mb(short: Capacity) -> None:
    text = load.headline(short.to_dict())
    assert text == (
        "3,000 connections at once at most, and the quota of 128,000 MB holds 1,000: from the 1,001st on they are "
        "refused (432), 2,000 in all"
    )
    assert set(short.first_refused_ms) == {"432"}


def test_more_connections_an_instance_or_a_larger_quota_carry_them(short: Capacity) -> None:
    verdicts = {one.change: one.carries for one in short.remedies}
    assert [
        held for held in (2, 5, 10) if verdicts[f"{held} connections an instance (--max-concurrency {held}) of 128 MB"]
    ] == [5, 10]
    assert verdicts["ask for a quota of 384,000 MB"]
    assert not verdicts["less memory, if it suffices (--memory 64)"]
    assert any(change.startswith("the plan ") and carries for change, carries in verdicts.items())
    sharing = {one.change.split()[0]: one.monthly for one in short.remedies if "--max-concurrency" in one.change}
    assert sharing["5"] is not None and sharing["10"] is not None and sharing["5"] > sharing["10"]


def test_twice_the_traffic_needs_twice_as_much(short: Capacity) -> None:
    once, twice = short.loads
    assert (once.factor, twice.factor) == (1, 2)
    assert (twice.peak_connections, twice.peak_memory_mb) == (2 * once.peak_connections, 2 * once.peak_memory_mb)
    assert once.monthly == short.estimate.monthly.total  # type: ignore[union-attr]
    assert twice.refused["432"] == 5_000


def test_a_share_that_may_be_refused_needs_a_smaller_quota() -> None:
    found = capacity(users(), factors=[], max_refused=Fraction(1, 100))
    asked = found.remedies[-1]
    assert (asked.change, asked.refused["432"]) == ("ask for a quota of 380,160 MB", 30)


def test_memory_that_connections_need_grows_with_them() -> None:
    found = capacity(users(memory_base_mb=40, memory_per_connection_mb=4), factors=[])
    changes = [one.change for one in found.remedies if "--max-concurrency" in one.change]
    assert [change.split(" of ")[1] for change in changes] == [
        "128 MB",
        "128 MB",
        "128 MB",
        "128 MB",
        "256 MB",
        "512 MB",
    ]


def test_what_is_carried_needs_no_remedy() -> None:
    found = capacity(users(max_concurrency=20), factors=[])
    assert (found.remedied, found.remedies) == (None, ())
    assert load.headline(found.to_dict()).endswith(
        "within the quota of 128,000 MB, which holds 20,000; nothing is refused"
    )


def test_the_timeline_tells_what_was_refused_when(short: Capacity) -> None:
    table = short.estimate.timeline(bins=60)
    assert (table["connections"].max(), table["refused_quota"].sum()) == (3_000, 2_000)
    assert (table["memory_mb"] == 128 * table["instances"]).all()


def test_refusing_lists_the_sessions_and_bills_the_others() -> None:
    sessions = [Session(n, 100_000) for n in range(4)]
    config = FunctionConfig(idle_timeout_s=600, reconnect="none")
    found = estimate(build_trace(sessions), config, pricing=Pricing(quota_mb=256, on_quota="refuse"))
    document = found.to_dict()
    assert document["outcomes"]["432"] == 2
    refused = document["concurrency"]["refused"]
    assert (refused["sessions"], refused["gave_up"], refused["connection_ids"]) == (2, 2, ["2", "3"])
    assert found.usage["invocations"] == 2
    assert found.refusals()["connection_id"].tolist() == [2, 3]
    assert found.hourly()["invocations"].sum() == 2


def test_everything_refused_is_an_estimate_of_nothing() -> None:
    found = estimate(build_trace([Session(0, 9_000)]), pricing=Pricing(quota_mb=64, on_quota="refuse"))
    assert (found.usage["invocations"], found.bill.total) == (0, 0)
    assert found.hourly().empty
    assert found.to_dict()["concurrency"]["refused"]["432"] == 1


def test_a_limit_of_refusals_that_is_not_known_is_named() -> None:
    with pytest.raises(ConfigError, match="did you mean 'refuse'"):
        estimate(build_trace([Session(0, 9)]), pricing=Pricing(on_quota="refused"))
    with pytest.raises(ConfigError, match="is less than 1"):
        capacity(users(), factors=[0])


def test_the_screen_and_the_figure_show_the_quota(short: Capacity) -> None:
    text = io.StringIO()
    render_capacity(short.to_dict(), Console(file=text, width=80))
    assert "What carries this traffic" in text.getvalue()
    assert max(len(line) for line in text.getvalue().splitlines()) <= 80
    axes = plots.concurrency_over_time(
        short.timeline, end_ms=short.estimate.trace.end_ms, memory_mb=128, quota_mb=128_000
    )
    assert {"connections", "busy instances", "quota, 1,000 instances", "connections are refused"} == set(
        axes.get_legend_handles_labels()[1]
    )


def test_traffic_that_was_refused_in_part_is_no_ground_for_growth() -> None:
    found = estimate(build_trace([Session(0, 9_000)]), pricing=Pricing(quota_mb=64, on_quota="refuse"))
    with pytest.raises(ConfigError, match="leave out --on-quota refuse"):
        capacity(found)
