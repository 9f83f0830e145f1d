"""What the meters of a platform count of a trace that was replayed under its rules: rationals of whole events."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from math import lcm

from scfcost.billing.by_hour import settled_by_hour
from scfcost.billing.counts import counted_of_all
from scfcost.billing.in_parts import InParts
from scfcost.billing.instance_time import busy_ms, idle_ms, kept_ms
from scfcost.billing.replayed import OnInstances, Replayed, Supposed, largest
from scfcost.catalog.lifecycle import Measure
from scfcost.catalog.schema import PriceBook
from scfcost.core.money import round_ratio

MILLIONTHS = 1_000_000
"""Parts of what a meter counts that a month is rounded to where its own units are no finite decimals of it. [1]"""


def quantities(book: PriceBook, replayed: Replayed | InParts, supposed: Supposed) -> dict[str, Fraction]:
    """Sum what each meter of a book counts of a trace.

    Parameters
    ----------
    book : PriceBook
        Whose meters are asked for; those that measure nothing are left out.
    replayed : Replayed or InParts
        The trace under the rules of the platform.
    supposed : Supposed
        What the trace does not tell.

    Returns
    -------
    dict of str to Fraction
        By meter, in what the meter counts.
    """
    measured = {
        name: sum((_weighted(one, replayed, supposed) for one in meter.measured), Fraction(0))
        for name, meter in book.meters.items() if meter.measured
    }  # fmt: skip
    return {**measured, **settled_by_hour(book, replayed, supposed)}


def _weighted(measure: Measure, replayed: Replayed | InParts, supposed: Supposed) -> Fraction:
    """Sum a measure over the functions, each with the size of its own instances. [what the meter counts]"""
    counts = counted_by_function(measure, replayed, supposed)
    return measure.ratio * sum(
        (size * count for size, count in zip(_factors(measure, replayed), counts, strict=True)), Fraction(0)
    )


def _factors(measure: Measure, replayed: OnInstances) -> list[Fraction]:
    """Return what each count of a measure is multiplied by: the size of instances, those of objects being alike."""
    if measure.what not in BY_INSTANCE:
        return [Fraction(getattr(largest(replayed), measure.times)) if measure.times else Fraction(1)]
    return [Fraction(getattr(size, measure.times)) if measure.times else Fraction(1) for size in replayed.sizes]


def projected(
    book: PriceBook, found: Mapping[str, Fraction], replayed: OnInstances, factor: Fraction
) -> dict[str, Fraction]:
    """Project quantities to a month, each rounded half-up to whole units of what is metered, such as MB-ms.

    Where those are no finite part of what the meter counts, as a ms is not of a day, to millionths of it instead.

    Parameters
    ----------
    book : PriceBook
        Whose meters they are of.
    found : mapping of str to Fraction
        Quantities of the trace, in what each meter counts.
    replayed : OnInstances
        The trace, whose instances say how large a unit is.
    factor : Fraction
        A month over the window. [1]
    """
    scaled = {}
    for name, quantity in found.items():
        measured = book.meters[name].measured
        units = (one.ratio.denominator * size.denominator for one in measured for size in _factors(one, replayed))
        parts = lcm(*units)
        parts = parts if measured and _is_finite(parts) else MILLIONTHS
        month = quantity * factor * parts
        whole = round_ratio(month.numerator, 1, month.denominator)
        fixed = measured and all(one.what == "month" for one in measured)
        scaled[name] = quantity if fixed else Fraction(whole, parts)
    return scaled


def _is_finite(parts: int) -> bool:
    """Whether one of so many parts is a finite decimal: whether 2 and 5 alone divide their number."""
    return pow(10, parts.bit_length(), parts) == 0


BY_INSTANCE = {"busy": busy_ms, "idle": idle_ms, "kept": kept_ms}
"""What is counted of the instances of each function by itself, in ms."""


def counted(measure: Measure, replayed: Replayed | InParts, supposed: Supposed) -> int:
    """Sum one measure over a trace, in whole events, steps, ms or bytes.

    Parameters
    ----------
    measure : Measure
        What is counted.
    replayed : Replayed or InParts
        The trace under the rules of the platform.
    supposed : Supposed
        What the trace does not tell.
    """
    return sum(counted_by_function(measure, replayed, supposed))


def counted_by_function(measure: Measure, replayed: Replayed | InParts, supposed: Supposed) -> list[int]:
    """Sum one measure over a trace: a count a function where instances are measured, else one for all of them.

    Parameters
    ----------
    measure : Measure
        What is counted.
    replayed : Replayed or InParts
        The trace under the rules of the platform.
    supposed : Supposed
        What the trace does not tell.
    """
    of_instances = BY_INSTANCE.get(measure.what)
    if measure.only_most and not supposed.disputed:
        return [0] * (1 if of_instances is None else len(replayed.sizes))
    if isinstance(replayed, InParts):
        return replayed.counts(measure, supposed)
    return [counted_of_all(measure, replayed, supposed)] if of_instances is None else of_instances(replayed, supposed)
