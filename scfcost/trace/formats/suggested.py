"""The text of a suggested mapping: each field with what stands in it, each doubt beside what it is about."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from scfcost.trace.formats.first_rows import Table
from scfcost.trace.formats.guesses import CLOCKS, EITHER, FORMS, ROLES, Guess, bare, find, form_of, has_no_year, told
from scfcost.trace.formats.length_guesses import Lines
from scfcost.trace.formats.mapping import DELIMITED, ISO, W3C
from scfcost.trace.formats.pair_guesses import Events
from scfcost.trace.formats.text_guesses import Patterns

UNITS = "s|ms|us|ns|min|h"
"""Stands where nothing tells a unit: whoever corrects the mapping leaves one of them."""


def text_of_lives(name: str, table: Table, guess: Guess) -> str:
    """Return the mapping of a log whose rows each tell a connection.

    Parameters
    ----------
    name : str
        Name of the file.
    table : Table
        The rows, as a table.
    guess : Guess
        What tells what.
    """
    lines = [*_head(name, table), "[fields]"]
    for role, fields in guess.fields.items():
        lines.append(_field(role, fields, table, guess.doubts.get(role, "")))
    lines += _others(table, {field for fields in guess.fields.values() for field in fields} | set(guess.only))
    units = [] if guess.time == ISO else _timed(guess.time)
    if "duration" in guess.fields:
        units += _lasting(guess.duration, told(table.columns[guess.fields["duration"][0]])[0])
    lines += ["[units]", *units] if units else []
    if guess.only:
        lines += ["[only]  # what the line of a WebSocket has"]
        lines += [f"{_text(field)} = {_text(value)}" for field, value in guess.only.items()]
    return "\n".join(lines) + "\n"


def text_of_pairs(name: str, table: Table, events: Events, time: str) -> str:
    """Return the mapping of a log whose rows each tell an event.

    Parameters
    ----------
    name : str
        Name of the file.
    table : Table
        The rows, as a table.
    events : Events
        Which value of which field is which event.
    time : str
        Field of the instant.
    """
    lines = [*_head(name, table), "[fields]", _field("time", (time,), table, "when the event of a row was")]
    roles = {"client": ROLES["client"], "close_code": ROLES["close_code"], "bytes": r"bytes|size|length"}
    used = {events.event, events.key, time}
    for role, pattern in roles.items():
        found = find(table.columns, pattern, bare(events.key))
        if found and found not in used:
            lines.append(_field(role, (found,), table, ""))
            used.add(found)
    lines += _others(table, used)
    unit = form_of(table.columns[time], (*FORMS, *CLOCKS)) or ISO
    lines += [] if unit == ISO else ["[units]", *_timed(unit)]
    lines += ["[pair]  # rows that each tell one event, joined by a key", f"key = {_text(events.key)}"]
    lines += [_SHARED] if events.shared else []
    lines += [f"{meaning} = {{ {_text(events.event)} = {_values(words)} }}" for meaning, words in events.values.items()]
    return "\n".join([*lines, *_UNCLOSED]) + "\n"


def text_of_patterns(name: str, patterns: Patterns) -> str:
    """Return the mapping of lines of text that each tell an event.

    Parameters
    ----------
    name : str
        Name of the file.
    patterns : Patterns
        Regular expression of each event.
    """
    lines = [_HEADING.format(name=name), 'kind = "text"']
    if patterns.time != ISO:
        lines += ["[units]", *_timed(patterns.time)]
    lines += ["[pair]  # regular expressions: the groups time and key join the lines; also client, bytes, close_code"]
    lines += _NO_KEY if not patterns.has_key else [_SHARED] if patterns.shared else []
    told = [name for name in ("open", "close", "message_up", "message_down") if name in patterns.told]
    lines += [f"{meaning} = '''{patterns.told[meaning]}'''" for meaning in told]
    return "\n".join([*lines, *([] if len(told) > 2 else ["# message_up = '''…'''"]), *_UNCLOSED]) + "\n"


def text_of_lines(name: str, lives: Lines) -> str:
    """Return the mapping of lines of text that each tell a whole connection.

    Parameters
    ----------
    name : str
        Name of the file.
    lives : Lines
        How they tell it.
    """
    roles = [role for role in ("close_time", "duration", "bytes_out") if f"?P<{role}>" in lives.pattern]
    units = [] if lives.time == ISO else _timed(lives.time)
    units += _lasting(lives.duration, lives.example)
    lines = [_HEADING.format(name=name), 'kind = "text"', "# a line that tells a whole connection, taken as its end"]
    lines += [f"pattern = '''{lives.pattern}'''", "[fields]  # groups of the pattern"]
    lines += [f"{role} = {_text(role)}" for role in roles]
    return "\n".join([*lines, *(["[units]", *units] if units else [])]) + "\n"


def _lasting(unit: str | None, example: str) -> list[str]:
    """Return the unit of lengths, to be chosen where nothing tells it; nothing where they name it themselves."""
    if unit == "":
        return []
    note = f"  # {example} {unit}: is it?" if unit else f"  # choose one: is {example} seconds, milliseconds, …?"
    note += "" if unit else " Nothing in the log tells"
    return [f"duration = {_text(unit or UNITS)}{note}"]


def _timed(form: str) -> list[str]:
    """Return the form of times, to be chosen where the day or the month may stand first, and what it lacks."""
    note = "  # leave one: is the day first, or the month? Nothing in the log tells" if EITHER in form else ""
    return [f"time = {_text(form)}{note}", *_since(form)]


def _since(form: str) -> list[str]:
    """Return what is to be said of times of a form that name no year, or no day."""
    if not has_no_year(form):
        return []
    return [_YEAR] if "%d" in form else [_DAY]


_SHARED = "shared = true  # several are open under one key at a time: the first opened counts as the first closed"
_NO_KEY = [
    "key = []  # no connection is named: the first opened counts as the first closed, exact together, not one by one",
    "shared = true  # Where the lines do name a connection: a group (?P<key>…) in both patterns, without these two",
]
_DAY = 'day = "YYYY-MM-DD"  # put the day of the first line here: its times name none'
_YEAR = "year = 0  # put the year of the first line here: its times name none"
_HEADING = (
    "# What {name} seems to tell. Look at each line, correct it, and read the log by it:\n"
    "#   scfcost estimate {name} --from FILE.toml        (every key: scfcost formats mapping)"
)
_UNCLOSED = (
    '# unclosed = "open"      # without a close: "open" when the log ends, ended with its "last line", or "left out"',
    '# unopened = "left out"  # without an opening: "left out", or open from the "start" of the log on',
)


def _head(name: str, table: Table) -> list[str]:
    lines = [_HEADING.format(name=name)]
    if table.kind == W3C:
        lines.append('kind = "w3c"')
    if table.kind == DELIMITED:
        lines += ['kind = "delimited"', f"delimiter = {_text(table.delimiter)}"]
        if not table.has_header:
            lines.append(f"columns = {_values(table.columns)}  # the file has no header: name its columns as you like")
    return lines


def _field(role: str, fields: Sequence[str], table: Table, doubt: str) -> str:
    shown = " ".join((told(table.columns[field]) or ["nothing"])[0] for field in fields)
    return f"{role} = {_values(fields)}  # {_plain(shown)}" + (f"; {doubt}" if doubt else "")


def _others(table: Table, used: set[str]) -> list[str]:
    """Return what else the log holds, as a comment."""
    found = [f"{field} ({_plain(told(values)[0])})" for field, values in table.columns.items()
             if field not in used and told(values)]  # fmt: skip
    return [f"# not read: {', '.join(found[:25])}"] if found else []


def _plain(text: str) -> str:
    shown = " ".join(text.split())
    return shown if len(shown) <= 40 else shown[:39] + "…"


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


def _values(values: Iterable[str]) -> str:
    listed = [_text(value) for value in values]
    return listed[0] if len(listed) == 1 else f"[{', '.join(listed)}]"
