"""Logs that tell when a WebSocket opened and not when it closed: they say what to do instead."""

from __future__ import annotations

import re

from scfcost.trace.formats.base import Format, Kind, Knows
from scfcost.trace.formats.lines import no_line

_PAIR = "a line each with the time and the same key, and pair both (`scfcost formats mapping`), or log at the proxy"


def _refused(name: str, title: str, line: str, why: str, way: str) -> Format:
    """Return a format whose lines tell no end."""
    pattern = re.compile(line)
    return Format(
        name=name,
        title=f"{title}: cannot be used, and says what to do instead",
        kinds=lambda _: (Kind(lambda text: pattern.match(text) is not None, refusal=f"{why}; {way}"),),
        knows=Knows(),
        advice=way,
        convert=no_line,
    )


_COLOUR = r"(?:\x1b\[[\d;]*m)*"
FIBER = _refused(
    "fiber",
    "log of Fiber, a framework of Go",
    rf"\s*\[?(?:[\d/-]+ )?\d\d:\d\d:\d\d\]? (?:\||-)\s*{_COLOUR}\s*\d{{3}}\s*{_COLOUR}\s*(?:\||-)\s*"
    r"[\d.]+ ?(?:ns|µs|us|ms|s)\b",
    "Fiber writes the line of a WebSocket at its handshake, and names no day, so how long it lived is not in the log",
    f"in the handler of websocket.New log its begin and, by `defer`, its end: {_PAIR} in front of it",
)
PHOENIX = _refused(
    "phoenix",
    "log of Phoenix",
    r".*\[info\] +(?:CONNECTED TO|REFUSED CONNECTION TO|JOINED) ",
    "Phoenix tells when a socket connected, but not when it closed",
    "in the channel log join/3 and terminate/2 (with Process.flag(:trap_exit, true)), keyed by "
    f"inspect(socket.transport_pid), with the day in the logger's format: {_PAIR} in front of it",
)
