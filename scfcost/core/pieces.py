"""Pieces of work that are kept for later: each says its length and a digest, so that a damaged one is never taken."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from scfcost.core.errors import ScfcostError
from scfcost.core.files import write_whole

_MARK = b"scfcost piece 1\n"
_DIGEST_BYTES = 32
_LENGTH_BYTES = 8
_WHOLE_UP_TO, _BLOCK, _BLOCKS = 1 << 24, 1 << 16, 64
"""Of a file that is longer, so many blocks are looked at, spread evenly. [B], [B], [1]"""


class Listed(NamedTuple):
    """A file of a set, as it has to be found again."""

    name: str
    size: int
    """[B]"""
    digest: str


def seal(path: Path, content: bytes, error: type[ScfcostError], *, of: str) -> None:
    """Write a piece: a file that is whole or not there, and says how long it is and what its digest is.

    Parameters
    ----------
    path : Path
        Where it comes to lie.
    content : bytes
        What it holds.
    error : type of ScfcostError
        The kind of error to raise, if it cannot be written.
    of : str
        What it is a piece of: one of anything else is not taken in its place.
    """
    head = _MARK + len(content).to_bytes(_LENGTH_BYTES, "big") + _digest(content, of)
    write_whole(path, head + content, error)


def unseal(path: Path, *, of: str) -> bytes | None:
    """Return what a piece holds, None where it is missing, cut short, empty, damaged, or of something else.

    Parameters
    ----------
    path : Path
        Where the piece lies.
    of : str
        What it has to be of.
    """
    try:
        found = path.read_bytes()
    except OSError:
        return None
    start = len(_MARK) + _LENGTH_BYTES + _DIGEST_BYTES
    head, content = found[:start], found[start:]
    length = len(content).to_bytes(_LENGTH_BYTES, "big")
    return content if head == _MARK + length + _digest(content, of) else None


def listed(path: Path, name: str | None = None) -> Listed:
    """Return how a file has to be found again, under its own name or one that is relative to a folder.

    Parameters
    ----------
    path : Path
        Where the file lies.
    name : str, optional
        What it is listed as; its own name otherwise.
    """
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, _hash).hexdigest()
    return Listed(name or path.name, path.stat().st_size, digest)


def is_intact(folder: Path, files: Iterable[Listed]) -> bool:
    """Whether all files of a set lie below a folder as they were listed.

    Parameters
    ----------
    folder : Path
        Where they lie.
    files : iterable of Listed
        How they were listed.
    """
    try:
        return all(listed(folder / one.name, one.name) == one for one in files)
    except OSError:
        return False


def fingerprint(path: Path) -> str:
    """Return a digest of a file's content: of the whole up to 16 MiB, else of its ends and of 64 blocks between.

    A change of a longer file that keeps its size and its time, and lies between the blocks, is not noticed.
    """
    found, size = _hash(), path.stat().st_size
    with path.open("rb") as file:
        if size <= _WHOLE_UP_TO:
            found.update(file.read())
        else:
            for place in range(_BLOCKS + 1):
                file.seek((size - _BLOCK) * place // _BLOCKS, os.SEEK_SET)
                found.update(file.read(_BLOCK))
    return found.hexdigest()


def _hash() -> hashlib.blake2b:
    return hashlib.blake2b(digest_size=_DIGEST_BYTES)


def _digest(content: bytes, of: str) -> bytes:
    found = _hash()
    found.update(of.encode() + b"\0")
    found.update(content)
    return found.digest()
