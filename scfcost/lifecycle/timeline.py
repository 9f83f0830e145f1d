"""Connections, busy instances and their memory over time, as peaks of equal bins: what a figure can show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scfcost.config.function import FunctionConfig
from scfcost.lifecycle.intervals import busy_intervals, count_in_bins, levels, peak_in_bins
from scfcost.lifecycle.outcomes import BURST, QUOTA
from scfcost.lifecycle.records import Invocations, Packing
from scfcost.trace.model import Int64, Trace


@dataclass(frozen=True, slots=True, eq=False)
class Timeline:
    """What happened in each of b bins of time, each array of shape (b,)."""

    start_ms: Int64
    """Start of each bin; it lasts until the next, the last one until the end of the window. [ms]"""
    connections: Int64
    """Most connections at once. [1]"""
    instances: Int64
    """Most busy instances at once. [1]"""
    memory_mb: Int64
    """Most memory of busy instances at once. [MB]"""
    cold_starts: Int64
    """New instances. [1]"""
    refused_quota: Int64
    """Connections refused with 432. [1]"""
    refused_burst: Int64
    """Connections refused with 429. [1]"""


def timeline(
    trace: Trace,
    invocations: Invocations,
    packing: Packing,
    configs: Mapping[str, FunctionConfig],
    *,
    refused: tuple[Int64, NDArray[np.int16]] | None = None,
    edges_ms: Int64 | None = None,
    bins: int = 600,
) -> Timeline:
    """Return the peaks and counts of each bin of time.

    Parameters
    ----------
    trace : Trace
        n connections.
    invocations : Invocations
        k invocations of that trace.
    packing : Packing
        Where they ran.
    configs : mapping of str to FunctionConfig
        The settings of each function.
    refused : tuple of ndarray, shape (r,) each, optional
        Instant [ms] and code of each refusal; those of the packing otherwise.
    edges_ms : ndarray of int64, shape (b + 1,), optional
        Ascending edges of the bins, such as clock hours; without them the window is cut into `bins` equal ones. [ms]
    bins : int
        Most bins of the window. [1]

    Returns
    -------
    Timeline
        What each bin saw.
    """
    edges = _equal_edges(trace.start_ms, trace.end_ms, bins) if edges_ms is None else edges_ms
    instants, codes = (invocations.start_ms, packing.refused) if refused is None else refused
    held = packing.instance >= 0
    lives = invocations.start_ms[held], invocations.end_ms[held]
    connections = levels(*lives)
    instances, memory_mb = _busy_levels(
        lives, connections, packing.instance[held], invocations.session[held], trace, configs
    )
    return Timeline(
        edges[:-1],
        peak_in_bins(*connections, edges),
        peak_in_bins(*instances, edges),
        peak_in_bins(*memory_mb, edges),
        count_in_bins(invocations.start_ms[packing.cold_start], edges),
        *(count_in_bins(instants[codes == code], edges) for code in (QUOTA, BURST)),
    )


def _busy_levels(
    lives: tuple[Int64, Int64],
    connections: tuple[Int64, Int64],
    instance: Int64,
    session: Int64,
    trace: Trace,
    configs: Mapping[str, FunctionConfig],
) -> tuple[tuple[Int64, Int64], tuple[Int64, Int64]]:
    """Return how many instances are busy, and with how much memory, from each instant on.

    With one connection an instance, the lives are the busy times, and as many instances are busy as are connected.
    """
    memories = np.array([configs[name].memory_mb for name in trace.functions], np.int64)
    function: Int64 = trace.function_code[session].astype(np.int64)
    starts, ends = lives
    instances = connections
    if any(config.max_concurrency > 1 for config in configs.values()):
        function_of = np.zeros(int(instance.max(initial=-1)) + 1, np.int64)
        function_of[instance] = function
        starts, ends, owner = busy_intervals(*lives, instance)
        instances, function = levels(starts, ends), function_of[owner]
    if len(set(memories.tolist())) == 1:
        return instances, (instances[0], instances[1] * memories[0])
    return instances, levels(starts, ends, memories[function])


def _equal_edges(start_ms: int, end_ms: int, bins: int) -> Int64:
    """Cut a window into equal bins of whole milliseconds, the last one with the window's last instant."""
    span = end_ms - start_ms + 1
    count = min(bins, span)
    return np.array([start_ms + span * number // count for number in range(count + 1)], dtype=np.int64)
