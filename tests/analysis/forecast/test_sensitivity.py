"""Drivers of a month: what each does is known beforehand, and an unmoved month is the estimate."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from scfcost.analysis.estimate.estimate import TraceEstimate, estimate
from scfcost.analysis.forecast.sensitivity import ARRIVALS, LIVES, SIZES, drivers_of, month, sensitivity
from scfcost.config.function import FunctionConfig
from scfcost.core.errors import ConfigError
from scfcost.core.units import MS_PER_HOUR
from tests import strategies as draw_from
from tests.oracles.lifecycle import Session

HALF, ONE, DOUBLE = Fraction(1, 2), Fraction(1), Fraction(2)


def talking(seconds: int = 300) -> TraceEstimate:
    """TraceEstimate 50 sessions that push 1 MB every 10 s and never fall idle."""
    many = []
    for number in range(50):
        start = number * 60_000
        pushes = [(start + 10_000 * k, "down", 1_000_000, "data") for k in range(seconds // 10)]
        many.append(Session(start, start + 1000 * seconds, pushes))
    trace = draw_from.build_trace(many).replace(start_ms=0, end_ms=MS_PER_HOUR)
    return estimate(trace, FunctionConfig(idle_timeout_s=60))


def line(found: TraceEstimate, item: str) -> Decimal:
    assert found.monthly is not None
    return found.monthly.line(item).amount  # type: ignore[union-attr, return-value]


@given(st.data())
def test_a_month_with_nothing_moved_is_the_estimate(data: st.DataObject) -> None:
    setting = data.draw(draw_from.settings())
    many = data.draw(st.lists(draw_from.sessions(setting.idle, setting.execution), min_size=1, max_size=4))
    found = estimate(draw_from.build_trace(many), draw_from.build_config(setting))
    assume(found.monthly is not None)
    assert month(found, {}) == found.monthly.total  # type: ignore[union-attr]
    assert month(found, dict.fromkeys(drivers_of(found), ONE)) == found.monthly.total  # type: ignore[union-attr]


def test_each_driver_moves_the_lines_that_it_feeds() -> None:
    found = talking()
    resource, calls, egress = (line(found, item) for item in ("resource", "invocations", "egress"))
    total = resource + calls + egress
    cent = Decimal("0.02")  # each line is rounded once
    assert abs(month(found, {ARRIVALS: DOUBLE}) - 2 * total) <= cent
    assert abs(month(found, {SIZES: HALF}) - (total - egress / 2)) <= cent
    assert abs(month(found, {LIVES: DOUBLE}) - (total + resource)) <= cent
    assert abs(month(found, {"memory": DOUBLE}) - (total + resource)) <= cent
    assert month(found, {"idle timeout": DOUBLE}) == total


def test_stretched_gaps_meet_the_timeouts() -> None:
    found = talking()
    # Gaps of 10 s become 60 s: the idle timeout of 60 s cuts each session after its first gap.
    assert month(found, {LIVES: Fraction(6)}) < month(found, {})


def test_the_strongest_driver_comes_first() -> None:
    found = sensitivity(talking(), by=Fraction(1, 10))
    swings = [one.swing for one in found.drivers]
    assert swings == sorted(swings, reverse=True)
    assert found.drivers[0].name == ARRIVALS
    assert found.to_dict()["by"] == "0.1"


def test_total_order_indices_share_the_variance_of_an_additive_month() -> None:
    pytest.importorskip("SALib")
    found = sensitivity(talking(), total_order=32, seed=1)
    indices = {one.name: one.total_order for one in found.drivers}
    assert all(index is not None and 0 <= index <= 1.1 for index in indices.values())
    assert indices["idle timeout"] == 0
    assert max(indices, key=lambda name: indices[name] or 0) == ARRIVALS
    assert 0.9 < sum(index or 0 for index in indices.values()) < 1.2
    assert found == sensitivity(talking(), total_order=32, seed=1)


def test_drivers_without_meaning_are_left_out() -> None:
    trace = talking().trace
    quiet = drivers_of(estimate(trace, FunctionConfig(function_type="event")))
    assert not {"idle timeout", "heartbeat", "reconnect delay"} & set(quiet)
    busy = drivers_of(estimate(trace, FunctionConfig(reconnect="immediate", heartbeat_s=20)))
    assert {"idle timeout", "heartbeat", "reconnect delay"} <= set(busy)


def test_a_trace_without_messages_is_stretched_too() -> None:
    trace = draw_from.build_trace([Session(0, 10_000), Session(5_000, 90_000)])
    found = estimate(trace, FunctionConfig(idle_timeout_s=600))
    assert found.monthly is not None
    assert month(found, {LIVES: HALF}) < month(found, {}) == found.monthly.total


def test_what_cannot_be_moved_is_refused() -> None:
    with pytest.raises(ConfigError, match="there is no month"):
        sensitivity(estimate(draw_from.build_trace([Session(5, 5)])))
    with pytest.raises(ConfigError, match="not between 0 and 1"):
        sensitivity(talking(), by=ONE)
    with pytest.raises(ConfigError, match="not a power of 2"):
        sensitivity(talking(), total_order=12)
