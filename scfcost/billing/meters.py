"""What is metered: one row a meter, from the sums over invocations to the line of a bill.

A new meter is one row here and one `[prices.<meter>]` in a price book: metering, bills, totals, exports, words, figures
and JSON go through these rows.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from scfcost.catalog.load import book_names
from scfcost.catalog.schema import PriceBook
from scfcost.config.function import FunctionConfig
from scfcost.core.errors import CatalogError, nearest
from scfcost.core.money import round_ratio
from scfcost.core.units import BYTES_PER_GB, CALLS_PER_10K, MB_MS_PER_GBS


@dataclass(frozen=True, slots=True)
class Measured:
    """What was summed over the invocations of one function."""

    config: FunctionConfig
    calls: int
    """Accepted invocations. [1]"""
    connection_ms: int
    """Sum of the billed durations. [ms]"""
    busy_ms: int
    """Busy time of the instances, overlapping time on one instance once. [ms]"""
    egress_bytes: int
    """Bytes of the delivered messages from the function to its clients. [B]"""
    idle_ms: int = 0
    """Time of provisioned instances without work. [ms]"""

    @property
    def is_web(self) -> bool:
        """Whether the function is on the meters of web functions."""
        return self.config.function_type != "event"


class Usage(Mapping[str, int]):
    """What a bill is made of: integers in the smallest metered units, by counter; what was not counted is 0.

    Every count is a sum over invocations, so the usage of a whole is the sum of the usages of its parts.

    Examples
    --------
    >>> (Usage(egress_bytes=2) + Usage(egress_bytes=3, web_calls=1))["egress_bytes"]
    5
    """

    __slots__ = ("_counts",)

    def __init__(self, counts: Mapping[str, int] | None = None, /, **named: int) -> None:
        self._counts = {name: count for name, count in {**(counts or {}), **named}.items() if count}

    def __getitem__(self, counter: str) -> int:
        return self._counts.get(counter, 0)

    def __iter__(self) -> Iterator[str]:
        return iter(self._counts)

    def __len__(self) -> int:
        return len(self._counts)

    def __hash__(self) -> int:
        return hash(frozenset(self._counts.items()))

    def __repr__(self) -> str:
        return f"Usage({', '.join(f'{name}={count}' for name, count in self._counts.items())})"

    def __add__(self, other: Usage) -> Usage:
        return Usage({name: self[name] + other[name] for name in {**self._counts, **other._counts}})

    def project(self, numerator: int, denominator: int) -> Usage:
        """Multiply each count by a rational, rounded half-up to whole units.

        Parameters
        ----------
        numerator : int
            What each count is multiplied by. [1]
        denominator : int
            What the product is divided by, above 0. [1]
        """
        return Usage({name: round_ratio(count, numerator, denominator) for name, count in self._counts.items()})


Quantities = Mapping[str, int] | Mapping[str, Fraction]
"""Metered units by counter: integers that were measured, or numbers that were stated."""


@dataclass(frozen=True, slots=True)
class Meter:
    """A line item: which counters it sums, how many of them a price is for, and what it is called."""

    name: str
    """Name of the line, and of its `[prices.<name>]`."""
    counters: Mapping[str, Callable[[Measured], int]]
    """Counters of the usage that the line sums, each with how it comes from what was measured."""
    unit: str
    """What a price is for, in words."""
    per_unit: int
    """Metered units that a price is for. [1]"""
    title: str = ""
    """What the line is called in words; its name otherwise."""
    free_unit: int = 1
    """Metered units in a unit of an allowance. [1]"""
    shared: str = ""
    """Allowance that all counters share; that of the meter's name otherwise."""
    uncovered: Mapping[str, Callable[[Measured], int]] | None = None
    """Counter of the part that no allowance covers under the traffic rule `response`, and how it is measured."""
    always: bool = False
    """Whether the line stands in a bill of a book that prices it even where nothing was used."""
    service: str = ""
    """What is used, in the words of an export; its title otherwise."""
    metered_unit: str = ""
    """The smallest metered unit, in the words of an export."""
    consumed_unit: str = ""
    """Unit of the consumed quantity, in the words of an export; `unit` otherwise."""
    pricing_unit: str = ""
    """Unit of the priced quantity, in the words of an export; `unit` otherwise."""
    counted: str = ""
    """What allowances and stated quantities count, in words; `unit` otherwise."""
    flag: str = ""
    """Short flag of `scfcost price` that states the quantity."""
    of: Mapping[str, Fraction] | None = None
    """Weights of the counters, where the line is a weighted sum of them."""
    pattern: str = ""
    """How components of the vendor's bill are known, a regular expression."""

    @property
    def label(self) -> str:
        """What the line is called in words."""
        return self.title or self.name

    @property
    def shared_allowance(self) -> str:
        """Key of the allowance that all counters share."""
        return self.shared or self.name

    def quantity(self, usage: Quantities) -> Fraction | int:
        """Sum the counters of the line in a usage, in metered units. [1]"""
        if self.of is not None:
            return sum((weight * usage[counter] for counter, weight in self.of.items()), Fraction(0))
        return sum(usage[counter] for counter in self.counters)


