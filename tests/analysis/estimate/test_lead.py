"""What is said of settings under which people are not served, in every command that names their month."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from scfcost.analysis.capacity.capacity import capacity
from scfcost.analysis.estimate.compare import compare
from scfcost.analysis.estimate.estimate import TraceEstimate, estimate
from scfcost.analysis.estimate.insights import findings
from scfcost.analysis.estimate.lead import percent, shortfalls, undelivered
from scfcost.analysis.forecast.sensitivity import sensitivity
from scfcost.analysis.sweep.check import check
from scfcost.analysis.sweep.constraints import Constraints
from scfcost.analysis.sweep.recommend import recommend
from scfcost.analysis.sweep.sweep import sweep
from scfcost.billing.terms import Pricing
from scfcost.config.function import FunctionConfig
from scfcost.report import capacity as tables
from scfcost.report import check as checks
from scfcost.report import recommendation, recommendation_notes, settings
from scfcost.report import sensitivity as drivers
from scfcost.trace.model import Trace
from tests.oracles.lifecycle import Session
from tests.report.test_schemas import silent
from tests.strategies import build_trace

QUIET = [Session(k * 1_000, 600_000, [(k * 1_000 + 300_000, "up", 10, "data")]) for k in range(100)]
"""100 connections that say something once, after five minutes."""
BUSY = [Session(0, 60_000, [(1_000 + k, "up", 10, "data") for k in range(20)])]
"""A connection that says 20 things within a second, where 10 are carried."""


def priced(trace: Trace | None = None, **settings: object) -> TraceEstimate:
    return estimate(build_trace(QUIET) if trace is None else trace, FunctionConfig(**settings))  # type: ignore[arg-type]


def test_messages_that_reach_nobody_are_said_beside_every_month() -> None:
    found = priced()
    (said,) = shortfalls(found)
    assert said.startswith(
        "100 of 100 messages (100.0 %) reach nobody, as clients stay away after a cut (--reconnect was"
    )
    documents = [check(found, Constraints(budget=Decimal(500))), capacity(found, factors=[]), sensitivity(found)]
    assert all(one.to_dict()["shortfalls"] == [said] for one in documents)
    assert compare(found, Decimal(10**6), 1).reason == f"at these settings {said}"
    assert findings(found) == []


def test_where_people_are_served_nothing_is_said() -> None:
    found = priced(idle_timeout_s=600, reconnect="immediate")
    assert shortfalls(found) == ()
    assert compare(found, Decimal(10**6), 1).cheaper == "platform"


def test_what_the_platform_does_not_carry_is_called_no_cheaper() -> None:
    trace = build_trace(BUSY)
    found = priced(trace, idle_timeout_s=600, reconnect="immediate")
    (said,) = shortfalls(found)
    assert said.startswith(
        "1 of 1 connections go beyond what the platform carries on one: 1 send more than 10 messages"
    )
    assert compare(found, Decimal(10**6), 1).cheaper is None
    assert said in recommend(trace, FunctionConfig(reconnect="immediate")).reasons


def test_what_would_be_refused_is_said_of_a_recommendation_and_called_no_cheaper() -> None:
    at, pricing = FunctionConfig(idle_timeout_s=600, reconnect="immediate"), Pricing(quota_mb=1_280)
    found = estimate(build_trace(QUIET), at, pricing=pricing)
    assert compare(found, Decimal(10**6), 1).cheaper is None
    reasons = recommend(build_trace(QUIET), at, pricing=pricing).reasons
    assert any("the memory quota would refuse " in text for text in reasons)


def test_a_quota_leaves_room_for_clients_that_come_back() -> None:
    document = capacity(priced(), factors=[]).to_dict()
    assert document["loads"][0]["peak_connections"] < document["uncut"]["peak_connections"] == 100
    assert document["worst_case"]["bounded_to"]["quota_mb"] == 2 * 100 * 128
    assert any(
        "where they come back (--reconnect), up to 100 connections are open" in one for one in tables.supposed(document)
    )


def test_a_policy_that_loses_messages_does_not_beat_one_that_delivers_them() -> None:
    at_deadlines = [(15_000 + 16_000 * k, "down", 1, "data") for k in range(10)]
    after = [(161_000 + 1_000 * k, "down", 1, "data") for k in range(100)]
    trace = build_trace([Session(0, 600_000, at_deadlines + after)])
    result = sweep(trace, idle_ms=[15_000], exec_ms=[900_000], reconnect=["none", "immediate"])
    assert result.frame["cut_harmful"].tolist() == [1, 10]
    assert result.pareto()["reconnect"].tolist() == ["none", "immediate"]


@pytest.mark.parametrize(
    ("share", "shown"), [(Fraction(0), "0.0 %"), (Fraction(1), "100.0 %"), (Fraction(1, 3), "33.3 %")]
)
def test_shares_round_half_up(share: Fraction, shown: str) -> None:
    assert percent(share) == shown


@pytest.mark.parametrize("kind", ["event", "web-http"])
def test_requests_and_events_are_told_of_no_idle_timeout(kind: str) -> None:
    trace = build_trace([Session(k * 1_000, k * 1_000 + 400, []) for k in range(60)])
    document = recommend(trace, FunctionConfig(function_type=kind)).to_dict()
    assert recommendation.headline(document).startswith("Keep the execution timeout at 900 s (balanced): ")
    assert "idle timeout" not in recommendation.table_of(document)[0]
    assert "IdleTimeOut" not in document["deploy"]["tccli"]
    cut = estimate(build_trace(QUIET), FunctionConfig(function_type=kind, exec_timeout_s=100))
    assert str(undelivered(cut)).endswith("are cut by the execution timeout before they end")


def test_where_silences_are_not_known_the_idle_timeout_is_no_driver() -> None:
    quiet = silent(build_trace(QUIET))
    document = sensitivity(estimate(quiet, FunctionConfig())).to_dict()
    assert "idle timeout" not in [one["name"] for one in document["drivers"]]
    assert drivers.notes(document) == [
        "the idle timeout is no driver here: how long connections are silent is not known"
    ]


def test_each_limit_says_what_would_keep_to_it_or_tell() -> None:
    broken = check(priced(), Constraints(max_lost=Fraction(1, 100)), worst_case=Decimal(1_000)).to_dict()
    lost, worst = checks.remedies(broken)
    told = "what scfcost recommend finds with these limits, where anything does"
    assert lost == f"share of messages lost: what would keep to it: {told}"
    assert worst.startswith("most that a month can cost: what would keep to it: a quota of 3,556 MB, now 128,000 MB")
    unknown = check(estimate(silent(build_trace(QUIET))), Constraints(max_lost=Fraction(1, 100))).to_dict()
    (said,) = checks.remedies(unknown)
    assert said.startswith("share of messages lost: what would tell: a log with the time of each message (scfcost for")
    assert "a capture" in said and "scfcost emulate" in said


def test_a_check_names_the_command_that_looks_for_what_keeps_to_its_limits() -> None:
    def again(command: str, flags: str) -> str:
        return f"scfcost {command} t.csv {flags}".rstrip()

    limits = Constraints(max_lost=Fraction(1, 100), max_missed=Fraction(1, 100), budget=Decimal("0.01"))
    found = check(priced(), limits, again=again)
    assert found.command == "scfcost recommend t.csv --reconnect on-demand"
    assert found.command in checks.markdown(found.to_dict())
    assert len(list(checks.remedies(found.to_dict()))) == 1  # one remedy is said once, for all of its limits
    quiet = check(estimate(silent(build_trace(QUIET))), Constraints(budget=Decimal("0.01")), again=again)
    assert quiet.command is None  # no timeouts are recommended there
    assert "scfcost sweep --memory" in next(checks.remedies(quiet.to_dict()))


def test_a_quota_that_refuses_the_traffic_is_said_to_do_so() -> None:
    crowd = [Session(k, 60_000, []) for k in range(9)]  # nine instances of 128 MB at once
    found = estimate(build_trace(crowd), FunctionConfig(reconnect="none"))
    tight, hopeless, wide = (
        next(checks.remedies(check(found, Constraints(), worst_case=Decimal(most)).to_dict()))
        for most in (300, 10, 900)
    )
    assert "but this traffic needs 1,152 MB at its peak, and what goes beyond the quota is refused" in tight
    assert "no quota bounds it so low" in hopeless  # not even one instance would start
    assert wide.endswith("; this traffic needs 1,152 MB at its peak")


def test_levers_that_bring_nothing_or_cost_messages_are_said_to_do_so() -> None:
    trace = build_trace(
        [Session(k, 600_000, [(15_000 * n + k, "down", 9, "data") for n in range(1, 30)]) for k in range(9)]
    )
    document = recommend(trace, FunctionConfig(reconnect="immediate")).to_dict()
    said = " ".join(recommendation_notes.lever_sentences(document))
    chosen = document["recommended"]
    for one in document["levers"]:
        useless = settings.noticed(one) >= settings.noticed(chosen) and float(one["monthly_amount"]) >= float(
            chosen["monthly_amount"]
        )
        assert useless == (f"{one['name']}: " not in said)
