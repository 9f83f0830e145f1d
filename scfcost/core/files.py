"""Files: read with one message where that fails; whole or not there when written; those of the package by name."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import BinaryIO, TextIO

from scfcost.core.errors import ScfcostError


@contextmanager
def whole(output: Path, error: type[ScfcostError]) -> Iterator[Path]:
    """Yield where to write a file; it takes its place once all is well, and goes where anything breaks.

    Raises
    ------
    ScfcostError
        Of the kind `error`, if it cannot be written.
    """
    partial = output.with_name(f".{output.name}.{os.getpid()}.part")  # another process may write the same
    try:
        yield partial
        partial.replace(output)
    except OSError as fault:
        reason = os.strerror(fault.errno) if fault.errno else str(fault)
        raise error(f"{output}: cannot be written: {reason}") from None
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def whole_stream(output: Path, error: type[ScfcostError]) -> Iterator[BinaryIO]:
    """Yield a stream into a file that is whole or not there.

    Parameters
    ----------
    output : Path
        Where it comes to lie.
    error : type of ScfcostError
        The kind of error to raise, if it cannot be written.
    """
    with whole(output, error) as part, part.open("wb") as stream:
        yield stream


def write_whole(output: Path, content: str | bytes, error: type[ScfcostError]) -> None:
    """Write a file that is whole or not there.

    Parameters
    ----------
    output : Path
        Where it comes to lie.
    content : str or bytes
        What it holds; text is written as UTF-8.
    error : type of ScfcostError
        The kind of error to raise.

    Raises
    ------
    ScfcostError
        Of the kind `error`, if it cannot be written.
    """
    with whole(output, error) as part:
        part.write_bytes(content.encode() if isinstance(content, str) else content)


def bytes_of(path: Path, error: type[ScfcostError]) -> bytes:
    """Return what a file of the user's holds.

    Parameters
    ----------
    path : Path
        The file.
    error : type of ScfcostError
        The kind of error to raise.

    Raises
    ------
    ScfcostError
        Of the kind `error`, if it cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as fault:
        raise error(f"{path}: cannot be read: {fault.strerror}") from None


def text_of(path: Path, error: type[ScfcostError]) -> str:
    """Return the text of a file of the user's.

    Parameters
    ----------
    path : Path
        The file, in UTF-8.
    error : type of ScfcostError
        The kind of error to raise.

    Raises
    ------
    ScfcostError
        Of the kind `error`, if it cannot be read.
    """
    try:
        return bytes_of(path, error).decode()
    except UnicodeDecodeError:
        raise error(f"{path}: cannot be read: not UTF-8 text") from None


def packaged_text(package: str, name: str) -> str:
    """Return the text of a file that is part of scfcost.

    Parameters
    ----------
    package : str
        The room it lies in, such as `scfcost.workload`.
    name : str
        Its place below that, such as `presets/game.toml`.
    """
    return files(package).joinpath(*name.split("/")).read_text(encoding="utf-8")


def packaged_names(package: str, folder: str, suffix: str) -> list[str]:
    """Return the names of the files of one kind that are part of scfcost, sorted, without their suffix.

    Parameters
    ----------
    package : str
        The room they lie in.
    folder : str
        The folder below that.
    suffix : str
        What their names end with.
    """
    found = (one.name for one in files(package).joinpath(folder).iterdir())
    return sorted(name.removesuffix(suffix) for name in found if name.endswith(suffix))


def lead_nowhere(stream: TextIO) -> None:
    """Lead a stream of this process to where all is swallowed, so that what it still holds fails no more."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
