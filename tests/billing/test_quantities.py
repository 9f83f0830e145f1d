"""Published examples of every platform, priced from their quantities, and the rules of stated quantities."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scfcost.billing.meters import Usage
from scfcost.billing.pricing import price as price_usage
from scfcost.billing.quantities import price
from scfcost.billing.terms import Pricing
from scfcost.catalog.load import book_names, load_book
from scfcost.core.errors import CatalogError
from scfcost.core.money import round_amount
from scfcost.core.units import BYTES_PER_GB, MB_MS_PER_GBS

EXAMPLES = tomllib.loads((Path(__file__).parents[1] / "golden" / "platforms.toml").read_text(encoding="utf-8"))[
    "examples"
]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example["name"])
def test_published_examples_are_reproduced_to_the_publishers_rounding(example: dict[str, Any]) -> None:
    quantities = {name: Decimal(value) for name, value in example["quantities"].items()}
    names = {name: example[name] for name in ("region", "plan", "round_up") if name in example}
    bill = price(quantities, Pricing(example["catalog"], **names)).bills[0]
    exact = {line.item: line.amount_exact for line in bill.lines}
    places = example.get("places", 2)
    for item, amount in example["lines"].items():
        assert str(round_amount(exact[item] or Decimal(0), places)) == amount
    for item, amount in example.get("exact", {}).items():
        assert exact[item] == Decimal(amount)
    if "total" in example:
        assert str(bill.total) == example["total"]


COUNTS = st.integers(0, 10**12)


@given(COUNTS, COUNTS, COUNTS, st.sampled_from(load_book().period().plan_names()))
def test_stated_quantities_cost_what_the_same_usage_costs(gbs: int, calls: int, gb: int, plan: str) -> None:
    stated = price({"resource": Decimal(gbs), "invocations": Decimal(calls), "egress": Decimal(gb)}, Pricing(plan=plan))
    size = gb * BYTES_PER_GB
    usage = Usage(resource_mb_ms=gbs * MB_MS_PER_GBS, web_calls=calls, egress_bytes=size, response_bytes=size)
    assert stated.bills[0] == price_usage(usage, Pricing(plan=plan).terms(), with_plan=True)


def test_all_plans_are_priced_the_cheapest_first() -> None:
    found = price({"resource": Decimal(1250), "invocations": Decimal(30_000)}, Pricing(plan="all"))
    assert {bill.plan for bill in found.bills} == set(load_book().period().plan_names())
    assert [bill.total for bill in found.bills] == sorted(bill.total for bill in found.bills)


def test_a_book_that_is_sold_with_a_fee_alone_has_no_plan_without() -> None:
    found = price({"requests": Decimal(1)}, Pricing("cloudflare-do", plan="all"))
    assert [(bill.plan, str(bill.total)) for bill in found.bills] == [("paid", "5.00")]


def test_an_unknown_price_leaves_the_known_part_and_says_so() -> None:
    found = price({"egress": Decimal(2)}, Pricing("tencent-scf-intl", "ap-tokyo"))
    assert (found.bills[0].unknown, str(found.bills[0].total)) == (["egress"], "0.00")
    assert found.to_dict()["plans"][0]["complete"] is False


def test_a_stated_price_of_traffic_takes_the_place_of_an_unknown_one() -> None:
    pricing = Pricing("tencent-scf-intl", "ap-tokyo", traffic_price=Decimal("0.12"))
    bill = price({"egress": Decimal("299.75")}, pricing).bills[0]
    assert (bill.unknown, str(bill.total)) == ([], "35.97")


def test_event_calls_are_on_their_own_counter() -> None:
    used, trial = {"invocations": Decimal(1_500_000)}, Pricing(plan="trial")
    lines = [price(used, trial, function_type=one).bills[0].line("invocations") for one in ("event", "web-ws")]
    assert [str(line.free) for line in lines if line is not None] == ["100", "100"]
    both = price({"web_calls": Decimal(900_000), "event_calls": Decimal(900_000)}, trial).bills[0]
    assert str(both.line("invocations").free) == "180"  # type: ignore[union-attr]


@pytest.mark.parametrize(("name", "message"), [("gbs", "no meter 'gbs'"), ("cu", "no meter 'cu'; choose one of")])
def test_a_meter_that_a_book_does_not_have_is_named_with_those_it_has(name: str, message: str) -> None:
    catalog = "alibaba-fc" if name == "cu" else "aws-lambda"
    with pytest.raises(CatalogError, match=message):
        price({name: Decimal(1)}, Pricing(catalog))


@pytest.mark.parametrize("name", book_names())
def test_every_meter_of_every_book_can_be_stated(name: str) -> None:
    terms = Pricing(name).terms()
    for meter in terms.meters:
        if meter.of is None:
            assert price({meter.name: Decimal(7)}, Pricing(name)).bills[0].total >= 0
