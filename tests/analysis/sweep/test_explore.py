"""What a page holds: rows equal to the estimate, silences counted plainly, the dearest priced as if alone."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scfcost.analysis.estimate.costliest import dearest
from scfcost.analysis.estimate.estimate import estimate
from scfcost.analysis.sweep.explore import COUNTS, Exploration, explore, silences
from scfcost.config.function import FunctionConfig
from scfcost.core.errors import ConfigError
from scfcost.trace.gaps import session_gaps
from tests import strategies as draw_from
from tests.analysis.sweep.test_sweep import CHAT
from tests.oracles.lifecycle import Session


@pytest.fixture(scope="module")
def found() -> Exploration:
    return explore(draw_from.build_trace(CHAT), FunctionConfig(memory_mb=192, idle_timeout_s=17))


def test_the_present_setting_is_on_every_axis(found: Exploration) -> None:
    swept = found.to_dict()["sweep"]
    assert 17 in swept["idle_s"]
    assert 900 in swept["exec_s"]
    assert swept["memory_mb"] == [64, 128, 192, 256, 512, 1024, 2048]
    assert swept["reconnect"] == ["none", "on-demand", "immediate"]


@pytest.mark.parametrize("policy", ["none", "on-demand", "immediate"])
def test_what_a_slider_looks_up_equals_the_estimate(found: Exploration, policy: str) -> None:
    swept = found.to_dict()["sweep"]
    plane = next(one for one in swept["planes"] if one["key"] == f"{policy}|1|256")
    place = swept["exec_s"].index(120) * len(swept["idle_s"]) + swept["idle_s"].index(60)
    at = FunctionConfig(memory_mb=256, idle_timeout_s=60, exec_timeout_s=120, reconnect=policy)
    single = estimate(draw_from.build_trace(CHAT), at)
    counts = {name: int(column.split(" ")[place]) for name, column in swept["counts"][plane["counts"]].items()}
    impact = single.impact.to_dict() | {"invocations": single.usage["invocations"]}
    assert {name: counts[name] for name in COUNTS} == {name: impact[name] for name in COUNTS}
    assert {code: counts.get(f"outcome_{code}", 0) for code in single.outcomes} == single.outcomes
    assert single.monthly is not None
    assert plane["monthly_amount"].split(" ")[place] == str(single.monthly.total)
    assert plane["amount"].split(" ")[place] == str(single.bill.total)


def test_counts_that_memory_leaves_alone_are_kept_once(found: Exploration) -> None:
    assert len(found.to_dict()["sweep"]["counts"]) == 3


def test_shared_instances_are_replayed_on_fewer_settings() -> None:
    said: list[str] = []
    shared = explore(
        draw_from.build_trace(CHAT), FunctionConfig(), max_concurrency=[10], reconnect=["none"], notice=said.append
    )
    assert sorted(set(shared.sweep.frame["max_concurrency"])) == [1, 10]
    assert "replayed one by one" in said[0]


def test_an_axis_too_long_for_a_page_is_refused() -> None:
    with pytest.raises(ConfigError, match="idle: 61 values; a page holds at most 60"):
        explore(draw_from.build_trace(CHAT), idle_ms=range(1_000, 62_000, 1_000))


@given(st.lists(draw_from.sessions(), min_size=1, max_size=4).map(draw_from.build_trace))
def test_silences_are_those_that_last_longer(trace: draw_from.Trace) -> None:
    shown, gaps = silences(trace, [0.5, 10.0]), session_gaps(trace).tolist()
    assert shown["total"] == len(gaps)
    assert shown["beyond_idle"] == [sum(gap > idle_ms for gap in gaps) for idle_ms in (500, 10_000)]
    for seconds, longer in zip(shown["seconds"], shown["longer"], strict=True):
        assert longer == sum(gap > seconds * 1000 for gap in gaps)


def test_the_dearest_connection_costs_what_it_costs_alone() -> None:
    trace = draw_from.build_trace([*CHAT, Session(20_000, 21_000), Session(30_000, 800_000)])
    config = FunctionConfig(idle_timeout_s=600, reconnect="on-demand")
    rows = dearest(estimate(trace, config))
    assert [Decimal(row["amount"]) for row in rows] == sorted((Decimal(row["amount"]) for row in rows), reverse=True)
    for row in rows:
        alone = estimate(
            trace.take(np.array([str(one) == row["connection_id"] for one in trace.connection_id])), config
        )
        assert Decimal(row["amount"]) == alone.bill.total_exact
        assert (row["invocations"], row["connection_ms"]) == (alone.usage["invocations"], alone.usage["connection_ms"])


def test_a_page_of_events_has_no_silence_and_no_policy_to_slide() -> None:
    base, said = FunctionConfig(function_type="event"), list[str]()
    swept = explore(draw_from.build_trace(CHAT), base, exec_ms=[60_000], notice=said.append).to_dict()["sweep"]
    assert (len(swept["idle_s"]), len(swept["reconnect"])) == (1, 1)
    assert len(said) == len(set(said)) <= 1
