"""More traffic, made of copies of a trace's own sessions, and what it would need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property

import numpy as np

from scfcost.analysis.estimate.estimate import TraceEstimate
from scfcost.analysis.evaluate import bills, measured
from scfcost.billing.metering import round_up, total
from scfcost.billing.meters import Measured, usage_from
from scfcost.billing.pricing import Bill
from scfcost.billing.terms import Terms
from scfcost.config.function import FunctionConfig
from scfcost.core.units import MS_PER_MINUTE
from scfcost.lifecycle.environment import Platform
from scfcost.lifecycle.instances import would_refuse
from scfcost.lifecycle.intervals import time_order
from scfcost.lifecycle.records import Invocations
from scfcost.lifecycle.records import Load as Needs
from scfcost.lifecycle.run import place, place_within
from scfcost.lifecycle.tally import Lives, can_tally, tally, tally_within
from scfcost.trace.model import Int64
from scfcost.workload.scaling import JITTER_MS


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
class Uncut:
    """What the connections need at once where no timeout cuts them."""

    peak_connections: int
    peak_memory_mb: int


def uncut(estimate: TraceEstimate) -> Uncut:
    """Find what the connections need at once where no timeout cuts them: whatever clients do, it is not more."""
    trace = estimate.trace
    if can_tally(estimate.functions):
        (config,) = estimate.functions.values()
        found = tally(Lives.of(trace.connect_ms, trace.natural_end_ms()), config, estimate.platform)
        return Uncut(found.peak_connections, found.peak_memory_mb)
    sessions = np.arange(trace.connections)
    lives = Invocations.of_lives(trace.connect_ms, trace.natural_end_ms(), sessions, functions=len(trace.functions))
    packing = place(estimate.point, lives, estimate.functions, estimate.platform)
    return Uncut(packing.peak_connections, packing.peak_memory_mb)


def copied(invocations: Invocations, factor: int, seed: int) -> Invocations:
    """Return so many copies of the invocations, each session of a copy shifted by itself.

    Parameters
    ----------
    invocations : Invocations
        k invocations of a trace.
    factor : int
        How many copies, the first of which is the traffic itself. [1]
    seed : int
        Seed of the shifts.
    """
    session, functions = np.tile(invocations.session, factor), len(invocations.tally)
    lives = Invocations.of_lives(*_lives(invocations, factor, seed), session, functions=functions)
    return replace(lives, egress_bytes=np.tile(invocations.egress_bytes, factor), tally=invocations.tally * factor)


def _lives(invocations: Invocations, factor: int, seed: int) -> tuple[Int64, Int64]:
    """Return starts and ends of the copies, one copy after the other. [ms]"""
    sessions = int(invocations.session.max(initial=-1)) + 1
    start, end = np.tile(invocations.start_ms, (factor, 1)), np.tile(invocations.end_ms, (factor, 1))
    for copy, child in enumerate(np.random.SeedSequence(seed).spawn(factor)[1:], 1):  # the first is the traffic itself
        shift = np.random.default_rng(child).integers(-JITTER_MS, JITTER_MS + 1, sessions)[invocations.session]
        start[copy] += shift
        end[copy] += shift
    return start.reshape(-1), end.reshape(-1)


class Traffic:
    """Copies of the invocations of an estimate, and what they take of instances under some settings.

    Parameters
    ----------
    estimate : TraceEstimate
        A priced trace.
    factor : int
        The multiple. [1]
    seed : int
        Seed of the shifts of its copies.
    """

    def __init__(self, estimate: TraceEstimate, factor: int, seed: int) -> None:
        self.estimate, self.factor, self._seed = estimate, factor, seed
        lives = _lives(estimate.result.invocations, factor, seed) if can_tally(estimate.functions) else None
        self.lives = None if lives is None else Lives.of(*lives)

    def on(self, configs: Mapping[str, FunctionConfig], platform: Platform, terms: Terms) -> Load:
        """Find what the traffic needs, and what of it would be refused.

        Parameters
        ----------
        configs : mapping of str to FunctionConfig
            Settings of each function.
        platform : Platform
            Limits, rounding and clock.
        terms : Terms
            What the month is priced by.
        """
        if self.lives is None or not can_tally(configs):
            return self._placed(configs, platform, terms)
        (config,) = configs.values()
        found, refused = tally_within(self.lives, config, platform)
        base = self.estimate.result.invocations
        connection_ms = int(round_up(base.duration_ms, platform.granularity_ms).sum()) * self.factor
        sent = int(base.egress_bytes.sum()) * self.factor
        used = usage_from(Measured(config, len(self), connection_ms, int(found.busy_ms.sum()), sent, 0))
        monthly = bills(self.estimate.point, used, terms)[1]
        return self._load(found, found.cold_starts_a_minute, refused, monthly)

    def _placed(self, configs: Mapping[str, FunctionConfig], platform: Platform, terms: Terms) -> Load:
        """Put every invocation on an instance: of several functions, and where some are started in advance."""
        packing, limited = place_within(self.estimate.point, self.rows, configs, platform)
        usages = measured(self.estimate.point, self.rows, packing, configs, platform)
        monthly = bills(self.estimate.point, total(usages), terms)[1]
        burst = _most_in_a_minute(self.rows.start_ms[packing.cold_start])
        return self._load(packing, burst, would_refuse(limited), monthly)

    def _load(self, found: Needs, burst: int, refused: dict[str, int], monthly: Bill | None) -> Load:
        return Load(
            factor=self.factor,
            peak_connections=found.peak_connections,
            peak_instances=found.peak_instances,
            peak_memory_mb=found.peak_memory_mb,
            cold_starts=int(found.cold_starts.sum()),
            burst=burst,
            refused=refused,
            monthly=None if monthly is None else monthly.total,
        )

    def in_order(self) -> tuple[Int64, Int64]:
        """Return starts and ends in the order of the starts. [ms]"""
        lives = self.lives or Lives.of(self.rows.start_ms, self.rows.end_ms)
        return lives.start_ms, lives.end_ms

    def __len__(self) -> int:
        return self.factor * len(self.estimate.result.invocations)

    @cached_property
    def rows(self) -> Invocations:
        """The copies."""
        return copied(self.estimate.result.invocations, self.factor, self._seed)

    def now(self) -> Load:
        """Find what the traffic needs with the settings of the estimate, and what of it would be refused."""
        found = self.estimate
        return self.on(found.functions, found.platform, found.terms)


def load_of(estimate: TraceEstimate, factor: int, seed: int) -> Load:
    """Find what a multiple of the traffic needs, and what of it would be refused.

    Parameters
    ----------
    estimate : TraceEstimate
        A priced trace.
    factor : int
        The multiple. [1]
    seed : int
        Seed of the shifts of its copies.
    """
    return Traffic(estimate, factor, seed).now()


def _most_in_a_minute(instants: Int64) -> int:
    """Return the most instants within any (t - 60 s, t]."""
    ordered = instants[time_order(instants)]
    first = np.searchsorted(ordered, ordered - MS_PER_MINUTE, side="right")
    return int((np.arange(len(ordered)) - first + 1).max(initial=0))
