"""The figures of the books in the package against what the vendor's pages print."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from scfcost.billing.meters import Usage, check_book
from scfcost.billing.pricing import price
from scfcost.billing.terms import Terms
from scfcost.catalog.load import check_file, load_book
from scfcost.catalog.schema import Plan
from scfcost.core.errors import CatalogError
from scfcost.core.files import packaged_text
from scfcost.core.units import BYTES_PER_GB, MB_MS_PER_GBS

PAYG_EQUIVALENTS = {
    "personal-advanced": "115.34",
    "team": "1153.40",
    "enterprise-standard": "11534.00",
    "enterprise-value": "34602.00",
    "enterprise-advanced": "115340.00",
    "enterprise-success": "1153400.00",
}
"""Pay-as-you-go price of what each package holds, document/product/583/71468 of 2025-07-14; that of personal-standard
is the old fee of the basic package there, and no sum of unit prices. [CNY]"""
MAINLAND = ("ap-guangzhou", "ap-shanghai", "ap-beijing", "ap-chengdu", "ap-shenzhen-fsi", "ap-shanghai-fsi")


def contents(plan: Plan) -> Usage:
    return Usage(
        resource_mb_ms=int(plan.free["resource"]) * MB_MS_PER_GBS,
        web_calls=int(plan.free["web_calls"]),
        event_calls=int(plan.free["event_calls"]),
        egress_bytes=int(plan.free["egress"]) * BYTES_PER_GB,
    )


@pytest.mark.parametrize(("plan", "equivalent"), PAYG_EQUIVALENTS.items())
def test_unit_prices_reproduce_the_published_price_of_each_package(plan: str, equivalent: str) -> None:
    book = load_book()
    bill = price(contents(book.period().plans[plan]), Terms(book, book.period(), "ap-guangzhou"), with_plan=False)
    assert str(bill.total) == equivalent


@pytest.mark.parametrize("name", ["tencent-scf-cn", "tencent-scf-intl"])
def test_what_a_package_holds_costs_its_fee_and_no_more(name: str) -> None:
    book = load_book(name)
    for one in book.period().plans:
        terms = Terms(book, book.period(), "ap-guangzhou", one)
        assert price(contents(book.period().plans[one]), terms, with_plan=True).total == book.period().plans[one].fee


def test_the_packages_stand_in_both_books_with_the_same_contents() -> None:
    mainland, international = (load_book(name).period().plans for name in ("tencent-scf-cn", "tencent-scf-intl"))
    for one, plan in mainland.items():
        other = international[one]
        assert contents(plan) == contents(other)
        assert (plan.quota_mb, plan.burst_per_minute) == (other.quota_mb, other.burst_per_minute)


@pytest.mark.parametrize(
    ("region", "amount"),
    [
        *((region, "0.80") for region in MAINLAND),
        *((f"ap-{city}", "0.80") for city in ("singapore", "jakarta", "seoul", "tokyo")),
        *((f"eu-{city}", "0.80") for city in ("frankfurt", "moscow")),
        ("ap-hongkong", "1.00"),
        ("ap-mumbai", "0.58"),
        *((region, "0.50") for region in ("ap-bangkok", "na-siliconvalley", "na-ashburn", "na-toronto")),
    ],
)
def test_traffic_has_the_price_of_its_region(region: str, amount: str) -> None:
    egress = load_book().regions[region].prices["egress"]
    assert egress is not None and egress.price == Decimal(amount)


def test_the_international_book_knows_traffic_on_the_mainland_only() -> None:
    known = {name for name, region in load_book("tencent-scf-intl").regions.items() if "egress" in region.prices}
    assert known == set(MAINLAND)


@pytest.mark.parametrize(
    ("sound", "faulty", "told"),
    [
        ('price = "0.40"', 'price = "abc"', "periods[0].prices.requests.price: 'abc' is not a decimal number"),
        ('off.cpu = "4.32"', 'off.cpuu = "4.32"', "periods[0].free.off.cpuu: is no meter; did you mean 'cpu'?"),
        ("[lifecycle]", '[lifecycle]\nbehind = ["aws-lambd"]', "lifecycle.behind: 'aws-lambd' is no price book"),
        ('weight = "1/1000"', 'weight = "1/0"', "meters.cpu.measured[0].weight: '1/0' is no number or ratio"),
    ],
)
def test_a_mistake_in_a_platform_of_ones_own_is_one_message(sound: str, faulty: str, told: str, tmp_path: Path) -> None:
    text = packaged_text("scfcost.catalog", "data/google-cloud-run.toml")
    mine = tmp_path / "mine.toml"
    mine.write_text(text.replace(sound, faulty, 1), encoding="utf-8")
    with pytest.raises(CatalogError) as found:
        check_book(check_file(mine), "mine.toml")
    assert told in str(found.value)
    assert len(str(found.value).splitlines()) == 1
