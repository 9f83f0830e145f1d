"""Why a bill differs from its forecast: one thing changed at a time, so that the steps add up to the difference."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from scfcost.billing.tiers import graduated_fraction
from scfcost.catalog.schema import Price

TRAFFIC, OUTCOMES, DURATIONS, SHARING, MEMORY, BYTES, METERING, PRICE, ALLOWANCE, FEE = CAUSES = (
    "traffic", "outcomes", "durations", "sharing", "memory", "bytes", "metering", "price", "allowance", "fee",
)  # fmt: skip
"""What can differ, in the order in which it is changed from the forecast to what happened."""

Stage = tuple[str, Fraction]
"""A cause, and the quantity once it and all causes before it have changed."""


@dataclass(frozen=True, slots=True)
class Activity:
    """What ran in a period: the quantities that a resource line is made of."""

    calls: Mapping[str, int]
    """Invocations by outcome. [1]"""
    connection_ms: Mapping[str, int]
    """Sum of their billed durations by outcome. [ms]"""
    busy_ms: int
    """Busy time of the instances, overlapping time on one instance once. [ms]"""
    resource_mb_ms: int
    """Memory × busy time. [MB·ms]"""

    @property
    def all_calls(self) -> int:
        """Invocations. [1]"""
        return sum(self.calls.values())

    @property
    def all_ms(self) -> int:
        """Sum of the billed durations. [ms]"""
        return sum(self.connection_ms.values())


def resource_stages(forecast: Activity, found: Activity) -> list[Stage]:
    """Lead from the resource usage of a forecast to what was found, changing one cause after the other.

    An outcome that the forecast does not know is taken to last as long as its mean call, so that what it lasts longer
    counts as durations.

    Parameters
    ----------
    forecast : Activity
        What was forecast; only its ratios count.
    found : Activity
        What ran.

    Returns
    -------
    list of tuple
        Cause and resource usage, the last of which is exactly what was found. [MB·ms]
    """
    calls = found.all_calls
    mean = _ratio(forecast.all_ms, forecast.all_calls)
    of_outcome = {one: _ratio(forecast.connection_ms[one], count) for one, count in forecast.calls.items() if count}
    mixed = sum((count * of_outcome.get(one, mean) for one, count in found.calls.items()), Fraction(0))
    shared = _ratio(forecast.busy_ms, forecast.all_ms, when_none=1)
    memory = _ratio(forecast.resource_mb_ms, forecast.busy_ms)
    if not forecast.busy_ms:  # nothing was forecast that says how much memory a call takes
        return [(TRAFFIC, Fraction(found.resource_mb_ms))]
    return [
        (TRAFFIC, calls * mean * shared * memory),
        (OUTCOMES, mixed * shared * memory),
        (DURATIONS, found.all_ms * shared * memory),
        (SHARING, found.busy_ms * memory),
        (MEMORY, Fraction(found.resource_mb_ms)),
    ]


def _ratio(numerator: int, denominator: int, when_none: int = 0) -> Fraction:
    return Fraction(numerator, denominator) if denominator else Fraction(when_none)


def priced(stages: Sequence[Stage], start: Fraction, rate: Price) -> Iterator[tuple[str, Fraction]]:
    """Price the steps between quantities: what each cause adds to the amount. [currency]

    Parameters
    ----------
    stages : sequence of tuple of str and Fraction
        Causes, each with the quantity once it has changed.
    start : Fraction
        The quantity before any of them.
    rate : Price
        Price of the quantity, graduated.
    """
    amounts = [graduated_fraction(quantity, rate) for quantity in (start, *(quantity for _, quantity in stages))]
    for (cause, _), (before, after) in zip(stages, pairwise(amounts), strict=True):
        yield cause, after - before
