"""Files as their users keep them: plain, gzip or zstd, told by their first bytes."""

from __future__ import annotations

import io
from pathlib import Path
from typing import IO

import pyarrow as pa

from scfcost.core.errors import TraceError

PLAIN = "none"
_MAGIC = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd"}


def compression_of(start: bytes) -> str:
    """Return `gzip`, `zstd` or `none`, by the first bytes of a file."""
    return next((kind for magic, kind in _MAGIC.items() if start.startswith(magic)), PLAIN)


def first_bytes(path: Path, name: str, size: int = 16) -> bytes:
    """Return the first bytes of a file as they stand.

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


def read_bytes(path: Path, name: str, size: int | None = None) -> bytes:
    """Return the first bytes of a file, decompressed; all of them where no size is given.

    Raises
    ------
    TraceError
        If it cannot be read, or is damaged.
    """
    compression = compression_of(first_bytes(path, name))
    try:
        with _stream(path, compression) as stream:
            return bytes(stream.read(size))
    except (pa.ArrowException, OSError) as error:
        raise damaged(name, compression, error) from None


def open_text(path: Path, compression: str, *, newline: str | None = "") -> IO[str]:
    """Open a text file for reading line by line, decompressed."""
    return io.TextIOWrapper(_stream(path, compression), encoding="utf-8-sig", errors="replace", newline=newline)


def damaged(name: str, compression: str, error: Exception) -> TraceError:
    """Return the error of a file that ends too early or does not decompress."""
    return TraceError(f"{name}: a damaged or truncated {compression} file: {error}")


def _stream(path: Path, compression: str) -> pa.NativeFile:
    return pa.input_stream(str(path), compression=None if compression == PLAIN else compression)
