"""The text of a window into its two instants."""

from __future__ import annotations

from datetime import UTC, datetime

from scfcost.core.errors import ConfigError
from scfcost.core.units import MS_PER_SECOND


def parse_window(text: str) -> tuple[int, int]:
    """Return the start and end of a window written as START/END.

    Parameters
    ----------
    text : str
        Two instants in ISO 8601 (no offset = UTC) or epoch ms, with a slash between.

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
        raise ConfigError(f"window: {text!r} is not START/END, such as 2026-11-01T00:00/2026-11-08T00:00")
    window = _instant(start), _instant(end)
    if window[1] < window[0]:
        raise ConfigError(f"window: {text!r} ends before it starts")
    return window


def _instant(text: str) -> int:
    if text.lstrip("-").isdecimal():
        return int(text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ConfigError(f"window: {text!r} is neither ISO 8601 nor a number of epoch ms") from None
    moment = moment.replace(tzinfo=moment.tzinfo or UTC)
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * MS_PER_SECOND + since.microseconds // 1_000
