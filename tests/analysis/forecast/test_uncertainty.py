"""How sure a month is: known truths are covered as often as the interval says, and every replicate is exact."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from importlib.resources import files

import jsonschema
import numpy as np
import pytest

from scfcost.analysis.estimate.estimate import TraceEstimate, estimate
from scfcost.analysis.forecast.bootstrap import draw_days, draw_sessions
from scfcost.analysis.forecast.uncertainty import (
    Uncertainty,
    _expanded,
    bootstrap,
    bootstrap_setting,
    replicate,
    uncertainty,
)
from scfcost.billing.terms import Pricing
from scfcost.config.function import FunctionConfig
from scfcost.core.errors import ConfigError
from scfcost.core.units import MS_PER_DAY, MS_PER_HOUR
from scfcost.trace.model import Trace
from scfcost.workload.generate import plan, simulate
from tests.oracles.lifecycle import Session
from tests.strategies import build_trace
from tests.workload.scenarios import TALK, scenario

MEAN_LIFE_MS = 60_000
SCHEMA = json.loads((files("scfcost.report") / "estimate.schema.json").read_text())


def poisson_trace(rng: np.random.Generator, sessions: float, window_ms: int, day_shape: float = 0.0) -> Trace:
    """Make Poisson arrivals of exponential lives, busy throughout; each day's rate varies by a gamma factor."""
    days = max(window_ms // MS_PER_DAY, 1)
    span = window_ms // days
    rates = rng.gamma(1 / day_shape, day_shape, days) if day_shape else np.ones(days)
    counts = rng.poisson(sessions * rates / days)
    starts = np.sort(np.concatenate([rng.integers(0, span, n) + span * day for day, n in enumerate(counts)]))
    lives = rng.exponential(MEAN_LIFE_MS, len(starts)).astype(int)
    many = [Session(int(s), int(s + life), [(int(s), "up", 0, "data")]) for s, life in zip(starts, lives, strict=True)]
    return build_trace(many).replace(start_ms=0, end_ms=window_ms)


def priced(trace: Trace, **settings: object) -> TraceEstimate:
    config = FunctionConfig(idle_timeout_s=3600, exec_timeout_s=3600, memory_mb=1024, **settings)  # type: ignore[arg-type]
    return estimate(trace, config)


def true_month(sessions: float, window_ms: int) -> float:
    """Return the expected month: sessions × (mean life × GB × price + price of a call)."""
    each = MEAN_LIFE_MS / 1000 * 0.00011108 + 0.0133 / 10_000
    return sessions * each * 30 * MS_PER_DAY / window_ms


@pytest.mark.parametrize(("days", "day_shape"), [(1, 0.0), (14, 0.2)])
def test_the_interval_covers_the_truth_as_often_as_it_says(days: int, day_shape: float) -> None:
    inside = {80: 0, 95: 0}
    for seed in range(200):
        trace = poisson_trace(np.random.default_rng(seed), 200, days * MS_PER_DAY, day_shape)
        found = bootstrap(priced(trace), seed=seed)
        assert found is not None
        for level in inside:
            low, high = found.interval(level)
            inside[level] += float(low) <= true_month(200, days * MS_PER_DAY) <= float(high)
    # Three standard deviations of 200 trials: 8.5 points at 80 %, 4.6 at 95 %.
    assert abs(inside[80] / 200 - 0.80) < 0.085
    assert abs(inside[95] / 200 - 0.95) < 0.046


def test_sessions_that_all_come_the_same_make_days_agree() -> None:
    many = [Session(day * MS_PER_DAY + 5, day * MS_PER_DAY + 1005, [(day * MS_PER_DAY + 5, "up", 1, "data")])
            for day in range(10)]  # fmt: skip
    found = bootstrap(priced(build_trace(many).replace(start_ms=0, end_ms=10 * MS_PER_DAY)))
    assert found is not None
    assert (found.method, found.units) == ("days", 10)
    assert set(found.months) == {found.point}


def test_days_drawn_once_each_are_the_usage_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    trace = poisson_trace(np.random.default_rng(3), 2000, 8 * MS_PER_DAY + MS_PER_HOUR)
    found = priced(trace, max_concurrency=5, reconnect="immediate")

    class Each:
        def multinomial(self, days: int, _: object, size: int) -> np.ndarray:
            return np.ones((size, days), dtype=np.int64)

    ((sums,),) = draw_days(found, 8, 1, Each())  # type: ignore[arg-type]
    usage = found.usage
    assert sums == [usage["invocations"], usage["connection_ms"], usage["billed_ms"], usage["egress_bytes"]]


@pytest.mark.parametrize("held", [1, 4])
def test_sessions_drawn_once_each_are_the_usage_itself(held: int) -> None:
    found = priced(poisson_trace(np.random.default_rng(3), 300, MS_PER_HOUR), max_concurrency=held)

    class Once:
        def poisson(self, _: float, count: int) -> np.ndarray:
            return np.ones(count, dtype=np.int64)

        def integers(self, _: int, __: int, shape: tuple[int, int]) -> np.ndarray:
            return np.zeros(shape, dtype=np.int64)

    ((sums,),) = draw_sessions(found, 1, Once())  # type: ignore[arg-type]
    usage = found.usage
    assert sums == [usage["invocations"], usage["connection_ms"], usage["billed_ms"], usage["egress_bytes"]]


def test_the_normal_limit_agrees_with_drawing_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    found = priced(poisson_trace(np.random.default_rng(1), 3000, MS_PER_HOUR))
    exact = bootstrap(found, replications=2000)
    monkeypatch.setattr("scfcost.analysis.forecast.bootstrap.DRAWN_ONE_BY_ONE", 10)
    limit = bootstrap(found, replications=2000)
    assert exact is not None and limit is not None
    spread = [float(one.interval(80)[1] - one.interval(80)[0]) for one in (exact, limit)]
    assert spread[1] == pytest.approx(spread[0], rel=0.08)


def test_shared_instances_are_packed_anew() -> None:
    found = bootstrap(priced(poisson_trace(np.random.default_rng(1), 400, MS_PER_HOUR), max_concurrency=10))
    assert found is not None
    low, high = found.interval(95)
    assert low < found.point < high
    assert "placed anew on shared instances" in found.notes[1]


def test_the_same_seed_gives_the_same_interval() -> None:
    found = priced(poisson_trace(np.random.default_rng(1), 100, MS_PER_HOUR))
    one, same, other = (bootstrap(found, seed=seed) for seed in (4, 4, 5))
    assert one == same != other


@pytest.mark.parametrize("policy", ["none", "on-demand", "immediate"])
@pytest.mark.parametrize(("held", "days", "one_by_one"), [(1, 1, 20_000), (1, 1, 10), (1, 8, 20_000), (3, 1, 20_000)])
def test_a_setting_has_the_interval_of_its_estimate(
    policy: str, held: int, days: int, one_by_one: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scfcost.analysis.forecast.bootstrap.DRAWN_ONE_BY_ONE", one_by_one)
    rng = np.random.default_rng(5)
    starts = np.sort(rng.integers(0, days * MS_PER_DAY, 40)).tolist()
    sessions = [
        Session(at, at + life, [(at + life // 3, "up", 5, "data"), (at + life // 2, "down", 900, "data")])
        for at, life in zip(starts, rng.integers(1_000, 600_000, 40).tolist(), strict=True)
    ]
    trace = build_trace(sessions)
    codes = (np.arange(trace.connections) % 2).astype(np.int16)
    trace = trace.replace(functions=("a", "b"), function_code=codes)
    config, pricing = FunctionConfig(reconnect=policy, max_concurrency=held), Pricing(plan="team")
    expected = bootstrap(estimate(trace, config, pricing=pricing), replications=40, seed=3)
    assert bootstrap_setting(trace, config, pricing, replications=40, seed=3) == expected
    assert expected is not None


def test_a_plan_bounds_the_interval_from_below() -> None:
    trace = poisson_trace(np.random.default_rng(1), 100, MS_PER_HOUR)
    found = bootstrap(estimate(trace, pricing=Pricing(plan="team")))
    assert found is not None
    assert set(found.months) == {Decimal("699.88")}


def test_a_short_trace_says_what_it_cannot_tell() -> None:
    day, week = (bootstrap(priced(poisson_trace(np.random.default_rng(1), 100, span * MS_PER_DAY // 2)))
                 for span in (1, 5))  # fmt: skip
    assert day is not None and week is not None
    assert "shorter than a day" in day.notes[0]
    assert "shorter than a week" in week.notes[0]


def test_a_handful_of_sessions_gives_no_interval() -> None:
    assert bootstrap(priced(build_trace([Session(0, 10), Session(5, 20)]))) is None
    with pytest.raises(ConfigError, match="39 are too few for an interval"):
        bootstrap(priced(build_trace([Session(0, 10)])), replications=39)


def test_the_document_is_the_schemas() -> None:
    found = priced(poisson_trace(np.random.default_rng(1), 100, MS_PER_HOUR))
    sure = bootstrap(found)
    assert sure is not None
    jsonschema.validate({**found.to_dict(), "uncertainty": sure.to_dict()}, SCHEMA)


def test_runs_of_a_scenario_fall_where_another_run_does() -> None:
    made = plan(scenario(arrivals={"per_hour": 300}), days=0.5)
    point = estimate(simulate(made, 9))
    found = replicate(point, made, replications=100, seed=2)
    again = replicate(point, made, replications=100, seed=2)
    assert found is not None
    assert found == again
    assert (found.method, found.units) == ("scenario", 100)


def test_the_interval_of_a_scenario_holds_the_truth_as_often_as_it_says() -> None:
    """Nothing is cut, so the month of a run is 300 an hour × 5 minutes of 128 MB all month, on average."""
    made = plan(scenario(arrivals={"per_hour": 300}, streams=[{**TALK, "share": 0.01}]), days=0.5)
    config = FunctionConfig(idle_timeout_s=100_000, exec_timeout_s=100_000)
    truth = Decimal(25 * 30 * 86_400) / 8 * Decimal("0.00011108") + Decimal(300 * 720) / 10_000 * Decimal("0.0133")
    first = estimate(simulate(made, 9), config)
    found = replicate(first, made, replications=200, seed=2)
    assert found is not None
    held = 0
    for n in range(200):
        month = estimate(simulate(made, np.random.SeedSequence([7, n])), config).monthly
        assert month is not None
        low, high = replace(found, point=month.total).interval(80)
        held += low <= truth <= high
    assert 0.72 <= held / 200 <= 0.88


def test_each_run_is_what_an_estimate_of_it_says() -> None:
    made = plan(scenario(), days=1)
    config = FunctionConfig(idle_timeout_s=30, reconnect="on-demand", memory_mb=4_096)
    point = estimate(simulate(made, 1), config)
    found = replicate(point, made, replications=40, seed=3)
    children = np.random.SeedSequence(3).spawn(40)
    runs = [estimate(simulate(made, child), config).monthly.total for child in children]  # type: ignore[union-attr]
    assert found is not None
    assert found.months == tuple(sorted(runs))


def test_a_scenario_is_simulated_as_often_as_its_size_allows() -> None:
    small, large = plan(scenario(), days=1), plan(scenario(arrivals={"per_hour": 9_000}), days=7)
    point = estimate(simulate(small, 1))
    runs, drawn = uncertainty(point, small), uncertainty(point, large)
    assert runs is not None
    assert drawn is not None
    assert (runs.method, len(runs.months), drawn.method) == ("scenario", 200, "sessions")
    told = uncertainty(point, small, replications=50)
    assert told is not None
    assert len(told.months) == 50
    traced = uncertainty(point)
    assert traced is not None
    assert traced.method == "sessions"


def test_tails_follow_students_t() -> None:
    # t(6) has 2.5 % beyond 2.4469; the expanded tail is that of the normal at 2.4469 × √(7/6).
    assert _expanded(0.025, 7) == pytest.approx(0.00411, rel=0.06)
    assert _expanded(0.1, 10**9) == pytest.approx(0.1, rel=1e-6)


def test_an_interval_of_many_months_leaves_out_the_tails() -> None:
    months = tuple(Decimal(n) for n in range(1000))
    found = Uncertainty("CNY", Decimal(500), "scenario", 1000, 0, months)
    assert found.interval(80) == (Decimal("100.5"), Decimal("899.5"))
    assert found.interval(95) == (Decimal("25.5"), Decimal("974.5"))
