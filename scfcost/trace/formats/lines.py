"""Logs of one line a connection: a format says which line it is and what its fields mean; the database reads it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NoReturn

import duckdb

from scfcost.core.errors import BadRowsError, ConfigError, TraceError
from scfcost.core.warning import Warned
from scfcost.trace.formats.base import UNFINISHED, Converted, Kind, LogOptions, Original
from scfcost.trace.formats.line_log import SAME, LineLog
from scfcost.trace.formats.line_tables import UNREADABLE, load, refuse_damaged
from scfcost.trace.formats.pairing import Paired, write_paired
from scfcost.trace.formats.plausible import check_instants, check_lives, implausible_lives
from scfcost.trace.formats.wall_clock import Decided
from scfcost.trace.reading.database import database, file_literal, quoted
from scfcost.trace.reading.memory import database_share
from scfcost.trace.reading.rejects import LISTED, STRICT, Reject, listing, write_rejects
from scfcost.trace.reading.times import has_time_zone

_MANY = 20
"""Connections from which on it is said how many are missing. [1]"""
_FAULT = "fault IS NOT NULL AND NOT coalesce(unfinished, FALSE)"
_USED = "fault IS NULL AND websocket AND left_out < 0"


def kind_of(log: LineLog, name: str) -> Kind:
    """Return lines of a connection each as a kind of a format of this name.

    Parameters
    ----------
    log : LineLog
        How the lines of the log are read.
    name : str
        Name of the format.
    """
    return Kind(log.is_line, lambda originals, scratch, options: convert_lines(log, originals, scratch, options, name))


def no_line(originals: Sequence[Original], _scratch: Path, _options: LogOptions) -> NoReturn:
    """Refuse files that hold no line of the format that was asked for.

    Parameters
    ----------
    originals : sequence of Original
        The files that were given, as the user named them.
    _scratch : Path
        Not read; every conversion is called so.
    _options : LogOptions
        Not read; every conversion is called so.
    """
    raise TraceError(
        f"{originals[0].name}: no line is of this format; `scfcost import` without --from says what it is, and "
        "`scfcost formats` how to have the server write more"
    )


def convert_lines(
    log: LineLog, originals: Sequence[Original], scratch: Path, options: LogOptions, name: str
) -> Converted:
    """Make a connections file of the lines of WebSockets.

    Parameters
    ----------
    log : LineLog
        What the lines are.
    originals : sequence of Original
        The files, in any order.
    scratch : Path
        A directory for the connections file.
    options : LogOptions
        The zone of times without one, the client's field, and what to do with lines that cannot be read.
    name : str
        Name of the format, for the ids of connections: they are numbered by their start and hold no address.

    Raises
    ------
    ConfigError
        If the time zone is not known, or the lines have no such field for the client.
    BadRowsError
        If lines cannot be read and are not to be skipped; the first are listed with file and line.
    TraceError
        If no line is of a WebSocket whose start and end are known.
    """
    zone = options.time_zone
    if zone is not None and not has_time_zone(zone):
        raise ConfigError(f"tz: {zone!r} is not a time zone such as Asia/Shanghai")
    if log.since is not None and len(originals) > 1:
        raise TraceError(f"{originals[0].name}: a log whose times name no year, or no day, is read one file at a time")
    path = scratch / "lines.parquet"
    reached = [one.path for one in originals]
    with database(scratch, database_share(options.memory_limit), files=reached, in_order=True) as connection:
        try:
            decided = load(connection, log, originals, options)
        except duckdb.BinderException as error:  # a mapping names a column that the file lacks
            raise TraceError(f"{originals[0].name}: {str(error).splitlines()[0]}") from None
        except duckdb.Error as error:
            raise refuse_damaged(originals, str(error)) from None
        flushes = _flushes(connection) if SAME in dict(log.more) else ()
        counts = _counts(connection, log)
        if counts["used"] + counts["faults"] == 0 or counts["unread"] + counts["strays"] == counts["lines"]:
            raise TraceError(_nothing(originals[0].name, counts))
        _settle_faults(connection, originals, options, counts["faults"])
        if counts["used"] == 0:
            raise TraceError(_nothing(originals[0].name, counts))
        check_instants(connection, _USED, originals[0].name)
        if log.pairing is not None:
            paired = write_paired(connection, log.pairing, _USED, path, originals[0].name, name)
            more = (*_left_out(counts, options), *paired.warnings, *_of_clocks(decided, options))
            return _of_paired(path, paired, counts, more)
        check_lives(connection, _USED, log, originals[0].name)
        _write(connection, log, path, originals[0].name, name)
        warnings = (
            *_warnings(log, counts, options),
            *_of_clocks(decided, options),
            *implausible_lives(connection, _USED),
            *flushes,
        )
    return Converted(
        path,
        read=counts["lines"],
        used=counts["used"],
        not_websocket=counts["others"],
        left_out=counts["lines"] - counts["used"] - counts["others"] - counts["faults"] - counts["strays"],
        strays=counts["strays"],
        rejected=counts["faults"],
        warnings=warnings,
        sound=True,
    )


def _of_paired(path: Path, paired: Paired, counts: dict[str, int], warnings: tuple[Warned, ...]) -> Converted:
    return Converted(
        path,
        read=counts["lines"],
        used=paired.connections,
        not_websocket=counts["others"],
        left_out=paired.left_out,
        strays=counts["strays"],
        rejected=counts["faults"],
        warnings=warnings,
    )


def _flushes(connection: Any) -> tuple[Warned, ...]:
    """Leave out all lines of a connection but the last, and say how many may be of one that the log does not name."""
    ranked = (
        f"SELECT rowid AS place, row_number() OVER (PARTITION BY {SAME} ORDER BY close_time DESC, rowid DESC) AS nth "
        f"FROM found WHERE {_USED} AND {SAME} IS NOT NULL"
    )
    twice = f"SELECT count(*) > count(DISTINCT {SAME}) FROM found WHERE {_USED} AND {SAME} IS NOT NULL"
    if connection.execute(twice).fetchall()[0][0]:
        earlier = f"SELECT place FROM ({ranked}) WHERE nth > 1"
        connection.execute(f"UPDATE found SET left_out = 0 WHERE rowid IN ({earlier})")
    unnamed = f"SELECT count(*) - count(DISTINCT connect_time) FROM found WHERE {_USED} AND {SAME} IS NULL"
    count = connection.execute(unnamed).fetchall()[0][0]
    text = (
        "lines without a request id that begin in the millisecond of another, each taken as a connection (where they "
        'are flushes of one, log JSON with request_id: "%REQ(X-REQUEST-ID)%", for TCP with stream_id: "%STREAM_ID%"): '
        f"{count:,}"
    )
    return (Warned("unnamed_flushes", text),) if count else ()


def _counts(connection: Any, log: LineLog) -> dict[str, int]:
    parts = {
        "lines": "count(*)",
        "faults": f"count_if({_FAULT})",
        "unread": f"count_if(fault = {quoted(UNREADABLE)})",
        "strays": "count_if(stray AND NOT aside)",
        "unfinished": "count_if(fault IS NOT NULL AND unfinished)",
        "others": "count_if(fault IS NULL AND NOT (readable AND websocket) AND (aside OR NOT stray))",
        "used": f"count_if({_USED})",
        "no_bytes": f"count_if({_USED} AND bytes_out IS NULL)",
        "idle": f"count_if({_USED} AND censored = 'idle')",
        "life": f"count_if({_USED} AND censored = 'life')",
        "open": f"sum(close_time - connect_time) FILTER ({_USED}) // "
        f"nullif(max(close_time) FILTER ({_USED}) - min(connect_time) FILTER ({_USED}), 0)",
        **{f"left_{number}": f"count_if(websocket AND left_out = {number})" for number in range(len(log.left_out))},
        **{f"note_{number}": f"count_if({_USED} AND note_{number})" for number in range(len(log.notes))},
    }
    row = connection.execute(f"SELECT {', '.join(parts.values())} FROM found").fetchall()[0]
    return {name: int(value or 0) for name, value in zip(parts, row, strict=True)}


def _settle_faults(connection: Any, originals: Sequence[Original], options: LogOptions, count: int) -> None:
    """Refuse the log for what is wrong with it, or write that to a file."""
    if not count:
        return
    query = f"SELECT file, number, fault, raw FROM found WHERE {_FAULT} ORDER BY file, number"
    if options.on_error == STRICT:
        first = connection.execute(f"{query} LIMIT {LISTED}").fetchall()
        raise BadRowsError(
            listing([(originals[file].name, number, _told(fault, raw)) for file, number, fault, raw in first], count)
        )
    write_rejects(_rejects(connection.execute(query), originals), options.rejects)


def _told(fault: str, raw: str | None) -> str:
    shown = " ".join((raw or "").split())
    return f"{fault}: {shown if len(shown) <= 60 else shown[:59] + '…'}"


def _rejects(faults: Any, originals: Sequence[Original]) -> Iterator[Reject]:
    while block := faults.fetchmany(10_000):
        yield from (Reject(originals[file].name, number, fault, raw or "") for file, number, fault, raw in block)


_MORE = {"_code": "close_code", "_side": "closed_by", "_function": "function", "_messages": "messages"}
"""What lines of connections may tell beside the rest, and what a connections file calls it."""


def _write(connection: Any, log: LineLog, path: Path, file: str, name: str) -> None:
    """Write the connections in the order of their starts; a column that tells nothing is left out."""
    told = dict.fromkeys(("bytes_out", "bytes_in", "client", "censored"))
    told |= {one: _MORE[one] for one, _ in log.more if one in _MORE}
    counts = connection.execute(f"SELECT {', '.join(f'count({one})' for one in told)} FROM found WHERE {_USED}")
    found = zip(told.items(), counts.fetchall()[0], strict=True)
    kept = [f"{one} AS {called or one}" for (one, called), count in found if count]
    columns = ", ".join(["connect_time", "close_time", *kept])
    identity = f"{quoted(f'{name}-')} || row_number() OVER (ORDER BY connect_time, close_time)"
    if any(one == "_id" for one, _ in log.more):
        identity = "_id"
        _refuse_twice(connection, file)
    connection.execute(
        f"COPY (SELECT {identity} AS connection_id, {columns} "
        f"FROM found WHERE {_USED}) TO {file_literal(path)} (FORMAT parquet)"
    )


def _refuse_twice(connection: Any, file: str) -> None:
    """Refuse ids that two connections have, or one has not."""
    twice = connection.execute(
        f"SELECT _id, count(*) FROM found WHERE {_USED} GROUP BY _id HAVING count(*) > 1 OR _id IS NULL LIMIT 1"
    ).fetchall()
    if twice:
        shown = "rows without an id" if twice[0][0] is None else f"rows of the id {twice[0][0]!r}"
        hint = "leave connection_id out of the mapping where it is no id of single connections"
        raise TraceError(f"{file}: {twice[0][1]:,} {shown}, of which each connection has its own; {hint}")


def _nothing(name: str, counts: dict[str, int]) -> str:
    if counts["lines"] == 0:
        return f"{name}: holds no line"
    if counts["unread"] + counts["strays"] == counts["lines"]:
        return f"{name}: no line is of this format"
    if counts["lines"] == counts["faults"] + counts["others"] + counts["strays"]:
        return (
            f"{name}: holds no WebSocket among {counts['others']:,} lines: none has the status 101 of an upgrade, or "
            "what stands for it in such a log. Is it the log of the server that WebSockets go through, and of a "
            "time when some of them ended?"
        )
    return f"{name}: holds no WebSocket whose start and end are known"


def _left_out(counts: dict[str, int], options: LogOptions) -> Iterator[Warned]:
    """Say how many lines tell nothing, and why."""
    if counts["others"]:
        yield Warned("not_websocket", f"lines of no WebSocket, left out: {counts['others']:,}")
    if counts["strays"]:
        share = f"{counts['strays']:,} of {counts['lines']:,}"
        yield Warned("foreign_lines", f"lines that are no lines of such a log, left out: {share}")
    if counts["faults"]:
        text = f"lines that cannot be read, left out: {counts['faults']:,}; they stand in {options.rejects}"
        yield Warned("unreadable_lines", text)
    if counts["unfinished"]:
        yield UNFINISHED


def _warnings(log: LineLog, counts: dict[str, int], options: LogOptions) -> Iterator[Warned]:
    yield from _left_out(counts, options)
    for number, (_, why) in enumerate(log.left_out):
        if counts[f"left_{number}"]:
            yield Warned("left_out", f"WebSockets {why}, left out: {counts[f'left_{number}']:,}")
    if counts["no_bytes"]:
        yield Warned("bytes_unknown", f"connections whose bytes are not in the log: {counts['no_bytes']:,}")
    for which, what in (("idle", "idle timeout"), ("life", "longest life")):
        if counts[which]:
            text = f"connections cut by the old server's own {what} (how long they would have lived is not known)"
            yield Warned("cut_by_proxy", f"{text}: {counts[which]:,}")
    for number, (code, _, text) in enumerate(log.notes):
        if counts[f"note_{number}"]:
            yield Warned(code, f"{text}: {counts[f'note_{number}']:,}")
    if counts["used"] >= _MANY and counts["open"]:
        open_still = f"about {counts['open']:,}, judging by the mean"
        text = f"connections open when the log ended, which left no line: {open_still}"
        yield Warned("open_missing", text)


def _of_clocks(decided: Decided | None, options: LogOptions) -> Iterator[Warned]:
    if decided is None or not decided.twice:
        return
    text = f"{decided.twice:,} local times lie in the hour that {options.time_zone} has twice"
    if decided.in_order:
        yield Warned("hour_twice", f"{text}: the order of the lines tells which of both it is")
    else:
        yield Warned("hour_twice", f"{text}, and the log is not in order: taken as the first, an hour early at most")
