"""Unit constants and exact conversions between what users type and what is metered.

Time is integer milliseconds, resource usage integer MB·ms, traffic integer bytes.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from fractions import Fraction

from scfcost.core.durations import exact_ms
from scfcost.core.errors import ConfigError

MS_PER_SECOND = 1_000
"""Milliseconds per second. [ms/s]"""
MS_PER_MINUTE = 60_000
"""Milliseconds per minute. [ms/min]"""
MS_PER_HOUR = 3_600_000
"""Milliseconds per hour. [ms/h]"""
MS_PER_DAY = 86_400_000
"""Milliseconds per day. [ms/d]"""
MS_PER_MONTH = 30 * MS_PER_DAY
"""Milliseconds of the 30-day month that a projection uses. [ms]"""
MB_PER_GB = 1_024
"""Megabytes per gigabyte of memory. [MB/GB]"""
BYTES_PER_GB = 1_024**3
"""Bytes per gigabyte of traffic. [B/GB]"""
MB_MS_PER_GBS = MB_PER_GB * MS_PER_SECOND
"""MB·ms per GB·s of resource usage. [MB·ms/GBs]"""
CALLS_PER_10K = 10_000
"""Calls per priced unit of invocations. [1]"""

FOREVER_MS = 2**62
"""An instant later than any other: still open, never lost. [ms]"""

LONGEST_MS = 10**14
"""A time that a user may give: some 3,000 years; sums of such times stay whole numbers of 64 bits. [ms]"""
MOST_OF_A_SETTING = 10**12
"""A count or a size that a user may give. [1]"""
_MOST_DIGITS = 20
"""Digits before or after the point of a number that is read exactly. [1]"""


def read_number(text: str) -> Decimal:
    """Read a decimal that is finite, and so short that no sum or product of such numbers loses a digit or takes long.

    `1e999999999` has few signs, and as many digits as would fill the memory.

    Raises
    ------
    ValueError
        If it is none.

    Examples
    --------
    >>> read_number(" 0.25 ")
    Decimal('0.25')
    """
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        raise ValueError(f"{text!r} is no number") from None
    if not number.is_finite() or number.adjusted() >= _MOST_DIGITS or -number.as_tuple().exponent > 2 * _MOST_DIGITS:  # type: ignore[operator]
        raise ValueError(f"{text!r} is no number of up to {_MOST_DIGITS} digits")
    return number


def read_ratio(value: object, name: str = "") -> Fraction:
    """Read a number of 0 or more, or a percentage, exactly as written; `name` says in a message what it is.

    Parameters
    ----------
    value : object
        Such as 0.25 or "25%".
    name : str
        What it is of, for the message.

    Raises
    ------
    ConfigError
        If it is neither.

    Examples
    --------
    >>> read_ratio("12.5%"), read_ratio(0.1)
    (Fraction(1, 8), Fraction(1, 10))
    """
    text, where = str(value).strip(), f"{name}: " if name else ""
    try:
        number = Decimal(text.removesuffix("%").strip())
    except InvalidOperation:
        raise ConfigError(f'{where}{value!r} is not a number such as 2, 0.5 or "50%"') from None
    if not number.is_finite() or number < 0 or abs(number.adjusted()) > _MOST_DIGITS:
        raise ConfigError(f"{where}{value!r} is not a plain number of 0 or more")
    return Fraction(number) / (100 if text.endswith("%") else 1)


def seconds_to_ms(value: object, name: str) -> int:
    """Convert a time in seconds, with up to three decimals, or one that names its units, into whole milliseconds.

    Parameters
    ----------
    value : int, float, str or Decimal
        A time as a user wrote it: a number of seconds, or such as 90s, 15m, 1h30m.
    name : str
        What the time is, for the message.

    Returns
    -------
    int
        The same time. [ms]

    Raises
    ------
    ConfigError
        If the value is not a finite number or has more than three decimals.

    Examples
    --------
    >>> seconds_to_ms("1.001", "idle timeout"), seconds_to_ms("1h30m", "idle timeout")
    (1001, 5400000)
    """
    text = str(value).strip()
    try:
        with_units = exact_ms(text)
        exact = Decimal(text) * MS_PER_SECOND if with_units is None else with_units
        if exact.is_finite():
            exact = max(min(exact, Decimal(2 * LONGEST_MS)), Decimal(-2 * LONGEST_MS))  # no digits without end
        whole = int(exact)
    except (InvalidOperation, ValueError, OverflowError):
        raise ConfigError(f"{name}: {value!r} is no time such as 90 (seconds), 90s, 15m or 1h30m") from None
    if abs(whole) > LONGEST_MS:
        raise ConfigError(f"{name}: {str(value)[:40]} s is absurd; expected at most {LONGEST_MS // MS_PER_SECOND:,}")
    if whole != exact:
        raise ConfigError(f"{name}: {value} s is finer than a millisecond; give at most three decimals")
    return whole


def ms_to_seconds(value_ms: int) -> int | float:
    """Return milliseconds as seconds, an int where whole, for display and JSON."""
    return value_ms // MS_PER_SECOND if value_ms % MS_PER_SECOND == 0 else value_ms / MS_PER_SECOND
