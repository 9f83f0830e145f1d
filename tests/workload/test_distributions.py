"""Distributions: what is stated is what is drawn."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from scfcost.workload.distributions import read_distribution
from scfcost.workload.families import FAMILIES
from scfcost.workload.quantities import read_bytes, read_duration_ms, read_number, written_duration

DRAWS = 20_000
SHAPED = [name for name, one in FAMILIES.items() if one.shape]


def read(**said: Any) -> Any:
    return read_distribution(said, read_number)


@pytest.mark.parametrize(
    ("text", "value"),
    [("90s", 90_000), ("1h30m", 5_400_000), (" 2 d ", 172_800_000), (0.25, 250), ("7", 7_000), ("1.5min", 90_000)],
)
def test_times_are_read_as_people_write_them(text: object, value: float) -> None:
    assert read_duration_ms(text) == value


@pytest.mark.parametrize("text", ["", "five", "-3", "3 parsecs", True, "1h 30x", "1e3", None])
def test_what_is_no_time_is_said(text: object) -> None:
    with pytest.raises(ValueError, match="is not a time such as"):
        read_duration_ms(text)


@given(st.floats(1, 1e10))
def test_a_written_time_is_read_back_to_three_digits(duration_ms: float) -> None:
    assert read_duration_ms(written_duration(duration_ms)) == pytest.approx(duration_ms, rel=0.006)


def test_sizes_know_their_units() -> None:
    assert [read_bytes(one) for one in ("3 kB", "3 KiB", "1MiB", 12)] == [3_000, 3_072, 1_048_576, 12]


@pytest.mark.parametrize("family", SHAPED)
@pytest.mark.parametrize("spread", [2.0, 6.0])
def test_two_percentiles_decide_a_family(family: str, spread: float) -> None:
    made = read(family=family, median=10, p90=10 * spread)
    assert made.quantiles(np.array([0.5, 0.9])) == pytest.approx([10, 10 * spread], rel=1e-6)


@given(family=st.sampled_from(SHAPED), mean=st.floats(0.1, 1e6), shape=st.floats(1.1, 8))
def test_a_mean_and_a_shape_decide_a_family(family: str, mean: float, shape: float) -> None:
    made = read(family=family, **{"mean": mean, FAMILIES[family].shape or "": shape})
    assert (made.mean(), made.shape) == (pytest.approx(mean), shape)


def test_the_usual_parameters_of_a_lognormal_are_taken() -> None:
    made = read(family="lognormal", mu=2.0, sigma=0.5)
    assert made.mean() == pytest.approx(float(stats.lognorm(0.5, scale=np.exp(2.0)).mean()))


@pytest.mark.parametrize(
    "said",
    [
        {"family": "exponential", "mean": 7},
        {"family": "lognormal", "median": 3, "p95": 30},
        {"family": "weibull", "scale": 5, "shape": 0.7},
        {"family": "gamma", "mean": 4, "shape": 2.5},
        {"family": "pareto", "scale": 2, "shape": 2.5},
    ],
)
def test_draws_follow_the_stated_distribution(said: dict[str, Any]) -> None:
    made = read(**said)
    reference = getattr(stats, FAMILIES[said["family"]].scipy_name)
    shape = () if FAMILIES[said["family"]].shape is None else (made.shape,)
    drawn = made.draw(np.random.default_rng(1), DRAWS)
    assert stats.kstest(drawn, reference(*shape, scale=made.scale).cdf).pvalue > 0.01


def test_a_mixture_takes_each_part_by_its_share() -> None:
    made = read(
        family="mixture",
        parts=[{"share": 3, "family": "constant", "value": 1}, {"share": 1, "family": "constant", "value": 5}],
    )
    drawn = made.draw(np.random.default_rng(2), DRAWS)
    assert made.mean() == 2
    assert (drawn == 5).mean() == pytest.approx(0.25, abs=0.012)  # four standard errors
    assert made.quantiles(np.array([0.5, 0.9])).tolist() == [1, 5]


def test_what_was_seen_is_drawn_between_its_quantiles() -> None:
    made = read(family="empirical", quantiles=[0, 10, 40])
    drawn = made.draw(np.random.default_rng(3), DRAWS)
    assert made.mean() == 15
    assert (drawn < 10).mean() == pytest.approx(0.5, abs=0.015)
    assert drawn.max() <= 40


def test_bounds_hold_for_draws_and_mean() -> None:
    made = read(family="exponential", mean=10, at_least=5, at_most=20)
    drawn = made.draw(np.random.default_rng(4), DRAWS)
    assert (drawn.min(), drawn.max()) == (5, 20)
    exact = 5 + 10 * (np.exp(-0.5) - np.exp(-2))  # 5 + ∫ from 5 to 20 of P(X > x) dx
    assert made.mean() == pytest.approx(exact, rel=1e-3)


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"family": "lognorm", "median": 1}, "family 'lognorm' is not known; did you mean 'lognormal'"),
        ({"family": "lognormal", "median": 1}, "needs median and p90, or mean and sigma; found median"),
        ({"family": "exponential", "mean": 1, "median": 2}, "exponential needs mean; found mean, median"),
        ({"family": "exponential", "mean": 0}, "mean: 0 is not more than 0"),
        ({"family": "gamma", "mean": 1, "shap": 2}, "unknown key 'shap' of gamma; did you mean 'shape'"),
        ({"family": "weibull", "mean": 1, "shape": "wide"}, "shape: 'wide' is not a number above 0"),
        ({"family": "lognormal", "median": 9, "p90": 3}, "no lognormal has this median and this p90"),
        ({"family": "pareto", "mean": 4, "shape": 0.8}, "a pareto of shape 0.8 has no finite mean"),
        ({"family": "uniform", "low": 4, "high": 2}, "low is more than high"),
        ({"family": "uniform", "low": 4}, "uniform needs low and high; found low"),
        ({"family": "empirical", "quantiles": [3, 1]}, "expected an ascending list"),
        ({"family": "mixture", "parts": []}, "expected a list of distributions, each with a share"),
        ({"family": "mixture", "parts": [{"share": -1, "family": "constant", "value": 1}]}, "a share is a number of 0"),
        ({"family": "constant", "value": 3, "at_least": 4, "at_most": 1}, "at_least is more than at_most"),
        ({"mean": 3}, "a table needs a family; choose one of: exponential"),
    ],
)
def test_what_is_no_distribution_is_said(said: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read(**said)
