"""Which fields or words of an unknown log tell openings and closes, and what joins them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from scfcost.trace.formats.guesses import CLOCKS, FORMS, IDENTITY, Columns, bare, has_no_year, told

_BEGIN = r"(?:(?<![A-Za-z])|(?<=[a-z])(?=[A-Z]))"
_END = r"(?![a-z])(?<![A-Z](?=[A-Z]))"
"""Edges of a word, also of one within wsConnected or ws_connected."""
OPENS = (
    rf"{_BEGIN}(?i:connect(?:ed|ion ?(?:started|opened|accepted|established|created|from))?"
    r"|new (?:\w+ ){0,2}connection|new \w*session|open(?:ed)?|join(?:ed)?|accepted|established|registered|subscribed"
    rf"|upgraded|channel_?active){_END}|连接|建立|打开|上线|加入|接入"
)
CLOSES = (
    rf"{_BEGIN}(?i:disconnect(?:ed|ion)?|connection ?(?:ended|closed|aborted|lost|terminated)|closed?|closing|left"
    r"|leave|unregistered|unsubscribed|aborted|terminate[ds]?|lost|finished|ended|gone|channel_?inactive)"
    rf"{_END}|断开|断连|关闭|下线|离开|退出"
)
_STRONG = re.compile(r"(?i)connect|open|连接|打开")
"""Words of an opening that say so before all others: whoever joins or subscribes may have connected before."""
UP = r"(?i:\b(?:received?|recv|inbound|incoming|in)\b|\bfrom client)|收到|接收"
DOWN = r"(?i:\b(?:sent|send|sending|outbound|outgoing|out|pushed|broadcast|emit(?:ted)?)\b|\bto client)|发送|推送"
"""Which way a message went, as the server says it."""
MESSAGES = (
    r"\b(?:messages?|msg|received?|sent|sending|publish(?:ed)?|data|frames?|in|out|inbound|outbound)\b|消息|发送|收到"
)
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
_APART = 0.5
"""Openings of a key of their own, at least. [1]"""
_MOST_WORDS = 40
"""A field of more values names no events. [1]"""
_LABEL = r"\b(?:connection|conn|socket|session|ws|client|sid|uid|cid|wid|fd|user|peer|id)"
_VERB = r"\b(?:session|socket|connection|client|user) (?:opened|closed|\w*connected|established|joined|left)"
_KEYS = (
    _LABEL + r"(?:[ _-]?id)?[\"']?[=:#] ?[\"']?(?P<key>[\w.:-]*\d[\w.:-]*)",
    r"\b(?:connection|conn|socket|session|client|user)[ _-]?id[=:#] ?[\"']?(?P<key>\w[\w.:=-]*)",
    _LABEL + r"(?:[ _-]?id)? [\"'(<\[#]?(?P<key>[\w.:-]*\d[\w.:-]*)",
    _VERB + r"[:=]? [\"'(<\[#]?(?P<key>[\w.:-]*\d[\w.:-]*)",
    r"<(?P<key>\d+\.\d+\.\d+)>",
    r"\b(?:open(?:ed)?|closed?|connected|disconnected|connect|disconnect)[:=]? (?P<key>[\w-]*\d[\w-]*|[\w-]{8,})\s*$",
    r"(?P<key>\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12})",
    r"(?P<key>\d+\.\d+\.\d+\.\d+:\d+)",
    r"(?P<key>\b[0-9a-f]{8,}\b)",
    r"\[(?P<key>[\w-]*\d[\w-]*)\]",
    r"#(?P<key>\d+)",
    _LABEL + r"(?:[ _-]?id)?[=:#]? ?[\"'(<\[]?(?P<key>\w[\w.-]*)",
)
"""How lines of text name a connection, the surest first."""


@dataclass(frozen=True, slots=True)
class Events:
    """A field that tells events, their values, and the field that joins them."""

    event: str
    values: Mapping[str, Sequence[str]]
    """Values by what they mean: open, close, message, message_up, message_down."""
    key: str


@dataclass(frozen=True, slots=True)
class Patterns:
    """Patterns of lines of text that tell events."""

    told: Mapping[str, str]
    """Regular expressions by what they mean: open, close, message_up, message_down."""
    time: str
    """Unit or form of their times."""
    shared: bool = False
    """Whether they name no connection, so that the first opened is taken as the first closed."""


def events_of(columns: Columns) -> Events | None:
    """Return what tells openings and closes in a table, None where no field does."""
    for name, values in columns.items():
        words = dict.fromkeys(told(values))
        if not 2 <= len(words) <= _MOST_WORDS or any(re.search(r"\s.*\d|\d.*\s", word) for word in words):
            continue  # sentences with numbers in them are no names of events
        kinds = ("open", "close", "message_up", "message_down", "message")
        meant = {kind: [word for word in words if meaning_of(word) == kind] for kind in kinds}
        for first in sorted(meant["open"], key=_is_weak) if meant["close"] else ():
            if key := _key(columns, name, {**meant, "open": [first]}):
                meant["open"] = [first, *_of_others(columns, (name, key), first, meant["open"])]
                return Events(name, {meaning: found for meaning, found in meant.items() if found}, key)
    return None


def _is_weak(word: str) -> bool:
    return _STRONG.search(word) is None


def _of_others(columns: Columns, fields: tuple[str, str], first: str, words: Sequence[str]) -> list[str]:
    """Return the words that open other connections than the first does: the rest are later steps of the same."""
    event, key = fields
    keys = {word: {columns[key][row] for row, found in enumerate(columns[event]) if found == word} for word in words}
    return [word for word in words if word != first and 2 * len(keys[word] & keys[first]) < len(keys[word])]


def meaning_of(word: str) -> str | None:
    """Return what a value of an event tells, None where it is none of a connection.

    Examples
    --------
    >>> [meaning_of(one) for one in ("ConnectionStarted", "ws.disconnect", "OPEN", "message_in", "frame", "typing")]
    ['open', 'close', 'open', 'message_up', 'message', None]
    """
    text = re.sub(r"(?<=[a-z])(?=[A-Z])|[^A-Za-z0-9]+", " ", word).lower()
    for meaning, pattern in (("close", CLOSES), ("open", OPENS), ("message", MESSAGES)):
        if re.search(pattern, text):
            return meaning + _way_of(text) if meaning == "message" else meaning
    return None


def _way_of(text: str) -> str:
    up, down = re.search(UP, text) is not None, re.search(DOWN, text) is not None
    return "" if up == down else "_up" if up else "_down"


def _key(columns: Columns, event: str, meant: Mapping[str, Sequence[str]]) -> str | None:
    """Return the field that most openings share with a close."""
    rows = list(enumerate(columns[event]))
    opens = [row for row, word in rows if word in meant["open"]]
    closes = [row for row, word in rows if word in meant["close"]]
    best, most = None, 0.0
    for name, values in columns.items():
        if name == event:
            continue
        opened, closed = ({values[row] for row in some if values[row] not in ("", "-")} for some in (opens, closes))
        apart = len(opened) / len(opens)
        if apart <= _APART and len(opens) > 1:
            continue  # a word that all openings share joins nothing
        share = len(opened & closed) / max(len(opened), 1) * apart + (0.5 if re.search(IDENTITY, bare(name)) else 0)
        if opened & closed and share > most:
            best, most = name, share
    return best


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
    best: tuple[int, str] | None = None
    for key in _KEYS:
        shared = {found["key"] for found in _found(key, opens)} & {found["key"] for found in _found(key, closes)}
        if len(shared) > (best[0] if best else 0):
            best = (len(shared), key)
    if best is None:
        return _without_key(opens, closes)
    key = best[1]
    ordered = sorted(opens, key=_is_weak)
    made = next((made for one in ordered for other in closes if (made := _patterns(key, one, other))), None)
    events = {*opens, *closes}
    if made is None:
        return None
    told, time = made
    return Patterns({**_messages(key, [one for one in lines if one not in events]), **told}, time)


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
    return Patterns(told, time[1], shared=True)


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
    named, word, at = re.search(key, line, re.IGNORECASE), re.search(words, line), re.search(time, line)
    if named is None or word is None or at is None:
        raise ValueError(line)
    overlap = word.start() < named.end() and named.start() < word.end()  # the word stands within what names the key
    first = min(named.start(), word.start()) if overlap else named.start()
    shape = re.search(r"\(\?P<key>(?:[^()]|\\.)*\)", key)
    label = literal(line, first, named.start("key"), ends=False)
    pieces = [(at.start(), f"(?P<time>{time})"), (first, label + (shape[0] if shape else r"(?P<key>\S+)"))]
    if not overlap:
        pieces.append((word.start(), literal(line, word.start(), word.end())))
    return ".*?".join(piece for _, piece in sorted(pieces))


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
