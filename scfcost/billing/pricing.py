"""Usage and a price book into a bill: lines in Decimal, each rounded once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, Decimal
from fractions import Fraction
from typing import Any

from scfcost.billing.meters import Meter, Quantities, Usage
from scfcost.billing.terms import Terms
from scfcost.billing.tiers import graduated_amount
from scfcost.catalog.schema import Allowance, Price
from scfcost.core.money import EXACT, ZERO, plain, round_amount, tidy

Grant = tuple[str, Allowance]
"""An allowance and where it comes from."""


@dataclass(frozen=True, slots=True)
class LineItem:
    """One line of a bill: what was used, what of it is free, and what the rest costs."""

    item: str
    quantity: Decimal
    unit: str
    free: Decimal
    price: Price | Allowance | None
    """Where the unit price comes from, that of a fee or a credit the plan; None where it is unknown."""
    amount_exact: Decimal | None
    formula: str = ""

    @property
    def amount(self) -> Decimal | None:
        """The amount rounded half-up to 2 decimals, None where the price is unknown. [currency]"""
        return None if self.amount_exact is None else round_amount(self.amount_exact)

    @property
    def unit_price(self) -> Decimal | None:
        """Price of a unit, of the first tier where there are several. [currency]"""
        if isinstance(self.price, Allowance):
            return self.amount_exact
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


def price(usage: Quantities, terms: Terms, *, with_plan: bool) -> Bill:
    """Price a usage.

    Parameters
    ----------
    usage : Usage or mapping of str to Fraction
        Metered units by counter: integers that were measured, or numbers that were stated.
    terms : Terms
        Price book, period, region, plan and traffic rule.
    with_plan : bool
        Whether allowances are deducted and the plan's fee is charged, as for a month; without it every unit is charged.

    Returns
    -------
    Bill
        A line a meter, in their order: those that always stand, others where they were used; then the credit and the
        fee of the plan.

    References
    ----------
    The price book names page and date of every figure.
    """
    grants = terms.allowances if with_plan else []
    lines = [_line(meter, usage, grants, terms) for meter in terms.meters if _stands(meter, usage, terms)]
    lines += _credits(lines, grants)
    if with_plan and (package := terms.package):
        fee = tidy(package.fee)
        lines.append(LineItem("plan", Decimal(1), "month", ZERO, package, fee, f"fee of {package.title}"))
    return Bill(
        terms.book.currency, f"{terms.book.name}/{terms.period.name}", terms.plan if with_plan else "payg", tuple(lines)
    )


def _credits(lines: Sequence[LineItem], grants: Sequence[Grant]) -> Iterator[LineItem]:
    """Yield the lines of credits: each takes off at most what is left of the cost of the meters, or of one of them."""
    costs = {line.item: line.amount or ZERO for line in lines}
    left = ZERO
    for cost in costs.values():
        left = EXACT.add(left, cost)
    for name, grant in grants:
        parts = {meter: min(most, costs.get(meter, ZERO)) for meter, most in grant.off.items()}
        if parts := {meter: taken for meter, taken in parts.items() if taken}:
            taken = tidy(sum(parts.values(), ZERO))
            left = EXACT.subtract(left, taken)
            text = ", ".join(f"{plain(grant.off[meter])} of {meter}" for meter in parts)
            said = f"{name}: at most {text}"
            yield LineItem("credit", Decimal(1), "month", ZERO, grant, tidy(EXACT.minus(taken)), said)
        if grant.credit:
            taken = min(grant.credit, left)
            left = EXACT.subtract(left, taken)
            text = f"at most {plain(grant.credit)} of what the meters cost"
            yield LineItem("credit", Decimal(1), "month", ZERO, grant, tidy(EXACT.minus(taken)), f"{name}: {text}")


def _stands(meter: Meter, usage: Quantities, terms: Terms) -> bool:
    """Whether a meter has a line: the book prices it, and it was used or always stands."""
    return terms.knows(meter.name) and (meter.always or meter.quantity(usage) != 0)


def _line(meter: Meter, usage: Quantities, grants: Sequence[Grant], terms: Terms) -> LineItem:
    rate, unit = terms.rate(meter.name), meter.unit
    units = meter.quantity(usage)
    quantity = _in_units(Fraction(units), meter.per_unit)
    free = _in_units(units - charged(meter, usage, grants, terms), meter.per_unit)
    left = EXACT.subtract(quantity, free)
    if terms.round_up and rate is not None and rate.may_round_up:
        left = left.to_integral_value(ROUND_CEILING)
    if rate is None:
        amount = ZERO if left == 0 else None
        return LineItem(meter.name, quantity, unit, free, None, amount, f"{plain(left)} {unit} × unknown price")
    tiers = rate.graduated()
    shown = plain(tiers[0].price) if len(tiers) == 1 else f"{len(tiers)} graduated tiers"
    formula = f"({plain(quantity)} − {plain(free)}) {unit} × {shown}"
    return LineItem(meter.name, quantity, unit, free, rate, graduated_amount(left, rate), formula)


def _in_units(metered: Fraction, per_unit: int) -> Decimal:
    """Convert metered units into those that are priced, exactly."""
    exact = metered / per_unit
    return tidy(EXACT.divide(Decimal(exact.numerator), Decimal(exact.denominator)))


def charged(meter: Meter, usage: Quantities, grants: Sequence[Grant], terms: Terms) -> Fraction:
    """Return what of a meter no allowance covers, in metered units.

    Grant by grant, each counter's own allowance is deducted first and then the one that all counters share, the first
    counter first.

    Parameters
    ----------
    meter : Meter
        The meter.
    usage : Quantities
        Quantities of a month, by meter. [metered units]
    grants : sequence of Grant
        Allowances of the plan, each deducted in turn.
    terms : Terms
        The price book of a date, with the plan and the region.
    """
    kept = Fraction(terms.uncovered(meter, usage))
    if meter.of is None:
        left = [Fraction(usage[counter]) for counter in meter.counters]
    else:
        left = [Fraction(meter.quantity(usage))]
    left[0] -= kept
    for _, grant in grants:
        if len(left) > 1:
            own = [Fraction(grant.free.get(counter, ZERO)) * meter.free_unit for counter in meter.counters]
            left = [max(units - free, Fraction(0)) for units, free in zip(left, own, strict=True)]
        shared = Fraction(grant.free.get(meter.shared_allowance, ZERO)) * meter.free_unit
        for place, units in enumerate(left):
            used = min(units, shared)
            left[place], shared = units - used, shared - used
    return sum(left, kept)


def cheapest_plans(usage: Usage, terms: Terms) -> list[Bill]:
    """Price a month under every plan that can be bought, the cheapest first.

    Parameters
    ----------
    usage : Usage
        Quantities of a month, by meter. [metered units]
    terms : Terms
        The price book of a date, with the plan and the region.
    """
    names = [*(["payg"] if terms.book.default_plan == "payg" else []), *terms.period.plans]
    bills = [price(usage, replace(terms, plan=name), with_plan=True) for name in names]
    return sorted(bills, key=lambda bill: bill.total)
