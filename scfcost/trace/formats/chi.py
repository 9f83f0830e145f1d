"""Log of chi, a router of Go: the end in local time, and the length with its unit.

References
----------
`middleware/logger.go` of go-chi/chi: a connection that its handler takes over has no status, written as 000.
"""

from __future__ import annotations

from scfcost.trace.formats.base import Format, Knows
from scfcost.trace.formats.line_log import AT, LineLog
from scfcost.trace.formats.lines import kind_of, no_line
from scfcost.trace.formats.values import named_unit_ms

_COLOUR = r"(?:\x1b\[[\d;]*m)*"
LOG = LineLog(
    pattern=rf"(?P<ended>\d{{4}}/\d\d/\d\d \d\d:\d\d:\d\d)(?:\.\d+)? {_COLOUR}(?:\[[^\]]*\] )?{_COLOUR}\"{_COLOUR}"
    rf"(?P<method>[A-Z]+) {_COLOUR}\S+ HTTP/(?P<version>[\d.]+){_COLOUR}\" {_COLOUR}from (?P<client>\S+) - {_COLOUR}"
    rf"(?P<status>\d{{3}}){_COLOUR} {_COLOUR}\d+B{_COLOUR} in {_COLOUR}(?P<lasted>[0-9][^\s\x1b]*)",
    websocket="status IN ('000', '101') AND \"method\" = 'GET' AND \"version\" = '1.1'",
    connect_ms=f"{AT} - {named_unit_ms('lasted')}",
    close_ms=AT,
    client=r"regexp_extract(client, '^\[?(.*?)\]?(?::[0-9]+)?$', 1)",
    local_time=("ended", "%Y/%m/%d %H:%M:%S"),
    begins=r"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d",
    notes=(
        ("coarse_times", "TRUE", "connections with ends of whole seconds"),
        ("taken_over", "status = '000'", "connections with the status 000, which chi writes where a handler took over"),
    ),
)
FORMAT = Format(
    name="chi",
    title="log of chi, a router of Go",
    kinds=lambda _: (kind_of(LOG, "chi"),),
    knows=Knows(start=True, end=True, client=True),
    advice="middleware.Logger tells ends and lengths, and no bytes. Times are local: name the zone with --tz",
    convert=no_line,
)
