"""What can go wrong, and what the program says about it.

ScfcostError          anything a user can mend; the command line exits with 2
├── ConfigError       a setting, an option or a configuration file
├── CatalogError      a price book, a region, a plan, a pricing date
├── TraceError        a file that cannot be read as a trace
│   └── BadRowsError  rows that break the rules of a trace, listed with file, line and column
└── ResultError       a saved result that cannot be read back

A message says what was wrong, where, what was expected, and the nearest valid choice.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class ScfcostError(ValueError):
    """Anything a user can mend. The text is the whole message."""


class ConfigError(ScfcostError):
    """A setting, an option or a configuration file is wrong."""


class CatalogError(ScfcostError):
    """A price book, region, plan or pricing date is wrong."""


class TraceError(ScfcostError):
    """A file cannot be read as a trace."""


class BadRowsError(TraceError):
    """Rows that break the rules of a trace, the first ten of them listed."""


class ResultError(ScfcostError):
    """A saved result cannot be read back."""


def nearest(word: str, choices: Iterable[str]) -> str:
    """Name the choice closest to `word`, or all of them, as the end of a message.

    Parameters
    ----------
    word : str
        What was written.
    choices : iterable of str
        What could have been.

    Examples
    --------
    >>> nearest("ap-guangzou", ["ap-guangzhou", "ap-tokyo"])
    "did you mean 'ap-guangzhou'?"
    >>> nearest("moon", ["ap-guangzhou", "ap-tokyo"])
    'choose one of: ap-guangzhou, ap-tokyo'
    """
    known = [str(choice) for choice in choices]
    close = get_close_matches(str(word), known, n=1)
    if close:
        return f"did you mean {close[0]!r}?"
    return "choose one of: " + ", ".join(known)
