"""Access logs of AWS Application Load Balancers."""

from __future__ import annotations

from scfcost.trace.formats.base import Format, Knows
from scfcost.trace.formats.line_log import MOST_DAYS, LineLog, host, iso, whole
from scfcost.trace.formats.lines import kind_of, no_line

LOG = LineLog(
    slack_days=MOST_DAYS,
    pattern=r"(?P<type>https?|h2|grpcs|wss?) (?P<end>\d{4}-\d\d-\d\dT[\d:.]+Z) \S+ (?P<client>\S+) (?:\S+ ){4}"
    r'(?P<status>\S+) \S+ (?P<received>\d+) (?P<sent>\d+) ".*?'
    r'(?: (?P<start>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z) ".*)?$',
    websocket="\"type\" IN ('ws', 'wss') AND status = '101'",
    connect_ms=iso('"start"'),
    close_ms=iso('"end"'),
    bytes_out=whole("sent"),
    bytes_in=whole("received"),
    client=host("client"),
    left_out=(('"start" IS NULL', "whose lines, of before 2018, hold no request_creation_time"),),
    unique=True,
    begins=r"(?:https?|h2|grpcs|wss?) \d{4}-",
)


FORMAT = Format(
    name="alb",
    title="access log of an AWS Application Load Balancer",
    kinds=lambda _: (kind_of(LOG, "alb"),),
    knows=Knows(start=True, end=True, bytes_out=True, bytes_are="wire", client=True),
    advice="turn on access logs of the load balancer; ws and wss lines are written when a connection closes",
    convert=no_line,
)
