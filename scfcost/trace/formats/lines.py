"""Logs of one line a connection: a format says which line it is and what its fields mean; the database reads it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from scfcost.errors import ConfigError, TraceError
from scfcost.trace.formats.base import Converted, LogOptions, Original, text_of
from scfcost.trace.times import has_time_zone
from scfcost.warned import Warned

PREFIX = r"^\s*(?:[\w.-]+\s+\| )?(?:\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d) (?:stdout|stderr) [FP] )?"
"""What docker compose and Kubernetes write before a line."""
LISTED = 10
"""How many of the lines that cannot be read are named. [1]"""
_LONGEST_LINE = 1 << 20
"""[B]"""
UTC = "UTC"


@dataclass(frozen=True, slots=True)
class LineLog:
    """A kind of line: which it is, and its fields as SQL over its named groups, NULL where it does not tell."""

    pattern: str | None
    """Regular expression with a named group for each field that is used; None for a line of JSON, named `line`."""
    websocket: str
    """Whether the line is of a WebSocket."""
    connect_ms: str
    close_ms: str
    bytes_out: str = "NULL"
    bytes_in: str = "NULL"
    notes: tuple[tuple[str, str, str], ...] = ()
    """Code of a warning, the condition of a connection that it counts, and what such connections are called."""
    left_out: tuple[tuple[str, str], ...] = ()
    """Condition of a WebSocket's line that cannot be used, and why."""
    unique: bool = False
    """Whether the same line may come twice, from two nodes."""
    comment: str = ""
    """What a line that tells nothing begins with."""
    delimiter: str | None = None
    """What stands between the columns of a file with a header, whose names are then the fields; None for lines."""

    def groups(self) -> list[str]:
        """Return the names of the fields."""
        return [] if self.pattern is None else list(re.compile(self.pattern).groupindex)


def local(text: str, form: str) -> str:
    """Return SQL for epoch ms of a time without a zone, which the parameter `$tz` names."""
    return f"epoch_ms(timezone($tz, try_strptime({text}, '{form}')))"


def zoned(text: str, form: str) -> str:
    """Return SQL for epoch ms of a time that names its zone."""
    return f"epoch_ms(try_strptime({text}, '{form}'))"


def iso(text: str) -> str:
    """Return SQL for epoch ms of a time in ISO 8601."""
    return f"(epoch_us(TRY_CAST({text} AS TIMESTAMPTZ)) // 1000)"


def decimal_ms(text: str, per_unit_ms: str = "1000") -> str:
    """Return SQL for whole ms, floored, of a decimal number of some unit."""
    return f"CAST(floor(TRY_CAST({text} AS DECIMAL(30, 9)) * {per_unit_ms}) AS BIGINT)"


def whole(text: str) -> str:
    """Return SQL for a whole number, NULL where there is none."""
    return f"TRY_CAST({text} AS BIGINT)"


