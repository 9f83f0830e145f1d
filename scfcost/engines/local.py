"""The parts of a trace one after the other on this machine, each on every core, resumed where a run was broken off."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from scfcost.engines.job import Job
from scfcost.engines.partial import Answer, Partial
from scfcost.engines.plan import Plan
from scfcost.engines.workspace import Workspace, workspace
from scfcost.errors import TraceError
from scfcost.trace import careful, fast
from scfcost.trace.assemble import UnsoundRowsError
from scfcost.trace.database import database
from scfcost.trace.heartbeats import drop_heartbeats
from scfcost.trace.parted import Whole, divide, files_of, read_part, scatter, survey
from scfcost.trace.profile import Layout, Relation, guess, profile
from scfcost.trace.rejects import STRICT

Progress = Callable[[float], None]
_READING = 0.4
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
    said = progress or (lambda _: None)
    with workspace(plan, job) as room, _named_faults(room), database(room.spill, plan.database_limit) as connection:
        layout, relations = _laid_out(connection, plan, room)
        try:
            found = _answer(connection, plan, job, room, layout, relations, said)
        except UnsoundRowsError:
            if not layout.guessed:
                _explain(connection, plan, room)
            room.forget()
            layout = profile(connection, relations, plan.time_unit)
            try:
                found = _answer(connection, plan, job, room, layout, relations, said)
            except UnsoundRowsError:
                _explain(connection, plan, room)
        yield found


def _laid_out(connection: Any, plan: Plan, room: Workspace) -> tuple[Layout, list[Relation]]:
    relations = [fast.relation(connection, source) for source in plan.sources]
    layout = guess(relations, plan.time_unit) or profile(connection, relations, plan.time_unit)
    if layout.fractions and any(relation.kind == "jsonl" for relation in relations):
        _explain(connection, plan, room)
    return layout, relations


def _answer(
    connection: Any,
    plan: Plan,
    job: Job,
    room: Workspace,
    layout: Layout,
    relations: Sequence[Relation],
    said: Progress,
) -> Answer:
    bounds = room.bounds(lambda: divide(connection, relations, layout, plan.parts))
    groups = room.groups(relations)
    for number, (folder, group) in enumerate(groups):
        if not room.is_done(folder):
            scatter(connection, group, layout, bounds, room.begun(folder))
            room.mark_done(folder)
        said(_READING * (number + 1) / len(groups))
    folders = [folder for folder, _ in groups]
    whole = survey(connection, folders, layout)
    job.check(whole.hollow())
    total, files = Partial(), []
    for part in range(len(bounds) + 1):
        file = room.file_of(part)
        if not file.exists():
            analyse_part(connection, files_of(folders, part), layout, whole, job, file, plan.drop_heartbeats)
        total += Partial.load(file)
        files.append(file)
        said(_READING + (1 - _READING) * (part + 1) / (len(bounds) + 1))
    return Answer(whole.hollow(), total, tuple(files))


def analyse_part(
    connection: Any, files: Sequence[Path], layout: Layout, whole: Whole, job: Job, output: Path, drops: str | None
) -> None:
    """Read one part, and write its sums and lives to a file: the unit of work of every engine."""
    found = read_part(connection, files, layout, whole)
    if found is None:
        Partial().save(output, {})
        return
    trace, headless = found
    partial, lives = job.analyse(drop_heartbeats(trace, drops) if drops else trace)
    partial.count("headless", headless)
    partial.save(output, lives)


def _explain(connection: Any, plan: Plan, room: Workspace) -> None:
    """Read the whole trace with care, and say what is wrong with it and where."""
    relations = careful.load(connection, list(plan.sources))
    layout = profile(connection, relations, plan.time_unit)
    careful.read(connection, relations, layout, STRICT, room.folder / "rejects.csv")
    raise TraceError("the trace can only be read as a whole: raise --memory-limit")


@contextmanager
def _named_faults(room: Workspace) -> Iterator[None]:
    """Turn what a database or a disk says into one message."""
    import duckdb

    try:
        yield
    except duckdb.Error as error:
        text = str(error).splitlines()[0]
        if "No space left" in text or "Out of disk" in text or "max_temp_directory_size" in text:
            raise TraceError(
                f"the disk of {room.folder} is full: set TMPDIR, or --checkpoint, to a larger one"
            ) from None
        raise TraceError(f"the trace cannot be read: {text}") from None
    except OSError as error:
        raise TraceError(f"{error.filename or room.folder}: {error.strerror}") from None
