"""The parts of a trace one after the other on this machine, each on every core, resumed where a run was broken off."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scfcost.core.errors import TraceError
from scfcost.engines.job import Job
from scfcost.engines.partial import Answer, Partial
from scfcost.engines.plan import Plan
from scfcost.engines.run import READING, Group, How, Progress, answer_part, answered, named_faults
from scfcost.engines.workspace import Workspace, workspace
from scfcost.trace.reading.database import database
from scfcost.trace.reading.layout import Layout
from scfcost.trace.reading.partition import Whole, files_of, scatter


@contextmanager
def execute(plan: Plan, job: Job, *, progress: Progress | None = None) -> Iterator[Answer]:
    """Read a trace in parts, and yield the sums over all of them; what was kept of the parts goes at the end.

    Parameters
    ----------
    plan : Plan
        How the trace is read in parts.
    job : Job
        The question.
    progress : Progress, optional
        Called with the share of the work that is done.

    Raises
    ------
    TraceError
        If a file is no trace, or cannot be read; BadRowsError, one of its kind, if rows break the rules of a trace.
    ConfigError
        If only the whole trace could answer, or the checkpoint is of other files.
    """
    with workspace(plan, job) as room, named_faults(room.folder):
        with database(room.folder, plan.database_limit, files=plan.paths()) as connection:
            found = answered(plan, room, connection, _Turns(plan, job, room, connection, progress or (lambda _: None)))
        yield found


@dataclass(frozen=True, slots=True)
class _Turns:
    """The parts in turn, each on every core."""

    plan: Plan
    job: Job
    room: Workspace
    connection: Any
    said: Progress

    @property
    def apart(self) -> bool:
        """Whether a run that broke off may have done some groups of files."""
        return self.room.is_kept

    def scatter(self, groups: Sequence[Group], layout: Layout, bounds: Sequence[Any]) -> None:
        for number, (folder, relations) in enumerate(groups):
            scatter(self.connection, relations, layout, bounds, folder)
            self.said(READING * (number + 1) / len(groups))

    def analyse(self, folders: Sequence[Path], parts: int, layout: Layout, whole: Whole) -> Partial:
        self.job.check(whole.hollow())
        how = How(self.plan.drop_heartbeats, self.plan.rows)
        total = Partial()
        for part in range(parts):
            output, files = self.room.file_of(part), files_of(folders, part)
            found = Partial.kept(output)
            if found is None:
                answer_part(self.connection, part, files, layout, whole, self.job, output, how)
                found = Partial.kept(output)
            if found is None:
                raise TraceError(f"{output}: is not as it was written: the disk of {output.parent} cannot be trusted")
            total += found
            self.said(READING + (1 - READING) * (part + 1) / parts)
        return total
