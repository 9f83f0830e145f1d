"""Exact conversions, the one rounding of a line, and decimals written out."""

from __future__ import annotations

from decimal import Decimal, Inexact
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scfcost.core.money import EXACT, gbs, gigabytes, plain, round_amount, round_ratio, share, ten_thousands, tidy
from scfcost.core.units import BYTES_PER_GB, CALLS_PER_10K, MB_MS_PER_GBS

QUANTITIES = st.integers(0, 10**24)
AMOUNTS = st.decimals(0, 10**12, allow_nan=False, places=13)


@given(QUANTITIES)
def test_conversions_lose_no_digit(quantity: int) -> None:
    assert Fraction(gbs(quantity)) == Fraction(quantity, MB_MS_PER_GBS)
    assert Fraction(gigabytes(quantity)) == Fraction(quantity, BYTES_PER_GB)
    assert Fraction(ten_thousands(quantity)) == Fraction(quantity, CALLS_PER_10K)


def test_the_exact_context_refuses_to_lose_a_digit() -> None:
    with pytest.raises(Inexact):
        EXACT.divide(Decimal(1), Decimal(3))


@pytest.mark.parametrize(
    ("amount", "rounded"),
    [("0.004999", "0.00"), ("0.005", "0.01"), ("0.015", "0.02"), ("0.025", "0.03"), ("2.345", "2.35"), ("7", "7.00")],
)
def test_a_line_is_rounded_half_up(amount: str, rounded: str) -> None:
    assert str(round_amount(Decimal(amount))) == rounded


@given(AMOUNTS)
def test_rounding_moves_a_line_by_half_a_hundredth_at_most(amount: Decimal) -> None:
    moved = round_amount(amount) - amount
    assert Decimal("-0.005") < moved <= Decimal("0.005")


@given(QUANTITIES, st.integers(0, 10**12), st.integers(1, 10**12))
def test_a_projection_is_rounded_half_up_to_a_whole_unit(value: int, numerator: int, denominator: int) -> None:
    moved = round_ratio(value, numerator, denominator) - Fraction(value * numerator, denominator)
    assert Fraction(-1, 2) < moved <= Fraction(1, 2)


@given(AMOUNTS, st.integers(0, 50), st.integers(1, 50))
def test_a_share_is_the_nearest_hundredth(amount: Decimal, part: int, whole: int) -> None:
    assert abs(Fraction(share(amount, part, whole)) - Fraction(amount) * part / whole) <= Fraction(1, 200)


def test_a_share_of_nothing_is_nothing() -> None:
    assert str(share(Decimal("5.00"), 0, 0)) == "0.00"


@given(AMOUNTS)
def test_a_tidy_decimal_is_the_same_number_without_exponent_or_trailing_zero(amount: Decimal) -> None:
    written = plain(tidy(amount))
    assert Decimal(written) == amount
    assert "E" not in written
    assert "." not in written or not written.endswith("0")
