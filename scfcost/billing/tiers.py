"""Graduated tiers: where a quantity is split over them, once for all that is priced."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from math import lcm
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from scfcost.catalog.schema import Price, Tier
from scfcost.core.money import EXACT, ZERO, tidy

Number = TypeVar("Number", Decimal, Fraction)


def split(low: Number, high: Number, rate: Price) -> Iterator[tuple[Number, Number, Decimal]]:
    """Split the units from one quantity up to another over the tiers of a price.

    Tiers are half-open: a quantity that ends on a tier's start lies below it.

    Parameters
    ----------
    low, high : Decimal or Fraction
        Units before and after, both in the number that is calculated in. [1]
    rate : Price
        Tiers that ascend from 0.

    Yields
    ------
    tuple
        Where the part in a tier begins, where it ends, and the price of a unit there; parts without units are left out.
    """
    tiers: tuple[Tier, ...] = rate.graduated()
    for tier, following in zip(tiers, (*tiers[1:], None), strict=True):
        start = max(low, _like(high, tier.starts_at))
        end = high if following is None else min(high, _like(high, following.starts_at))
        if end > start:
            yield start, end, tier.price


def _like(one: Number, value: Decimal) -> Number:
    return type(one)(value)


def graduated_amount(quantity: Decimal, rate: Price) -> Decimal:
    """Charge a quantity through graduated tiers, exactly. [currency]

    Parameters
    ----------
    quantity : Decimal
        Quantity, 0 or more. [metered units]
    rate : Price
        The graduated tiers of the price, with what they are priced by.
    """
    total = ZERO
    for start, end, price in split(ZERO, quantity, rate):
        total = EXACT.add(total, EXACT.multiply(EXACT.subtract(end, start), price))
    return tidy(total)


def graduated_fraction(quantity: Fraction, rate: Price) -> Fraction:
    """Charge a quantity that need not be a finite decimal through graduated tiers. [currency]

    Parameters
    ----------
    quantity : Fraction
        Quantity, 0 or more. [metered units]
    rate : Price
        The graduated tiers of the price, with what they are priced by.
    """
    parts = split(Fraction(0), quantity, rate)
    return sum(((end - start) * Fraction(price) for start, end, price in parts), Fraction(0))


class IntegerTiers:
    """The tiers of one line in whole numbers, for many bills: the same cents as `graduated_amount`, rounded half-up."""

    def __init__(self, units_per_price: int, free_units: Fraction, rate: Price | None) -> None:
        tiers = rate.graduated() if rate is not None else ()  # an unknown price is left out of a total
        starts = [Fraction(tier.starts_at) * units_per_price for tier in tiers]
        prices = [100 * Fraction(tier.price) / units_per_price for tier in tiers]
        rises = [price - before for price, before in zip(prices, [Fraction(0), *prices], strict=False)]
        parts = lcm(*(units.denominator for units in (free_units, *starts)))
        scale = lcm(*(price.denominator for price in prices))
        self.parts = parts
        self.free = int(free_units * parts)
        self.tiers = [(int(start * parts), int(rise * scale)) for start, rise in zip(starts, rises, strict=True)]
        self.denominator = parts * scale

    def hundredths(self, covered: NDArray[np.object_], uncovered: NDArray[np.object_]) -> NDArray[np.object_]:
        """Charge units, half-up in hundredths of the currency.

        Parameters
        ----------
        covered, uncovered : ndarray of object, shape (k,)
            Units of k bills that an allowance may cover, and those that none may: exact numbers. [1]

        Returns
        -------
        ndarray of object, shape (k,)
            Whole numbers.
        """
        charged = np.maximum(covered * self.parts - self.free, 0) + uncovered * self.parts
        exact = np.zeros(len(charged), object)
        for start, rise in self.tiers:
            exact = exact + rise * np.maximum(charged - start, 0)
        return (2 * exact + self.denominator) // (2 * self.denominator)
