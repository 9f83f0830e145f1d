"""Run the benchmarks: `python -m benchmarks [--connections N] [--runs N] [--only reading,sweep,…]`.

Whole processes are timed from outside, turn by turn with their reference, and the median of the ratios is what counts;
peak memory is the operating system's figure of the finished process.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from benchmarks.emulate import emulate
from benchmarks.generate import events, write_events
from benchmarks.instances import instances
from benchmarks.logs import logs
from benchmarks.platforms import platforms
from benchmarks.reports import reports
from benchmarks.scale import scale
from benchmarks.targets import SORT, check_targets
from benchmarks.targets import growth as growth_of_commands
from benchmarks.timing import process, timed
from benchmarks.workload import workload

CHAT = Path(__file__).parents[1] / "data" / "sample_traces" / "chat_room.parquet"
IDLE_MS = [one * 1_000 for one in range(1, 601)]
EXEC_MS = [one * 1_000 for one in range(60, 7_201, 60)]
CORES = os.cpu_count() or 1
BY_NAME = ("scale", "emulate")
"""Benchmarks that run only where they are named."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--connections", type=int, default=1_000_000)
    parser.add_argument("--per-connection", type=int, default=10)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--cpu", action="store_true", help="judge the targets by CPU time: of use on a busy machine")
    parser.add_argument("--only", default="targets", help=f"of {', '.join(BENCHMARKS)}")
    arguments = parser.parse_args()
    print(f"{CORES} cores, Python {sys.version.split()[0]}; {arguments.connections:,} connections")
    with tempfile.TemporaryDirectory(prefix="scfcost-bench-") as folder:
        # In a process of its own: a child's peak memory begins with that of the parent it was forked from.
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as apart:
            paths = apart.submit(write_events, Path(folder), arguments.connections, arguments.per_connection).result()
        for name in arguments.only.split(","):
            BENCHMARKS[name](paths, arguments)


def start(_: dict[str, Path], arguments: argparse.Namespace) -> None:
    """Start-up and the chat sample, whole processes."""
    print("\n## Start")
    for title, command in (("--help", ["--help"]), ("estimate of the chat sample", ["estimate", str(CHAT), "-q"])):
        whole = [sys.executable, "-m", "scfcost", *command]
        process(whole)
        seconds = [process(whole)[0] for _ in range(arguments.runs)]
        print(f"{title}: {median(seconds):.2f} s ({min(seconds):.2f} to {max(seconds):.2f})")


def reading(paths: dict[str, Path], arguments: argparse.Namespace) -> None:
    """`scfcost estimate` against DuckDB alone streaming the same rows in order, turn by turn."""
    print("\n## Estimate against DuckDB's ORDER BY, whole processes")
    for name, path in paths.items():
        ours, theirs = (
            [sys.executable, "-m", "scfcost", "estimate", str(path), "-q"],
            [sys.executable, "-c", SORT, str(path)],
        )
        process(ours)
        pairs = [(process(ours), process(theirs)) for _ in range(arguments.runs)]
        ratios = [mine[0] / other[0] for mine, other in pairs]
        print(
            f"{name}: {median(mine[0] for mine, _ in pairs):.1f} s against {median(o[0] for _, o in pairs):.1f} s, "
            f"ratio {median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f}); "
            f"peak {max(mine[1] for mine, _ in pairs):,.0f} MB against {max(o[1] for _, o in pairs):,.0f} MB"
        )


def kernels(paths: dict[str, Path], arguments: argparse.Namespace) -> None:
    """The parts of an estimate, once compiled."""
    from scfcost.billing.metering import measure
    from scfcost.config.function import FunctionConfig
    from scfcost.lifecycle.instances import pack
    from scfcost.lifecycle.replay import replay
    from scfcost.trace.read import read_trace

    print("\n## Kernels, once compiled")
    trace, configs = read_trace(paths["int.parquet"]), {"default": FunctionConfig()}
    rows = replay(trace, configs)
    pack(trace, rows, configs, quota_mb=128_000, burst_per_minute=500)
    runs = max(arguments.runs, 3)
    print(f"lifecycle: {timed(lambda: replay(trace, configs), runs)[0]:.3f} s")
    print(f"metering: {timed(lambda: measure(trace, rows, configs), runs)[0]:.3f} s")
    seconds, _ = timed(lambda: pack(trace, rows, configs, quota_mb=128_000, burst_per_minute=500), runs)
    print(f"packing with quota and burst: {seconds:.3f} s")


