"""Decimal helpers. No float touches a billed quantity, and rounding lives here alone."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal, DivisionByZero, Inexact, InvalidOperation, Overflow
from fractions import Fraction

from scfcost.units import BYTES_PER_GB, CALLS_PER_10K, MB_MS_PER_GBS

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

    Examples
    --------
    >>> round_amount(Decimal("2.345"))
    Decimal('2.35')
    """
    return amount.quantize(Decimal(1).scaleb(-places), context=_ROUNDING)


def round_ratio(value: int, numerator: int, denominator: int) -> int:
    """Return value × numerator / denominator, rounded half-up to a whole unit.

    Examples
    --------
    >>> round_ratio(3, 1, 2)
    2
    """
    return (2 * value * numerator + denominator) // (2 * denominator)


def share(amount: Decimal, part: int, whole: int) -> Decimal:
    """Return amount × part / whole, rounded half-up to 2 decimals: a share of a sum, for display.

    Examples
    --------
    >>> share(Decimal("10.00"), 1, 3)
    Decimal('3.33')
    """
    if whole == 0:
        return Decimal("0.00")
    hundredths = Fraction(amount) * 100 * part / whole
    return Decimal((2 * hundredths.numerator + hundredths.denominator) // (2 * hundredths.denominator)).scaleb(-2)


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
