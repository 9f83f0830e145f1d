"""Fitting: what values were drawn from is found again, and a fitted scenario stands for its trace."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from scfcost.analysis.forecast.fit import fit_scenario
from scfcost.billing.terms import Pricing
from scfcost.config.function import FunctionConfig
from scfcost.core.errors import TraceError
from scfcost.trace.read import read_trace
from scfcost.workload.families import FAMILIES, standard
from scfcost.workload.fitting import MOST_KS, fit
from scfcost.workload.generate import generate
from scfcost.workload.observed import observe
from scfcost.workload.schema import parse_scenario
from tests.oracles.lifecycle import Session
from tests.strategies import build_trace
from tests.workload.scenarios import TALK, scenario

TERMS = Pricing().terms()
SAMPLE = Path(__file__).parents[2] / "data" / "sample_traces" / "chat_room.parquet"


@pytest.mark.parametrize(
    ("family", "shape"), [("exponential", 1.0), ("lognormal", 1.4), ("weibull", 0.6), ("gamma", 3.0), ("pareto", 1.5)]
)
def test_the_family_that_values_were_drawn_from_is_found(family: str, shape: float) -> None:
    drawn = FAMILIES[family].draw(np.random.default_rng(1), shape, 3_000) * 40_000
    found = fit(drawn.astype(np.int64))
    assert found.best is not None
    if family == "exponential":  # the others hold it as a member, and cost a parameter
        assert found.best.aic <= min(one.aic for one in found.candidates if one.family == "exponential")
        assert found.best.ks < 0.02
        return
    assert found.best.family == family
    assert (found.best.shape, found.best.scale) == (pytest.approx(shape, rel=0.06), pytest.approx(40_000, rel=0.08))


def test_values_cut_short_are_taken_as_longer_not_as_they_are() -> None:
    rng = np.random.default_rng(2)
    whole, cut = rng.exponential(60_000, 3_000), rng.exponential(60_000, 3_000)
    found = fit(np.minimum(whole, cut).astype(np.int64), whole > cut)
    exponential = next(one for one in found.candidates if one.family == "exponential")
    assert exponential.scale == pytest.approx(60_000, rel=0.08)
    weibull = next(one for one in found.candidates if one.family == "weibull")
    assert (weibull.shape, weibull.scale) == (pytest.approx(1, rel=0.05), pytest.approx(60_000, rel=0.08))


def test_what_no_family_fits_is_kept_as_it_was_seen() -> None:
    two = np.concatenate((np.full(500, 1_000), np.full(500, 90_000))) + np.arange(1_000) % 7
    found = fit(two)
    assert found.best is None
    assert found.candidates[0].ks > MOST_KS
    assert found.quantiles[0] == 1_000
    assert found.quantiles[9] < 1_010 < 90_000 <= found.quantiles[11]


def test_few_or_equal_values_are_kept_as_they_were_seen() -> None:
    assert fit(np.full(1_000, 5)).candidates == ()
    assert fit(np.arange(19)).candidates == ()
    assert fit(np.full(1_000, 5)).quantiles == (5,) * 21


def test_the_distance_is_that_of_kolmogorov_and_smirnov() -> None:
    drawn = (np.random.default_rng(3).lognormal(8, 1, 400)).astype(np.int64)
    for one in fit(drawn).candidates:
        law = standard(one.family, one.shape)
        expected = stats.kstest((drawn + 0.5) / one.scale, law.cdf).statistic
        assert one.ks == pytest.approx(expected, abs=1e-9)


def test_a_fitted_scenario_stands_for_a_generated_trace() -> None:
    gap = {"family": "lognormal", "median": "12s", "p90": "90s"}
    made = scenario(
        arrivals={"per_hour": 120},
        session={"length": {"family": "weibull", "mean": "20m", "shape": 0.7}, "lost": "5%"},
        streams=[{**TALK, "gap": gap}],
        heartbeat={"every": "25s"},
    )
    found = fit_scenario(generate(made, days=7, seed=4), "again", FunctionConfig(), TERMS)
    assert found.miss < 0.05
    assert found.observed.fits["session.length"].best.family == "weibull"  # type: ignore[union-attr]
    assert found.observed.fits["up.gap"].best.family == "lognormal"  # type: ignore[union-attr]
    assert found.scenario.heartbeat is not None
    assert found.scenario.heartbeat.every == 25_000
    assert float(found.scenario.session.lost) == pytest.approx(0.05, abs=0.012)


def test_a_fitted_scenario_stands_for_a_real_chat_room() -> None:
    trace = read_trace(SAMPLE)
    found = fit_scenario(trace, "chat", FunctionConfig(), TERMS)
    assert found.miss < 0.2
    again = parse_scenario(found.to_toml(), "again.toml")
    assert again == found.scenario
    assert "within 1" in found.to_toml().splitlines()[0]


def test_hours_and_days_keep_their_places() -> None:
    hours = [0.0] * 9 + [1.0] * 3 + [0.0] * 12
    made = scenario(arrivals={"per_hour": 100, "hour_of_day": hours, "day_of_week": [1, 1, 1, 1, 1, 0, 0]})
    found = observe(generate(made, days=14, seed=5), "again", time_zone="UTC")
    table = found.tables["arrivals"]
    assert [hour for hour, weight in enumerate(table["hour_of_day"]) if weight > 0] == [9, 10, 11]
    assert [day for day, weight in enumerate(table["day_of_week"]) if weight > 0] == [0, 1, 2, 3, 4]
    assert found.tables["start"].weekday() == 0


def test_a_trace_that_tells_too_little_is_refused() -> None:
    with pytest.raises(TraceError, match="the trace has no messages"):
        observe(build_trace([Session(0, 10)] * 40), "x")
    with pytest.raises(TraceError, match="1 sessions in 10 ms are too few"):
        observe(build_trace([Session(0, 10, [(3, "up", 1, "data")])]), "x")
