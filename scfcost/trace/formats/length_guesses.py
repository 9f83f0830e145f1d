"""Which lines of an unknown log of text tell a whole connection: when it ended, and how long it had lived."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from scfcost.core.durations import length_ms
from scfcost.trace.formats.guesses import NO_LENGTHS, unit_of
from scfcost.trace.formats.pair_guesses import CLOSES
from scfcost.trace.formats.text_guesses import literal, time_of

_NUMBER = r"\d+(?:\.\d+)?"
_UNIT = r"(?:ns|us|µs|ms|milliseconds?|msecs?|seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h|days?|d)"
_WITH_UNIT = rf"(?:{_NUMBER} ?{_UNIT})+(?![A-Za-z=:])"
_NAMES = (
    r"(?:[\w.]*(?i:duration|latency|elapsed|lasted|lifetime|uptime|(?:session|req(?:uest)?)_?(?:time|length)|took)[\w.]*"
    r"|(?<![\w.])rt)"
)
_LENGTHS = (
    rf"(?P<label>{_NAMES}[\"']?(?:[=:] ?| )[\"']?)(?P<length>{_WITH_UNIT}|{_NUMBER})(?![\w.])",
    rf"(?P<label>\b(?i:after|for|lasted|took|in|duration)[: ] ?)(?P<length>{_WITH_UNIT})",
)
"""How a line tells a length of time, the surest first."""
_UPGRADED = r"(?<![\w.])101(?![\w.])"
_HANDSHAKE_MS = 1_000
"""Hardly a handshake takes so long. [ms]"""
_BARE = r"(?P<label>)(?<!\S)(?P<length>\d{1,5}\.\d{3})(?!\S)(?!.*\s\d+\.\d{3}(?!\S))"
"""The last of the numbers with three decimals, in seconds, as nginx writes them without a name."""
_SENT = (
    r"(?P<bytes_out>\d+) bytes sent",
    r"\b(?:bytes_?(?:sent|out)|sent_?bytes|out|response\.length)[=:] ?(?P<bytes_out>\d+)",
)


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines that each tell a whole connection."""

    pattern: str
    """Regular expression with the groups close_time and duration, and bytes_out where they tell it."""
    time: str
    """Unit or form of their times."""
    duration: str | None
    """Unit of lengths, see `Guess`."""
    example: str
    """A length as it stands."""


def lives_of_text(lines: Sequence[str]) -> Lines | None:
    """Return how lines that tell of a close, or of an upgrade, tell how long a connection lived; None where none do."""
    told = [line for line in lines if (re.search(CLOSES, line) or re.search(_UPGRADED, line)) and time_of(line)]
    for shape in (*_LENGTHS, _BARE):
        found = [(line, length) for line in told if (length := re.search(shape, line)) and not _is_part(line, length)]
        if found:
            return _lines(*found[0], [length["length"] for _, length in found])
    return None


def _is_part(line: str, length: re.Match[str]) -> bool:
    """Whether a length is of a part of a request, or of a handshake alone."""
    if not length["label"]:
        return re.search(_UPGRADED, line) is None or Decimal(length["length"]) * 1_000 < _HANDSHAKE_MS
    lasted = length_ms(length["length"])
    is_handshake = lasted is not None and lasted < _HANDSHAKE_MS and re.search(_UPGRADED, line) is not None
    return is_handshake or re.search(NO_LENGTHS, length["label"].lower()) is not None


def _lines(line: str, length: re.Match[str], values: Sequence[str]) -> Lines | None:
    time, word = time_of(line), re.search(_UPGRADED, line) or re.search(CLOSES, line)
    at = None if time is None else re.search(time[0], line)
    if time is None or word is None or at is None:
        return None
    has_unit = not re.fullmatch(_NUMBER, length["length"])
    lasted = literal(line, length.start("label"), length.end("label"), ends=False)
    lasted += f"(?P<duration>{_WITH_UNIT if has_unit else _NUMBER})"
    if not length["label"]:
        lasted = _BARE.replace("(?P<label>)", "").replace("length", "duration")
    pieces = [(at.start(), f"(?P<close_time>{time[0]})"), (length.start(), lasted)]
    pieces.append((word.start(), _UPGRADED if word[0] == "101" else literal(line, word.start(), word.end())))
    sent = next((found for shape in _SENT if (found := re.search(shape, line))), None)
    if sent is not None:
        size = literal(line, sent.start(), sent.start("bytes_out"), ends=False) + r"(?P<bytes_out>\d+)"
        pieces.append((sent.start(), size + literal(line, sent.end("bytes_out"), sent.end())))
    unit = "" if has_unit else unit_of(re.sub(r"\W+$", "", length["label"]), values)
    return Lines(".*?".join(piece for _, piece in sorted(pieces)), time[1], unit, length["length"])
