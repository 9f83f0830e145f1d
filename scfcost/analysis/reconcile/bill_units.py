"""The units of a bill held against what the log itself counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

from scfcost.analysis.reconcile.bill_file import UNITS, BilledLine, BillFile
from scfcost.billing.meters import METERS
from scfcost.core.warning import Warned

TOLD = ("resource", "invocations")
"""Lines whose quantity the log tells."""
_NEAR = Fraction(2)
"""A quantity up to so many times the log's, or one over it, is of the same unit. [1]"""


def in_units_of_the_log(bill: BillFile, usage: Mapping[str, int]) -> tuple[BillFile, list[Warned]]:
    """Take quantities without a unit in the one that the log's own counts bear out, and name what is off by a unit.

    Parameters
    ----------
    bill : BillFile
        A bill as it was read: without a unit, a quantity is taken in the unit that is priced.
    usage : mapping of str to int
        What the log counts, in the smallest metered units.

    Returns
    -------
    bill : BillFile
        The same, but for quantities that were in another unit.
    warnings : list of Warned
        What was taken so, and what does not fit.
    """
    lines, warnings = dict(bill.lines), []
    for meter in METERS:
        line = lines.get(meter.name)
        if meter.name not in TOLD or line is None or not line.quantity:
            continue
        counted = Fraction(meter.quantity(usage), meter.per_unit)
        unit = _unit(meter.name, line.quantity, counted)
        if unit is None:
            continue
        shown = f"{float(line.quantity):,.10g}"
        if line.has_unit:
            text = f"{shown} × {meter.unit} are {_times(line.quantity, counted)} what the log counts, as if they were"
            warnings.append(Warned("bill_unit", f"{bill.name}: {meter.name}: {text} {unit}: is the unit right?"))
        else:
            lines[meter.name] = _counted_in(line, Fraction(UNITS[meter.name][unit]))
            text = f"{shown} without a unit are taken as {unit}, which is what the log counts"
            warnings.append(Warned("bill_unit", f"{bill.name}: {meter.name}: {text}"))
    return replace(bill, lines=lines), warnings


def _unit(item: str, quantity: Fraction, counted: Fraction) -> str | None:
    """Return the unit in which a quantity is what was counted; None where it already is, or is in none."""
    if not counted or _is_near(quantity, counted):
        return None
    sizes = {Fraction(size): name for name, size in UNITS[item].items()}  # the last name of each size
    return next((name for size, name in sizes.items() if _is_near(quantity * size, counted)), None)


def _is_near(quantity: Fraction, counted: Fraction) -> bool:
    return 1 / _NEAR <= quantity / counted <= _NEAR


def _times(quantity: Fraction, counted: Fraction) -> str:
    times = float(quantity / counted)
    return f"{times:,.0f} times" if times > 1 else f"1/{1 / times:,.0f} of"


def _counted_in(line: BilledLine, size: Fraction) -> BilledLine:
    """Bring a line to the unit that is priced; its price stays where it is of that unit, else it is brought along."""
    quantity = (line.quantity or 0) * size
    prices = [] if line.price is None else [line.price, line.price / size]
    fitting = [price for price in prices if abs(quantity * price - line.amount) <= line.amount / 100 + Fraction(1, 100)]
    return replace(line, quantity=quantity, price=fitting[0] if fitting else None)
