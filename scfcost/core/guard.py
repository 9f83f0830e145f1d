"""The edge to what others wrote: whatever breaks while a file is taken apart is one message about that file."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from scfcost.core.errors import ScfcostError
from scfcost.core.text import first_line

_MOST_DIGITS = 4_000
"""Digits of a number that a document may hold. [1]"""
BROKEN = (
    ArithmeticError, AttributeError, LookupError, OSError, RecursionError, TypeError, ValueError, NotImplementedError,
    csv.Error,
)  # fmt: skip
"""What taking a file apart may raise, where it is not what it says it is."""


@contextmanager
def taking_apart(name: str, what: str, error: type[ScfcostError], *more: type[Exception]) -> Iterator[None]:
    """Turn whatever a damaged or hostile file breaks into one message about it.

    Parameters
    ----------
    name : str
        What messages call the file.
    what : str
        What it was taken for.
    error : type of ScfcostError
        The kind of error to raise.
    *more : type of Exception
        What the libraries that read it raise beside the usual.

    Raises
    ------
    ScfcostError
        Of the kind `error`; one that is raised inside goes through as it is.
    """
    try:
        yield
    except ScfcostError:
        raise
    except Exception as fault:
        if not isinstance(fault, (*BROKEN, *more)):
            raise
        raise error(f"{name}: cannot be read as {what}: {first_line(fault)}") from fault


def parse_json(text: str, **how: Any) -> Any:
    """Return what a text in JSON holds.

    Parameters
    ----------
    text : str
        One document.
    **how
        As of `json.loads`.

    Raises
    ------
    ValueError
        If it is no JSON, or nested too deeply.
    """
    try:
        return json.loads(text, **how)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
