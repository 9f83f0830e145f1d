"""A mapping for a log that nobody knows: looked at, guessed by names and values, and written down to be corrected."""

from __future__ import annotations

from collections.abc import Sequence

from scfcost.core.durations import length_ms
from scfcost.core.errors import TraceError
from scfcost.trace.formats.base import Original, refused
from scfcost.trace.formats.first_rows import Table, table_of
from scfcost.trace.formats.guesses import CLOCKS, FORMS, Columns, Guess, find, form_of, life, rest, told
from scfcost.trace.formats.handshakes import FLOWS
from scfcost.trace.formats.length_guesses import lives_of_text
from scfcost.trace.formats.mapping import TEXT, W3C
from scfcost.trace.formats.pair_guesses import events_of
from scfcost.trace.formats.suggested import text_of_lines, text_of_lives, text_of_pairs, text_of_patterns
from scfcost.trace.formats.text_guesses import lines_of_text

_INSTANT = r"^(?:time|timestamp|ts|@timestamp|date|datetime|event_?time|time_?generated|at|created_?at|logged_?at)$"


_HANDSHAKE_MS = 1_000
"""Hardly a handshake takes so long. [ms]"""


def suggestion(original: Original) -> str:
    """Return a mapping for a log, as the text of a TOML file.

    Raises
    ------
    TraceError
        If nothing of it looks like the life of a connection; it says what the log holds.
    """
    table = table_of(original)
    for kind in FLOWS.kinds(table.lines):
        if any(map(kind.is_line, table.lines)):
            raise refused(original.name, kind.refusal)
    if table.kind == TEXT:
        text = _of_text(original.name, table.lines)
        if text is None:
            raise TraceError(_nothing(original.name, "no two lines tell an opening and a close of one key", table))
        return text
    events = events_of(table.columns)
    if events is not None and (time := _time(table.columns)):
        return text_of_pairs(original.name, table, events, time)
    guess = Guess()
    if not life(table.columns, guess):
        if table.lines and (text := _of_text(original.name, table.lines)):
            return text
        raise TraceError(_nothing(original.name, "no two fields tell a start, an end or a length of time", table))
    rest(table.columns, guess)
    if _are_handshakes(table.columns, guess):
        raise TraceError(_nothing(original.name, "its upgrades take less than a second, as handshakes do", table))
    if table.kind == W3C:
        _as_servers_write(table, guess)
    return text_of_lives(original.name, table, guess)


def _of_text(name: str, lines: Sequence[str]) -> str | None:
    """Return a mapping of lines of text: of pairs with a key, else of whole connections, else of pairs without."""
    patterns = lines_of_text(lines)
    if patterns is not None and patterns.has_key:
        return text_of_patterns(name, patterns)
    if (lives := lives_of_text(lines)) is not None:
        return text_of_lines(name, lives)
    return None if patterns is None else text_of_patterns(name, patterns)


def _are_handshakes(columns: Columns, guess: Guess) -> bool:
    """Whether the rows of upgrades tell how long their handshakes took."""
    (status, upgraded), (length,) = next(iter(guess.only.items()), ("", "")), guess.fields.get("duration", ("",))
    if not status or not length or guess.duration is None:
        return False
    found = [
        f"{value}{guess.duration}"
        for value, code in zip(columns[length], columns[status], strict=True)
        if code == upgraded
    ]
    lengths = [length_ms(one) for one in found]
    return bool(lengths) and all(one is not None and one < _HANDSHAKE_MS for one in lengths)


def _as_servers_write(table: Table, guess: Guess) -> None:
    """Settle what the form of a log fixes: a row is written at its end, and IIS counts in milliseconds."""
    guess.doubts.pop("close_time", None)
    if (
        guess.duration is None
        and guess.fields.get("duration") == ("time-taken",)
        and "sc-win32-status" in table.columns
    ):
        guess.duration = "ms"


def _time(columns: Columns) -> str | None:
    for forms in (FORMS, CLOCKS):
        instants = {name: values for name, values in columns.items() if form_of(values, forms)}
        if instants:
            return find(instants, _INSTANT) or next(iter(instants))
    return None


def _nothing(name: str, why: str, table: Table) -> str:
    shown = ", ".join(f"{field} ({told(values)[0]})" for field, values in table.columns.items() if told(values))
    what = f"its fields are: {shown}" if shown else f"it begins: {' '.join(table.lines[0].split())[:100]}"
    return f"{name}: {why}; {what}. `scfcost formats mapping` shows how to say what a log tells"
