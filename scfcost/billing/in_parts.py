"""A trace that is replayed in parts under the rules of a platform: sums that add up, and what is counted in time.

What connections do by themselves is summed in each part. What they do together (instances that they share, the most at
once of a day, rooms that are awake) is counted when all parts are done, from their lives in the order of time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from scfcost.billing.counts import beyond, counted_of_all, sent_by_day
from scfcost.billing.hourly import spread
from scfcost.billing.metering import round_up
from scfcost.billing.objects import events
from scfcost.billing.over_time import Peaks, Ranks, RoomTime, Span, Spans
from scfcost.billing.replayed import ALONE, FEWEST, Replayed, Size, Supposed
from scfcost.billing.unit_days import day_edges, unit_ms
from scfcost.catalog.lifecycle import Lifecycle, Measure
from scfcost.catalog.schema import PriceBook
from scfcost.config.function import FunctionConfig
from scfcost.core.units import MS_PER_HOUR, MS_PER_SECOND
from scfcost.lifecycle.environment import Platform
from scfcost.lifecycle.intervals import time_order
from scfcost.lifecycle.records import Stretch
from scfcost.lifecycle.streaming import Gauge, Gauged
from scfcost.trace.model import Int64, Trace

LIVES, WOKEN = "lives", "woken"
"""What is kept in the order of time: lives, and when objects are woken."""
_TOGETHER = ("busy", "idle", "kept", "awake", "unit_time", "messages_beyond", "month")
"""What connections do together, or not at all, so that no sum over parts is it."""
_OF_ONE = Supposed(1, ALONE, handler_cpu_ms=1, disputed=True)
"""Handlers of one ms, whose sums are multiplied by what is supposed of them."""


@dataclass(frozen=True, slots=True)
class Meters:
    """What the books of a platform measure."""

    lifecycle: Lifecycle
    books: tuple[PriceBook, ...]

    @property
    def measures(self) -> list[Measure]:
        """Each thing that is measured, once."""
        found = [one for book in self.books for meter in book.meters.values() for one in meter.measured]
        return [one for place, one in enumerate(found) if one not in found[:place]]

    @property
    def by_hour(self) -> bool:
        """Whether anything is settled by clock hour."""
        return any(meter.by_hour is not None for book in self.books for meter in book.meters.values())

    def has(self, *names: str) -> bool:
        """Whether any of some things is measured."""
        return any(one.what in names for one in self.measures)

    @property
    def needs_lives(self) -> bool:
        """Whether lives are looked at in the order of time."""
        return self.by_hour or self.has("busy", "idle", "kept", "awake", "unit_time", "messages_beyond")


def hours_of(trace: Trace, step_ms: int) -> tuple[int, int]:
    """Return the first clock hour of a window, and how many there are until what is rounded up has ended.

    Parameters
    ----------
    trace : Trace
        A trace with the window.
    step_ms : int
        What busy time is rounded up to a multiple of. [ms]
    """
    first = trace.start_ms // MS_PER_HOUR
    return first, (trace.end_ms + step_ms) // MS_PER_HOUR - first + 2


def sums_of(meters: Meters, replayed: Replayed) -> dict[str, Int64]:
    """Sum what the connections of a part do by themselves.

    Parameters
    ----------
    meters : Meters
        What is measured.
    replayed : Replayed
        The part under the rules of the platform, on no instances.

    Returns
    -------
    dict of str to ndarray of int64
        Sums by name; those of the parts of a trace add up.
    """
    rows, step_ms = replayed.invocations, meters.lifecycle.busy_step_ms
    found: dict[str, Int64] = {}
    for number, one in enumerate(meters.measures):
        if one.what == "messages_beyond":
            found[f"sent {number}"] = np.array(sent_by_day(one, replayed), np.int64)
        elif one.what not in _TOGETHER:
            found[f"count {number}"] = np.array(counted_of_all(one, replayed, _OF_ONE), np.int64)
    own_rows = [own for _, own, _ in replayed.of_functions()]
    billed = round_up(rows.duration_ms, step_ms)
    found["life"] = np.array([rows.duration_ms[own].sum() for own in own_rows], np.int64)
    found["alone"] = np.array([billed[own].sum() for own in own_rows], np.int64)
    if meters.by_hour:
        first, hours = hours_of(replayed.trace, step_ms)
        begun = rows.start_ms // MS_PER_HOUR - first
        calls = [np.bincount(begun[own], minlength=hours) for own in own_rows]
        spans = [(rows.start_ms[own], (rows.start_ms + billed)[own]) for own in own_rows]
        found["calls"] = np.array(calls, np.int64)
        found["hours"] = np.array([spread(*ends, first, hours) for ends in spans], np.int64)
    return found


def kept_of(meters: Meters, replayed: Replayed) -> dict[str, tuple[NDArray[Any], ...]]:
    """Return what of a part is kept in the order of time, by what it is called.

    Parameters
    ----------
    meters : Meters
        What is measured.
    replayed : Replayed
        The part under the rules of the platform.

    Returns
    -------
    dict of str to tuple of ndarray of int64
        `lives`: start, end, function, session, number; `woken`: instant, session. Ties by row.
    """
    if not meters.needs_lives:
        return {}
    rows = replayed.invocations
    order = time_order(rows.start_ms)
    function = replayed.trace.function_code[rows.session]
    lives = (rows.start_ms, rows.end_ms, function, rows.session, rows.number)
    found = {LIVES: tuple(column[order] for column in lives)}
    if meters.has("awake"):
        at, session = events(replayed, rows.session)
        order = time_order(at)
        found[WOKEN] = (at[order], session[order])
    return found


class _Seen(NamedTuple):
    """What lives came to in the order of time."""

    gauged: Gauged
    kept_ms: Int64
    """Time for which instances are kept after a last connection. Shape (functions,). [ms]"""
    hours: Int64
    """Busy time by clock hour. Shape (functions, hours). [ms]"""
    peaks: Int64
    """Most connections of each day. Shape (days,). [1]"""
    ranks: Ranks


@dataclass(frozen=True, eq=False)
class InParts:
    """A trace that was replayed in parts under the rules of a platform."""

    hollow: Trace
    """A trace without connections that has the window and the functions of the whole."""
    configs: Mapping[str, FunctionConfig]
    meters: Meters
    sums: Mapping[str, Int64]
    """Of all parts, see `sums_of`."""
    rows: Callable[[str], Iterator[Int64]]
    """Gives what was kept of all parts, in the order of time, and as its last row the file of each."""
    time_zone: str = "UTC"

    @property
    def lifecycle(self) -> Lifecycle:
        """How connections live there."""
        return self.meters.lifecycle

    @cached_property
    def sizes(self) -> tuple[Size, ...]:
        """How large an instance of each function is."""
        return tuple(Size.of(self.lifecycle, self.configs[name].memory_mb) for name in self.hollow.functions)

    @property
    def names_rooms(self) -> bool:
        """Whether every connection names its room: one that does is read as a whole."""
        return False

    @property
    def has_rooms(self) -> bool:
        """Whether any connection names its room."""
        return False

    @cached_property
    def edges(self) -> Int64:
        """Where each day of UTC begins, and where the window ends. Shape (d + 1,). [ms]"""
        return day_edges(self.hollow.start_ms, self.hollow.end_ms)

    @cached_property
    def units_by_day(self) -> list[int]:
        """Units of each day. [1]"""
        units = self.lifecycle.units
        return [] if units is None else [units.for_connections(int(most)) for most in self._seen.peaks]

    def counts(self, measure: Measure, supposed: Supposed) -> list[int]:
        """Count one measure, as `counted_by_function` counts it of a trace in memory.

        Parameters
        ----------
        measure : Measure
            What is counted.
        supposed : Supposed
            What the trace does not tell.
        """
        if measure.what == "busy":
            return self._busy(supposed)
        if measure.what == "idle":
            return [0] * len(self.sizes) if self.lifecycle.held is None else self._seen.gauged.idle_ms.tolist()
        if measure.what == "kept":
            return [0] * len(self.sizes) if self.lifecycle.held is None else self._seen.kept_ms.tolist()
        if measure.what == "awake":
            return [self._awake(supposed)]
        if measure.what == "unit_time":
            return [unit_ms(self.units_by_day, self.edges)]
        number = self.meters.measures.index(measure)
        if measure.what == "messages_beyond":
            sent = self.sums[f"sent {number}"].tolist()
            return [beyond(measure, sent, self.lifecycle, self.units_by_day, self.edges)]
        if measure.what == "month":
            return [1]
        each = {"handler": supposed.handler_ms, "handler_cpu": supposed.handler_cpu_ms}.get(measure.what, 1)
        return [int(self.sums[f"count {number}"]) * each]

    def hours(self, supposed: Supposed) -> Iterator[tuple[int, int, Int64, Int64]]:
        """Yield the place of each function, the first clock hour, and its busy time and connects by hour. [ms], [1]"""
        alone = supposed.lie == ALONE or self.lifecycle.held is None
        busy = self.sums["hours"] if alone else self._seen.hours
        first = hours_of(self.hollow, self.lifecycle.busy_step_ms)[0]
        for code, (own, calls) in enumerate(zip(busy, self.sums["calls"], strict=True)):
            yield code, first, own, calls

    def _busy(self, supposed: Supposed) -> list[int]:
        if supposed.lie == ALONE or self.lifecycle.held is None:
            return list(self.sums["alone"].tolist())
        if supposed.lie != FEWEST:
            return list(self._seen.gauged.busy_ms.tolist())
        several = any(config.max_concurrency > 1 for config in self.configs.values())
        return list((self._seen.gauged.least_ms if several else self.sums["life"]).tolist())

    def _awake(self, supposed: Supposed) -> int:
        ranks, each = self._seen.ranks, supposed.connections_per_room
        time = RoomTime(1 if each is None else -(-ranks.count // each))
        for start, end, session, file in self._spans(supposed):
            room = np.zeros(len(start), np.int64) if each is None else ranks.of(file, session) // each
            time.add(start, end, room)
        return time.covered_ms

    def _spans(self, supposed: Supposed) -> Iterator[tuple[Int64, Int64, Int64, Int64]]:
        if supposed.hibernates:
            for at, session, file in self.rows(WOKEN):
                yield at, at + supposed.handler_ms, session, file
            return
        for start, end, _, session, _, file in self.rows(LIVES):
            yield start, end, session, file

    @cached_property
    def _seen(self) -> _Seen:
        return _seen(self)


def _seen(of: InParts) -> _Seen:
    """Look at the lives once, in the order of time, with whatever their meters need."""
    meters, lifecycle = of.meters, of.lifecycle
    functions, step_ms = len(of.sizes), lifecycle.busy_step_ms
    gauge = Gauge(of.hollow, of.configs, Platform(granularity_ms=step_ms, time_zone=of.time_zone))
    spans, peaks, ranks = Spans(functions, lifecycle.kept_s * MS_PER_SECOND), Peaks(of.edges), Ranks()
    first, count = hours_of(of.hollow, step_ms) if meters.by_hour else (0, 0)
    kept_ms, hours = np.zeros(functions, np.int64), np.zeros((functions, count), np.int64)

    def take(found: Span) -> None:
        np.add.at(kept_ms, found.function, found.kept_ms)
        ends = found.start_ms + round_up(found.end_ms - found.start_ms, step_ms)
        for code in range(functions if count else 0):
            own = found.function == code
            hours[code] += spread(found.start_ms[own], ends[own], first, count)

    needs_spans = lifecycle.held is not None and (meters.by_hour or meters.has("kept"))
    for start, end, function, session, number, file in of.rows(LIVES):
        if lifecycle.held is not None:
            placed = gauge.add(Stretch(start, end, function.astype(np.int16)))
            if needs_spans:
                take(spans.add(start, end, function, placed.number))
        if lifecycle.units is not None:
            peaks.add(start, end)
        if lifecycle.group == "room":
            ranks.add(file[number == 0], session[number == 0])
    take(spans.finish(of.hollow.end_ms))
    return _Seen(gauge.finish(), kept_ms, hours, peaks.finish(), ranks)


def meters_of(lifecycle: Lifecycle, books: Sequence[PriceBook]) -> Meters:
    """Return what the books of a platform measure.

    Parameters
    ----------
    lifecycle : Lifecycle
        How connections live there.
    books : sequence of PriceBook
        The platform's own, and those of the services behind it.
    """
    return Meters(lifecycle, tuple(books))
