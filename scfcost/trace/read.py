"""Read files into a trace: DuckDB reads and sorts, compiled code groups.

The fast reading sorts a narrow, packed row and streams it; it only notices that something is wrong. Then the careful
reading goes through the files again, slower and with line numbers, to say what and where.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pyarrow as pa

from scfcost.core.errors import ConfigError, TraceError, nearest
from scfcost.core.guard import taking_apart
from scfcost.core.units import seconds_to_ms
from scfcost.trace.censoring import censor
from scfcost.trace.formats.base import Converted, LogOptions, Original
from scfcost.trace.model import CUT_IDLE, CUT_LIFE, NOT_CUT, Provenance, Trace
from scfcost.trace.reading import load
from scfcost.trace.reading.database import OUR_SQL, database
from scfcost.trace.reading.draft import Draft, finish
from scfcost.trace.reading.layout import Relation, guess, profile
from scfcost.trace.reading.marks import Marks, clients, marks, rooms
from scfcost.trace.reading.memory import database_share, hold_to
from scfcost.trace.reading.rejects import SKIP, STRICT
from scfcost.trace.reading.sources import Source, column_warnings, expand, is_trace_table, resolve
from scfcost.trace.reading.times import ISO, UNITS
from scfcost.trace.stitching import stitch as stitched
from scfcost.trace.window import Asked, carried_window


def read_trace(
    paths: str | Path | Sequence[str | Path | tuple[Path, str]],
    *,
    on_error: str = "strict",
    rejects: str | Path | None = None,
    time_unit: str | None = None,
    window: Asked | None = None,
    memory_limit: str | None = None,
    source_format: str | None = None,
    log_format: str | None = None,
    tz: str | None = None,
    source_idle_timeout: float | None = None,
    source_max_life: float | None = None,
    stitch: tuple[str, float] | None = None,
    columns: Mapping[str, str] | None = None,
) -> Trace:
    """Read events files, connections files or logs into a trace.

    CSV, JSON Lines and Parquet, plain or gzip or zstd, are recognised by their content, and so are logs (see
    `formats`); rows come in any order.

    Parameters
    ----------
    paths : str, Path or sequence of them
        Files, globs, or `-` for standard input; a tuple is a file and what messages call it.
    on_error : {"strict", "skip"}
        What to do with bad rows: refuse the trace, or leave them out.
    rejects : str or Path, optional
        With "skip", the CSV file that bad rows are written to; `rejects.csv` by default.
    time_unit : {"s", "ms", "us", "ns", "iso"}, optional
        Unit of the timestamps; inferred from their magnitude by default.
    window : tuple of int, optional
        Start and end of the window, or None and its length from the first connect on; by default what the files carry,
        else the first connect and the last instant. [ms]
    memory_limit : str, optional
        Memory to stay within, such as "2GB": what would take more as a whole is refused.
    source_format : str, optional
        Name of a log format; told from the files by default.
    log_format : str, optional
        The server's own format string, such as nginx's `log_format`.
    tz : str, optional
        Time zone of log times that name none, such as "Asia/Shanghai"; UTC by default.
    source_idle_timeout, source_max_life : float, optional
        Timeouts of the server that the trace comes from: closes that they made are marked, see `censor`. [s]
    stitch : tuple of str and float, optional
        Column or field of a log that names the client ("client": its address), and how long a client may be away:
        reconnections within become one session, see `stitching`. [s]
    columns : mapping of str to str, optional
        What a table calls the columns of a trace, such as {"connect_time": "started", "duration_ms": "took"};
        "date+time" joins two.

    Returns
    -------
    Trace
        Connections in the order of their ids.

    Raises
    ------
    TraceError
        If a file is no trace; BadRowsError, one of its kind, if rows break the rules of a trace.
    ConfigError
        If an option is not known.
    """
    _choice("on_error", on_error, (STRICT, SKIP))
    if time_unit is not None:
        _choice("time_unit", time_unit, (*UNITS, ISO))
    listed = [paths] if isinstance(paths, str | Path) else list(paths)
    away_ms = None if stitch is None else _within_ms(stitch[1])
    key = None if stitch is None else stitch[0]
    named_columns = tuple((columns or {}).items())
    place = Path(rejects or "rejects.csv")
    said = LogOptions(log_format, tz, key, on_error, place, memory_limit, named_columns, time_unit)
    with TemporaryDirectory(prefix="scfcost-") as folder:
        files = [Original(*one) for one in expand(listed, Path(folder))]
        if columns:
            files = _renamed(files, columns, Path(folder))
        converted = _converted(files, source_format, Path(folder), said)
        carried = carried_window(files if converted is None else [*files, (converted.path, files[0].name)])
        sources = resolve(files if converted is None else [Original(converted.path, files[0].name)])
        time_unit = time_unit if converted is None else "ms"
        reached = [source.path for source in sources]
        hold_to(memory_limit, sources, _REMEDY if converted is None else _REMEDY_OF_LOGS)
        with database(Path(folder), database_share(memory_limit), files=reached, in_order=True) as connection:
            draft, relations = _read(connection, sources, on_error, said.rejects, time_unit)
            in_rooms = rooms(connection, relations, draft.trace.connection_id)
            if in_rooms is not None:
                draft = replace(draft, trace=draft.trace.replace(room=in_rooms))
            told = marks(connection, relations, draft.trace.connection_id)
            if converted is not None or told is not None or (source_idle_timeout, source_max_life) != (None, None):
                draft = _censored(draft, told, source_idle_timeout, source_max_life)
            if key is not None and away_ms is not None:
                named = clients(connection, relations, draft.trace.connection_id, key, of_log=converted is not None)
                draft = stitched(draft, named, away_ms)
    provenance = _provenance(draft, converted, said)
    warnings = (*provenance.warnings, *column_warnings(sources, key), *draft.warnings)
    named_files = tuple(file.name for file in files)
    trace = finish(draft, replace(provenance, sources=named_files, warnings=warnings), window, carried)
    if trace.source_cut is None:
        return trace
    return trace.replace(provenance=replace(trace.provenance, censored=int((trace.source_cut != NOT_CUT).sum())))


def _renamed(files: list[Original], columns: Mapping[str, str], folder: Path) -> list[Original]:
    from scfcost.trace.formats.named_columns import is_parquet, renamed

    return [renamed(file, columns, folder) for file in files] if is_parquet(files[0]) else files


def _converted(files: list[Original], source_format: str | None, folder: Path, said: LogOptions) -> Converted | None:
    """Convert logs into a trace file; what says by itself that it is a trace needs none of the formats."""
    is_told = source_format is not None or said.log_format is not None or said.columns
    if not is_told and all(is_trace_table(*file) for file in files):
        return None
    from scfcost.trace.formats.convert import convert_logs

    return convert_logs(files, source_format, folder, said)


_REMEDY = "raise it; `scfcost estimate` and `scfcost sweep` read trace files in parts"
_REMEDY_OF_LOGS = "raise it, or make a trace of the log with `scfcost import`, which estimate and sweep read in parts"


def _provenance(draft: Draft, converted: Converted | None, said: LogOptions) -> Provenance:
    """Say what became of the rows, those that a log lost on its way into a trace file included."""
    rejected = draft.rejected + (converted.rejected if converted else 0)
    return Provenance(
        rows_read=draft.rows - draft.rejected + rejected,
        rows_rejected=rejected,
        rejects_path=str(said.rejects) if rejected else None,
        warnings=converted.warnings if converted else (),
        source_idle_ms=draft.trace.provenance.source_idle_ms,
        source_life_ms=draft.trace.provenance.source_life_ms,
    )


def _censored(draft: Draft, told: Marks | None, idle_timeout_s: float | None, max_life_s: float | None) -> Draft:
    """Mark the closes that the old server made, by what the files tell and by its timeouts."""
    trace = draft.trace
    if told is not None:
        limits = Provenance(source_idle_ms=told.limits_ms.get(CUT_IDLE), source_life_ms=told.limits_ms.get(CUT_LIFE))
        trace = trace.replace(source_cut=told.cut, provenance=limits)
    trace = censor(trace, idle_timeout_s=idle_timeout_s, max_life_s=max_life_s)
    return replace(draft, trace=trace, warnings=(*draft.warnings, *trace.provenance.warnings))


def _within_ms(seconds: float) -> int:
    if seconds < 0:
        raise ConfigError(f"within: {seconds:g} s is less than 0")
    return seconds_to_ms(seconds, "within")


def _read(
    connection: Any, sources: list[Source], on_error: str, rejects: Path, time_unit: str | None
) -> tuple[Draft, list[Relation]]:
    """Try the fast reading, from a guess of the layout where one can be had; where it finds fault, read carefully."""
    try:
        relations = [load.relation(connection, source) for source in sources]
        if guessed := guess(relations, time_unit):
            with suppress(load.UnsoundRowsError):
                return load.read(connection, relations, guessed), relations
        return load.read(connection, relations, profile(connection, relations, time_unit)), relations
    except (load.UnsoundRowsError, duckdb.Error):
        from scfcost.trace.reading import diagnose

        named = ", ".join(source.name for source in sources[:3])
        with taking_apart(named, "a trace", TraceError, duckdb.Error, pa.ArrowException, ours=OUR_SQL):
            relations = diagnose.load(connection, sources)
            layout = profile(connection, relations, time_unit)
            return diagnose.read(connection, relations, layout, on_error, rejects), relations


def _choice(name: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise ConfigError(f"{name}: {value!r} is not known; {nearest(value, choices)}")
