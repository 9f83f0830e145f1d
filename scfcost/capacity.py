"""How much traffic the settings and the quota carry: peaks, refusals, cold starts, growth, and what to change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np

from scfcost.config import FunctionConfig
from scfcost.costing import bills
from scfcost.errors import ConfigError
from scfcost.estimation import Estimate
from scfcost.lifecycle.instances import Packing, pack, would_refuse
from scfcost.lifecycle.loss import count_lost
from scfcost.lifecycle.outcomes import BURST, QUOTA
from scfcost.lifecycle.replay import Invocations
from scfcost.lifecycle.steps import time_order
from scfcost.lifecycle.timeline import Timeline
from scfcost.metering import measure, total
from scfcost.pricing import Terms
from scfcost.trace.model import Int64
from scfcost.units import MS_PER_MINUTE

FACTORS = (2, 5, 10)
"""Multiples of the traffic that are looked at. [1]"""
SHARED = (2, 5, 10, 20, 50, 100)
"""Connections an instance that are tried where the quota does not suffice. [1]"""
JITTER_MS = 5 * MS_PER_MINUTE
"""Copies of a session start up to so long before or after it: people like these, not their shadows. [ms]"""
HOURS = 24
MOST_PLANS = 2
"""How many of the packages that carry the traffic are named, the cheapest first. [1]"""


@dataclass(frozen=True, slots=True)
class Load:
    """What some multiple of the traffic needs, and what of it would be refused."""

    factor: int
    peak_connections: int
    peak_instances: int
    peak_memory_mb: int
    cold_starts: int
    burst: int
    """Most new instances within a minute. [1/min]"""
    refused: dict[str, int]
    """Invocations beyond the memory quota (432) and the burst limit (429). [1]"""
    monthly: Decimal | None
    """Cost of a month. [currency]"""


@dataclass(frozen=True, slots=True)
class Remedy:
    """A change that may carry the load."""

    change: str
    peak_memory_mb: int
    refused: dict[str, int]
    monthly: Decimal | None
    """Cost of a month. [currency]"""

    @property
    def carries(self) -> bool:
        """Whether nothing is refused any more."""
        return not any(self.refused.values())


@dataclass(frozen=True, eq=False)
class Capacity:
    """What the settings carry. Made by `capacity`."""

    estimate: Estimate
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
                one: {"memory_mb": config.memory_mb, "max_concurrency": config.max_concurrency}
                for one, config in found.functions.items()
            },
            "first_refused_ms": dict(self.first_refused_ms),
            "cold_starts_by_hour": list(self.cold_starts_by_hour),
            "time_zone": platform.time_zone,
            "loads": [_plain(load) for load in self.loads],
            "remedied_factor": self.remedied,
            "remedies": [{**_plain(one), "carries": one.carries} for one in self.remedies],
        }


def capacity(
    estimate: Estimate,
    *,
    factors: Sequence[int] = FACTORS,
    bins: int = 600,
    max_refused: Fraction = Fraction(0),
    seed: int = 0,
) -> Capacity:
    """Find out how much traffic a setting carries.

    Parameters
    ----------
    estimate : Estimate
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

    Returns
    -------
    Capacity
        Peaks, refusals, growth and remedies. What is refused is counted as if it went away and changed nothing else.

    Raises
    ------
    ConfigError
        If a factor is less than 1.
    """
    if any(factor < 1 for factor in factors):
        raise ConfigError(f"traffic: {min(factors)} is less than 1; give whole multiples such as 2,5,10")
    loads = tuple(_load(estimate, factor, seed) for factor in sorted({1, *factors}))
    short = next((load.factor for load in loads if any(load.refused.values())), None)
    instants, codes = estimate.refused_at()
    return Capacity(
        estimate=estimate,
        holds=_holds(estimate),
        first_refused_ms={
            str(code): int(instants[codes == code].min()) for code in (QUOTA, BURST) if (codes == code).any()
        },
        cold_starts_by_hour=_by_hour(estimate),
        loads=loads,
        remedied=short,
        remedies=() if short is None else tuple(_remedies(estimate, loads, short, max_refused, seed)),
        timeline=estimate.steps(bins=bins),
    )


def _plain(one: Load | Remedy) -> dict[str, Any]:
    fields = {name: getattr(one, name) for name in one.__slots__}
    return {**fields, "refused": dict(one.refused), "monthly": None if one.monthly is None else str(one.monthly)}


def _holds(estimate: Estimate) -> int | None:
    quota, configs = estimate.quota_mb, set(estimate.functions.values())
    if quota is None or len({(config.memory_mb, config.max_concurrency) for config in configs}) > 1:
        return None
    config = configs.pop()
    return quota // config.memory_mb * config.max_concurrency


def _by_hour(estimate: Estimate) -> tuple[int, ...]:
    import pandas as pd

    cold = estimate.result.invocations.start_ms[estimate.result.packing.cold_start]
    clock = pd.DatetimeIndex(pd.to_datetime(cold, unit="ms", utc=True)).tz_convert(estimate.platform.time_zone)
    return tuple(np.bincount(np.asarray(clock.hour, dtype=np.int64), minlength=HOURS).tolist())


def _copied(invocations: Invocations, factor: int, seed: int) -> Invocations:
    """Return so many copies of the invocations, each session of a copy shifted by itself."""
    sessions = int(invocations.session.max(initial=-1)) + 1
    shift = np.zeros((factor, sessions), np.int64)
    for copy, child in enumerate(np.random.SeedSequence(seed).spawn(factor)[1:], 1):  # the first is the traffic itself
        shift[copy] = np.random.default_rng(child).integers(-JITTER_MS, JITTER_MS + 1, sessions)
    shifts = shift[:, invocations.session].reshape(-1)
    nothing = np.broadcast_to(np.int64(0), len(shifts))
    return Invocations(
        session=np.tile(invocations.session, factor),
        number=nothing,
        start_ms=np.tile(invocations.start_ms, factor) + shifts,
        end_ms=np.tile(invocations.end_ms, factor) + shifts,
        outcome=nothing.astype(np.int16, copy=False),
        egress_bytes=np.tile(invocations.egress_bytes, factor),
        harmful=nothing.astype(np.bool_, copy=False),
        last_data_ms=nothing,
        first_message=nothing,
        end_message=nothing,
        tally=invocations.tally * factor,
    )


def _load(estimate: Estimate, factor: int, seed: int) -> Load:
    rows = _copied(estimate.result.invocations, factor, seed)
    packing, refused = _packed(estimate, rows, estimate.functions, *_limits(estimate))
    return Load(
        factor=factor,
        peak_connections=packing.peak_connections,
        peak_instances=packing.peak_instances,
        peak_memory_mb=packing.peak_memory_mb,
        cold_starts=int(packing.cold_starts.sum()),
        burst=_most_in_a_minute(rows.start_ms[packing.cold_start]),
        refused=refused,
        monthly=_month(estimate, rows, packing, estimate.functions, estimate.terms),
    )


def _limits(estimate: Estimate) -> tuple[int | None, int | None]:
    return estimate.platform.quota_mb, estimate.platform.burst_per_minute


def _packed(
    estimate: Estimate,
    rows: Invocations,
    configs: Mapping[str, FunctionConfig],
    quota_mb: int | None,
    burst: int | None,
) -> tuple[Packing, dict[str, int]]:
    """Pack as if nothing were refused, and count what would be."""
    platform = estimate.platform
    free = pack(estimate.point, rows, configs, granularity_ms=platform.granularity_ms, time_zone=platform.time_zone)
    if quota_mb is None and burst is None:
        return free, {"432": 0, "429": 0}
    limited = pack(
        estimate.point, rows, configs, quota_mb=quota_mb, burst_per_minute=burst, time_zone=platform.time_zone
    )
    return free, would_refuse(limited)


def _most_in_a_minute(instants: Int64) -> int:
    """Return the most instants within any (t - 60 s, t]."""
    ordered = np.sort(instants)
    first = np.searchsorted(ordered, ordered - MS_PER_MINUTE, side="right")
    return int((np.arange(len(ordered)) - first + 1).max(initial=0))


def _month(
    estimate: Estimate, rows: Invocations, packing: Packing, configs: Mapping[str, FunctionConfig], terms: Terms
) -> Decimal | None:
    platform = estimate.platform
    usages = measure(
        estimate.point, rows, configs, granularity_ms=platform.granularity_ms, packing=packing,
        time_zone=platform.time_zone,
    )  # fmt: skip
    monthly = bills(estimate.point, total(usages), terms)[1]
    return None if monthly is None else monthly.total


def _remedies(
    estimate: Estimate, loads: Sequence[Load], factor: int, max_refused: Fraction, seed: int
) -> Iterator[Remedy]:
    """Try what may carry the smallest load that is not carried."""
    rows = _copied(estimate.result.invocations, factor, seed)
    quota, burst = _limits(estimate)
    for change, configs in _other_settings(estimate):
        worst = max(
            (
                (month, packing.peak_memory_mb, refused)
                for placed in _both_placements(configs)
                for packing, refused in [_packed(estimate, rows, placed, quota, burst)]
                for month in [_month(estimate, rows, packing, placed, estimate.terms)]
            ),
            key=lambda found: (sum(found[2].values()), found[0] or 0, found[1]),
        )
        yield Remedy(change, worst[1], worst[2], worst[0])
    load = next(load for load in loads if load.factor == factor)
    carrying = [one for one in _other_plans(estimate, rows, load) if one.carries]
    yield from sorted(carrying, key=lambda one: one.monthly or 0)[:MOST_PLANS]
    needed_mb, lost = _least_quota(estimate, rows, load, max_refused)
    asked = f"ask for a quota of {needed_mb:,} MB" if load.refused["432"] else ""
    if load.refused["429"]:
        asked += f"{' and ' if asked else 'ask for '}{load.burst:,} new instances a minute"
    yield Remedy(asked, load.peak_memory_mb, {"432": lost, "429": 0}, load.monthly)


def _least_quota(estimate: Estimate, rows: Invocations, load: Load, max_refused: Fraction) -> tuple[int, int]:
    """Return the least quota that refuses at most a share of the connections, and how many it refuses. [MB]

    Where instances hold several connections, are kept, started in advance or differ in memory, none may be refused.
    """
    configs = set(estimate.functions.values())
    memory = {config.memory_mb for config in configs}
    if len(memory) > 1 or any(config.is_shared or config.keep_alive_ms for config in configs):
        return load.peak_memory_mb, 0
    order = time_order(rows.start_ms)
    starts, ends = rows.start_ms[order], rows.end_ms[order]
    most = int(max_refused * len(starts))
    low, high = 0, load.peak_instances
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if count_lost(starts, ends, middle) <= most else (middle, high)
    return high * memory.pop(), count_lost(starts, ends, high)


def _other_plans(estimate: Estimate, rows: Invocations, load: Load) -> Iterator[Remedy]:
    """Try each package that sets limits of its own."""
    quota, burst = _limits(estimate)
    for name, plan in estimate.terms.period.plans.items():
        own_quota = quota if plan.quota_mb is None else plan.quota_mb
        own_burst = burst if plan.burst_per_minute is None else plan.burst_per_minute
        if (own_quota, own_burst) == (quota, burst):
            continue
        packing, refused = _packed(estimate, rows, estimate.functions, own_quota, own_burst)
        month = _month(estimate, rows, packing, estimate.functions, replace(estimate.terms, plan=name))
        size = "quota unknown" if own_quota is None else f"{own_quota:,} MB"
        text = f"the plan {name} (--plan {name}): {size}, {own_burst:,} new instances a minute"
        yield Remedy(text, load.peak_memory_mb, refused, month)


def _other_settings(estimate: Estimate) -> Iterator[tuple[str, dict[str, FunctionConfig]]]:
    """Yield other numbers of connections an instance, with the memory they need, and less memory."""
    sizes = estimate.terms.book.limits.memory_mb.sizes
    now = max(config.max_concurrency for config in estimate.functions.values())
    for held in SHARED:
        if held <= now:
            continue
        configs = {one: config.replace(max_concurrency=held) for one, config in estimate.functions.items()}
        grown = {one: _with_memory(config, sizes) for one, config in configs.items()}
        if any(config is None for config in grown.values()):
            continue  # no documented memory holds so many
        fitting = {one: config for one, config in grown.items() if config is not None}
        memory = ", ".join(sorted({f"{config.memory_mb:,} MB" for config in fitting.values()}))
        yield f"{held} connections an instance (--max-concurrency {held}) of {memory}", fitting
    smaller = {one: _smallest(config, sizes) for one, config in estimate.functions.items()}
    if smaller != estimate.functions:
        least = min(config.memory_mb for config in smaller.values())
        yield f"less memory, if it suffices (--memory {least})", smaller


def _with_memory(config: FunctionConfig, sizes: Sequence[int]) -> FunctionConfig | None:
    """Return the setting with the memory it has, or the least documented one that holds its connections."""
    fitting = [size for size in sizes if size >= max(config.memory_needed_mb, config.memory_mb)]
    return config.replace(memory_mb=fitting[0]) if fitting else None


def _smallest(config: FunctionConfig, sizes: Sequence[int]) -> FunctionConfig:
    """Return the setting with the least documented memory that holds what it needs."""
    fitting = [size for size in sizes if config.memory_needed_mb <= size <= config.memory_mb]
    return config.replace(memory_mb=fitting[0]) if fitting else config


def _both_placements(configs: Mapping[str, FunctionConfig]) -> Iterator[dict[str, FunctionConfig]]:
    """Yield the settings under each placement where it matters: the vendor does not publish which one it uses."""
    shared = any(config.max_concurrency > 1 for config in configs.values())
    for placement in ("fullest", "least-loaded") if shared else ("fullest",):
        yield {one: config.replace(placement=placement) for one, config in configs.items()}
