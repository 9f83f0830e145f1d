"""Files: read with one message where that fails; whole or not there when written; those of the package by name.

A file is written beside its place, flushed, and put into it at the end.

An output never takes the place of an input, whatever either is called. What is no regular file, such as a device or a
pipe, is written into; a link is followed; a file that is there keeps its mode, a new one gets what the umask leaves.
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO, TextIO

from scfcost.core.errors import ScfcostError

LARGEST = 1 << 28
"""A longer document is not read: it would be in memory as a whole, and a device has no end. [B]"""
_PIECE = 1 << 20
"""What is copied at once. [B]"""


@contextmanager
def whole(output: Path, error: type[ScfcostError]) -> Iterator[Path]:
    """Yield where to write a file; it takes its place once all is well, and goes where anything breaks.

    Parameters
    ----------
    output : Path
        Where the file is to be; a device, a pipe or a link is kept, and written into.
    error : type
        Kind of the error that says why it cannot be written.

    Raises
    ------
    ScfcostError
        Of the kind `error`, if it cannot be written.
    """
    try:
        place = _place_of(output)
        is_file = place.is_file() or not place.exists()
        with _beside(place) if is_file else _aside(place, output) as partial:
            yield partial
    except BrokenPipeError:
        raise
    except OSError as fault:
        raise error(f"{output}: cannot be written: {reason_of(fault)}") from None


def _place_of(output: Path) -> Path:
    """Return what a name leads to, which need not be there."""
    try:
        return output.resolve()
    except (RuntimeError, ValueError):  # a loop of links, a name that holds a NUL
        raise OSError(errno.EINVAL, "Invalid argument") from None


@contextmanager
def _beside(place: Path) -> Iterator[Path]:
    """Yield a file beside a place, which it takes at the end."""
    partial = _new_beside(place)
    try:
        yield partial
        _flush(partial)
        partial.replace(place)
        _flush_folder(place.parent)
    finally:
        partial.unlink(missing_ok=True)


def _new_beside(place: Path) -> Path:
    """Return an empty file beside a place, with the mode that the file there has, or that a new one gets."""
    name = f".{place.name[:100]}.{os.getpid()}.{os.urandom(4).hex()}.part"  # another process may write the same
    partial = place.with_name(name)
    descriptor = os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666)  # less what the umask takes
    try:
        with suppress(FileNotFoundError):
            os.fchmod(descriptor, stat.S_IMODE(place.stat().st_mode))
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    finally:
        os.close(descriptor)
    return partial


@contextmanager
def _aside(place: Path, output: Path) -> Iterator[Path]:
    """Yield a file elsewhere, whose content goes into a device or a pipe at the end."""
    if place.is_dir():
        raise IsADirectoryError(errno.EISDIR, "Is a directory")
    with TemporaryDirectory(prefix="scfcost-") as folder:
        partial = Path(folder) / f"whole{output.suffix}"
        partial.touch()
        yield partial
        with partial.open("rb") as source, place.open("wb", buffering=0) as target:
            shutil.copyfileobj(source, target, _PIECE)


def _flush(path: Path) -> None:
    """Have a file on the disk before it takes its place."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _flush_folder(folder: Path) -> None:
    with suppress(OSError):  # some file systems know no such thing
        _flush(folder)


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


@contextmanager
def whole_text(output: Path, error: type[ScfcostError]) -> Iterator[TextIO]:
    """Yield a stream for text into a file that is whole or not there; what is no text is written escaped.

    Parameters
    ----------
    output : Path
        Where it comes to lie.
    error : type of ScfcostError
        The kind of error to raise, if it cannot be written.
    """
    with (
        whole(output, error) as part,
        part.open("w", newline="", encoding="utf-8", errors="backslashreplace") as stream,
    ):
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
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except (OSError, ValueError) as fault:  # a name that is too long, or holds a NUL
        raise error(f"{path}: cannot be read: {reason_of(fault)}") from None
    if len(content) > LARGEST:
        raise error(f"{path}: is longer than {LARGEST >> 20} MiB, and would have to be in memory as a whole")
    return content


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


def fill_closed_streams() -> None:
    """Lead the standard streams that are closed nowhere: a file that is opened would take their place."""
    for descriptor in (0, 1, 2):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest that is free


def lead_nowhere(stream: TextIO) -> None:
    """Lead a stream of this process to where all is swallowed, so that what it still holds fails no more."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def keep_apart(output: Path | None, inputs: Iterable[Path], flag: str, error: type[ScfcostError]) -> None:
    """Refuse an output that is one of the inputs: the same path, another spelling, a link, or another name of it.

    Parameters
    ----------
    output : Path or None
        Where a result is to go.
    inputs : iterable of Path
        Files that are read; those that do not exist cannot be overwritten.
    flag : str
        What names the output, for the message.
    error : type
        Kind of the error.

    Raises
    ------
    ScfcostError
        Of the kind `error`, if the output is one of them.
    """
    if output is None:
        return
    for one in inputs:
        if is_same(output, one):
            raise error(f"{flag}: {output} is an input: name another file, or {one} would be lost")


def is_same(one: Path, other: Path) -> bool:
    """Whether two paths are of one regular file, now or once it is written.

    Parameters
    ----------
    one, other : Path
        What may be named in two ways.
    """
    try:
        if one.resolve() == other.resolve():
            return not other.exists() or other.is_file()
        first, second = one.stat(), other.stat()
    except (OSError, RuntimeError, ValueError):
        return False
    return stat.S_ISREG(first.st_mode) and (first.st_dev, first.st_ino) == (second.st_dev, second.st_ino)


def reason_of(fault: BaseException) -> str:
    """Say why a file cannot be read or written, in the system's words."""
    number = getattr(fault, "errno", None)
    return os.strerror(number) if number else str(fault) or type(fault).__name__
