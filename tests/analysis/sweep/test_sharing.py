"""Connections an instance beside a recommendation, and what is said of those whom its settings reach late or not."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction

import pytest

from scfcost.analysis.estimate.estimate import estimate
from scfcost.analysis.estimate.insights import findings
from scfcost.analysis.sweep.recommend import Recommendation, recommend
from scfcost.config.function import FunctionConfig
from tests import strategies as draw_from
from tests.analysis.sweep.test_recommend import CONFIG, talk
from tests.oracles.lifecycle import Session


@pytest.fixture(scope="module")
def found() -> Recommendation:
    return recommend(talk(90), CONFIG)


def test_the_fewest_connections_an_instance_that_save_most_are_proposed(found: Recommendation) -> None:
    (shared,) = (one for one in found.levers if one.name == f"{one.row['max_concurrency']} an instance")
    (said,) = (reason for reason in found.reasons if reason.startswith("a month by connections an instance"))
    months = {int(n): Decimal(text.replace(",", "")) for n, text in re.findall(r"(\d+) → ([\d,.]+\d)", said)}
    assert found.chosen is not None
    alone, least = found.chosen["monthly_amount"], min(months.values())
    enough = [n for n, month in months.items() if alone - month >= Decimal("0.9") * (alone - least)]
    assert shared.row["max_concurrency"] == min(enough)
    assert months[min(enough)] == shared.cost
    priced = estimate(
        talk(90),
        CONFIG.replace(
            max_concurrency=min(enough), idle_timeout_s=found.chosen["idle_timeout_s"],
            exec_timeout_s=found.chosen["exec_timeout_s"],
        ),
    )  # fmt: skip
    assert priced.monthly is not None and priced.monthly.total <= shared.cost  # the dearer of two placements


def test_sharing_that_pays_for_the_safest_timeouts_or_keeps_a_service_whole_is_shown(found: Recommendation) -> None:
    assert found.chosen is not None and found.safest is not None
    for one in found.levers:
        if one.name.endswith("an instance, safest"):
            assert one.cost <= found.chosen["monthly_amount"]
            assert one.row["pushes_missed"] == found.safest["pushes_missed"]
        if one.name.startswith("immediate, "):
            assert one.harm is not None and one.harm.undelivered <= Fraction(1, 100)
            assert found.keeps_whole is False and "--reconnect immediate --max-concurrency" in one.flags
    assert any(" an instance" in one.name and "," in one.name for one in found.levers)


def test_pushes_to_clients_that_are_silent_are_named_however_few() -> None:
    said = sorted([*((60_000 * n, "up", 9, "data") for n in range(1, 119)), (3_630_000, "down", 9, "data")])
    lives = [Session(k, 7_200_000 + k, [(k + at, *what) for at, *what in said]) for k in range(9)]
    found = recommend(draw_from.build_trace(lives), FunctionConfig(reconnect="on-demand"), strategy="cheapest")
    (said,) = (reason for reason in found.reasons if "whatever is pushed to one that is silent" in reason)
    assert "for 10 s is missed (9 here)" in said and "--strategy safest" in said
    assert any("times an hour of their life" in reason for reason in found.reasons) is False  # no more often than now


def test_an_event_function_is_not_told_to_hold_several_events() -> None:
    calls = draw_from.build_trace([Session(k * 100, k * 100 + 5_000, []) for k in range(60)])
    config = FunctionConfig(function_type="event")
    assert not any(one.row["max_concurrency"] > 1 for one in recommend(calls, config).levers)
    assert not any("--max-concurrency" in one["text"] for one in findings(estimate(calls, config)))
    told = [one.message for one in estimate(calls, config.replace(max_concurrency=10)).warnings]
    assert any("are documented of web functions alone" in message for message in told)
