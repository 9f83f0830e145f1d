"""Access logs of application servers: eventlet, which tells a duration, and werkzeug under Odoo, which does not."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from scfcost.core.errors import TraceError
from scfcost.trace.formats.base import Converted, Format, Knows, LogOptions, Original
from scfcost.trace.formats.line_log import AT, LineLog, decimal_ms, matches
from scfcost.trace.formats.lines import convert_lines
from scfcost.trace.formats.nginx import ADVICE

EVENTLET_LOG = LineLog(
    pattern=r"(?P<client>\S+) - - \[(?P<ended>\d\d/\w{3}/\d{4} \d\d:\d\d:\d\d)\] \"(?P<request>[^\"]*)\" "
    r"(?P<status>\d{3}) \d+ (?P<lasted>\d+\.\d+)\s*$",
    websocket="status = '101' OR (status = '200' AND contains(request, 'transport=websocket'))",
    connect_ms=f"{AT} - {decimal_ms('lasted')}",
    close_ms=AT,
    client="split_part(client, ',', 1)",
    local_time=("ended", "%d/%b/%Y %H:%M:%S"),
    notes=(("coarse_times", "TRUE", "connections with ends of whole seconds, as eventlet writes them"),),
)
_HANDSHAKE = re.compile(r'werkzeug: \S+ - - \[[^\]]+\] "GET [^"]*" 101 -')


def _eventlet(originals: Sequence[Original], scratch: Path, options: LogOptions) -> Converted:
    return convert_lines(EVENTLET_LOG, originals, scratch, options, "eventlet")


def _refuse(originals: Sequence[Original], _scratch: Path, _options: LogOptions) -> NoReturn:
    raise TraceError(
        f"{originals[0].name}: werkzeug writes a line at the handshake, so how long a connection lived is not in the "
        f"log; log at the proxy in front of it instead. For nginx, {ADVICE}"
    )


EVENTLET = Format(
    name="eventlet",
    title="eventlet's access log under python-socketio",
    recognise=lambda head: matches(EVENTLET_LOG, head),
    knows=Knows(start=True, end=True, client=True),
    advice="it writes 0 bytes for a WebSocket: they are unknown. Times are local: name the zone with --tz",
    convert=_eventlet,
)
WERKZEUG = Format(
    name="werkzeug",
    title="werkzeug's log, as Odoo writes it: cannot be used, and says what to do instead",
    recognise=lambda head: _HANDSHAKE.search(head.decode("utf-8", errors="replace")) is not None,
    knows=Knows(start=True),
    advice=f"log at the proxy in front of it instead. For nginx, {ADVICE}",
    convert=_refuse,
)
