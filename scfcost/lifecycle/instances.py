"""Invocations onto instances: which instance serves which connection, cold starts, peaks, and refusals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from scfcost.config.function import FunctionConfig
from scfcost.lifecycle.intervals import busy_intervals, levels, time_order
from scfcost.lifecycle.outcomes import BURST, QUOTA
from scfcost.lifecycle.packing import Placement
from scfcost.lifecycle.records import Invocations, Packing
from scfcost.trace.model import Int64, Trace

STRETCH = 500_000
"""Invocations that are placed at a time: enough of them cost nothing in speed, and all at once twice the memory. [1]"""


def pack(
    trace: Trace,
    invocations: Invocations,
    configs: Mapping[str, FunctionConfig],
    *,
    granularity_ms: int = 1,
    quota_mb: int | None = None,
    burst_per_minute: int | None = None,
    time_zone: str = "UTC",
    stretch: int = STRETCH,
) -> Packing:
    """Put every invocation on an instance of its function.

    A connection goes to the fullest running instance with a free place (the emptiest with placement "least-loaded"),
    the first created among equals; failing that to the kept-alive instance released last; failing that to a new one.

    Parameters
    ----------
    trace : Trace
        n connections.
    invocations : Invocations
        k invocations of that trace.
    configs : mapping of str to FunctionConfig
        The settings of each function.
    granularity_ms : int
        A busy interval is rounded up to a multiple of this. [ms]
    quota_mb, burst_per_minute : int, optional
        Limits beyond which an invocation is refused and goes away; without them none is. [MB], [1/min]
    time_zone : str
        Zone whose clock a schedule of provisioned instances follows.
    stretch : int
        Invocations that are placed at a time. [1]

    Returns
    -------
    Packing
        Instances, peaks, cold starts and refusals.
    """
    order = time_order(invocations.start_ms)  # ties by session and number, as the rows come
    placement = Placement(
        trace, configs, granularity_ms=granularity_ms, quota_mb=quota_mb, burst_per_minute=burst_per_minute,
        time_zone=time_zone,
    )  # fmt: skip
    count = len(invocations)
    instance = np.empty(count, np.int64)
    cold_start, refused = np.empty(count, np.bool_), np.empty(count, np.int16)
    for begin in range(0, count, stretch):  # what placing takes beside its result is as large as a stretch
        rows = order[begin : begin + stretch]
        function = trace.function_code[invocations.session[rows]]
        placed = placement.place(invocations.start_ms[rows], invocations.end_ms[rows], function)
        instance[rows], cold_start[rows], refused[rows] = placed.number, placed.cold_start, placed.refused
    placement.finish()
    return Packing(instance=instance, cold_start=cold_start, refused=refused, **placement.load())


def load_on(
    trace: Trace,
    configs: Mapping[str, FunctionConfig],
    invocations: Invocations,
    instance: Int64,
    granularity_ms: int,
) -> dict[str, Any]:
    """Return what accepted invocations took of instances: busy time and peaks, as `records.Load` names them.

    Parameters
    ----------
    trace : Trace
        n connections.
    configs : mapping of str to FunctionConfig
        The settings of each function.
    invocations : Invocations
        k invocations of that trace.
    instance : ndarray of int64, shape (k,)
        Instance of each, -1 for one of 0 ms.
    granularity_ms : int
        A busy interval is rounded up to a multiple of this. [ms]

    Returns
    -------
    dict of str to Any
        `busy_ms` and the four peaks.

    Notes
    -----
    An instance is busy from the start of its first invocation, so initialisation that is not billed, and a client that
    never connected, take none of it: busy time is a union of invocations and never more than the sum of their lives.
    """
    start, end, busy_on = busy_intervals(invocations.start_ms, invocations.end_ms, instance)
    function_of = np.zeros(instance.max(initial=-1) + 1, np.int64)
    held = instance >= 0
    function_of[instance[held]] = trace.function_code[invocations.session[held]]
    function = function_of[busy_on]
    busy_ms = np.zeros(len(trace.functions), np.int64)
    np.add.at(busy_ms, function, -(-(end - start) // granularity_ms) * granularity_ms)
    memory_mb = np.array([configs[name].memory_mb for name in trace.functions], np.int64)
    instants, busy_mb = levels(start, end, memory_mb[function])
    peak = int(busy_mb.argmax()) if len(busy_mb) else 0
    return {
        "busy_ms": busy_ms,
        "peak_connections": int(levels(invocations.start_ms, invocations.end_ms)[1].max(initial=0)),
        "peak_instances": int(levels(start, end)[1].max(initial=0)),
        "peak_memory_mb": int(busy_mb.max(initial=0)),
        "peak_ms": int(instants[peak]) if len(busy_mb) and busy_mb[peak] > 0 else 0,
    }


def would_refuse(packing: Packing) -> dict[str, int]:
    """Count the refusals of a packing by status code."""
    return {str(code): int((packing.refused == code).sum()) for code in (QUOTA, BURST)}


def busy_bounds_of(trace: Trace, invocations: Invocations, configs: Mapping[str, FunctionConfig]) -> tuple[int, int]:
    """Return what the busy time of any placement lies between, all functions together; see `busy_bounds`. [ms]

    Parameters
    ----------
    trace : Trace
        n connections.
    invocations : Invocations
        Those of the trace.
    configs : mapping of str to FunctionConfig
        The settings of each function.
    """
    function = trace.function_code[invocations.session]
    bounds = []
    for code, name in enumerate(trace.functions):
        own = function == code
        held = configs[name].max_concurrency
        bounds.append(busy_bounds(invocations.start_ms[own], invocations.end_ms[own], held))
    return sum(low for low, _ in bounds), sum(high for _, high in bounds)


def busy_bounds(start_ms: Int64, end_ms: Int64, max_concurrency: int) -> tuple[int, int]:
    """Return what any placement lies between: ∫ ceil(n(t) / C) dt, and the sum of the durations.

    Parameters
    ----------
    start_ms, end_ms : ndarray of int64, shape (k,)
        Life of each connection. [ms]
    max_concurrency : int
        Connections an instance holds. [1]

    Returns
    -------
    low_ms, high_ms : int
        Bounds of the busy time. [ms]

    Examples
    --------
    >>> busy_bounds(np.array([0, 5]), np.array([10, 15]), 2)
    (15, 20)
    """
    instants, held = levels(start_ms, end_ms)
    low = (-(-held[:-1] // max_concurrency) * np.diff(instants)).sum()
    return int(low), int((end_ms - start_ms).sum())
