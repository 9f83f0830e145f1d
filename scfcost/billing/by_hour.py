"""What a vendor settles by function and clock hour: units rounded up in each, and the least that each costs."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import ceil

import numpy as np
from numpy.typing import NDArray

from scfcost.billing.hourly import spread
from scfcost.billing.in_parts import InParts
from scfcost.billing.metering import round_up
from scfcost.billing.replayed import ALONE, OnInstances, Replayed, Supposed
from scfcost.catalog.schema import BookMeter, PriceBook
from scfcost.core.units import MS_PER_HOUR
from scfcost.lifecycle.intervals import busy_intervals
from scfcost.trace.model import Int64


def settled_by_hour(book: PriceBook, replayed: Replayed | InParts, supposed: Supposed) -> dict[str, Fraction]:
    """Sum what the settlement of each function and clock hour adds to the meters of a book.

    Parameters
    ----------
    book : PriceBook
        Its summed meters say which of them are settled so.
    replayed : Replayed or InParts
        The trace under the rules of the platform.
    supposed : Supposed
        How connections lie on instances; where as few as there can be are supposed, as they were placed.

    Returns
    -------
    dict of str to Fraction
        What rounding adds, and what lacks to the least of an hour, by the meters that take them. An hour that the
        window covers in part counts for that part, as if it went on like it.
    """
    window = _window(replayed)
    found: dict[str, Fraction] = {}
    for meter in book.meters.values():
        rule = meter.by_hour
        if rule is None:
            continue
        used = [
            (units / share, share) for hour, units in _series(book, meter, replayed, supposed)
            if units for share in [_share(hour, window)]
        ]  # fmt: skip
        found[rule.rounding] = sum((share * (ceil(one) - one) for one, share in used), Fraction(0))
        least, price = Fraction(rule.least), Fraction(rule.price)
        lacks = (share * max(least - ceil(one) * price, Fraction(0)) for one, share in used)
        found[rule.lacking] = sum(lacks, Fraction(0))
    return found


def hourly_units(book: PriceBook, meter: BookMeter, replayed: Replayed | InParts, supposed: Supposed) -> list[Fraction]:
    """Sum a weighted meter by function and clock hour, of busy time and connects.

    Parameters
    ----------
    book : PriceBook
        Whose meters it sums.
    meter : BookMeter
        The weighted sum.
    replayed : Replayed or InParts
        The trace under the rules of the platform.
    supposed : Supposed
        How connections lie on instances.
    """
    return [units for _, units in _series(book, meter, replayed, supposed)]


def _window(replayed: Replayed | InParts) -> tuple[int, int]:
    trace = replayed.hollow if isinstance(replayed, InParts) else replayed.trace
    return trace.start_ms, trace.end_ms


def _share(hour: int, window: tuple[int, int]) -> Fraction:
    """Return the part of a clock hour that a window covers; of one that it only touches, the whole. [1]"""
    covered = min((hour + 1) * MS_PER_HOUR, window[1]) - max(hour * MS_PER_HOUR, window[0])
    return Fraction(covered, MS_PER_HOUR) if covered > 0 else Fraction(1)


def _series(
    book: PriceBook, meter: BookMeter, replayed: Replayed | InParts, supposed: Supposed
) -> Iterator[tuple[int, Fraction]]:
    """Yield each clock hour of each function with its units."""
    of_functions = replayed.hours(supposed) if isinstance(replayed, InParts) else _by_function(replayed, supposed)
    for code, first, busy, calls in of_functions:
        a_ms, a_call = _weights(book, meter, replayed, code)
        for place, (ms, count) in enumerate(zip(busy, calls, strict=True)):
            yield first + place, a_ms * int(ms) + a_call * int(count)


def _by_function(replayed: Replayed, supposed: Supposed) -> Iterator[tuple[int, int, Int64, Int64]]:
    for code, own, _ in replayed.of_functions():
        if own.any():
            first = int(replayed.invocations.start_ms[own].min()) // MS_PER_HOUR
            yield code, first, *_hours(replayed, own, supposed)


def _weights(book: PriceBook, meter: BookMeter, replayed: OnInstances, code: int) -> tuple[Fraction, Fraction]:
    """Return how many units a busy ms and a connect of a function are."""
    size, a_ms, a_call = replayed.sizes[code], Fraction(0), Fraction(0)
    for name, weight in meter.of.items():
        for one in book.meters[name].measured:
            each = Fraction(weight) * one.ratio * (Fraction(getattr(size, one.times)) if one.times else 1)
            a_ms += each if one.what == "busy" else 0
            a_call += each if one.what == "connects" else 0
    return a_ms, a_call


def _hours(replayed: Replayed, own: NDArray[np.bool_], supposed: Supposed) -> tuple[Int64, Int64]:
    """Split busy time and connects over the clock hours from the first connect on. [ms], [1]"""
    rows = replayed.invocations
    starts, ends = rows.start_ms[own], rows.end_ms[own]
    first = int(starts.min()) // MS_PER_HOUR
    calls = starts // MS_PER_HOUR - first
    if supposed.lie != ALONE and replayed.packing is not None:
        starts, ends, _ = busy_intervals(starts, ends, replayed.packing.instance[own])
    ends = starts + round_up(ends - starts, replayed.lifecycle.busy_step_ms)
    last = max(int(ends.max(initial=0)) // MS_PER_HOUR, first + int(calls.max()))
    hours = last - first + 1
    return spread(starts, ends, first, hours), np.bincount(calls, minlength=hours).astype(np.int64)
