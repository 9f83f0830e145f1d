"""Fragments of HTML as results show them in a notebook."""

from __future__ import annotations

import re
from html.parser import HTMLParser


class _Elements(HTMLParser):
    """Elements with their attributes, and whether each is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.add(tag)
        assert {name for name, _ in attrs} <= {"style"}, attrs
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def check_fragment(shown: str) -> None:
    """Hold a fragment to be whole, of plain tables and text, without an attribute but style and without an asset."""
    elements = _Elements(shown)
    assert elements.found <= {"div", "p", "strong", "table", "thead", "tbody", "tr", "th", "td"}
    assert elements.open == []
    assert not re.search(r"https?:|url\(", shown)
