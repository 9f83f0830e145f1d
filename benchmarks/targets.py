"""Every target with its yardstick: commands as whole processes, on a trace of 12 million rows and on small ones."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import NamedTuple

import pyarrow.parquet as pq

from benchmarks.generate import events
from benchmarks.timing import Took, took

SORT = (
    "import duckdb, sys\n"
    "duckdb.sql('SET enable_progress_bar = false')\n"
    "query = f\"SELECT * FROM '{sys.argv[1]}' ORDER BY connection_id, timestamp\"\n"
    "reader = duckdb.sql(query).to_arrow_reader(500_000)\n"
    "print(sum(batch.num_rows for batch in reader))"
)
"""The yardstick: DuckDB alone, streaming the rows in order, in a process of its own."""
CHAT = Path(__file__).parents[1] / "data" / "sample_traces" / "chat_room.parquet"
JSON = ["--format", "json"]
GRID = ["--idle", "1:600", "--exec", "60:7200:60"]
WHY = {
    "estimate --format json": "starting takes 0.5 s, and all three policies are replayed",
    "estimate --max-concurrency 20": "three policies put 22 million invocations on instances, one after the other",
    "recommend --reconnect immediate": "each of 13,800 settings is simulated: a cut shifts all that follows it",
    "report": "clients that come back at once are simulated at each of 1,083 settings, half of all that it computes",
    "compare": "reading, two estimates, a sweep of 3,600 settings and four replays share two cores",
    "capacity": "copies of up to ten times the traffic are put in order and on instances, 18 million lives",
    "sweep, 72,000 settings, immediate": "each setting is simulated: a cut shifts all that follows it",
    "first estimate of the chat room": "five loops are compiled, one after the other",
    "first recommend of the chat room": "six loops are compiled, one after the other",
}
"""Why a target is missed where it is, as far as profiles tell."""


class Target(NamedTuple):
    """What a command may take."""

    name: str
    command: list[str]
    times: float | None = None
    """Of the yardstick's time."""
    seconds: float | None = None
    megabytes: float | None = None
    path: str = "int.parquet"
    """The trace of the yardstick."""
    against: str = ""
    """Another target, whose command is the yardstick instead of the sort."""
    runs: int = 1
    first: bool = False
    """Whether nothing is compiled yet."""


def targets(paths: dict[str, Path], silent: dict[int, Path], page: Path) -> Iterator[Target]:
    """Yield all targets."""
    trace, chat = str(paths["int.parquet"]), str(CHAT)
    output = ["-q", "-o", str(page)]
    yield Target("estimate --format json", ["estimate", trace, *JSON], times=1.5, megabytes=1_500, runs=3)
    yield Target("estimate, screen", ["estimate", trace, "-q"], times=2, megabytes=1_500, runs=3)
    for path, times in (("text.parquet", 1.11), ("int.csv", 1.79), ("text.csv", 1.41)):
        yield Target(f"estimate, {path}", ["estimate", str(paths[path]), "-q"], times=times, path=path)
    yield Target(
        "estimate --max-concurrency 20", ["estimate", trace, "--max-concurrency", "20", *JSON], times=4, megabytes=1_300
    )
    for policy, times, seconds in (("on-demand", 4.0, None), ("immediate", None, 12.0)):
        yield Target(
            f"recommend --reconnect {policy}", ["recommend", trace, "-q", "--reconnect", policy],
            times=times, seconds=seconds, megabytes=1_500,
        )  # fmt: skip
    for policy, times, seconds in (("none", 1.2, None), ("immediate", None, 25.0)):
        command = ["sweep", trace, *GRID, "--reconnect", policy, "-q", "-o", str(page.with_suffix(".parquet"))]
        against = "estimate --format json" if times else ""
        yield Target(f"sweep, 72,000 settings, {policy}", command, times=times, seconds=seconds, against=against)
    yield Target("capacity", ["capacity", trace, "-q"], seconds=5)
    yield Target("compare", ["compare", trace, "-q", "--reconnect", "on-demand"], seconds=6)
    yield Target("report", ["report", trace, "--reconnect", "on-demand", *output], seconds=10)
    yield Target("estimate of the chat room", ["estimate", chat, "-q"], seconds=0.8, runs=5)
    yield Target("first estimate of the chat room", ["estimate", chat, "-q"], seconds=5, first=True)
    recommend = ["recommend", chat, "-q", "--reconnect", "on-demand"]
    yield Target("first recommend of the chat room", recommend, seconds=7, first=True)
    for lives, seconds in ((300, 2.0), (3_000, 5.0)):
        command = ["recommend", str(silent[lives]), "-q", "--reconnect", "immediate"]
        yield Target(f"recommend immediate, {lives:,} silent lives of a day", command, seconds=seconds)


def write_silent(folder: Path, lives: int) -> Path:
    """Write connections of a day without a message."""
    path, start = folder / f"silent-{lives}.csv", 1_790_000_000_000
    rows = [f"{i},{start + 977 * i},connect\n{i},{start + 977 * i + 86_400_000},close\n" for i in range(lives)]
    path.write_text("connection_id,timestamp,event\n" + "".join(rows))
    return path


