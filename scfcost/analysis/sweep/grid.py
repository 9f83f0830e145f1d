"""A grid of settings and the sums of every cell: in one pass where that can be done, else by a replay of each."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import product

import numpy as np

from scfcost.analysis.evaluate import count_outcomes, impact_of, measured
from scfcost.analysis.known import knows_silences
from scfcost.billing.metering import total
from scfcost.billing.terms import Pricing, Terms
from scfcost.config.function import PLACEMENTS, FunctionConfig
from scfcost.core.errors import ConfigError
from scfcost.core.units import FOREVER_MS, ms_to_seconds
from scfcost.lifecycle.environment import Platform
from scfcost.lifecycle.grid import CELLS, can_sweep, sweep_grid
from scfcost.lifecycle.instances import busy_bounds_of
from scfcost.lifecycle.outcome_grid import sweep_outcomes
from scfcost.lifecycle.run import run
from scfcost.lifecycle.settings import sums_of_settings
from scfcost.lifecycle.threads import workers
from scfcost.lifecycle.walk import on_instances
from scfcost.trace.assumption import HIGH, LOW, POINT, assume, point
from scfcost.trace.model import Int64, Trace

OUTCOME = "outcome_"
"""What the columns that count invocations by status code begin with."""
MOST_CELLS = 20_000_000
"""Settings that one sweep may have. [1]"""
BYTES_PER_CELL = 700
"""Memory that a setting of the result takes, about. [B]"""
Notice = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Grid:
    """Every setting of a sweep, and what prices it."""

    passes: tuple[tuple[FunctionConfig, tuple[int, ...]], ...]
    """Settings but for the timeouts that are summed by themselves, and the memories [MB] that only scale their cost."""
    idle: tuple[int, ...]
    """Idle timeouts, strictly ascending. [ms]"""
    execution: tuple[int, ...]
    """Execution timeouts, strictly ascending. [ms]"""
    terms: Terms
    platform: Platform
    outcomes: bool
    with_heartbeat: bool
    dearer: bool = False
    """Whether each setting of shared instances is placed both ways, and the one with more busy time counts."""


@dataclass(frozen=True, slots=True)
class Axes:
    """The values that the settings of a sweep take; an axis that is None has the value of the function."""

    idle_ms: Sequence[int]
    """Idle timeouts. [ms]"""
    exec_ms: Sequence[int]
    """Execution timeouts. [ms]"""
    memory_mb: Sequence[int] | None = None
    """Memories. [MB]"""
    reconnect: Sequence[str] | None = None
    heartbeat_s: Sequence[float | None] | None = None
    """Periods of an injected heartbeat, None for none. [s]"""
    max_concurrency: Sequence[int] | None = None
    """Connections that an instance holds. [1]"""

    def outer(self, base: FunctionConfig) -> list[FunctionConfig]:
        """Return the settings but for timeouts and memory, in the order of the axes."""
        policies, beats = self.reconnect or [base.reconnect_policy], self.heartbeat_s or [base.heartbeat_s]
        return [
            base.replace(reconnect=policy, heartbeat_s=beat, max_concurrency=held)
            for policy, beat, held in product(policies, beats, self.max_concurrency or [base.max_concurrency])
        ]


def grid_of(
    axes: Axes,
    function: FunctionConfig | None = None,
    pricing: Pricing | None = None,
    *,
    outcomes: bool = False,
    notice: Notice | None = None,
) -> Grid:
    """Lay out the settings of a sweep.

    Parameters
    ----------
    axes : Axes
        The values of each axis.
    function : FunctionConfig, optional
        The settings that are no axis.
    pricing : Pricing, optional
        Price book, plan, limits and seed.
    outcomes : bool
        Whether the cells also count the invocations by status code.
    notice : callable, optional
        Called with a sentence where the grid is large.

    Raises
    ------
    ConfigError
        If an axis is empty, or the grid has too many settings.
    """
    base, pricing = function or FunctionConfig(), pricing or Pricing()
    terms = pricing.terms()
    platform = pricing.platform(terms).without_reports()
    idle, execution = (tuple(sorted({int(one) for one in axis})) for axis in (axes.idle_ms, axes.exec_ms))
    memories, outer = tuple(axes.memory_mb or [base.memory_mb]), axes.outer(base)
    _check_size(len(idle) * len(execution) * len(memories) * len(outer), notice)
    # Memory only scales cost, unless a quota of it refuses.
    groups = [(mb,) for mb in memories] if platform.refuses else [memories]
    passes = tuple((config.replace(memory_mb=group[0]), group) for config in outer for group in groups)
    return Grid(passes, idle, execution, terms, platform, outcomes, axes.heartbeat_s is not None)


def alone(trace: Trace, grid: Grid) -> bool:
    """Whether each session is summed by itself, so that the sums of parts of a trace add up to those of the whole.

    Parameters
    ----------
    trace : Trace
        n connections.
    grid : Grid
        The settings.
    """
    return all(grid.platform.sums_suffice(dict.fromkeys(trace.functions, config)) for config, _ in grid.passes)


Cells = list[dict[str, dict[str, Int64]]]
"""For each pass of a grid and each variant of the trace (`point`, and `low` and `high` without message rows), the sums
of every cell by name. Those of a whole are those of its parts, added, wherever `alone` holds."""


def sums_of(
    trace: Trace, grid: Grid, *, progress: Callable[[float], None] | None = None, notice: Notice | None = None
) -> Cells:
    """Sum every cell of a grid over a trace, or over a part of one that has the window of the whole.

    Parameters
    ----------
    trace : Trace
        n connections.
    grid : Grid
        The settings.
    progress : callable, optional
        Called with the share of the work done.
    notice : callable, optional
        Called with a sentence where settings are replayed one by one.
    """
    found, said = [], notice
    for number, (config, _) in enumerate(grid.passes):
        share = None if progress is None else _part_of(progress, number, len(grid.passes))
        how = _How(grid.platform, grid.outcomes, share, said, grid.dearer, len(grid.passes) - number)
        sums = {}
        for which, one in _variants(trace, config):
            sums[which] = _cell_sums(one, config, np.array(grid.idle), np.array(grid.execution), how)
            how = replace(how, notice=None)  # said once of all variants
        if not _is_one_pass(trace, config, how):
            said = None  # and of all passes that follow
        found.append(sums)
    return found


def replays_each(config: FunctionConfig, trace: Trace) -> bool:
    """Whether each pair of timeouts has to be replayed by itself under some settings, which takes long.

    Parameters
    ----------
    config : FunctionConfig
        The settings that are no axis.
    trace : Trace
        n connections.
    """
    return not can_sweep(trace, config) or config.is_shared or config.is_coupled


def _part_of(progress: Callable[[float], None], number: int, count: int) -> Callable[[float], None]:
    return lambda done: progress((number + done) / count)


def _check_size(cells: int, notice: Notice | None) -> None:
    if cells == 0:
        raise ConfigError("the grid is empty: each axis needs a value")
    size = f"{cells:,} settings, about {cells * BYTES_PER_CELL / 1e6:,.0f} MB of memory"
    if cells > MOST_CELLS:
        raise ConfigError(f"the grid has {size}; a sweep holds at most {MOST_CELLS:,}: take larger steps")
    if cells >= 1_000_000 and notice is not None:
        notice(size)


def _variants(trace: Trace, config: FunctionConfig) -> Iterator[tuple[str, Trace]]:
    """Yield the trace itself, or the point, low and high of one whose silences are not known.

    With a heartbeat the point hangs on the idle timeout, so that each setting makes its own, see `_replayed`.
    """
    if trace.has_messages or config.heartbeat_ms:
        yield POINT, trace
    else:
        yield POINT, assume(trace, POINT)
    if not knows_silences(has_messages=trace.has_messages, configs=[config]):
        yield from ((which, assume(trace, which)) for which in (LOW, HIGH))


@dataclass(frozen=True, slots=True)
class _How:
    """What a pass over a grid goes by, beside its trace and settings."""

    platform: Platform
    outcomes: bool
    progress: Callable[[float], None] | None
    notice: Notice | None
    dearer: bool
    passes: int
    """Passes that are left, this one included, which take as long. [1]"""


def _is_one_pass(trace: Trace, config: FunctionConfig, how: _How) -> bool:
    """Whether every cell is summed in one pass, and not by a replay of each."""
    return can_sweep(trace, config) and how.platform.sums_suffice({"": config})


def _cell_sums(trace: Trace, config: FunctionConfig, idle: Int64, execution: Int64, how: _How) -> dict[str, Int64]:
    """Sum every cell, in one pass where that can be done, else by a replay of each."""
    if not _is_one_pass(trace, config, how):
        return _replay_each(trace, config, idle, execution, how)
    if not how.outcomes:
        found = sweep_grid(trace, config, idle, execution, progress=how.progress)
        return {**found, "billed_ms": found["connection_ms"]}
    found, mix = sweep_outcomes(trace, config, idle, execution, progress=how.progress)
    return {**found, "billed_ms": found["connection_ms"], **{OUTCOME + code: cells for code, cells in mix.items()}}


def _replay_each(trace: Trace, config: FunctionConfig, idle: Int64, execution: Int64, how: _How) -> dict[str, Int64]:
    found: dict[str, Int64] = {}
    sums_suffice = how.platform.sums_suffice({"": config}) and not how.outcomes
    beaten = config.heartbeat_ms and not (trace.client_lost_ms < FOREVER_MS).any() and not config.is_coupled
    # A heartbeat that comes before every idle deadline leaves nothing to the idle timeout.
    same_from = int(np.searchsorted(idle, config.heartbeat_ms, side="right")) if beaten else len(idle)
    distinct = min(same_from + 1, len(idle))
    if sums_suffice:
        alone = _sums_alone(trace, config, idle[:distinct], execution, how)
        return {name: _widened(cells, len(idle)) for name, cells in alone.items()}
    work, begun = len(execution) * distinct, time.monotonic()
    for number, (row, column) in enumerate(product(range(len(execution)), range(distinct))):
        at = config.replace(
            idle_timeout_s=ms_to_seconds(int(idle[column])), exec_timeout_s=ms_to_seconds(int(execution[row]))
        )
        for name, value in _replayed(trace, at, how).items():
            cells = found.setdefault(name, np.zeros((len(execution), len(idle)), np.int64))
            cells[row, column : (len(idle) if column == same_from else column + 1)] = value
        if number == 0:
            begun = time.monotonic()  # the first compiles, so that the second tells how long each takes
        elif number == 1 and how.notice is not None:
            _say(work * how.passes, time.monotonic() - begun, config, how, how.notice)
        if how.progress is not None:
            how.progress((number + 1) / work)
    return found


def _say(work: int, each_s: float, config: FunctionConfig, how: _How, notice: Notice) -> None:
    """Say how many settings are replayed, and how long that takes if each takes so many seconds."""
    walk = "event by event, " if how.platform.couples({"": config}) else ""
    notice(f"{work:,} settings are replayed one by one, {walk}which takes about {max(each_s * work, 1):,.0f} s")


def _widened(cells: Int64, columns: int) -> Int64:
    """Repeat the last column up to so many: further idle timeouts change nothing."""
    return np.pad(cells, ((0, 0), (0, columns - cells.shape[1])), mode="edge")


def _sums_alone(trace: Trace, config: FunctionConfig, idle: Int64, execution: Int64, how: _How) -> dict[str, Int64]:
    """Replay each pair of timeouts where each session is summed by itself."""
    parts = []
    late = idle <= config.heartbeat_ms  # a heartbeat that keeps nothing open, see `assumption.point`
    for own in (idle[late], idle[~late]):
        if len(own):
            at = config.replace(idle_timeout_s=ms_to_seconds(int(own[0])))
            supposed = trace if trace.active_until_ms is not None else point(trace, dict.fromkeys(trace.functions, at))
            if how.notice is not None:
                sums_of_settings(supposed, at, own[:1], execution[:1])  # the first compiles
                begun = time.monotonic()
                sums_of_settings(supposed, at, own[:1], execution[:1])
                work = len(idle) * len(execution) * how.passes
                _say(work, (time.monotonic() - begun) / workers(), config, how, how.notice)
                how = replace(how, notice=None)
            parts.append(sums_of_settings(supposed, at, own, execution, progress=how.progress))
    joined = {name: np.concatenate([part[name] for part in parts], axis=1) for name in parts[0]}
    return {**joined, "billed_ms": joined["connection_ms"]}


def _replayed(trace: Trace, config: FunctionConfig, how: _How) -> dict[str, int]:
    platform = how.platform
    if not trace.has_messages and trace.active_until_ms is None:
        trace = point(trace, dict.fromkeys(trace.functions, config))
    configs = dict.fromkeys(trace.functions, config)
    if not how.outcomes and not platform.couples(configs):
        return _on_instances(trace, configs, how)
    found = run(trace, configs, platform)
    usage = total(measured(trace, found.invocations, found.packing, configs, platform))
    impact = impact_of(found.invocations)
    sums = {
        "invocations": usage["invocations"],
        "connection_ms": usage["connection_ms"],
        "billed_ms": usage["billed_ms"],
        "egress_bytes": usage["egress_bytes"],
        "idle_ms": usage["provisioned_idle_mb_ms"] // config.memory_mb,
        **{name: getattr(impact, name) for name in CELLS if hasattr(impact, name)},
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


def _on_instances(trace: Trace, configs: Mapping[str, FunctionConfig], how: _How) -> dict[str, int]:
    """Sum one setting on shared instances, in the order of time."""
    shared = any(config.max_concurrency > 1 for config in configs.values())
    placements = PLACEMENTS if shared and how.dearer else ()
    each, placed = on_instances(trace, configs, how.platform, bounds=shared, placements=placements)
    first, *others = each.values()
    sums: dict[str, int] = asdict(sum(others, start=first))
    sums.update(billed_ms=int(placed.busy_ms.sum()), idle_ms=int(placed.idle_ms.sum()))
    if shared:
        sums["billed_ms_low"], sums["billed_ms_high"] = placed.busy_bounds
    return sums
