"""The totals of many usages under one set of terms, as a sweep needs them: the same cents as `pricing`, in integers."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from math import lcm

from scfcost.billing.metering import Usage
from scfcost.billing.pricing import charged_calls, granted
from scfcost.billing.terms import Terms
from scfcost.catalog.schema import Price
from scfcost.core.money import EXACT, ZERO, round_amount
from scfcost.core.units import BYTES_PER_GB, CALLS_PER_10K, MB_MS_PER_GBS


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
    period = terms.period
    resource = _Meter(MB_MS_PER_GBS, granted(grants, "resource_gbs"), period.resource)
    calls = _Meter(CALLS_PER_10K, ZERO, period.invocations)
    egress = _Meter(BYTES_PER_GB, granted(grants, "egress_gb"), terms.egress)
    idle = _Meter(MB_MS_PER_GBS, ZERO, period.provisioned_idle)
    fee = round_amount(terms.package.fee) if with_plan and terms.package else ZERO
    covers_response = terms.traffic_rule == "outbound"
    found = []
    for usage in usages:
        response = 0 if covers_response else usage.response_bytes
        hundredths = (
            resource.hundredths(usage.resource_mb_ms)
            + calls.hundredths(charged_calls(usage.web_calls, usage.event_calls, grants))
            + egress.hundredths(usage.egress_bytes - response, response)
            + idle.hundredths(usage.provisioned_idle_mb_ms)
        )
        found.append(EXACT.add(Decimal(hundredths).scaleb(-2, EXACT), fee))
    return found


class _Meter:
    """One line of many bills: metered units, so many of them free, through the tiers in integers."""

    def __init__(self, units_per_price: int, free: Decimal, rate: Price | None) -> None:
        tiers = rate.graduated() if rate is not None else ()  # an unknown price is left out of a total
        starts = [Fraction(tier.starts_at) * units_per_price for tier in tiers]
        prices = [100 * Fraction(tier.price) / units_per_price for tier in tiers]
        rises = [price - before for price, before in zip(prices, [Fraction(0), *prices], strict=False)]
        free_units = Fraction(free) * units_per_price
        parts = lcm(*(units.denominator for units in (free_units, *starts)))
        scale = lcm(*(price.denominator for price in prices))
        self.parts = parts
        self.free = int(free_units * parts)
        self.tiers = [(int(start * parts), int(rise * scale)) for start, rise in zip(starts, rises, strict=True)]
        self.denominator = parts * scale

    def hundredths(self, covered: int, uncovered: int = 0) -> int:
        """Charge units, `covered` of which an allowance may cover, half-up in hundredths of the currency."""
        charged = max(covered * self.parts - self.free, 0) + uncovered * self.parts
        exact = sum(rise * (charged - start) for start, rise in self.tiers if charged > start)
        return (2 * exact + self.denominator) // (2 * self.denominator)