def check_targets(paths: dict[str, Path], arguments: argparse.Namespace) -> None:
    """Print a table of all targets: what each command takes, its yardstick and what it may take."""
    by = "CPU" if arguments.cpu else "wall"
    print(f"\n## Targets, judged by {by} time; the yardstick is DuckDB alone, ORDER BY connection_id, timestamp,")
    print("and of a sweep without reconnects one estimate of the same rows\n")
    print("| command | wall | CPU | peak | yardstick | ratio | target | |")
    print("| --- | --: | --: | --: | --: | --: | --: | --- |")
    of: Callable[[Took], float] = (lambda one: one.cpu) if arguments.cpu else (lambda one: one.wall)
    with tempfile.TemporaryDirectory(prefix="scfcost-targets-") as name:
        folder, known = Path(name), {}
        silent = {lives: write_silent(folder, lives) for lives in (300, 3_000)}
        _warm([str(CHAT), str(silent[300])], str(paths["int.parquet"]), folder / "page.html")
        for target in targets(paths, silent, folder / "page.html"):
            stick = target.against or target.path
            if target.times is not None and stick not in known:
                sort = [sys.executable, "-c", SORT, str(paths[target.path])]
                known[target.path] = median(of(took(sort)) for _ in range(target.runs))
            found = [_run(target, folder) for _ in range(target.runs)]
            known[target.name] = median(of(one) for one in found)
            print(_row(target, found, of, known.get(stick)), flush=True)


def _warm(traces: list[str], large: str, page: Path) -> None:
    """Compile what the commands call, and have the system's caches filled."""
    whole = [sys.executable, "-m", "scfcost"]
    for trace in traces:
        for policy in ("none", "on-demand", "immediate"):
            took([*whole, "recommend", trace, "-q", "--reconnect", policy])
    took([*whole, "estimate", traces[0], "-q", "--max-concurrency", "20"])
    took([*whole, "capacity", large, "-q"])  # some loops are compiled for large traces alone
    took([*whole, "report", traces[0], "-q", "--reconnect", "on-demand", "-o", str(page)])


def _run(target: Target, folder: Path) -> Took:
    environment = dict(os.environ)
    if target.first:
        environment["NUMBA_CACHE_DIR"] = tempfile.mkdtemp(dir=folder)
    return took([sys.executable, "-m", "scfcost", *target.command], environment)


def _row(target: Target, found: list[Took], of: Callable[[Took], float], yardstick: float | None) -> str:
    spent, memory = median(of(one) for one in found), max(one.megabytes for one in found)
    ratio = stick = ""
    allowed, missed = [], []
    if target.times is not None and yardstick is not None:
        stick, ratio = f"{yardstick:.2f} s", f"{spent / yardstick:.2f}"
        allowed.append(f"{target.times:g} ×")
        if spent > target.times * yardstick:
            missed.append(f"{spent / yardstick - target.times:.2f} × ({spent - target.times * yardstick:.1f} s)")
    if target.seconds is not None:
        allowed.append(f"{target.seconds:g} s")
        if spent > target.seconds:
            missed.append(f"{spent - target.seconds:.1f} s")
    if target.megabytes is not None:
        allowed.append(f"{target.megabytes:,.0f} MB")
        if memory > target.megabytes:
            missed.append(f"{memory - target.megabytes:,.0f} MB")
    why = f": {WHY[target.name]}" if missed and target.name in WHY else ""
    verdict = f"short by {', '.join(missed)}{why}" if missed else "met"
    wall, cpu = median(one.wall for one in found), median(one.cpu for one in found)
    cells = (
        target.name,
        f"{wall:.2f} s",
        f"{cpu:.2f} s",
        f"{memory:,.0f} MB",
        stick,
        ratio,
        ", ".join(allowed),
        verdict,
    )
    return f"| {' | '.join(cells)} |"


def growth(paths: dict[str, Path], arguments: argparse.Namespace) -> None:
    """Print what commands take from 10,000 messages on, ten times as many in each row, and with one core."""
    commands = {
        "estimate": ["estimate", *JSON],
        "20 an instance": ["estimate", "--max-concurrency", "20", *JSON],
        "sweep none": ["sweep", *GRID, "--reconnect", "none", *JSON],
        "recommend on-demand": ["recommend", "--reconnect", "on-demand", *JSON],
    }
    print("\n## Growth: wall time (CPU time) of whole processes; the slope is that of log time over log messages\n")
    print(f"| messages | {' | '.join(commands)} |\n| --: |{' --: |' * len(commands)}")
    before: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder, ProcessPoolExecutor(1, mp_context=get_context("spawn")) as apart:
        for power in range(3, 7):
            path = Path(folder) / f"{power}.parquet"
            if 10**power == arguments.connections and arguments.per_connection == 10:
                path = paths["int.parquet"]
            else:
                apart.submit(write_one, path, 10**power, 10).result()
            print(_growth_row(f"10^{power + 1}", commands, path, before, None), flush=True)
        print(_growth_row("the last, one core", commands, path, {}, {0}), flush=True)


def write_one(path: Path, connections: int, per_connection: int) -> None:
    """Write one trace."""
    pq.write_table(events(connections, per_connection, seed=1), path)


def _growth_row(
    title: str, commands: dict[str, list[str]], path: Path, before: dict[str, float], cores: set[int] | None
) -> str:
    cells = [title]
    for name, command in commands.items():
        whole = [sys.executable, "-m", "scfcost", command[0], str(path), *command[1:]]
        one = took(whole, cores=cores)
        slope = f", {_slope(before[name], one.cpu):.2f}" if name in before else ""
        before[name] = one.cpu
        cells.append(f"{one.wall:.2f} s ({one.cpu:.2f} s){slope}")
    return f"| {' | '.join(cells)} |"


def _slope(before: float, now: float) -> float:
    from math import log10

    return log10(now / before)
