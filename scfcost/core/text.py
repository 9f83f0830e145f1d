"""Text that came from a file or a user, made fit to be shown: on a terminal, in a message, in a table."""

from __future__ import annotations

import csv
import re
import textwrap
from collections.abc import Iterable
from typing import TextIO

LONGEST_MESSAGE = 200
"""Characters of a line of a message; what is longer is cut in its middle. [1]"""
_LONGEST_WORD, _TIMES, _MOST_LINES = 180, 4, 100
"""Characters of a word of a message, lines that one of its lines is broken into, and its lines, at most. [1]"""
_LONG_WORD = re.compile(rf"\S{{{_LONGEST_WORD + 1},}}")
_UNSAFE = "\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff"
"""Signs that move a cursor, colour, hide or turn what is shown, and halves of signs; tab and line feed are not here."""
_CONTROL = re.compile(f"[{_UNSAFE}]")
_CONTROL_OR_BREAK = re.compile(f"[\t\n{_UNSAFE}]")
_FORMULA = re.compile(r"^[\s\x00]*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]")
_NUMBER = re.compile(r"^[+-]?(\d[\d_]*)?(\.\d*)?([eE][+-]?\d+)?%?$")


def visible(text: str) -> str:
    r"""Return a text of several lines with its control characters escaped, but for line feeds and tabs.

    Examples
    --------
    >>> visible("a\x1b[31mb\r")
    'a\\x1b[31mb\\r'
    """
    return _CONTROL.sub(_escape, text)


def one_line(text: str, longest: int | None = None) -> str:
    r"""Return a text on one line, control characters and line feeds escaped, cut in its middle where it is too long.

    Parameters
    ----------
    text : str
        What may hold anything.
    longest : int
        Characters that are shown, at most. [1]

    Examples
    --------
    >>> one_line("a\nb"), one_line("x" * 50, 11)
    ('a\\nb', 'xxxxx…xxxxx')
    """
    if longest is not None and len(text) > 2 * longest:  # escaping makes no text shorter
        text = text[:longest] + text[-longest:]
    shown = _CONTROL_OR_BREAK.sub(_escape, text)
    if longest is None or len(shown) <= longest:
        return shown
    head = longest // 2
    return f"{shown[:head]}…{shown[len(shown) - (longest - head - 1) :]}"


def counted(number: int, noun: str) -> str:
    """Show a count with its noun.

    Parameters
    ----------
    number : int
        How many. [1]
    noun : str
        What is counted, in the singular.

    Examples
    --------
    >>> counted(1, "connection"), counted(1549, "connection")
    ('1 connection', '1,549 connections')
    """
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def json_visible(text: str) -> str:
    r"""Return a document in JSON with the control characters of its texts escaped, as JSON has it.

    Examples
    --------
    >>> print(json_visible('["\x9b"]'))
    ["\u009b"]
    """
    return _CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def message_lines(text: str) -> str:
    """Return a message in lines of at most `LONGEST_MESSAGE` characters, each fit to be shown.

    What is longer is broken at its spaces; a single word, and a whole line of many times that, is cut in its middle.
    """
    lines = text.split("\n")
    if len(lines) > _MOST_LINES:
        lines = [*lines[:_MOST_LINES], f"… and {len(lines) - _MOST_LINES} more lines"]
    return "\n".join(broken for line in lines for broken in _broken(line))


def _broken(line: str) -> list[str]:
    shown = one_line(line, _TIMES * LONGEST_MESSAGE)
    if len(shown) <= LONGEST_MESSAGE:
        return [shown]
    words = _LONG_WORD.sub(lambda found: one_line(found[0], _LONGEST_WORD), shown)
    return textwrap.wrap(words, LONGEST_MESSAGE, subsequent_indent="  ", break_on_hyphens=False)


def first_line(error: BaseException) -> str:
    """Return the first line of what a library says, fit to be shown."""
    return one_line((str(error) or type(error).__name__).splitlines()[0], LONGEST_MESSAGE // 2)


def safe_cell(value: object) -> object:
    """Return a cell of a CSV as no spreadsheet runs it: a text that would be a formula begins with an apostrophe.

    Examples
    --------
    >>> safe_cell("=1+1"), safe_cell("-5"), safe_cell(-5), safe_cell("chat")
    ("'=1+1", '-5', -5, 'chat')
    """
    if isinstance(value, str) and _FORMULA.match(value) and not _NUMBER.match(value):
        return "'" + value
    return value


class SafeWriter:
    """Writes the rows of a CSV that people open, its cells as `safe_cell` gives them.

    Parameters
    ----------
    stream : text stream
        Where the rows go.
    """

    def __init__(self, stream: TextIO) -> None:
        self._writer = csv.writer(stream, lineterminator="\n")

    def writerow(self, cells: Iterable[object]) -> None:
        """Write a row."""
        self._writer.writerow([safe_cell(cell) for cell in cells])

    def writerows(self, rows: Iterable[Iterable[object]]) -> None:
        """Write rows."""
        for row in rows:
            self.writerow(row)


def _escape(found: re.Match[str]) -> str:
    sign = found[0]
    short = {"\t": "\\t", "\n": "\\n", "\r": "\\r"}.get(sign)
    return short or (f"\\x{ord(sign):02x}" if ord(sign) < 0x100 else f"\\u{ord(sign):04x}")
