"""What carries traffic that the settings do not: sharing instances, less memory, a package, a larger quota."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from scfcost.analysis.capacity.load import Load, Traffic
from scfcost.analysis.estimate.estimate import TraceEstimate
from scfcost.analysis.sweep.sizing import HELD, least_memory
from scfcost.billing.terms import Terms
from scfcost.config.function import PLACEMENTS, FunctionConfig
from scfcost.lifecycle.environment import Platform
from scfcost.lifecycle.loss import count_lost
from scfcost.lifecycle.threads import workers

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


def remedies(traffic: Traffic, load: Load, max_refused: Fraction) -> Iterator[Remedy]:
    """Try what may carry the smallest load that is not carried.

    Parameters
    ----------
    traffic : Traffic
        The traffic to be carried.
    load : Load
        What it needs with the settings as they are.
    max_refused : Fraction
        Share of the connections that a quota may refuse.
    """
    estimate = traffic.estimate
    tried = [(change, list(_both_placements(configs))) for change, configs in _other_settings(estimate)]
    plans = list(_other_plans(estimate))
    with ThreadPoolExecutor(workers()) as pool:
        ways = [[pool.submit(traffic.on, one, estimate.platform, estimate.terms) for one in both] for _, both in tried]
        packages = [pool.submit(traffic.on, estimate.functions, limits, terms) for _, limits, terms in plans]
    for (change, _), loads in zip(tried, ways, strict=True):
        yield _remedy(change, max((one.result() for one in loads), key=_how_bad))
    carrying = [_remedy(text, one.result()) for (text, *_), one in zip(plans, packages, strict=True)]
    carrying = [replace(one, peak_memory_mb=load.peak_memory_mb) for one in carrying if one.carries]
    yield from sorted(carrying, key=lambda one: one.monthly or 0)[:MOST_PLANS]
    needed_mb, lost = _least_quota(traffic, load, max_refused)
    asked = f"ask for a quota of {needed_mb:,} MB" if load.refused["432"] else ""
    if load.refused["429"]:
        asked += f"{' and ' if asked else 'ask for '}{load.burst:,} new instances a minute"
    yield Remedy(asked, load.peak_memory_mb, {"432": lost, "429": 0}, load.monthly)


def _remedy(change: str, load: Load) -> Remedy:
    return Remedy(change, load.peak_memory_mb, load.refused, load.monthly)


def _how_bad(load: Load) -> tuple[int, Decimal, int]:
    return sum(load.refused.values()), load.monthly or Decimal(0), load.peak_memory_mb


def _least_quota(traffic: Traffic, load: Load, max_refused: Fraction) -> tuple[int, int]:
    """Return the least quota that refuses at most a share of the connections, and how many it refuses. [MB]

    Where instances hold several connections, are kept, started in advance or differ in memory, none may be refused.
    """
    configs = set(traffic.estimate.functions.values())
    memory = {config.memory_mb for config in configs}
    if len(memory) > 1 or any(config.is_shared or config.keep_alive_ms for config in configs):
        return load.peak_memory_mb, 0
    each_mb, most = memory.pop(), int(max_refused * len(traffic))
    if most == 0:  # the most instances at once, and no fewer
        return load.peak_instances * each_mb, 0
    starts, ends = traffic.in_order()
    low, high = 0, load.peak_instances
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if count_lost(starts, ends, middle) <= most else (middle, high)
    return high * each_mb, count_lost(starts, ends, high)


def _other_plans(estimate: TraceEstimate) -> Iterator[tuple[str, Platform, Terms]]:
    """Yield each package that sets limits of its own, in words, those limits, and its terms."""
    platform = estimate.platform
    for name, plan in estimate.terms.period.plans.items():
        stated = {limit: getattr(plan, limit) for limit in ("quota_mb", "burst_per_minute")}
        own = replace(platform, **{limit: value for limit, value in stated.items() if value is not None})
        if own == platform:
            continue
        size = "quota unknown" if own.quota_mb is None else f"{own.quota_mb:,} MB"
        text = f"the plan {name} (--plan {name}): {size}, {own.burst_per_minute:,} new instances a minute"
        yield text, own, replace(estimate.terms, plan=name)


def _other_settings(estimate: TraceEstimate) -> Iterator[tuple[str, dict[str, FunctionConfig]]]:
    """Yield other numbers of connections an instance, with the memory they need, and less memory."""
    sizes = estimate.terms.book.limits.memory_mb.sizes
    now = max(config.max_concurrency for config in estimate.functions.values())
    several = all(config.holds_several for config in estimate.functions.values())
    for held in [held for held in HELD if held > now and several]:
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
