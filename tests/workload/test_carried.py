"""A scenario in its steady state: from its first instant on as many are there as at any other."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from scfcost.core.errors import ConfigError
from scfcost.core.units import MS_PER_DAY, MS_PER_HOUR
from scfcost.trace.model import Trace
from scfcost.workload.carried import week_of
from scfcost.workload.distributions import read_distribution, rest_of
from scfcost.workload.generate import generate, plan
from scfcost.workload.quantities import read_duration_ms
from scfcost.workload.schema import Scenario
from scfcost.workload.size import scale_to_users
from tests.workload.scenarios import TALK, scenario

RARELY = {**TALK, "share": 0.001}
LENGTHS: dict[str, Any] = {
    "exponential": {"family": "exponential", "mean": "10h"},
    "lognormal": {"family": "lognormal", "median": "5h", "p90": "20h"},
    "weibull": {"family": "weibull", "mean": "10h", "shape": 0.6},
    "gamma": {"family": "gamma", "mean": "10h", "shape": 0.5},
    "pareto": {"family": "pareto", "mean": "10h", "shape": 2.5},
    "uniform": {"family": "uniform", "low": "1h", "high": "19h"},
    "constant": "30d",
    "mixture": {"family": "mixture", "parts": [{"share": 0.9, "family": "exponential", "mean": "1h"},
                                              {"share": 0.1, "family": "constant", "value": "3d"}]},
    "bounded": {"family": "pareto", "shape": 0.8, "median": "1h", "at_least": "50m", "at_most": "2d"},
}  # fmt: skip
START_MS = scenario().start_ms()


def open_at(trace: Trace, since_ms: int) -> int:
    """Count who is there at a moment."""
    at_ms = trace.start_ms + since_ms
    return int(((trace.connect_ms <= at_ms) & (trace.natural_end_ms() > at_ms)).sum())


def silent(**tables: Any) -> Scenario:
    return scenario(streams=[RARELY], **tables)


@pytest.mark.parametrize("family", LENGTHS)
def test_what_is_left_of_a_length_has_the_mean_of_the_residual(family: str) -> None:
    """The mean of x² over twice the mean of x, from quantiles of what is drawn plainly."""
    length = read_distribution(LENGTHS[family], read_duration_ms)
    grid = length.quantiles((np.arange(400_000) + 0.5) / 400_000)
    expected = float((grid**2).mean() / grid.mean() / 2)
    found = rest_of(length, np.random.default_rng(1), 200_000)
    assert found.mean() == pytest.approx(expected, rel=0.15 if family == "pareto" else 0.03)
    assert (found >= 0).all()


@pytest.mark.parametrize("family", LENGTHS)
def test_the_first_instant_has_as_many_as_littles_law_says(family: str) -> None:
    mean_h = read_distribution(LENGTHS[family], read_duration_ms).mean() / MS_PER_HOUR
    expected = 2_000.0
    made = silent(arrivals={"per_hour": expected / mean_h}, session={"length": LENGTHS[family]})
    trace = generate(made, days=0.5, seed=3)
    for since_ms in (0, 1, MS_PER_DAY // 2 - 1):
        assert open_at(trace, since_ms) == pytest.approx(expected, abs=5 * math.sqrt(expected))
    assert plan(made).size.concurrent == pytest.approx(expected, rel=0.001)


def test_a_closed_population_is_there_for_its_share_from_the_first_instant_on() -> None:
    arrivals = {"users": 3_000, "away": {"family": "lognormal", "median": "1h", "p90": "20h"}}
    made = silent(arrivals=arrivals, session={"length": LENGTHS["lognormal"]})
    length, away = made.session.length.mean(), made.arrivals.away.mean()  # type: ignore[union-attr]
    expected = 3_000 * length / (length + away)
    trace = generate(made, days=1, seed=4)
    for since_ms in (0, MS_PER_HOUR, MS_PER_DAY - 1):
        assert open_at(trace, since_ms) == pytest.approx(expected, abs=5 * math.sqrt(expected))


def test_devices_that_stay_for_a_month_are_there_all_the_time() -> None:
    trace = generate(silent(arrivals={"users": 100, "away": "20s"}, session={"length": "30d"}), days=1, seed=0)
    lived = float((trace.natural_end_ms() - trace.connect_ms).sum()) / trace.window_ms
    assert lived == pytest.approx(100, rel=0.001)


def test_who_came_in_a_busy_hour_is_still_there_in_the_quiet_one() -> None:
    """Everyone comes evenly from 20:00 to 24:00 and stays for 4 hours: at midnight all are there, at 4:00 nobody."""
    hours = [0.0] * 20 + [1.0] * 4
    made = silent(arrivals={"per_hour": 100, "hour_of_day": hours}, session={"length": "4h"})
    trace = generate(made, days=1, seed=5)
    assert open_at(trace, 0) == pytest.approx(2_400, abs=250)
    assert open_at(trace, 2 * MS_PER_HOUR) == pytest.approx(1_200, abs=175)
    assert open_at(trace, 4 * MS_PER_HOUR + 1) == 0
    assert week_of(made.arrivals).mean() == pytest.approx(1)


def test_a_crowd_of_the_evening_before_is_still_there() -> None:
    crowd = {"at": "22:00", "sessions": 500, "over": "10m"}
    made = silent(arrivals={"per_hour": 0.001, "flash_crowds": [crowd]}, session={"length": "3h"})
    trace = generate(made, days=1, seed=6)
    assert open_at(trace, 0) == pytest.approx(500, abs=112)
    assert open_at(trace, 2 * MS_PER_HOUR) == 0


def test_exactly_so_many_are_always_there() -> None:
    made = scenario(arrivals={"always": 7}, session={}, streams=[{**TALK, "gap": "60s"}])
    trace = generate(made, days=2, seed=7)
    assert (trace.connections, int(trace.still_open().sum())) == (7, 7)
    assert (trace.connect_ms == trace.start_ms).all()
    first = trace.message_ms[trace.offsets[:-1]] - trace.start_ms
    assert len(set(first.tolist())) > 1  # each is met somewhere between two messages
    assert trace.messages == pytest.approx(7 * 2 * 1_440, abs=7)


def test_exactly_so_many_come_on_every_working_day() -> None:
    daily = {"daily": 1_000, "at": "08:00", "over": "30m", "working_days": 5}
    trace = generate(silent(arrivals=daily, session={"length": "12h"}), days=7, seed=8)
    since = trace.connect_ms - trace.start_ms
    assert np.bincount(since // MS_PER_DAY, minlength=7).tolist() == [1_000] * 5 + [0, 0]
    of_the_day = since % MS_PER_DAY - 8 * MS_PER_HOUR
    assert of_the_day.min() >= 0 and of_the_day.max() < MS_PER_HOUR // 2
    assert not trace.still_open().any()
    assert trace.provenance.warnings == ()


def test_the_night_shift_of_the_day_before_is_still_there() -> None:
    daily = {"daily": 30, "at": "22:00", "working_days": ["Sun", "mon"]}
    trace = generate(silent(arrivals=daily, session={"length": "8h"}), days=1, seed=9)  # it starts on a Monday
    assert open_at(trace, 0) == open_at(trace, 6 * MS_PER_HOUR - 1) == 30
    assert (open_at(trace, 6 * MS_PER_HOUR), trace.connections) == (0, 60)


@pytest.mark.parametrize("arrivals", [{"per_hour": 600}, {"users": 50, "away": "1h"}, {"daily": 9, "at": "23:00"}])
def test_a_cold_start_is_empty_and_says_so(arrivals: dict[str, Any]) -> None:
    trace = generate(silent(arrivals=arrivals, session={"length": "5h"}), days=2, seed=10, cold=True)
    assert open_at(trace, 0) == 0
    assert [one.code for one in trace.provenance.warnings] == ["cold_scenario"]


def test_who_is_carried_in_is_said() -> None:
    (said,) = generate(scenario(), days=1, seed=11).provenance.warnings
    assert said.code == "carried_in"
    assert "under way when the scenario begins" in said.message


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        ({"arrivals": {"always": 5}}, "leave out session.length"),
        ({"session": {}}, "give session.length"),
        ({"arrivals": {"always": 5, "daily": 4}, "session": {}}, "give one of"),
        ({"arrivals": {"per_hour": 5, "at": "08:00"}}, "at: only `daily` sessions"),
        ({"arrivals": {"daily": 5, "hour_of_day": [1] * 24}}, "hour_of_day: exactly so many come, with `daily`"),
        ({"arrivals": {"daily": 5, "working_days": ["funday"]}}, "expected weekdays"),
        ({"arrivals": {"daily": 5, "working_days": 8}}, "expected weekdays"),
        ({"arrivals": {"daily": 5, "over": "2d"}}, "come within a day"),
        ({"arrivals": {"daily": 2.5}}, "daily"),
    ],
)
def test_what_makes_no_sense_is_refused(tables: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        scenario(**tables)


def test_users_of_every_day_are_scaled_as_users_are() -> None:
    made = silent(arrivals={"daily": 10}, session={"length": "1h"})
    assert scale_to_users(made, 25) == 2.5
    assert generate(made, days=1, seed=12, scale=2.5).connections == 25
    with pytest.raises(ConfigError, match="nothing to estimate"):
        plan(made, days=0.001, scale=0.01)
