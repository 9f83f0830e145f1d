"""What a log format is: how it is recognised, what it can tell, and how it becomes a trace file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import NamedTuple

from scfcost.core.errors import ConfigError, TraceError, nearest
from scfcost.core.warning import Warned
from scfcost.trace.reading.columns import CLIENT
from scfcost.trace.reading.compressed import read_bytes
from scfcost.trace.reading.memory import longest_document
from scfcost.trace.reading.rejects import STRICT

UNFINISHED = Warned("unfinished_line", "the last line of the log is not whole yet: it is left out")
_FILE = "FILE"
PAIR = (
    f"`scfcost import {_FILE} --suggest > mapping.toml` then writes how both lines are paired, and --from mapping.toml "
    "reads the log by it. Or log at the proxy in front of it"
)
"""What becomes of lines of an opening and of a close that a program was told to write."""
HEAD_BYTES = 1 << 16
"""How much of a file a format may look at to recognise it. [B]"""


class Original(NamedTuple):
    """A file as the user named it."""

    path: Path
    name: str
    """What messages call it."""


@dataclass(frozen=True, slots=True)
class Knows:
    """What a format can tell of a connection; what it cannot becomes a bound or a warning, never a zero."""

    start: bool = False
    end: bool = False
    bytes_out: bool = False
    message_times: bool = False
    direction: bool = False
    close_code: bool = False
    idle_cut: bool = False
    """Whether a close at the old platform's idle timeout shows."""
    client: bool = False
    """Whether the address of the client shows, or a field that names it."""
    bytes_are: str = "unknown"
    """`payload`, `wire` (with frame headers) or `unknown`."""


@dataclass(frozen=True, slots=True)
class LogOptions:
    """What a user says of logs."""

    log_format: str | None = None
    """The server's own format string, such as nginx's `log_format`."""
    time_zone: str | None = None
    """Zone of times that name none; UTC where not given."""
    client: str | None = None
    """Field of the log that names the client of a connection; none is kept where not given."""
    on_error: str = STRICT
    """What to do with lines that cannot be read."""
    rejects: Path = Path("rejects.csv")
    """Where such lines go with `skip`."""
    memory_limit: str | None = None
    """Memory to stay within, such as "2GB"."""
    columns: tuple[tuple[str, str], ...] = ()
    """Names of a trace's columns, each with what the table calls it."""
    time_unit: str | None = None
    """Unit of the times of such a table; told from them where not given."""


@dataclass(frozen=True, slots=True)
class Converted:
    """A trace file made of one or more logs."""

    path: Path
    """Parquet in one of the two shapes of a trace, times in epoch ms."""
    read: int
    """Lines, entries or streams that were looked at. [1]"""
    used: int
    """Those that are in the trace. [1]"""
    not_websocket: int = 0
    left_out: int = 0
    """WebSockets of which the log tells too little. [1]"""
    rejected: int = 0
    """Those that cannot be read. [1]"""
    strays: int = 0
    """Lines of other logs, or of none, between them. [1]"""
    warnings: tuple[Warned, ...] = ()
    sound: bool = False
    """Whether the file is a connections file of which no row breaks a rule."""


Convert = Callable[[Sequence[Original], Path, LogOptions], Converted]
"""Makes a trace file of files in a scratch directory."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One of the lines that logs of a format may consist of: what recognises them is what reads them."""

    is_line: Callable[[str], bool]
    """Whether a text is such a line."""
    convert: Convert | None = None
    """Reads files of such lines; that of the format where there is none."""
    refusal: str = ""
    """Why such lines cannot be used, and what to do instead; empty for those that can."""


@dataclass(frozen=True, slots=True)
class Format:
    """A log format."""

    name: str
    title: str
    """What it is, in a few words."""
    knows: Knows
    advice: str
    """What to do, or which lines to add to a configuration, so that the log tells more."""
    convert: Convert
    """Reads files of the format where none of its kinds does."""
    recognise: Callable[[bytes], bool] = lambda _: False
    """Whether the head of a file, decompressed, is of this format, where it is no matter of single lines."""
    kinds: Callable[[Sequence[str]], Sequence[Kind]] = lambda _: ()
    """The kinds of lines that a sample of lines may be of, the likeliest first."""
    compile: Callable[[str], Kind] | None = None
    """Makes lines of the server's own format string, where it has such."""


def refused(name: str, why: str) -> TraceError:
    """Return the error of a log that tells too little, in whose remedy FILE stands for it.

    Parameters
    ----------
    name : str
        What messages call the log.
    why : str
        Why it cannot be used, and what to do.
    """
    return TraceError(f"{name}: {why.replace(_FILE, name)}")


def labels(originals: Sequence[Original]) -> list[str]:
    """Return what the connection ids of each file start with: its name without folders, made unique.

    Examples
    --------
    >>> labels([Original(Path("a.har"), "x/a.har"), Original(Path("a.har"), "y/a.har")])
    ['a.har', 'a.har-1']
    """
    names = [PurePath(original.name).name for original in originals]
    return [name if name not in names[:index] else f"{name}-{index}" for index, name in enumerate(names)]


def head_of(original: Original) -> bytes:
    """Return the first bytes of a file, decompressed.

    Raises
    ------
    TraceError
        If it cannot be read.
    """
    return read_bytes(*original, HEAD_BYTES)


def text_of(original: Original, memory_limit: str | None = None) -> str:
    """Return a whole text file, decompressed.

    Parameters
    ----------
    original : Original
        The file.
    memory_limit : str, optional
        Memory to stay within when it is taken apart.

    Raises
    ------
    TraceError
        If it cannot be read, or is too long.
    """
    return read_bytes(*original, most=longest_document(memory_limit)).decode("utf-8-sig", errors="replace")


def refuse_fields(options: LogOptions, what: str) -> None:
    """Refuse a client by another field than the address, where there are no fields to choose from.

    Parameters
    ----------
    options : LogOptions
        What the user says of logs.
    what : str
        What the format's lines are, for the message.

    Raises
    ------
    ConfigError
        If such a field is named.
    """
    if options.client not in (None, CLIENT):
        raise ConfigError(f"stitch: {what} has no field {options.client!r}; {nearest(str(options.client), [CLIENT])}")
