"""What the meters of a platform count of a trace that was replayed under its rules: rationals of whole events."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import lcm

import numpy as np

from scfcost.billing.messages import Delivered, delivered, units_of
from scfcost.billing.metering import round_up
from scfcost.billing.unit_days import beyond_ms, counts_by_day, day_edges, unit_ms, units_by_day
from scfcost.catalog.lifecycle import Lifecycle, Measure
from scfcost.catalog.schema import PriceBook
from scfcost.config.function import FunctionConfig
from scfcost.core.errors import CatalogError
from scfcost.core.money import round_ratio
from scfcost.lifecycle.instances import busy_bounds
from scfcost.lifecycle.intervals import busy_intervals
from scfcost.lifecycle.records import Invocations, Packing
from scfcost.trace.model import Int64, Trace

MILLIONTHS = 1_000_000
"""Parts of what a meter counts that a month is rounded to where its own units are no finite decimals of it. [1]"""
PACKED, FEWEST, ALONE = "packed", "fewest", "alone"
"""How connections lie on instances: as the replay placed them, on as few as there can be, each on its own."""


@dataclass(frozen=True, slots=True)
class Size:
    """How large one instance or object is."""

    memory_mb: int
    """[MB]"""
    vcpu: Fraction
    """[1]"""

    @classmethod
    def of(cls, lifecycle: Lifecycle, memory_mb: int) -> Size:
        """Return the size on a platform of an instance for which so much memory was asked. [MB]

        Parameters
        ----------
        lifecycle : Lifecycle
            What a platform says of its instances.
        memory_mb : int
            Memory that was asked for. [MB]
        """
        own = max(memory_mb, lifecycle.least_memory_mb) if lifecycle.memory_mb is None else lifecycle.memory_mb
        follows = lifecycle.vcpu_per_gb
        return cls(own, Fraction(lifecycle.vcpu) if follows is None else Fraction(follows) * own / 1024)


@dataclass(frozen=True, slots=True)
class Supposed:
    """What a trace does not tell and a bill hangs on."""

    handler_ms: int
    """How long a handler runs for a connect or a message. [ms]"""
    lie: str = PACKED
    """How connections lie on instances: `packed`, `fewest` or `alone`."""
    connections_per_room: int | None = None
    """Connections that share an object, None for all of them. [1]"""
    hibernates: bool = False
    """Whether objects sleep between events."""
    handler_cpu_ms: int = 0
    """How long a handler computes for a connect or a message. [ms]"""
    disputed: bool = False
    """Whether what a vendor does not say that it counts is counted."""


@dataclass(frozen=True, eq=False)
class Replayed:
    """A trace, replayed under the rules of a platform."""

    trace: Trace
    """n connections."""
    invocations: Invocations
    """k invocations of that trace."""
    configs: Mapping[str, FunctionConfig]
    """The settings of each function under which it was replayed."""
    packing: Packing | None
    """Where they ran, None where no instance holds connections."""
    lifecycle: Lifecycle

    @cached_property
    def up(self) -> Delivered:
        """Delivered messages from clients."""
        return delivered(self.trace, self.invocations, self.configs, "up")

    @cached_property
    def down(self) -> Delivered:
        """Delivered messages to clients."""
        return delivered(self.trace, self.invocations, self.configs, "down")

    @cached_property
    def edges(self) -> Int64:
        """Where each day of UTC begins, and where the window ends. Shape (d + 1,). [ms]"""
        return day_edges(self.trace.start_ms, self.trace.end_ms)

    @cached_property
    def units_by_day(self) -> list[int]:
        """Units of each day. [1]"""
        if self.lifecycle.units is None:
            raise CatalogError(f"{self.lifecycle.title}: units are measured, and [lifecycle.units] does not state them")
        return units_by_day(self.lifecycle.units, self.invocations.start_ms, self.invocations.end_ms, self.edges)

    def size(self) -> Size:
        """Return the size of an instance: that of the largest function."""
        return Size.of(self.lifecycle, max(config.memory_mb for config in self.configs.values()))


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
    return {
        name: sum((one.ratio * _factor(one, replayed) * counted(one, replayed, supposed) for one in meter.measured),
                  Fraction(0))
        for name, meter in book.meters.items() if meter.measured
    }  # fmt: skip


def projected(
    book: PriceBook, found: Mapping[str, Fraction], replayed: Replayed, factor: Fraction
) -> dict[str, Fraction]:
    """Project quantities to a month, each rounded half-up to whole units of what is metered.

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
        weights = (one.ratio * _factor(one, replayed) for one in book.meters[name].measured)
        parts = lcm(*(weight.denominator for weight in weights))
        parts = parts if _is_finite(parts) else MILLIONTHS
        month = quantity * factor * parts
        whole = round_ratio(month.numerator, 1, month.denominator)
        fixed = all(one.what == "month" for one in book.meters[name].measured)
        scaled[name] = quantity if fixed else Fraction(whole, parts)
    return scaled


def _is_finite(parts: int) -> bool:
    """Whether one of so many parts is a finite decimal: whether 2 and 5 alone divide their number."""
    return pow(10, parts.bit_length(), parts) == 0


