"""Which lines of text of an unknown log tell openings and closes, and what names a connection in them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from scfcost.trace.formats.guesses import CLOCKS, FORMS, has_no_year
from scfcost.trace.formats.pair_guesses import CLOSES, DOWN, OPENS, UP, is_weak, overlap

_WAYS = {"message_up": UP, "message_down": DOWN}
_NOUN = re.compile(r"\b(?:messages?|msgs?|frames?|publish(?:ed)?|payload|bytes?)\b|消息", re.IGNORECASE)
"""What a line of a message speaks of."""
_SIZES = (r".*?(?P<bytes>\d+) ?(?:bytes|B)\b", r".*?\b(?:bytes|size|len|length)[=: ]+(?P<bytes>\d+)")
_WHO = r"(?:web ?socket|ws|connection|client|session|user|peer)"
_BARE = {
    "open": re.compile(rf"(?i)\b(?:new )?{_WHO}(?: {_WHO})? (?:open(?:ed)?|connected|accepted|established|joined)\b"
                       rf"|\bnew {_WHO}(?: {_WHO})?\b|客户端(?:已)?(?:连接|上线)|连接(?:已)?(?:建立|打开)"),
    "close": re.compile(rf"(?i)\b{_WHO}(?: {_WHO})? (?:closed?|disconnected|left|ended|gone|lost)\b"
                        r"|客户端(?:已)?(?:断开|下线)|连接(?:已)?(?:断开|关闭)"),
}  # fmt: skip
"""How a line says that some connection opened or closed, without naming it."""
_ENDS = r"[\"')>\]]?(?: from \S+)?\s*$"
_BARE_OPENING = re.compile(r"(?i)\bconnection[:=#]? [\"'(<\[#]?[\w.:-]*\d[\w.:-]*" + _ENDS)
"""How a line tells an opening with no word of it, where no line has one: `connection` and an id, and no more."""
_LABEL = r"\b(?:connection|conn|socket|session|ws|client|sid|uid|cid|wid|fd|user|peer|id)"
_VERB = r"\b(?:session|socket|connection|client|user) (?:opened|closed|\w*connected|established|joined|left)"
_KEYS = (
    _LABEL + r"(?:[ _-]?id)?[\"']?[=:#] ?[\"']?(?P<key>[\w.:-]*\d[\w.:-]*)",
    r"\b(?:connection|conn|socket|session|client|user)[ _-]?id[=:#] ?[\"']?(?P<key>\w[\w.:=-]*)",
    _LABEL + r"(?:[ _-]?id)?!? [\"'(<\[#]?(?P<key>[\w.:-]*\d[\w.:-]*)",
    _VERB + r"[:=]? [\"'(<\[#]?(?P<key>[\w.:-]*\d[\w.:-]*)",
    r"<(?P<key>\d+\.\d+\.\d+)>",
    r"\b(?:open(?:ed)?|closed?|connected|disconnected|connect|disconnect)[:=]? (?P<key>[\w-]*\d[\w-]*|[\w-]{8,})\s*$",
    r"(?P<key>\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12})",
    r"(?P<key>\d+\.\d+\.\d+\.\d+:\d+)",
    r"\b(?:dis)?connect(?:ed|ion)?(?:[ _-]?id)?[:=#]? [\"'(<\[#]?(?P<key>[\w.:-]*\d[\w.:-]*)",
    r"(?P<key>\b0?x?[0-9a-f]{8,}\b)",
    r"\[(?P<key>[\w-]*\d[\w-]*)\]",
    r"#(?P<key>\d+)",
    _LABEL + r"(?:[ _-]?id)?[=:#]? ?[\"'(<\[]?(?P<key>\w[\w.-]*)",
)
"""How lines of text name a connection, the surest first."""


@dataclass(frozen=True, slots=True)
class Patterns:
    """Patterns of lines of text that tell events."""

    told: Mapping[str, str]
    """Regular expressions by what they mean: open, close, message_up, message_down."""
    time: str
    """Unit or form of their times."""
    shared: bool = False
    """Whether several connections have one key at a time, so that the first opened is taken as the first closed."""
    has_key: bool = True
    """Whether they name a connection at all."""


def time_of(line: str) -> tuple[str, str] | None:
    """Return the pattern and the form of the instant of a line: the first that names its year, else the first."""
    for forms in (FORMS, CLOCKS):
        found = []
        for pattern, form in forms:
            match = re.search(rf"(?<![\d.])(?<!\d:)(?:{pattern})(?!\d)(?!:\d)(?! ?[AP]M)", line)
            if match:
                found.append((has_no_year(form), match.start(), -match.end(), pattern, form))
        if found:
            return min(found)[3:]
    return None


def lines_of_text(lines: Sequence[str]) -> Patterns | None:
    """Return patterns of openings and closes in lines of text, with a key where they have one; None where none are."""
    closes = [line for line in lines if re.search(CLOSES, line)]
    opens = [line for line in lines if line not in closes and re.search(OPENS, line)]
    opens = opens or [line for line in lines if line not in closes and _BARE_OPENING.search(line)]
    best: tuple[int, str] | None = None
    for key in _KEYS:
        shared = {found["key"] for found in _found(key, opens)} & {found["key"] for found in _found(key, closes)}
        if len(shared) > (best[0] if best else 0):
            best = (len(shared), key)
    if best is None:
        return _without_key(opens, closes)
    key = best[1]
    ordered, ends = sorted(opens, key=is_weak), sorted(closes, key=is_weak)
    made = next((made for one in ordered for other in ends if (made := _patterns(key, one, other))), None)
    events = {*opens, *closes}
    if made is None:
        return None
    told, time = made
    return Patterns(
        {**_messages(key, [one for one in lines if one not in events]), **told}, time, overlap(_steps(lines, told))
    )


def _without_key(opens: Sequence[str], closes: Sequence[str]) -> Patterns | None:
    """Return patterns of openings and closes that say of a connection no more than that it is one."""
    said = [next(((one, bare[0]) for one in some if (bare := _BARE[what].search(one))), None)
            for what, some in (("open", opens), ("close", closes))]  # fmt: skip
    opening, closing = said
    time = None if opening is None else time_of(opening[0])
    if opening is None or closing is None or time is None or time_of(closing[0]) is None:
        return None
    told = {what: f"(?P<time>{time[0]}).*?{re.escape(words).replace(chr(92) + ' ', ' ')}"
            for what, (_, words) in (("open", opening), ("close", closing))}  # fmt: skip
    return Patterns(told, time[1], shared=True, has_key=False)


def _messages(key: str, lines: Sequence[str]) -> dict[str, str]:
    """Return patterns of messages of either way, with their bytes where a line tells them behind its word."""
    found: dict[str, str] = {}
    for line in lines:
        ways = [way for way, words in _WAYS.items() if re.search(words, line, re.IGNORECASE)]
        named, time = re.search(key, line, re.IGNORECASE), time_of(line)
        if len(ways) != 1 or ways[0] in found or named is None or time is None or not _NOUN.search(line):
            continue
        pattern = _pattern(key, time[0], line, _WAYS[ways[0]])
        size = next((one for one in _SIZES if re.search(pattern + one, line)), "")
        found[ways[0]] = pattern + size
    return found


def _found(key: str, lines: Sequence[str]) -> Iterator[re.Match[str]]:
    yield from (found for line in lines if (found := re.search(key, line, re.IGNORECASE)))


def _patterns(key: str, opening: str, closing: str) -> tuple[dict[str, str], str] | None:
    keys = [found["key"] for found in _found(key, (opening, closing))]
    time = time_of(opening)
    if time is None or time_of(closing) is None or len(keys) < len((opening, closing)) or keys[0] != keys[1]:
        return None
    shown = {"open": _pattern(key, time[0], opening, OPENS), "close": _pattern(key, time[0], closing, CLOSES)}
    return shown, time[1]


def _pattern(key: str, time: str, line: str, words: str) -> str:
    """Return a pattern of lines as this one: its time, its key and its word, in their order."""
    named, at = re.search(key, line, re.IGNORECASE), re.search(time, line)
    says = re.search(words, line)
    word = says or _BARE_OPENING.search(line)
    if named is None or word is None or at is None:
        raise ValueError(line)
    overlap = word.start() < named.end() and named.start() < word.end()  # the word stands within what names the key
    first = min(named.start(), word.start()) if overlap else named.start()
    shape = re.search(r"\(\?P<key>(?:[^()]|\\.)*\)", key)
    label = literal(line, first, named.start("key"), ends=False)
    pieces = [(at.start(), f"(?P<time>{time})"), (first, label + (shape[0] if shape else r"(?P<key>\S+)"))]
    if not overlap:
        pieces.append((word.start(), literal(line, word.start(), word.end())))
    return ".*?".join(piece for _, piece in sorted(pieces)) + ("" if says else _ENDS)


def literal(line: str, start: int, end: int, *, ends: bool = True) -> str:
    r"""Return a pattern of a part of a line, with the edges of its words where it has them.

    Parameters
    ----------
    line : str
        The line.
    start, end : int
        Where the part begins and ends.
    ends : bool, optional
        Whether its end is an edge, too.

    Examples
    --------
    >>> literal("ws closed: 7", 3, 9), literal("ws_closed: 7", 3, 11, ends=False)
    ('\\bclosed\\b', '(?<![A-Za-z])closed: ')
    """
    text = re.escape(line[start:end]).replace("\\ ", " ")
    if line[start:end][:1].isascii() and line[start : start + 1].isalpha():
        before = line[start - 1 : start]
        text = ("" if before.isalpha() else r"(?<![A-Za-z])" if re.match(r"\w", before) else r"\b") + text
    if ends and line[end - 1 : end].isascii() and line[end - 1 : end].isalpha():
        after = line[end : end + 1]
        text += "" if after.isalpha() else "(?![A-Za-z])" if re.match(r"\w", after) else r"\b"
    return text


def _steps(lines: Sequence[str], told: Mapping[str, str]) -> Iterator[tuple[str, int]]:
    """Yield the key of each line that opens, with 1, and of each that closes, with -1."""
    for line in lines:
        if found := re.search(told["close"], line):
            yield found["key"], -1
        elif found := re.search(told["open"], line):
            yield found["key"], 1
