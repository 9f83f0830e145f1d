"""Gettext catalogs, read as they are written: nothing is compiled, nothing can be out of date, nothing is installed.

Ours have no contexts, no obsolete messages and one form of each, so that little is left of the format; a test holds
this to what Babel reads.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_LINES = r'((?:"[^\n]*"\n?)+)'
_ENTRY = re.compile(rf"^msgid {_LINES}(?:msgid_plural {_LINES})?msgstr(?:\[0\])? {_LINES}", re.MULTILINE)
_QUOTED, _ESCAPED = re.compile(r'^"(.*)"$', re.MULTILINE), re.compile(r"\\(.)")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}


def messages_of(catalog: str) -> Iterator[tuple[str, str]]:
    r"""Yield the messages of a catalog that are translated, each with its translation.

    Examples
    --------
    >>> list(messages_of('msgid "closed \\"normally\\""\nmsgstr ""\n"正常"\n"关闭"\n'))
    [('closed "normally"', '正常关闭')]
    """
    for message, _plural, translation in _ENTRY.findall(catalog):
        english, told = _unquoted(message), _unquoted(translation)
        if english and told:
            yield english, told


def _unquoted(lines: str) -> str:
    """Return the text of the quoted lines of an entry."""
    return "".join(_ESCAPED.sub(lambda mark: _ESCAPES.get(mark[1], mark[1]), part) for part in _QUOTED.findall(lines))
