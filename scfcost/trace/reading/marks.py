"""Columns that few trace files have: whom a connection is of, and which timeout of the old server cut it.

They are read in a look of their own, so that files without them cost nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from scfcost.core.errors import ConfigError, TraceError, nearest
from scfcost.core.units import seconds_to_ms
from scfcost.trace.model import CUT_IDLE, CUT_LIFE, UNKNOWN, Int64
from scfcost.trace.reading.columns import CENSORED, CLIENT, IDLE, LIFE, ROOM, SOURCE_TIMEOUT
from scfcost.trace.reading.database import column
from scfcost.trace.reading.layout import Relation

_CUTS = {IDLE: CUT_IDLE, LIFE: CUT_LIFE}


class Marks(NamedTuple):
    """Closes that the old server's own timeouts made, as a file tells them."""

    cut: NDArray[np.int8]
    """NOT_CUT, CUT_IDLE or CUT_LIFE. Shape (n,)."""
    limits_ms: Mapping[int, int]
    """The shortest such timeout, where the file tells it. [ms]"""


def clients(
    connection: Any, relations: Sequence[Relation], ids: NDArray[Any], key: str, *, of_log: bool = False
) -> Int64:
    """Tell the clients of connections apart by a column.

    Parameters
    ----------
    connection : database connection
        Where the relations are.
    relations : sequence of Relation
        The files of the trace.
    ids : ndarray, shape (n,)
        The connections, ascending.
    key : str
        The column, or the field of a log.
    of_log : bool
        Whether the files were made of a log, so that the field stands in the column `client`.

    Returns
    -------
    ndarray of int64, shape (n,)
        A number for each client, UNKNOWN where the column is empty.

    Raises
    ------
    ConfigError
        If a file lacks the column.
    TraceError
        If the column is empty all over.
    """
    name = CLIENT if of_log else key.lower()
    silent = TraceError(f"stitch: {relations[0].name} tells no {key!r} of any connection")
    for one in relations:
        if name not in one.columns:
            raise (
                silent
                if of_log
                else ConfigError(f"stitch: {one.name} has no column {key!r}; {nearest(key, one.columns)}")
            )
    numbers = _numbered(connection, relations, ids, name)
    if numbers is None:
        raise silent
    return numbers


def rooms(connection: Any, relations: Sequence[Relation], ids: NDArray[Any]) -> Int64 | None:
    """Tell the rooms of connections apart, None where no file names any.

    Parameters
    ----------
    connection : object
        An open connection of the database.
    relations : sequence of Relation
        The files, as relations of the database.
    ids : ndarray, shape (n,)
        The ids of the connections, ascending.

    Returns
    -------
    ndarray of int64, shape (n,)
        A number for each room, UNKNOWN where a connection names none; the first name where it has several.
    """
    telling = [one for one in relations if ROOM in one.columns]
    if not telling or len(ids) == 0:
        return None
    return _numbered(connection, telling, ids, ROOM)


def _numbered(connection: Any, relations: Sequence[Relation], ids: NDArray[Any], name: str) -> Int64 | None:
    """Give each value of a column a number, UNKNOWN where a connection has none; None where all have none."""
    cell = f"nullif(CAST({column(name)} AS VARCHAR), '')"
    found = _rows(relations, {"value": f"min({cell})"}, f"{cell} IS NOT NULL")
    numbered = f"SELECT id, dense_rank() OVER (ORDER BY value) AS number FROM ({found}) ORDER BY id"
    rows = connection.sql(numbered).to_arrow_table()
    if rows.num_rows == 0:
        return None
    numbers = np.full(len(ids), UNKNOWN, np.int64)
    places, kept = _places(ids, rows.column("id"))
    numbers[places] = rows.column("number").to_numpy()[kept]
    return numbers


def marks(connection: Any, relations: Sequence[Relation], ids: NDArray[Any]) -> Marks | None:
    """Read which closes the old server's own timeouts made, None where no file tells.

    Parameters
    ----------
    connection : object
        An open connection of the database.
    relations : sequence of Relation
        The files, as relations of the database.
    ids : ndarray, shape (n,)
        The ids of the connections, ascending.

    Raises
    ------
    TraceError
        If a mark is neither `idle` nor `life`, or a timeout is no number of seconds.
    """
    telling = [one for one in relations if CENSORED in one.columns]
    if not telling:
        return None
    parts = {"cut": f"CAST({column(CENSORED)} AS VARCHAR)", "seconds": "NULL"}
    if all(SOURCE_TIMEOUT in one.columns for one in telling):
        parts["seconds"] = f"CAST({column(SOURCE_TIMEOUT)} AS VARCHAR)"
    listed = {name: f"min({sql})" for name, sql in parts.items()}
    found = _rows(telling, listed, f"nullif({parts['cut']}, '') IS NOT NULL")
    rows = connection.sql(f"{found} ORDER BY id").to_arrow_table()
    cut = np.array([_cut(value, telling[0].name) for value in rows.column("cut").to_pylist()], np.int8)
    limits: dict[int, int] = {}
    for which, seconds in set(zip(cut.tolist(), rows.column("seconds").to_pylist(), strict=True)):
        if seconds is not None:
            limit = _timeout_ms(seconds, telling[0].name)
            limits[which] = min(limit, limits.get(which, limit))
    marked = np.zeros(len(ids), np.int8)
    places, kept = _places(ids, rows.column("id"))
    marked[places] = cut[kept]
    return Marks(marked, limits)


def _rows(relations: Sequence[Relation], values: Mapping[str, str], where: str) -> str:
    """Return SQL for values of each connection that has them."""
    listed = ", ".join(f"{sql} AS {name}" for name, sql in values.items())
    identity = 'CAST("connection_id" AS VARCHAR) AS id'
    selects = (f"SELECT {identity}, {listed} FROM {one.sql} WHERE {where} GROUP BY 1" for one in relations)
    return " UNION ALL ".join(selects)


def _places(ids: NDArray[Any], found: pa.ChunkedArray) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return where rows stand among the connections, and which of the rows do."""
    own = np.array(found.to_pylist(), dtype=object)
    if ids.dtype != object:
        own = own.astype(np.int64)
    places = np.minimum(np.searchsorted(ids, own), len(ids) - 1)
    kept = np.flatnonzero(ids[places] == own)
    return places[kept], kept


def _cut(value: str, name: str) -> int:
    if value not in _CUTS:
        raise TraceError(f"{name}: {CENSORED}: {value!r} is neither {IDLE} nor {LIFE}")
    return _CUTS[value]


def _timeout_ms(text: str, name: str) -> int:
    try:
        return seconds_to_ms(float(text), SOURCE_TIMEOUT)
    except ValueError as error:
        raise TraceError(f"{name}: {SOURCE_TIMEOUT}: {text!r} is no number of seconds: {error}") from None
