"""Quantities that are known without a trace: what a bill or a console says was used, priced as a month."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from scfcost.billing.meters import Measured, Meter, Quantities
from scfcost.billing.pricing import Bill
from scfcost.billing.pricing import price as price_usage
from scfcost.billing.terms import Pricing, Terms
from scfcost.config.function import FunctionConfig
from scfcost.core.errors import CatalogError, nearest
from scfcost.core.money import plain

ALL = "all"
"""The plan that stands for every plan of the period."""
EVERY_MONTH = "every month"
"""How the books say that an allowance does not end."""


@dataclass(frozen=True, slots=True)
class Quoted:
    """What quantities of a month cost, under one plan or several."""

    terms: Terms
    quantities: dict[str, Decimal]
    """What was stated, by meter or counter, in what the meter counts."""
    bills: tuple[Bill, ...]
    """A month under each plan, the cheapest first."""

    def to_dict(self) -> dict[str, Any]:
        """Return the quotation as plain data, decimals as strings."""
        return {
            "schema": "scfcost.price/1",
            "region": self.terms.region,
            "currency": self.terms.book.currency,
            "quantities": {name: plain(value) for name, value in self.quantities.items()},
            "plans": [
                {**bill.to_dict(), "complete": not bill.unknown, "lasts": self._lasts(bill.plan)} for bill in self.bills
            ],
        }

    def _lasts(self, plan: str) -> str:
        """Say how long a plan is granted, where it is for a time alone."""
        granted = (one.lasts for _, one in self.terms.period.allowances(plan))
        return "; ".join(one for one in granted if not one.startswith(EVERY_MONTH))


def price(
    quantities: Mapping[str, Decimal], pricing: Pricing | None = None, *, function_type: str = "web-ws"
) -> Quoted:
    """Price quantities of a month, without a trace.

    Parameters
    ----------
    quantities : mapping of str to Decimal
        By the name of a meter, or of one of its counters (`web_calls`), in what `scfcost catalog show` says it counts.
    pricing : Pricing, optional
        Price book, region and plan; the plan `all` stands for each plan of the period.
    function_type : {"web-ws", "web-http", "event"}
        Whose calls and bytes they are, where a meter has a counter for each.

    Returns
    -------
    Quoted
        A bill a plan, the cheapest first; where a price is unknown its total is the known part.

    Raises
    ------
    CatalogError
        If the price book has no such meter, region or plan.

    Examples
    --------
    >>> str(price({"resource": Decimal(1250), "invocations": Decimal(30_000)}).bills[0].total)
    '0.18'
    """
    pricing = pricing or Pricing()
    terms = (replace(pricing, plan=None) if pricing.plan == ALL else pricing).terms()
    counted = on_counters(quantities, terms, FunctionConfig(function_type=function_type))
    bills = [price_usage(counted, replace(terms, plan=plan), with_plan=True) for plan in _plans(terms, pricing.plan)]
    return Quoted(terms, dict(quantities), tuple(sorted(bills, key=lambda bill: (len(bill.unknown), bill.total))))


def _plans(terms: Terms, asked: str | None) -> list[str]:
    if asked != ALL:
        return [terms.plan]
    names = terms.period.plan_names()
    return [name for name in names if name != "payg" or terms.book.default_plan == "payg"]


def on_counters(quantities: Mapping[str, Decimal | Fraction], terms: Terms, config: FunctionConfig) -> Quantities:
    """Put quantities on the counters of their meters, in metered units.

    Parameters
    ----------
    quantities : mapping of str to Decimal or Fraction
        By meter or counter, in what each counts.
    terms : Terms
        The price book.
    config : FunctionConfig
        Whose calls and bytes they are, where a meter has a counter for each kind of function.
    """
    counts: dict[str, Fraction] = defaultdict(Fraction)
    one_of_each = Measured(config, 1, 1, 1, 1, 1)
    for name, value in quantities.items():
        meter = _meter_of(name, terms)
        units = Fraction(value) * meter.free_unit
        counters = {counter: count(one_of_each) for counter, count in meter.counters.items()}
        counter = name if name in counters else max(counters, key=lambda one: counters[one])
        counts[counter] += units
        for part, count in (meter.uncovered or {}).items():
            if count(one_of_each):
                counts[part] += units
    return counts


def _meter_of(name: str, terms: Terms) -> Meter:
    """Return the meter that has a name, or a counter of that name."""
    found = next((meter for meter in terms.meters if name == meter.name or name in meter.counters), None)
    if found is None or found.of is not None or not (terms.knows(found.name) or _is_summed(found, terms)):
        known = [meter.name for meter in terms.meters if terms.knows(meter.name) and meter.of is None]
        known += [one for meter in terms.meters for one in (meter.of or ())]
        raise CatalogError(f"{terms.book.name} has no meter {name!r}; {nearest(name, known)}")
    return found


def is_priced(name: str, terms: Terms) -> bool:
    """Whether a price book speaks of what a meter costs, by itself or in a sum.

    Parameters
    ----------
    name : str
        The meter.
    terms : Terms
        The price book.
    """
    return any(name == meter.name and (terms.knows(name) or _is_summed(meter, terms)) for meter in terms.meters)


def _is_summed(meter: Meter, terms: Terms) -> bool:
    return any(meter.name in (one.of or ()) for one in terms.meters)
