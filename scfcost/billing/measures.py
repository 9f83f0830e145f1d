"""What the meters of a platform count of a trace that was replayed under its rules: rationals of whole events."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from math import lcm

import numpy as np

from scfcost.billing.by_hour import settled_by_hour
from scfcost.billing.instance_time import busy_ms, idle_ms, kept_ms
from scfcost.billing.messages import units_of
from scfcost.billing.objects import awake_ms, beats, configs_of
from scfcost.billing.replayed import Replayed, Supposed
from scfcost.billing.unit_days import beyond_ms, counts_by_day, unit_ms
from scfcost.catalog.lifecycle import Measure
from scfcost.catalog.schema import PriceBook
from scfcost.core.money import round_ratio

MILLIONTHS = 1_000_000
"""Parts of what a meter counts that a month is rounded to where its own units are no finite decimals of it. [1]"""


def quantities(book: PriceBook, replayed: Replayed, supposed: Supposed) -> dict[str, Fraction]:
    """Sum what each meter of a book counts of a trace.

    Parameters
    ----------
    book : PriceBook
        Whose meters are asked for; those that measure nothing are left out.
    replayed : Replayed
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


def _weighted(measure: Measure, replayed: Replayed, supposed: Supposed) -> Fraction:
    """Sum a measure over the functions, each with the size of its own instances. [what the meter counts]"""
    counts = counted_by_function(measure, replayed, supposed)
    return measure.ratio * sum(
        (size * count for size, count in zip(_factors(measure, replayed), counts, strict=True)), Fraction(0)
    )


def _factors(measure: Measure, replayed: Replayed) -> list[Fraction]:
    """Return what each count of a measure is multiplied by: the size of instances, those of objects being alike."""
    if measure.what not in BY_INSTANCE:
        return [Fraction(getattr(replayed.size(), measure.times)) if measure.times else Fraction(1)]
    return [Fraction(getattr(size, measure.times)) if measure.times else Fraction(1) for size in replayed.sizes]


def projected(
    book: PriceBook, found: Mapping[str, Fraction], replayed: Replayed, factor: Fraction
) -> dict[str, Fraction]:
    """Project quantities to a month, each rounded half-up to whole units of what is metered, such as MB-ms.

    Where those are no finite part of what the meter counts, as a ms is not of a day, to millionths of it instead.

    Parameters
    ----------
    book : PriceBook
        Whose meters they are of.
    found : mapping of str to Fraction
        Quantities of the trace, in what each meter counts.
    replayed : Replayed
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


def counted(measure: Measure, replayed: Replayed, supposed: Supposed) -> int:
    """Sum one measure over a trace, in whole events, steps, ms or bytes.

    Parameters
    ----------
    measure : Measure
        What is counted.
    replayed : Replayed
        The trace under the rules of the platform.
    supposed : Supposed
        What the trace does not tell.
    """
    return sum(counted_by_function(measure, replayed, supposed))


def counted_by_function(measure: Measure, replayed: Replayed, supposed: Supposed) -> list[int]:
    """Sum one measure over a trace: a count a function where instances are measured, else one for all of them.

    Parameters
    ----------
    measure : Measure
        What is counted.
    replayed : Replayed
        The trace under the rules of the platform.
    supposed : Supposed
        What the trace does not tell.
    """
    of_instances = BY_INSTANCE.get(measure.what)
    if of_instances is None:
        return [0 if measure.only_most and not supposed.disputed else _of_all(measure, replayed, supposed)]
    if measure.only_most and not supposed.disputed:
        return [0] * len(replayed.sizes)
    return of_instances(replayed, supposed)


def _of_all(measure: Measure, replayed: Replayed, supposed: Supposed) -> int:
    rows = replayed.invocations
    if measure.what == "connects":
        return len(rows)
    if measure.what == "connection_time":
        return int((-(-rows.duration_ms // measure.step_ms)).sum())
    if measure.what == "messages":
        ways = ("up", "down") if measure.direction == "both" else (measure.direction,)
        return sum(_messages(replayed, way, measure.per_bytes) for way in ways)
    if measure.what == "invocations":
        return 2 * len(rows) + _messages(replayed, "up", None)
    if measure.what in ("handler", "handler_cpu"):
        each = supposed.handler_ms if measure.what == "handler" else supposed.handler_cpu_ms
        return (len(rows) + _messages(replayed, "up", None)) * each
    if measure.what == "awake":
        return awake_ms(replayed, supposed)
    if measure.what == "unit_time":
        return unit_ms(replayed.units_by_day, replayed.edges)
    if measure.what == "messages_beyond":
        return _beyond(measure, replayed)
    return int(rows.egress_bytes.sum()) if measure.what == "egress" else 1


def _messages(replayed: Replayed, way: str, per_bytes: int | None) -> int:
    """Sum the units of the delivered messages of one direction, injected heartbeats among them. [1]"""
    found = replayed.up if way == "up" else replayed.down
    rows = units_of(replayed.trace.message_bytes[found.rows], per_bytes)
    return rows + sum(count * units_of(np.array([size]), per_bytes) for count, size in found.beats)


def _beyond(measure: Measure, replayed: Replayed) -> int:
    """Sum the pushes of each day beyond those that its units carry, times the ms of a day."""
    trace, rows, found = replayed.trace, replayed.invocations, replayed.down
    by_beat, beat_at = beats(replayed)
    answers = np.array([config.heartbeat_down_bytes for config in configs_of(replayed)], np.int64)
    at = np.concatenate((np.maximum(trace.message_ms[found.rows], rows.start_ms[found.by]), beat_at))
    sizes = np.concatenate((trace.message_bytes[found.rows], answers[trace.function_code[rows.session[by_beat]]]))
    per_bytes = measure.per_bytes or 1
    if measure.in_total:
        known = np.where(sizes < 0, per_bytes, sizes)  # one of unknown size is one unit
        sent = [-(-size // per_bytes) for size in counts_by_day(at, known, replayed.edges)]
    else:
        each = np.maximum(-(-sizes.astype(np.int64) // per_bytes), 1) if measure.per_bytes else np.ones_like(sizes)
        sent = counts_by_day(at, each, replayed.edges)
    by_day, units = replayed.units_by_day, replayed.lifecycle.units
    return 0 if units is None else beyond_ms(units, sent, by_day, replayed.edges)
