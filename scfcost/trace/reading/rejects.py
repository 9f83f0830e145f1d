"""What becomes of rows that cannot be used: listed in a refusal, or written to a file beside the result."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from scfcost.core.errors import BadRowsError, TraceError
from scfcost.core.files import whole_text
from scfcost.core.text import SafeWriter, one_line

LISTED = 10
"""How many of them a message lists. [1]"""
LONGEST_REASON = 150
"""Characters of what is said to be wrong with a row. [1]"""
STRICT, SKIP = "strict", "skip"
"""What to do with them: refuse the trace, or leave them out."""


class Reject(NamedTuple):
    """A row that cannot be used."""

    file: str
    line: int
    reason: str
    """`column: what is wrong`."""
    row: str
    """The row as it stands in the file."""


def listing(first: Sequence[tuple[str, int, str]], total: int, *, at_least: bool = False) -> str:
    """Say what is wrong with the first rows, each a file, a line and a reason, and how many there are, or are known.

    Parameters
    ----------
    first : sequence of (str, int, str)
        File, line and reason of the first bad rows.
    total : int
        How many there are. [1]
    at_least : bool, optional
        Whether there may be more.
    """
    lines = [f"{one_line(file)}:{line}: {one_line(reason, LONGEST_REASON)}" for file, line, reason in first[:LISTED]]
    rest = total - len(lines)
    lines += [f"… and {rest} more"] if rest else []
    what = "1 bad row" if total == 1 else f"{total} bad rows"
    what = f"at least {what}" if at_least else what
    return f"{what}; nothing was estimated (--on-error skip leaves bad rows out)\n" + "\n".join(lines)


def write_rejects(rejects: Iterable[Reject], path: Path) -> None:
    """Write rows that were left out, with their reasons, as CSV.

    Parameters
    ----------
    rejects : iterable of Reject
        The rows, each with file, line, text and reason.
    path : Path
        File to write.

    Raises
    ------
    TraceError
        If the file cannot be written.
    """
    with whole_text(path, TraceError) as file:
        writer = SafeWriter(file)
        writer.writerow(["file", "line", "column", "reason", "row"])
        for one in rejects:
            column, _, reason = one.reason.partition(": ")
            writer.writerow((one.file, one.line, column, reason, one.row))


def settle(rejects: Sequence[Reject], on_error: str, path: Path) -> None:
    """Refuse a trace for rows that cannot be used, or write them to a file.

    Parameters
    ----------
    rejects : sequence of Reject
        The rows, each with file, line, text and reason.
    on_error : str
        "strict" refuses a trace with bad rows, "skip" writes them to a file and goes on.
    path : Path
        File that they are written to where they are skipped.

    Raises
    ------
    BadRowsError
        If there are some and `on_error` is "strict".
    """
    if rejects and on_error == STRICT:
        raise BadRowsError(listing([one[:3] for one in rejects[:LISTED]], len(rejects)))
    if rejects:
        write_rejects(rejects, path)
