"""Files of SCF's own log, plain or compressed, into invocations."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from scfcost.core.errors import TraceError
from scfcost.core.guard import taking_apart
from scfcost.trace.formats.base import Original, text_of
from scfcost.trace.formats.scf_records import LoggedInvocation, invocations_of, records_of_text
from scfcost.trace.reading.sources import expand


def read_log(paths: Sequence[str | Path]) -> list[LoggedInvocation]:
    """Read the log of one or more functions; records of one request may stand in several files.

    Parameters
    ----------
    paths : sequence of str or Path
        Files, globs or `-` for standard input; plain, gzip or zstd.

    Raises
    ------
    TraceError
        If a file cannot be read or holds no record.
    """
    records = []
    with TemporaryDirectory(prefix="scfcost-") as scratch:
        for path, name in expand(paths, Path(scratch)):
            with taking_apart(name, "a log of functions", TraceError):
                records += records_of_text(text_of(Original(path, name)), name)[0]
    return invocations_of(records)
