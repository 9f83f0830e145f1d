"""Writes rows of text as trace files of every kind."""

from __future__ import annotations

import csv
import gzip
import io
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

EVENT_COLUMNS = ("connection_id", "timestamp", "event", "direction", "bytes", "close_code", "closed_by")


def event(connection_id: object, timestamp: object, what: str, **cells: object) -> dict[str, str]:
    """Return one row of an events file, as text."""
    row = dict.fromkeys(EVENT_COLUMNS, "")
    row.update(connection_id=str(connection_id), timestamp=str(timestamp), event=what)
    row.update({name: str(value) for name, value in cells.items()})
    return row


def write_rows(path: Path, rows: list[dict[str, str]], columns: tuple[str, ...] = EVENT_COLUMNS) -> Path:
    """Write rows in the form that the suffixes of the path stand for: .csv, .jsonl or .parquet, then .gz or .zst."""
    if ".parquet" in path.suffixes:
        table = pa.table({name: pa.array([row[name] or None for row in rows], pa.string()) for name in columns})
        pq.write_table(table, path)
        return path
    text = io.StringIO()
    if ".jsonl" in path.suffixes:
        for row in rows:
            text.write(json.dumps({name: row[name] for name in columns if row[name]}) + "\n")
    else:
        writer = csv.DictWriter(text, columns, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return write_bytes(path, text.getvalue().encode())


def write_bytes(path: Path, data: bytes) -> Path:
    """Write bytes, compressed as the suffix says."""
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(data, mtime=0))
    elif path.suffix == ".zst":
        with pa.output_stream(str(path), compression="zstd") as stream:
            stream.write(data)
    else:
        path.write_bytes(data)
    return path


def columns_of(trace: Any) -> dict[str, list[Any]]:
    """Return what matters of a trace as plain lists, for comparison."""
    names = (
        "connection_id",
        "connect_ms",
        "close_ms",
        "close_code",
        "closed_by",
        "offsets",
        "message_ms",
        "message_flags",
    )
    return {name: getattr(trace, name).tolist() for name in names} | {"window": [trace.start_ms, trace.end_ms]}
