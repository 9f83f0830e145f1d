"""Whether times of a log can be what their units say: a unit is checked as a whole, never guessed line by line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scfcost.core.errors import TraceError
from scfcost.core.units import MS_PER_DAY
from scfcost.core.warning import Warned
from scfcost.trace.formats.base import refused
from scfcost.trace.formats.line_log import LineLog
from scfcost.trace.reading.times import UNITS

_FIRST_MS, _LAST_MS = 631_152_000_000, 4_102_444_800_000
"""WebSockets are logged from 1990, generously, to 2100. [ms]"""
_FEWEST = 20
"""Connections from which on lives are judged. [1]"""
_LONG_MS, _SHORT_MS = 7 * MS_PER_DAY, 20
"""Hardly a log has half of its connections live longer, or all of them shorter. [ms]"""
_HANDSHAKE_MS = 1_000
"""No handshake takes so long, and hardly all connections of a log live shorter. [ms]"""
_LONGER = (
    "so its unit may be a smaller one. Say it by --log-format with the server's own format string, or in a mapping "
    "(--from mapping.toml); if connections do live so long, read the logs of the days before with this one"
)


def check_instants(connection: Any, used: str, name: str) -> None:
    """Refuse instants of another unit than was said.

    Parameters
    ----------
    connection : object
        An open connection of the database.
    used : str
        Table of the rows that are used, in the database.
    name : str
        What messages call the log.

    Raises
    ------
    TraceError
        If a start lies before 1990 or an end after 2100; it names the unit that would fit.
    """
    low, high = connection.execute(f"SELECT min(connect_time), max(close_time) FROM found WHERE {used}").fetchall()[0]
    if low >= _FIRST_MS and high <= _LAST_MS:
        return
    scales = {1_000: "a unit a thousand times smaller", 1_000_000: "a unit a million times smaller"}
    fitting = [text for scale, text in scales.items() if _FIRST_MS <= high // scale <= _LAST_MS]
    fitting += [f"a unit {scale:,} times larger" for scale in scales if _FIRST_MS <= low * scale <= _LAST_MS]
    hint = f"; {fitting[0]} would fit ({', '.join(UNITS)})" if fitting else ""
    raise TraceError(f"{name}: its times lie before 1990 or after 2100, so their unit is another{hint}")


def check_lives(connection: Any, used: str, log: LineLog, name: str) -> None:
    """Refuse lives that cannot be right, however few lines there are.

    Parameters
    ----------
    connection : object
        An open connection of the database.
    used : str
        Table of the rows that are used, in the database.
    log : LineLog
        How the lines of the log are read.
    name : str
        What messages call the log.

    Raises
    ------
    TraceError
        If a connection started more than a day before the server wrote its first line, or lived for a day longer than
        the whole log, or if the lives are those of handshakes.
    """
    known = "fault IS NULL AND NOT coalesce(stray, FALSE) AND connect_time IS NOT NULL AND close_time IS NOT NULL"
    first, span, begun, longest = connection.execute(
        f"SELECT min(close_time) FILTER ({known}), max(connect_time) FILTER ({known}) - min(connect_time) FILTER "
        f"({known}), min(connect_time) FILTER ({used}), max(close_time - connect_time) FILTER ({used}) FROM found"
    ).fetchall()[0]
    if not log.at_start and begun < first - log.slack_days * MS_PER_DAY:
        raise TraceError(f"{name}: a connection began {_days(first - begun)} before the log's first line, {_LONGER}")
    if log.at_start and longest > span + log.slack_days * MS_PER_DAY:
        raise TraceError(f"{name}: a connection lived {_days(longest - span)} longer than the log, {_LONGER}")
    if log.handshake and longest < _HANDSHAKE_MS:
        raise refused(name, log.handshake)


def _days(length_ms: int) -> str:
    return f"{length_ms // MS_PER_DAY:,} days" if length_ms >= 2 * MS_PER_DAY else "more than a day"


def implausible_lives(connection: Any, used: str) -> Iterator[Warned]:
    """Warn of durations that look as if they were of another unit.

    Parameters
    ----------
    connection : object
        An open connection of the database.
    used : str
        Table of the rows that are used, in the database.
    """
    count, median, longest = connection.execute(
        "SELECT count(*), CAST(coalesce(median(close_time - connect_time), 0) AS BIGINT), "
        f"max(close_time - connect_time) FROM found WHERE {used}"
    ).fetchall()[0]
    if count < _FEWEST:
        return
    if median > _LONG_MS:
        text = f"half of the connections live longer than {median // MS_PER_DAY} days: are durations of a smaller unit?"
        yield Warned("implausible_lives", text)
    elif longest < _SHORT_MS:
        text = f"no connection lives longer than {longest} ms: are durations of a larger unit?"
        yield Warned("implausible_lives", text)
