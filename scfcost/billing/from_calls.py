"""Quantities of a month from calls and messages: each is rounded as the book meters it, and then multiplied."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from math import ceil

from scfcost.billing.terms import Terms
from scfcost.catalog.lifecycle import Measure
from scfcost.core.errors import CatalogError
from scfcost.core.money import EXACT
from scfcost.core.units import MB_MS_PER_GBS


def gbs_of_calls(terms: Terms, calls: Decimal, duration_ms: Decimal, memory_mb: int) -> Decimal:
    """Return the GB-seconds of calls that are alike, each rounded up as the book meters it.

    Parameters
    ----------
    terms : Terms
        The price book.
    calls : Decimal
        How many there are. [1]
    duration_ms : Decimal
        How long each takes. [ms]
    memory_mb : int
        Memory that each has. [MB]

    Examples
    --------
    >>> from scfcost.billing.terms import Pricing
    >>> str(gbs_of_calls(Pricing("aws-lambda").terms(), Decimal(3_000_000), Decimal(120), 1_536))
    '540000'
    """
    meter = next((one for one in terms.book.meters.values() if one.flag == "gbs"), None)
    step_ms, least_ms, step_mb = terms.period.granularity_ms, 0, 1
    gb_s = Fraction(1, MB_MS_PER_GBS)
    if meter is not None:
        step_ms, least_ms, step_mb = meter.step_ms, meter.least_ms, meter.step_mb
        gb_s = next((one.ratio for one in meter.measured if one.times == "memory_mb"), gb_s)
    billed_ms = max(ceil(Fraction(duration_ms) / step_ms) * step_ms, least_ms)
    each = gb_s * billed_ms * (-(-memory_mb // step_mb) * step_mb)
    return _decimal(each * Fraction(calls))


def units_of_messages(terms: Terms, messages: Decimal, message_bytes: int) -> Decimal:
    """Return how many messages a book counts messages of one size as.

    Parameters
    ----------
    terms : Terms
        The price book.
    messages : Decimal
        How many there are. [1]
    message_bytes : int
        Size of each. [B]

    Raises
    ------
    CatalogError
        If the book counts messages whatever their size.

    Examples
    --------
    >>> from scfcost.billing.terms import Pricing
    >>> str(units_of_messages(Pricing("aws-apigateway").terms(), Decimal(10), 33 * 1_024))
    '20'
    """
    measures = (one for meter in terms.book.meters.values() if meter.flag == "messages" for one in meter.measured)
    measure: Measure | None = next((one for one in measures if one.per_bytes is not None), None)
    if measure is None or measure.per_bytes is None:
        raise CatalogError(f"{terms.book.name} has no messages whose size counts: leave --message-bytes out")
    if measure.in_total:
        return Decimal(ceil(Fraction(messages) * message_bytes / measure.per_bytes))
    return _decimal(max(-(-message_bytes // measure.per_bytes), 1) * Fraction(messages))


def _decimal(value: Fraction) -> Decimal:
    return EXACT.divide(Decimal(value.numerator), Decimal(value.denominator))
