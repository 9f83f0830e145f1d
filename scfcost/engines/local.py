"""The parts of a trace one after the other on this machine, each on every core, resumed where a run was broken off."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import duckdb

from scfcost.engines.job import Job
from scfcost.engines.partial import Answer, Partial
from scfcost.engines.plan import Plan
from scfcost.engines.workspace import Workspace, workspace
from scfcost.errors import TraceError
from scfcost.trace import careful, fast
from scfcost.trace.assemble import UnsoundRowsError
from scfcost.trace.build import message_counts
from scfcost.trace.database import database
from scfcost.trace.heartbeats import drop_heartbeats
from scfcost.trace.model import Trace
from scfcost.trace.parted import Whole, divide, files_of, read_part, scatter, survey
from scfcost.trace.profile import Layout, Relation, guess, profile
from scfcost.trace.rejects import STRICT

Progress = Callable[[float], None]
Group = tuple[Path, list[Relation]]
"""Files whose rows go into one folder."""
READING = 0.4
"""Share of the work that putting the rows into their parts takes, about. [1]"""


@contextmanager
def execute(plan: Plan, job: Job, *, progress: Progress | None = None) -> Iterator[Answer]:
    """Read a trace in parts, and yield the sums over all of them; what was kept of the parts goes at the end.

    Raises
    ------
    TraceError
        If a file is no trace, or cannot be read; BadRowsError, one of its kind, if rows break the rules of a trace.
    ConfigError
        If only the whole trace could answer, or the checkpoint is of other files.
    """
    with workspace(plan, job) as room, named_faults(room.folder):
        with database(room.folder, plan.database_limit) as connection:
            found = answered(plan, room, connection, _Turns(plan, job, room, connection, progress or (lambda _: None)))
        yield found


class Worker(Protocol):
    """What puts rows into their parts and answers a question to each, on whatever machines."""

    def scatter(self, groups: Sequence[Group], layout: Layout, bounds: Sequence[Any]) -> None:
        """Put the rows of some groups of files into their parts, each group into its folder."""

    def analyse(self, folders: Sequence[Path], parts: int, layout: Layout, whole: Whole) -> Partial:
        """Answer the question to each part that is not done, and add up the sums of all."""


@dataclass(frozen=True, slots=True)
class _Turns:
    """The parts in turn, each on every core."""

    plan: Plan
    job: Job
    room: Workspace
    connection: Any
    said: Progress

    def scatter(self, groups: Sequence[Group], layout: Layout, bounds: Sequence[Any]) -> None:
        for number, (folder, relations) in enumerate(groups):
            scatter(self.connection, relations, layout, bounds, folder)
            self.said(READING * (number + 1) / len(groups))

    def analyse(self, folders: Sequence[Path], parts: int, layout: Layout, whole: Whole) -> Partial:
        self.job.check(whole.hollow())
        todo = [part for part in range(parts) if not self.room.file_of(part).exists()]
        for done, part in enumerate(todo):
            found = read_part(self.connection, files_of(folders, part), layout, whole)
            keep_sums(found, self.job, self.room.file_of(part), self.plan.drop_heartbeats)
            self.said(READING + (1 - READING) * (done + 1) / len(todo))
        return sum((Partial.load(self.room.file_of(part)) for part in range(parts)), start=Partial())


def answered(plan: Plan, room: Workspace, connection: Any, worker: Worker) -> Answer:
    """Let a worker answer; where rows break a rule, say which."""
    relations = [fast.relation(connection, source) for source in plan.sources]
    for layout in _layouts(connection, plan, relations):
        if layout is None or (layout.fractions and any(one.kind == "jsonl" for one in relations)):
            continue
        try:
            return _answer(plan, room, connection, worker, layout, relations)
        except (UnsoundRowsError, duckdb.ConversionException, duckdb.InvalidInputException):
            room.forget()
    _explain(connection, plan, room)
    raise TraceError("the trace can only be read as a whole: raise --memory-limit")


def _layouts(connection: Any, plan: Plan, relations: Sequence[Relation]) -> Iterator[Layout | None]:
    """Yield a guess of the layout, then what a look at all rows says."""
    yield guess(relations, plan.time_unit)
    yield profile(connection, relations, plan.time_unit)


def _answer(
    plan: Plan, room: Workspace, connection: Any, worker: Worker, layout: Layout, relations: Sequence[Relation]
) -> Answer:
    bounds = room.bounds(lambda: divide(connection, relations, layout, plan.parts))
    groups = room.groups(relations, apart=room.is_kept or not isinstance(worker, _Turns))
    worker.scatter([group for group in groups if not room.is_done(group[0])], layout, bounds)
    folders = [folder for folder, _ in groups]
    whole, parts = survey(connection, folders, layout), len(bounds) + 1
    total = worker.analyse(folders, parts, layout, whole)
    return Answer(whole.hollow(), total, tuple(room.file_of(part) for part in range(parts)))


def keep_sums(found: tuple[Trace, int] | None, job: Job, output: Path, drops: str | None) -> None:
    """Answer the question to one part, and write its sums and lives to a file: the unit of work of every engine."""
    if found is None:
        Partial().save(output, {})
        return
    trace, headless = found
    kept = drop_heartbeats(trace, drops) if drops else trace
    partial, lives = job.analyse(kept)
    partial.count("headless", headless)
    for name, number in message_counts(trace).items():
        partial.count(name, number)
    if drops:
        partial.count("dropped", trace.messages - kept.messages)
    partial.save(output, lives)


def _explain(connection: Any, plan: Plan, room: Workspace) -> None:
    """Read the whole trace with care, to say what is wrong with it and where."""
    relations = careful.load(connection, list(plan.sources))
    layout = profile(connection, relations, plan.time_unit)
    careful.read(connection, relations, layout, STRICT, room.folder / "rejects.csv")


@contextmanager
def named_faults(folder: Path) -> Iterator[None]:
    """Turn what a database or a disk says into one message."""
    try:
        yield
    except duckdb.Error as error:
        text = str(error).splitlines()[0]
        if "No space left" in text or "Out of disk" in text or "max_temp_directory_size" in text:
            raise TraceError(f"the disk of {folder} is full: set TMPDIR, or --checkpoint, to a larger one") from None
        raise TraceError(f"the trace cannot be read: {text}") from None
    except OSError as error:
        raise TraceError(f"{error.filename or folder}: {error.strerror or error}") from None
