"""What a user can bear as it is written: a rate such as 1% or 2/h, an amount of money."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

from scfcost.core.errors import ConfigError
from scfcost.core.units import read_number


def rate(text: Any, name: str, unit: str = "") -> Fraction | None:
    """Return a rate written as a percentage or a plain number, exactly.

    Parameters
    ----------
    text : object
        What the user wrote, or None.
    name : str
        What messages call it.
    unit : str, optional
        What may stand after the number, such as "/h".

    Examples
    --------
    >>> rate("1%", "max_lost"), rate("2/h", "max_reconnects", unit="/h")
    (Fraction(1, 100), Fraction(2, 1))
    """
    if text is None or isinstance(text, Fraction):
        return text
    plain = str(text).strip().removesuffix(unit)
    scale = 100 if plain.endswith("%") else 1
    try:
        value = Fraction(read_number(plain.removesuffix("%"))) / scale
    except ValueError:
        raise ConfigError(f"{name}: {text!r} is no rate such as {'2/h' if unit else '1%'}") from None
    if value < 0:
        raise ConfigError(f"{name}: {text!r} is negative")
    return value


def amount(text: Any, name: str) -> Decimal | None:
    """Return an amount of money of 0 or more.

    Parameters
    ----------
    text : object
        What the user wrote, or None.
    name : str
        What messages call it.
    """
    if text is None:
        return None
    try:
        value = read_number(str(text))
    except ValueError:
        raise ConfigError(f"{name}: {text!r} is no amount of money") from None
    if value < 0:
        raise ConfigError(f"{name}: {text!r} is no amount of 0 or more")
    return value
