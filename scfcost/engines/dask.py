"""The parts of a trace on a Dask cluster: one that is there, or one started on this machine. Needs the extra `dask`."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from operator import add
from pathlib import Path
from typing import Any

from scfcost.core.errors import ConfigError, TraceError
from scfcost.core.version import __version__
from scfcost.engines.job import Job
from scfcost.engines.partial import Answer, Partial
from scfcost.engines.plan import Plan
from scfcost.engines.run import READING, Group, How, Progress, answer_part, answered, named_faults
from scfcost.engines.workspace import Workspace, workspace
from scfcost.lifecycle.threads import workers as cores
from scfcost.trace.reading.database import database
from scfcost.trace.reading.layout import Layout, Relation
from scfcost.trace.reading.partition import Whole, files_of, scatter

_RETRIES = 3
"""Workers that may die over one part before the run ends. [1]"""


@contextmanager
def execute(
    plan: Plan, job: Job, *, scheduler: str | None = None, workers: int | None = None, progress: Progress | None = None
) -> Iterator[Answer]:
    """Read a trace in parts on a cluster, and yield the sums over all of them.

    Parameters
    ----------
    plan, job, progress
        As in `local.execute`. The checkpoint's folder is shared by all machines.
    scheduler : str, optional
        Address of a cluster's scheduler; a cluster of this machine's cores is started otherwise.
    workers : int, optional
        Workers of that cluster of one's own; one a core otherwise. [1]

    Raises
    ------
    ConfigError
        If dask is not installed, the cluster cannot be reached, its workers have another scfcost, or share no folder.
    """
    if scheduler is not None and plan.checkpoint is None:
        raise ConfigError("--scheduler needs --checkpoint: a folder that this machine and all workers share")
    with workspace(plan, job) as room, named_faults(room.folder), _client(scheduler, workers) as client:
        share = _Cluster(plan, job, room, client, progress or (lambda _: None))
        with database(room.folder, plan.database_limit, files=plan.paths()) as connection:
            found = answered(plan, room, connection, share)
        yield found


@contextmanager
def _client(scheduler: str | None, workers: int | None) -> Iterator[Any]:
    try:
        from dask import config
        from distributed import Client, LocalCluster
    except ImportError:
        raise ConfigError("a cluster needs dask: pip install 'scfcost[dask]'") from None
    if scheduler is None:
        scratch = tempfile.TemporaryDirectory(prefix="scfcost-dask-")
        with scratch as folder, config.set({"temporary-directory": folder}):
            own = LocalCluster(  # type: ignore[no-untyped-call]
                n_workers=workers or cores(), threads_per_worker=1, dashboard_address="127.0.0.1:0",
                memory_limit=0, silence_logs=logging.CRITICAL,
            )  # fmt: skip
            with own, Client(own) as client:  # type: ignore[no-untyped-call]
                yield client
        return
    try:
        client = Client(scheduler, timeout="10s")  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        raise ConfigError(f"scheduler: {scheduler} cannot be reached: {error}") from None
    with client:
        _check_versions(client)
        yield client


def _check_versions(client: Any) -> None:
    """Hold every worker to the version of this machine: another might count differently."""
    try:
        found = client.run(_version)
    except Exception as error:  # noqa: BLE001 (whatever a worker without scfcost raises)
        raise ConfigError(f"a worker cannot run scfcost {__version__}: {error}; install it there") from None
    if not found:
        raise ConfigError("the cluster has no worker")
    for address, version in found.items():
        if version != __version__:
            raise ConfigError(f"worker {address} has scfcost {version}, this machine {__version__}: install the same")


def _version() -> str:
    return __version__


@dataclass(frozen=True, slots=True)
class _Cluster:
    """Groups of files and parts, each a task; a task whose worker dies is done again by another."""

    plan: Plan
    job: Job
    room: Workspace
    client: Any
    said: Progress
    apart: bool = True

    def scatter(self, groups: Sequence[Group], layout: Layout, bounds: Sequence[Any]) -> None:
        tasks = [
            self._submit(_scatter, relations, layout, bounds, folder, self.plan.database_limit)
            for folder, relations in groups
        ]
        for number, _ in enumerate(self._finished(tasks)):
            self.said(READING * (number + 1) / len(tasks))

    def analyse(self, folders: Sequence[Path], parts: int, layout: Layout, whole: Whole) -> Partial:
        self.job.check(whole.hollow())
        job = self._submit(_given, self.job)  # as a task it outlives its worker, which scattered data do not
        how = How(self.plan.drop_heartbeats, self.plan.rows)
        tasks = []
        for part in range(parts):
            output, files = self.room.file_of(part), files_of(folders, part)
            tasks.append(self._submit(_analyse, part, files, layout, whole, job, output, how, self.plan.database_limit))
        total = _tree(self.client, tasks)
        for number, _ in enumerate(self._finished(tasks)):
            self.said(READING + (1 - READING) * (number + 1) / parts)
        found: Partial = total.result()
        return found

    def _submit(self, function: Any, *arguments: Any) -> Any:
        return self.client.submit(function, *arguments, pure=False, retries=_RETRIES)

    def _finished(self, tasks: Sequence[Any]) -> Iterator[Any]:
        from distributed import KilledWorker, as_completed

        for task in as_completed(list(tasks)):  # type: ignore[no-untyped-call]
            try:
                if task.status == "error":  # what was found stays with the workers
                    task.result()
            except KilledWorker:
                text = f"{_RETRIES + 1} workers died over one task: give each more memory, or lower --memory-limit"
                raise TraceError(text) from None
            yield task


@contextmanager
def _database(limit: str, files: Iterable[Path]) -> Iterator[Any]:
    """Open a worker's database, which spills where the worker keeps what goes with it, even where it is killed."""
    from distributed import get_worker

    spill = tempfile.TemporaryDirectory(prefix="scfcost-", dir=get_worker().local_directory)
    with spill as folder, database(Path(folder), limit, files=files, threads=1) as found:
        yield found


def _tree(client: Any, tasks: list[Any]) -> Any:
    """Add up neighbours, two by two, so that no machine holds all sums."""
    while len(tasks) > 1:
        pairs = [tasks[k : k + 2] for k in range(0, len(tasks), 2)]
        tasks = [client.submit(add, *pair, pure=False) if len(pair) == 2 else pair[0] for pair in pairs]
    return tasks[0]


def _given(job: Job) -> Job:
    """Return the question, on a worker."""
    return job


def _scatter(relations: list[Relation], layout: Layout, bounds: Sequence[Any], folder: Path, limit: str) -> None:
    """Put the rows of some files into their parts, on a worker."""
    folder.mkdir(parents=True, exist_ok=True)
    with _database(limit, [folder, *(one.path for one in relations)]) as connection:
        scatter(connection, relations, layout, bounds, folder)


def _analyse(
    part: int, files: list[Path], layout: Layout, whole: Whole, job: Job, output: Path, how: How, limit: str
) -> Partial:
    """Answer the question to one part, on a worker."""
    found = Partial.kept(output)
    if found is None:
        with _database(limit, files) as connection:
            answer_part(connection, part, files, layout, whole, job, output, how)
        found = Partial.kept(output)
    if found is None:
        raise TraceError(f"{output}: is not as it was written: the disk of {output.parent} cannot be trusted")
    return found
