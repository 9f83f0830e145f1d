"""More traffic, made of copies of a trace's own sessions, and what it would need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

import numpy as np

from scfcost.analysis.estimate.estimate import TraceEstimate
from scfcost.analysis.evaluate import month_of
from scfcost.billing.terms import Terms
from scfcost.config.function import FunctionConfig
from scfcost.core.units import MS_PER_MINUTE
from scfcost.lifecycle.instances import would_refuse
from scfcost.lifecycle.records import Invocations, Packing
from scfcost.lifecycle.run import place, place_within
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
    sessions = int(invocations.session.max(initial=-1)) + 1
    shift = np.zeros((factor, sessions), np.int64)
    for copy, child in enumerate(np.random.SeedSequence(seed).spawn(factor)[1:], 1):  # the first is the traffic itself
        shift[copy] = np.random.default_rng(child).integers(-JITTER_MS, JITTER_MS + 1, sessions)
    shifts = shift[:, invocations.session].reshape(-1)
    lives = Invocations.of_lives(
        np.tile(invocations.start_ms, factor) + shifts,
        np.tile(invocations.end_ms, factor) + shifts,
        np.tile(invocations.session, factor),
        functions=len(invocations.tally),
    )
    return replace(lives, egress_bytes=np.tile(invocations.egress_bytes, factor), tally=invocations.tally * factor)


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
    rows = copied(estimate.result.invocations, factor, seed)
    packing, limited = place_within(estimate.point, rows, estimate.functions, estimate.platform)
    return Load(
        factor=factor,
        peak_connections=packing.peak_connections,
        peak_instances=packing.peak_instances,
        peak_memory_mb=packing.peak_memory_mb,
        cold_starts=int(packing.cold_starts.sum()),
        burst=_most_in_a_minute(rows.start_ms[packing.cold_start]),
        refused=would_refuse(limited),
        monthly=month_total(estimate, rows, packing, estimate.functions, estimate.terms),
    )


def _most_in_a_minute(instants: Int64) -> int:
    """Return the most instants within any (t - 60 s, t]."""
    ordered = np.sort(instants)
    first = np.searchsorted(ordered, ordered - MS_PER_MINUTE, side="right")
    return int((np.arange(len(ordered)) - first + 1).max(initial=0))


def month_total(
    estimate: TraceEstimate, rows: Invocations, packing: Packing, configs: Mapping[str, FunctionConfig], terms: Terms
) -> Decimal | None:
    """Price the month of some traffic on its instances. [currency]

    Parameters
    ----------
    estimate : TraceEstimate
        A priced trace.
    rows : Invocations
        k invocations: those of the trace, or of copies of it.
    packing : Packing
        Where they ran.
    configs : mapping of str to FunctionConfig
        Settings of each function.
    terms : Terms
        What they are priced by.
    """
    monthly = month_of(estimate.point, rows, configs, terms, estimate.platform, packing)
    return None if monthly is None else monthly.total
