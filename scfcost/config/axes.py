"""The axes of a grid as users write them: `START:STOP[:STEP]`, both ends included, or a comma list."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from scfcost.core.errors import ConfigError
from scfcost.core.units import MOST_OF_A_SETTING, ms_to_seconds, seconds_to_ms

MOST_VALUES = 100_000
"""Values that one axis may have. [1]"""


def seconds_axis(text: str, name: str) -> list[int]:
    """Return the values of an axis of times, ascending.

    Parameters
    ----------
    text : str
        `START:STOP`, `START:STOP:STEP` or a comma list. [s]
    name : str
        What the axis is, for messages.

    Returns
    -------
    list of int
        The values, each once. [ms]

    Raises
    ------
    ConfigError
        If the text is no axis, holds no value, or its steps miss its end.

    Examples
    --------
    >>> seconds_axis("1:2:0.5", "idle")
    [1000, 1500, 2000]
    """
    if ":" in text:
        return _range([seconds_to_ms(part, name) for part in text.split(":")], text, name)
    values = sorted({seconds_to_ms(part, name) for part in text.split(",")})
    if values[0] <= 0:
        raise ConfigError(f"{name}: {text!r}: {ms_to_seconds(values[0])} s is not more than 0")
    return values


def timeouts_axis(values: object, name: str) -> list[int]:
    """Return the values of an axis of times as Python gives them: one, several, or the text of a command. [ms]

    Parameters
    ----------
    values : int, float, str or iterable of these
        Such as 60, "15m", "10s:5m:10s" or [15, "1m"]; a bare number is in seconds.
    name : str
        What the axis is, for messages.

    Raises
    ------
    ConfigError
        If a value is no time of more than 0.

    Examples
    --------
    >>> timeouts_axis("10s:30s:10s", "idle_timeout_s"), timeouts_axis([15, "1m"], "idle_timeout_s")
    ([10000, 20000, 30000], [15000, 60000])
    """
    if isinstance(values, str):
        return seconds_axis(values, name)
    several = values if isinstance(values, Iterable) else [values]
    parts = [str(one) for one in several]
    if not parts:
        raise ConfigError(f"{name}: {values!r} holds no time")
    return seconds_axis(",".join(parts), name)


def whole_axis(text: str, name: str) -> list[int]:
    """Return the values of an axis of whole numbers of 1 or more, in the order given.

    Parameters
    ----------
    text : str
        Such as 2,5,10 or 1:9:2.
    name : str
        The flag, for the message.

    Raises
    ------
    ConfigError
        If a value is no whole number of 1 or more.
    """
    try:
        values = [int(part) for part in text.split(",")]
    except ValueError:
        raise ConfigError(f"{name}: {text!r} is not a comma list of whole numbers") from None
    if max(values) > MOST_OF_A_SETTING:
        raise ConfigError(f"{name}: {str(max(values))[:40]} is absurd; expected at most {MOST_OF_A_SETTING:,}")
    if min(values) < 1:
        raise ConfigError(f"{name}: {min(values)} is less than 1")
    return list(dict.fromkeys(values))


def _range(parts: Sequence[int], text: str, name: str) -> list[int]:
    if len(parts) not in (2, 3):
        raise ConfigError(f"{name}: {text!r} is not START:STOP or START:STOP:STEP")
    start, stop, step = (*parts, 1_000)[:3]
    if start <= 0 or step <= 0:
        raise ConfigError(f"{name}: {text!r}: start and step must be more than 0")
    if stop < start:
        raise ConfigError(f"{name}: {text!r} is empty: it ends before it starts")
    count, missed = divmod(stop - start, step)
    if missed:
        last = ms_to_seconds(stop - missed)
        raise ConfigError(
            f"{name}: {text!r}: the steps miss the end {ms_to_seconds(stop)}; end at {last}, or change the step"
        )
    if count >= MOST_VALUES:
        raise ConfigError(f"{name}: {text!r} has {count + 1:,} values; an axis holds at most {MOST_VALUES:,}")
    return list(range(start, stop + 1, step))
