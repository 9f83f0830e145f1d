"""The reader's language: English is what the source says, another language is a gettext catalog.

`_` and `ngettext` translate a message where it is made. `translated` is for what was made as English elsewhere: a
sentence of a document (documents are English in every language, and may have been read from a file), a title, an error.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
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
_COUNTED = re.compile(r"\{0\} [a-z -]+")
_TELLING = 14
"""Characters of a message beside its values from which it is known by them, whatever the values hold. [1]"""
_current = [ENGLISH]


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
    known = _messages(language())
    if sentence in known:
        return known[sentence]
    for pattern, message in _patterns(language()):
        if found := pattern.fullmatch(sentence):
            return _filled(message, found.groups())
    return sentence


def _filled(message: str, values: tuple[str, ...]) -> str:
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
def _patterns(name: str) -> list[tuple[re.Pattern[str], str]]:
    """Return the messages that hold numbered values, what says most first."""
    found = [(one, told) for one, told in _messages(name).items() if _PLACEHOLDER.search(one)]
    found.sort(key=lambda pair: -len(_PLACEHOLDER.sub("", pair[0])))
    return [(re.compile(_as_pattern(message), re.DOTALL), told) for message, told in found]


def _as_pattern(message: str) -> str:
    """Return what matches a message with any values in it; where it says little, only with values of one word."""
    parts = _PLACEHOLDER.split(message)
    says_much = len("".join(parts[::2])) >= _TELLING and not _COUNTED.fullmatch(message)
    value = "(.*?)" if says_much else r"(\S*)"
    return "".join(value if k % 2 else re.escape(part) for k, part in enumerate(parts))
