"""Logs that do not tell when a WebSocket closed, or nothing of connections at all: they say what to do instead."""

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
    rf"\s*\[?(?:[\d/-]+ )?\d\d:\d\d:\d\d\]? (?:\||-) *{_COLOUR} {{0,9}}\d{{3}} *{_COLOUR} {{0,9}}(?:\||-)\s*"
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
_IN_ASGI = (
    'in the handler write, before anything is received, `key = uuid.uuid4().hex; logging.info("ws open %s", key)`, and '
    "in `finally:` the same with close, and have logging.basicConfig(level=logging.INFO, "
    f'format="%(asctime)s %(message)s"): {PAIR}'
)
GRANIAN = _refused(
    "granian",
    "access log of Granian",
    r'.*\[\d{4}-\d\d-\d\d [\d:]{8} [+-]\d{4}\] \S+ - "\S+ \S+ HTTP/[\d.]+" \d{3} \d+\.\d{3}\s*$',
    "Granian writes the line of a WebSocket when it opens, with the length of its handshake, so how long it lived is "
    "not in the log",
    _IN_ASGI,
)
HYPERCORN = _refused(
    "hypercorn",
    "access log of Hypercorn",
    r'.*\S - - \[\d\d/\w{3}/\d{4}:[\d:]{8} [+-]\d{4}\] "\S+ \S+ (?:1\.[01]|[23]|ws)" \d{3} ',
    "Hypercorn writes the line of a WebSocket when it accepts it, so how long it lived is not in the log",
    _IN_ASGI,
)
FLOWS = _refused(
    "vpc-flow",
    "flow log of a VPC, of AWS, Tencent Cloud or Google Cloud",
    r"(?=.*\bsrcaddr\b)(?:.*[ ,])?interface-id[ ,]"
    r"|(?=.*[ ,]1\d{9}[ ,]1\d{9}[ ,](?:ACCEPT|REJECT|-)[ ,](?:OK|NODATA|SKIPDATA)\b)(?:.*[ ,])?eni-\w+[ ,]"
    r'|(?=.*"interface[_-]id")(?=.*"srcaddr").*\{|(?=.*"reporter": ?"(?:SRC|DEST)")(?=.*"src_ip").*\{',
    "a flow log counts the packets between two addresses within some minutes: its start and end are those of the "
    "count, and when a connection opened or closed, and whether it is a WebSocket, is not in it",
    "read the access log of the load balancer or proxy in front of the server (`scfcost formats` lists them), or a "
    "capture on the server where no TLS hides it: `tcpdump -i any -w ws.pcap tcp port 8080`, for a time that is longer "
    "than most connections live",
)
