"""Connections out of lines that each tell one event of them: an opening, a message, a close, a restart of the server.

What joins the lines is a key: an id of the connection, or an address and port that another one may have later.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scfcost.core.errors import TraceError
from scfcost.core.warning import Warned
from scfcost.trace.reading.database import quoted
from scfcost.trace.window import WINDOW_KEY, window_text

CONNECT, MESSAGE, CLOSE, RESTART = "connect", "message", "close", "restart"
"""What a line may tell; a restart ends whatever is open."""
OPEN, LAST_LINE, LEFT_OUT, START = "open", "last line", "left out", "start"
"""What becomes of connections whose close, or whose opening, is not in the log."""
COLUMNS = ("key", "event", "direction", "payload", "code", "side", "function")
"""What a line tells beside its instant: columns of the table `found`, each with an underscore before it."""
_ORDER = "PARTITION BY key ORDER BY moment, place"


@dataclass(frozen=True, slots=True)
class Pairing:
    """How lines of one key become connections."""

    again: bool = True
    """Whether a key may come again for another connection."""
    shared: bool = False
    """Whether several connections may have one key at a time: the first opened is then taken as the first closed."""
    unclosed: str = OPEN
    """What becomes of a connection without a close: `open` (until its key comes again), ended with its `last line`, or
    `left out`."""
    unopened: str = LEFT_OUT
    """What becomes of one without an opening: `left out`, or open from the `start` of the log on."""
    keep_ids: bool = False
    """Whether keys are ids to keep."""


@dataclass(frozen=True, slots=True)
class Paired:
    """What became of the lines."""

    connections: int
    left_out: int
    warnings: tuple[Warned, ...]


def write_paired(connection: Any, pairing: Pairing, used: str, path: Path, file: str, name: str) -> Paired:
    """Write the connections of the table `found`, as an events file where there are messages.

    Parameters
    ----------
    connection : database
        With the table `found`, a row a line, in the order of the log.
    pairing : Pairing
        How lines become connections.
    used : str
        Condition of the rows that tell something.
    path : Path
        The file, Parquet, times in epoch ms.
    file : str
        What messages call the log.
    name : str
        What ids of connections start with, where keys are not kept.

    Raises
    ------
    TraceError
        If a key that may not come again is opened twice.
    """
    told = ", ".join(f"_{one} AS {one}" for one in COLUMNS)
    run = connection.execute
    run(
        f"CREATE OR REPLACE TEMP TABLE told AS SELECT {told}, client, connect_time AS moment, "
        f"row_number() OVER () AS place FROM found WHERE {used}"
    )
    if not pairing.again:
        _refuse_twice(connection, file)
    run(f"CREATE OR REPLACE TEMP TABLE numbered_lines AS {_numbered(pairing)}")
    run(f"CREATE OR REPLACE TEMP TABLE sessions AS {_sessions(pairing, name)}")
    has_messages = bool(run(f"SELECT count(*) FROM told WHERE event = '{MESSAGE}'").fetchall()[0][0])
    rows = _events() if has_messages and not pairing.shared else _lives()
    run(f"COPY ({rows}) TO {quoted(str(path))} (FORMAT parquet{_window(connection)})")
    return _told(connection, pairing, has_messages=has_messages)


def _window(connection: Any) -> str:
    """Return SQL that has the file carry the window of the log: up to its last line, whatever that tells."""
    start = connection.execute("SELECT min(started) FROM sessions").fetchall()[0][0]
    end = connection.execute("SELECT max(connect_time) FROM found").fetchall()[0][0]
    if start is None or end is None or end < start:
        return ""
    return f", KV_METADATA {{{quoted(WINDOW_KEY)}: {quoted(window_text((start, end)))}}}"


def _refuse_twice(connection: Any, file: str) -> None:
    for event in (CONNECT, CLOSE):
        twice = connection.execute(
            f"SELECT key FROM told WHERE event = '{event}' GROUP BY key HAVING count(*) > 1 LIMIT 1"
        ).fetchall()
        if twice:
            hint = "with [pair] instead of rows, a key may come again for another connection"
            raise TraceError(f"{file}: two {event} rows of the id {twice[0][0]!r}; {hint}")


def _numbered(pairing: Pairing) -> str:
    """Return SQL that gives each line the number of its connection among those of its key, 0 for one never opened."""
    opens, closes = (f"CAST(event = '{one}' AS INTEGER)" for one in (CONNECT, CLOSE))
    lines = f"SELECT * FROM told WHERE event <> '{RESTART}'"
    if not pairing.again:
        return f"SELECT *, 1 AS nth FROM ({lines})"
    if not pairing.shared:
        return f"SELECT *, sum({opens}) OVER ({_ORDER}) AS nth FROM ({lines})"
    counted = (
        f"SELECT *, sum({opens}) OVER ({_ORDER}) AS opened, sum({closes}) OVER ({_ORDER}) AS closed, "
        f"sum({opens} - {closes}) OVER ({_ORDER}) AS still FROM ({lines})"
    )
    least = f"SELECT *, least(min(still) OVER ({_ORDER}), 0) AS least FROM ({counted})"
    fallen = f"SELECT *, lag(least, 1, 0) OVER ({_ORDER}) AS before FROM ({least})"
    number = (
        f"CASE event WHEN '{CONNECT}' THEN opened WHEN '{CLOSE}' THEN "
        "CASE WHEN least < before THEN 0 ELSE closed + least END ELSE 0 END"
    )
    return f"SELECT *, {number} AS nth FROM ({fallen})"


def _sessions(pairing: Pairing, name: str) -> str:
    """Return SQL for the connections: when each began and ended, and how that is known."""
    first = f"min(moment) FILTER (event = '{CONNECT}')"
    ends = f"event = '{CLOSE}'"
    grouped = (
        f"SELECT key, nth, {first} AS opened, min(moment) FILTER ({ends}) AS closed, min(moment) AS first_line, "
        f"max(moment) AS last_line, arg_min(code, moment) FILTER ({ends}) AS code, "
        f"arg_min(side, moment) FILTER ({ends}) AS side, "
        f"any_value(client) AS client, any_value(function) AS function, "
        f"coalesce(bool_or(event = '{MESSAGE}'), FALSE) AS speaks FROM numbered_lines GROUP BY key, nth"
    )
    restart = f"SELECT min(moment) FROM told WHERE event = '{RESTART}' AND told.moment > started"
    start = "(SELECT min(moment) FROM told)"
    begun = (
        f"SELECT *, CASE WHEN nth > 0 AND opened IS NOT NULL THEN opened WHEN {_keeps_unopened(pairing)} THEN {start} "
        f"END AS started, lead(opened) OVER (PARTITION BY key ORDER BY nth) AS anew FROM ({grouped})"
    )
    if not pairing.again:
        begun = begun.replace(start, "first_line")
    bounded = f"SELECT *, least(anew, ({restart})) AS superseded FROM ({begun})"
    if pairing.shared:
        bounded = f"SELECT *, ({restart}) AS superseded FROM ({begun})"
    ended = {OPEN: "superseded", LAST_LINE: "last_line", LEFT_OUT: "superseded"}[pairing.unclosed]
    identity = "key" if pairing.keep_ids else f"{quoted(name + '-')} || row_number() OVER (ORDER BY started, key, nth)"
    kept = "started IS NOT NULL" + (" AND closed IS NOT NULL" if pairing.unclosed == LEFT_OUT else "")
    return (
        f"SELECT *, {identity} AS id, CASE WHEN closed >= started THEN closed ELSE {ended} END AS ended "
        f"FROM ({bounded}) WHERE {kept} ORDER BY started, key, nth"
    )


def _keeps_unopened(pairing: Pairing) -> str:
    return "TRUE" if pairing.unopened == START else "FALSE"


def _lives() -> str:
    """Return SQL for the rows of a connections file."""
    return (
        "SELECT id AS connection_id, started AS connect_time, ended AS close_time, code AS close_code, "
        "side AS closed_by, client, function FROM sessions ORDER BY started, id"
    )


def _events() -> str:
    """Return SQL for the rows of an events file: what a line says after the close of its connection is left out."""
    nothing = "CAST(NULL AS VARCHAR)"
    opened = (
        f"SELECT id AS connection_id, started AS timestamp, '{CONNECT}' AS event, {nothing} AS direction, "
        f"CAST(NULL AS BIGINT) AS bytes, CAST(NULL AS BIGINT) AS close_code, {nothing} AS closed_by, client, function "
        "FROM sessions"
    )
    said = (
        f"SELECT id, moment, '{MESSAGE}', lines.direction, payload, NULL, NULL, NULL, NULL "
        f"FROM numbered_lines AS lines JOIN sessions USING (key, nth) WHERE event = '{MESSAGE}' AND moment >= started "
        "AND (ended IS NULL OR moment <= ended)"
    )
    closed = (
        f"SELECT id, ended, '{CLOSE}', NULL, NULL, sessions.code, sessions.side, NULL, NULL FROM sessions "
        "WHERE ended IS NOT NULL"
    )
    return f"SELECT * FROM ({opened} UNION ALL {said} UNION ALL {closed}) ORDER BY timestamp, connection_id"


def _told(connection: Any, pairing: Pairing, *, has_messages: bool) -> Paired:
    """Count what has no opening or no close, and say what was made of it."""
    counts = {
        "connections": "SELECT count(*) FROM sessions",
        "unopened": f"SELECT count(*) FROM numbered_lines WHERE nth = 0 AND event = '{CLOSE}'",
        "unopened_kept": "SELECT count(*) FROM sessions WHERE opened IS NULL",
        "open": "SELECT count(*) FROM sessions WHERE ended IS NULL",
        "superseded": "SELECT count(*) FROM sessions WHERE (closed IS NULL OR closed < started) AND ended IS NOT NULL",
        "unclosed": "SELECT count(*) FROM (SELECT key, nth FROM numbered_lines WHERE nth > 0 GROUP BY key, nth "
        f"HAVING count_if(event = '{CLOSE}') = 0 AND count_if(event = '{CONNECT}') > 0)",
        "again": f"SELECT coalesce(sum(n - 1), 0) FROM (SELECT count(*) AS n FROM numbered_lines WHERE nth > 0 AND "
        f"event = '{CLOSE}' GROUP BY key, nth)",
    }
    found = {name: int(connection.execute(sql).fetchall()[0][0] or 0) for name, sql in counts.items()}
    left_out = 0 if found["unopened_kept"] else found["unopened"]
    left_out += found["unclosed"] if pairing.unclosed == LEFT_OUT else 0
    return Paired(found["connections"], left_out, tuple(_warnings(pairing, found, has_messages=has_messages)))


def _warnings(pairing: Pairing, found: dict[str, int], *, has_messages: bool) -> Iterator[Warned]:
    if found["unopened_kept"]:
        where = "from the start of the log on" if pairing.again else "from their first line on"
        yield Warned("unopened", f"connections without an opening, taken as open {where}: {found['unopened_kept']:,}")
    elif found["unopened"]:
        text = f"connections that were open before the log began, left out: {found['unopened']:,}"
        yield Warned("unopened", f'{text} (unopened = "start" in [pair] takes them as open from its first line on)')
    if found["open"]:
        yield Warned("unclosed", f"connections without a close, taken as open when the log ends: {found['open']:,}")
    if found["superseded"]:
        how = "with their last line (a lower bound)"
        if pairing.unclosed != LAST_LINE:
            how = "when their key came again or the server started anew (an upper bound)"
        yield Warned("unclosed_ended", f"connections without a close, taken as ended {how}: {found['superseded']:,}")
    if pairing.unclosed == LEFT_OUT and found["unclosed"]:
        yield Warned("unclosed", f"connections without a close, left out: {found['unclosed']:,}")
    if found["again"]:
        yield Warned("closed_again", f"closes of connections that were closed already, left out: {found['again']:,}")
    if pairing.shared:
        text = "several connections may have one key at a time: the first opened is taken as the first closed, so that"
        yield Warned("shared_keys", f"{text} lives are exact together and not one by one")
        if has_messages:
            yield Warned("messages_left_out", "messages are left out: the key does not tell whose they are")
