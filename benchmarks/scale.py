"""Ten times the trace: memory within a limit, time against a tenth of it and DuckDB alone, cores, and a cluster."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import psutil

from benchmarks.timing import process, timed

FILES = 10
LIMIT = "2GB"
COUNT_AND_SORT = (
    "import duckdb, sys\n"
    "duckdb.sql('SET enable_progress_bar = false')\n"
    "duckdb.sql(\"SET memory_limit = '700MB'\")\n"
    "print(duckdb.sql(f\"SELECT count(*) FROM '{sys.argv[1]}'\").fetchall())\n"
    "query = f\"SELECT * FROM '{sys.argv[1]}' ORDER BY connection_id, timestamp\"\n"
    "print(sum(batch.num_rows for batch in duckdb.sql(query).to_arrow_reader(500_000)))"
)
CHAT = Path(__file__).parents[1] / "data" / "sample_traces" / "chat_room.parquet"
GRID = ["--idle", "1:600", "--exec", "60:7200:60"]


def scale(paths: dict[str, Path], arguments: argparse.Namespace) -> None:
    """The commands on ten files of a trace each, whole processes."""
    from scfcost.config.function import FunctionConfig
    from scfcost.lifecycle.grid import sweep_grid
    from scfcost.trace.read import read_trace

    print(f"\n## Scale: {FILES} × {arguments.connections:,} connections, --memory-limit {LIMIT}")
    with tempfile.TemporaryDirectory(prefix="scfcost-scale-") as folder, tempfile.TemporaryDirectory() as kept:
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as apart:
            for number in range(FILES):
                apart.submit(write_file, Path(folder), number, arguments).result()
        many, few = str(Path(folder) / "*.parquet"), str(paths["int.parquet"])
        whole = [sys.executable, "-m", "scfcost"]
        output = ["-q", "--format", "json", "-o", str(Path(kept) / "result.json")]
        process([*whole, "estimate", str(CHAT), *output])  # compiles what is not compiled yet
        tenth = process([*whole, "estimate", few, "--replications", "0", *output])
        ours = process([*whole, "estimate", many, "--memory-limit", LIMIT, *output])
        theirs = process([sys.executable, "-c", COUNT_AND_SORT, many])
        print(f"estimate of a tenth, as a whole: {tenth[0]:.1f} s, {tenth[1]:,.0f} MB", flush=True)
        print(f"estimate: {ours[0]:.1f} s, {ours[1]:,.0f} MB; {ours[0] / tenth[0]:.1f} × the tenth", flush=True)
        print(f"DuckDB, count and sort: {theirs[0]:.1f} s; ratio {ours[0] / theirs[0]:.2f}", flush=True)
        cluster = process(
            [*whole, "estimate", many, "--memory-limit", LIMIT, "--engine", "dask", "--workers", "2", *output]
        )
        print(f"Dask, 2 workers: {cluster[0]:.1f} s; {ours[0] / cluster[0]:.2f} × the local engine's speed", flush=True)
        result = Path(kept) / "result.json"
        answer = result.read_bytes()
        seconds, done = killed([*whole, "estimate", many, "--memory-limit", LIMIT, *output], Path(kept) / "checkpoint")
        same = "the same answer" if result.read_bytes() == answer else "ANOTHER ANSWER"
        print(f"Dask, a worker killed after {done} parts: {seconds:.1f} s, {same}", flush=True)
        for policy in ("none", "on-demand"):
            grid = [*whole, "sweep", many, "--memory-limit", LIMIT, *GRID, "--reconnect", policy, *output[:1]]
            seconds, memory = process([*grid, "-o", str(Path(kept) / "grid.parquet")])
            print(f"sweep of 72,000 settings, {policy}: {seconds:.1f} s, {memory:,.0f} MB", flush=True)
    trace = read_trace(paths["int.parquet"])
    import numpy as np

    axes = (np.arange(1_000, 601_000, 1_000), np.arange(60_000, 7_260_000, 60_000))
    for policy in ("none", "on-demand"):
        config = FunctionConfig(reconnect=policy)
        sweep_grid(trace, config, *axes)
        one, two = (
            timed(lambda c=config, n=n: sweep_grid(trace, c, *axes, workers=n), arguments.runs)[0] for n in (1, 2)
        )
        print(f"sweep kernel, {policy}: one core {one:.2f} s, two {two:.2f} s: {one / two:.2f} ×", flush=True)


def killed(command: list[str], checkpoint: Path) -> tuple[float, int]:
    """Run a command on two workers, one of which is killed when half of the parts are done.

    Returns
    -------
    seconds, done : float and int
        How long it took [s], and how many parts were done when the worker was killed [1].
    """
    begun = time.perf_counter()
    child = psutil.Popen([*command, "--engine", "dask", "--workers", "2", "--checkpoint", str(checkpoint)])
    done = parts = 0
    while child.poll() is None and not (parts and 2 * done >= parts):
        time.sleep(0.05)
        done = len(list(checkpoint.glob("sums-*.npz")))
        parts = len({path.name for path in checkpoint.glob("rows-*/rows/part=*")})
    busiest = max(child.children(recursive=True), key=lambda one: one.memory_info().rss)
    busiest.kill()
    if child.wait():
        raise SystemExit(f"{command} ended with {child.returncode}")
    return time.perf_counter() - begun, done


def write_file(folder: Path, number: int, arguments: argparse.Namespace) -> None:
    """Write a file whose ids lie spread among those of the others."""
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    from benchmarks.generate import events

    table = events(arguments.connections, arguments.per_connection, number + 1)
    ids = pc.add(pc.multiply(table.column("connection_id"), FILES), number)
    pq.write_table(table.set_column(0, "connection_id", ids), folder / f"{number:02d}.parquet")
