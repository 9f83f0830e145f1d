"""Whether a trace is read as a whole or in parts, and in how many."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from scfcost.core.errors import ConfigError
from scfcost.core.pieces import fingerprint
from scfcost.trace.reading.columns import CENSORED, EVENTS
from scfcost.trace.reading.layout import is_int64
from scfcost.trace.reading.sources import Source
from scfcost.trace.window import Asked

_UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12, "ki": 2**10, "mi": 2**20, "gi": 2**30, "ti": 2**40}
_BASE_BYTES = 350 * 10**6
"""What the libraries take before anything is read. [B]"""
LEAST_LIMIT = 450 * 10**6
"""Less memory is not enough for them and a part. [B]"""
_BYTES_PER_ROW, _WITH_TEXT = 130, 180
"""Memory that a row of a part takes on its way into a result, about, with an id that is a number or text. [B]"""
LEAST_BYTES_PER_ROW = 4
"""Bytes of a row in the smallest of files, compressed Parquet. [B]"""
ROWS_PER_CONNECTION = 4
"""Rows whose memory a connection takes, about. [1]"""
_TEXT_BYTES_PER_ROW, _PACKED_TIMES = 40, 6
"""Bytes of a row of text, and how many times smaller a compressed file is, about."""
_DATABASE_SHARE = 0.4
"""Part of the memory that the database may take. [1]"""


@dataclass(frozen=True, slots=True)
class Plan:
    """How a trace is read in parts."""

    sources: tuple[Source, ...]
    parts: int
    """How many parts its connections are divided into. [1]"""
    database_limit: str
    """What the database may hold in memory."""
    time_unit: str | None = None
    drop_heartbeats: str | None = None
    window: Asked | None = None
    """The window that was asked for; the first and the last instant otherwise. [ms]"""
    checkpoint: Path | None = None
    """Where packed rows and sums are kept for a run that goes on; nowhere otherwise."""
    rows: int = 1_000_000
    """Rows that memory holds at once. [1]"""

    def paths(self) -> list[Path]:
        """Return where the files are."""
        return [source.path for source in self.sources]

    def fingerprints(self) -> dict[str, list[Any]]:
        """Return size, time and a digest of each file: where they are the same, so is the file, see `fingerprint`."""
        found: dict[str, list[Any]] = {}
        for source in self.sources:
            state = source.path.stat()
            found[str(source.path.resolve())] = [state.st_size, state.st_mtime_ns, fingerprint(source.path)]
        return found


def read_size(text: str, name: str = "memory_limit") -> int:
    """Read a size such as 2GB or 1.5GiB. [B]

    Parameters
    ----------
    text : str
        A number with a unit of bytes, decimal or binary.
    name : str, optional
        What messages call it.

    Raises
    ------
    ConfigError
        If it is none.

    Examples
    --------
    >>> read_size("2GB"), read_size("1.5 GiB")
    (2000000000, 1610612736)
    """
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([kmgt]?i?)b?\s*", text, re.IGNORECASE)
    if match is None or match[2].lower() not in _UNITS or float(match[1]) == 0:
        raise ConfigError(f"{name}: {text!r} is not a size such as 2GB")
    return round(float(match[1]) * _UNITS[match[2].lower()])


def default_limit() -> int:
    """Return a quarter of the machine's memory. [B]"""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 4


def rows_within(limit: int, sources: Sequence[Source] = ()) -> int:
    """Return how many rows of some files are read at once within so many bytes, at least `LEAST_LIMIT`. [1]

    Parameters
    ----------
    limit : int
        Bytes of memory. [B]
    sources : sequence of Source, optional
        The files; how wide their rows are is told from them.
    """
    ids = [row["connection_id"] for source in sources for row in source.first_rows or ({"connection_id": ""},)]
    numbers = bool(ids) and all(is_int64(one) for one in ids)
    return (limit - _BASE_BYTES) // (_BYTES_PER_ROW if numbers else _WITH_TEXT)


def database_limit(limit: int) -> str:
    """Return what the database may hold within so many bytes of memory."""
    return f"{max(round(limit * _DATABASE_SHARE), 64 * 10**6) // 10**6}MB"


def rows_of(source: Source) -> int:
    """Return how many rows a file has: exactly for Parquet, about for text. [1]"""
    if source.kind == "parquet":
        return int(pq.read_metadata(source.path).num_rows)
    size = source.path.stat().st_size * (1 if source.compression == "none" else _PACKED_TIMES)
    return size // _TEXT_BYTES_PER_ROW


def parts_needed(sources: Sequence[Source], limit: int) -> int:
    """Return in how many parts a trace is read within so many bytes of memory; 1 where it is read as a whole. [1]

    Parameters
    ----------
    sources : sequence of Source
        The files that are read.
    limit : int
        Bytes of memory. [B]
    """
    weight = 1 if sources[0].shape is EVENTS else ROWS_PER_CONNECTION
    return -(-sum(rows_of(source) for source in sources) * weight // rows_within(limit, sources)) or 1


def can_part(sources: Sequence[Source]) -> bool:
    """Whether files can be read in parts: they hold no marks of an old server's timeouts."""
    return all(CENSORED not in source.columns for source in sources)
