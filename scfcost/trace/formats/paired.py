"""Servers that write a line when a connection opens and another when it closes: the forms are fixed, the keys told.

References
----------
Daphne: `daphne/access.py` (the client is its address and port). Action Cable: `connection/base.rb`, "Started … at" and
"Finished … at", which name address and path alone. socket.io: the module `debug` under `DEBUG=engine,socket.io*`; the
line of a close names no session. Mosquitto: `src/handle_connect.c`. ASP.NET Core: `HttpConnectionManager`.
Azure: connectivity logs of SignalR Service and Web PubSub, as diagnostic settings export them.
"""

from __future__ import annotations

import re
from typing import Any

from scfcost.trace.formats.base import Format, Kind, Knows
from scfcost.trace.formats.lines import no_line
from scfcost.trace.formats.mapped import kind_of_mapping
from scfcost.trace.formats.mapping import Mapping

_KNOWS = Knows(start=True, end=True, client=True)


def _kind(label: str, **described: Any) -> Kind:
    return kind_of_mapping(Mapping.model_validate(described), label)


def _format(name: str, title: str, advice: str, *kinds: Kind, knows: Knows = _KNOWS) -> Format:
    return Format(name=name, title=title, knows=knows, advice=advice, convert=no_line, kinds=lambda _: kinds)


_DAPHNE = r'(?<!\S)(?P<key>(?P<client>\S+):\d+) - - \[(?P<time>[^\]]+)\] "'
DAPHNE = _format(
    "daphne",
    "access log of Daphne (Django Channels), opening and close by address and port",
    "daphne --access-log FILE; times are local: name the zone with --tz. Bytes and messages are not in the log",
    _kind(
        "daphne",
        kind="text",
        units={"time": "%d/%b/%Y:%H:%M:%S"},
        pair={"open": _DAPHNE + "WSCONNECT ", "close": _DAPHNE + "WSDISCONNECT "},
    ),
)

_CABLE = r'"(?P<path>[^"]*)" ?\[WebSocket\] for (?P<client>\S+) at (?P<time>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d{4})'
ACTION_CABLE = _format(
    "action-cable",
    "log of Rails, Action Cable's Started and Finished",
    "both lines name the address alone, so that of several connections of one address the first opened is taken as the "
    "first closed: their lives are exact together. Bytes are not in the log",
    _kind(
        "action-cable",
        kind="text",
        pair={
            "key": ["path", "client"],
            "open": "Started GET " + _CABLE,
            "close": "Finished " + _CABLE,
            "shared": True,
            "other": r"Started [A-Z]+ .* at (?P<time>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d{4})",
        },
    ),
)

_UNDATED = re.compile(r"\bengine handshaking client |\bsocket\.io:client client close with reason ")


def _socket_io(time: str, unit: str) -> Kind:
    begin = rf"(?P<time>{time}) "
    return _kind(
        "socket-io",
        kind="text",
        units={"time": unit},
        pair={
            "open": begin + r'engine handshaking (?P<key>client) "',
            "close": begin + r"socket\.io:client (?P<key>client) close with reason ",
            "shared": True,
        },
    )


