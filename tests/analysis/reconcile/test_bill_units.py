"""The units of a bill are held against what the log counts."""

from __future__ import annotations

from fractions import Fraction

import pytest

from scfcost.analysis.reconcile.bill_file import BilledLine, BillFile
from scfcost.analysis.reconcile.bill_units import in_units_of_the_log
from scfcost.billing.meters import Usage

LOGGED = Usage(web_calls=3_700, resource_mb_ms=1_000 * 1_024 * 1_000, billed_ms=8_000_000)
"""3,700 calls and 1,000 GBs, which are 8,000 s of 128 MB."""


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
    assert in_units_of_the_log(bill("provisioned_idle", "50"), LOGGED)[1] == []
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


@pytest.mark.parametrize(
    ("item", "quantity", "unit", "right"),
    [
        ("resource", "8000", "seconds", "1000"), ("resource", "8000000", "milliseconds", "1000"),
        ("resource", "1024000", "MB·s", "1000"), ("resource", "1024000000", "MB·ms", "1000"),
        ("resource", "1000000", "GB·ms", "1000"), ("resource", "1", "thousands of GBs", "1000"),
        ("resource", "0.1", "tens of thousands of GBs", "1000"), ("invocations", "3.7", "thousands of calls", "0.37"),
        ("invocations", "3700", "calls", "0.37"), ("egress", "2048", "MB", "2"), ("egress", "2147483648", "bytes", "2"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("has_unit", [False, True])
def test_a_quantity_that_is_off_by_a_unit_is_taken_in_it_or_named(
    item: str, quantity: str, unit: str, right: str, *, has_unit: bool
) -> None:
    checked, (said,) = in_units_of_the_log(bill(item, quantity, unit=has_unit), LOGGED, 2 * 1_024**3)
    assert checked.lines[item].quantity == Fraction(quantity if has_unit else right)
    assert (
        f"as if they were {unit}: is the unit right?" if has_unit else f"are taken as {unit}, which"
    ) in said.message


def test_seconds_of_more_memory_are_told_from_gbs_that_are_twice_as_many() -> None:
    usage = Usage(resource_mb_ms=1_000 * 1_024 * 1_000, billed_ms=2_000_000)  # 2,000 s of 512 MB
    assert in_units_of_the_log(bill("resource", "2000"), usage)[0].lines["resource"].quantity == 1_000
    assert in_units_of_the_log(bill("resource", "1900"), usage)[1] == []


@pytest.mark.parametrize(("usage", "quantity"), [(LOGGED, Fraction(1_000)), (Usage(), None)])
def test_a_time_is_taken_at_the_memory_of_the_log(usage: Usage, quantity: Fraction | None) -> None:
    line = BilledLine(Fraction(8_000), None, Fraction("0.11"), in_seconds=True)
    checked, (said,) = in_units_of_the_log(BillFile("bill.csv", {"resource": line}), usage)
    assert (checked.lines["resource"].quantity, checked.lines["resource"].in_seconds) == (quantity, False)
    assert ("at 128 MB, the memory in the log" if quantity else "the log does not tell") in said.message
