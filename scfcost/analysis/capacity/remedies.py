"""What carries traffic that the settings do not: sharing instances, less memory, a package, a larger quota."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from scfcost.analysis.capacity.load import Load, copied, month_total
from scfcost.analysis.estimate.estimate import TraceEstimate
from scfcost.analysis.sweep.sizing import HELD, least_memory
from scfcost.config.function import PLACEMENTS, FunctionConfig
from scfcost.lifecycle.instances import would_refuse
from scfcost.lifecycle.intervals import time_order
from scfcost.lifecycle.loss import count_lost
from scfcost.lifecycle.records import Invocations
from scfcost.lifecycle.run import place_within

MOST_PLANS = 2
"""How many of the packages that carry the traffic are named, the cheapest first. [1]"""


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


def remedies(
    estimate: TraceEstimate, loads: Sequence[Load], factor: int, max_refused: Fraction, seed: int
) -> Iterator[Remedy]:
    """Try what may carry the smallest load that is not carried.

    Parameters
    ----------
    estimate : TraceEstimate
        A priced trace.
    loads : sequence of Load
        Its traffic and multiples of it.
    factor : int
        The multiple to be carried, one of the loads. [1]
    max_refused : Fraction
        Share of the connections that a quota may refuse.
    seed : int
        Seed of the shifts of the copies.
    """
    rows = copied(estimate.result.invocations, factor, seed)
    for change, configs in _other_settings(estimate):
        worst = max(
            (
                (month, packing.peak_memory_mb, would_refuse(limited))
                for placed in _both_placements(configs)
                for packing, limited in [place_within(estimate.point, rows, placed, estimate.platform)]
                for month in [month_total(estimate, rows, packing, placed, estimate.terms)]
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


def _least_quota(estimate: TraceEstimate, rows: Invocations, load: Load, max_refused: Fraction) -> tuple[int, int]:
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


def _other_plans(estimate: TraceEstimate, rows: Invocations, load: Load) -> Iterator[Remedy]:
    """Try each package that sets limits of its own."""
    platform, configs = estimate.platform, estimate.functions
    for name, plan in estimate.terms.period.plans.items():
        stated = {limit: getattr(plan, limit) for limit in ("quota_mb", "burst_per_minute")}
        own = replace(platform, **{limit: value for limit, value in stated.items() if value is not None})
        if own == platform:
            continue
        packing, limited = place_within(estimate.point, rows, configs, own)
        month = month_total(estimate, rows, packing, configs, replace(estimate.terms, plan=name))
        size = "quota unknown" if own.quota_mb is None else f"{own.quota_mb:,} MB"
        text = f"the plan {name} (--plan {name}): {size}, {own.burst_per_minute:,} new instances a minute"
        yield Remedy(text, load.peak_memory_mb, would_refuse(limited), month)


def _other_settings(estimate: TraceEstimate) -> Iterator[tuple[str, dict[str, FunctionConfig]]]:
    """Yield other numbers of connections an instance, with the memory they need, and less memory."""
    sizes = estimate.terms.book.limits.memory_mb.sizes
    now = max(config.max_concurrency for config in estimate.functions.values())
    for held in [held for held in HELD if held > now]:
        configs = {one: config.replace(max_concurrency=held) for one, config in estimate.functions.items()}
        needed = {one: least_memory(config, sizes, config.memory_mb) for one, config in configs.items()}
        grown = {one: configs[one].replace(memory_mb=size) for one, size in needed.items() if size is not None}
        if len(grown) < len(configs):
            continue  # no documented memory holds so many
        memory = ", ".join(sorted({f"{config.memory_mb:,} MB" for config in grown.values()}))
        yield f"{held} connections an instance (--max-concurrency {held}) of {memory}", grown
    smaller = {
        one: config.replace(memory_mb=min(least_memory(config, sizes) or config.memory_mb, config.memory_mb))
        for one, config in estimate.functions.items()
    }
    if smaller != estimate.functions:
        least = min(config.memory_mb for config in smaller.values())
        yield f"less memory, if it suffices (--memory {least})", smaller


def _both_placements(configs: Mapping[str, FunctionConfig]) -> Iterator[dict[str, FunctionConfig]]:
    """Yield the settings under each placement where it matters: the vendor does not publish which one it uses."""
    shared = any(config.max_concurrency > 1 for config in configs.values())
    for placement in PLACEMENTS if shared else PLACEMENTS[:1]:
        yield {one: config.replace(placement=placement) for one, config in configs.items()}
