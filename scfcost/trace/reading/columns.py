"""The two shapes of a trace file, told apart by their column names."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from scfcost.core.errors import TraceError
from scfcost.core.text import one_line

CENSORED, SOURCE_TIMEOUT = "censored", "source_timeout_s"
"""Which timeout of the old server closed a connection, `idle` or `life`, and how long that timeout was."""
CLIENT = "client"
"""Whom a connection is of."""
ROOM = "room"
"""What a connection belongs to: a chat room, a game."""
EVENTS_REQUIRED = ("connection_id", "timestamp", "event")
EVENTS_OPTIONAL = ("direction", "bytes", "close_code", "closed_by", "function", CLIENT, ROOM, CENSORED, SOURCE_TIMEOUT)
CONNECTIONS_REQUIRED = ("connection_id", "connect_time")
CONNECTIONS_OPTIONAL = (
    "close_time", "duration_s", "function", "close_code", "closed_by", "client_lost_time", "bytes_out", "bytes_in",
    "messages", "last_activity_time", "max_idle_s", CLIENT, ROOM, CENSORED, SOURCE_TIMEOUT,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shape:
    """An events file or a connections file: what its columns are called and mean."""

    name: str
    required: tuple[str, ...]
    optional: tuple[str, ...]
    times: tuple[str, ...]
    """Columns that hold instants."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column of the shape."""
        return self.required + self.optional

    def __reduce__(self) -> tuple[Callable[[str], Shape], tuple[str]]:
        """Come out of another process as the one shape of this name."""
        return _of_name, (self.name,)


EVENTS = Shape("events", EVENTS_REQUIRED, EVENTS_OPTIONAL, ("timestamp",))
CONNECTIONS = Shape(
    "connections",
    CONNECTIONS_REQUIRED,
    CONNECTIONS_OPTIONAL,
    ("connect_time", "close_time", "client_lost_time", "last_activity_time"),
)


def plain_name(name: str) -> str:
    """Return a column's name as it is compared: without spaces around it, in small letters.

    Examples
    --------
    >>> plain_name(" Connection_ID ")
    'connection_id'
    """
    return name.strip().lower()


def _of_name(name: str) -> Shape:
    return EVENTS if name == EVENTS.name else CONNECTIONS


def recognise(columns: Iterable[str], file: str) -> Shape:
    """Tell the shape of a file from its column names.

    Parameters
    ----------
    columns : iterable of str
        Names of the columns.
    file : str
        What messages call the file.

    Raises
    ------
    TraceError
        If the names fit neither shape; the message names what is missing and the nearest column.
    """
    present = list(columns)
    if len(set(present)) < len(present):
        twice = sorted({name for name in present if present.count(name) > 1})
        raise TraceError(f"{file}: the column '{one_line(twice[0], 60)}' stands twice")
    for shape in (EVENTS, CONNECTIONS):
        if set(shape.required) <= set(present):
            if shape is CONNECTIONS and not {"close_time", "duration_s"} & set(present):
                raise TraceError(
                    f"{file}: a connections file needs close_time or duration_s beside connect_time"
                    + _nearest_column("close_time", present)
                )
            return shape
    wanted = EVENTS if _overlap(EVENTS, present) >= _overlap(CONNECTIONS, present) else CONNECTIONS
    missing = [name for name in wanted.required if name not in present]
    free = [name for name in present if name not in wanted.columns]
    hint = "".join(dict.fromkeys(_nearest_column(name, free) for name in missing))
    if set(present) >= _GRAPH:
        hint = f"\na graph of open connections is read by scfcost fit --metrics {file}"
    raise TraceError(
        f"{file}: no column {' and no column '.join(missing)}{hint}\n"
        f"the columns are {_listed(present)}\n"
        f"an events file needs {', '.join(EVENTS.required)}\n"
        f"a connections file needs {', '.join(CONNECTIONS.required)} and close_time or duration_s\n"
        "a table with other names is read with --column connect_time=… --column close_time=…, or by a mapping: "
        f"scfcost import {file} --suggest > mapping.toml"
    )


def _listed(columns: list[str]) -> str:
    """Name the first columns, each cut short."""
    named = [one_line(name, 24) for name in columns if not name.startswith(" ")]
    more = f" and {len(named) - _NAMED} more" if len(named) > _NAMED else ""
    return (", ".join(named[:_NAMED]) or "none") + more


_GRAPH = {"time", "open"}
"""Columns that a graph of open connections has."""
_LONGEST_NAME = 40
"""Characters of a name that may be meant for another. [1]"""
_NAMED = 6
"""Columns that a message names. [1]"""


def unknown_columns(columns: Iterable[str], shape: Shape) -> list[str]:
    """Describe each column that the shape does not know, with the known name it resembles.

    Parameters
    ----------
    columns : iterable of str
        Names of the columns.
    shape : Shape
        What the rows of the file are: events, or connections.
    """
    extra = [name for name in columns if name not in shape.columns and not name.startswith(" ")]
    free = [name for name in shape.columns if name not in columns]
    return [one_line(name, 60) + _nearest_column(name, free) for name in extra]


def _overlap(shape: Shape, present: list[str]) -> int:
    return len(set(shape.columns) & set(present))


def _nearest_column(name: str, others: list[str]) -> str:
    short = [one for one in others if len(one) <= _LONGEST_NAME]
    close = get_close_matches(name, short, n=1, cutoff=0.6) if len(name) <= _LONGEST_NAME else []
    return f" (is '{one_line(close[0])}' meant?)" if close else ""


IDLE, LIFE = "idle", "life"
"""Values of the column `censored`: which timeout of the old server made a close."""
