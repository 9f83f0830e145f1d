"""Invocations onto instances: which instance serves which connection, cold starts, peaks, and refusals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scfcost.config.function import FunctionConfig
from scfcost.lifecycle.intervals import levels, time_order
from scfcost.lifecycle.outcomes import BURST, QUOTA
from scfcost.lifecycle.packing import Placement
from scfcost.lifecycle.records import Invocations, Packing
from scfcost.trace.model import Int64, Trace


def pack(
    trace: Trace,
    invocations: Invocations,
    configs: Mapping[str, FunctionConfig],
    *,
    granularity_ms: int = 1,
    quota_mb: int | None = None,
    burst_per_minute: int | None = None,
    time_zone: str = "UTC",
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
    placed = placement.place(
        invocations.start_ms[order], invocations.end_ms[order], trace.function_code[invocations.session[order]]
    )
    placement.finish()
    return Packing(
        instance=_by_row(order, placed.instance),
        cold_start=_by_row(order, placed.cold_start),
        refused=_by_row(order, placed.refused),
        **placement.load(),
    )


def _by_row(order: Int64, column: NDArray[Any]) -> NDArray[Any]:
    """Put a column that stands in some order of the rows back in theirs."""
    restored = np.empty_like(column)
    restored[order] = column
    return restored


def would_refuse(packing: Packing) -> dict[str, int]:
    """Count the refusals of a packing by status code."""
    return {str(code): int((packing.refused == code).sum()) for code in (QUOTA, BURST)}


def busy_bounds_of(trace: Trace, invocations: Invocations, configs: Mapping[str, FunctionConfig]) -> tuple[int, int]:
    """Return what the busy time of any placement lies between, all functions together; see `busy_bounds`. [ms]"""
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
