"""The load on instances, one stretch of time after the other: no more in memory than a stretch and what is open."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from scfcost.config.function import FunctionConfig
from scfcost.lifecycle.environment import Platform
from scfcost.lifecycle.instances import busy_bounds
from scfcost.lifecycle.intervals import busy_intervals
from scfcost.lifecycle.outcomes import BURST, QUOTA
from scfcost.lifecycle.packing import Held, Placed, Placement
from scfcost.lifecycle.provisioning import IdleWindows, changes
from scfcost.lifecycle.records import Load, Stretch
from scfcost.lifecycle.threads import each
from scfcost.trace.model import Int64, Trace


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Gauged(Load):
    """What invocations took of instances, and what beyond the sums of a packing needs where they ran."""

    would_refuse: dict[str, int]
    """Invocations that the memory quota (432) and the burst limit (429) refuse. [1]"""
    idle_ms: Int64
    """Time of the provisioned instances of each function without work. Shape (functions,). [ms]"""
    busy_bounds: tuple[int, int]
    """What the busy time of any placement lies between, all functions together; see `busy_bounds`. [ms]"""
    least_ms: Int64
    """The first of them by function. Shape (functions,). [ms]"""


class Gauge:
    """Puts invocations on instances of their own, and keeps only sums.

    Parameters
    ----------
    hollow : Trace
        Names the functions, and has the window.
    configs : mapping of str to FunctionConfig
        The settings of each function.
    platform : Platform
        Granularity, time zone and limits.
    within_limits : bool
        Whether what goes beyond the platform's limits goes away; else nothing is refused.
    only : int, optional
        Index of the function whose invocations count; all by default.
    bounds : bool
        Whether to sum what the busy time of any placement lies between; else it is left at 0.
    """

    def __init__(
        self,
        hollow: Trace,
        configs: Mapping[str, FunctionConfig],
        platform: Platform,
        *,
        within_limits: bool = False,
        only: int | None = None,
        bounds: bool = True,
    ) -> None:
        quota, burst = (platform.quota_mb, platform.burst_per_minute) if within_limits else (None, None)
        self._only = only
        self._held = [configs[name].max_concurrency for name in hollow.functions]
        self._placement = Placement(
            hollow, configs, granularity_ms=platform.granularity_ms, quota_mb=quota, burst_per_minute=burst,
            time_zone=platform.time_zone,
        )  # fmt: skip
        known = changes(hollow, configs, platform.time_zone)
        window = hollow.start_ms, hollow.end_ms
        self._windows = {
            code: IdleWindows(known[known[:, 1] == code][:, [0, 2]], window)
            for code, name in enumerate(hollow.functions)
            if configs[name].provisioned_schedule
        }
        self._needs_bounds = bounds and max(self._held) > 1
        self._bounds = np.zeros((len(self._held), 2), np.int64)
        self._refused = dict.fromkeys((QUOTA, BURST), 0)

    def add(self, stretch: Stretch) -> Placed:
        """Let the next invocations start, and return where they went."""
        own = stretch
        if self._only is not None:
            rows = stretch.function == self._only
            own = Stretch(*(column[rows] for column in stretch))
        placed = self._placement.place(*own)
        for code in self._refused:
            self._refused[code] += int((placed.refused == code).sum())
        if self._needs_held:
            self._count(placed.held())
        return placed

    def finish(self) -> Gauged:
        """Let everything end, and return the sums."""
        self._count(self._placement.finish())
        idle_ms = np.zeros(len(self._held), np.int64)
        for code, windows in self._windows.items():
            idle_ms[code] = int(windows.idle_ms().sum())
        low, high = (int(bound) for bound in self._bounds.sum(axis=0))
        would_refuse = {str(code): number for code, number in self._refused.items()}
        return Gauged(
            would_refuse=would_refuse, idle_ms=idle_ms, busy_bounds=(low, high), least_ms=self._bounds[:, 0],
            **self._placement.load(),
        )  # fmt: skip

    @property
    def _needs_held(self) -> bool:
        return bool(self._windows) or self._needs_bounds

    def _count(self, held: Held) -> None:
        for code, limit in enumerate(self._held):
            start, end, _, instance = (column[held.function == code] for column in held)
            if self._needs_bounds:
                self._bounds[code] += busy_bounds(start, end, limit)
            if code in self._windows:
                self._windows[code].add(*busy_intervals(start, end, instance)[:2])


def gauged(stretches: Iterable[Stretch], gauges: Iterable[Gauge]) -> list[Gauged]:
    """Let some gauges look at the same invocations, stretch by stretch.

    Parameters
    ----------
    stretches : iterable of Stretch
        The invocations, in the order of time.
    gauges : iterable of Gauge
        What looks at them.
    """
    held = list(gauges)
    for stretch in stretches:
        each(partial(_add, stretch), held)
    return [gauge.finish() for gauge in held]


def _add(stretch: Stretch, gauge: Gauge) -> None:
    gauge.add(stretch)
