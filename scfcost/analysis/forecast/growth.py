"""What a month costs later, when the traffic has grown: simulated anew, as tiers, allowances and peaks do not scale."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from scfcost.analysis.estimate.estimate import TraceEstimate
from scfcost.analysis.evaluate import compare_setting
from scfcost.core.errors import ConfigError
from scfcost.core.money import plain
from scfcost.core.units import read_ratio
from scfcost.trace.assumption import point
from scfcost.trace.model import Trace

MONTHS = (3, 6, 12)
"""How many months ahead are priced. [1]"""
_FORM = re.compile(r"\s*([+-]?)\s*([\d.]+\s*%?)\s*(?:/\s*month)?\s*")


@dataclass(frozen=True, slots=True)
class Growth:
    """The month as the traffic grows."""

    rate: Fraction
    """Part by which the traffic grows each month. [1/month]"""
    months: tuple[tuple[int, Decimal], ...]
    """How many months ahead, and what that month costs. [1], [currency]"""

    def to_dict(self) -> dict[str, Any]:
        """Return the part `growth` of the JSON document, decimals as strings."""
        ahead = [{"months": months, "monthly": plain(total)} for months, total in self.months]
        return {"per_month": str(float(self.rate)), "ahead": ahead}


def read_growth(text: str) -> Fraction:
    """Read a rate of growth a month.

    Raises
    ------
    ConfigError
        If it is none.

    Examples
    --------
    >>> read_growth("5%/month"), read_growth("-0.1")
    (Fraction(1, 20), Fraction(-1, 10))
    """
    match = _FORM.fullmatch(text)
    rate = read_ratio(match[2], "growth") * (-1 if match[1] == "-" else 1) if match else None
    if rate is None or not -1 < rate <= 10:
        raise ConfigError(f"growth: {text!r} is not a growth a month, such as 5%/month")
    return rate


def growth(found: TraceEstimate, rate: Fraction, grown: Callable[[float], Trace]) -> Growth | None:
    """Price the months ahead.

    Parameters
    ----------
    found : TraceEstimate
        The estimate of the traffic as it is.
    rate : Fraction
        Part by which the traffic grows each month. [1/month]
    grown : callable
        Returns the traffic at a multiple of what it is.

    Returns
    -------
    Growth or None
        None where there is no month, or it is not known when connections fell silent.
    """
    if found.monthly is None or not found.knows_silences:
        return None
    months = []
    for ahead in MONTHS:
        trace = grown(float((1 + rate) ** ahead))
        monthly = compare_setting(point(trace, found.functions), found.functions, found.terms, found.platform).monthly
        if monthly is not None:
            months.append((ahead, monthly.total))
    return Growth(rate, tuple(months))
