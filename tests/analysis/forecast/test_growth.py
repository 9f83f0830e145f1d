"""Months ahead: each is the estimate of the traffic at its size."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from scfcost.analysis.estimate.estimate import estimate
from scfcost.analysis.forecast.growth import growth, read_growth
from scfcost.core.errors import ConfigError
from scfcost.workload.generate import plan, scaled_plan, simulate
from tests.workload.scenarios import scenario


def test_each_month_is_the_estimate_of_the_grown_scenario() -> None:
    made = plan(scenario(), days=2, scale=3)
    found = growth(estimate(simulate(made, 1)), Fraction(1, 5), lambda factor: simulate(scaled_plan(made, factor), 1))
    assert found is not None
    expected = [
        (ahead, estimate(simulate(plan(scenario(), days=2, scale=3 * 1.2**ahead), 1)).monthly.total)  # type: ignore[union-attr]
        for ahead in (3, 6, 12)
    ]
    assert list(found.months) == expected
    assert found.to_dict()["per_month"] == "0.2"
    assert found.months[2][1] > 5 * expected[0][1] / Decimal("1.728")


@pytest.mark.parametrize(
    ("text", "rate"), [("5%/month", Fraction(1, 20)), (" -10 % ", Fraction(-1, 10)), ("+0.5 / month", Fraction(1, 2))]
)
def test_a_rate_is_read_as_people_write_it(text: str, rate: Fraction) -> None:
    assert read_growth(text) == rate


@pytest.mark.parametrize("text", ["lots", "5%/year", "-100%", "1100%", ""])
def test_what_is_no_rate_is_said(text: str) -> None:
    with pytest.raises(ConfigError, match="is not a growth a month, such as 5%/month"):
        read_growth(text)
