"""The units of a bill are held against what the log counts."""

from __future__ import annotations

from fractions import Fraction

import pytest

from scfcost.analysis.reconcile.bill_file import BilledLine, BillFile
from scfcost.analysis.reconcile.bill_units import in_units_of_the_log
from scfcost.billing.meters import Usage

LOGGED = Usage(web_calls=3_700, resource_mb_ms=1_000 * 1_024 * 1_000)
"""3,700 calls and 1,000 GBs."""


def bill(item: str, quantity: str, price: str | None = None, amount: str = "0.01", *, unit: bool = False) -> BillFile:
    price_of = None if price is None else Fraction(price)
    return BillFile("bill.csv", {item: BilledLine(Fraction(quantity), price_of, Fraction(amount), unit)})


def test_calls_without_a_unit_are_not_ten_thousand_times_as_many() -> None:
    checked, (said,) = in_units_of_the_log(bill("invocations", "3707", "0.0133"), LOGGED)
    assert checked.lines["invocations"].quantity == Fraction(3_707, 10_000)
    assert checked.lines["invocations"].price == Fraction("0.0133")
    assert (
        said.message == "bill.csv: invocations: 3,707 without a unit are taken as calls, which is what the log counts"
    )


@pytest.mark.parametrize(("item", "quantity"), [("invocations", "0.3707"), ("resource", "1010"), ("resource", "700")])
def test_what_fits_stays_as_it_is(item: str, quantity: str) -> None:
    found = bill(item, quantity)
    assert in_units_of_the_log(found, LOGGED) == (found, [])


def test_what_fits_no_unit_stays_as_it_is() -> None:
    assert in_units_of_the_log(bill("invocations", "50"), LOGGED)[1] == []
    assert in_units_of_the_log(bill("egress", "50"), LOGGED)[1] == []
    assert in_units_of_the_log(bill("invocations", "50"), Usage())[1] == []


def test_a_unit_that_is_off_by_its_factor_is_named() -> None:
    found = bill("invocations", "3707", unit=True)
    checked, (said,) = in_units_of_the_log(found, LOGGED)
    assert checked == found
    assert "3,707 × 10,000 calls are 10,019 times what the log counts, as if they were calls" in said.message


def test_a_price_of_the_smaller_unit_is_brought_along() -> None:
    checked, _ = in_units_of_the_log(bill("resource", "1024000", "0.0000001", "0.1024"), LOGGED)
    line = checked.lines["resource"]
    assert (line.quantity, line.price) == (Fraction(1_000), Fraction("0.0001024"))
