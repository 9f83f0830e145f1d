"""Usage and a price book into a bill: lines in Decimal, each rounded once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from scfcost.catalog.schema import Allowance, Period, Plan, Price, PriceBook
from scfcost.errors import CatalogError, nearest
from scfcost.metering import Usage
from scfcost.money import EXACT, ZERO, gbs, gigabytes, plain, round_amount, ten_thousands, tidy
from scfcost.units import BYTES_PER_GB, CALLS_PER_10K, MB_MS_PER_GBS

TRAFFIC_RULES = ("response", "outbound")
"""Whether the bytes of a web function are response traffic, which no allowance covers, or outbound traffic."""


@dataclass(frozen=True, slots=True)
class Terms:
    """Everything but the usage that decides a bill."""

    book: PriceBook
    period: Period
    region: str
    plan: str = "payg"
    traffic_rule: str = "response"

    def __post_init__(self) -> None:
        if self.traffic_rule not in TRAFFIC_RULES:
            raise CatalogError(
                f"traffic rule {self.traffic_rule!r} is not known; {nearest(self.traffic_rule, TRAFFIC_RULES)}"
            )
        self.book.region(self.region)
        self.period.allowances(self.plan)

    @property
    def egress(self) -> Price | None:
        """Price of a GB of traffic in the region, None where unknown."""
        return self.book.regions[self.region].egress

    @property
    def allowances(self) -> list[tuple[str, Allowance]]:
        """What the plan makes free, in the order of deduction."""
        return self.period.allowances(self.plan)

    @property
    def package(self) -> Plan | None:
        """The package that is paid for, None without one."""
        return self.period.plans.get(self.plan)

    def quota_mb(self) -> int | None:
        """Return the memory quota: the package's, or the region's, None where unknown. [MB]"""
        package = self.package
        own = package.quota_mb if package else None
        return own if own is not None else self.book.regions[self.region].quota_mb

    def burst_per_minute(self) -> int:
        """Return how many new instances a minute are accepted. [1/min]"""
        package = self.package
        own = package.burst_per_minute if package else None
        return own if own is not None else self.book.limits.burst_per_minute


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
    web, event = ten_thousands(usage.web_calls), ten_thousands(usage.event_calls)
    outbound = usage.egress_bytes - (usage.response_bytes if terms.traffic_rule == "response" else 0)
    free_gbs = min(gbs(usage.resource_mb_ms), _granted(grants, "resource_gbs"))
    free_gb = min(gigabytes(outbound), _granted(grants, "egress_gb"))
    period = terms.period
    lines = [
        _line("resource", gbs(usage.resource_mb_ms), "GBs", free_gbs, period.resource),
        _line(
            "invocations", EXACT.add(web, event), "10,000 calls", _free_calls(web, event, grants), period.invocations
        ),
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


def _granted(grants: Sequence[tuple[str, Allowance]], field: str) -> Decimal:
    return sum((getattr(grant, field) for _, grant in grants), ZERO)


def _free_calls(web: Decimal, event: Decimal, grants: Sequence[tuple[str, Allowance]]) -> Decimal:
    """Deduct each counter's own allowance, then the one that serves both."""
    per_unit = Decimal(CALLS_PER_10K)
    free = ZERO
    for _, grant in grants:
        for field in ("web_calls", "event_calls", "calls"):
            granted = EXACT.divide(getattr(grant, field), per_unit)
            from_web = min(web, granted) if field != "event_calls" else ZERO
            from_event = min(event, EXACT.subtract(granted, from_web)) if field != "web_calls" else ZERO
            web, event = EXACT.subtract(web, from_web), EXACT.subtract(event, from_event)
            free = EXACT.add(free, EXACT.add(from_web, from_event))
    return free


def cheapest_plans(usage: Usage, terms: Terms) -> list[Bill]:
    """Price a month under every plan that can be bought, the cheapest first."""
    names = ["payg", *terms.period.plans]
    bills = [
        price(usage, Terms(terms.book, terms.period, terms.region, name, terms.traffic_rule), with_plan=True)
        for name in names
    ]
    return sorted(bills, key=lambda bill: bill.total)


def totals(usages: Sequence[Usage], terms: Terms, *, with_plan: bool) -> list[Decimal]:
    """Price many usages: the totals of `price`, to the last digit, in integer arithmetic.

    Parameters
    ----------
    usages : sequence of Usage
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
    meters = _meters(terms, with_plan=with_plan)
    if meters is None:  # graduated tiers or allowances that are no whole unit: line by line
        return [price(usage, terms, with_plan=with_plan).total for usage in usages]
    resource, calls, egress, web_free, event_free, shared_free = meters
    idle = _Meter(MB_MS_PER_GBS, 0, terms.period.provisioned_idle)
    fee = terms.package.fee if with_plan and terms.package else ZERO
    fixed = int(round_amount(fee) * 100)
    covers_response = terms.traffic_rule == "outbound"
    found = []
    for usage in usages:
        web, event = max(usage.web_calls - web_free, 0), max(usage.event_calls - event_free, 0)
        hundredths = (
            fixed + resource.hundredths(usage.resource_mb_ms) + calls.hundredths(max(web + event - shared_free, 0))
        )
        response = 0 if covers_response else usage.response_bytes
        hundredths += egress.hundredths(usage.egress_bytes - response, response)
        hundredths += idle.hundredths(usage.provisioned_idle_mb_ms)
        found.append(Decimal(hundredths).scaleb(-2))
    return found


class _Meter:
    """One line of many bills: whole metered units, so many of them free, at one price."""

    def __init__(self, units_per_price: int, free: int, rate: Price | None) -> None:
        tiers = rate.graduated() if rate is not None else ()
        exact = Fraction(tiers[0].price) / units_per_price if tiers else Fraction(0)  # unknown: left out of a total
        self.free = free
        self.numerator, self.denominator = 100 * exact.numerator, exact.denominator

    def hundredths(self, covered: int, uncovered: int = 0) -> int:
        """Charge units, `covered` of which an allowance may cover, half-up in hundredths of the currency."""
        charged = max(covered - self.free, 0) + uncovered
        return (2 * charged * self.numerator + self.denominator) // (2 * self.denominator)


def _meters(terms: Terms, *, with_plan: bool) -> tuple[_Meter, _Meter, _Meter, int, int, int] | None:
    grants = terms.allowances if with_plan else []
    period, egress = terms.period, terms.egress
    rates = [period.resource, period.invocations, period.provisioned_idle, *([egress] if egress else [])]
    free = {
        "resource_gbs": _granted(grants, "resource_gbs") * MB_MS_PER_GBS,
        "egress_gb": _granted(grants, "egress_gb") * BYTES_PER_GB,
        **{name: _granted(grants, name) for name in ("web_calls", "event_calls", "calls")},
    }
    if any(len(rate.graduated()) > 1 for rate in rates) or any(value != int(value) for value in free.values()):
        return None
    return (
        _Meter(MB_MS_PER_GBS, int(free["resource_gbs"]), period.resource),
        _Meter(CALLS_PER_10K, 0, period.invocations),
        _Meter(BYTES_PER_GB, int(free["egress_gb"]), egress),
        int(free["web_calls"]), int(free["event_calls"]), int(free["calls"]),
    )  # fmt: skip