def sweep(paths: dict[str, Path], _: argparse.Namespace) -> None:
    """72,000 settings, against replaying each with the single-setting kernel."""
    from scfcost.billing.totals import totals
    from scfcost.config.function import FunctionConfig
    from scfcost.lifecycle.grid import sweep_grid
    from scfcost.lifecycle.replay import replay
    from scfcost.trace.read import read_trace

    print("\n## Sweep of 600 × 120 = 72,000 settings, trace already read")
    trace = read_trace(paths["int.parquet"])
    cells = len(IDLE_MS) * len(EXEC_MS)
    for policy in ("none", "on-demand", "immediate"):
        config = FunctionConfig(reconnect=policy)
        sweep_grid(trace, config, np.array([15_000]), np.array([900_000]))
        seconds, _ = timed(lambda config=config: sweep_grid(trace, config, np.array(IDLE_MS), np.array(EXEC_MS)))
        each = sum(_replay_seconds(replay, trace, config, idle, limit) for idle, limit in _SAMPLE) / len(_SAMPLE)
        slow = each * cells
        print(
            f"{policy}: {seconds:.1f} s; replaying each would take {slow:,.0f} s: {slow / seconds:,.0f} ×", flush=True
        )
    from scfcost.billing.meters import Usage
    from scfcost.billing.terms import Terms
    from scfcost.catalog.load import load_book

    book = load_book()
    terms = Terms(book, book.period(), "ap-guangzhou")
    usages = [
        Usage(resource_mb_ms=128 * k, egress_bytes=k, web_calls=k, response_bytes=k)
        for k in range(10**9, 10**9 + cells)
    ]
    print(f"pricing {cells:,} settings: {timed(lambda: totals(usages, terms, with_plan=True))[0]:.2f} s")


_SAMPLE = ((1_000, 60_000), (15_000, 900_000), (60_000, 900_000), (300_000, 3_600_000), (600_000, 7_200_000))
"""Idle and execution timeouts of the settings that stand for all of them, in ms."""


def _replay_seconds(replay: Any, trace: Any, config: Any, idle_ms: int, exec_ms: int) -> float:
    at = {"default": config.replace(idle_timeout_s=idle_ms / 1000, exec_timeout_s=exec_ms / 1000)}
    return timed(lambda: replay(trace, at))[0]


def growth(_: dict[str, Path], arguments: argparse.Namespace) -> None:
    """A sweep of 72,000 settings over more and more messages, and what it adds to memory."""
    import resource

    from scfcost.config.function import FunctionConfig
    from scfcost.lifecycle.grid import sweep_grid
    from scfcost.trace.read import read_trace

    print("\n## Growth with messages, policies none and on-demand, 72,000 settings")
    for factor in (0.1, 1, 3):
        count = int(arguments.connections * factor)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "int.parquet"
            pq.write_table(events(count, arguments.per_connection, seed=1), path)
            trace = read_trace(path)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        seconds = [
            timed(lambda p=p, t=trace: sweep_grid(t, FunctionConfig(reconnect=p), *map(np.array, (IDLE_MS, EXEC_MS))))[
                0
            ]
            for p in ("none", "on-demand")
        ]
        added = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        print(f"{trace.messages:,} messages: {seconds[0]:.1f} s, {seconds[1]:.1f} s; peak memory + {added:,.0f} MB")


def days(_: dict[str, Path], arguments: argparse.Namespace) -> None:
    """Day-long sessions of 1,000 messages: work grows with life / execution timeout."""
    from scfcost.config.function import FunctionConfig
    from scfcost.lifecycle.grid import sweep_grid
    from scfcost.trace.model import Trace, never

    sessions, each = max(arguments.connections // 100, 10), 1_000
    rng = np.random.default_rng(1)
    instants = np.sort(rng.integers(0, 86_400_000, (sessions, each)), axis=1)
    trace = Trace(
        connection_id=np.arange(sessions), connect_ms=np.zeros(sessions, np.int64),
        close_ms=np.full(sessions, 86_400_000), close_code=np.full(sessions, 1000, np.int16),
        closed_by=np.ones(sessions, np.int8), offsets=np.arange(sessions + 1) * each, message_ms=instants.reshape(-1),
        message_bytes=np.full(sessions * each, 100), message_flags=rng.choice([0, 2], sessions * each).astype(np.uint8),
        start_ms=0, end_ms=86_400_000, client_lost_ms=never(sessions), function_code=np.zeros(sessions, np.int16),
    )  # fmt: skip
    print(f"\n## {sessions:,} day-long sessions of {each:,} messages, 72,000 settings")
    for policy in ("none", "on-demand", "immediate"):
        config = FunctionConfig(reconnect=policy)
        seconds, _ = timed(lambda config=config: sweep_grid(trace, config, np.array(IDLE_MS), np.array(EXEC_MS)))
        print(f"{policy}: {seconds:.1f} s", flush=True)


BENCHMARKS = {
    "targets": check_targets, "slope": growth_of_commands,
    "start": start, "reading": reading, "logs": logs, "workload": workload, "kernels": kernels,
    "instances": instances, "platforms": platforms, "sweep": sweep,
    "growth": growth, "days": days, "reports": reports, "scale": scale, "emulate": emulate,
}  # fmt: skip

if __name__ == "__main__":
    main()
