"""Decimal helpers. No float touches a billed quantity, and rounding lives here alone."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Context, Decimal, DivisionByZero, Inexact, InvalidOperation, Overflow
from fractions import Fraction
from itertools import accumulate, pairwise

from scfcost.core.units import BYTES_PER_GB, CALLS_PER_10K, MB_MS_PER_GBS

EXACT = Context(prec=80, traps=[Inexact, InvalidOperation, DivisionByZero, Overflow])
"""Every product and sum of a bill is taken in this context, which refuses to lose a digit."""
_ROUNDING = Context(prec=80, rounding=ROUND_HALF_UP, traps=[InvalidOperation])

ZERO = Decimal(0)


def gbs(resource_mb_ms: int) -> Decimal:
    """Convert resource usage into GB-seconds, exactly.

    Examples
    --------
    >>> gbs(256 * 1760)
    Decimal('0.44')
    """
    return tidy(EXACT.divide(Decimal(resource_mb_ms), Decimal(MB_MS_PER_GBS)))


def gigabytes(traffic_bytes: int) -> Decimal:
    """Convert bytes of traffic into GB of 1024³ bytes, exactly."""
    return tidy(EXACT.divide(Decimal(traffic_bytes), Decimal(BYTES_PER_GB)))


def ten_thousands(calls: int) -> Decimal:
    """Convert calls into the 10,000 calls that are priced, exactly."""
    return tidy(EXACT.divide(Decimal(calls), Decimal(CALLS_PER_10K)))


def round_amount(amount: Decimal, places: int = 2) -> Decimal:
    """Round a line half-up to `places` decimals, the one rounding of a line item.

    Parameters
    ----------
    amount : Decimal
        An exact amount. [currency]
    places : int
        Decimals that stay. [1]

    Examples
    --------
    >>> round_amount(Decimal("2.345"))
    Decimal('2.35')
    """
    return amount.quantize(Decimal(1).scaleb(-places), context=_ROUNDING)


def round_ratio(value: int, numerator: int, denominator: int) -> int:
    """Return value × numerator / denominator, rounded half-up to a whole unit.

    Parameters
    ----------
    value : int
        What is multiplied.
    numerator, denominator : int
        The ratio; the denominator is more than 0.

    Examples
    --------
    >>> round_ratio(3, 1, 2)
    2
    """
    return (2 * value * numerator + denominator) // (2 * denominator)


def share(amount: Decimal, part: int, whole: int) -> Decimal:
    """Return amount × part / whole, rounded half-up to 2 decimals: a share of a sum, for display.

    Parameters
    ----------
    amount : Decimal
        What is divided. [currency]
    part, whole : int
        The share, as a part of a whole.

    Examples
    --------
    >>> share(Decimal("10.00"), 1, 3)
    Decimal('3.33')
    """
    if whole == 0:
        return Decimal("0.00")
    return round_fraction(Fraction(amount) * part / whole)


def round_fraction(value: Fraction, places: int = 2) -> Decimal:
    """Round a rational half-up to `places` decimals.

    Parameters
    ----------
    value : Fraction
        A rational.
    places : int
        Decimals that stay. [1]

    Examples
    --------
    >>> round_fraction(Fraction(2, 3), 4)
    Decimal('0.6667')
    """
    scaled = value * 10**places
    return Decimal((2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)).scaleb(-places)


def round_parts(parts: Sequence[Fraction], places: int = 2) -> list[Decimal]:
    """Round the parts of a sum so that they add up to the rounded sum: each is the change of the rounded running sum.

    Parameters
    ----------
    parts : sequence of Fraction
        Rationals that add up to a whole.
    places : int
        Decimals that stay. [1]

    Examples
    --------
    >>> round_parts([Fraction(1, 3)] * 3)
    [Decimal('0.33'), Decimal('0.34'), Decimal('0.33')]
    """
    upto = [round_fraction(total, places) for total in accumulate(parts, initial=Fraction(0))]
    return [EXACT.subtract(later, earlier) for earlier, later in pairwise(upto)]


def tidy(value: Decimal) -> Decimal:
    """Drop trailing zeros without going to exponent form.

    Examples
    --------
    >>> tidy(Decimal("1.500")), tidy(Decimal("100"))
    (Decimal('1.5'), Decimal('100'))
    """
    normal = value.normalize(EXACT)
    return normal if normal.as_tuple().exponent <= 0 else normal.quantize(Decimal(1), context=EXACT)  # type: ignore[operator]


def plain(value: Decimal) -> str:
    """Write a decimal out in full, never in exponent form.

    Examples
    --------
    >>> plain(Decimal("1E-8"))
    '0.00000001'
    """
    return f"{value:f}"
