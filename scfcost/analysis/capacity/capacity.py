"""How much traffic the settings and the quota carry: peaks, refusals, cold starts, growth, and what to change."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from scfcost.analysis.capacity.load import Load, Traffic, Uncut, load_of, uncut
from scfcost.analysis.capacity.remedies import Remedy
from scfcost.analysis.capacity.remedies import remedies as find_remedies
from scfcost.analysis.capacity.worst import Worst, bounding_quota, worst_case
from scfcost.analysis.estimate.estimate import TraceEstimate
from scfcost.analysis.estimate.lead import shortfalls
from scfcost.core.errors import ConfigError
from scfcost.core.units import MS_PER_MINUTE
from scfcost.lifecycle.outcomes import BURST, QUOTA
from scfcost.lifecycle.threads import workers
from scfcost.lifecycle.timeline import Timeline
from scfcost.report import capacity as tables
from scfcost.report import html

FACTORS = (2, 5, 10)
"""Multiples of the traffic that are looked at. [1]"""
HOURS = 24
_TIMES = 2
"""A quota of so many times the memory at the peak is named, where no amount is. [1]"""


@dataclass(frozen=True, eq=False, repr=False)
class Capacity:
    """What the settings carry. Made by `capacity`."""

    estimate: TraceEstimate
    holds: int | None
    """Connections at once that the quota holds, None where it is unknown or functions differ in memory. [1]"""
    first_refused_ms: dict[str, int]
    """Instant at which quota (432) and burst limit (429) first refuse, where they do. [ms]"""
    cold_starts_by_hour: tuple[int, ...]
    """Cold starts in each clock hour of the day, in the book's time zone. [1]"""
    loads: tuple[Load, ...]
    """The traffic as it is, and its multiples."""
    remedied: int | None
    """The multiple that the remedies are for: the smallest that is not carried; None where all are."""
    remedies: tuple[Remedy, ...]
    timeline: Timeline
    worst: Worst | None
    """The dearest month that the quota allows, None where it is not known."""
    uncut: Uncut
    """What the connections need where none is cut, which is the most that clients who come back take."""
    bounded: tuple[Decimal, int] | None
    """An amount that no month should cost more than, and the largest quota that sees to it. [currency], [MB]"""

    def to_dict(self) -> dict[str, Any]:
        """Return the answer as plain data, amounts as strings."""
        found, platform = self.estimate, self.estimate.platform
        return {
            "schema": "scfcost.capacity/1",
            "currency": found.terms.book.currency,
            "region": found.terms.region,
            "plan": found.terms.plan,
            "quota_mb": platform.quota_mb,
            "burst_per_minute": platform.burst_per_minute,
            "holds_connections": self.holds,
            "functions": {
                one: {
                    "memory_mb": config.memory_mb,
                    "max_concurrency": config.max_concurrency,
                    "reconnect": config.reconnect if config.function_type == "web-ws" else "none",
                    "memory_told": config.memory_needed_mb > 0,
                }
                for one, config in found.functions.items()
            },
            "first_refused_ms": dict(self.first_refused_ms),
            "cold_starts_by_hour": list(self.cold_starts_by_hour),
            "time_zone": platform.time_zone,
            "loads": [_plain(load) for load in self.loads],
            "uncut": {name: getattr(self.uncut, name) for name in self.uncut.__slots__},
            "shortfalls": list(shortfalls(found)),
            "not_known": [one.to_dict() for one in found.not_known],
            "worst_case": None if self.worst is None else self.worst.to_dict() | self._bound(),
            "remedied_factor": self.remedied,
            "remedies": [{**_plain(one), "carries": one.carries} for one in self.remedies],
        }

    def _bound(self) -> dict[str, Any]:
        if self.bounded is None:
            return {"bounded_to": None}
        return {"bounded_to": {"monthly": str(self.bounded[0]), "quota_mb": self.bounded[1]}}

    def __repr__(self) -> str:
        """Return what is carried, for a console."""
        return f"<Capacity: {tables.headline(self.to_dict())}>"

    def _repr_html_(self) -> str:
        return html.capacity(self.to_dict())


