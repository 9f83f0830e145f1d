"""Published examples of every platform, priced from their quantities, and the rules of stated quantities."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from importlib import import_module
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

GOLDEN = tomllib.loads((Path(__file__).parents[1] / "golden" / "platforms.toml").read_text(encoding="utf-8"))
EXAMPLES = GOLDEN["examples"]
PUBLISHED = {
    *("apigw-ws-chat-1000", "apigw-ws-33kb", "apigw-ws-quiz-400", "appsync-fanout-54b", "iot-connection-year"),
    *("lambda-mobile-backend", "lambda-provisioned-launch", "lambda-golden-tiers-x86", "lambda-golden-small"),
    *("ec2-egress-golden", "alb-golden", "do-ex1", "do-ex2-chat-standard-ws", "do-ex4-hibernation", "do-ratio-20"),
    *("workers-ex1", "workers-ex3-cron", "cloudrun-golden-request-tier2", "azure-wps-unit-day", "azure-wps-messages"),
    *("azure-signalr-golden", "azure-functions-golden", "azure-functions-bucket", "huawei-scenario1-2024"),
    *("huawei-rounding", "alibaba-concurrency", "scf-gbs-1760ms", "cvm-redis-linear", "fly-256mb-month"),
}
"""Worked examples that were published."""


def test_every_published_example_is_held_to_with_its_source() -> None:
    rows = [*EXAMPLES, *GOLDEN["metered"]]
    assert {row["name"].partition(",")[0] for row in rows} >= PUBLISHED
    assert len(PUBLISHED) == 29
    assert all(row["source"] and row["by_hand"] and row["kind"] in ("official", "golden", "analysis") for row in rows)


@pytest.mark.parametrize("metered", GOLDEN["metered"], ids=lambda metered: metered["name"])
def test_an_example_of_a_quantity_names_the_test_that_meters_it(metered: dict[str, str]) -> None:
    module, _, name = metered["test"].partition(":")
    assert callable(getattr(import_module(module), name))
    assert metered["catalog"] in book_names()


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
    for item, quantity in example.get("used", {}).items():
        used = {line.item: line.quantity for line in bill.lines}[item]
        assert str(round_amount(used, 2)) == quantity
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
