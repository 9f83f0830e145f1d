"""Log of morgan, of Express: the end, and the length with its unit."""

from __future__ import annotations

import re

from scfcost.trace.formats.base import Format, Kind, Knows
from scfcost.trace.formats.line_log import LineLog, zoned
from scfcost.trace.formats.lines import kind_of, no_line
from scfcost.trace.formats.values import named_unit_ms

_COLOUR = r"(?:\x1b\[[\d;]*m)*"
_ADVICE = (
    'app.use(morgan(\':remote-addr - :remote-user [:date[clf]] ":method :url HTTP/:http-version" :status '
    ':res[content-length] ":referrer" ":user-agent" :total-time ms\')). Express sees an upgrade only with express-ws '
    "or its like; else log in the handlers of `connection` and `close` a line each with the same key, and pair both "
    "(`scfcost formats mapping`)"
)
LOG = LineLog(
    pattern=r'(?P<client>\S+) - .*? \[(?P<ended>\d\d/\w{3}/\d{4}:[\d:]{8} [+-]\d{4})\] "(?P<request>(?:[^"\\]|\\.)*)" '
    r'(?P<status>\d{3}) (?:\d+|-)(?: "(?:[^"\\]|\\.)*"){0,2} (?P<lasted>[\d.]+ ?(?:ms|s))\s*$',
    websocket="status = '101' OR contains(request, '/.websocket')",
    connect_ms=f"{zoned('ended', '%d/%b/%Y:%H:%M:%S %z')} - {named_unit_ms('lasted')}",
    close_ms=zoned("ended", "%d/%b/%Y:%H:%M:%S %z"),
    client="client",
    begins=r"\S+ - .*?\[",
    notes=(("coarse_times", "TRUE", "connections with ends of whole seconds"),),
)
_TIMELESS = re.compile(
    rf"\s*(?:\S+ (?:- |\S+ ))?{_COLOUR}(?:GET|CONNECT) \S+ (?:HTTP/[\d.]+ )?{_COLOUR}\d{{3}}{_COLOUR} .*?[\d.-]+ ms\b"
)
_TIMELESS_TEXT = f"tells how long a request took, but not when (morgan's dev, short or tiny); {_ADVICE}"
FORMAT = Format(
    name="morgan",
    title="log of morgan, of Express, in the combined form with its length",
    kinds=lambda _: (
        kind_of(LOG, "morgan"),
        Kind(lambda text: _TIMELESS.match(text) is not None, refusal=_TIMELESS_TEXT),
    ),
    knows=Knows(start=True, end=True, client=True),
    advice=_ADVICE,
    convert=no_line,
)
