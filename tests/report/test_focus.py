"""Rows of FOCUS: they sum to the bill, cost is quantity × unit price, and their texts are in the allowed form."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scfcost.analysis.estimate.estimate import TraceEstimate, estimate
from scfcost.billing.terms import Terms
from scfcost.billing.tiers import graduated_amount
from scfcost.catalog.load import load_book
from scfcost.catalog.schema import Price, Tier
from scfcost.config.function import FunctionConfig
from scfcost.core.units import MB_MS_PER_GBS
from scfcost.report import focus
from tests import strategies as draw_from
from tests.analysis.sweep.test_sweep import CHAT

MANDATORY = {
    "BilledCost", "EffectiveCost", "ContractedCost", "ListCost", "BillingAccountId", "BillingAccountName",
    "BillingCurrency", "BillingPeriodStart", "BillingPeriodEnd", "ChargePeriodStart", "ChargePeriodEnd",
    "ChargeCategory", "ChargeClass", "ChargeDescription", "InvoiceIssuerName", "PricingQuantity", "PricingUnit",
    "ServiceCategory", "ServiceName",
}  # fmt: skip


def rows_of(found: TraceEstimate, **options: Any) -> list[dict[str, Any]]:
    types = {one: config.function_type for one, config in found.functions.items()}
    return list(focus.rows(found.hourly().to_dict("records"), found.terms, function_types=types, **options))


@pytest.fixture(scope="module")
def found() -> TraceEstimate:
    return estimate(draw_from.build_trace(CHAT), FunctionConfig(memory_mb=256, idle_timeout_s=120))


@given(st.lists(draw_from.sessions(), min_size=1, max_size=3).map(draw_from.build_trace), draw_from.settings())
def test_rows_sum_to_the_bill_and_the_usage(trace: draw_from.Trace, setting: draw_from.Setting) -> None:
    found = estimate(trace, draw_from.build_config(setting))
    rows = rows_of(found)
    off = abs(sum((row["BilledCost"] for row in rows), Decimal(0)) - found.bill.total_exact)
    assert off <= Decimal("5e-19") * len(rows)
    metered = {
        item: sum(r["x_UsageQuantity"] for r in rows if r["x_LineItem"] == item) for item in ("resource", "egress")
    }
    assert metered == {"resource": found.usage["resource_mb_ms"], "egress": found.usage["egress_bytes"]}


def test_every_mandatory_column_is_there(found: TraceEstimate) -> None:
    assert {*MANDATORY, "ProviderName", "PublisherName"} <= set(rows_of(found)[0])
    renamed = set(rows_of(found, version="1.4")[0])
    assert {*MANDATORY, "ServiceProviderName", "HostProviderName"} <= renamed
    assert not {"ProviderName", "PublisherName"} & renamed


def test_other_columns_are_custom_ones_that_mark_an_estimate(found: TraceEstimate) -> None:
    for row in rows_of(found):
        assert row["x_CostBasis"] == "Estimate"
        assert row["ChargeDescription"].startswith("Estimate: ")
        assert row["InvoiceId"] is None


def test_periods_are_hours_and_months_of_the_bills_zone(found: TraceEstimate) -> None:
    row = rows_of(found)[0]
    assert row["ChargePeriodStart"] == datetime(1970, 1, 1, tzinfo=UTC)
    assert row["ChargePeriodEnd"] == datetime(1970, 1, 1, 1, tzinfo=UTC)
    assert row["BillingPeriodStart"] == datetime(1969, 12, 31, 16, tzinfo=UTC)  # 1 January in UTC+8
    assert row["BillingPeriodEnd"] == datetime(1970, 1, 31, 16, tzinfo=UTC)


def test_texts_are_in_the_allowed_form(found: TraceEstimate) -> None:
    for row in rows_of(found):
        for name in focus.DECIMAL_COLUMNS:
            assert re.fullmatch(r"\d+\.\d+", focus.text(row[name])), name
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", focus.text(row["ChargePeriodStart"]))


def hour(mb_ms: int) -> dict[str, Any]:
    nothing = {"invocations": 0, "egress_bytes": 0, "provisioned_idle_mb_ms": 0}
    return {"hour": datetime(2026, 1, 1, tzinfo=UTC), "function": "default", "resource_mb_ms": mb_ms, **nothing}


@given(st.lists(st.integers(1, 30), min_size=1, max_size=4))
def test_each_tier_has_a_row_of_its_own(gbs: list[int]) -> None:
    book = load_book("tencent-scf-cn")
    tiers = tuple(Tier(starts_at=Decimal(start), price=Decimal(price)) for start, price in ((0, 3), (10, 2), (25, 1)))
    price = Price(tiers=tiers, source="a page", checked_on=book.periods[-1].prices["resource"].checked_on)
    terms = Terms(book, book.period().model_copy(update={"prices": {"resource": price}}), book.default_region)
    hours = [hour(one * MB_MS_PER_GBS) for one in gbs]
    rows = list(focus.rows(hours, terms, function_types={"default": "web-ws"}))
    assert all(row["ListCost"] == row["PricingQuantity"] * row["ListUnitPrice"] for row in rows)
    assert sum(row["ListCost"] for row in rows) == graduated_amount(Decimal(sum(gbs)), price)


def test_what_has_no_price_has_no_row(found: TraceEstimate) -> None:
    book = found.terms.book
    unpriced = book.regions[found.terms.region].model_copy(update={"prices": {}})
    terms = Terms(
        book.model_copy(update={"regions": {found.terms.region: unpriced}}), found.terms.period, found.terms.region
    )
    rows = focus.rows(found.hourly().to_dict("records"), terms, function_types={"default": "web-ws"})
    assert {row["x_LineItem"] for row in rows} == {"resource", "invocations"}
