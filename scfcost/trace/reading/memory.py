"""How much memory a trace takes on its way into an answer, and what a limit leaves for it."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pyarrow.parquet as pq

from scfcost.core.errors import ConfigError, TraceError
from scfcost.trace.reading.columns import EVENTS
from scfcost.trace.reading.compressed import MOST_WHOLE
from scfcost.trace.reading.layout import is_int64
from scfcost.trace.reading.sources import Source

_UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12, "ki": 2**10, "mi": 2**20, "gi": 2**30, "ti": 2**40}
_BASE_BYTES = 350 * 10**6
"""What the libraries take before anything is read. [B]"""
LEAST_LIMIT = 450 * 10**6
"""Less memory is not enough for them and a part. [B]"""
_BYTES_PER_ROW, _WITH_TEXT = 130, 180
"""Memory that a row of a part takes on its way into a result, about, with an id that is a number or text. [B]"""
LEAST_BYTES_PER_ROW = 4
"""Bytes of a row in the smallest of files, compressed Parquet. [B]"""
ROWS_PER_CONNECTION = 5
"""Rows whose memory a connection takes, about. [1]"""
_TEXT_BYTES_PER_ROW, _PACKED_TIMES = 40, 6
"""Bytes of a row of text, and how many times smaller a compressed file is, about."""
_DATABASE_SHARE = 0.4
"""Part of the memory that the database may take. [1]"""
_DOCUMENT_TIMES = 10
"""How many times its text a document takes when it is taken apart as a whole, about. [1]"""


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
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([kmgt]?i?)b?\s*", text, re.IGNORECASE | re.ASCII)
    if match is None or match[2].lower() not in _UNITS or float(match[1]) == 0 or len(match[1]) > _LONGEST_SIZE:
        raise ConfigError(f"{name}: {text!r} is not a size such as 2GB")
    return round(float(match[1]) * _UNITS[match[2].lower()])


_LONGEST_SIZE = 15
"""Digits of a number that a float holds exactly. [1]"""


def checked_size(text: str, name: str = "memory_limit") -> int:
    """Read a memory limit. [B]

    Parameters
    ----------
    text : str
        A size.
    name : str, optional
        What messages call it.

    Raises
    ------
    ConfigError
        If it is no size, or less than the libraries and a part of a trace need.
    """
    limit = read_size(text, name)
    if limit < LEAST_LIMIT:
        raise ConfigError(f"{name}: {text} is too little; at least {LEAST_LIMIT // 10**6}MB are needed")
    return limit


def rows_within(limit: int, sources: Sequence[Source] = ()) -> int:
    """Return how many rows of some files are read at once within so many bytes, at least `LEAST_LIMIT`. [1]

    Parameters
    ----------
    limit : int
        Bytes of memory. [B]
    sources : sequence of Source, optional
        The files; how wide their rows are is told from them.
    """
    return (limit - _BASE_BYTES) // _bytes_per_row(sources)


def _bytes_per_row(sources: Sequence[Source]) -> int:
    ids = [row["connection_id"] for source in sources for row in source.first_rows or ({"connection_id": ""},)]
    numbers = bool(ids) and all(is_int64(one) for one in ids)
    return _BYTES_PER_ROW if numbers else _WITH_TEXT


def database_limit(limit: int) -> str:
    """Return what the database may hold within so many bytes of memory."""
    return f"{max(round(limit * _DATABASE_SHARE), 64 * 10**6) // 10**6}MB"


def database_share(memory_limit: str | None) -> str | None:
    """Return what the database may hold within a limit, None where there is none.

    Raises
    ------
    ConfigError
        If the limit is none, or too little.
    """
    return None if memory_limit is None else database_limit(checked_size(memory_limit))


def longest_document(memory_limit: str | None) -> int:
    """Return how long a document may be that is taken apart as a whole, decompressed. [B]"""
    if memory_limit is None:
        return MOST_WHOLE
    return min((checked_size(memory_limit) - _BASE_BYTES) // _DOCUMENT_TIMES, MOST_WHOLE)


def rows_of(source: Source) -> int:
    """Return how many rows a file has: exactly for Parquet, about for text. [1]"""
    if source.kind == "parquet":
        return int(pq.read_metadata(source.path).num_rows)
    size = source.path.stat().st_size * (1 if source.compression == "none" else _PACKED_TIMES)
    return size // _TEXT_BYTES_PER_ROW


def weight_of(sources: Sequence[Source]) -> int:
    """Return how many rows of events some files weigh, about. [1]"""
    return sum(rows_of(source) for source in sources) * (1 if sources[0].shape is EVENTS else ROWS_PER_CONNECTION)


def parts_needed(sources: Sequence[Source], limit: int) -> int:
    """Return in how many parts a trace is read within so many bytes of memory; 1 where it is read as a whole. [1]

    Parameters
    ----------
    sources : sequence of Source
        The files that are read.
    limit : int
        Bytes of memory. [B]
    """
    return -(-weight_of(sources) // rows_within(limit, sources)) or 1


def hold_to(memory_limit: str | None, sources: Sequence[Source], remedy: str) -> None:
    """Refuse a trace that as a whole takes more memory than a limit, before it is read.

    Parameters
    ----------
    memory_limit : str or None
        The limit; None for no limit.
    sources : sequence of Source
        The files that are read.
    remedy : str
        What to do otherwise.

    Raises
    ------
    TraceError
        If it takes more.
    """
    if memory_limit is None or parts_needed(sources, checked_size(memory_limit)) == 1:
        return
    needed = _BASE_BYTES + weight_of(sources) * _bytes_per_row(sources)
    raise TraceError(
        f"{sources[0].name}: takes about {needed / 10**9:.1f} GB of memory as a whole, more than the limit of "
        f"{memory_limit}: {remedy}"
    )
