"""A line of the bill three times: forecast, logged and billed, with steps that add up to the difference."""

from __future__ import annotations

from fractions import Fraction

import pytest

from scfcost.analysis.reconcile.activity import forecast_side, logged_side
from scfcost.analysis.reconcile.bill_file import BilledLine, BillFile
from scfcost.analysis.reconcile.lines import Line, compare_lines
from tests.analysis.reconcile.logged import START, forecast, request


def lines(bill: BillFile | None = None, *, duration_ms: int = 10_000_000) -> dict[str, Line]:
    """Compare a connection of 10,000 s with a request of another length."""
    estimate = forecast((0, 10_000_000), exec_timeout_s=20_000, idle_timeout_s=20_000)
    found = forecast_side(estimate, None), logged_side([request(0, duration_ms)], estimate, START + 10**8)
    usages, activities = (found[0].usage, found[1].usage), (found[0].activity, found[1].activity)
    compared = compare_lines(estimate.terms, usages, activities, bill, traffic_known=False)
    return {line.item: line for line in compared}


def bill(item: str, quantity: str | None, price: str | None, amount: str) -> BillFile:
    own = BilledLine(
        *(None if one is None else Fraction(one) for one in (quantity, price)), Fraction(amount)
    )  # fmt: skip
    return BillFile("bill.csv", {item: own})


def test_a_forecast_that_came_true_has_no_steps() -> None:
    (resource,) = [line for item, line in lines().items() if item == "resource"]
    assert [step for step in resource.steps if step[1]] == []
    assert resource.found_amount == resource.forecast_amount


@pytest.mark.parametrize("duration_ms", [1, 9_999_999, 12_345_678])
def test_the_steps_lead_from_the_forecast_to_the_log(duration_ms: int) -> None:
    resource = lines(duration_ms=duration_ms)["resource"]
    assert resource.found_amount is not None
    assert resource.forecast_amount + sum(step for _, step in resource.steps) == resource.found_amount


def test_the_steps_lead_from_the_forecast_to_the_bill() -> None:
    resource = lines(bill("resource", "1000", "0.0001", "0.05"))["resource"]
    assert resource.forecast_amount + sum(step for _, step in resource.steps) == Fraction("0.05")
    assert {cause for cause, step in resource.steps if step} == {"metering", "price", "allowance"}


def test_what_was_not_forecast_is_a_fee() -> None:
    plan = lines(bill("plan", None, None, "9.9"))["plan"]
    assert plan.steps == (("fee", Fraction("9.9")),)
    assert plan.to_dict()["difference"] == "9.90000000"


def test_what_the_trace_does_not_tell_is_no_forecast() -> None:
    assert lines()["egress"].to_dict()["forecast"] is None
