"""The reader's language: English is what the source says, another language is a gettext catalog.

`_` and `ngettext` translate a message where it is made. `translated` is for what was made as English elsewhere: a
sentence of a document (documents are English in every language, and may have been read from a file), a title, an error.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache, lru_cache
from itertools import islice
from pathlib import Path

from scfcost.core.errors import ConfigError

ENGLISH, CHINESE = "en", "zh"
LANGUAGES = (ENGLISH, CHINESE)
"""Languages that a reader can choose."""
VARIABLE = "SCFCOST_LANG"
"""Environment variable that names the language."""
CATALOGS = Path(__file__).parents[1] / "locale"
"""Where the catalogs are: read as they are written, so that nothing has to be compiled, or can be out of date."""
_CATALOG = {CHINESE: "zh_CN"}
_LOCALE = ("LC_ALL", "LC_MESSAGES", "LANG")
_PLACEHOLDER = re.compile(r"\{(\d+)\}")
_SPACE = re.compile(r"\s")
_NOUN = re.compile(" [a-z -]+")
_TELLING = 14
"""Characters of a message beside its values from which it is known by them, whatever the values hold. [1]"""
_PLACE, _LINE = re.compile(": "), re.compile(r"(.{1,300}?:\d+): (.+)")
_CLAUSE = re.compile(r"[A-Za-z]: |[:;] [a-z]|\(from ")
_LINES, _LONGEST, _MOST_PLACES = 200, 2_000, 10
"""Lines of a sentence that are translated, characters of one that is taken apart into its clauses, and places that
stand before what is wrong there, at most. [1]"""
_SEAMS = {": ": "：", "; ": "；"}
"""What stands between the clauses of a sentence, and what stands there in Chinese."""


def at_first(environment: Mapping[str, str]) -> str:
    """Return the language of a program that uses scfcost: by `SCFCOST_LANG` alone, so that no locale changes a figure.

    Examples
    --------
    >>> at_first({"LANG": "zh_CN.UTF-8"}), at_first({"SCFCOST_LANG": "zh"}), at_first({"SCFCOST_LANG": "latin"})
    ('en', 'zh', 'en')
    """
    wanted = environment.get(VARIABLE, ENGLISH)
    return wanted if wanted in LANGUAGES else ENGLISH


_current = [at_first(os.environ)]


def language() -> str:
    """Return the language in use."""
    return _current[0]


def use(name: str) -> None:
    """Speak a language from now on.

    Raises
    ------
    ConfigError
        If it is none of `LANGUAGES`.
    """
    if name not in LANGUAGES:
        raise ConfigError(f"{VARIABLE}: {name!r} is no language that is known; give {' or '.join(LANGUAGES)}")
    _current[0] = name


@contextmanager
def speaking(name: str) -> Iterator[None]:
    """Speak a language for a while."""
    before = language()
    use(name)
    try:
        yield
    finally:
        use(before)


def preferred(environment: Mapping[str, str]) -> str:
    """Return the language that an environment asks for: by `SCFCOST_LANG`, else by its locale.

    Examples
    --------
    >>> preferred({"LANG": "zh_CN.UTF-8"}), preferred({"LANG": "zh_CN.UTF-8", "SCFCOST_LANG": "en"}), preferred({})
    ('zh', 'en', 'en')
    """
    if wanted := environment.get(VARIABLE):
        return wanted
    locale = next((environment[name] for name in _LOCALE if environment.get(name)), "")
    return CHINESE if locale.lower().startswith("zh") else ENGLISH


def _(message: str) -> str:
    """Return a message in the reader's language, else as it is."""
    return message if language() == ENGLISH else _messages(language()).get(message, message)


def ngettext(singular: str, plural: str, number: int) -> str:
    """Return a message for a number of things; Chinese has one form for all numbers.

    Parameters
    ----------
    singular, plural : str
        The message for one, and for more.
    number : int
        How many. [1]

    Examples
    --------
    >>> ngettext("{n} day", "{n} days", 2).format(n=2)
    '2 days'
    """
    if language() == ENGLISH:
        return singular if number == 1 else plural
    return _messages(language()).get(singular, plural)


