"""Usage and a price book into a bill: lines in Decimal, each rounded once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from scfcost.billing.metering import Usage
from scfcost.billing.terms import Terms
from scfcost.catalog.schema import Allowance, Plan, Price
from scfcost.core.money import EXACT, ZERO, gbs, gigabytes, plain, round_amount, ten_thousands, tidy


@dataclass(frozen=True, slots=True)
class LineItem:
    """One line of a bill: what was used, what of it is free, and what the rest costs."""

    item: str
    quantity: Decimal
    unit: str
    free: Decimal
    price: Price | Plan | None
    """Where the unit price comes from; None where it is unknown."""
    amount_exact: Decimal | None
    formula: str = ""

    @property
    def amount(self) -> Decimal | None:
        """The amount rounded half-up to 2 decimals, None where the price is unknown. [currency]"""
        return None if self.amount_exact is None else round_amount(self.amount_exact)

    @property
    def unit_price(self) -> Decimal | None:
        """Price of a unit, of the first tier where there are several. [currency]"""
        if isinstance(self.price, Plan):
            return self.price.fee
        return None if self.price is None else self.price.graduated()[0].price

    def to_dict(self) -> dict[str, Any]:
        """Return the line as plain data, decimals as strings."""
        return {
            "item": self.item,
            "quantity": plain(self.quantity),
            "unit": self.unit,
            "free": plain(self.free),
            "unit_price": None if self.unit_price is None else plain(self.unit_price),
            "amount": None if self.amount is None else plain(self.amount),
            "amount_exact": None if self.amount_exact is None else plain(self.amount_exact),
        }


@dataclass(frozen=True, slots=True)
class Bill:
    """Lines and their total, in one currency."""

    currency: str
    catalog: str
    plan: str
    lines: tuple[LineItem, ...]

    @property
    def total(self) -> Decimal:
        """Sum of the rounded lines. [currency]"""
        return sum((line.amount for line in self.lines if line.amount is not None), Decimal("0.00"))

    @property
    def total_exact(self) -> Decimal:
        """Sum of the lines before rounding. [currency]"""
        total = ZERO
        for line in self.lines:
            total = EXACT.add(total, line.amount_exact or ZERO)
        return tidy(total)

    @property
    def unknown(self) -> list[str]:
        """The lines whose price is unknown; the total does not hold them."""
        return [line.item for line in self.lines if line.amount_exact is None]

    def line(self, item: str) -> LineItem | None:
        """Return a line by its name."""
        return next((line for line in self.lines if line.item == item), None)

    def to_dict(self) -> dict[str, Any]:
        """Return the bill as plain data, decimals as strings."""
        return {
            "currency": self.currency,
            "catalog": self.catalog,
            "plan": self.plan,
            "lines": [line.to_dict() for line in self.lines],
            "total": plain(self.total),
            "total_exact": plain(self.total_exact),
        }


def price(usage: Usage, terms: Terms, *, with_plan: bool) -> Bill:
    """Price a usage.

    Parameters
    ----------
    usage : Usage
        Integers in the smallest metered units.
    terms : Terms
        Price book, period, region, plan and traffic rule.
    with_plan : bool
        Whether allowances are deducted and the plan's fee is charged, as for a month; without it every unit is charged.

    Returns
    -------
    Bill
        The lines resource, invocations and egress, then provisioned_idle and plan where there are any.

    References
    ----------
    The price book names page and date of every figure.
    """
    grants = terms.allowances if with_plan else []
    calls = usage.web_calls + usage.event_calls
    free_calls = ten_thousands(calls - charged_calls(usage.web_calls, usage.event_calls, grants))
    outbound = usage.egress_bytes - (usage.response_bytes if terms.traffic_rule == "response" else 0)
    free_gbs = min(gbs(usage.resource_mb_ms), granted(grants, "resource_gbs"))
    free_gb = min(gigabytes(outbound), granted(grants, "egress_gb"))
    period = terms.period
    lines = [
        _line("resource", gbs(usage.resource_mb_ms), "GBs", free_gbs, period.resource),
        _line("invocations", ten_thousands(calls), "10,000 calls", free_calls, period.invocations),
        _line("egress", gigabytes(usage.egress_bytes), "GB", free_gb, terms.egress),
    ]
    if usage.provisioned_idle_mb_ms:
        idle = gbs(usage.provisioned_idle_mb_ms)
        lines.append(_line("provisioned_idle", idle, "GBs", ZERO, period.provisioned_idle))
    if with_plan and (package := terms.package):
        fee = tidy(package.fee)
        lines.append(LineItem("plan", Decimal(1), "month", ZERO, package, fee, f"fee of {package.title}"))
    return Bill(
        terms.book.currency, f"{terms.book.name}/{period.name}", terms.plan if with_plan else "payg", tuple(lines)
    )


def graduated_amount(quantity: Decimal, rate: Price) -> Decimal:
    """Charge a quantity through graduated tiers, exactly.

    Tiers are half-open: a quantity that ends on a tier's start lies below it.
    """
    tiers = rate.graduated()
    total = ZERO
    for tier, following in zip(tiers, (*tiers[1:], None), strict=True):
        upper = quantity if following is None else min(quantity, following.starts_at)
        if upper > tier.starts_at:
            total = EXACT.add(total, EXACT.multiply(EXACT.subtract(upper, tier.starts_at), tier.price))
    return tidy(total)


def _line(item: str, quantity: Decimal, unit: str, free: Decimal, rate: Price | None) -> LineItem:
    charged = EXACT.subtract(quantity, free)
    if rate is None:
        amount = ZERO if charged == 0 else None
        return LineItem(item, quantity, unit, tidy(free), None, amount, f"{plain(charged)} {unit} × unknown price")
    tiers = rate.graduated()
    shown = plain(tiers[0].price) if len(tiers) == 1 else f"{len(tiers)} graduated tiers"
    formula = f"({plain(quantity)} − {plain(tidy(free))}) {unit} × {shown}"
    return LineItem(item, quantity, unit, tidy(free), rate, graduated_amount(charged, rate), formula)


def granted(grants: Sequence[tuple[str, Allowance]], field: str) -> Decimal:
    """Sum what all allowances grant of one quantity."""
    return sum((getattr(grant, field) for _, grant in grants), ZERO)


def charged_calls(web: int, event: int, grants: Sequence[tuple[str, Allowance]]) -> int:
    """Deduct, grant by grant, each counter's own allowance and then the one that serves both, web calls first."""
    for _, grant in grants:
        web, event = max(web - grant.web_calls, 0), max(event - grant.event_calls, 0)
        left = max(grant.calls - web, 0)
        web, event = max(web - grant.calls, 0), max(event - left, 0)
    return web + event


def cheapest_plans(usage: Usage, terms: Terms) -> list[Bill]:
    """Price a month under every plan that can be bought, the cheapest first."""
    names = ["payg", *terms.period.plans]
    bills = [
        price(usage, Terms(terms.book, terms.period, terms.region, name, terms.traffic_rule), with_plan=True)
        for name in names
    ]
    return sorted(bills, key=lambda bill: bill.total)