def key(path: str) -> str:
    """Return SQL for a value of a line of JSON, as text."""
    return f"json_extract_string(line, '{path}')"


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
        The zone of times without one.
    name : str
        Name of the format, for the ids of connections: they are numbered by their start, and no address is kept.

    Raises
    ------
    ConfigError
        If the time zone is not known.
    TraceError
        If no line is of a WebSocket whose start and end are known.
    """
    zone = options.time_zone or UTC
    if not has_time_zone(zone):
        raise ConfigError(f"tz: {zone!r} is not a time zone such as Asia/Shanghai")
    path = scratch / f"{name}.parquet"
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("SET enable_progress_bar = false")
        connection.execute(f"SET temp_directory = '{scratch}'")
        connection.execute("SET memory_limit = '700MB'")
        try:
            _load(connection, log, originals, zone)
        except duckdb.BinderException as error:  # a mapping names a column that the file lacks
            raise TraceError(f"{originals[0].name}: {str(error).splitlines()[0]}") from None
        except duckdb.Error as error:
            raise TraceError(f"{originals[0].name}: cannot be read: {str(error).splitlines()[0]}") from None
        counts = _counts(connection, log)
        if counts["used"] == 0:
            raise TraceError(_nothing(originals[0].name, counts))
        _write(connection, path, name)
    reasons = tuple(_rejected_lines(log, originals)) if counts["unreadable"] else ()
    return Converted(
        path,
        read=counts["lines"],
        used=counts["used"],
        not_websocket=counts["others"],
        rejected=counts["lines"] - counts["used"] - counts["others"],
        reasons=reasons,
        warnings=tuple(_warnings(log, counts, reasons)),
    )


def _load(connection: Any, log: LineLog, originals: Sequence[Original], zone: str) -> None:
    """Read every line once into the fields of a connection and what is to be said of it."""
    files = "[" + ", ".join("'" + str(one.path).replace("'", "''") + "'" for one in originals) + "]"
    fields = _lines(log, files) if log.delimiter is None else _columns(log.delimiter, files)
    unusable = " ".join(f"WHEN {condition} THEN {number}" for number, (condition, _) in enumerate(log.left_out))
    columns = {
        "websocket": f"readable AND coalesce({log.websocket}, FALSE)",
        "connect_time": log.connect_ms,
        "close_time": log.close_ms,
        "bytes_out": f"CAST({log.bytes_out} AS BIGINT)",
        "bytes_in": f"CAST({log.bytes_in} AS BIGINT)",
        "left_out": f"CASE {unusable} ELSE -1 END" if unusable else "-1",
        **{f"note_{n}": f"coalesce({condition}, FALSE)" for n, (_, condition, _) in enumerate(log.notes)},
    }
    listed = ", ".join(f"{sql} AS {name}" for name, sql in columns.items())
    wanted = {"tz": zone} if "$tz" in listed else None
    connection.execute(f"CREATE TEMP TABLE found AS SELECT readable, {listed} FROM ({fields})", wanted)


def _columns(delimiter: str, files: str) -> str:
    """Return SQL for the rows of delimited files, each column as text."""
    quoted = delimiter.replace("'", "''")
    return f"SELECT TRUE AS readable, * FROM read_csv({files}, delim = '{quoted}', header = true, all_varchar = true)"


def _lines(log: LineLog, files: str) -> str:
    """Return SQL for the lines of files and the fields of each."""
    lines = (
        f"SELECT line FROM read_csv({files}, columns = {{'line': 'VARCHAR'}}, header = false, auto_detect = false, "
        f"delim = '\\x01', quote = '', escape = '', max_line_size = {_LONGEST_LINE}, ignore_errors = true, "
        "null_padding = true)"
    )
    lines = f"SELECT {'DISTINCT ' if log.unique else ''}line FROM ({lines}) WHERE trim(line) <> ''"
    lines += f" AND NOT starts_with(line, '{log.comment}')" if log.comment else ""
    if log.pattern is None:
        whole_json = "CASE WHEN json_valid(line) THEN line END"
        return f"SELECT {whole_json} AS line, json_valid(line) AS readable FROM ({lines})"
    groups = ", ".join(f"'{one}'" for one in log.groups())
    quoted = "'" + (PREFIX + re.sub(r"\(\?P<\w+>", "(", log.pattern)).replace("'", "''") + "'"
    found = f"SELECT line, regexp_extract(line, {quoted}, [{groups}]) AS found FROM ({lines})"
    taken = ", ".join(f"nullif(found['{one}'], '') AS \"{one}\"" for one in log.groups())
    return f"SELECT found['{log.groups()[0]}'] <> '' AS readable, {taken} FROM ({found})"


_USED = "websocket AND left_out < 0 AND connect_time IS NOT NULL AND close_time >= connect_time"


def _counts(connection: Any, log: LineLog) -> dict[str, int]:
    parts = {
        "lines": "count(*)",
        "unreadable": "count_if(NOT readable)",
        "others": "count_if(readable AND NOT websocket)",
        "used": f"count_if({_USED})",
        "untimed": "count_if(websocket AND left_out < 0 AND (connect_time IS NULL OR close_time IS NULL))",
        "backwards": "count_if(websocket AND left_out < 0 AND close_time < connect_time)",
        "no_bytes": f"count_if({_USED} AND bytes_out IS NULL)",
        **{f"left_{number}": f"count_if(websocket AND left_out = {number})" for number in range(len(log.left_out))},
        **{f"note_{number}": f"count_if({_USED} AND note_{number})" for number in range(len(log.notes))},
    }
    row = connection.execute(f"SELECT {', '.join(parts.values())} FROM found").fetchone()
    return dict(zip(parts, row, strict=True))


def _write(connection: Any, path: Path, name: str) -> None:
    """Write the connections in the order of their starts; a column that tells nothing is left out."""
    kept = [
        column
        for column in ("bytes_out", "bytes_in")
        if connection.execute(f'SELECT count("{column}") FROM found WHERE {_USED}').fetchone()[0]
    ]
    columns = ", ".join(["connect_time", "close_time", *(f'"{column}"' for column in kept)])
    connection.execute(
        f"COPY (SELECT '{name}-' || row_number() OVER (ORDER BY connect_time, close_time) AS connection_id, {columns} "
        f"FROM found WHERE {_USED}) TO '{path}' (FORMAT parquet)"
    )


def _nothing(name: str, counts: dict[str, int]) -> str:
    if counts["unreadable"] == counts["lines"]:
        return f"{name}: no line is of this format"
    if counts["lines"] == counts["unreadable"] + counts["others"]:
        return f"{name}: holds no WebSocket among {counts['others']:,} lines"
    return f"{name}: holds no WebSocket whose start and end are known"


def _warnings(log: LineLog, counts: dict[str, int], reasons: Sequence[str]) -> Iterator[Warned]:
    if counts["others"]:
        yield Warned("not_websocket", f"lines of no WebSocket, left out: {counts['others']:,}")
    if counts["unreadable"]:
        text = f"lines that are not of this format, left out: {counts['unreadable']:,} ({', '.join(reasons)})"
        yield Warned("unreadable_lines", text)
    for number, (_, why) in enumerate(log.left_out):
        if counts[f"left_{number}"]:
            yield Warned("left_out", f"WebSockets {why}, left out: {counts[f'left_{number}']:,}")
    for what, why in (("untimed", "without a start or an end"), ("backwards", "that end before they start")):
        if counts[what]:
            yield Warned("left_out", f"WebSockets {why}, left out: {counts[what]:,}")
    if counts["no_bytes"]:
        yield Warned("bytes_unknown", f"connections whose bytes are not in the log: {counts['no_bytes']:,}")
    for number, (code, _, text) in enumerate(log.notes):
        if counts[f"note_{number}"]:
            yield Warned(code, f"{text}: {counts[f'note_{number}']:,}")


def _rejected_lines(log: LineLog, originals: Sequence[Original]) -> Iterator[str]:
    """Name the first lines that are not of the format, each with its place."""
    pattern = None if log.pattern is None else re.compile(PREFIX + log.pattern)
    left = LISTED
    for original in originals:
        for number, line in enumerate(text_of(original).splitlines(), 1):
            readable = line.lstrip().startswith("{") if pattern is None else pattern.match(line)
            if line.strip() and not readable and not (log.comment and line.startswith(log.comment)):
                yield f"{original.name}:{number}"
                left -= 1
                if left == 0:
                    return


def matches(log: LineLog, head: bytes) -> bool:
    """Whether most lines at the head of a file are of this kind."""
    if log.pattern is None or b"\0" in head[:1024]:
        return False
    lines = [line for line in head.decode("utf-8", errors="replace").splitlines()[:50] if line.strip()]
    pattern = re.compile(PREFIX + log.pattern)
    return bool(lines) and 2 * sum(pattern.match(line) is not None for line in lines) >= len(lines)
