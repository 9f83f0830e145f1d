"""Lengths of time as a command takes them: a number of seconds, or one that names its units, such as 90s or 1h30m."""

from __future__ import annotations

from typing import Any

import typer

from scfcost.core.errors import ConfigError
from scfcost.core.units import ms_to_seconds, seconds_to_ms


def seconds(text: str) -> int | float:
    """Return a length of time, or say what one looks like. [s]

    Examples
    --------
    >>> seconds("15m"), seconds("1h30m"), seconds("0.5")
    (900, 5400, 0.5)
    """
    try:
        return ms_to_seconds(seconds_to_ms(text, ""))
    except ConfigError as error:
        raise typer.BadParameter(str(error).removeprefix(": ")) from None


def option(*names: str, **settings: Any) -> Any:
    """Return a flag that takes a length of time.

    Parameters
    ----------
    *names : str
        The flag; by the name of its parameter where none is given.
    **settings
        As of `typer.Option`.
    """
    return typer.Option(*names, parser=seconds, metavar="TIME", **settings)
