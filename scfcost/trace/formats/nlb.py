"""TLS access log of an AWS Network Load Balancer: one line a connection, of whatever it carries."""

from __future__ import annotations

from scfcost.trace.formats.base import Format, Knows
from scfcost.trace.formats.line_log import LineLog, host, iso, whole
from scfcost.trace.formats.lines import kind_of, no_line

_END = iso("\"ended\" || 'Z'")
LOG = LineLog(
    pattern=r"tls \d+\.\d+ (?P<ended>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?Z? net/\S+ \S+ (?P<client>\S+) \S+ "
    r"(?P<lasted>\d+|-) (?:\d+|-) (?P<received>\d+|-) (?P<sent>\d+|-) ",
    websocket="TRUE",
    connect_ms=f"({_END}) - {whole('lasted')}",
    close_ms=_END,
    bytes_out=whole("sent"),
    bytes_in=whole("received"),
    client=host("client"),
    left_out=(("lasted = '-'", "whose length is not in the log"),),
    unique=True,
    begins=r"tls \d",
    notes=(
        ("any_tcp", "TRUE", "connections of TLS of any kind, as this log names no WebSocket"),
        ("coarse_times", "TRUE", "connections with ends of whole seconds"),
    ),
)
FORMAT = Format(
    name="nlb",
    title="TLS access log of an AWS Network Load Balancer",
    kinds=lambda _: (kind_of(LOG, "nlb"),),
    knows=Knows(start=True, end=True, bytes_out=True, bytes_are="wire", client=True),
    advice="turn on access logs of a TLS listener; listeners of plain TCP write none. WebSockets are not told apart",
    convert=no_line,
)
