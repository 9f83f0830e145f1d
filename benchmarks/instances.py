"""Packing and loss against a plain heap, against general discrete-event libraries, and as traffic grows."""

from __future__ import annotations

import argparse
import heapq
import os
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

PLACES = 1_000
"""Instances that the quota holds: 128,000 MB of 128 MB each."""


def instances(paths: dict[str, Path], arguments: argparse.Namespace) -> None:
    """One core: packing a million invocations, the loss-only case, growth, other libraries, and a sweep."""
    _packing(arguments)
    _loss(arguments)
    _libraries(arguments)
    _sweep(paths)


def crowd(count: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Return starts and ends of connections that need the places twice over at times, over as long as it takes."""
    rng = np.random.default_rng(seed)
    starts = np.sort(rng.integers(0, 173 * count, count))
    return starts, starts + rng.exponential(173 * PLACES, count).astype(np.int64) + 1


def _median(run: Callable[[], Any], runs: int = 3) -> float:
    seconds = []
    for _ in range(runs):
        begun = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - begun)
    return median(seconds)


def _packing(arguments: argparse.Namespace) -> None:
    print("\n## Packing with quota, burst limit and keep-alive, one core")
    os.sched_setaffinity(0, {0})
    for factor in (1, 3, 10, 30):
        count = arguments.connections * factor
        trace, rows, configs = _as_invocations(*crowd(count), {"max_concurrency": 1, "keep_alive_s": 300})
        seconds = _median(lambda t=trace, r=rows, c=configs: _pack(t, r, c))
        print(f"{count:,} invocations: {seconds:.2f} s, {1e9 * seconds / count:.0f} ns each", flush=True)
    os.sched_setaffinity(0, range(os.cpu_count() or 1))


def _pack(trace: Any, rows: Any, configs: Any) -> None:
    from scfcost.lifecycle.instances import pack

    pack(trace, rows, configs, quota_mb=128 * PLACES, burst_per_minute=500)


def _as_invocations(starts: np.ndarray, ends: np.ndarray, settings: dict[str, Any]) -> tuple[Any, Any, Any]:
    from scfcost.config.function import FunctionConfig
    from scfcost.lifecycle.records import Invocations
    from scfcost.trace.model import Trace, never

    n = len(starts)
    small = np.broadcast_to(np.int16(0), n)
    nothing = np.zeros(0, np.int64)
    trace = Trace(
        connection_id=np.arange(n), connect_ms=starts, close_ms=ends, close_code=small, closed_by=small.astype(np.int8),
        offsets=np.broadcast_to(np.int64(0), n + 1), message_ms=nothing, message_bytes=nothing,
        message_flags=nothing.astype(np.uint8), start_ms=0, end_ms=int(ends.max()), client_lost_ms=never(n),
        function_code=small,
    )  # fmt: skip
    rows = Invocations.of_lives(starts, ends, np.arange(n))
    return trace, rows, {"default": FunctionConfig(**settings)}


def plain(starts: list[int], ends: list[int], places: int) -> int:
    """Count what is lost, in eight lines of plain Python."""
    busy: list[int] = []
    lost = 0
    for now, end in zip(starts, ends, strict=True):
        while busy and busy[0] <= now:
            heapq.heappop(busy)
        if len(busy) < places:
            heapq.heappush(busy, end)
        else:
            lost += 1
    return lost


def _loss(arguments: argparse.Namespace) -> None:
    from scfcost.lifecycle.loss import count_lost

    print("\n## Loss only, one connection an instance, against a plain loop over heapq")
    starts, ends = crowd(arguments.connections)
    listed = starts.tolist(), ends.tolist()
    if count_lost(starts, ends, PLACES) != plain(*listed, PLACES):
        raise SystemExit("the two disagree")
    ratios, ours = [], []
    for _ in range(max(arguments.runs, 5)):
        ours.append(_median(lambda: count_lost(starts, ends, PLACES), 1))
        ratios.append(_median(lambda: plain(*listed, PLACES), 1) / ours[-1])
    print(
        f"{arguments.connections:,} connections, {PLACES:,} places: {median(ours):.3f} s, "
        f"{median(ratios):.1f} × faster ({min(ratios):.1f} to {max(ratios):.1f})"
    )


def _libraries(arguments: argparse.Namespace) -> None:
    """The same question put to general libraries, where they are installed, at a size that they bear."""
    from scfcost.lifecycle.loss import count_lost

    print("\n## Connections a second of general discrete-event libraries, where installed")
    count = max(arguments.connections // 20, 2_000)
    starts, ends = crowd(arguments.connections)
    ours = arguments.connections / _median(lambda: count_lost(starts, ends, PLACES), 5)
    print(f"scfcost: {ours:,.0f} a second")
    for name, ask in {"SimPy": _simpy, "Ciw": _ciw, "simfaas": _simfaas}.items():
        try:
            begun = time.perf_counter()
            served = ask(count)
        except ImportError:
            print(f"{name}: not installed")
            continue
        rate = served / (time.perf_counter() - begun)
        print(f"{name}: {rate:,.0f} a second at {served:,} connections: 1 / {ours / rate:,.0f}", flush=True)


def _simpy(count: int) -> int:
    import simpy

    world = simpy.Environment()
    places = simpy.Resource(world, PLACES)
    starts, ends = crowd(count)

    def connection(life: float) -> Any:
        if places.count < PLACES:
            with places.request() as place:
                yield place
                yield world.timeout(life)

    def arrivals() -> Any:
        for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
            yield world.timeout(start - world.now)
            world.process(connection(end - start))

    world.process(arrivals())
    world.run()
    return count


def _ciw(count: int) -> int:
    import ciw

    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(rate=1 / 173)],
        service_distributions=[ciw.dists.Exponential(rate=1 / (173 * PLACES))],
        number_of_servers=[PLACES],
        queue_capacities=[0],
    )
    ciw.seed(1)
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_customers(count, method="Arrive")
    return count


def _simfaas(count: int) -> int:
    from simfaas.ServerlessSimulator import ServerlessSimulator

    few = max(count // 10, 1_000)  # it looks at every instance at every event
    rate = 1_000 / 173
    simulator = ServerlessSimulator(
        arrival_rate=rate, warm_service_rate=rate / PLACES, cold_service_rate=rate / PLACES,
        expiration_threshold=1, max_time=few / rate, maximum_concurrency=PLACES,
    )  # fmt: skip
    simulator.generate_trace(debug_print=False, progress=False)
    return few


def _sweep(paths: dict[str, Path]) -> None:
    from scfcost.analysis.sweep.sweep import sweep
    from scfcost.trace.read import read_trace

    print("\n## Sweep of 3 memories × 6 concurrencies × 3 idle timeouts")
    trace = read_trace(paths["int.parquet"])
    begun = time.perf_counter()
    rows = sweep(
        trace, idle_ms=[15_000, 30_000, 60_000], exec_ms=[900_000], memory_mb=[128, 256, 512],
        max_concurrency=[1, 5, 10, 20, 50, 100],
    )  # fmt: skip
    print(f"{len(rows)} settings over {trace.connections:,} connections: {time.perf_counter() - begun:.1f} s")
