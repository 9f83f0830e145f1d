"""Connections an instance, memory, and provisioned instances."""

from __future__ import annotations

from fractions import Fraction

import pytest

from scfcost.analysis.evaluate import compute
from scfcost.analysis.sweep.constraints import Constraints
from scfcost.analysis.sweep.recommend import recommend
from scfcost.analysis.sweep.sizing import provisioning, sharings
from scfcost.analysis.sweep.sweep import sweep
from scfcost.billing.terms import Terms
from scfcost.catalog.load import load_book
from scfcost.config.function import FunctionConfig
from tests.oracles.lifecycle import Session
from tests.strategies import build_trace

BOOK = load_book()
TERMS = Terms(BOOK, BOOK.period(), "ap-guangzhou")
CROWD = build_trace([Session(n * 400, n * 400 + 20_000) for n in range(200)])
CONFIG = FunctionConfig(idle_timeout_s=60, reconnect="none")


def test_more_connections_an_instance_take_the_memory_they_need() -> None:
    config = CONFIG.replace(memory_base_mb=50, memory_per_connection_mb=10)
    found = sharings(CROWD, config, TERMS, TERMS.platform())
    assert {one.max_concurrency: one.memory_mb for one in found} == {
        1: 64, 2: 128, 5: 128, 10: 256, 20: 256, 50: 640, 100: 1152,
    }  # fmt: skip
    assert found[0].amount == min(one.amount for one in found)
    assert sharings(CROWD, CONFIG, TERMS, TERMS.platform()) == []


@pytest.mark.parametrize("percent", [0, 10, 50, 100])
def test_the_fewest_provisioned_instances_meet_the_target(percent: int) -> None:
    target = Fraction(percent, 100)
    found = provisioning(CROWD, CONFIG, TERMS, TERMS.platform(), target)
    assert found.meets

    def share(number: int) -> Fraction:
        result = compute(CROWD, {"default": CONFIG.replace(provisioned=number)}, TERMS, TERMS.platform())
        return Fraction(int(result.packing.cold_starts.sum()), len(result.invocations))

    assert share(found.number) == found.share <= target
    assert found.number == 0 or share(found.number - 1) > target
    assert found.amount >= found.without


def test_a_recommendation_names_both() -> None:
    config = CONFIG.replace(memory_per_connection_mb=5)
    told = build_trace([Session(n * 400, n * 400 + 20_000, [(n * 400 + 10, "up", 1, "data")]) for n in range(200)])
    found = recommend(told, config, Constraints(), max_cold_starts=Fraction(1, 10)).to_dict()
    assert found["sharings"][0]["max_concurrency"] > 1
    assert found["provisioning"]["meets"]


def test_a_setting_that_cannot_fit_is_marked_and_not_recommended() -> None:
    config = CONFIG.replace(max_concurrency=20, memory_base_mb=100, memory_per_connection_mb=5)
    rows = sweep(CROWD, config, idle_ms=[10_000], exec_ms=[60_000], memory_mb=[128, 256]).frame
    assert rows["fits_memory"].tolist() == [False, True]
    found = recommend(CROWD, config, Constraints())
    assert found.chosen is None
    assert "an instance of 128 MB does not hold 20 connections, which need 200 MB" in found.binding[0]


def test_of_two_placements_the_dearer_is_recommended_on() -> None:
    config = CONFIG.replace(max_concurrency=3)
    chosen = recommend(CROWD, config, Constraints()).chosen
    assert chosen is not None
    at = {"idle_ms": [int(chosen["idle_timeout_s"] * 1000)], "exec_ms": [int(chosen["exec_timeout_s"] * 1000)]}
    both = [sweep(CROWD, config.replace(placement=one), **at).frame["amount"][0] for one in ("fullest", "least-loaded")]
    assert chosen["amount"] == max(both)
