"""Golden invoices and the rules of a bill."""

from __future__ import annotations

import tomllib
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scfcost.billing.metering import round_up
from scfcost.billing.meters import Usage, meter
from scfcost.billing.pricing import charged, cheapest_plans, price
from scfcost.billing.quantities import price as price_quantities
from scfcost.billing.terms import Pricing, Terms
from scfcost.billing.tiers import graduated_amount
from scfcost.catalog.load import load_book
from scfcost.catalog.schema import Allowance, Price
from scfcost.core.errors import CatalogError
from scfcost.core.units import BYTES_PER_GB, MB_MS_PER_GBS

INVOICES = tomllib.loads((Path(__file__).parents[1] / "golden" / "invoices.toml").read_text())["invoices"]
AMOUNTS = st.integers(0, 10**16)


def terms(plan: str = "payg", on: date | None = None, catalog: str = "tencent-scf-cn", **others: Any) -> Terms:
    book = load_book(catalog)
    return Terms(book, book.period(on), others.pop("region", "ap-guangzhou"), plan, **others)


def usage_of(invoice: dict[str, Any]) -> Usage:
    granularity = invoice.get("granularity_ms", 1)
    lives = [count * int(round_up(np.int64(ms), granularity)) for ms, count in invoice.get("durations_ms", [])]
    resource = int(Decimal(invoice.get("gbs", 0)) * MB_MS_PER_GBS) + sum(lives) * invoice.get("memory_mb", 0)
    web, event = invoice.get("web_calls", 0), invoice.get("event_calls", 0)
    return Usage(
        invocations=web + event,
        resource_mb_ms=resource,
        egress_bytes=invoice.get("egress_gb", 0) * BYTES_PER_GB,
        web_calls=web,
        event_calls=event,
        provisioned_idle_mb_ms=int(Decimal(invoice.get("idle_gbs", 0)) * MB_MS_PER_GBS),
    )


@pytest.mark.parametrize("invoice", INVOICES, ids=lambda invoice: invoice["name"])
def test_golden_invoices(invoice: dict[str, Any]) -> None:
    under = terms(invoice.get("plan", "payg"), invoice.get("pricing_date"), invoice.get("catalog", "tencent-scf-cn"))
    bill = price(usage_of(invoice), under, with_plan=True)
    lines = {line["item"]: line for line in bill.to_dict()["lines"]}
    for item in ("resource", "invocations", "egress", "provisioned_idle"):
        if item in invoice:
            assert lines[item]["amount"] == invoice[item]
        if f"{item}_exact" in invoice:
            assert Decimal(lines[item]["amount_exact"]) == Decimal(invoice[f"{item}_exact"])
    if "resource_gbs" in invoice:
        assert lines["resource"]["quantity"] == invoice["resource_gbs"]
    if "total" in invoice:
        assert str(bill.total) == invoice["total"]
    assert bill.total == sum(Decimal(line["amount"]) for line in lines.values())


@given(starts=st.lists(st.integers(1, 50), unique=True, max_size=3).map(sorted), quantity=st.integers(0, 80))
def test_graduated_tiers_are_half_open_and_sum_unit_by_unit(starts: list[int], quantity: int) -> None:
    bounds = [0, *starts]
    tiers = tuple({"starts_at": str(start), "price": f"0.{k + 1}"} for k, start in enumerate(bounds))
    rate = Price.model_validate({"tiers": tiers, "source": "x", "checked_on": "2026-01-01"})
    by_unit = sum(Decimal(f"0.{sum(unit >= start for start in bounds)}") for unit in range(quantity))
    assert graduated_amount(Decimal(quantity), rate) == by_unit


@given(AMOUNTS, AMOUNTS, AMOUNTS, AMOUNTS, st.sampled_from(load_book().period().plan_names()))
def test_a_bill_is_the_sum_of_its_rounded_lines(gbs: int, web: int, event: int, size: int, plan: str) -> None:
    usage = Usage(resource_mb_ms=gbs, egress_bytes=size, web_calls=web, event_calls=event, response_bytes=size)
    bill = price(usage, terms(plan), with_plan=True)
    assert bill.total == sum(line.amount for line in bill.lines if line.amount is not None)
    assert all(line.free <= line.quantity for line in bill.lines)
    assert abs(bill.total - bill.total_exact) <= Decimal("0.005") * len(bill.lines)
    egress = bill.line("egress")
    assert egress is not None and egress.free == 0  # response traffic is never covered


@given(AMOUNTS, AMOUNTS)
def test_more_usage_never_costs_less(first: int, second: int) -> None:
    low, high = sorted((first, second))
    bills = [
        price(Usage(resource_mb_ms=n, web_calls=n, egress_bytes=n), terms("team"), with_plan=True) for n in (low, high)
    ]
    assert bills[0].total <= bills[1].total