def _factor(measure: Measure, replayed: Replayed) -> Fraction:
    return Fraction(getattr(replayed.size(), measure.times)) if measure.times else Fraction(1)


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
    if measure.only_most and not supposed.disputed:
        return 0
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
    if measure.what == "handler":
        return (len(rows) + _messages(replayed, "up", None)) * supposed.handler_ms
    if measure.what == "handler_cpu":
        return (len(rows) + _messages(replayed, "up", None)) * supposed.handler_cpu_ms
    if measure.what == "busy":
        return _busy(replayed, supposed)
    if measure.what == "awake":
        return _awake(replayed, supposed)
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


def _busy(replayed: Replayed, supposed: Supposed) -> int:
    """Sum the time in which instances hold a connection. [ms]"""
    rows, step_ms = replayed.invocations, replayed.lifecycle.busy_step_ms
    if supposed.lie == ALONE or replayed.packing is None:
        return int(round_up(rows.duration_ms, step_ms).sum())
    if supposed.lie == PACKED:
        return int(replayed.packing.busy_ms.sum())
    return sum(
        busy_bounds(rows.start_ms[own], rows.end_ms[own], config.max_concurrency)[0]
        for own, config in _of_functions(replayed)
    )


def _of_functions(replayed: Replayed) -> Iterator[tuple[np.ndarray, FunctionConfig]]:
    function = replayed.trace.function_code[replayed.invocations.session]
    for code, name in enumerate(replayed.trace.functions):
        yield function == code, replayed.configs[name]


def _awake(replayed: Replayed, supposed: Supposed) -> int:
    """Sum the time in which objects run: that of handlers where they hibernate, else of open connections. [ms]"""
    rows = replayed.invocations
    room = rooms(replayed.trace, supposed.connections_per_room)[rows.session]
    if not supposed.hibernates:
        return _union(rows.start_ms, rows.end_ms, room)
    start, of = _events(replayed, room)
    return _union(start, start + supposed.handler_ms, of)


def _union(start_ms: Int64, end_ms: Int64, owner: Int64) -> int:
    begins, ends, _ = busy_intervals(start_ms, end_ms, owner)
    return int((ends - begins).sum())


def _events(replayed: Replayed, room: Int64) -> tuple[Int64, Int64]:
    """Return when objects are woken, and the room of each: by a connect, or by a message from a client."""
    rows = replayed.invocations
    found = replayed.up
    at = np.maximum(replayed.trace.message_ms[found.rows], rows.start_ms[found.by])  # what waited comes at the start
    beats, beat_at = _beats(replayed)
    return np.concatenate((rows.start_ms, at, beat_at)), np.concatenate((room, room[found.by], room[beats]))


def _beats(replayed: Replayed) -> tuple[Int64, Int64]:
    """Return the invocation and the instant of each injected heartbeat. [1], [ms]"""
    rows, beats_of = replayed.invocations, replayed.up.beats_of
    beats = np.repeat(np.arange(len(rows)), beats_of)
    number = np.arange(len(beats)) - np.repeat(np.cumsum(beats_of) - beats_of, beats_of) + 1
    every = np.array([config.heartbeat_ms for config in _configs(replayed)], np.int64)
    return beats, rows.start_ms[beats] + number * every[replayed.trace.function_code[rows.session[beats]]]


def _configs(replayed: Replayed) -> list[FunctionConfig]:
    return [replayed.configs[name] for name in replayed.trace.functions]


def _beyond(measure: Measure, replayed: Replayed) -> int:
    """Sum the pushes of each day beyond those that its units carry, times the ms of a day."""
    trace, rows, found = replayed.trace, replayed.invocations, replayed.down
    beats, beat_at = _beats(replayed)
    answers = np.array([config.heartbeat_down_bytes for config in _configs(replayed)], np.int64)
    at = np.concatenate((np.maximum(trace.message_ms[found.rows], rows.start_ms[found.by]), beat_at))
    sizes = np.concatenate((trace.message_bytes[found.rows], answers[trace.function_code[rows.session[beats]]]))
    per_bytes = measure.per_bytes or 1
    if measure.in_total:
        known = np.where(sizes < 0, per_bytes, sizes)  # one of unknown size is one unit
        sent = [-(-size // per_bytes) for size in counts_by_day(at, known, replayed.edges)]
    else:
        each = np.maximum(-(-sizes.astype(np.int64) // per_bytes), 1) if measure.per_bytes else np.ones_like(sizes)
        sent = counts_by_day(at, each, replayed.edges)
    by_day, units = replayed.units_by_day, replayed.lifecycle.units
    return 0 if units is None else beyond_ms(units, sent, by_day, replayed.edges)


def rooms(trace: Trace, connections_per_room: int | None) -> Int64:
    """Return the room of each connection: those that connect one after the other share one.

    Parameters
    ----------
    trace : Trace
        n connections.
    connections_per_room : int, optional
        Connections of a room; all of them where it is not given. [1]

    Returns
    -------
    ndarray of int64, shape (n,)
        Rooms, from 0 on.
    """
    if connections_per_room is None:
        return np.zeros(trace.connections, np.int64)
    place = np.empty(trace.connections, np.int64)
    place[np.argsort(trace.connect_ms, kind="stable")] = np.arange(trace.connections)
    return place // connections_per_room