SOCKET_IO = _format(
    "socket-io",
    "socket.io's own debug output (DEBUG=engine,socket.io*), openings and closes in their order",
    "write it to a file, so that its lines begin with their time: DEBUG=engine,socket.io* node server.js 2> debug.log. "
    "The line of a close names no session: the first opened is taken as the first closed, lives are exact together",
    _socket_io(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z", "iso"),
    _socket_io(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT", "%a, %d %b %Y %H:%M:%S GMT"),
    Kind(
        lambda text: _UNDATED.search(text) is not None,
        refusal="debug output of socket.io without times, as it is on a terminal; write it to a file, so that its "
        "lines begin with their time: DEBUG=engine,socket.io* node server.js 2> debug.log",
    ),
    knows=Knows(start=True, end=True),
)

_LEFT = r"(?: \[[^\]]*\])? (?:disconnected|closed its connection|has exceeded timeout|already connected, closing old)"
_SENT = r"[^']*'[^']*', \.\.\. \((?P<bytes>\d+) bytes\)"


def _mosquitto(time: str, unit: str) -> Kind:
    begin = rf"(?P<time>{time}): "
    return _kind(
        "mosquitto",
        kind="text",
        units={"time": unit},
        pair={
            "open": begin + r"New client connected from (?P<client>\S+):\d+ as (?P<key>\S+) \(",
            "close": begin + r"(?:Client|Socket error on client) (?P<key>[^\s,]+)(?:, disconnecting|" + _LEFT + ")",
            "message_up": begin + r"Received PUBLISH from (?P<key>\S+) \(" + _SENT,
            "message_down": begin + r"Sending PUBLISH to (?P<key>\S+) \(" + _SENT,
            "restart": begin + r"mosquitto version \S+ (?:starting|terminating)",
        },
    )


MOSQUITTO = _format(
    "mosquitto",
    "log of Mosquitto: clients of any listener, also over plain TCP",
    "a broker whose clients all come by WebSocket: listener 9001, protocol websockets; log_type all tells the messages",
    _mosquitto(r"\d{10}", "s"),
    _mosquitto(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[+-]\d\d:?\d\d|Z)?", "iso"),
    knows=Knows(
        start=True, end=True, bytes_out=True, message_times=True, direction=True, client=True, bytes_are="payload"
    ),
)

_SERVICE = {"open": "ConnectionStarted", "close": ["ConnectionEnded", "ConnectionAborted"]}


def _azure(time: str, client: str, prefix: str, names: tuple[str, str, str, str]) -> Kind:
    """Return the kind of the connectivity logs that call their fields so: operation, key, kind and transport."""
    operation, key, kind, transport = names
    return _kind(
        "azure",
        fields={"time": time, "client": client},
        only={prefix + kind: ["Client", ""], prefix + transport: ["WebSockets", ""]},
        pair={"key": prefix + key, **{event: {operation: words} for event, words in _SERVICE.items()}},
    )


AZURE = _format(
    "azure-connectivity",
    "connectivity logs of Azure Web PubSub and Azure SignalR Service",
    "diagnostic settings: ConnectivityLogs to storage or Log Analytics. Connections of servers to the service are left "
    "out; messages and bytes are not in these logs",
    _azure("time", "callerIpAddress", "properties.",
           ("operationName", "connectionId", "connectionType", "transportType")),
    _azure("TimeGenerated", "CallerIpAddress", "",
           ("OperationName", "ConnectionId", "ConnectionType", "TransportType")),
)  # fmt: skip

_IDENTIFIED = (
    r"(?P<time>\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d)\S*\s.*?(?P<key>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\b.*?"
)
_PLAIN = re.compile(
    r".*websockets?\b.*connection (?:open|closed)\s*$|[\d-]+[T ][\d:.,]+\S* connection (?:open|closed)\s*$"
)
_ADAPTER = (
    "give its logger an adapter that puts the id of the connection before each message, and the time: "
    "logging.basicConfig(format='%(asctime)s %(message)s', level=logging.INFO), and serve(…, logger=Adapter("
    "logging.getLogger('websockets.server'))), whose process(msg, kwargs) returns "
    "'%s %s' % (kwargs['extra']['websocket'].id, msg), kwargs"
)
WEBSOCKETS = _format(
    "websockets",
    "log of Python's websockets, where its lines hold the id of the connection",
    f"{_ADAPTER}; times are local: --tz; bytes and messages are not in it",
    _kind(
        "websockets",
        kind="text",
        units={"time": "%Y-%m-%d %H:%M:%S"},
        pair={"open": _IDENTIFIED + r"connection open\s*$", "close": _IDENTIFIED + r"connection closed\s*$"},
    ),
    Kind(
        lambda text: _PLAIN.match(text) is not None,
        refusal="`connection open` and `connection closed` of Python's websockets name no connection, so no life can "
        f"be told; {_ADAPTER}",
    ),
    knows=Knows(start=True, end=True),
)
_CONNECTION = r"onnection (?P<key>[\w-]{8,}) "
_BEGUN = r"(?P<time>\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[.,]?\d*(?: ?[+-]\d\d:?\d\d|Z)?)"
SIGNALR = _format(
    "signalr",
    "log of ASP.NET Core's SignalR, one line an event with its time",
    '"Microsoft.AspNetCore.Http.Connections": "Debug" and a logger that writes an event on one line behind its time: '
    "Serilog, or SimpleConsole with SingleLine and TimestampFormat",
    _kind(
        "signalr",
        kind="text",
        pair={
            "open": _BEGUN + r".*?\bNew c" + _CONNECTION + "created",
            "close": _BEGUN + r".*?\bRemoving c" + _CONNECTION + "from the list",
        },
    ),
    knows=Knows(start=True, end=True),
)