def translated(sentence: str) -> str:
    """Return what was made as English in the reader's language; what the catalog does not know stays as it is.

    Where it holds values, the message of the catalog holds `{0}`, `{1}`, … in their places, in the order of the
    English sentence; values that are sentences themselves are translated too.

    Examples
    --------
    >>> translated("closed normally")
    'closed normally'
    >>> with speaking("zh"):
    ...     translated("closed normally")
    '正常关闭'
    """
    if language() == ENGLISH or not sentence:
        return sentence
    return _told(language(), sentence)


@lru_cache(maxsize=4_096)
def _told(name: str, sentence: str) -> str:
    """Return a sentence in a language: as a whole, else line by line, else clause by clause."""
    known = _messages(name)
    if sentence in known:
        return known[sentence]
    if "\n" in sentence:
        lines = sentence.split("\n")
        return "\n".join([*map(translated, lines[:_LINES]), *lines[_LINES:]])
    for seam in islice(_PLACE.finditer(sentence), _MOST_PLACES):  # a file and its line, a key: then a whole sentence
        place, fault = sentence[: seam.start()], sentence[seam.end() :]
        if fault in known and not _SPACE.search(place.rpartition(": ")[2]):
            return f"{place.replace(seam[0], _SEAMS[seam[0]])}{_SEAMS[seam[0]]}{known[fault]}"
    if (placed := _LINE.match(sentence)) and (told := translated(placed[2])) != placed[2]:
        return f"{placed[1]}{_SEAMS[': ']}{told}"
    for parts, message in _patterns(name):
        values = _values_between(parts, sentence)
        if values is not None and (_says_much(tuple(parts)) or all(_is_told(value, known) for value in values)):
            return _filled(message, values)
    return _in_clauses(sentence)


def _values_between(parts: list[str], sentence: str) -> list[str] | None:
    """Return what stands between the parts of a message, the shortest first; None where the sentence is none of it."""
    values, at, end = [], len(parts[0]), len(sentence) - len(parts[-1])
    if end < at or not sentence.startswith(parts[0]) or not sentence.endswith(parts[-1]):
        return None
    for part in parts[1:-1]:
        found = sentence.find(part, at, end)
        if found < 0:
            return None
        values.append(sentence[at:found])
        at = found + len(part)
    values.append(sentence[at:end])
    return values


@cache
def _says_much(parts: tuple[str, ...]) -> bool:
    """Whether a message is known by what it says, whatever its values are; a count with its noun is not."""
    if len(parts) == 2 and not parts[0] and _NOUN.fullmatch(parts[1]):
        return False
    return len("".join(parts)) >= _TELLING or any(map(_CLAUSE.search, parts))


def _is_told(value: str, known: dict[str, str]) -> bool:
    """Whether a value of a message that says little is a word, something quoted or a message of its own."""
    return not _SPACE.search(value) or value in known or (value[0] in "'\"" and value[-1] == value[0])


def _in_clauses(sentence: str) -> str:
    """Return a sentence that is put together of a place, what is wrong there and what helps, each in its language."""
    for seam, shown in _SEAMS.items() if len(sentence) <= _LONGEST else ():
        head, found, tail = sentence.partition(seam)
        told = translated(tail) if " " in tail else tail
        if found and told != tail:
            return f"{translated(head) if ' ' in head else head}{shown}{told}"
    return sentence


def _filled(message: str, values: list[str]) -> str:
    told = [translated(value) if " " in value else value for value in values]
    return _PLACEHOLDER.sub(lambda place: told[int(place[1])], message)


@cache
def _messages(name: str) -> dict[str, str]:
    """Return the catalog of a language: what is translated, by its English."""
    from babel.messages.pofile import read_po

    path = CATALOGS / _CATALOG[name] / "LC_MESSAGES" / "scfcost.po"
    with path.open("rb") as stream:
        catalog = read_po(stream)
    pairs = ((_first(one.id), _first(one.string)) for one in catalog if one.id)
    return {message: translated for message, translated in pairs if translated}


def _first(text: str | list[str] | tuple[str, ...] | None) -> str:
    return text if isinstance(text, str) else text[0] if text else ""


@cache
def _patterns(name: str) -> list[tuple[list[str], str]]:
    """Return the messages that hold numbered values, what says most first: what stands around the values, and theirs.

    The values of a message stand in the order of its English, so that their places there need no names.
    """
    found = [(_PLACEHOLDER.split(one)[::2], told) for one, told in _messages(name).items() if _PLACEHOLDER.search(one)]
    return sorted(found, key=lambda pair: -sum(map(len, pair[0])))
