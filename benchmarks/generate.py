"""A trace of many connections, made from a seed: lognormal lives, Poisson messages, ids as integers or text."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

START_MS = 1_790_000_000_000
DAY_MS = 86_400_000


def write_events(folder: Path, connections: int, per_connection: int, seed: int = 1) -> dict[str, Path]:
    """Write the same trace four times: integer and text ids, Parquet and CSV, rows in time order."""
    table = events(connections, per_connection, seed)
    paths = {
        name: folder / f"{name.replace(' ', '_')}" for name in ("int.parquet", "text.parquet", "int.csv", "text.csv")
    }
    pq.write_table(table, paths["int.parquet"])
    duckdb.execute("SET enable_progress_bar = false")
    as_text = f"SELECT * REPLACE (md5(connection_id::VARCHAR) AS connection_id) FROM '{paths['int.parquet']}'"
    duckdb.execute(f"COPY ({as_text}) TO '{paths['text.parquet']}'")
    for kind in ("int", "text"):
        duckdb.execute(f"COPY (FROM '{paths[f'{kind}.parquet']}') TO '{paths[f'{kind}.csv']}'")
    return paths


def events(connections: int, per_connection: int, seed: int) -> pa.Table:
    """Return an events table: connect, messages and close of each connection, in time order."""
    rng = np.random.default_rng(seed)
    counts = rng.poisson(per_connection, connections)
    life = rng.lognormal(12, 1.2, connections).astype(np.int64) + 1
    start = START_MS + rng.integers(0, 2 * DAY_MS, connections)
    owner = np.repeat(np.arange(connections), counts)
    instants = start[owner] + (rng.random(len(owner)) * life[owner]).astype(np.int64)
    ids = np.concatenate((np.arange(connections), owner, np.arange(connections)))
    times = np.concatenate((start, instants, start + life))
    what = np.repeat([0, 1, 2], (connections, len(owner), connections))
    order = np.argsort(times, kind="stable")
    ids, times, what = ids[order], times[order], what[order]
    sizes, codes = rng.integers(1, 2_000, len(ids)), rng.choice([1000, 1001, 1005, 1006], len(ids))
    directions = rng.integers(0, 2, len(ids))
    words = {name: pa.array(values) for name, values in _WORDS.items()}
    return pa.table(
        {
            "connection_id": ids,
            "timestamp": times,
            "event": pa.DictionaryArray.from_arrays(pa.array(what), words["event"]).cast(pa.string()),
            "direction": _masked(directions, what != 1, words["direction"]),
            "bytes": pa.array(sizes, mask=what != 1),
            "close_code": pa.array(codes, mask=what != 2),
            "closed_by": _masked(np.zeros(len(ids), np.int64), what != 2, words["closed_by"]),
        }
    )


_WORDS = {"event": ["connect", "message", "close"], "direction": ["up", "down"], "closed_by": ["client"]}


def _masked(codes: np.ndarray, mask: np.ndarray, words: pa.Array) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(codes, mask=mask), words).cast(pa.string())
