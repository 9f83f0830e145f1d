"""Log of Gin, a framework of Go: the end in local time, and the length with its unit."""

from __future__ import annotations

from scfcost.trace.formats.base import Format, Knows
from scfcost.trace.formats.line_log import AT, LineLog
from scfcost.trace.formats.lines import kind_of, no_line
from scfcost.trace.formats.values import named_unit_ms

_COLOUR = r"(?:\x1b\[[\d;]*m)*"
LOG = LineLog(
    pattern=rf"\[GIN\] (?P<ended>\d{{4}}/\d\d/\d\d - \d\d:\d\d:\d\d) \|{_COLOUR}\s*(?P<status>\d{{3}})\s*{_COLOUR}\|"
    rf"{_COLOUR}\s*(?P<lasted>[0-9][^| ]*)\s*{_COLOUR}\|\s*(?P<client>\S+)\s*\|",
    websocket="status = '101'",
    connect_ms=f"{AT} - {named_unit_ms('lasted')}",
    close_ms=AT,
    client="client",
    local_time=("ended", "%Y/%m/%d - %H:%M:%S"),
    begins=r"\[GIN\] \d",
    notes=(("coarse_times", "TRUE", "connections with ends of whole seconds"),),
)
FORMAT = Format(
    name="gin",
    title="log of Gin, a framework of Go",
    kinds=lambda _: (kind_of(LOG, "gin"),),
    knows=Knows(start=True, end=True, client=True),
    advice="gin.Logger() tells ends and lengths, and no bytes. Times are local: name the zone with --tz",
    convert=no_line,
)
