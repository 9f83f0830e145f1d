"""The most that a month can cost, by hand."""

from __future__ import annotations

from decimal import Decimal

import pytest

from scfcost.analysis.capacity.capacity import capacity
from scfcost.analysis.capacity.worst import Worst, bounding_quota, worst_case
from scfcost.billing.terms import Pricing
from scfcost.report import capacity as said
from tests.analysis.reconcile.logged import forecast

TERMS = Pricing().terms()


def test_the_quota_busy_all_month_is_the_most_that_the_resource_costs() -> None:
    """128,000 MB ÷ 1,024 × 2,592,000 s = 324,000,000 GBs × 0.00011108 = 35,989.92."""
    assert worst_case(TERMS, 128_000) == Worst(128_000, Decimal("35989.92"))
    assert worst_case(TERMS, None) is None


@pytest.mark.parametrize("amount", ["0", "0.27", "281.17", "1000", "35989.91"])
def test_the_quota_that_bounds_a_month_is_the_largest_that_does(amount: str) -> None:
    most = Decimal(amount)
    quota = bounding_quota(TERMS, most, 128_000)
    assert quota is not None
    (within, beyond) = (worst_case(TERMS, one) for one in (quota, quota + 1))
    assert within is not None and beyond is not None
    assert within.monthly <= most < beyond.monthly


def test_a_fee_beyond_the_amount_is_bounded_by_no_quota() -> None:
    (plan, package), *_ = TERMS.period.plans.items()
    terms = Pricing(plan=plan).terms()
    assert bounding_quota(terms, Decimal(package.fee) - 1, 128_000) is None
    least = worst_case(terms, 0)
    assert least is not None and least.monthly == package.fee


def test_capacity_says_it_and_the_quota_that_bounds_it() -> None:
    found = capacity(forecast((0, 60_000)), most=Decimal(1_000)).to_dict()
    assert found["worst_case"]["bounded_to"] == {"monthly": "1000", "quota_mb": 3_556}
    most, bound = said.worst_case(found)
    assert "at the quota of 128,000 MB costs CNY 35,989.92, before calls and traffic" in most
    assert bound == "a quota of 3,556 MB would bound it to CNY 1,000; this traffic needs 128 MB at its peak"
    (_, bound) = said.worst_case(capacity(forecast((0, 60_000))).to_dict())
    assert bound == "a quota of 256 MB would bound it to CNY 71.98; this traffic needs 128 MB at its peak"
    found["worst_case"] = None
    (unknown,) = said.worst_case(found)
    assert "nothing bounds it but a quota, and none is known" in unknown
