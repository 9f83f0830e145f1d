"""Which fields or words of an unknown log tell openings and closes, and what joins them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from scfcost.trace.formats.guesses import IDENTITY, Columns, bare, told

_BEGIN = r"(?:(?<![A-Za-z])|(?<=[a-z])(?=[A-Z]))"
_END = r"(?![a-z])(?<![A-Z](?=[A-Z]))"
"""Edges of a word, also of one within wsConnected or ws_connected."""
OPENS = (
    rf"{_BEGIN}(?i:connect(?:ed|ion ?(?:started|opened|accepted|established|created|from))?"
    r"|new (?:\w+ ){0,2}connection|new \w*session|open(?:ed)?|join(?:ed)?|accepted|established|register(?:ed)?"
    rf"|subscribed|upgraded|channel_?active){_END}|连接|建立|打开|上线|加入|接入"
)
CLOSES = (
    rf"{_BEGIN}(?i:disconnect(?:ed|ion)?|connection ?(?:ended|closed|aborted|lost|terminated)|closed?|closing|left"
    r"|leave|unregister(?:ed)?|unsubscribed|aborted|terminate[ds]?|lost|finished|ended|gone|channel_?inactive)"
    rf"{_END}|断开|断连|关闭|下线|离开|退出"
)
_STRONG = re.compile(r"(?i)connect|open|clos|连接|打开|断开|关闭")
"""Words that say so before all others: whoever joins or leaves may have connected before, and stay so."""
UP = r"(?i:\b(?:received?|recv|inbound|incoming|in)\b|\bfrom client)|收到|接收"
DOWN = r"(?i:\b(?:sent|send|sending|outbound|outgoing|out|pushed|broadcast|emit(?:ted)?)\b|\bto client)|发送|推送"
"""Which way a message went, as the server says it."""
MESSAGES = (
    r"\b(?:messages?|msg|received?|sent|sending|publish(?:ed)?|data|frames?|in|out|inbound|outbound)\b|消息|发送|收到"
)
_APART = 0.5
"""Openings of a key of their own, at least. [1]"""
_MOST_WORDS = 40
"""A field of more values names no events. [1]"""


@dataclass(frozen=True, slots=True)
class Events:
    """A field that tells events, their values, and the field that joins them."""

    event: str
    values: Mapping[str, Sequence[str]]
    """Values by what they mean: open, close, message, message_up, message_down."""
    key: str
    shared: bool = False
    """Whether several connections have one key at a time."""


def events_of(columns: Columns) -> Events | None:
    """Return what tells openings and closes in a table, None where no field does."""
    for name, values in columns.items():
        words = dict.fromkeys(told(values))
        if not 2 <= len(words) <= _MOST_WORDS or any(re.search(r"\s.*\d|\d.*\s", word) for word in words):
            continue  # sentences with numbers in them are no names of events
        kinds = ("open", "close", "message_up", "message_down", "message")
        meant = {kind: [word for word in words if meaning_of(word) == kind] for kind in kinds}
        for first in sorted(meant["open"], key=is_weak) if meant["close"] else ():
            if key := _key(columns, name, {**meant, "open": [first]}):
                meant["open"] = [first, *_of_others(columns, (name, key), first, meant["open"])]
                last = min(meant["close"], key=is_weak)
                meant["close"] = [last, *_of_others(columns, (name, key), last, meant["close"])]
                told_keys = zip(columns[key], (_step(word, meant) for word in columns[name]), strict=True)
                found = {meaning: words for meaning, words in meant.items() if words}
                return Events(name, found, key, shared=overlap(told_keys))
    return None


def _step(word: str, meant: Mapping[str, Sequence[str]]) -> int:
    return (word in meant["open"]) - (word in meant["close"])


def overlap(steps: Iterable[tuple[str, int]]) -> bool:
    """Whether several connections of one key are open at a time, each of which closes: steps of 1 open, of -1 close."""
    depth: dict[str, list[int]] = {}
    for key, step in steps:
        now, most, least = depth.get(key, [0, 0, 0])
        depth[key] = [now + step, max(most, now + step), min(least, now + step)]
    return any(most > 1 and now == 0 and least == 0 for now, most, least in depth.values())


def is_weak(word: str) -> bool:
    """Whether a word says less than that a connection opened or closed."""
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
