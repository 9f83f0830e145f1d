"""Traces larger than memory: whether a command reads them in parts, and where."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from scfcost.cli.compiling import announce_compiling
from scfcost.cli.inputs import pricing_of, settings_of, window_of
from scfcost.cli.options import Engine, OnError
from scfcost.cli.output import loudness, note, progress
from scfcost.core.errors import ConfigError, TraceError

if TYPE_CHECKING:
    from scfcost.analysis.estimate.result import Estimate
    from scfcost.analysis.sweep.grid import Grid
    from scfcost.analysis.sweep.sweep import SweepResult
    from scfcost.engines.plan import Plan
    from scfcost.trace.reading.sources import Source

_WHOLE = {
    "source_format": "--from", "log_format": "--log-format", "column": "--column", "tz": "--tz",
    "source_idle_timeout": "--source-idle-timeout", "source_max_life": "--source-max-life", "stitch": "--stitch",
    "scale": "--scale", "client_idle": "--client-idle",
}  # fmt: skip
"""Flags under which a trace is read as a whole."""
_PARTS_OF_A_CLUSTER = 32
"""Parts of a small trace on a cluster, so that its workers share them. [1]"""


@contextmanager
def planned(paths: Sequence[str], flags: Mapping[str, Any], *, of_rooms: bool = False) -> Iterator[Plan | None]:
    """Yield how a trace is read in parts, None where it is read as a whole; fetched files go at the end.

    Parameters
    ----------
    paths : sequence of str
        The files or globs that were named on the command line.
    flags : mapping
        Values of the command's shared flags and of those of its own, by name.
    of_rooms : bool
        Whether the answer hangs on the rooms that connections share, which only a whole trace names.
    """
    with TemporaryDirectory(prefix="scfcost-") as scratch:
        if flags["checkpoint"] is None:
            yield _plan(paths, flags, Path(scratch), of_rooms=of_rooms)
            return
        kept = _plain_folder(flags["checkpoint"], Path(scratch))
        yield _plan(paths, {**flags, "checkpoint": kept}, kept, of_rooms=of_rooms)


def _plain_folder(checkpoint: Path, scratch: Path) -> Path:
    """Return a checkpoint under a name that no database takes for a pattern."""
    from scfcost.trace.reading.database import has_pattern, plain_path

    if not has_pattern(str(checkpoint.absolute())):
        return checkpoint
    try:
        checkpoint.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"{checkpoint}: cannot be a checkpoint: {error.strerror}") from None
    return plain_path(checkpoint, scratch)


def _plan(paths: Sequence[str], flags: Mapping[str, Any], folder: Path, *, of_rooms: bool) -> Plan | None:
    """Return how a trace is read in parts; None where it is read as a whole.

    Raises
    ------
    ConfigError
        If a cluster or a checkpoint was asked for, and the trace can only be read as a whole.
    """
    from scfcost.engines.plan import Plan
    from scfcost.trace.reading.memory import database_limit, parts_needed, rows_within

    is_asked = flags["engine"] is Engine.DASK or flags["checkpoint"] is not None
    for name in ("scheduler", "workers"):
        if flags[name] is not None and flags["engine"] is not Engine.DASK:
            raise ConfigError(f"--{name} is of a cluster: give --engine dask, too")
    limit, fewest = _limit(flags), 2
    if flags["engine"] is Engine.DASK:
        fewest = _PARTS_OF_A_CLUSTER if flags["scheduler"] else 2 * _workers(flags)
    reason = next(_why_whole(paths, flags), None)
    is_small = not is_asked and _is_small(paths, limit, folder)
    sources = [] if reason or is_small else _sources(paths, folder, is_asked=is_asked)
    why = reason or _why_not(sources, of_rooms=of_rooms)
    if why:
        if is_asked:
            raise ConfigError(f"the trace can only be read as a whole, without cluster and checkpoint: {why}")
        if flags.get("memory_limit") and not is_small:
            note(f"the trace is read as a whole: {why}", say=loudness(flags))
        return None
    parts = parts_needed(sources, limit)
    if parts == 1 and not is_asked:
        return None
    return Plan(
        tuple(sources), max(parts, fewest), database_limit(limit), flags.get("time_unit"), flags.get("drop_heartbeats"),
        window_of(flags), flags["checkpoint"], rows_within(limit, sources),
    )  # fmt: skip


def _why_not(sources: Sequence[Source], *, of_rooms: bool) -> str | None:
    """Say why files cannot be read in parts, None where they can."""
    from scfcost.engines.plan import why_whole
    from scfcost.trace.reading.columns import ROOM

    if not sources:
        return "it is a log (`scfcost import` makes a trace of it)"
    named = [source.name for source in sources if of_rooms and ROOM in source.columns]
    return why_whole(sources) or (f"{named[0]} names the rooms that connections share" if named else None)


def _limit(flags: Mapping[str, Any]) -> int:
    """Return what each process that reads may take of this machine's memory. [B]

    Raises
    ------
    ConfigError
        If that is too little.
    """
    from scfcost.engines.plan import default_limit
    from scfcost.trace.reading.memory import LEAST_LIMIT, read_size

    sharing = _workers(flags) if flags["engine"] is Engine.DASK and not flags["scheduler"] else 1
    if not flags.get("memory_limit"):
        return max(default_limit() // sharing, LEAST_LIMIT)
    limit = read_size(flags["memory_limit"]) // sharing
    if limit < LEAST_LIMIT:
        each = f" for each of {sharing} workers" if sharing > 1 else ""
        text = f"--memory-limit: {flags['memory_limit']} is too little; at least {LEAST_LIMIT // 10**6}MB are needed"
        raise ConfigError(text + each)
    return limit


def _workers(flags: Mapping[str, Any]) -> int:
    from scfcost.lifecycle.threads import workers as cores

    return int(flags["workers"] or cores())


def _why_whole(paths: Sequence[str], flags: Mapping[str, Any]) -> Iterator[str]:
    """Yield why a trace cannot be read in parts, by its flags."""
    from scfcost.trace.reading.sources import is_stream

    if any(is_stream(path) for path in paths):
        yield "what a pipe gives is kept in a file of its own first"
    if any(path.endswith(".toml") for path in paths):
        yield "it is generated from a scenario"
    yield from (f"{flag} needs the whole" for name, flag in _WHOLE.items() if flags.get(name) is not None)
    if flags.get("on_error") is OnError.SKIP:
        yield "--on-error skip looks at every row; `scfcost import --on-error skip` writes a clean file"


def _is_small(paths: Sequence[str], limit: int, folder: Path) -> bool:
    """Whether files surely fit memory by their size, so that they are fetched and looked at once, by the reading."""
    from scfcost.trace.reading.memory import LEAST_BYTES_PER_ROW, ROWS_PER_CONNECTION, rows_within
    from scfcost.trace.reading.remote import is_remote, sizes
    from scfcost.trace.reading.sources import expand, is_stream

    if any(is_stream(path) or path.endswith(".toml") for path in paths):
        return True  # what is kept or generated has no size yet
    remote = [path for path in paths if is_remote(path)]
    local = [path for path in paths if not is_remote(path)]
    size = sum(sum(sizes(path)) for path in remote)
    try:
        size += sum(file.stat().st_size for file, _ in expand(local, folder)) if local else 0
    except TraceError:
        return True  # the reading says why
    return size * ROWS_PER_CONNECTION < rows_within(limit) * LEAST_BYTES_PER_ROW  # a row may be a connection


def _sources(paths: Sequence[str], folder: Path, *, is_asked: bool) -> list[Source]:
    """Return the files of a trace; none of others, which are read, or refused, as a whole."""
    from scfcost.trace.reading.sources import expand, resolve

    try:
        return resolve(list(expand(paths, folder)))
    except TraceError:
        if is_asked:
            raise
        return []


def engine_of(flags: Mapping[str, Any]) -> Any:
    """Return the engine that a command asks for."""
    if flags["engine"] is Engine.LOCAL:
        from scfcost.engines.local import execute

        return execute
    from scfcost.engines.dask import execute as on_cluster

    return partial(on_cluster, scheduler=flags["scheduler"], workers=flags["workers"])


def estimate_in_parts(plan: Plan, flags: Mapping[str, Any], *, compares: bool) -> Estimate:
    """Estimate a trace in parts, and compare it with other settings where the report tells of them.

    Parameters
    ----------
    plan : Plan
        How the trace is read in parts.
    flags : mapping
        Values of the command's shared flags and of those of its own, by name.
    compares : bool
        Whether the report tells of other settings.
    """
    from scfcost.analysis.estimate.job import EstimateJob
    from scfcost.analysis.in_parts import estimate_in_parts as run

    announce_compiling(loudness(flags))
    settings = settings_of(flags)
    pricing = pricing_of(settings)
    terms = pricing.terms()
    job = EstimateJob(
        settings.function(),
        tuple(settings.named_functions().items()),
        terms,
        pricing.platform(terms),
        compares,
    )
    with bar(plan, flags) as advance:
        return run(plan, job, engine=engine_of(flags), progress=advance)


def sweep_in_parts(plan: Plan, grid: Grid, flags: Mapping[str, Any]) -> SweepResult:
    """Sweep over a trace in parts.

    Parameters
    ----------
    plan : Plan
        How the trace is read in parts.
    grid : Grid
        The settings.
    flags : mapping
        Values of the command's shared flags and of those of its own, by name.
    """
    from scfcost.analysis.in_parts import sweep_in_parts as run

    with bar(plan, flags) as advance:
        return run(plan, grid, engine=engine_of(flags), progress=advance)


def bar(plan: Plan, flags: Mapping[str, Any]) -> AbstractContextManager[Callable[[float], None]]:
    """Return what shows how far the reading in parts is.

    Parameters
    ----------
    plan : Plan
        How the trace is read in parts.
    flags : mapping
        Values of the command's shared flags and of those of its own, by name.
    """
    from scfcost.trace.reading.memory import rows_of

    rows = sum(rows_of(source) for source in plan.sources)
    return progress(f"reading in {plan.parts} parts", say=loudness(flags), rows=rows)
