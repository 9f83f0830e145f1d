"""Rows of an events file, written as Parquet while they come."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

_BATCH_ROWS = 50_000


class EventRow(NamedTuple):
    """One event of a connection, with the names of an events file; None where it is not known."""

    connection_id: str
    timestamp: int
    """Unix epoch, UTC. [ms]"""
    event: str
    direction: str | None = None
    bytes: int | None = None
    close_code: int | None = None
    closed_by: str | None = None
    client: str | None = None
    """Whom the connection is of, on its connect."""


_SCHEMA = pa.schema(
    {
        "connection_id": pa.string(),
        "timestamp": pa.int64(),
        "event": pa.string(),
        "direction": pa.string(),
        "bytes": pa.int64(),
        "close_code": pa.int64(),
        "closed_by": pa.string(),
        "client": pa.string(),
    }
)


def write_events(rows: Iterable[EventRow], path: Path) -> int:
    """Write rows to a Parquet file and return how many there were.

    Parameters
    ----------
    rows : iterable of EventRow
        Rows of an events file.
    path : Path
        File to write.
    """
    count = 0
    left = iter(rows)
    with pq.ParquetWriter(path, _SCHEMA) as writer:
        while batch := list(islice(left, _BATCH_ROWS)):
            columns = [
                pa.array(column, field.type) for column, field in zip(zip(*batch, strict=True), _SCHEMA, strict=True)
            ]
            writer.write_batch(pa.record_batch(columns, schema=_SCHEMA))
            count += len(batch)
    return count
