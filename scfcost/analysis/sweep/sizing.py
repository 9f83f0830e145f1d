"""How many connections an instance should hold with which memory, and how many instances to start in advance."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np

from scfcost.analysis.evaluate import Result, compare_setting, compute
from scfcost.billing.terms import Terms
from scfcost.config.function import PLACEMENTS, FunctionConfig
from scfcost.lifecycle.environment import Platform
from scfcost.trace.model import Trace

HELD = (1, 2, 5, 10, 20, 50, 100)
"""Connections an instance that are tried. [1]"""


@dataclass(frozen=True, slots=True)
class Sharing:
    """A number of connections an instance, with the least documented memory that holds them."""

    max_concurrency: int
    memory_mb: int
    amount: Decimal
    """Cost of a month, or of the trace where there is no month, under the dearer placement. [currency]"""


@dataclass(frozen=True, slots=True)
class Provisioning:
    """The fewest provisioned instances that keep cold starts within a target, which are the cheapest."""

    number: int
    cold_starts: int
    share: Fraction
    """Invocations that start cold / invocations."""
    amount: Decimal
    """Cost of a month with them, or of the trace where there is no month. [currency]"""
    without: Decimal
    """The same without provisioned instances. [currency]"""
    meets: bool
    """Whether the target is met; where no number does, this is the one with the fewest cold starts."""

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data, amounts as strings."""
        return {
            "number": self.number,
            "cold_starts": self.cold_starts,
            "cold_share": float(self.share),
            "amount": str(self.amount),
            "amount_without": str(self.without),
            "meets": self.meets,
        }


def least_memory(config: FunctionConfig, sizes: Iterable[int], least_mb: int = 0) -> int | None:
    """Return the least of some sizes in ascending order that holds a full instance, None where none does. [MB]

    Parameters
    ----------
    config : FunctionConfig
        Settings with the memory that a connection needs.
    sizes : iterable of int
        Memory sizes, ascending. [MB]
    least_mb : int
        No less than this. [MB]
    """
    return next((size for size in sizes if size >= max(config.memory_needed_mb, least_mb)), None)


def placements(config: FunctionConfig) -> Iterator[FunctionConfig]:
    """Yield the setting under each placement where it matters: the vendor does not publish which one it uses."""
    for placement in PLACEMENTS if config.max_concurrency > 1 else (config.placement,):
        yield config.replace(placement=placement)


def sharings(trace: Trace, config: FunctionConfig, terms: Terms, platform: Platform) -> list[Sharing]:
    """Price each number of connections an instance whose memory is known to hold them, the cheapest first.

    Parameters
    ----------
    trace : Trace
        n connections, replayed as they are.
    config : FunctionConfig
        The other settings; `memory_per_connection_mb` says what a connection needs.
    terms, platform : Terms, Platform
        What decides the bill beside them.

    Returns
    -------
    list of Sharing
        Empty where it is not known what a connection needs.
    """
    if config.memory_per_connection_mb is None:
        return []
    found = []
    for held in HELD:
        wanted = config.replace(max_concurrency=held)
        memory_mb = least_memory(wanted, terms.book.limits.memory_mb.sizes)
        if memory_mb is not None:
            at = wanted.replace(memory_mb=memory_mb)
            found.append(Sharing(held, memory_mb, max(_amount(trace, one, terms, platform) for one in placements(at))))
    return sorted(found, key=lambda one: (one.amount, one.max_concurrency))


def _amount(trace: Trace, config: FunctionConfig, terms: Terms, platform: Platform) -> Decimal:
    return compare_setting(trace, dict.fromkeys(trace.functions, config), terms, platform).amount


def provisioning(
    trace: Trace, config: FunctionConfig, terms: Terms, platform: Platform, target: Fraction
) -> Provisioning:
    """Find the fewest provisioned instances, always on, with which at most a share of the invocations starts cold.

    The idle fee grows with their number, so the fewest are the cheapest. Cold starts fall with it, but for chance:
    the number is found by halving and confirmed by what it gives.

    Parameters
    ----------
    trace : Trace
        n connections, replayed as they are.
    config : FunctionConfig
        The settings; what they say of provisioned instances is left aside.
    terms, platform : Terms, Platform
        What decides the bill beside them.
    target : Fraction
        Most invocations that may start cold / invocations.
    """
    seen: dict[int, Result] = {}

    def at(number: int) -> Result:
        if number not in seen:
            configs = dict.fromkeys(trace.functions, config.replace(provisioned=number))
            seen[number] = compute(trace, configs, terms, platform)
        return seen[number]

    enough = at(0).packing.peak_instances
    low, high = -1, enough
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _share(at(middle)) <= target else (middle, high)
    found, bare = at(high), at(0)
    return Provisioning(
        number=high,
        cold_starts=int(found.packing.cold_starts.sum()),
        share=_share(found),
        amount=(found.monthly or found.bill).total,
        without=(bare.monthly or bare.bill).total,
        meets=_share(found) <= target,
    )


def _share(found: Result) -> Fraction:
    return Fraction(int(np.sum(found.packing.cold_starts)), max(len(found.invocations), 1))
