"""Logs that tell when a WebSocket opened and not when it closed: they say what to do instead."""

from __future__ import annotations

import re

from scfcost.trace.formats.base import PAIR, Format, Kind, Knows
from scfcost.trace.formats.lines import no_line


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
    'at the top of the handler of websocket.New write `id := uuid.NewString(); log.Printf("ws open %s", id); defer '
    f'log.Printf("ws close %s", id)`: {PAIR}',
)
PHOENIX = _refused(
    "phoenix",
    "log of Phoenix",
    r".*\[info\] +(?:CONNECTED TO|REFUSED CONNECTION TO|JOINED) ",
    "Phoenix tells when a socket connected, but not when it closed",
    'in the channel write `Process.flag(:trap_exit, true); Logger.info("ws open #{inspect(socket.transport_pid)}")` '
    "in join/3 and the same with close in terminate/2, and in the configuration `config :logger, "
    f':default_formatter, format: "$date $time [$level] $message\\n"`: {PAIR}',
)
