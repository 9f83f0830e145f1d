"""The lines of a bill three times: forecast, metered from the log at the price book's prices, and billed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from scfcost.analysis.reconcile import causes as why
from scfcost.analysis.reconcile.bill_file import BilledLine, BillFile
from scfcost.analysis.reconcile.causes import Activity
from scfcost.billing.meters import Usage
from scfcost.billing.pricing import LineItem, price
from scfcost.billing.terms import Terms
from scfcost.billing.tiers import graduated_fraction
from scfcost.catalog.schema import Allowance
from scfcost.core.money import ZERO, plain, round_fraction
from scfcost.core.units import MB_MS_PER_GBS

PLACES = 8
"""Decimals of the amounts in a reconciliation. [1]"""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the bill: forecast, metered from the log at the price book's prices, and billed."""

    item: str
    unit: str
    forecast: LineItem
    logged: LineItem | None
    """None where the log cannot tell, as for traffic and idle instances."""
    billed: BilledLine | None
    """None without a bill, or where it has no such line."""
    steps: tuple[tuple[str, Fraction], ...]
    """What each cause adds from the forecast to what happened. [currency]"""
    is_forecast: bool = True
    """Whether the trace tells what the line is made of; where it does not, its amount is taken as 0 in the total."""

    @property
    def forecast_amount(self) -> Fraction:
        """The forecast amount. [currency]"""
        return Fraction(self.forecast.amount_exact or 0)

    @property
    def found_amount(self) -> Fraction | None:
        """What the bill charged, else what the log comes to, None where neither tells. [currency]"""
        if self.billed is not None:
            return self.billed.amount
        if self.logged is None or self.logged.amount_exact is None:
            return None
        return Fraction(self.logged.amount_exact)

    def to_dict(self) -> dict[str, Any]:
        """Return the line as plain data."""
        found, told = self.found_amount, self.logged
        forecast = _figures(Fraction(self.forecast.quantity), self.forecast_amount) if self.is_forecast else None
        return {
            "item": self.item,
            "unit": self.unit,
            "forecast": forecast,
            "logged": None if told is None else _figures(Fraction(told.quantity), Fraction(told.amount_exact or 0)),
            "billed": None if self.billed is None else _figures(self.billed.quantity, self.billed.amount),
            "billed_unit_price": _text(None if self.billed is None else self.billed.price),
            "difference": _text(None if found is None else found - self.forecast_amount),
        }


def _figures(quantity: Fraction | None, amount: Fraction) -> dict[str, str | None]:
    return {"quantity": _text(quantity), "amount": _text(amount)}


def _text(value: Fraction | None) -> str | None:
    return None if value is None else plain(round_fraction(value, PLACES))


def compare_lines(
    terms: Terms,
    usages: tuple[Usage, Usage],
    activities: tuple[Activity, Activity],
    bill: BillFile | None,
    *,
    traffic_known: bool,
) -> Iterator[Line]:
    """Yield each line of a forecast beside what the log and the bill say of it.

    Parameters
    ----------
    terms : Terms
        What both usages are priced by, without allowance or plan.
    usages : tuple of Usage
        The forecast one, of the period that is compared, and the one of the log.
    activities : tuple of Activity
        What the ratios of the forecast and of the log are taken from.
    bill : BillFile or None
        The bill, where there is one.
    traffic_known : bool
        Whether the trace tells any bytes sent.
    """
    before, after = (price(usage, terms, with_plan=False) for usage in usages)
    lines = dict(bill.lines) if bill else {}
    for own in before.lines:
        told = None if own.item == "egress" else after.line(own.item)  # the log holds no bytes
        billed = lines.pop(own.item, None)
        steps = tuple(_steps(own, told, billed, usages[0], activities))
        yield Line(own.item, own.unit, own, told, billed, steps, own.item != "egress" or traffic_known)
    for item, billed in lines.items():
        unit = "month" if item == "plan" else "GBs"
        nothing = LineItem(item, ZERO, unit, ZERO, None, ZERO)
        yield Line(item, unit, nothing, None, billed, ((why.FEE, billed.amount),))


def _steps(
    own: LineItem, told: LineItem | None, billed: BilledLine | None, usage: Usage, activities: tuple[Activity, Activity]
) -> Iterator[tuple[str, Fraction]]:
    """Yield what each cause adds to a line, from the forecast to what happened."""
    if own.price is None or isinstance(own.price, Allowance):
        if billed is not None:
            yield why.PRICE, billed.amount - Fraction(own.amount_exact or 0)
        return
    start = Fraction(own.quantity)
    stages = list(_stages(own, told, start, usage, activities)) if told or billed else []
    if billed is not None and billed.quantity is not None:
        stages.append((why.BYTES if own.item == "egress" else why.METERING, billed.quantity))
    yield from why.priced(stages, start, own.price)
    if billed is not None:
        quantity = stages[-1][1] if stages else start
        at_book = graduated_fraction(quantity, own.price)
        at_bill = at_book if billed.price is None else quantity * billed.price
        yield why.PRICE, at_bill - at_book
        yield why.ALLOWANCE, billed.amount - at_bill


def _stages(
    own: LineItem, told: LineItem | None, start: Fraction, usage: Usage, activities: tuple[Activity, Activity]
) -> Iterator[why.Stage]:
    """Yield the quantities of a line between the forecast and the log, in the unit that is priced."""
    forecast, found = activities
    if told is None:
        if own.item == "egress" and usage["invocations"]:
            yield why.TRAFFIC, start * found.all_calls / usage["invocations"]
    elif own.item == "resource":
        for cause, mb_ms in why.resource_stages(forecast, found):
            yield cause, mb_ms / MB_MS_PER_GBS
    else:
        yield why.TRAFFIC, Fraction(told.quantity)
