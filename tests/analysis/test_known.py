"""What an input does not tell: no verdict stands on it, in any command."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from scfcost.analysis.estimate.compare import compare
from scfcost.analysis.estimate.diff import diff
from scfcost.analysis.estimate.estimate import estimate
from scfcost.analysis.estimate.insights import insights
from scfcost.analysis.forecast.uncertainty import bootstrap
from scfcost.analysis.sweep.check import check
from scfcost.analysis.sweep.choose import Candidate, Harm, balanced, choose
from scfcost.analysis.sweep.constraints import Constraints
from scfcost.analysis.sweep.recommend import recommend
from scfcost.analysis.sweep.sweep import sweep
from scfcost.billing.terms import Pricing
from scfcost.config.function import FunctionConfig
from scfcost.report import markdown, table
from scfcost.trace.model import Trace
from tests import strategies as draw_from
from tests.oracles.lifecycle import Session

ABROAD = Pricing("tencent-scf-intl", region="ap-singapore")
HOUR = 3_600_000


def silent(connections: int = 60, bytes_out: int | None = None) -> Trace:
    """Connections of an hour each, without message rows."""
    trace = draw_from.build_trace([Session(k * HOUR, (k + 1) * HOUR) for k in range(connections)])
    sizes = None if bytes_out is None else np.full(connections, bytes_out, np.int64)
    return trace.replace(has_messages=False, total_bytes_out=sizes)


def test_without_message_rows_harm_is_not_known_and_no_interval_is_drawn() -> None:
    found = estimate(silent(), FunctionConfig(reconnect="immediate"))
    document = found.to_dict()
    assert document["impact"] is None
    assert set(document["bounds"]["low"]["outcomes"]) >= {"433", "455"}
    assert bootstrap(found) is None
    said = insights(found)
    assert (said["findings"], said["rates"], said["reconnect_policies"]) == ([], None, [])
    assert said["lead"]["wrong"]["about"] == "silences"


def test_recommend_keeps_the_timeouts_where_silences_are_not_known() -> None:
    config = FunctionConfig(reconnect="immediate", idle_timeout_s=45)
    found = recommend(silent(), config)
    assert found.chosen is not None and found.chosen["idle_timeout_s"] == 45
    assert found.levers == () and found.cheapest is None
    asked = recommend(silent(), config, Constraints(max_harmful_cuts=Fraction(1, 20)))
    assert not asked.answers
    assert any("cannot be judged" in reason for reason in asked.reasons)


def test_a_limit_is_not_judged_on_what_is_not_known() -> None:
    found = estimate(silent(), FunctionConfig(reconnect="immediate"))
    assert check(found, Constraints(max_harmful_cuts=Fraction(1))).verdict == "not judged"
    low, high = (found.bounds[which].amount for which in ("low", "high"))
    assert low < high
    verdicts = {limit: check(found, Constraints(budget=limit)).verdict for limit in (low - 1, (low + high) / 2)}
    assert verdicts == {low - 1: "broken", (low + high) / 2: "not judged"}


@pytest.mark.parametrize("messages", [True, False])
def test_an_unknown_price_passes_no_budget_and_wins_no_comparison(messages: bool) -> None:
    pushes = [Session(0, HOUR, [(5, "up", 1, "data"), *((k, "down", 2**30, "data") for k in range(10, 20))])]
    trace = draw_from.build_trace(pushes) if messages else silent(bytes_out=2**30)
    found = estimate(trace, FunctionConfig(reconnect="on-demand"), pricing=ABROAD)
    assert "price" in {one.what for one in found.not_known}
    verdict = check(found, Constraints(budget=Decimal(10**9)))
    assert verdict.verdict == "not judged"
    assert any("--traffic-price" in one for one in verdict.to_dict()["limits"][0]["would_judge"])
    assert check(found, Constraints(budget=Decimal(0))).verdict == "broken"
    assert compare(found, Decimal(10**6), 1).cheaper is None
    assert compare(found, Decimal(0), 1).cheaper == "server"
    same = diff(found.to_dict(), found.to_dict())
    assert same.rises_above(Fraction(1, 20)) is None


def test_an_unknown_price_puts_no_setting_forward() -> None:
    pushes = [(k * 1_000, "down", 1_000, "data") for k in range(1, 200)]
    trace = draw_from.build_trace([Session(0, HOUR, [(5, "up", 1, "data"), *pushes])])
    found = recommend(trace, FunctionConfig(reconnect="on-demand"), pricing=ABROAD)
    assert not found.answers
    assert "no setting is put forward" in repr(found).lower()
    rows = sweep(trace, FunctionConfig(), idle_ms=[15_000], exec_ms=[900_000], pricing=ABROAD).to_dict()["rows"]
    assert rows[0]["whole_price"] is False


def test_the_platform_is_not_cheaper_where_it_does_not_deliver() -> None:
    many = [Session(0, HOUR, [(t, "up", 10, "data") for t in range(1_000, HOUR, 60_000)])]
    trace = draw_from.build_trace(many)
    lossy = compare(estimate(trace, FunctionConfig(reconnect="none")), Decimal(10_000), 100)
    assert lossy.cheaper is None
    assert "reach nobody" in str(lossy.reason)
    whole = compare(estimate(trace, FunctionConfig(reconnect="on-demand")), Decimal(10_000), 100)
    assert whole.cheaper == "platform"


@pytest.mark.parametrize("kind", ["event", "web-http"])
def test_requests_and_events_have_no_silences_to_know(kind: str) -> None:
    found = estimate(silent(bytes_out=0), FunctionConfig(function_type=kind))
    document = found.to_dict()
    assert ("bounds" in document, document["not_known"]) == (False, [])
    assert document["impact"] is not None
    assert not found.policies
    assert "no_messages" not in {one["code"] for one in document["warnings"]}
    long = FunctionConfig(function_type=kind, exec_timeout_s=3_600)
    codes = {one.code for one in estimate(silent(bytes_out=0), long).warnings}
    assert ("exec_timeout_outside_range" in codes) == (kind == "web-http")


def test_a_heartbeat_that_comes_too_late_is_warned_of_and_tells_the_silence() -> None:
    for beat, end in ((30, "low"), (15, "low"), (14, "high")):
        found = estimate(silent(), FunctionConfig(heartbeat_s=beat, reconnect="immediate"))
        assert found.usage == found.bounds[end].usage
        assert ("heartbeat_too_late" in {one.code for one in found.warnings}) == (beat >= 15)
    command = insights(estimate(silent(), FunctionConfig(heartbeat_s=15)))["lead"]["wrong"]["command"]
    assert command.endswith("--heartbeat 14")


def _candidate(place: int, cost: str, undelivered: Fraction) -> Candidate:
    return Candidate(place, Fraction(cost), Harm(undelivered, Fraction(0), Fraction(0), Fraction(0)))


def test_a_tenth_of_the_harm_is_worth_twice_the_money_or_as_said() -> None:
    harm = Fraction(9, 1_000)
    tenth = (harm + Fraction(1, 10_000)) / 10 - Fraction(1, 10_000)
    dearer = [_candidate(0, "100", harm), _candidate(1, "199", tenth)]
    assert balanced(dearer).place == 1
    assert balanced([dearer[0], _candidate(1, "201", tenth)]).place == 0
    assert balanced([dearer[0], _candidate(1, "201", tenth)], Decimal(3)).place == 1
    unbearable = [_candidate(0, "1", Fraction(1, 2)), _candidate(1, "1000", Fraction(1, 100))]
    assert balanced(unbearable).place == 1
    chosen: dict[str, Any] = choose(unbearable)
    assert (chosen["cheapest"].place, chosen["safest"].place) == (0, 1)


PUSHED = [Session(k * 100_000, k * 100_000 + 400_000, [(k * 100_000 + 20_000, "up", 9, "data"),
          (k * 100_000 + 50_000, "down", 5_000_000, "data")]) for k in range(20)]  # fmt: skip
"""What is pushed comes after the idle timeout: at the present settings nothing is sent."""


def test_a_price_that_only_a_better_setting_needs_is_asked_for() -> None:
    config = FunctionConfig(reconnect="on-demand")
    found = recommend(draw_from.build_trace(PUSHED), config, pricing=ABROAD)
    assert (found.chosen, [one.what for one in found.not_known]) == (None, ["price"])
    stated = replace(ABROAD, traffic_price=Decimal("0.12"))
    assert recommend(draw_from.build_trace(PUSHED), config, pricing=stated).chosen is not None


def test_what_hangs_on_silences_is_not_said_beside_a_recommendation() -> None:
    config = FunctionConfig(reconnect="on-demand", memory_per_connection_mb=5)
    limits = Constraints(max_harmful_cuts=Fraction(1))
    found = recommend(silent(20), config, limits, max_cold_starts=Fraction(1, 10))
    assert (found.sharings, found.provisioning, found.knows_harm) == ((), None, False)
    assert "--max-cold-starts cannot be judged without message rows" in found.reasons
    assert "No setting is put forward: whom other timeouts would cut off is not known." in repr(found)


def test_the_table_of_a_bill_holds_its_ends_where_silences_are_not_known() -> None:
    document = estimate(silent(20), FunctionConfig()).to_dict()
    rows = list(csv.DictReader(io.StringIO(table.render(document))))
    totals = {row["scope"]: row["amount"] for row in rows if row["item"] == "total"}
    assert totals["month low"] == document["bounds"]["low"]["monthly"]["total"]
    assert list(totals) == ["trace", "month", "trace low", "month low", "trace high", "month high"]


def test_how_the_time_was_spent_is_not_said_where_silences_are_not_known() -> None:
    found = estimate(silent(20), FunctionConfig())
    said = insights(found)
    assert (said["time"], said["per_1000_connection_hours"]) == ([], None)
    assert "Connection time" not in markdown.render(found.to_dict(), insights=said)