def test_outbound_traffic_is_covered_where_the_rule_says_so() -> None:
    usage = Usage(egress_bytes=BYTES_PER_GB, response_bytes=BYTES_PER_GB)
    covered = price(usage, terms("trial", traffic_rule="outbound"), with_plan=True).line("egress")
    charged = price(usage, terms("trial"), with_plan=True).line("egress")
    assert covered is not None and str(covered.amount) == "0.00"
    assert charged is not None and str(charged.amount) == "0.80"


def test_each_counter_of_calls_has_its_own_allowance() -> None:
    lines = price(Usage(web_calls=1_500_000, event_calls=400_000), terms("trial"), with_plan=True).line("invocations")
    assert lines is not None
    assert (str(lines.quantity), str(lines.free), str(lines.amount)) == ("190", "140", "0.67")


@given(st.lists(st.tuples(*[st.integers(0, 12)] * 3), max_size=3), st.integers(0, 30), st.integers(0, 30))
def test_calls_are_deducted_grant_by_grant_and_own_counters_first(
    grants: list[tuple[int, int, int]], web: int, event: int
) -> None:
    waiting = {"web_calls": web, "event_calls": event}
    for own_web, own_event, shared in grants:  # one call at a time
        for counter, left in (("web_calls", own_web), ("event_calls", own_event)):
            waiting[counter] -= min(left, waiting[counter])
        for _ in range(shared):
            counter = "web_calls" if waiting["web_calls"] else "event_calls"
            waiting[counter] -= 1 if waiting[counter] else 0
    read = {"source": "x", "checked_on": "2026-01-01"}
    counters = [dict(zip(("web_calls", "event_calls", "calls"), map(str, grant), strict=True)) for grant in grants]
    allowances = [("one", Allowance.model_validate({**read, "free": counter})) for counter in counters]
    used = Usage(web_calls=web, event_calls=event)
    assert charged(meter("invocations"), used, allowances, terms()) == sum(waiting.values())


def test_the_recorded_bill_knows_no_plan_and_the_month_pays_its_fee_once() -> None:
    usage = Usage(resource_mb_ms=MB_MS_PER_GBS)
    assert [line.item for line in price(usage, terms("team"), with_plan=False).lines] == [
        "resource",
        "invocations",
        "egress",
    ]
    month = price(usage, terms("team"), with_plan=True)
    assert (month.lines[-1].item, str(month.total)) == ("plan", "699.88")


def test_an_unknown_price_is_unknown_and_never_nothing() -> None:
    bill = price(Usage(egress_bytes=5), terms(catalog="tencent-scf-intl", region="ap-tokyo"), with_plan=False)
    assert bill.unknown == ["egress"]
    assert bill.to_dict()["lines"][2]["amount"] is None


def test_the_cheapest_plan_comes_first() -> None:
    usage = Usage(resource_mb_ms=900_000 * MB_MS_PER_GBS)
    assert [bill.plan for bill in cheapest_plans(usage, terms())][:2] == ["personal-advanced", "personal-standard"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"region": "ap-guangzou"}, "did you mean 'ap-guangzhou'"),
        ({"plan": "teem"}, "did you mean 'team'"),
        ({"plan": "free"}, "not in the period 'current' of tencent-scf-cn, only in until-2021-10, from-2021-11"),
        (
            {"plan": "team", "on": date(2022, 6, 1)},
            "not in the period 'from-2022-06' of tencent-scf-cn, only in current",
        ),
        ({"traffic_rule": "free"}, "choose one of: response, outbound"),
        ({"on": date(2001, 1, 1)}, "knows no prices of 2001-01-01"),
        ({"catalog": "tencent"}, "is not known"),
    ],
)
def test_what_is_not_in_a_book_is_named_with_its_nearest(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(CatalogError, match=message):
        terms(**changes)


@pytest.mark.parametrize(("region", "plan", "total"), [
    ("us-central1", "free", "0.00"), ("us-central1", "free-usage", "0.00"),
    ("europe-west3", "free", "2.09"), ("europe-west3", "free-usage", "0.00"),
])  # fmt: skip
def test_a_free_tier_in_money_is_worth_less_where_prices_are_higher(region: str, plan: str, total: str) -> None:
    """180,000 vCPU-s and 360,000 GiB-s: at tier 2 they cost 6.048 + 1.26, of which 4.32 + 0.90 are taken off: 2.09."""
    quantities = {"cpu": Decimal(180_000), "memory": Decimal(360_000), "requests": Decimal(2_000_000)}
    bill = price_quantities(quantities, Pricing("google-cloud-run", region=region, plan=plan)).bills[0]
    assert str(bill.total) == total
    alone = price_quantities({"requests": Decimal(3_000_000)}, Pricing("google-cloud-run", plan=plan)).bills[0]
    assert str(alone.total) == "0.40"
