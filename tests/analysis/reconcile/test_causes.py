"""Why a bill differs from its forecast: the steps add up, and each names its own cause."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from scfcost.analysis.reconcile.causes import MEMORY, Activity, priced, resource_stages
from scfcost.billing.tiers import graduated_fraction
from scfcost.catalog.load import load_book
from scfcost.catalog.schema import Price
from scfcost.core.money import round_fraction, round_parts

OUTCOMES = ("200", "433", "455")
RESOURCE = load_book("tencent-scf-cn").periods[-1].prices["resource"]
FORECAST = Activity({"200": 10, "455": 30}, {"200": 10_000, "455": 60_000}, 70_000, 70_000 * 128)

counts = st.dictionaries(st.sampled_from(OUTCOMES), st.integers(0, 3) | st.integers(0, 10**6), max_size=3)


@st.composite
def activities(draw: st.DrawFn) -> Activity:
    calls = draw(counts)
    lasted = {one: draw(st.integers(0, 10**12)) if count else 0 for one, count in calls.items()}
    busy = draw(st.integers(0, sum(lasted.values())))
    return Activity(calls, lasted, busy, busy * draw(st.integers(64, 3072)))


def added(forecast: Activity, found: Activity) -> dict[str, Fraction]:
    """What each cause adds to the resource usage, those that add nothing left out. [MB·ms]"""
    quantities = [Fraction(forecast.resource_mb_ms), *(value for _, value in resource_stages(forecast, found))]
    causes = [cause for cause, _ in resource_stages(forecast, found)]
    steps = zip(causes, quantities[:-1], quantities[1:], strict=True)
    return {cause: after - before for cause, before, after in steps if after != before}


@given(activities(), activities())
def test_the_stages_end_at_what_was_found(forecast: Activity, found: Activity) -> None:
    cause, last = resource_stages(forecast, found)[-1]
    assert last == found.resource_mb_ms
    assert cause == MEMORY or not forecast.busy_ms


@given(activities(), activities())
def test_the_steps_add_up_to_the_whole_difference(forecast: Activity, found: Activity) -> None:
    start = Fraction(forecast.resource_mb_ms, 1_024_000)
    stages = [(cause, value / 1_024_000) for cause, value in resource_stages(forecast, found)]
    whole = graduated_fraction(Fraction(found.resource_mb_ms, 1_024_000), RESOURCE) - graduated_fraction(
        start, RESOURCE
    )
    assert sum(amount for _, amount in priced(stages, start, RESOURCE)) == whole


@given(activities())
def test_a_forecast_that_came_true_has_no_cause(forecast: Activity) -> None:
    assert added(forecast, forecast) == {}


def test_each_change_alone_names_its_own_cause() -> None:
    calls, lasted = FORECAST.calls, FORECAST.connection_ms
    twice = {one: 2 * count for one, count in calls.items()}
    longer = {one: 2 * total for one, total in lasted.items()}
    resource = FORECAST.resource_mb_ms
    assert added(FORECAST, Activity(twice, longer, 140_000, 2 * resource)) == {"traffic": resource}
    assert added(FORECAST, Activity(calls, longer, 140_000, 2 * resource)) == {"durations": resource}
    assert added(FORECAST, Activity(calls, lasted, 70_000, 2 * resource)) == {"memory": resource}
    assert added(FORECAST, Activity(calls, lasted, 35_000, resource // 2)) == {"sharing": -resource // 2}
    other = Activity({"200": 30, "455": 10}, {"200": 30_000, "455": 20_000}, 50_000, 50_000 * 128)
    assert added(FORECAST, other) == {"outcomes": -20_000 * 128}


def test_an_outcome_that_was_not_forecast_counts_as_durations() -> None:
    found = Activity({"433": 40}, {"433": 40 * 2_000}, 80_000, 80_000 * 128)
    assert added(FORECAST, found) == {"durations": 10_000 * 128}


def test_tiers_are_charged_each_at_its_own_price() -> None:
    tiers = [{"starts_at": "0", "price": "2"}, {"starts_at": "10", "price": "1"}]
    rate = Price.model_validate({"tiers": tiers, "source": "by hand", "checked_on": "2026-11-23", "confidence": "high"})
    assert [graduated_fraction(Fraction(quantity), rate) for quantity in (0, 10, 11)] == [0, 20, 21]
    assert graduated_fraction(Fraction(21, 2), rate) == Fraction(41, 2)


@given(st.lists(st.fractions(-100, 100), max_size=8), st.integers(0, 8))
def test_rounded_parts_add_up_to_the_rounded_sum(parts: list[Fraction], places: int) -> None:
    assert sum(round_parts(parts, places)) == round_fraction(sum(parts, Fraction(0)), places)
