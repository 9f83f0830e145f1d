"""The sums of every cell of a grid: in one pass where that can be done, else by a replay of each."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np

from scfcost.config import FunctionConfig
from scfcost.costing import count_outcomes, impact_of, measured
from scfcost.lifecycle.grid import SUMS, can_sweep, sweep_grid
from scfcost.lifecycle.instances import busy_bounds_of
from scfcost.lifecycle.outcome_grid import sweep_outcomes
from scfcost.lifecycle.replay import replay_sums
from scfcost.lifecycle.run import Platform, run
from scfcost.metering import total
from scfcost.trace.assume import HIGH, LOW, POINT, assume
from scfcost.trace.model import Int64, Trace
from scfcost.units import FOREVER_MS, ms_to_seconds

OUTCOME = "outcome_"
"""What the columns that count invocations by status code begin with."""
Notice = Callable[[str], None]


def alone(trace: Trace, config: FunctionConfig, platform: Platform) -> bool:
    """Whether each session is summed by itself, so that the sums of parts of a trace add up to those of the whole."""
    return platform.sums_suffice(dict.fromkeys(trace.functions, config))


def variants(trace: Trace) -> Iterator[tuple[str, Trace]]:
    """Yield the trace itself, or the point, low and high of one without message rows."""
    if trace.has_messages:
        yield POINT, trace
        return
    for which in (POINT, LOW, HIGH):
        yield which, assume(trace, which)


@dataclass(frozen=True, slots=True)
class How:
    """What a pass over a grid goes by, beside its trace and settings."""

    platform: Platform
    outcomes: bool
    progress: Callable[[float], None] | None
    notice: Notice | None


def cell_sums(trace: Trace, config: FunctionConfig, idle: Int64, execution: Int64, how: How) -> dict[str, Int64]:
    """Sum every cell, in one pass where that can be done, else by a replay of each."""
    if not (can_sweep(trace, config) and how.platform.sums_suffice({"": config})):
        return _replay_each(trace, config, idle, execution, how)
    if not how.outcomes:
        found = sweep_grid(trace, config, idle, execution, progress=how.progress)
        return {**found, "billed_ms": found["connection_ms"]}
    found, mix = sweep_outcomes(trace, config, idle, execution, progress=how.progress)
    return {**found, "billed_ms": found["connection_ms"], **{OUTCOME + code: cells for code, cells in mix.items()}}


def _replay_each(trace: Trace, config: FunctionConfig, idle: Int64, execution: Int64, how: How) -> dict[str, Int64]:
    found: dict[str, Int64] = {}
    beaten = config.heartbeat_ms and not (trace.client_lost_ms < FOREVER_MS).any() and not config.is_coupled
    # A heartbeat that comes before every idle deadline leaves nothing to the idle timeout.
    same_from = int(np.searchsorted(idle, config.heartbeat_ms, side="right")) if beaten else len(idle)
    distinct = min(same_from + 1, len(idle))
    work, begun = len(execution) * distinct, time.monotonic()
    for number, (row, column) in enumerate(product(range(len(execution)), range(distinct))):
        at = config.replace(
            idle_timeout_s=ms_to_seconds(int(idle[column])), exec_timeout_s=ms_to_seconds(int(execution[row]))
        )
        for name, value in _replayed(trace, at, how).items():
            cells = found.setdefault(name, np.zeros((len(execution), len(idle)), np.int64))
            cells[row, column : (len(idle) if column == same_from else column + 1)] = value
        if number == 0 and how.notice is not None and work > 1:
            walk = "event by event, " if how.platform.couples({"": config}) else ""
            seconds = (time.monotonic() - begun) * work
            how.notice(f"{work:,} settings are replayed one by one, {walk}which takes about {seconds:,.0f} s")
        if how.progress is not None:
            how.progress((number + 1) / work)
    return found


def _replayed(trace: Trace, config: FunctionConfig, how: How) -> dict[str, int]:
    platform = how.platform
    if platform.sums_suffice({"": config}) and not how.outcomes:
        sums = replay_sums(trace, config)
        return {**sums, "billed_ms": sums["connection_ms"]}
    configs = dict.fromkeys(trace.functions, config)
    found = run(trace, configs, platform)
    usage = total(measured(trace, found.invocations, found.packing, configs, platform))
    impact = impact_of(found.invocations)
    sums = {
        "invocations": usage.invocations,
        "connection_ms": usage.connection_ms,
        "billed_ms": usage.billed_ms,
        "egress_bytes": usage.egress_bytes,
        "idle_ms": usage.provisioned_idle_mb_ms // config.memory_mb,
        **{name: getattr(impact, name) for name in SUMS if hasattr(impact, name)},
    }
    if config.max_concurrency > 1:
        low, high = busy_bounds_of(trace, found.invocations, configs)
        sums.update(billed_ms_low=low, billed_ms_high=high)
    if platform.refuses and found.refusals is not None:
        sums.update(refused=len(found.refusals.session), gave_up=int(found.refusals.given_up.sum()))
    if how.outcomes:
        refused = None if found.refusals is None else found.refusals.counts()
        mix = count_outcomes(found.invocations, refused)
        sums.update({OUTCOME + code: count for code, count in mix.items()})
    return sums
