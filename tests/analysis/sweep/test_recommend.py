"""What to deploy: it keeps to the constraints, nothing cheaper does, and where nothing fits the misses are named."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from scfcost.analysis.estimate.compare import compare
from scfcost.analysis.estimate.diff import diff
from scfcost.analysis.estimate.estimate import estimate
from scfcost.analysis.sweep.constraints import Constraints, broken, rates
from scfcost.analysis.sweep.recommend import Recommendation, recommend
from scfcost.billing.terms import Pricing
from scfcost.config.function import FunctionConfig
from scfcost.core.errors import ConfigError, ResultError
from scfcost.platforms.tencent_scf import api_request, tccli_command
from scfcost.trace.model import Trace
from tests import strategies as draw_from
from tests.oracles.lifecycle import Session

CONFIG = FunctionConfig(reconnect="on-demand")


def talk(sessions: int, seed: int = 1) -> Trace:
    """Make sessions of half an hour whose gaps are exponential, 40 s on average."""
    rng = np.random.default_rng(seed)
    many = []
    for number in range(sessions):
        start = number * 60_000
        instants = start + np.cumsum(rng.exponential(40_000, 40)).astype(int)
        messages = [(int(t), str(rng.choice(["up", "down"])), 10, "data") for t in instants if t < start + 1_800_000]
        many.append(Session(start, start + 1_800_000, messages))
    return draw_from.build_trace(many)


@pytest.fixture(scope="module")
def trace() -> Trace:
    return talk(240)


def at(found: Recommendation) -> tuple[float, float]:
    assert found.chosen is not None
    return found.chosen["idle_timeout_s"], found.chosen["exec_timeout_s"]


def test_without_a_policy_there_is_no_answer(trace: Trace) -> None:
    with pytest.raises(ConfigError, match="state --reconnect none, on-demand or immediate"):
        recommend(trace, FunctionConfig(), Constraints())


def test_money_alone_ends_at_the_short_end(trace: Trace) -> None:
    found = recommend(trace, CONFIG, Constraints(), strategy="cheapest")
    assert at(found)[0] == 10
    assert found.chosen == found.cheapest


def test_the_choice_keeps_to_the_constraints_and_nothing_cheaper_does(trace: Trace) -> None:
    limits = Constraints(max_reconnects=Fraction(10))
    found = recommend(trace, CONFIG, limits, strategy="cheapest")
    assert found.chosen is not None
    assert any("hold on the earlier two thirds" in reason or "binds" in reason for reason in found.reasons)
    rows = found.sweep.frame[found.sweep.frame["valid"]].to_dict("records")
    hours = trace.connections / 2
    cheaper = [row for row in rows if row["monthly_amount"] < found.chosen["monthly_amount"]]
    assert rates(found.chosen, trace)["max_reconnects"] <= 10
    assert sum(row["reconnects"] / hours <= 9.5 for row in cheaper) == 0
    assert found.safest is not None and found.safest["pushes_missed"] <= found.chosen["pushes_missed"]


def test_a_price_of_reconnects_moves_the_choice_to_longer_silences(trace: Trace) -> None:
    free, dear = (
        recommend(trace, CONFIG, Constraints(), reconnect_price=Decimal(p), strategy="cheapest") for p in ("0", "0.5")
    )
    assert at(dear)[0] > at(free)[0]


def test_where_nothing_fits_the_nearest_misses_are_named(trace: Trace) -> None:
    found = recommend(trace, CONFIG, Constraints(max_harmful_cuts=Fraction(0), budget=Decimal(10_000)))
    assert found.chosen is None
    harm, budget = found.binding
    assert "cuts that people notice per session of at most 0.00% cannot be met: the least is" in harm
    assert "can be met alone" in budget
    assert found.nearest is not None and not found.answers
    assert "the nearest is an idle timeout of" in repr(found)


def test_where_no_timeouts_keep_to_a_budget_what_does_is_named(trace: Trace) -> None:
    limits = Constraints(max_missed="30%", budget=300)
    found = recommend(trace, CONFIG, limits)
    assert found.chosen is None and found.nearest is not None
    assert "5 an instance" in {one.name for one in found.levers}  # the fewest that keep to it
    assert all(broken(one.row, trace, limits) == [] for one in found.levers)
    assert "What would keep to it, each alone: " in repr(found) and "(--max-concurrency 5)" in repr(found)
    assert not any(row["monthly_amount"] <= 300 and rates(row, trace)["max_missed"] <= Fraction(3, 10)
                   for row in found.sweep.frame[found.sweep.frame["valid"]].to_dict("records"))  # fmt: skip
    hopeless = recommend(trace, CONFIG, Constraints(budget=Decimal("0.01")))
    assert hopeless.levers == () and "Nothing else that was tried keeps to it: what clients do" in repr(hopeless)


def test_a_month_of_a_few_hours_says_so_and_amounts_are_separated(trace: Trace) -> None:
    found = recommend(trace, CONFIG.replace(memory_mb=2048), Constraints(max_missed="3%", budget=20_000))
    assert (
        "the month is 30 days like these 4.5 h: other hours of the day, and other days, are not in it" in found.reasons
    )
    told = " ".join(found.reasons + found.binding)
    assert re.search(r"\d,\d{3}", told) and not re.search(r"\b\d{4,}\.\d\d", told), told


def test_a_short_trace_is_not_split_and_that_is_said() -> None:
    found = recommend(talk(20), CONFIG, Constraints(max_reconnects=Fraction(100)))
    assert any("too short" in reason for reason in found.reasons)


def test_a_later_part_that_breaks_a_constraint_is_said() -> None:
    def every(gap: int, start: int, count: int) -> list[Session]:
        life = 1_800_000
        starts = [start + k * 60_000 for k in range(count)]
        return [Session(s, s + life, [(t, "up", 1, "data") for t in range(s, s + life, gap)]) for s in starts]

    quiet, loud = every(9_000, 0, 400), every(100_000, 400 * 60_000, 60)
    limits = Constraints(max_reconnects=Fraction(7))
    found = recommend(draw_from.build_trace(quiet + loud), CONFIG, limits, strategy="cheapest")
    assert any("the later third breaks them: reconnects per session-hour" in reason for reason in found.reasons)


def test_only_documented_ranges_are_tried_unless_allowed(trace: Trace) -> None:
    frame = recommend(trace, CONFIG, Constraints()).sweep.frame
    assert (frame["idle_timeout_s"].min(), frame["exec_timeout_s"].max()) == (10, 900)
    wide = recommend(talk(20), CONFIG, Constraints(), allow_unverified=True)
    assert (wide.sweep.frame["idle_timeout_s"].min(), wide.sweep.frame["exec_timeout_s"].max()) == (1, 7200)


def test_plans_heartbeat_interval_and_commands_stand_beside_the_choice(trace: Trace) -> None:
    document = recommend(trace, CONFIG, Constraints(max_reconnects=Fraction(10))).to_dict()
    totals = [Decimal(plan["total"]) for plan in document["plans"]]
    assert totals == sorted(totals)
    # A package pays alone from fee / price of a GBs on: 79.9 / 0.00011108.
    assert {p["plan"]: p["pays_from_gbs"] for p in document["plans"]}["personal-advanced"] == "719301"
    levers = {one["name"].split()[0]: one for one in document["levers"]}
    assert levers["heartbeat"]["heartbeat_s"] < levers["heartbeat"]["idle_timeout_s"]
    assert levers["immediate"]["flags"] == "--reconnect immediate"
    low, high = (Decimal(end) for end in document["interval_80"])
    assert low < Decimal(document["recommended"]["monthly_amount"]) < high
    assert "--ProtocolParams.WSParams.IdleTimeOut" in document["deploy"]["tccli"]


def test_settings_are_spelled_as_the_vendor_spells_them() -> None:
    config = FunctionConfig(memory_mb=256, idle_timeout_s=30, exec_timeout_s=900, max_concurrency=20)
    assert api_request(config) == {
        "FunctionName": "FUNCTION", "MemorySize": 256, "Timeout": 900, "InitTimeout": 60,
        "ProtocolParams": {"WSParams": {"IdleTimeOut": 30}},
        "InstanceConcurrencyConfig": {"DynamicEnabled": "FALSE", "MaxConcurrency": 20},
    }  # fmt: skip
    assert tccli_command(config).endswith("--InstanceConcurrencyConfig.MaxConcurrency 20")


def test_each_broken_constraint_is_named(trace: Trace) -> None:
    found = estimate(trace, CONFIG)
    assert broken(found.impact_row(), trace, Constraints()) == []
    faults = broken(found.impact_row(), trace, Constraints(max_harmful_cuts=Fraction(0), budget=Decimal(1)))
    assert faults[0].startswith("cuts that people notice per session")
    assert faults[1].startswith("the month's")


def test_the_break_even_is_where_both_cost_the_same(trace: Trace) -> None:
    priced = estimate(trace, CONFIG)
    found = compare(priced, Decimal(50), 10)
    assert found.servers == -(-priced.result.packing.peak_connections // 10)
    assert found.server == 50 * found.servers
    assert found.break_even_hours is not None
    assert abs(found.platform / found.connection_hours * found.break_even_hours - found.server) < Decimal("0.1")
    with pytest.raises(ConfigError, match="server_capacity: 0 is less than 1"):
        compare(estimate(trace, CONFIG), Decimal(50), 0)
    with pytest.raises(ConfigError, match="no month to compare"):
        compare(estimate(draw_from.build_trace([Session(5, 5)])), Decimal(50), 1)


def test_only_what_differs_is_shown(trace: Trace) -> None:
    base, head = (estimate(trace, replace(CONFIG, memory_mb=mb)).to_dict() for mb in (128, 256))
    assert diff(base, base).differences == ()
    found = {one.name: (one.base, one.head, one.change) for one in diff(base, head).differences}
    assert found["function: memory_mb"] == ("128", "256", "+128")
    assert "usage: billed_ms" not in found
    dollars = estimate(trace, CONFIG, pricing=Pricing("tencent-scf-intl")).to_dict()
    with pytest.raises(ResultError, match="different currencies"):
        diff(base, dollars)
