"""Lines into a table of connections: at once where all is well, with line numbers where something has to be told."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

import numpy as np
import pyarrow as pa

from scfcost.core.errors import TraceError
from scfcost.trace.formats.base import LogOptions, Original
from scfcost.trace.formats.line_fields import NUMBERED, UNREAD, fields_of, parsed, read_once
from scfcost.trace.formats.line_log import AT, LineLog, wall_ms
from scfcost.trace.formats.wall_clock import Decided, decide, has_special
from scfcost.trace.reading.compressed import PLAIN, compression_of, damaged, first_bytes, open_text
from scfcost.trace.reading.rules import MOST

UTC = "UTC"
UNREADABLE = "line: not a line of this format"
UNTIMED = "line: a WebSocket whose start or end cannot be read"
BACKWARDS = "line: ends before it starts"
ABSURD = "line: an absurd number of bytes"
NO_SUCH_TIME = "line: a local time that the clocks of the zone skipped (--tz)"
_FAULT = (
    f"CASE WHEN aside OR stray THEN NULL WHEN NOT readable THEN '{UNREADABLE}' "
    "WHEN NOT websocket OR left_out >= 0 THEN NULL "
    f"WHEN skipped THEN '{NO_SUCH_TIME}' WHEN connect_time IS NULL OR close_time IS NULL THEN '{UNTIMED}' "
    f"WHEN close_time < connect_time THEN '{BACKWARDS}' "
    f"WHEN bytes_out NOT BETWEEN 0 AND {MOST} OR bytes_in NOT BETWEEN 0 AND {MOST} THEN '{ABSURD}' END"
)
_BLOCK_LINES = 100_000
_QUARTER_MS = 900_000
"""Clocks are put forward and back at whole quarters of an hour. [ms]"""


def load(connection: Any, log: LineLog, originals: Sequence[Original], options: LogOptions) -> Decided | None:
    """Make the table `found`: a row a line, with its connection, what is to be said of it, and what is wrong with it.

    Lines of which something is wrong, or whose local time comes twice or never, are read once more with their numbers.

    Parameters
    ----------
    connection : object
        An open connection of the database.
    log : LineLog
        How the lines of the log are read.
    originals : sequence of Original
        The files that were given, as the user named them.
    options : LogOptions
        What the user says of logs.

    Returns
    -------
    Decided or None
        What became of local times around a change of the clocks, None where there are none.
    """
    zone = options.time_zone or UTC
    if log.since is None:
        fields = fields_of(log, parsed(log, originals), options.client)
        _make_found(connection, log, f"SELECT *, {_by_zone(log, zone)} AS {AT} FROM ({fields})", zone)
        faulty = connection.execute("SELECT count(fault) FROM found").fetchall()[0][0]
        if not faulty and not _unread(connection, log) and not _near_a_change(connection, log, zone):
            return None
    _number(connection, log, originals)
    fields = fields_of(log, NUMBERED, options.client)
    if log.local_time is None:
        _make_found(connection, log, f"SELECT *, NULL AS {AT} FROM ({fields})", zone)
        return None
    decided = _decide(connection, log, fields, zone)
    _make_found(connection, log, f"SELECT * FROM ({fields}) LEFT JOIN decided USING (_file, _number)", zone)
    return decided


def _make_found(connection: Any, log: LineLog, timed: str, zone: str) -> None:
    """Turn fields, and the instant of the local time, into connections and faults."""
    unusable = " ".join(f"WHEN {condition} THEN {number}" for number, (condition, _) in enumerate(log.left_out))
    columns = {
        "websocket": f"_readable AND coalesce({log.websocket}, FALSE)",
        "connect_time": log.connect_ms,
        "close_time": log.close_ms,
        "bytes_out": f"CAST({log.bytes_out} AS BIGINT)",
        "bytes_in": f"CAST({log.bytes_in} AS BIGINT)",
        "censored": f"CAST({log.cut} AS VARCHAR)",
        "left_out": f"CASE {unusable} ELSE -1 END" if unusable else "-1",
        "skipped": f"({_wall(log)}) IS NOT NULL AND {AT} IS NULL",
        **{f"note_{n}": f"coalesce({condition}, FALSE)" for n, (_, condition, _) in enumerate(log.notes)},
    }
    columns |= dict(log.more)
    own = {"file": "_file", "number": "_number", "unfinished": "_unfinished", "raw": "_raw", "client": "_whom"}
    columns = {**own, "readable": "_readable", "aside": "_aside", "stray": "_foreign", **columns}
    listed = ", ".join(f"{sql} AS {name}" for name, sql in columns.items())
    listed, timed = read_once(listed, timed)
    faulty = f"SELECT *, {_FAULT} AS fault FROM (SELECT {listed} FROM ({timed}))"
    kept = f"SELECT * REPLACE (CASE WHEN fault IS NOT NULL OR stray THEN raw END AS raw) FROM ({faulty})"
    wanted = {"tz": zone} if "$tz" in kept else None
    connection.execute(f"CREATE OR REPLACE TEMP TABLE found AS {kept}", wanted)


def _wall(log: LineLog) -> str:
    """Return SQL for the local time of a line as ms, as if it were that of UTC."""
    if log.local_time is None:
        return "CAST(NULL AS BIGINT)"
    return wall_ms(*log.local_time, log.since)


def _by_zone(log: LineLog, zone: str) -> str:
    """Return SQL for the instant of a local time that comes once."""
    if log.local_time is None or zone == UTC:
        return _wall(log)
    return f"epoch_ms(timezone($tz, make_timestamp(({_wall(log)}) * 1000)))"


def _unread(connection: Any, log: LineLog) -> bool:
    """Whether there are lines that the database itself could not read."""
    if log.delimiter is not None:
        return False
    return bool(connection.execute(f"SELECT count(*) FROM {UNREAD}").fetchall()[0][0])


def _near_a_change(connection: Any, log: LineLog, zone: str) -> bool:
    """Whether a start or an end may lie in an hour that the clocks of the zone repeat or skip."""
    if log.local_time is None or zone == UTC:
        return False
    both = " UNION ".join(
        f"SELECT {one} // {_QUARTER_MS} AS quarter FROM found WHERE websocket" for one in ("connect_time", "close_time")
    )
    quarters = connection.execute(f"SELECT quarter FROM ({both}) WHERE quarter IS NOT NULL").fetchnumpy()["quarter"]
    return has_special(np.asarray(quarters, np.int64) * _QUARTER_MS, zone)


def _number(connection: Any, log: LineLog, originals: Sequence[Original]) -> None:
    """Read the lines once more, with the number of each."""
    read = _delimited_rows if log.delimiter is not None else _text_rows
    made = False
    for file, original in enumerate(originals):
        compression = compression_of(first_bytes(*original))
        try:
            for block in read(log, file, original, compression):
                connection.register("block", block)
                how = f"INSERT INTO {NUMBERED}" if made else f"CREATE OR REPLACE TEMP TABLE {NUMBERED} AS"
                connection.execute(f"{how} SELECT * FROM block")
                connection.unregister("block")
                made = True
        except (EOFError, OSError, pa.ArrowException) as error:
            raise damaged(original.name, compression, error) from None


def _text_rows(_: LineLog, file: int, original: Original, compression: str) -> Iterator[pa.Table]:
    with open_text(original.path, compression, newline=None) as text:
        first = 1
        while lines := list(islice(text, _BLOCK_LINES)):
            rows = [line.rstrip("\n") for line in lines]
            numbers = range(first, first + len(lines))
            yield _block({"line": rows, "_raw": rows}, file, numbers, [not one.endswith("\n") for one in lines])
            first += len(lines)


def _delimited_rows(log: LineLog, file: int, original: Original, compression: str) -> Iterator[pa.Table]:
    with open_text(original.path, compression) as text:
        rows = csv.DictReader(text, delimiter=log.delimiter or ",")
        names = list(rows.fieldnames or ())
        while block := [(rows.line_num, row) for row in islice(rows, _BLOCK_LINES)]:
            columns: dict[str, list[Any]] = {name: [row[name] for _, row in block] for name in names}
            columns["_raw"] = [(log.delimiter or ",").join(str(row[name] or "") for name in names) for _, row in block]
            yield _block(columns, file, [number for number, _ in block], [False] * len(block))


def _block(columns: dict[str, list[Any]], file: int, numbers: Sequence[int], unfinished: list[bool]) -> pa.Table:
    texts = {name: pa.array(values, pa.string()) for name, values in columns.items()}
    place = {"_file": np.full(len(numbers), file), "_number": numbers, "_unfinished": unfinished}
    return pa.table({**place, **texts})


def _decide(connection: Any, log: LineLog, fields: str, zone: str) -> Decided:
    """Decide the instant of each local time, by the order of the lines, into the table `decided`."""
    rows = connection.execute(
        f"SELECT _file AS file, _number AS number, {_wall(log)} AS wall, {log.close_ms} AS after "
        f"FROM (SELECT *, 0 AS {AT} FROM ({fields})) WHERE _readable AND ({_wall(log)}) IS NOT NULL "
        "ORDER BY file, number"
    ).fetchnumpy()
    columns = {name: np.ma.filled(values, 0).astype(np.int64) for name, values in rows.items()}
    decided = decide(columns["file"], columns["wall"], columns["after"], zone, log.since)
    at = pa.array(decided.at_ms, pa.int64(), mask=~decided.known)
    connection.register("decisions", pa.table({"_file": columns["file"], "_number": columns["number"], "_at": at}))
    connection.execute("CREATE OR REPLACE TEMP TABLE decided AS SELECT * FROM decisions")
    connection.unregister("decisions")
    return decided


def refuse_damaged(originals: Sequence[Original], message: str) -> TraceError:
    """Return the error of files that the database cannot read.

    Parameters
    ----------
    originals : sequence of Original
        The files that were given, as the user named them.
    message : str
        What the database says.
    """
    packed = [one for one in originals if compression_of(first_bytes(*one)) != PLAIN]
    return TraceError(f"{(packed or originals)[0].name}: cannot be read: {message.splitlines()[0]}")