def capacity(
    estimate: TraceEstimate,
    *,
    factors: Sequence[int] = FACTORS,
    bins: int = 600,
    max_refused: Fraction = Fraction(0),
    seed: int = 0,
    most: Decimal | None = None,
) -> Capacity:
    """Find out how much traffic a setting carries.

    Parameters
    ----------
    estimate : TraceEstimate
        A priced trace. Its invocations are what more traffic is made of: as many copies, each session of a copy
        starting up to five minutes earlier or later.
    factors : sequence of int
        Multiples of the traffic to look at, beside the traffic as it is.
    bins : int
        Most bins of the timeline. [1]
    max_refused : Fraction
        Share of the connections that may be refused by the quota that is asked for.
    seed : int
        Seed of those shifts.
    most : Decimal, optional
        What a month may cost whatever happens, for the quota that sees to it; otherwise a quota of twice the memory
        at the peak is looked at. [currency]

    Returns
    -------
    Capacity
        Peaks, refusals, growth and remedies. What is refused is counted as if it went away and changed nothing else.

    Raises
    ------
    ConfigError
        If a factor is less than 1, or the estimate refuses what goes beyond the limits.
    """
    if estimate.platform.refuses:
        raise ConfigError("more traffic is made of connections that were all accepted: leave out --on-quota refuse")
    if any(factor < 1 for factor in factors):
        raise ConfigError(f"traffic: {min(factors)} is less than 1; give whole multiples such as 2,5,10")
    wanted = sorted({1, *factors})
    with ThreadPoolExecutor(workers()) as pool:
        found = [pool.submit(load_of, estimate, factor, seed) for factor in reversed(wanted)]  # the longest first
    loads = tuple(one.result() for one in reversed(found))
    short = next((load for load in loads if any(load.refused.values())), None)
    instants, codes = estimate.refused_at()
    worst = worst_case(estimate.terms, estimate.quota_mb)
    whole = uncut(estimate)
    return Capacity(
        estimate=estimate,
        holds=_holds(estimate),
        first_refused_ms={
            str(code): int(instants[codes == code].min()) for code in (QUOTA, BURST) if (codes == code).any()
        },
        cold_starts_by_hour=_by_hour(estimate),
        loads=loads,
        remedied=None if short is None else short.factor,
        remedies=() if short is None else _remedied(estimate, short, max_refused, seed),
        timeline=estimate.steps(bins=bins),
        worst=worst,
        uncut=whole,
        bounded=None if worst is None else _bounded(estimate, worst, most, whole),
    )


def _remedied(estimate: TraceEstimate, short: Load, max_refused: Fraction, seed: int) -> tuple[Remedy, ...]:
    return tuple(find_remedies(Traffic(estimate, short.factor, seed), short, max_refused))


def _bounded(estimate: TraceEstimate, worst: Worst, most: Decimal | None, whole: Uncut) -> tuple[Decimal, int] | None:
    """Return an amount below the worst case, and the quota that keeps a month to it, with room for the traffic."""
    if most is None:
        needed_mb = max(estimate.result.packing.peak_memory_mb, whole.peak_memory_mb)
        less = worst_case(estimate.terms, _TIMES * needed_mb)
        return None if less is None or less.quota_mb >= worst.quota_mb else (less.monthly, less.quota_mb)
    quota = None if most >= worst.monthly else bounding_quota(estimate.terms, most, worst.quota_mb)
    return None if quota is None else (most, quota)


def _plain(one: Load | Remedy) -> dict[str, Any]:
    fields = {name: getattr(one, name) for name in one.__slots__}
    return {**fields, "refused": dict(one.refused), "monthly": None if one.monthly is None else str(one.monthly)}


def _holds(estimate: TraceEstimate) -> int | None:
    quota, configs = estimate.quota_mb, set(estimate.functions.values())
    if quota is None or len({(config.memory_mb, config.max_concurrency) for config in configs}) > 1:
        return None
    config = configs.pop()
    return quota // config.memory_mb * config.max_concurrency


def _by_hour(estimate: TraceEstimate) -> tuple[int, ...]:
    cold = estimate.result.invocations.start_ms[estimate.result.packing.cold_start] // MS_PER_MINUTE
    minutes, counts = np.unique(cold, return_counts=True)  # clocks differ by whole minutes: few are converted
    zone, by_hour = ZoneInfo(estimate.platform.time_zone), [0] * HOURS
    for minute, count in zip(minutes.tolist(), counts.tolist(), strict=True):
        by_hour[datetime.fromtimestamp(minute * 60, zone).hour] += count
    return tuple(by_hour)
