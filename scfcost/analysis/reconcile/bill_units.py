"""The units of a bill held against what the log itself counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

from scfcost.analysis.reconcile.bill_file import BilledLine, BillFile
from scfcost.analysis.reconcile.units import SHOWN, in_resource
from scfcost.billing.meters import METERS, Meter, Usage
from scfcost.core.warning import Warned

_NEAR = Fraction(2)
"""A quantity up to so many times the log's, or one over it, is of the same unit. [1]"""
_EXACT, _ALIKE = Fraction(101, 100), Fraction(5, 4)
"""The same where two units lie so close: this near is certainly the one, and farther than that not the other. [1]"""


def in_units_of_the_log(
    bill: BillFile, usage: Mapping[str, int], egress_bytes: int = 0
) -> tuple[BillFile, list[Warned]]:
    """Take quantities without a unit in the one that the log's own counts bear out, and name what is off by a unit.

    Parameters
    ----------
    bill : BillFile
        A bill as it was read: without a unit, a quantity is taken in the unit that is priced.
    usage : mapping of str to int
        What the log counts, in the smallest metered units.
    egress_bytes : int
        What the trace sends in the time that is compared: a log holds no bytes. [B]

    Returns
    -------
    bill : BillFile
        The same, but for quantities that were in another unit.
    warnings : list of Warned
        What was taken so, and what does not fit.
    """
    lines, warnings = dict(bill.lines), []
    second = in_resource(usage)
    for meter in METERS:
        line = lines.get(meter.name)
        if line is None or not line.quantity:
            continue
        if line.in_seconds:
            lines[meter.name], text = _of_seconds(line, second)
            warnings.append(Warned("bill_unit", f"{bill.name}: {meter.name}: {text}"))
            continue
        if meter.name not in SHOWN:
            continue
        counted = Fraction(meter.quantity(_counts_of(meter.name, usage, egress_bytes)), meter.per_unit)
        units = SHOWN[meter.name] | (_lasting(second) if meter.name == "resource" else {})
        unit = _unit(line.quantity, counted, units)
        if unit is not None:
            warnings.append(Warned("bill_unit", f"{bill.name}: {meter.name}: {_named(line, meter, unit, counted)}"))
            lines[meter.name] = line if line.has_unit else _counted_in(line, units[unit])
    return replace(bill, lines=lines), warnings


def _counts_of(item: str, usage: Mapping[str, int], egress_bytes: int) -> Usage:
    return Usage({"egress_bytes": egress_bytes}) if item == "egress" else Usage(usage)


def _named(line: BilledLine, meter: Meter, unit: str, counted: Fraction) -> str:
    """Say by which unit a quantity is off, or in which one it is taken."""
    shown = f"{float(line.quantity or 0):,.10g}"
    if not line.has_unit:
        if meter.name == "egress":
            return f"{shown} without a unit are taken as {unit}, which is what the trace counts"
        return f"{shown} without a unit are taken as {unit}, which is what the log counts"
    times = _times(line.quantity or Fraction(0), counted)
    if meter.name == "egress":
        return f"{shown} × {meter.unit} are {times} what the trace counts, as if they were {unit}: is the unit right?"
    return f"{shown} × {meter.unit} are {times} what the log counts, as if they were {unit}: is the unit right?"


def _of_seconds(line: BilledLine, second: Fraction | None) -> tuple[BilledLine, str]:
    """Bring the time of instances to GBs by the memory of those in the log."""
    if second is None:
        return replace(line, quantity=None, in_seconds=False), "is a time, and the log does not tell of which memory"
    text = f"{float(line.quantity or 0):,.10g} s are taken at {float(second * 1_024):,.10g} MB, the memory in the log"
    return replace(_counted_in(line, second), in_seconds=False), text


def _lasting(second: Fraction | None) -> dict[str, Fraction]:
    return {} if second is None else {"seconds": second, "milliseconds": second / 1_000}


def _unit(quantity: Fraction, counted: Fraction, units: Mapping[str, Fraction]) -> str | None:
    """Return the unit in which a quantity is what was counted; None where it already is, or is in none."""
    if not counted:
        return None
    off = {name: _off(quantity * size, counted) for name, size in units.items()}
    best, as_it_is = min(off, key=lambda name: off[name]), _off(quantity, counted)
    if as_it_is <= _NEAR:  # a unit that is close to what is priced has to fit to the dot
        return best if off[best] <= _EXACT and as_it_is > _ALIKE else None
    return best if off[best] <= _NEAR else None


def _off(quantity: Fraction, counted: Fraction) -> Fraction:
    """Return by how many times two quantities differ, at least 1. [1]"""
    return max(quantity / counted, counted / quantity)


def _times(quantity: Fraction, counted: Fraction) -> str:
    times = float(quantity / counted)
    return f"{times:,.0f} times" if times > 1 else f"1/{1 / times:,.0f} of"


def _counted_in(line: BilledLine, size: Fraction) -> BilledLine:
    """Bring a line to the unit that is priced; its price stays where it is of that unit, else it is brought along."""
    quantity = (line.quantity or 0) * size
    prices = [] if line.price is None else [line.price, line.price / size]
    fitting = [price for price in prices if abs(quantity * price - line.amount) <= line.amount / 100 + Fraction(1, 100)]
    return replace(line, quantity=quantity, price=fitting[0] if fitting else None)
