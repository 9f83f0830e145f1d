"""Logs of application servers: eventlet's tells lengths; werkzeug's and uvicorn's do not, and say what to do."""

from __future__ import annotations

import re

from scfcost.trace.formats.base import PAIR, Format, Kind, Knows
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
_HANDSHAKE = re.compile(r'.*?\S - - \[\d\d/\w{3}/\d{4} [\d:]{8}\] "[^"]*" \d{3} -')
_IN_HANDLERS = (
    'write `logging.info("ws open %s", request.sid)` in the handler of connect, the same with close in that of '
    'disconnect, and have logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s"): ' + PAIR
)
_NO_LENGTH = (
    "werkzeug writes one line of a WebSocket with one time, so how long it lived is not in the log; "
    f"{_IN_HANDLERS}. For nginx, {ADVICE}"
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
    title="werkzeug's log, of Flask, Flask-SocketIO and Odoo: cannot be used, and says what to do instead",
    kinds=lambda _: (Kind(lambda text: _HANDSHAKE.match(text) is not None, refusal=_NO_LENGTH),),
    knows=Knows(start=True),
    advice=f"{_IN_HANDLERS}. For nginx, {ADVICE}",
    convert=no_line,
)
_UVICORN = re.compile(
    r'.*"WebSocket \S+" (?:\[accepted\]|\d{3})|(?!.*\{).*(?:INFO: +|- )connection (?:open|closed)\s*$'
)
_UVICORN_ADVICE = (
    "where a time stands before them (docker logs -t, kubectl logs --timestamps, journalctl -o short-iso-precise, or "
    "%(asctime)s in its log configuration) they are paired in their order, lives exact together and not one by one. "
    'For each life, write `logging.info("ws open %s", id(websocket))` behind accept() and the same with close in '
    f"`finally:`, with the time: {PAIR}"
)
UVICORN = Format(
    name="uvicorn",
    title="uvicorn's log: cannot be used, and says what to do instead",
    kinds=lambda _: (
        Kind(
            lambda text: _UVICORN.match(text) is not None,
            refusal=f"uvicorn's `connection open` and `connection closed` name no connection; {_UVICORN_ADVICE}",
        ),
    ),
    knows=Knows(),
    advice=_UVICORN_ADVICE,
    convert=no_line,
)
