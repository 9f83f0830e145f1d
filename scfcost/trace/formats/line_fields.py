"""SQL for the fields of a line: of a delimited row, of an object of JSON, or of the groups of a regular expression.

Columns that are ours begin with an underscore, so that no column of a log is called as they are.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from scfcost.trace.formats.base import Original
from scfcost.trace.formats.line_log import PREFIX, WRAPPED, LineLog
from scfcost.trace.reading.database import column, file_literal, quoted

LONGEST_LINE = 1 << 20
"""[B]"""
UNREAD = "unread"
"""Table of the lines that the database itself could not read: too long, or not valid UTF-8."""
NUMBERED = "numbered"
"""Table of lines with the place of each."""
_UPGRADED = r'HTTP/[0-9.]+"? +101(?:\D|$)'
"""What a line of any server says of an upgrade."""
_PLACE = "_file, _number, _unfinished, _raw"
_VALUE = re.compile(r"json_extract_string\(line, '((?:[^']|'')*)'\)")
"""A value of a line of JSON, see `line_log.key`."""
_NO_PLACE = "0 AS _file, 0 AS _number, FALSE AS _unfinished, '' AS _raw"


def parsed(log: LineLog, originals: Sequence[Original]) -> str:
    """Return SQL for the lines of files, or the rows of delimited ones, as the database reads them itself.

    Parameters
    ----------
    log : LineLog
        How the lines of the log are read.
    originals : sequence of Original
        The files that were given, as the user named them.
    """
    files = "[" + ", ".join(file_literal(one.path) for one in originals) + "]"
    if log.delimiter is not None:
        options = "header = true, all_varchar = true, hive_partitioning = false"
        return f"read_csv({files}, delim = {quoted(log.delimiter)}, {options})"
    return (
        f"read_csv({files}, columns = {{'line': 'VARCHAR'}}, header = false, auto_detect = false, delim = '\\x01', "
        f"quote = '', escape = '', max_line_size = {LONGEST_LINE}, store_rejects = true, rejects_table = '{UNREAD}', "
        "null_padding = true, hive_partitioning = false)"
    )


def fields_of(log: LineLog, source: str, client: str | None) -> str:
    """Return SQL for the fields of each line, whom it is of, and whether it is of this kind.

    Parameters
    ----------
    log : LineLog
        How the lines of the log are read.
    source : str
        The lines, as SQL.
    client : str or None
        Field that names the client; none where it is None.
    """
    place = _PLACE if source == NUMBERED else _NO_PLACE
    whom = "NULL" if client is None else log.field(client)
    if log.delimiter is not None:
        rows = f"* EXCLUDE ({_PLACE}), {_PLACE}" if source == NUMBERED else f"*, {_NO_PLACE}"
        return f"SELECT {rows}, {whom} AS _whom, TRUE AS _readable, FALSE AS _aside, FALSE AS _foreign FROM {source}"
    lines = _lines(log, source)
    if log.pattern is None:
        return f"SELECT *, {whom} AS _whom, FALSE AS _aside FROM ({_objects(lines, place)})"
    return f"SELECT *, {whom} AS _whom FROM ({_groups(log, lines, place, whom)})"


def _lines(log: LineLog, source: str) -> str:
    """Return SQL for the lines that may tell something, each once where two nodes may have written it."""
    inner = "rtrim(json_extract_string(line, '$.log'), chr(10))"
    wrapped = f"starts_with(line, {quoted(WRAPPED)}) AND json_valid(line)"
    lines = f"SELECT * REPLACE (CASE WHEN {wrapped} THEN {inner} ELSE line END AS line) FROM {source}"
    found = f"* FROM ({lines}) WHERE trim(line) <> ''"
    found += f" AND NOT starts_with(line, {quoted(log.comment)})" if log.comment else ""
    if not log.unique:
        return f"SELECT {found}"
    if source != NUMBERED:
        return f"SELECT DISTINCT {found}"
    return f"SELECT {found} QUALIFY row_number() OVER (PARTITION BY line ORDER BY _file, _number) = 1"


def _objects(lines: str, place: str) -> str:
    """Return SQL for the object of JSON on each line, whatever a container or syslog wrote before it."""
    found = f"SELECT {place}, substr(line, greatest(strpos(line, '{{'), 1)) AS _object FROM ({lines})"
    readable = "starts_with(_object, '{') AND json_valid(_object)"
    foreign = "NOT starts_with(_object, '{')"
    parts = f"CASE WHEN {readable} THEN _object END AS line, {readable} AS _readable, {foreign} AS _foreign"
    return f"SELECT * EXCLUDE (_object), {parts} FROM ({found})"


def _may_be_damaged(log: LineLog) -> str:
    """Return SQL for whether a line that cannot be read may yet be one of a WebSocket; any other is foreign."""
    shapes = [f"(?:{PREFIX}{log.begins})"] if log.begins else []
    pattern = "|".join([*shapes, _UPGRADED])
    broken = r"regexp_matches(line, '^\s*\{') AND NOT json_valid(line)"
    return f"regexp_matches(line, {quoted(pattern)}) OR ({broken}) OR strlen(line) > {LONGEST_LINE}"


def _groups(log: LineLog, lines: str, place: str, whom: str) -> str:
    """Return SQL for the groups of the regular expression that are used."""
    pattern, groups = log.captured(whom)
    listed = ", ".join(quoted(one) for one in groups)
    found = f"regexp_extract(line, {quoted(PREFIX + pattern)}, [{listed}]) AS _found"
    readable = f"_found[{quoted(log.proof())}] <> ''"
    aside = f"NOT ({readable}) AND regexp_matches(line, {quoted(PREFIX + log.aside)})" if log.aside else "FALSE"
    foreign = f"NOT ({readable}) AND NOT ({_may_be_damaged(log)})"
    taken = ", ".join(f"nullif(_found[{quoted(one)}], '') AS {column(one)}" for one in groups)
    parts = f"* EXCLUDE (_found), {readable} AS _readable, {aside} AS _aside, {foreign} AS _foreign, {taken}"
    return f"SELECT {parts} FROM (SELECT {place}, line, {found} FROM ({lines}))"


def read_once(columns: str, source: str) -> tuple[str, str]:
    """Return SQL of columns and of their source in which each line of JSON is read once, whatever is asked of it.

    Parameters
    ----------
    columns : str
        SQL over the values of a line, see `line_log.key`.
    source : str
        SQL of the lines.

    Examples
    --------
    >>> columns, source = read_once("json_extract_string(line, '$.a') AS a", "SELECT line FROM lines")
    >>> print(columns, "FROM", source)
    _told[1] AS a FROM SELECT *, json_extract_string(line, ['$.a']) AS _told FROM (SELECT line FROM lines)
    """
    paths = list(dict.fromkeys(_VALUE.findall(columns)))
    if not paths:
        return columns, source
    places = {path: place for place, path in enumerate(paths, 1)}
    asked = ", ".join(f"'{path}'" for path in paths)
    taken = _VALUE.sub(lambda found: f"_told[{places[found[1]]}]", columns)
    return taken, f"SELECT *, json_extract_string(line, [{asked}]) AS _told FROM ({source})"
