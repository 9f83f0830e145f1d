"""Files as their users keep them: plain, gzip or zstd, told by their first bytes."""

from __future__ import annotations

import io
from pathlib import Path
from typing import IO

import pyarrow as pa

from scfcost.core.errors import TraceError

PLAIN = "none"
_LONG_ROW = 1 << 20
"""Far less than the buffer of the database, and far more than a row has. [B]"""
MOST_WHOLE = 1 << 30
"""Longest document that is read into memory as a whole, decompressed. [B]"""
_MAGIC = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd"}


def compression_of(start: bytes) -> str:
    """Return `gzip`, `zstd` or `none`, by the first bytes of a file."""
    return next((kind for magic, kind in _MAGIC.items() if start.startswith(magic)), PLAIN)


def first_bytes(path: Path, name: str, size: int = 16) -> bytes:
    """Return the first bytes of a file as they stand.

    Parameters
    ----------
    path : Path
        Where the file is.
    name : str
        What messages call the file.
    size : int, optional
        How many, at most. [B]

    Raises
    ------
    TraceError
        If it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return file.read(size)
    except OSError as error:
        raise TraceError(f"{name}: cannot be read: {error.strerror}") from None


def read_bytes(path: Path, name: str, size: int | None = None, most: int | None = None) -> bytes:
    """Return the first bytes of a file, decompressed; all of them where no size is given.

    Parameters
    ----------
    path : Path
        Where the file is.
    name : str
        What messages call the file.
    size : int, optional
        How many, at most; all where not given. [B]
    most : int, optional
        How many all of it may be, by a limit of the user's; `MOST_WHOLE` where none is given, and never more. [B]

    Raises
    ------
    TraceError
        If it cannot be read, is damaged, or is longer than that where all of it is asked for.
    """
    bound = MOST_WHOLE if most is None else min(most, MOST_WHOLE)
    compression = compression_of(first_bytes(path, name))
    try:
        with _stream(path, compression) as stream:
            content = bytes(stream.read(bound + 1 if size is None else size))
    except (pa.ArrowException, OSError) as error:
        raise damaged(name, compression, error) from None
    if size is None and len(content) > bound:
        if bound < MOST_WHOLE:
            raise TraceError(
                f"{name}: takes more memory than the limit: more than {bound >> 20:,} MiB have to be read as a whole"
            )
        raise TraceError(f"{name}: holds more than {bound >> 20:,} MiB decompressed, and has to be read as a whole")
    return content


def ends_in_a_long_row(path: Path) -> bool:
    """Whether a text file ends in a row that is longer than the database's buffer, which leaves it out without a word.

    Raises
    ------
    ArrowException, OSError
        If the file is damaged.
    """
    compression = compression_of(first_bytes(path, str(path)))
    if compression == PLAIN:
        with path.open("rb") as file:
            size = file.seek(0, io.SEEK_END)
            file.seek(max(size - _LONG_ROW, 0))
            return size > _LONG_ROW and b"\n" not in file.read().rstrip(b"\r\n")
    since = 0
    with _stream(path, compression) as stream:
        while block := stream.read(_LONG_ROW):
            body = block.rstrip(b"\r\n") if len(block) < _LONG_ROW else block
            found = body.rfind(b"\n")
            since = since + len(block) if found < 0 else len(block) - found
    return since > _LONG_ROW


def open_text(path: Path, compression: str, *, newline: str | None = "") -> IO[str]:
    """Open a text file for reading line by line, decompressed.

    Parameters
    ----------
    path : Path
        Where the file is.
    compression : str
        How the file is compressed: "none", "gzip" or "zstd".
    newline : str, optional
        As `open` takes it.
    """
    return io.TextIOWrapper(_stream(path, compression), encoding="utf-8-sig", errors="replace", newline=newline)


def damaged(name: str, compression: str, error: Exception) -> TraceError:
    """Return the error of a file that ends too early or does not decompress.

    Parameters
    ----------
    name : str
        What messages call the file.
    compression : str
        How the file is compressed: "none", "gzip" or "zstd".
    error : Exception
        What reading it raised.
    """
    return TraceError(f"{name}: a damaged or truncated {compression} file: {error}")


def _stream(path: Path, compression: str) -> pa.NativeFile:
    return pa.input_stream(str(path), compression=None if compression == PLAIN else compression)
