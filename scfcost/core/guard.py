"""The edge to what others wrote: whatever breaks while a file is taken apart is one message about that file.

What a library says of a file that is not what it claims to be is told as such. What only our own code can have done
wrong, such as a lookup of what is not there, is told as our fault: the file may be sound, and nobody should hunt in it.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from scfcost.core.errors import ScfcostError
from scfcost.core.text import first_line

DAMAGED = (ArithmeticError, OSError, RecursionError, ValueError, csv.Error)
"""What taking a file apart may raise, where it is not what it says it is."""
OURS = (AssertionError, AttributeError, LookupError, NameError, NotImplementedError, TypeError)
"""What only a fault of our own raises, whatever a file holds."""
OF_SHAPE = (AttributeError, LookupError, TypeError)
"""What a document raises that lacks parts, where nothing has looked for them before."""
_REPORT = "this is a fault of scfcost, not of your file alone; please report it ({0}; SCFCOST_DEBUG=1 shows where)"


@contextmanager
def taking_apart(
    name: str, what: str, error: type[ScfcostError], *more: type[Exception], ours: tuple[type[Exception], ...] = ()
) -> Iterator[None]:
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
        What the libraries that read it raise beside the usual, for a file that is damaged.
    ours : tuple of type of Exception
        Which of these they raise for what we asked of them wrongly.

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
        if isinstance(fault, (*DAMAGED, *more)) and not isinstance(fault, ours):
            raise error(f"{name}: cannot be read as {what}: {first_line(fault)}") from fault
        if isinstance(fault, (*OURS, *ours)):
            raise error(_our_fault(name, what, fault)) from fault
        raise


def _our_fault(name: str, what: str, fault: Exception) -> str:
    return f"{name}: cannot be read as {what}: {_REPORT.format(f'{type(fault).__name__}: {first_line(fault)}')}"


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
