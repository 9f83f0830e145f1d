"""The window of a trace: as text, and as trace files carry it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from scfcost.core.durations import length_ms
from scfcost.core.errors import ConfigError, TraceError
from scfcost.core.units import LONGEST_MS, MS_PER_SECOND

WINDOW_KEY = "scfcost.window"
"""Key of the metadata of a Parquet file that holds the window of its trace, as START/END in epoch ms."""
_MOST_DIGITS = 30
_LONGEST_TEXT = 200
"""A window is written in less. [B]"""
SIDE_FILE = ".window"
"""What the name of a file in another form is continued by, for a file beside it with the same text."""


def window_text(window: tuple[int, int]) -> str:
    """Return a window as files carry it.

    Examples
    --------
    >>> window_text((1000, 5000))
    '1000/5000'
    """
    return f"{window[0]}/{window[1]}"


def carried_window(files: Iterable[tuple[Path, str]]) -> tuple[int, int] | None:
    """Return the window that trace files carry: from the first start to the last end, None where none carries one.

    Parameters
    ----------
    files : iterable of tuple
        Path of each file, and what messages call it.

    Raises
    ------
    TraceError
        If a file carries something else than a window.
    """
    found = []
    for path, name in files:
        if text := _carried_text(path):
            try:
                found.append(parse_window(text))
            except ConfigError as error:
                raise TraceError(f"{name}: carries a bad {error}") from None
    return (min(start for start, _ in found), max(end for _, end in found)) if found else None


def _carried_text(path: Path) -> str | None:
    side = path.with_name(path.name + SIDE_FILE)
    if side.is_file():
        with side.open("rb") as told:
            return told.read(_LONGEST_TEXT).decode("utf-8", errors="replace").strip()
    with path.open("rb") as file:
        if file.read(4) != b"PAR1":
            return None
    try:
        metadata = pq.read_schema(path).metadata or {}
    except (pa.ArrowException, OSError):
        return None  # whoever reads the rows says what is wrong
    text: bytes | None = metadata.get(WINDOW_KEY.encode())
    return None if text is None else text.decode("utf-8", errors="replace")


Asked = tuple[int | None, int]
"""A window that was asked for: start and end, or None and how long it is from the first connect on. [ms]"""


def resolved(asked: Asked, first_ms: int) -> tuple[int, int]:
    """Return the start and end of a window that was asked for.

    Parameters
    ----------
    asked : tuple
        As `asked_window` reads it. [ms]
    first_ms : int
        First connect of the trace. [ms]

    Examples
    --------
    >>> resolved((None, 5000), 1000), resolved((7, 9), 1000)
    ((1000, 6000), (7, 9))
    """
    start, end = asked
    return (first_ms, first_ms + end) if start is None else (start, end)


def asked_window(text: str) -> Asked:
    """Return a window written as START/END, START/DURATION, or a duration from the first connect on.

    Raises
    ------
    ConfigError
        If the text is no window.

    Examples
    --------
    >>> asked_window("36h"), asked_window("1000/5s")
    ((None, 129600000), (1000, 6000))
    """
    length = length_ms(text)
    if length is None:
        return parse_window(text)
    _check_length(text, length)
    return None, length


def parse_window(text: str) -> tuple[int, int]:
    """Return the start and end of a window written as START/END or START/DURATION.

    Parameters
    ----------
    text : str
        Two instants in ISO 8601 (no offset = UTC) or epoch ms, with a slash between; or an instant and a length of
        time such as 24h.

    Returns
    -------
    start_ms, end_ms : int
        The instants. [ms]

    Raises
    ------
    ConfigError
        If the text is no window, or its end comes before its start.

    Examples
    --------
    >>> parse_window("1970-01-01T00:00:01Z/5000")
    (1000, 5000)
    """
    start, slash, end = text.partition("/")
    if not slash:
        raise ConfigError(
            f"window: {text!r} is not START/END, such as 2026-11-01T00:00/2026-11-08T00:00, nor START/24h, nor 24h"
        )
    length = length_ms(end)
    if length is not None:
        _check_length(text, length)
    begin = _instant(start)
    window = begin, _instant(end) if length is None else begin + length
    if window[1] < window[0]:
        raise ConfigError(f"window: {text!r} ends before it starts")
    return window


def _check_length(text: str, length: int) -> None:
    if length > LONGEST_MS:
        raise ConfigError(f"window: {text!r} is absurd; expected the years up to 5138")


def _instant(text: str) -> int:
    if text.removeprefix("-").isdecimal() and len(text) <= _MOST_DIGITS:
        if abs(int(text)) > LONGEST_MS:
            raise ConfigError(f"window: {text} ms is absurd; expected the years up to 5138")
        return int(text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ConfigError(f"window: {text!r} is neither ISO 8601 nor a number of epoch ms") from None
    try:
        moment = moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except OverflowError:  # an offset leads beyond the years 1 to 9999
        raise ConfigError(f"window: {text!r} is absurd; expected the years up to 5138") from None
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * MS_PER_SECOND + since.microseconds // 1_000
