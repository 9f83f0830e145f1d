"""One unwrapping for all readers: whatever containers, shippers and log services put around a server's line.

A line is looked for wherever it may stand: behind the words of a prefix (docker compose, kubectl, syslog, journald,
CloudWatch's tail), within the values of an object of JSON (docker, filebeat, fluentd, Loki, CLS), within objects in
texts in objects. The innermost that the reader knows is the line; no wrapper needs to be known by its name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from scfcost.core.guard import parse_json
from scfcost.trace.formats.base import Original
from scfcost.trace.formats.sample import records_of

DEEPEST = 8
"""Layers that are looked into. [1]"""
_WORDS = 14
"""Words of a prefix, at most. [1]"""
_SHORTEST = 8
"""No line of a server is shorter. [1]"""
_COLOUR = re.compile(r"\x1b\[[\d;]*m")
"""What terminals are told of colours."""
_LABEL = re.compile(r"[A-Za-z_][\w.-]*")
_FIRST_LABEL = re.compile(r"(?:^|[\s|])(?=[A-Za-z_][\w.-]*:\S)")
"""Where the first label of a line stands, whatever is before it."""
_FEWEST_LABELS = 3
"""Values of a line of labelled ones. [1]"""
_BREAK = re.compile(r"[ \t|]+")


@lru_cache(maxsize=4096)
def parsed(text: str) -> Any:
    """Return what a text is as JSON, an object or an array; None where it is neither."""
    if text.lstrip()[:1] not in ("{", "["):
        return None
    try:
        value = parse_json(text)
    except ValueError:
        return None
    return value if isinstance(value, dict | list) else None


def object_in(text: str) -> dict[str, Any] | None:
    """Return the object of JSON that a line ends with, whatever stands before it."""
    brace = text.find("{")
    value = parsed(text[brace:]) if brace >= 0 else None
    return value if isinstance(value, dict) else None


def within(text: str) -> Iterator[str]:
    """Yield the texts that stand one layer within a text: behind its first words, or the values of its JSON."""
    value = parsed(text)
    if value is None:
        if (plain := _COLOUR.sub("", text)) != text:
            yield plain
            text = plain
        starts = [found.end() for found, _ in zip(_BREAK.finditer(text), range(_WORDS), strict=False)]
        yield from (text[start:] for start in starts if len(text) - start >= _SHORTEST)
        if "\t" in text and (labelled := _of_labels(text)):
            yield labelled
        brace = text.find("{")
        if brace >= 0 and (inner := _object_at(text, brace)):
            yield inner
        elif '"=>' in text and (found := _of_ruby(text)):
            yield found
        return
    for part in map(_as_text, value.values() if isinstance(value, dict) else value):
        if isinstance(part, dict | list):
            yield json.dumps(part, ensure_ascii=False)
        elif isinstance(part, str):
            yield from (line for line in part.splitlines() if len(line) >= _SHORTEST)


def _object_at(text: str, brace: int) -> str:
    """Return the object of JSON that begins at a place of a text, whatever stands behind it; "" where there is none."""
    try:
        value, end = json.JSONDecoder().raw_decode(text, brace)
    except ValueError:
        return ""
    return text[brace:end] if isinstance(value, dict) and value else ""


def _of_ruby(text: str) -> str:
    """Return the record of a line as Fluent Bit writes it to its own output, as JSON; "" where there is none."""
    start = text.find('{"')
    try:
        value, _ = json.JSONDecoder().raw_decode(text[start:].replace('"=>', '":'))
    except ValueError:
        return ""
    return json.dumps(value, ensure_ascii=False)


def _of_labels(text: str) -> str:
    """Return a line of labelled values between tabs (LTSV) as JSON; "" where it is none."""
    parts = text.split("\t")
    while parts and (first := _FIRST_LABEL.search(parts[0])) is None:
        parts.pop(0)  # a prefix may end with a tab, too
    if not parts:
        return ""
    cells = [cell.partition(":") for cell in "\t".join(parts)[first.end() if first else 0 :].strip().split("\t")]
    if len(cells) < _FEWEST_LABELS or not all(colon and _LABEL.fullmatch(label) for label, colon, _ in cells):
        return ""
    return json.dumps({label: value for label, _, value in cells}, ensure_ascii=False)


def _as_text(part: Any) -> Any:
    """Return a list of bytes as the text that it is: so journald writes what holds control characters."""
    if (
        isinstance(part, list)
        and len(part) >= _SHORTEST
        and all(isinstance(one, int) and 0 <= one < 256 for one in part)
    ):
        return bytes(part).decode("utf-8", errors="replace")
    return part


def lines_in(text: str, is_line: Callable[[str], bool], depth: int = DEEPEST) -> list[str]:
    """Return the server's lines that stand in a text, at whatever depth; none where it holds none.

    Parameters
    ----------
    text : str
        A record of a file.
    is_line : callable
        Whether a text is a line of the server.
    depth : int, optional
        How many wrappings are opened, at most. [1]

    Examples
    --------
    >>> lines_in('web-1  | {"log": "[pod/web] GET /ws 101"}', lambda text: text.startswith("GET"))
    ['GET /ws 101']
    """
    if is_line(text):
        return [text]
    if depth == 0:
        return []
    if parsed(text) is not None:
        return [line for part in within(text) for line in lines_in(part, is_line, depth - 1)]
    for part in within(text):
        deeper = depth - 1 if parsed(part) is not None else 0
        if found := lines_in(part, is_line, deeper):
            return found
    return []


def unwrap(original: Original, shape: str, is_line: Callable[[str], bool], folder: Path) -> Original:
    """Write the server's lines of a file to another, one a line; what is no line of it stays as it is.

    Parameters
    ----------
    original : Original
        The file.
    shape : str
        What it is, see `sample`.
    is_line : callable
        Whether a text is a line of the server.
    folder : Path
        Where the other file goes.
    """
    path = folder / f"unwrapped-{len(list(folder.glob('unwrapped-*')))}"
    words = 0
    with path.open("w", encoding="utf-8", errors="replace", newline="\n") as out:
        for text in records_of(original, shape):
            behind = _behind(text, words)
            if behind and is_line(behind):  # most lines stand behind as many words as the line before
                out.write(behind + "\n")
                continue
            found = lines_in(text, is_line)
            words = _words_before(text, found[0]) if found else 0
            for line in found or [_said_in(text)]:
                out.write(" ".join(line.splitlines()) + "\n")
    return Original(path, original.name)


def _said_in(text: str) -> str:
    """Return the longest text in an object of JSON that holds no line of the server, so that it is judged by that."""
    value = parsed(text)
    return max(within(text), key=len, default=text) if isinstance(value, dict) else text


def _behind(text: str, words: int) -> str:
    """Return what stands behind so many words of a text; "" for none."""
    place = 0
    for _ in range(words):
        found = _BREAK.search(text, place)
        if found is None:
            return ""
        place = found.end()
    return text[place:] if place else ""


def _words_before(text: str, line: str) -> int:
    """Return behind how many words of a text a line stands; 0 where it stands within something else."""
    start = len(text) - len(line)
    return sum(found.end() <= start for found in _BREAK.finditer(text)) if text.endswith(line) else 0
