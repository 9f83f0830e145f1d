"""Pieces of HTML: whatever comes from a trace or a price book is escaped here."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any


def text(words: str) -> str:
    """Return words as HTML.

    Examples
    --------
    >>> text('<b id="x">')
    '&lt;b id=&quot;x&quot;&gt;'
    """
    return escape(words)


def table(caption: str, header: Sequence[str], rows: Iterable[Sequence[str]], *, words_first: int = 1) -> str:
    """Return a table with a caption; cells after the first `words_first` are numbers and stand to the right.

    Parameters
    ----------
    caption : str
        What the table shows.
    header : sequence of str
        Titles of the columns.
    rows : iterable of sequence of str
        A cell a column.
    words_first : int
        How many columns, from the left, hold words. [1]
    """
    head = "".join(f'<th scope="col"{_side(i, words_first)}>{escape(cell)}</th>' for i, cell in enumerate(header))
    body = "".join(_row(row, words_first) for row in rows)
    return (
        f'<div class="wide"><table><caption>{escape(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _row(row: Sequence[str], words_first: int) -> str:
    first = f'<th scope="row">{escape(row[0])}</th>'
    rest = "".join(f"<td{_side(i, words_first)}>{escape(cell)}</td>" for i, cell in enumerate(row[1:], 1))
    return f"<tr>{first}{rest}</tr>"


def _side(column: int, words_first: int) -> str:
    return "" if column < words_first else ' class="number"'


def bullets(items: Iterable[str]) -> str:
    """Return sentences as a list, nothing where there are none."""
    body = "".join(f"<li>{escape(one)}</li>" for one in items)
    return f"<ul>{body}</ul>" if body else ""


def data(document: Any) -> str:
    """Return plain data as JSON that cannot end the script element it stands in.

    Examples
    --------
    >>> "</script>" in data(["</script>"])
    False
    """
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