METERS = (
    Meter(
        "resource", {"resource_mb_ms": lambda one: one.config.memory_mb * one.busy_ms}, "GBs", MB_MS_PER_GBS,
        free_unit=MB_MS_PER_GBS, always=True, service="memory time", metered_unit="MB-ms", flag="gbs",
        consumed_unit="GB-Seconds", pricing_unit="GB-Seconds", pattern=r"资源|resource|gbs|compute",
    ),
    Meter(
        "invocations",
        {
            "web_calls": lambda one: one.calls if one.is_web else 0,
            "event_calls": lambda one: 0 if one.is_web else one.calls,
        },
        "10,000 calls", CALLS_PER_10K, shared="calls", always=True, service="requests", metered_unit="Requests",
        counted="calls", flag="calls",
        consumed_unit="Requests", pricing_unit="10000 Requests", pattern=r"调用|invocation|\bcalls?\b|request",
    ),
    Meter(
        "egress", {"egress_bytes": lambda one: one.egress_bytes}, "GB", BYTES_PER_GB, free_unit=BYTES_PER_GB,
        uncovered={"response_bytes": lambda one: one.egress_bytes if one.is_web else 0}, always=True,
        service="traffic to clients, 1 GB = 1024^3 bytes", metered_unit="Bytes", flag="egress_gb",
        pattern=r"流量|traffic|egress|outbound|bandwidth",
    ),
    Meter(
        "provisioned_idle", {"provisioned_idle_mb_ms": lambda one: one.config.memory_mb * one.idle_ms}, "GBs",
        MB_MS_PER_GBS, title="provisioned, idle", free_unit=MB_MS_PER_GBS, service="idle provisioned memory",
        metered_unit="MB-ms", consumed_unit="GB-Seconds", pricing_unit="GB-Seconds",
        pattern=r"预置|闲置|provisioned|idle",
    ),
)  # fmt: skip
"""Every meter, in the order of the lines of a bill."""
BESIDE: dict[str, Callable[[Measured], int]] = {
    "invocations": lambda one: one.calls,
    "connection_ms": lambda one: one.connection_ms,
    "billed_ms": lambda one: one.busy_ms,
}
"""Counters that no line is made of."""


def counted(measured: Measured) -> dict[str, Any]:
    """Put the sums over the invocations of one function on every counter.

    Parameters
    ----------
    measured : Measured
        Integers; or, for many settings at once, arrays of exact integers (object, shape (k,)) in their place.

    Returns
    -------
    dict of str to int or ndarray of object, shape (k,)
        By counter.
    """
    counts: dict[str, Any] = {name: count(measured) for name, count in BESIDE.items()}
    for meter in METERS:
        for name, count in (*meter.counters.items(), *(meter.uncovered or {}).items()):
            counts[name] = count(measured)
    return counts


def usage_from(measured: Measured) -> Usage:
    """Put the sums over the invocations of one function on every meter."""
    return Usage(counted(measured))


def meter(name: str) -> Meter:
    """Return a meter by its name.

    Raises
    ------
    CatalogError
        If there is no such meter.
    """
    found = next((one for one in METERS if one.name == name), None)
    if found is None:
        raise CatalogError(f"{name!r} is no meter; {nearest(name, [one.name for one in METERS])}")
    return found


def meters_of(book: PriceBook) -> tuple[Meter, ...]:
    """Return the meters of a book: its own; of a function platform the ones above, whose counters they fill."""
    if book.is_of_functions:
        return METERS
    return tuple(
        Meter(
            name, {name: _not_measured}, own.unit, int(own.per), title=own.title, counted=own.counted, flag=own.flag,
            of={one: Fraction(weight) for one, weight in own.of.items()} if own.of else None,
        )
        for name, own in book.meters.items()
    )  # fmt: skip


def _not_measured(_: Measured) -> int:
    return 0


def check_book(book: PriceBook, file: str) -> None:
    """Hold the names of a price book's prices and allowances to the meters.

    Parameters
    ----------
    book : PriceBook
        The price book.
    file : str
        What messages call its file.

    Raises
    ------
    CatalogError
        If a price or an allowance is of no meter; the message names file, key and the nearest meter.
    """
    meters = meters_of(book)
    if book.is_of_functions:
        _check_names(book.meters, {one.name for one in METERS}, f"{file}: meters")
    for name in book.lifecycle.behind if book.lifecycle is not None else ():
        if not name.endswith(".toml") and name not in book_names():
            raise CatalogError(f"{file}: lifecycle.behind: {name!r} is no price book; {nearest(name, book_names())}")
    free = {name for one in meters for name in (one.shared_allowance, *(one.counters if len(one.counters) > 1 else ()))}
    for name, own in book.meters.items():
        _check_names(own.of, book.meters, f"{file}: meters.{name}.of")
        if own.by_hour is not None:
            taking = (own.by_hour.rounding, own.by_hour.lacking)
            _check_names(taking, book.meters, f"{file}: meters.{name}.by_hour")
    for number, period in enumerate(book.periods):
        where = f"{file}: periods[{number}]"
        _check_names(period.prices, {one.name for one in meters}, f"{where}.prices")
        for plan, grant in (("free", period.free), ("trial", period.trial), *period.plans.items()):
            _check_names(() if grant is None else grant.free, free, f"{where}.{plan}.free")
            _check_names(() if grant is None else grant.off, {one.name for one in meters}, f"{where}.{plan}.off")
    for name, region in book.regions.items():
        _check_names(region.prices, {one.name for one in meters}, f"{file}: regions.{name}.prices")


def _check_names(names: Iterable[str], known: Collection[str], where: str) -> None:
    for name in names:
        if name not in known:
            raise CatalogError(f"{where}.{name}: is no meter; {nearest(name, sorted(known))}")


def label(item: str) -> str:
    """Return what a line item is called in words; its own name where no meter has it."""
    return next((one.label for one in METERS if one.name == item), item)
