"""Pieces of HTML: whatever comes from a trace or a price book is escaped here, and said in the reader's language."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any
from urllib.parse import quote

from scfcost.core.language import translated


def text(words: str) -> str:
    """Return words as HTML.

    Examples
    --------
    >>> text('<b id="x">')
    '&lt;b id=&quot;x&quot;&gt;'
    """
    return escape(words)


def table(
    caption: str,
    header: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    words_first: int = 1,
    marked: int | None = None,
) -> str:
    """Return a table with a caption; cells after the first `words_first` are numbers and stand to the right.

    On a narrow screen each row stands by itself, a title before each cell.

    Parameters
    ----------
    caption : str
        What the table shows, in the reader's language.
    header : sequence of str
        Titles of the columns, in English.
    rows : iterable of sequence of str
        A cell a column, in English.
    words_first : int
        How many columns, from the left, hold words. [1]
    marked : int, optional
        The row that stands out.
    """
    titles = [escape(translated(one)) for one in header]
    head = "".join(f'<th scope="col"{_side(i, words_first)}>{title}</th>' for i, title in enumerate(titles))
    body = "".join(_row(row, titles, words_first, is_marked=place == marked) for place, row in enumerate(rows))
    return (
        f'<div class="wide"><table class="stacks"><caption>{escape(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _row(row: Sequence[str], titles: Sequence[str], words_first: int, *, is_marked: bool) -> str:
    cells = [escape(translated(cell)) for cell in row]
    first = f'<th scope="row">{cells[0]}</th>'
    rest = "".join(
        f'<td data-title="{titles[i]}"{_side(i, words_first)}>{cell}</td>' if cell else "<td></td>"
        for i, cell in enumerate(cells[1:], 1)
    )
    return f'<tr class="marked">{first}{rest}</tr>' if is_marked else f"<tr>{first}{rest}</tr>"


def _side(column: int, words_first: int) -> str:
    return "" if column < words_first else ' class="number"'


def bullets(items: Iterable[str]) -> str:
    """Return English sentences as a list in the reader's language, nothing where there are none."""
    body = "".join(f"<li>{escape(translated(one))}</li>" for one in items)
    return f"<ul>{body}</ul>" if body else ""


def card(title: str, *body: str, anchor: str = "") -> str:
    """Return a part of the page with its title.

    Parameters
    ----------
    title : str
        Its title, in the reader's language.
    *body : str
        What it holds, as HTML.
    anchor : str
        Where the contents of the page lead to, if they name it.
    """
    named = f' id="{anchor}"' if anchor else ""
    return f'<section class="card"{named}><h2>{escape(title)}</h2>{"".join(body)}</section>'


def contents(title: str, *named: tuple[str, str]) -> str:
    """Return the contents of the page: a link to each part that is there.

    Parameters
    ----------
    title : str
        What a reader who hears the page is told that this is.
    *named : tuple of str
        Anchor and title of a part; the sliders are there only where scripts are on.
    """
    hidden = {"explore": ' class="needs-script" hidden'}
    links = "".join(
        f'<a href="#{anchor}"{hidden.get(anchor, "")}>{escape(shown)}</a>' for anchor, shown in named if shown
    )
    return f'<nav class="contents" aria-label="{escape(title)}">{links}</nav>'


def closable(title: str, *body: str, anchor: str) -> str:
    """Return a part of the page that is open, and that a script closes where the screen is narrow.

    Parameters
    ----------
    title : str
        Its title, in the reader's language.
    *body : str
        What it holds, as HTML.
    anchor : str
        Where the contents of the page lead to.
    """
    summary = f"<summary><h2>{escape(title)}</h2></summary>"
    return f'<details class="card long" id="{anchor}" open>{summary}{"".join(body)}</details>'


def folded(title: str, body: str) -> str:
    """Return what is shown once its title is clicked, and in print.

    Parameters
    ----------
    title : str
        The title, in the reader's language.
    body : str
        What it holds, as HTML.
    """
    return f"<details><summary>{escape(title)}</summary>{body}</details>" if body else ""


def command(line: str, copy: str) -> str:
    """Return a command to paste, with a button that copies it where scripts are on.

    Parameters
    ----------
    line : str
        The command.
    copy : str
        What stands on the button.
    """
    button = f'<button type="button" class="copy needs-script" hidden>{escape(copy)}</button>'
    return f'<div class="command"><code>{escape(line)}</code>{button}</div>'


def download(name: str, content: str, title: str) -> str:
    """Return a link that saves a file, which the page itself holds.

    Parameters
    ----------
    name : str
        Name of the file.
    content : str
        What it holds, as CSV.
    title : str
        What the link says.
    """
    return f'<a download="{escape(name)}" href="data:text/csv;charset=utf-8,{quote(content)}">{escape(title)}</a>'


def data(document: Any) -> str:
    """Return plain data as JSON that cannot end the script element it stands in.

    Examples
    --------
    >>> "</script>" in data(["</script>"])
    False
    """
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
