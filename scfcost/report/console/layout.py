"""Tables that lose no money: where the terminal is narrow, less important columns give way, then lines are wrapped."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from scfcost.core.language import _, translated

WIDEST = 110
"""Columns beyond which a report does not stretch: long lines are hard to read. [1]"""
_GAP = 2
"""Columns between two cells. [1]"""
_NARROWEST = 24
"""Columns below which words are broken. [1]"""
_BRACKET = re.compile(r"(?<=.) ?(?=[(\uff08])")
"""Before what is said of a number in brackets, of either width."""
_READABLE = 20
"""Columns that a name takes, if it needs them, before less important columns stay. [1]"""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table."""

    title: str
    words: bool = False
    """Whether its cells are words, which wrap; numbers are never broken, only what is said of one in brackets may stand
    below it."""
    gives_way: int = 0
    """The order in which columns are left out where there is no room, the highest first; 0 for never."""
    style: str = ""


def columns(titles: Iterable[str], *, words: Iterable[str] = (), gives_way: Sequence[str] = ()) -> list[Column]:
    """Return the columns of a table, their titles in the reader's language.

    Parameters
    ----------
    titles : iterable of str
        Their titles, in English.
    words : iterable of str
        Titles of the columns whose cells are words.
    gives_way : sequence of str
        Titles of the columns that may be left out, the first first.
    """
    told, order = set(words), list(gives_way)
    rank = {title: len(order) - place for place, title in enumerate(order)}
    return [Column(translated(title), title in told, rank.get(title, 0)) for title in titles]


def fitted(
    shape: Sequence[Column],
    rows: Iterable[Sequence[str]],
    width: int,
    *,
    total: Sequence[str] | None = None,
    marked: int | None = None,
) -> RenderableType:
    """Return a table that fits a width.

    Parameters
    ----------
    shape : sequence of Column
        Its columns.
    rows : iterable of sequence of str
        Its cells.
    width : int
        Columns of the terminal. [1]
    total : sequence of str, optional
        A last row, in bold.
    marked : int, optional
        The row that stands out.
    """
    body = [[translated(cell) for cell in row] for row in rows]
    whole = [*body, *([list(total)] if total else [])]
    spoken = whole
    kept = list(range(len(shape)))
    if _total(max(_least(shape[k], k, whole), _widest(k, whole)) for k in kept) > width:
        body, whole = ([_bracket_below(shape, row) for row in some] for some in (body, whole))
    while _total(_readable(shape[k], k, whole) for k in kept) > width:
        leaving = max(kept, key=lambda k: shape[k].gives_way)
        if not shape[leaving].gives_way:
            break
        kept.remove(leaving)
    if _total(_least(shape[k], k, whole) for k in kept) > width:
        return _stacked(shape, spoken, kept, marked)
    table = Table(box=None, pad_edge=False, padding=(0, _GAP, 0, 0), header_style="dim", show_footer=total is not None)
    for k, size in zip(kept, _sizes(shape, whole, kept, width), strict=True):
        one = shape[k]
        table.add_column(
            one.title, footer=Text(total[k], style="bold") if total else "", width=size, style=one.style,
            justify="left" if one.words else "right", no_wrap=not one.words, overflow="fold",
            header_style="dim", vertical="top",
        )  # fmt: skip
        table.columns[-1].header = Text("\n".join(_folded(one.title, size)), style="dim")
    for place, row in enumerate(body):
        table.add_row(*(Text(row[k]) for k in kept), style="bold green" if place == marked else "")
    return table


def _total(widths: Iterable[int]) -> int:
    """Return the width of columns with the gaps between them."""
    return sum(width + _GAP for width in widths) - _GAP


def _bracket_below(shape: Sequence[Column], row: Sequence[str]) -> list[str]:
    """Put what is said of a number in brackets on a line of its own."""
    return [cell if one.words else _BRACKET.sub("\n", cell, count=1) for one, cell in zip(shape, row, strict=True)]


def _least(column: Column, k: int, rows: Sequence[Sequence[str]]) -> int:
    """Return the least width of a column: that of its longest number, or word."""
    title = max((cell_len(word) for word in column.title.split(" ")), default=0)
    cells = [row[k] for row in rows]
    if not column.words:
        return max([title, *(cell_len(line) for cell in cells for line in cell.split("\n"))])
    longest = max((cell_len(word) for cell in cells for word in cell.split(" ")), default=0)
    return max(title, min(longest, _NARROWEST))


