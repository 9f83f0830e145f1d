"""Log of Tornado: the end in local time, and the length with its unit."""

from __future__ import annotations

from scfcost.trace.formats.base import PAIR, Format, Knows
from scfcost.trace.formats.line_log import AT, LineLog
from scfcost.trace.formats.lines import kind_of, no_line
from scfcost.trace.formats.values import named_unit_ms

_COLOUR = r"(?:\x1b\[[\d;]*m)*"
_ADVICE = (
    'in WebSocketHandler log `logging.info("ws open %s", id(self))` in open and `logging.info("ws close %s", '
    f"id(self))` in on_close: {PAIR}"
)
LOG = LineLog(
    pattern=rf"{_COLOUR}\[[IWE] (?P<ended>\d{{6}} \d\d:\d\d:\d\d) [^\]]*\]{_COLOUR} (?P<status>\d{{3}}) "
    r"(?P<method>[A-Z]+) \S+ \((?P<client>[^)]*)\) (?P<lasted>[\d.]+ms)",
    websocket="status = '101'",
    connect_ms=f"{AT} - {named_unit_ms('lasted')}",
    close_ms=AT,
    client="client",
    local_time=("ended", "%y%m%d %H:%M:%S"),
    begins=rf"{_COLOUR}\[[IWE] \d{{6}} [\d:]{{8}} web:\d+\]{_COLOUR} \d{{3}} ",
    notes=(("coarse_times", "TRUE", "connections with ends of whole seconds"),),
    handshake="no connection lives a second: Tornado writes the line of a WebSocket at its handshake, so how long it "
    f"lived is not in the log; {_ADVICE}",
)
FORMAT = Format(
    name="tornado",
    title="log of Tornado",
    kinds=lambda _: (kind_of(LOG, "tornado"),),
    knows=Knows(start=True, end=True, client=True),
    advice=f"Tornado 5 and later write a WebSocket's line at its handshake: {_ADVICE}. Times are local: --tz",
    convert=no_line,
)
