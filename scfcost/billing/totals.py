"""The totals of many usages under one set of terms, as a sweep needs them: the same cents as `pricing`, in integers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction

from scfcost.billing.meters import Meter, Usage
from scfcost.billing.pricing import Grant, charged
from scfcost.billing.terms import Terms
from scfcost.billing.tiers import IntegerTiers
from scfcost.core.money import EXACT, ZERO, round_amount


def totals(usages: Iterable[Usage], terms: Terms, *, with_plan: bool) -> list[Decimal]:
    """Price many usages: the totals of `price`, to the last digit, in integer arithmetic.

    Parameters
    ----------
    usages : iterable of Usage
        k usages.
    terms : Terms
        Price book, period, region, plan and traffic rule.
    with_plan : bool
        As in `price`.

    Returns
    -------
    list of Decimal
        k totals, each the sum of the rounded lines.
    """
    grants = terms.allowances if with_plan else []
    lines = [(meter, _tiers(meter, grants, terms)) for meter in terms.meters]
    fee = round_amount(terms.package.fee) if with_plan and terms.package else ZERO
    found = []
    for usage in usages:
        hundredths = sum(_hundredths(meter, tiers, usage, grants, terms) for meter, tiers in lines)
        found.append(EXACT.add(Decimal(hundredths).scaleb(-2, EXACT), fee))
    return found


def _tiers(meter: Meter, grants: Sequence[Grant], terms: Terms) -> IntegerTiers:
    """Lay out the tiers of a line; what several counters share is deducted a usage at a time."""
    free = ZERO
    if len(meter.counters) == 1:
        free = sum((grant.free.get(meter.shared_allowance, ZERO) for _, grant in grants), ZERO)
    return IntegerTiers(meter.per_unit, Fraction(free) * meter.free_unit, terms.rate(meter.name))


def _hundredths(meter: Meter, tiers: IntegerTiers, usage: Usage, grants: Sequence[Grant], terms: Terms) -> int:
    units = int(meter.quantity(usage))
    if units == 0:
        return 0
    if len(meter.counters) > 1:
        return tiers.hundredths(int(charged(meter, usage, grants, terms)) if grants else units)
    kept = int(terms.uncovered(meter, usage))
    return tiers.hundredths(units - kept, kept)
