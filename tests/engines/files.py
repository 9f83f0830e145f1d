"""A trace in many forms: as it is, shuffled, and split into files, each the same trace."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.generate import events

CONNECTIONS = 400


def rows(*, text_ids: bool = False, functions: bool = False, seed: int = 5) -> pa.Table:
    """Return the events of some connections, in time order."""
    table = events(CONNECTIONS, 12, seed)
    ids = table.column("connection_id").to_pylist()
    if functions:
        names = pa.array([("chat", "push", None)[number % 3] for number in ids])
        table = table.append_column("function", names)
        table = table.append_column("note", pa.nulls(len(table), pa.string()))  # a column that is not read
    if text_ids:
        table = table.set_column(0, "connection_id", pa.array([f"c{(number * 7919) % 10_007:05d}ä" for number in ids]))
    return table


def written(table: pa.Table, folder: Path, files: int, *, shuffled: bool = False) -> str:
    """Write rows into so many files, and return a glob of them."""
    folder.mkdir()
    order = np.random.default_rng(1).permutation(len(table)) if shuffled else np.arange(len(table))
    for number, part in enumerate(np.array_split(order, files)):
        pq.write_table(table.take(pa.array(part)), folder / f"{number:03d}.parquet")
    return str(folder / "*.parquet")


def lives(*, text_ids: bool = False) -> pa.Table:
    """Return a row a connection: some with a count of messages, some with silences, some that say nothing."""
    rng = np.random.default_rng(3)
    number, start = np.arange(CONNECTIONS), 1_793_750_400_000
    connect = start + np.sort(rng.integers(0, 3 * 3_600_000, CONNECTIONS))
    life = rng.exponential(200_000, CONNECTIONS).astype(np.int64) + 1
    ids = [f"c{(one * 7919) % 10_007:05d}ä" for one in number] if text_ids else number
    last = connect + (life * rng.random(CONNECTIONS)).astype(np.int64)
    return pa.table(
        {
            "connection_id": ids,
            "connect_time": connect,
            "close_time": pa.array(connect + life, mask=number % 17 == 0),
            "function": pa.array([("chat", "push", None)[one % 3] for one in number]),
            "bytes_out": pa.array(rng.integers(0, 10**6, CONNECTIONS), mask=number % 5 == 0),
            "messages": pa.array(rng.integers(0, 40, CONNECTIONS), mask=number % 2 == 0),
            "last_activity_time": pa.array(last, mask=number % 4 > 1),
            "close_code": pa.array(np.where(number % 3 == 0, 1000, 1005), mask=number % 7 == 0),
        }
    )
