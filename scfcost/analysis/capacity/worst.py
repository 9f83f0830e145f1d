"""The most that a month can cost: what runs at the quota all month, as in a flood, a loop of reconnects or a bug.

Nothing but the quota stops a function that is called without end. Whatever the memory of an instance, all of them
together are busy with the quota's memory, so that the resource of such a month is the quota × 30 days.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from scfcost.billing.meters import Usage
from scfcost.billing.pricing import price
from scfcost.billing.terms import Terms
from scfcost.core.units import MS_PER_MONTH


@dataclass(frozen=True, slots=True)
class Worst:
    """The dearest month that a quota allows, calls and traffic left out: nothing bounds those."""

    quota_mb: int
    """Memory that is busy all month. [MB]"""
    monthly: Decimal
    """Resource of that month, and the fee of the plan. [currency]"""

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data, the amount as a string."""
        return {"quota_mb": self.quota_mb, "monthly": str(self.monthly)}


def worst_case(terms: Terms, quota_mb: int | None) -> Worst | None:
    """Price a month in which instances are busy at the quota from its first to its last instant.

    Parameters
    ----------
    terms : Terms
        Price book, period, region and plan.
    quota_mb : int or None
        Memory that instances may have together, None where it is not known. [MB]

    Returns
    -------
    Worst or None
        None where the quota, or the price of the resource, is not known.
    """
    if quota_mb is None:
        return None
    amount = _monthly(terms, quota_mb)
    return None if amount is None else Worst(quota_mb, amount)


def _monthly(terms: Terms, quota_mb: int) -> Decimal | None:
    return price(Usage(resource_mb_ms=quota_mb * MS_PER_MONTH), terms, with_plan=True).total


def bounding_quota(terms: Terms, amount: Decimal, quota_mb: int) -> int | None:
    """Return the largest quota under which no month costs more than an amount, calls and traffic left out.

    Parameters
    ----------
    terms : Terms
        Price book, period, region and plan.
    amount : Decimal
        What a month may cost. [currency]
    quota_mb : int
        The quota now, under which a month may cost more. [MB]

    Returns
    -------
    int or None
        None where the plan's fee alone costs more, or a price is not known. [MB]
    """
    low, high = (
        0,
        quota_mb + 1,
    )  # a month within low costs at most the amount, one within high more, or is not asked for
    least = _monthly(terms, 0)
    if least is None or least > amount:
        return None
    while high - low > 1:
        middle = (low + high) // 2
        cost = _monthly(terms, middle)
        low, high = (middle, high) if cost is not None and cost <= amount else (low, middle)
    return low
