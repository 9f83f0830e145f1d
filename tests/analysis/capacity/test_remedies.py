"""What carries traffic that the settings do not."""

from __future__ import annotations

from fractions import Fraction

from scfcost.analysis.capacity.load import Traffic
from scfcost.analysis.capacity.remedies import Remedy, remedies
from scfcost.analysis.estimate.estimate import estimate
from scfcost.billing.terms import Pricing
from scfcost.config.function import FunctionConfig
from tests.oracles.lifecycle import Session
from tests.strategies import build_trace


def remedied(quota_mb: int, max_refused: Fraction = Fraction(0)) -> dict[str, Remedy]:
    """Return the remedies for ten connections at once, by their beginnings."""
    trace = build_trace([Session(second * 1_000, 60_000, []) for second in range(10)])
    config = FunctionConfig(idle_timeout_s=600, memory_mb=128)
    found = estimate(trace, config, pricing=Pricing(quota_mb=quota_mb))
    traffic = Traffic(found, 1, 0)
    return {one.change: one for one in remedies(traffic, traffic.now(), max_refused)}


def test_the_least_quota_that_carries_all_is_asked_for() -> None:
    asked = remedied(quota_mb=512)["ask for a quota of 1,280 MB"]
    assert asked.carries
    assert asked.refused == {"432": 0, "429": 0}


def test_a_smaller_quota_does_where_some_may_be_refused() -> None:
    changes = remedied(512, Fraction(2, 10))
    assert changes["ask for a quota of 1,024 MB"].refused["432"] == 2


def test_sharing_instances_carries_what_needs_fewer_of_them() -> None:
    changes = remedied(quota_mb=256)
    verdicts = {text.split(" ")[0]: one.carries for text, one in changes.items() if "--max-concurrency" in text}
    assert verdicts["2"] is False
    assert verdicts["5"] is True
    assert changes["less memory, if it suffices (--memory 64)"].peak_memory_mb == 640
