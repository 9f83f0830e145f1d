"""What every engine does: lay the files out, have rows put into parts and parts answered, and say what is wrong."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import duckdb
import numpy as np

from scfcost.core.errors import TraceError
from scfcost.core.pieces import listed
from scfcost.engines.job import Job
from scfcost.engines.partial import Answer, Partial
from scfcost.engines.plan import Plan, broken_header
from scfcost.engines.spill import keep, merged, stretch_rows, stretches
from scfcost.engines.workspace import Workspace, lives_file
from scfcost.lifecycle.records import Stretch
from scfcost.trace.heartbeats import drop_heartbeats
from scfcost.trace.model import Int64, Trace
from scfcost.trace.reading import diagnose, load
from scfcost.trace.reading.draft import message_counts
from scfcost.trace.reading.group import UnsoundRowsError
from scfcost.trace.reading.layout import Layout, Relation, guess, profile
from scfcost.trace.reading.memory import ROWS_PER_CONNECTION
from scfcost.trace.reading.partition import Whole, divide, read_part, survey
from scfcost.trace.window import carried_window

_FULL_DISK = ("No space left", "Out of disk", "max_temp_directory_size", "failed to offload")
"""How a database says that a disk is full."""
_LARGER = "set TMPDIR, or --checkpoint, to a larger one"
"""What to do then."""
_FINER = 16
"""Ranges of a part that the careful reading looks at in turn, since it takes many times the memory. [1]"""
_OF_A_STRETCH = 4
"""Rows whose memory an invocation takes on its way onto an instance, about. [1]"""
_PIECES = 8
"""Pieces of a part that fills the memory, about. [1]"""
READING = 0.4
"""Share of the work that putting the rows into their parts takes, about. [1]"""
Progress = Callable[[float], None]
Group = tuple[Path, list[Relation]]
"""Files whose rows go into one folder."""
Range = tuple[Any, Any]
"""First id of a range, and the one that it ends before; None for no bound."""


class Worker(Protocol):
    """What puts rows into their parts and answers a question to each, on whatever machines."""

    @property
    def apart(self) -> bool:
        """Whether the rows of each group of files are kept apart, so that groups are done one by one."""

    def scatter(self, groups: Sequence[Group], layout: Layout, bounds: Sequence[Any]) -> None:
        """Put the rows of some groups of files into their parts, each group into its folder.

        Parameters
        ----------
        groups : sequence of Group
            Groups of files, each with the folder its rows go to.
        layout : Layout
            How ids, instants and functions are written.
        bounds : sequence of object
            The ids at which the parts after the first begin.
        """

    def analyse(self, folders: Sequence[Path], parts: int, layout: Layout, whole: Whole) -> Partial:
        """Answer the question to each part that is not done, and add up the sums of all.

        Parameters
        ----------
        folders : sequence of Path
            Where the rows of each group of files are.
        parts : int
            How many parts there are.
        layout : Layout
            How ids, instants and functions are written.
        whole : Whole
            What holds of the trace as a whole: its window, its functions.
        """


def answered(plan: Plan, room: Workspace, connection: Any, worker: Worker) -> Answer:
    """Let a worker answer; where rows break a rule, say which.

    Parameters
    ----------
    plan : Plan
        How the trace is read in parts.
    room : Workspace
        The folders of this run.
    connection : object
        An open connection of the database.
    worker : Worker
        What does the work, here or on a cluster.
    """
    everywhere: Range = (None, None)
    within = everywhere
    relations: list[Relation] = []
    with suppress(UnsoundRowsError):  # a header that the database would not read as it is
        relations = [load.relation(connection, source) for source in plan.sources]
    for layout in _layouts(connection, plan, relations) if relations else ():
        if layout is None or (layout.fractions and any(one.kind == "jsonl" for one in relations)):
            continue
        try:
            return _answer(plan, room, connection, worker, layout, relations)
        except UnsoundRowsError as error:
            within = error.args[0] if error.args else everywhere
        except (duckdb.ConversionException, duckdb.InvalidInputException):
            within = everywhere
        room.forget()
    if why := broken_header(plan.sources):
        raise TraceError(f"the trace can only be read as a whole: {why}")
    _explain(connection, plan, within)
    raise TraceError("the trace can only be read as a whole: raise --memory-limit")


def _layouts(connection: Any, plan: Plan, relations: Sequence[Relation]) -> Iterator[Layout | None]:
    """Yield a guess of the layout, then what a look at all rows says."""
    yield guess(relations, plan.time_unit)
    yield profile(connection, relations, plan.time_unit)


def _answer(
    plan: Plan, room: Workspace, connection: Any, worker: Worker, layout: Layout, relations: Sequence[Relation]
) -> Answer:
    bounds = room.bounds(lambda: divide(connection, relations, layout, plan.parts))
    groups = room.groups(relations, apart=worker.apart)
    worker.scatter([group for group in groups if not room.is_done(group, layout, bounds)], layout, bounds)
    folders = [folder for folder, _ in groups]
    carried = carried_window((source.path, source.name) for source in plan.sources)
    whole = survey(connection, folders, layout, relations[0].shape, plan.window, carried)
    parts = len(bounds) + 1
    try:
        total = worker.analyse(folders, parts, layout, whole)
    except UnsoundRowsError as error:
        raise UnsoundRowsError(list(pairwise([None, *bounds, None]))[error.args[0]]) from None
    if plan.window is not None and total.number("sessions") == 0:
        raise TraceError("no connection lives inside the window")

    def lives(case: str) -> Iterator[Stretch]:
        files = room.lives_files(total, case)
        return stretches(files, stretch_rows(len(files), plan.rows // _OF_A_STRETCH))

    def rows(case: str) -> Iterator[Int64]:
        files = room.lives_files(total, case)
        return merged(files, stretch_rows(len(files), plan.rows // _OF_A_STRETCH))

    return Answer(whole.hollow(), total, lives, rows)


class How(NamedTuple):
    """How parts are answered."""

    drop_heartbeats: str | None
    rows: int
    """Rows that memory holds at once. [1]"""


def answer_part(
    connection: Any, part: int, files: Sequence[Path], layout: Layout, whole: Whole, job: Job, output: Path, how: How
) -> None:
    """Answer the question to one part, and write its sums and lives to files: the unit of work of every engine.

    The part is taken piece by piece, since an answer may take more memory than what is asked: messages that are
    supposed, invocations of clients that come back.

    Parameters
    ----------
    connection : object
        An open connection of the database.
    part : int
        Which part, from 0.
    files : sequence of Path
        The packed rows of the part.
    layout : Layout
        How ids, instants and functions are written.
    whole : Whole
        What holds of the trace as a whole: its window, its functions.
    job : Job
        The question.
    output : Path
        Folder or file that the sums go to.
    how : How
        What bounds and counts the work.

    Raises
    ------
    UnsoundRowsError
        If any row breaks a rule of a trace; it names the part.
    """
    try:
        found = read_part(connection, files, layout, whole)
    except UnsoundRowsError:
        raise UnsoundRowsError(part) from None
    drops = how.drop_heartbeats
    total = Partial()
    if found is not None:
        trace = found.trace
        kept = drop_heartbeats(trace, drops) if drops else trace
        is_divided = job.piecewise or not kept.has_messages
        for number, piece in enumerate(pieces(kept, max(how.rows // _PIECES, 1) if is_divided else None)):
            partial, lives = job.analyse(piece)
            total += partial
            for case, stretch in lives.items():
                lives_of_piece = lives_file(output, case, number)
                keep(stretch, lives_of_piece)
                total.lives.append(listed(lives_of_piece))
        total.count("headless", found.headless)
        total.count("outside", found.outside)
        total.count("carried", found.carried)
        for name, count in message_counts(trace).items():
            total.count(name, count)
        if drops:
            total.count("dropped", trace.messages - kept.messages)
    total.save(output)  # last: it says that the part is done


def pieces(part: Trace, rows: int | None) -> Iterator[Trace]:
    """Divide a part into pieces of about so many rows, messages that are supposed included; an empty one into none.

    Parameters
    ----------
    part : Trace
        A part of a trace.
    rows : int or None
        Rows of a piece, about; None for the whole part. [1]
    """
    if part.connections == 0:
        return
    if rows is None:
        yield part
        return
    supposed = np.zeros(part.connections, np.int64) if part.total_messages is None else part.total_messages
    each = np.diff(part.offsets) + np.maximum(supposed, 0) + ROWS_PER_CONNECTION
    number = np.cumsum(each) // rows
    edges = np.flatnonzero(np.diff(number)) + 1
    for begin, end in pairwise([0, *edges.tolist(), part.connections]):
        yield part.between(begin, end)


def _explain(connection: Any, plan: Plan, within: Range) -> None:
    """Read the trace with care, to say what is wrong with it and where, if not with its cells then among some ids."""
    relations = diagnose.load(connection, list(plan.sources))
    layout = profile(connection, relations, plan.time_unit)
    low, high = within
    finer = divide(connection, relations, layout, _FINER * plan.parts)
    inside = [one for one in finer if (low is None or one > low) and (high is None or one < high)]
    diagnose.explain(connection, relations, layout, pairwise([low, *inside, high]))


@contextmanager
def named_faults(folder: Path) -> Iterator[None]:
    """Turn what a database or a disk says into one message."""
    try:
        yield
    except duckdb.Error as error:
        text = str(error).splitlines()[0]
        if any(sign in text for sign in _FULL_DISK):
            raise TraceError(f"the disk of {folder} is full: {_LARGER}") from None
        if isinstance(error, duckdb.OutOfMemoryException):
            raise TraceError("the database needs more memory than it may take: raise --memory-limit") from None
        raise TraceError(f"the trace cannot be read: {text}") from None
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise TraceError(f"the disk of {folder} is full: {_LARGER}") from None
        raise TraceError(f"{error.filename or folder}: {error.strerror or error}") from None
