"""Instances that are started in advance: when, and how long they stand idle."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from scfcost.config.function import FunctionConfig
from scfcost.core.errors import ConfigError
from scfcost.core.units import MS_PER_DAY, MS_PER_SECOND
from scfcost.lifecycle.intervals import busy_intervals, levels, peak_in_bins
from scfcost.trace.model import Int64, Trace

if TYPE_CHECKING:
    from scfcost.lifecycle.records import Invocations, Packing

IDLE_WINDOW_MS = 10 * MS_PER_SECOND
"""Idle provisioned instances are counted in windows of so long, by the clock. [ms]"""

MOST_WINDOWS = 10_000_000
"""Such windows that are looked at, which are three years: more are of an instant that is wrong. [1]"""


def changes(trace: Trace, configs: Mapping[str, FunctionConfig], time_zone: str) -> Int64:
    """Return when each function gets how many provisioned instances.

    Parameters
    ----------
    trace : Trace
        n connections, whose window counts.
    configs : mapping of str to FunctionConfig
        The settings of each function.
    time_zone : str
        Zone that the schedules are in.

    Returns
    -------
    ndarray of int64, shape (changes, 3)
        Instant [ms], function and number from then on, in the order of time.
    """
    found = [
        (instant, code, number)
        for code, name in enumerate(trace.functions)
        for instant, number in configs[name].provisioned_schedule.changes(trace.start_ms, trace.end_ms, time_zone)
    ]
    return np.array(sorted(found), dtype=np.int64).reshape(-1, 3)


def idle_times(
    trace: Trace,
    invocations: Invocations,
    packing: Packing,
    configs: Mapping[str, FunctionConfig],
    code: int,
    time_zone: str,
) -> tuple[Int64, Int64]:
    """Sum the time of the idle provisioned instances of one function in each window of 10 s; see `idle_windows`.

    There are no windows where the function has no schedule.

    Parameters
    ----------
    trace : Trace
        n connections.
    invocations : Invocations
        Those of the trace.
    packing : Packing
        The instances that the invocations are on.
    configs : mapping of str to FunctionConfig
        The settings of each function.
    code : int
        Index of the function.
    time_zone : str
        Zone that the schedules are in.
    """
    if not configs[trace.functions[code]].provisioned_schedule:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    own = (trace.function_code[invocations.session] == code) & (packing.instance >= 0)
    busy = busy_intervals(invocations.start_ms[own], invocations.end_ms[own], packing.instance[own])
    known = changes(trace, configs, time_zone)
    return idle_windows(known[known[:, 1] == code][:, [0, 2]], busy[0], busy[1], (trace.start_ms, trace.end_ms))


class IdleWindows:
    """The idle provisioned instances of one function in each window of 10 seconds by the clock.

    In each there are max(provisioned - most busy instances, 0). How connections on one instance count is not
    documented; an instance that holds any is taken as one in use.

    Parameters
    ----------
    own_changes : ndarray of int64, shape (changes, 2)
        Instant [ms] and number of provisioned instances from then on, in the order of time.
    window : tuple of int
        Start and end of what is charged. A window that it covers in part is charged for that part. [ms]

    Raises
    ------
    ConfigError
        If there are more than `MOST_WINDOWS`.
    """

    def __init__(self, own_changes: Int64, window: tuple[int, int]) -> None:
        first, after = window[0] // IDLE_WINDOW_MS, -(-window[1] // IDLE_WINDOW_MS)
        if after - first > MOST_WINDOWS:
            most_days = MOST_WINDOWS * IDLE_WINDOW_MS // MS_PER_DAY
            raise ConfigError(
                f"the trace is {(window[1] - window[0]) // MS_PER_DAY:,} days long, and idle provisioned instances are "
                f"counted for at most {most_days:,}: check its first and last instants, or give a smaller window"
            )
        self.begin_ms: Int64 = np.arange(first, after, dtype=np.int64) * IDLE_WINDOW_MS
        """Start of each window. Shape (windows,). [ms]"""
        covered = np.maximum(self.begin_ms, window[0])
        self._charged_ms = np.minimum(self.begin_ms + IDLE_WINDOW_MS, window[1]) - covered
        number = np.concatenate(([0], own_changes[:, 1])).astype(np.int64)
        self._provisioned = number[np.searchsorted(own_changes[:, 0], covered, side="right")]
        self._busy = np.zeros(len(self.begin_ms), np.int64)

    def add(self, start_ms: Int64, end_ms: Int64) -> None:
        """Count when instances were busy: all that lies in some stretch of time.

        Parameters
        ----------
        start_ms, end_ms : ndarray of int64, shape (j,)
            Busy times of instances. [ms]
        """
        if len(start_ms) == 0 or len(self.begin_ms) == 0:
            return
        # The windows that the stretch touches, and the one before, in which it may begin.
        low = max(int(np.searchsorted(self.begin_ms, start_ms.min(), side="right")) - 1, 0)
        high = int(np.searchsorted(self.begin_ms, end_ms.max(), side="left"))
        touched = slice(low, max(high, low + 1))
        edges = np.append(self.begin_ms[touched], self.begin_ms[touched][-1] + IDLE_WINDOW_MS)
        self._busy[touched] = np.maximum(self._busy[touched], peak_in_bins(*levels(start_ms, end_ms), edges))

    def idle_ms(self) -> Int64:
        """Return the time of the idle instances of each window, in so far as it is charged. Shape (windows,). [ms]"""
        idle_ms: Int64 = np.maximum(self._provisioned - self._busy, 0) * self._charged_ms
        return idle_ms


def idle_windows(own_changes: Int64, start_ms: Int64, end_ms: Int64, window: tuple[int, int]) -> tuple[Int64, Int64]:
    """Sum the time of the idle provisioned instances of one function in each window of 10 s, see `IdleWindows`.

    Parameters
    ----------
    own_changes, window
        As of `IdleWindows`.
    start_ms, end_ms : ndarray of int64, shape (j,)
        When an instance was busy. [ms]

    Returns
    -------
    begin_ms, idle_ms : ndarray of int64, shape (windows,)
        Start of each window, and the time of its idle instances. [ms]

    Examples
    --------
    >>> idle_windows(np.array([[0, 3]]), np.array([5_000]), np.array([12_000]), (0, 30_000))[1].tolist()
    [20000, 20000, 30000]
    >>> idle_windows(np.array([[5_000, 3]]), np.array([5_000]), np.array([6_000]), (5_000, 12_000))[1].tolist()
    [10000, 6000]
    """
    windows = IdleWindows(own_changes, window)
    windows.add(start_ms, end_ms)
    return windows.begin_ms, windows.idle_ms()
