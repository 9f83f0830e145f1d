"""Invocations in the order of time, one stretch after the other: no more in memory than a stretch of them.

What needs every invocation once, and not what became of each, asks here: comparisons of settings on shared instances.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from scfcost.config.function import FunctionConfig
from scfcost.core.units import FOREVER_MS
from scfcost.lifecycle.environment import Platform
from scfcost.lifecycle.intervals import time_order
from scfcost.lifecycle.kernels.columns import EXEC_MS, IDLE_MS
from scfcost.lifecycle.kernels.walk import POSITION, START, WAITING, walk_until
from scfcost.lifecycle.records import SUMMED, Stretch, Sums
from scfcost.lifecycle.replay import kernel_config, message_columns, session_columns
from scfcost.lifecycle.streaming import Gauge, Gauged, gauged
from scfcost.lifecycle.threads import ahead, run_parts
from scfcost.trace.model import Int64, Trace

ROWS = 500_000
"""Invocations that a stretch is to have, about. [1]"""
_CHANGE = 4
"""A stretch is at most so many times as long or as short as the one before."""


class Walk:
    """A replay that yields the lives of its invocations in the order of time, and keeps only sums.

    Parameters
    ----------
    trace : Trace
        n connections.
    configs : mapping of str to FunctionConfig
        The settings of each function; none whose instances decide how sessions go on.
    granularity_ms : int
        A billed life is rounded up to a multiple of this. [ms]
    rows : int
        Invocations that a stretch is to have, about. [1]
    """

    def __init__(
        self, trace: Trace, configs: Mapping[str, FunctionConfig], *, granularity_ms: int = 1, rows: int = ROWS
    ) -> None:
        self._trace, self._granularity, self._rows = trace, granularity_ms, rows
        self._sessions, self._messages = session_columns(trace), message_columns(trace)
        self._configs = np.array([kernel_config(configs[name]) for name in trace.functions], dtype=np.int64)
        self._stands = np.empty((trace.connections, 3), np.int64)
        self._stands[:, START] = trace.connect_ms
        self._stands[:, POSITION] = self._stands[:, WAITING] = trace.offsets[:-1]
        self._sums = np.zeros((len(trace.functions), len(SUMMED)), np.int64)

    def sums(self) -> dict[str, Sums[int]]:
        """Return the sums of each function over what was yielded; lives are rounded up each."""
        rows = (Sums(*own) for own in self._sums.tolist())
        return dict(zip(self._trace.functions, rows, strict=True))

    def stretches(self) -> Iterator[Stretch]:
        """Yield the invocations in the order of their starts, ties by session and number."""
        width = self._first_width()
        while True:
            begin = int(self._stands[:, START].min(initial=FOREVER_MS))
            if begin == FOREVER_MS:
                return
            lives = self._walk(begin + width)
            columns = [
                np.ascontiguousarray(lives[:, column]) for column in range(3)
            ]  # taken from in a quarter of the time
            order = time_order(columns[0])
            start, end, function = (column.take(order) for column in columns)
            yield Stretch(start, end, function.astype(np.int16))
            width = max(int(width * min(max(self._rows / len(lives), 1 / _CHANGE), _CHANGE)), 1)

    def _first_width(self) -> int:
        """Return how long the first stretch is: few connections that are cut again and again fill one, too. [ms]"""
        connections = max(self._trace.connections, 1)
        apart = self._trace.window_ms // _CHANGE  # as if each connection were one invocation
        again = int(self._configs[:, [IDLE_MS, EXEC_MS]].min())  # as if each were cut all the time
        return max(min(apart, again) * self._rows // connections, 1)

    def _walk(self, until_ms: int) -> Int64:
        """Return start, end and function of what starts before an instant, sessions in order. Shape (k, 3)."""

        def part(begin: int, end: int) -> tuple[Int64, Int64]:
            sums, found = np.zeros_like(self._sums), []
            while begin < end:
                lives = np.empty((self._rows, 3), np.int64)  # what is not filled is not touched, and costs nothing
                begin, written = walk_until(
                    self._sessions, self._messages, self._configs, begin, end, until_ms, self._granularity,
                    self._stands, sums, lives,
                )  # fmt: skip
                found.append(lives[:written])
            return sums, np.concatenate(found)

        parts = run_parts(self._trace, part)
        for sums, _ in parts:
            self._sums += sums
        return np.concatenate([lives for _, lives in parts])


def on_instances(
    trace: Trace,
    configs: Mapping[str, FunctionConfig],
    platform: Platform,
    *,
    bounds: bool = False,
    rows: int = ROWS,
    placements: Sequence[str] = (),
) -> tuple[dict[str, Sums[int]], Gauged]:
    """Replay a trace and put its invocations on instances, and keep only sums.

    Parameters
    ----------
    trace : Trace
        n connections.
    configs : mapping of str to FunctionConfig
        The settings of each function.
    platform : Platform
        Granularity and time zone; it neither refuses nor couples.
    bounds : bool
        Whether to sum what the busy time of any placement lies between, too.
    rows : int
        Invocations in memory at once, about. [1]
    placements : sequence of str, optional
        Ways of placing to try: the one with the most busy time is told. What the settings say otherwise.

    Returns
    -------
    sums : dict of str to Sums of int
        By function.
    gauged : Gauged
        What the instances took.
    """
    walk = Walk(trace, configs, granularity_ms=platform.granularity_ms, rows=rows)
    tried = [{name: one.replace(placement=way) for name, one in configs.items()} for way in placements]
    # What bounds any placement is the same for each, so that the first alone looks at it.
    first, *others = (
        Gauge(trace, one, platform, bounds=bounds and number == 0) for number, one in enumerate(tried or [configs])
    )
    found = gauged(ahead(walk.stretches()), [first, *others])
    most = max(found, key=lambda one: int(one.busy_ms.sum()))
    return walk.sums(), replace(most, busy_bounds=found[0].busy_bounds)