def _readable(column: Column, k: int, rows: Sequence[Sequence[str]]) -> int:
    """Return the least width of a column that can still be read: a row's name does not stand word below word."""
    least = _least(column, k, rows)
    return max(least, min(_widest(k, rows), _READABLE)) if column.words and k == 0 else least


def _sizes(shape: Sequence[Column], rows: Sequence[Sequence[str]], kept: Sequence[int], width: int) -> list[int]:
    """Share what is left among the columns of words, each as wide as its cells at most."""
    sizes = {k: _readable(shape[k], k, rows) for k in kept}
    if _total(sizes.values()) > width:
        sizes = {k: _least(shape[k], k, rows) for k in kept}
    free = width - _total(sizes.values())
    for k in sorted((k for k in kept if shape[k].words), key=lambda k: _widest(k, rows)):
        more = min(max(_widest(k, rows) - sizes[k], 0), free)
        sizes[k] += more
        free -= more
    return [sizes[k] for k in kept]


def _widest(k: int, rows: Sequence[Sequence[str]]) -> int:
    return max((cell_len(line) for row in rows for line in row[k].split("\n")), default=0)


def _folded(title: str, width: int) -> list[str]:
    lines: list[str] = []
    for word in title.split(" "):
        if lines and cell_len(lines[-1]) + 1 + cell_len(word) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def _stacked(
    shape: Sequence[Column], rows: Sequence[Sequence[str]], kept: Sequence[int], marked: int | None
) -> RenderableType:
    """Return each row as lines of title and cell, where there is no room for columns."""
    lines = []
    for place, row in enumerate(rows):
        for k in kept:
            if row[k]:
                style = "bold green" if place == marked else ""
                told = _("{title}: {cell}").format(title=shape[k].title, cell=row[k]) if shape[k].title else row[k]
                lines.append(Text(told, style=style, overflow="fold"))
        lines.append(Text(""))
    return Group(*lines[:-1])


class Listing:
    """A table that is filled row by row and fits the screen that it is drawn on; numbers are never broken."""

    def __init__(self, *titles: str, gives_way: Sequence[str] = (), with_header: bool = True) -> None:
        self.titles, self.gives_way, self.with_header = titles, gives_way, with_header
        self.rows: list[Sequence[str]] = []

    def add_row(self, *cells: str) -> None:
        """Add a row below the others."""
        self.rows.append(cells)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw the rows within the width that there is."""
        told = [
            title for k, title in enumerate(self.titles) if not self.rows or any(_is_words(row[k]) for row in self.rows)
        ]
        shape = columns(self.titles, words=told, gives_way=self.gives_way)
        table = fitted(shape, self.rows, min(options.max_width, WIDEST))
        if isinstance(table, Table):
            table.show_header = self.with_header
        yield table


def _is_words(cell: str) -> bool:
    return any(sign.isalpha() for sign in cell)


@dataclass(frozen=True, slots=True)
class Heading:
    """The line above a part of a report; its title is wrapped where a line does not hold it."""

    title: str

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw a rule after the title, where there is room."""
        text = Text(self.title, style="bold")
        yield Rule(text, align="left", style="dim") if cell_len(self.title) + 2 < options.max_width else text


def heading(title: str) -> Heading:
    """Return the line above a part of a report."""
    return Heading(translated(title))


def indented(title: str, text: str, style: str = "") -> Table:
    """Return a title with words beside it.

    Parameters
    ----------
    title : str
        What stands at the left.
    text : str
        The words beside it, wrapped.
    style : str
        Style of both; bold for the title alone otherwise.
    """
    grid = Table.grid(padding=(0, 1))
    grid.add_column(width=16, style=style or "bold")
    grid.add_column(style=style, overflow="fold")
    grid.add_row(translated(title), Text(translated(text)))
    return grid


def show(console: Console, *parts: RenderableType) -> None:
    """Print the parts of a report one below the other."""
    console.print(Group(*parts), width=width_of(console))


def width_of(console: Console) -> int:
    """Return the columns that a report takes. [1]"""
    return min(console.width, WIDEST)


def command(line: str, console: Console) -> None:
    """Print a line that is to be pasted: never wrapped, whatever the width.

    Parameters
    ----------
    line : str
        What is to be pasted.
    console : Console
        Where to print.
    """
    console.print(Text(line), soft_wrap=True, width=max(console.width, cell_len(line)))
