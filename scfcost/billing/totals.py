"""The totals of many usages under one set of terms, as a sweep needs them: the same cents as `pricing`, in integers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scfcost.billing.meters import Meter, Usage
from scfcost.billing.pricing import Grant, charged
from scfcost.billing.terms import Terms
from scfcost.billing.tiers import IntegerTiers
from scfcost.core.money import EXACT, ZERO, round_amount

Exact = NDArray[np.object_]
"""Exact numbers, one a usage. Shape (k,)"""


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
    found = list(usages)
    counters = {name for usage in found for name in usage}
    columns = {name: [usage[name] for usage in found] for name in counters}
    return totals_of(columns, len(found), terms, with_plan=with_plan)


def totals_of(counts: Mapping[str, Any], size: int, terms: Terms, *, with_plan: bool) -> list[Decimal]:
    """Price many usages that stand as columns.

    Parameters
    ----------
    counts : mapping of str to int, sequence of int or ndarray of object, shape (k,)
        Exact counts by counter; one for all, or one a usage.
    size : int
        k, how many usages there are. [1]
    terms : Terms
        Price book, period, region, plan and traffic rule.
    with_plan : bool
        As in `price`.

    Returns
    -------
    list of Decimal
        k totals, each the sum of the rounded lines.
    """
    usage: defaultdict[str, Any] = defaultdict(int, {name: _column(column, size) for name, column in counts.items()})
    grants = terms.allowances if with_plan else []
    hundredths = np.zeros(size, object)
    for meter in terms.meters:
        hundredths = hundredths + _hundredths(meter, usage, size, grants, terms)
    fee = round_amount(terms.package.fee) if with_plan and terms.package else ZERO
    return [EXACT.add(Decimal(one).scaleb(-2, EXACT), fee) for one in hundredths.tolist()]


def _column(values: Any, size: int) -> Exact:
    column = np.empty(size, object)
    column[:] = values
    return column


def _hundredths(meter: Meter, usage: Mapping[str, Any], size: int, grants: Sequence[Grant], terms: Terms) -> Exact:
    tiers, nothing = _tiers(meter, grants, terms), np.zeros(size, object)
    units = _column(meter.quantity(usage), size)
    if not units.any():
        return nothing
    if grants and len(meter.counters) > 1:
        return tiers.hundredths(_charged(meter, usage, size, grants, terms), nothing)
    kept = _column(terms.uncovered(meter, usage), size)
    return tiers.hundredths(units - kept, kept)


def _charged(meter: Meter, usage: Mapping[str, Any], size: int, grants: Sequence[Grant], terms: Terms) -> Exact:
    """Deduct what several counters share, a usage at a time."""
    columns = {name: _column(usage[name], size) for name in (*meter.counters, *(meter.uncovered or ()))}
    each = [{name: column[place] for name, column in columns.items()} for place in range(size)]
    return _column([charged(meter, one, grants, terms) for one in each], size)


def _tiers(meter: Meter, grants: Sequence[Grant], terms: Terms) -> IntegerTiers:
    """Lay out the tiers of a line; what several counters share is deducted a usage at a time."""
    free = ZERO
    if len(meter.counters) == 1:
        free = sum((grant.free.get(meter.shared_allowance, ZERO) for _, grant in grants), ZERO)
    return IntegerTiers(meter.per_unit, Fraction(free) * meter.free_unit, terms.rate(meter.name))
