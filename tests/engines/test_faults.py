"""What goes wrong while a trace is read in parts: bad rows, broken files, crashes, dead workers, changed inputs."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest

from scfcost.analysis.in_parts import sweep_in_parts
from scfcost.analysis.sweep.job import SweepJob
from scfcost.analysis.sweep.sweep import sweep
from scfcost.core.errors import ConfigError, TraceError
from scfcost.engines import dask as engine
from scfcost.engines.local import execute
from scfcost.engines.plan import Plan
from scfcost.engines.run import named_faults
from scfcost.trace.read import read_trace
from scfcost.trace.reading.memory import LEAST_LIMIT, database_limit, parts_needed, read_size, rows_within
from scfcost.trace.reading.rejects import BadRowsError
from tests.depth import depth
from tests.engines.files import rows, written
from tests.engines.test_identical import GRID, gridded, plan
from tests.forked import scfcost
from tests.trace.files import event, write_rows

START = 1_793_750_400_000


@pytest.fixture
def trace(tmp_path: Path) -> str:
    return written(rows(), tmp_path / "trace", 7, shuffled=True)


@dataclass(frozen=True)
class Fragile(SweepJob):
    """A sweep that breaks, or takes its worker with it, the first time it meets its third part."""

    marks: Path
    kills: bool = False

    def analyse(self, part: Any) -> Any:
        number = len(list(self.marks.iterdir()))
        (self.marks / str(time.monotonic_ns())).touch()
        if number == 2:
            if self.kills:
                os._exit(1)
            raise KeyboardInterrupt
        return super().analyse(part)

    def __repr__(self) -> str:
        return "Fragile"


def swept(plan: Plan, job: SweepJob, run: Any = execute, **options: Any) -> Any:
    with run(plan, job, **options) as found:
        return job.result(found.hollow, found.total)


def test_a_run_that_broke_off_goes_on(trace: str, tmp_path: Path) -> None:
    marks = tmp_path / "marks"
    marks.mkdir()
    job = Fragile(gridded(), marks)
    kept = plan(trace, tmp_path, 6, checkpoint=tmp_path / "kept", rows=10**6)
    with pytest.raises(KeyboardInterrupt):
        swept(kept, job)
    done = sorted(path.name for path in (tmp_path / "kept").glob("sums-*"))
    assert len(done) == 2
    found = swept(kept, job)
    assert len(list(marks.iterdir())) == 3 + 4  # two parts were not done again
    assert found.frame.equals(sweep(read_trace(trace), **GRID).frame)


@pytest.mark.parametrize("workers", [1, 2][: depth(1, 2)])
def test_a_worker_that_dies_changes_nothing_but_time(trace: str, tmp_path: Path, workers: int) -> None:
    """With one, nothing that lies on a worker is left."""
    marks = tmp_path / "marks"
    marks.mkdir()
    job = Fragile(gridded(), marks, kills=True)
    found = swept(plan(trace, tmp_path, 6), job, engine.execute, workers=workers)
    assert len(list(marks.iterdir())) > 6
    assert found.frame.equals(sweep(read_trace(trace), **GRID).frame)


def test_a_file_that_changed_is_noticed(trace: str, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    sweep_in_parts(plan(trace, tmp_path, 3, checkpoint=kept), gridded())
    changed = tmp_path / "trace" / "003.parquet"
    pq.write_table(pq.read_table(changed).slice(1), changed)
    with pytest.raises(ConfigError, match=r"003.parquet has changed since the checkpoint"):
        sweep_in_parts(plan(trace, tmp_path, 3, checkpoint=kept), gridded())


def test_a_checkpoint_is_held_to_its_files_and_its_limit(trace: str, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    sweep_in_parts(plan(trace, tmp_path, 3, checkpoint=kept), gridded())
    one = str(tmp_path / "trace" / "000.parquet")
    for other, parts, message in ((one, 3, "is of other files"), (trace, 4, "another memory limit")):
        with pytest.raises(ConfigError, match=message):
            sweep_in_parts(plan(other, tmp_path, parts, checkpoint=kept), gridded())
    with pytest.raises(ConfigError, match="holds other files"):
        sweep_in_parts(plan(trace, tmp_path, 3, checkpoint=tmp_path / "trace"), gridded())


def test_another_question_starts_from_the_same_rows(trace: str, tmp_path: Path) -> None:
    kept = plan(trace, tmp_path, 3, checkpoint=tmp_path / "kept")
    sweep_in_parts(kept, gridded())
    other = {**GRID, "idle_ms": [45_000]}
    assert sweep_in_parts(kept, gridded(**other)).frame.equals(sweep(read_trace(trace), **other).frame)


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet"])
def test_a_bad_row_is_named(tmp_path: Path, suffix: str) -> None:
    good = [event(f"c{n}", START + n, "connect") for n in range(300)]
    path = write_rows(
        tmp_path / f"t{suffix}", [*good, event("c7", START + 900, "mesage"), event("c8", START + 901, "message")]
    )
    with pytest.raises(BadRowsError, match=r"event: 'mesage' is not known"):
        sweep_in_parts(plan(str(path), tmp_path, 3), gridded())


def test_a_guess_that_was_wrong_is_made_good(tmp_path: Path) -> None:
    """The first rows have integer ids; a later one has not."""
    found = [event(n, START + n, "connect") for n in range(300)]
    found += [event(n, START + 1_000 + n, "message", direction="up") for n in range(300)]
    found.append(event("last", START + 5_000, "connect"))
    path = write_rows(tmp_path / "t.csv", found)
    whole = sweep(read_trace(path), **GRID)
    assert sweep_in_parts(plan(str(path), tmp_path, 4), gridded()).frame.equals(whole.frame)


def test_a_file_without_rows_is_one_of_many(trace: str, tmp_path: Path) -> None:
    whole = sweep(read_trace(trace), **GRID)
    pq.write_table(rows().slice(0, 0), tmp_path / "trace" / "007.parquet")
    kept = plan(trace, tmp_path, 3, checkpoint=tmp_path / "kept")
    assert sweep_in_parts(kept, gridded()).frame.equals(whole.frame)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    done = scfcost("estimate", "nothing.parquet", "--engine", "dask", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (2, "scfcost: nothing.parquet: no such file\n")


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet"])
@pytest.mark.parametrize("number", [0, 211, 299])
@pytest.mark.parametrize("prefix", ["", "c"])
def test_a_row_out_of_order_is_named(tmp_path: Path, suffix: str, number: int, prefix: str) -> None:
    good = [event(f"{prefix}{n}", START + n, "connect") for n in range(300)]
    late = event(f"{prefix}{number}", START + 900, "message")
    path = write_rows(tmp_path / f"t{suffix}", [*good, event(f"{prefix}{number}", START + 800, "close"), late])
    who = f"'{prefix}{number}'" if prefix else str(number)
    with pytest.raises(BadRowsError, match=rf"at least 1 bad row.*\n.*event: a message after the close of .* {who}"):
        sweep_in_parts(plan(str(path), tmp_path, 5), gridded())


def test_a_worker_tells_which_row_is_bad(tmp_path: Path) -> None:
    found = [event(n, START + n, "connect") for n in range(300)]
    path = write_rows(tmp_path / "t.parquet", [*found, event(77, START + 900, "connect")])
    with pytest.raises(BadRowsError, match="a second connect of connection 77"):
        sweep_in_parts(plan(str(path), tmp_path, 5), gridded(), engine=engine.execute, workers=1)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (f"c7,{START + 9},1", "connection_id: 'c7' stands twice"),
        (f"x,{START},-1", "duration_s: negative: -1"),
    ],
)
def test_a_bad_connection_is_named(tmp_path: Path, row: str, message: str) -> None:
    path = tmp_path / "t.csv"
    good = [f"c{n},{START + n},5" for n in range(300)]
    path.write_text("\n".join(["connection_id,connect_time,duration_s", *good, row]) + "\n")
    with pytest.raises(BadRowsError, match=message):
        sweep_in_parts(plan(str(path), tmp_path, 3), gridded())


def test_a_file_that_breaks_off_is_one_message(trace: str, tmp_path: Path) -> None:
    where = plan(trace, tmp_path, 3)
    broken = tmp_path / "trace" / "004.parquet"
    content = bytearray(broken.read_bytes())
    content[100:2_000] = bytes(1_900)
    broken.write_bytes(content)
    with pytest.raises(TraceError) as caught:
        sweep_in_parts(where, gridded())
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "error",
    [
        duckdb.IOException('Could not write to "/x": No space left on device\nmore'),
        duckdb.OutOfMemoryException("failed to offload data block of size 256.0 KiB (53.7 MiB/53.9 MiB used).\nmore"),
        OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/x"),
    ],
)
def test_a_full_disk_is_one_message(tmp_path: Path, error: Exception) -> None:
    message = r"the disk of .* is full: set TMPDIR, or --checkpoint, to a larger one"
    with pytest.raises(TraceError, match=message), named_faults(tmp_path):
        raise error


def test_too_little_memory_is_one_message(tmp_path: Path) -> None:
    with pytest.raises(TraceError, match="raise --memory-limit"), named_faults(tmp_path):
        raise duckdb.OutOfMemoryException("could not allocate block of size 256.0 KiB")


def test_sizes_are_read() -> None:
    assert (read_size("2GB"), read_size("512 MiB"), read_size("1000")) == (2 * 10**9, 2**29, 1_000)
    for text in ("much", "0", "-1GB", "2 bananas"):
        with pytest.raises(ConfigError, match="is not a size such as 2GB"):
            read_size(text)


def test_less_memory_is_more_parts(trace: str, tmp_path: Path) -> None:
    sources = plan(trace, tmp_path, 1).sources
    assert parts_needed(sources, 10**9) == 1
    rows = sum(pq.read_metadata(one.path).num_rows for one in sources)
    little = LEAST_LIMIT - 99 * 10**6
    assert parts_needed(sources, little) == -(-rows // rows_within(little, sources))
    assert database_limit(2 * 10**9) == "800MB"


def test_a_cluster_of_another_version_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    class Client:
        def run(self, _: Any) -> dict[str, str]:
            return {"tcp://10.0.0.7:1": "0.0.1"}

    with pytest.raises(ConfigError, match=r"worker tcp://10.0.0.7:1 has scfcost 0.0.1, this machine"):
        engine._check_versions(Client())


def test_a_scheduler_needs_a_shared_folder(trace: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="--scheduler needs --checkpoint"):
        swept(plan(trace, tmp_path, 2), SweepJob(gridded()), engine.execute, scheduler="tcp://127.0.0.1:1")


def test_the_command_line_gives_the_same_in_parts(trace: str, tmp_path: Path) -> None:
    whole = scfcost("estimate", trace, "--format", "json", "--replications", "0", cwd=tmp_path)
    parts = scfcost("estimate", trace, "--format", "json", "--checkpoint", "kept", cwd=tmp_path)
    assert (parts.returncode, parts.stdout) == (0, whole.stdout)
    table = scfcost("estimate", trace, "--checkpoint", "kept", "--explain", cwd=tmp_path)
    assert table.returncode == 0
    grid = ("--idle", "10:60:10", "--exec", "60,900", "--format", "csv")
    assert (
        scfcost("sweep", trace, *grid, "--checkpoint", "kept", cwd=tmp_path).stdout
        == scfcost("sweep", trace, *grid, cwd=tmp_path).stdout
    )


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--engine", "dask", "--stitch", "client", "--within", "3"], "--stitch needs the whole"),
        (["--workers", "2"], "--workers is of a cluster: give --engine dask, too"),
        (["--checkpoint", "kept", "--timeline", "t.csv"], "--timeline needs the whole trace in memory"),
        (
            ["--checkpoint", "kept", "--growth", "5%/month", "--replications", "9"],
            "--growth, --replications needs the whole",
        ),
        (["--memory-limit", "100MB"], "--memory-limit: 100MB is too little; at least 450MB are needed"),
        (
            ["--memory-limit", "1GB", "--engine", "dask", "--workers", "3"],
            "at least 450MB are needed for each of 3 workers",
        ),
        (["--memory-limit", "lots"], "'lots' is not a size such as 2GB"),
        (["--checkpoint", "kept", "--on-error", "skip"], "--on-error skip looks at every row"),
    ],
)
def test_what_cannot_be_done_in_parts_is_said(trace: str, tmp_path: Path, flags: list[str], message: str) -> None:
    done = scfcost("estimate", trace, *flags, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert "Traceback" not in done.stderr


INTERRUPTED = """
import os, signal, sys
from pathlib import Path
from scfcost.analysis.estimate.job import EstimateJob
from scfcost.cli import parts
from scfcost.trace.reading import memory

def interrupted(*_):
    print(*(path.name for path in Path(os.environ["TMPDIR"]).glob("scfcost-*/*")), flush=True)
    os.kill(os.getpid(), signal.SIGINT)
    signal.pause()

signal.signal(signal.SIGINT, signal.default_int_handler)  # it is ignored in what a script runs in the background
EstimateJob.analyse = interrupted
parts._is_small, memory.parts_needed = (lambda *_: False), (lambda *_: 3)
from scfcost.cli.app import main
main()
"""
"""The command line, interrupted where it turns from the rows of a trace to its first part."""


def test_an_interrupted_run_leaves_no_file(trace: str, tmp_path: Path) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    command = [sys.executable, "-c", INTERRUPTED, "estimate", trace, "--memory-limit", "450MB", "-q"]
    done = subprocess.run(
        command, cwd=tmp_path, env={**os.environ, "TMPDIR": str(scratch)}, text=True,
        capture_output=True, check=False,
    )  # fmt: skip
    assert "rows-0" in done.stdout.split()
    assert (done.returncode, done.stderr) == (130, "scfcost: interrupted\n")
    assert list(scratch.iterdir()) == []
