"""The comments of a TOML file in the reader's language; its keys and values stay as they are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from unicodedata import east_asian_width

from scfcost.core.language import ENGLISH, language, translated

WIDTH = 120
"""Columns of a line beyond which a translated comment goes on below. [1]"""
_NARROWEST = 48
"""Columns that a comment is given whatever stands before it. [1]"""
_QUOTED = re.compile(r"""'''.*?'''|"(?:[^"\\]|\\.)*"|'[^']*'|#""")
_LEFT_OUT = re.compile(r"# (?=\[{1,2}[\w.]+\]{1,2}|[\w.]+ = )")
"""How a setting begins that is there as a comment."""
_INDENT = "  "
_WORD = re.compile(r"[!-~]+[，。；：、）]*|\s+|.[，。；：、）]*")
"""What stays on one line: a word, or a character with the punctuation behind it."""


@dataclass
class _Block:
    """A piece of code, and the comment that begins behind it and may go on below."""

    code: str
    lines: list[str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)

    @property
    def comment(self) -> str:
        return " ".join(part.strip() for part in self.comments)


def comments_of(text: str) -> list[str]:
    """Return the comments of a TOML file, each as one sentence however many lines it takes."""
    return [block.comment for block in _blocks(text) if block.comment]


def commented(text: str) -> str:
    r"""Return a TOML file with its comments in the reader's language; one that no catalog knows stays as it is.

    Examples
    --------
    >>> from scfcost.core.language import speaking
    >>> with speaking("zh"):
    ...     commented("users = 1000  # a guess: change it\n")
    'users = 1000  # 猜测：请修改\n'
    """
    if language() == ENGLISH:
        return text
    return "".join(f"{line}\n" for block in _blocks(text) for line in _shown(block))


def _blocks(text: str) -> list[_Block]:
    """Take a file apart; a line of comment alone goes on with one before in its column that has not come to its end."""
    blocks: list[_Block] = []
    for line in text.splitlines():
        code, comment = _split(line)
        before = blocks[-1] if blocks else None
        if before is not None and _goes_on(before, code, comment):
            before.lines.append(line)
            before.comments.append(comment)
        else:
            blocks.append(_Block(code, [line], [comment] if comment else []))
    return blocks


def _goes_on(before: _Block, code: str, comment: str) -> bool:
    if not before.comment or before.comment.endswith(".") or not comment.strip() or comment.startswith(_INDENT):
        return False
    return not code.strip() and len(code) == len(before.code)


def _split(line: str) -> tuple[str, str]:
    """Return what stands before the comment of a line, and the comment without its sign."""
    left_out = _LEFT_OUT.match(line)
    start = left_out.end() if left_out else 0
    for found in _QUOTED.finditer(line, start):
        if found[0] == "#":
            return line[: found.start()], line[found.end() :].removeprefix(" ") or ""
    return line, ""


def _shown(block: _Block) -> Iterator[str]:
    told = translated(block.comment)
    if told == block.comment:
        yield from block.lines
        return
    indent = " " * (len(block.comments[0]) - len(block.comments[0].lstrip()))
    for k, part in enumerate(_wrapped(told, max(WIDTH - len(block.code) - 2 - len(indent), _NARROWEST))):
        yield f"{block.code if k == 0 else ' ' * len(block.code)}# {indent}{part}"


def _wrapped(text: str, width: int) -> Iterator[str]:
    """Yield a text in lines of at most so many columns, in which Chinese may break anywhere and words may not."""
    line, taken = "", 0
    for word in _WORD.findall(text):
        columns = sum(2 if east_asian_width(sign) in "WF" else 1 for sign in word)
        if line and taken + columns > width:
            yield line.rstrip()
            line, taken = "", 0
        line, taken = line + word if line or not word.isspace() else "", taken + columns
    if line:
        yield line.rstrip()
