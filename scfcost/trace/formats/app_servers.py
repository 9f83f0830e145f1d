"""Logs of application servers: eventlet's tells lengths; werkzeug's and uvicorn's do not, and say what to do."""

from __future__ import annotations

import re

from scfcost.trace.formats.base import Format, Kind, Knows
from scfcost.trace.formats.line_log import AT, LineLog, decimal_ms
from scfcost.trace.formats.lines import kind_of, no_line
from scfcost.trace.formats.nginx import ADVICE

EVENTLET_LOG = LineLog(
    pattern=r"(?P<client>\S+) - - \[(?P<ended>\d\d/\w{3}/\d{4} \d\d:\d\d:\d\d)\] \"(?P<request>[^\"]*)\" "
    r"(?P<status>\d{3}) \d+ (?P<lasted>\d+\.\d+)\s*$",
    websocket="status = '101' OR (status = '200' AND contains(request, 'transport=websocket'))",
    connect_ms=f"{AT} - {decimal_ms('lasted')}",
    close_ms=AT,
    client="split_part(client, ',', 1)",
    local_time=("ended", "%d/%b/%Y %H:%M:%S"),
    begins=r"\S+ - - \[",
    notes=(("coarse_times", "TRUE", "connections with ends of whole seconds, as eventlet writes them"),),
)
_HANDSHAKE = re.compile(r'werkzeug: \S+ - - \[[^\]]+\] "GET [^"]*" 101 -')


_NO_LENGTH = (
    "werkzeug writes a line at the handshake, so how long a connection lived is not in the log; log at the proxy in "
    f"front of it instead. For nginx, {ADVICE}"
)


EVENTLET = Format(
    name="eventlet",
    title="eventlet's access log under python-socketio",
    kinds=lambda _: (kind_of(EVENTLET_LOG, "eventlet"),),
    knows=Knows(start=True, end=True, client=True),
    advice="it writes 0 bytes for a WebSocket: they are unknown. Times are local: name the zone with --tz",
    convert=no_line,
)
WERKZEUG = Format(
    name="werkzeug",
    title="werkzeug's log, as Odoo writes it: cannot be used, and says what to do instead",
    kinds=lambda _: (Kind(lambda text: _HANDSHAKE.search(text) is not None, refusal=_NO_LENGTH),),
    knows=Knows(start=True),
    advice=f"log at the proxy in front of it instead. For nginx, {ADVICE}",
    convert=no_line,
)
_UVICORN = re.compile(
    r'.*"WebSocket \S+" (?:\[accepted\]|\d{3})|(?!.*\{).*(?:INFO: +|- )connection (?:open|closed)\s*$'
)
_UVICORN_ADVICE = (
    "in the application, log the accept and the end (`finally:` of the endpoint) as a line each with the time and the "
    "same key, and pair both (`scfcost formats mapping`), or log at the proxy in front of it"
)
UVICORN = Format(
    name="uvicorn",
    title="uvicorn's log: cannot be used, and says what to do instead",
    kinds=lambda _: (
        Kind(
            lambda text: _UVICORN.match(text) is not None,
            refusal="uvicorn's `connection open` and `connection closed` name no connection and, unless its log "
            f"configuration adds one, no time, so no life can be told; {_UVICORN_ADVICE}",
        ),
    ),
    knows=Knows(),
    advice=_UVICORN_ADVICE,
    convert=no_line,
)
