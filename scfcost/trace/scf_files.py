"""Files of SCF's own log, plain or compressed, into invocations."""

from __future__ import annotations

import glob
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa

from scfcost.errors import TraceError
from scfcost.trace.scf_records import LoggedInvocation, invocations_of, records_of_text

_MAGIC = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd"}


def read_log(paths: Sequence[str | Path]) -> list[LoggedInvocation]:
    """Read the log of one or more functions; records of one request may stand in several files.

    Parameters
    ----------
    paths : sequence of str or Path
        Files or globs, plain, gzip or zstd.

    Raises
    ------
    TraceError
        If a file cannot be read or holds no record.
    """
    records = []
    for path in _files(paths):
        found, _ = records_of_text(read_text(path, str(path)), str(path))
        records += found
    return invocations_of(records)


def read_text(path: Path, name: str) -> str:
    """Read a text file, plain, gzip or zstd.

    Raises
    ------
    TraceError
        If it cannot be read.
    """
    try:
        data = path.read_bytes()
        for magic, compression in _MAGIC.items():
            if data.startswith(magic):
                with pa.input_stream(pa.py_buffer(data), compression=compression) as stream:
                    data = stream.read()
    except (pa.ArrowException, OSError) as error:
        raise TraceError(f"{name}: cannot be read: {getattr(error, 'strerror', None) or error}") from None
    return data.decode("utf-8-sig", errors="replace")


def _files(paths: Sequence[str | Path]) -> Iterator[Path]:
    for path in paths:
        file = Path(path)
        if file.exists():
            yield file
        elif matches := sorted(glob.glob(str(path), recursive=True)):  # noqa: PTH207 (Path.glob takes no absolute one)
            yield from map(Path, matches)
        else:
            raise TraceError(f"{path}: no such file; name the log that was exported from CLS")
