"""Pricing by names, and the terms and limits that they stand for."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from datetime import date

import pytest

from scfcost.billing.terms import Pricing
from scfcost.core.errors import CatalogError, ConfigError
from scfcost.lifecycle.environment import Platform


def test_the_defaults_are_the_newest_period_and_the_default_region_of_the_default_book() -> None:
    terms = Pricing().terms()
    assert (terms.book.name, terms.period.name, terms.region) == ("tencent-scf-cn", "current", "ap-guangzhou")
    assert (terms.plan, terms.traffic_rule) == ("payg", "response")


def test_limits_that_are_not_given_are_those_of_plan_and_region() -> None:
    pricing = Pricing(plan="team", burst_per_minute=7, on_quota="refuse", seed=3)
    assert pricing.platform(pricing.terms()) == Platform(1, "Asia/Shanghai", 512_000, 7, refuses=True, seed=3)


def test_a_day_chooses_the_period() -> None:
    assert Pricing(plan="free", pricing_date=date(2022, 1, 1)).terms().period.name == "from-2021-11"


@pytest.mark.parametrize(
    "names", [{"region": "ap-nowhere"}, {"plan": "gold"}, {"catalog": "tencent"}, {"traffic_rule": "both"}]
)
def test_a_name_that_is_not_known_is_refused(names: dict[str, str]) -> None:
    with pytest.raises(CatalogError, match=next(iter(names.values()))):
        Pricing(**names).terms()


def test_an_unknown_rule_beyond_the_quota_is_refused_at_once() -> None:
    with pytest.raises(ConfigError, match="on_quota: 'refusd' is not known"):
        Pricing(on_quota="refusd")


def test_a_pricing_stays_as_it_is() -> None:
    with pytest.raises(FrozenInstanceError):
        Pricing().plan = "team"  # type: ignore[misc]
