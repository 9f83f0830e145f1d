"""A sweep: each row equal to the estimate at its setting, saved and read back without loss."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scfcost.analysis.estimate.estimate import TraceEstimate, estimate
from scfcost.analysis.sweep.sweep import COLUMNS, SweepResult, sweep
from scfcost.billing.terms import Pricing
from scfcost.config.axes import seconds_axis, whole_axis
from scfcost.config.function import FunctionConfig
from scfcost.core.errors import ConfigError, ResultError
from scfcost.report.sweep import shown_rows, title
from scfcost.trace.model import Trace
from tests import strategies as draw_from
from tests.oracles.lifecycle import Session

CHAT = [
    Session(0, 600_000, [(1_000, "up", 10, "data"), (90_000, "down", 20, "data"), (300_000, "up", 5, "data")]),
    Session(10_000, 700_000, [(12_000, "up", 1, "data"), (400_000, "down", 9, "data")]),
]


@pytest.fixture(scope="module")
def grid() -> SweepResult:
    trace = draw_from.build_trace(CHAT)
    config = FunctionConfig(reconnect="on-demand")
    return sweep(
        trace, config, idle_ms=[5_000, 15_000, 120_000, 700_000], exec_ms=[60_000, 900_000], memory_mb=[128, 512]
    )


def expected(found: TraceEstimate) -> dict[str, Any]:
    impact, usage = found.impact, found.usage
    harm = {
        "cut_harmful": impact.cut_harmful, "cut_harmless": impact.cut_harmless, "messages_lost": impact.messages_lost,
        "messages_delayed": impact.messages_delayed, "pushes_missed": impact.pushes_missed,
        "reconnects": impact.reconnects,
    }  # fmt: skip
    return {
        "invocations": usage["invocations"], "billed_ms": usage["billed_ms"], "resource_mb_ms": usage["resource_mb_ms"],
        "egress_bytes": usage["egress_bytes"], "amount": found.bill.total,
        **(harm if found.knows_silences else dict.fromkeys(harm)),
        "monthly_amount": None if found.monthly is None else found.monthly.total,
    }  # fmt: skip


def test_refusing_is_replayed_event_by_event_and_said() -> None:
    trace = draw_from.build_trace(CHAT)
    base, said = FunctionConfig(reconnect="none"), []
    limits = Pricing(quota_mb=128, on_quota="refuse")
    axes = {"idle_ms": [5_000, 600_000], "exec_ms": [900_000], "memory_mb": [64, 128]}
    result = sweep(trace, base, pricing=limits, notice=said.append, **axes)
    assert "event by event" in said[0]
    assert result.frame["refused"].tolist() == [0, 0, 0, 1]  # after 5 s of silence the first has gone
    row = result.at(idle_timeout_s=600, memory_mb=128)
    found = estimate(trace, base.replace(idle_timeout_s=600), pricing=limits)
    assert {name: row[name] for name in expected(found)} == expected(found)


def test_an_unknown_word_for_what_a_quota_does_is_said() -> None:
    with pytest.raises(ConfigError, match="on_quota: 'refusd' is not known"):
        sweep(draw_from.build_trace(CHAT), idle_ms=[1_000], exec_ms=[9_000], pricing=Pricing(on_quota="refusd"))


def test_provisioned_instances_and_bounds_enter_a_sweep() -> None:
    trace = draw_from.build_trace(CHAT)
    base = FunctionConfig(max_concurrency=2, provisioned=3)
    row = sweep(trace, base, idle_ms=[60_000], exec_ms=[900_000]).frame.to_dict("records")[0]
    found = estimate(trace, base.replace(idle_timeout_s=60))
    assert {name: row[name] for name in expected(found)} == expected(found)
    assert found.usage["provisioned_idle_mb_ms"] > 0
    assert [row["billed_ms_low"], row["billed_ms_high"]] == found.to_dict()["concurrency"]["billed_ms_bounds"]


@given(data=st.data())
def test_a_row_equals_the_estimate_at_its_setting(data: st.DataObject) -> None:
    many = st.lists(draw_from.sessions(), min_size=1, max_size=3).map(draw_from.build_trace)
    trace: Trace = data.draw(st.one_of(many, draw_from.silent_traces()))
    base = draw_from.build_config(data.draw(draw_from.settings())).replace(max_concurrency=data.draw(st.integers(1, 2)))
    idle, execution = (data.draw(st.lists(st.integers(1, 30), min_size=1, max_size=3, unique=True)) for _ in range(2))
    result = sweep(trace, base, idle_ms=idle, exec_ms=execution, memory_mb=[128, 1024], outcomes=True)
    assert len(result) == len(idle) * len(execution) * 2
    row = data.draw(st.sampled_from(result.frame.to_dict("records")))
    at = base.replace(
        idle_timeout_s=row["idle_timeout_s"], exec_timeout_s=row["exec_timeout_s"], memory_mb=row["memory_mb"]
    )
    found = estimate(trace, at)
    assert {name: row[name] for name in expected(found)} == expected(found)
    assert {name: row[name] for name in row if name.startswith("outcome_") and row[name]} == {
        f"outcome_{code}": count for code, count in found.outcomes.items() if count
    }
    if not trace.has_messages:
        bounds = (found.bounds["low"].bill.total, found.bounds["high"].bill.total)
        assert (row["amount_low"], row["amount_high"]) == bounds


def test_settings_outside_any_documented_range_are_marked(grid: SweepResult) -> None:
    valid = {(row["idle_timeout_s"], row["exec_timeout_s"]) for row in grid.frame.to_dict("records") if row["valid"]}
    assert valid == {(15, 60), (15, 900), (120, 900)}


def test_one_row_is_found_by_its_setting(grid: SweepResult) -> None:
    assert grid.at(idle_timeout_s=15, exec_timeout_s=900, memory_mb=512)["resource_mb_ms"] % 512 == 0
    with pytest.raises(ConfigError, match="2 settings at"):
        grid.at(idle_timeout_s=15, exec_timeout_s=900)
    with pytest.raises(ConfigError, match="is no column"):
        grid.at(idle=15)


def test_nothing_on_the_frontier_is_beaten(grid: SweepResult) -> None:
    frontier = grid.pareto()
    for row in frontier.to_dict("records"):
        beats = (grid.frame["monthly_amount"] <= row["monthly_amount"]) & (
            grid.frame["cut_harmful"] < row["cut_harmful"]
        )
        assert not beats.any()
    assert frontier["cut_harmful"].is_monotonic_decreasing


def test_a_sweep_is_read_back_without_loss(grid: SweepResult, tmp_path: Path) -> None:
    grid.save(tmp_path / "grid.parquet")
    back = SweepResult.load(tmp_path / "grid.parquet")
    pd.testing.assert_frame_equal(back.frame, grid.frame)
    assert (back.sessions, back.natural_hours, back.currency) == (grid.sessions, grid.natural_hours, grid.currency)
    grid.save(tmp_path / "grid.csv")
    text = pd.read_csv(tmp_path / "grid.csv", dtype=str)
    assert tuple(text.columns) == COLUMNS
    assert [Decimal(amount) for amount in text["monthly_amount"]] == grid.frame["monthly_amount"].tolist()


def test_what_is_no_saved_sweep_is_said(tmp_path: Path, grid: SweepResult) -> None:
    pd.DataFrame({"a": [1]}).to_parquet(tmp_path / "other.parquet")
    with pytest.raises(ResultError, match="is no saved sweep"):
        SweepResult.load(tmp_path / "other.parquet")
    with pytest.raises(ConfigError, match=r"written as \.parquet or \.csv"):
        grid.save(tmp_path / "grid.xlsx")


def test_heartbeats_are_an_axis() -> None:
    trace = draw_from.build_trace(CHAT)
    result = sweep(trace, idle_ms=[15_000, 60_000], exec_ms=[900_000], heartbeat_s=[10, 30])
    kept = result.at(idle_timeout_s=60, heartbeat_s=30)
    assert kept["cut_harmful"] == 0
    assert (
        kept["invocations"] == estimate(trace, FunctionConfig(idle_timeout_s=60, heartbeat_s=30)).usage["invocations"]
    )


def test_large_grids_say_their_size_before_they_start() -> None:
    trace = draw_from.build_trace(CHAT)
    with pytest.raises(ConfigError, match=r"40,000,000 settings, about 28,000 MB"):
        sweep(trace, idle_ms=range(1, 10_001), exec_ms=range(1, 4_001))
    with pytest.raises(ConfigError, match="the grid is empty"):
        sweep(trace, idle_ms=[], exec_ms=[1])


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("1:3", [1000, 2000, 3000]),
        ("1:2:0.5", [1000, 1500, 2000]),
        ("30,10,10", [10_000, 30_000]),
        ("5", [5000]),
        ("7:7", [7000]),
    ],
)
def test_axes_hold_both_ends(text: str, values: list[int]) -> None:
    assert seconds_axis(text, "idle") == values


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("5:1", "is empty: it ends before it starts"),
        ("1:10:4", "the steps miss the end 10; end at 9, or change the step"),
        ("0:10", "start and step must be more than 0"),
        ("1:10:0", "start and step must be more than 0"),
        ("1:2:3:4", "is not START:STOP or START:STOP:STEP"),
        ("a:b", "'a' is no time such as 90"),
        ("0,1", "0 s is not more than 0"),
        ("1:1000000", "has 1,000,000 values; an axis holds at most 100,000"),
        ("1:2:0.0001", "finer than a millisecond"),
    ],
)
def test_a_wrong_axis_is_said_in_clear_words(text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        seconds_axis(text, "idle")


def test_lists_of_whole_numbers_are_checked() -> None:
    assert whole_axis("256,128,256", "memory") == [256, 128]
    with pytest.raises(ConfigError, match="is not a comma list"):
        whole_axis("1,x", "memory")
    with pytest.raises(ConfigError, match="0 is less than 1"):
        whole_axis("0", "memory")


def test_requests_are_ranked_by_those_that_are_cut(tmp_path: Path) -> None:
    sessions = [Session(k * 1_000, k * 1_000 + 5_000 * (k + 1)) for k in range(60)]
    config = FunctionConfig(function_type="web-http")
    found = sweep(draw_from.build_trace(sessions), config, idle_timeout_s=15, exec_timeout_s="60s:300s:60s")
    best = found.pareto()
    assert best["exec_timeout_s"].tolist() == [60, 120, 180, 240, 300]
    assert best["cut_harmful"].tolist() == [48, 36, 24, 12, 0]
    document = found.to_dict()
    assert shown_rows(document) == document["rows"]
    assert "5 that nothing beats in both cost and requests that are cut" in title(document)
    found.save(tmp_path / "sweep.parquet")
    assert SweepResult.load(tmp_path / "sweep.parquet").function_type == "web-http"


def test_that_settings_are_replayed_is_said_once_of_all() -> None:
    said: list[str] = []
    trace = draw_from.build_trace(CHAT)
    sweep(trace, idle_timeout_s=[10, 30, 60], exec_timeout_s=[300, 900], heartbeat_s=[30, 45], notice=said.append)
    replayed = [one for one in said if "replayed one by one" in one]
    assert len(replayed) == 1 and replayed[0].startswith("12 settings")
