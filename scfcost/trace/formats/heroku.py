"""Log of Heroku's router: the end of a request before the line, and how long the dyno served it."""

from __future__ import annotations

from scfcost.trace.formats.base import Format, Knows
from scfcost.trace.formats.line_log import LineLog, iso, whole
from scfcost.trace.formats.lines import kind_of, no_line

LOG = LineLog(
    pattern=r"(?:\d+ <\d+>1 )?(?P<ended>\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)) "
    r"(?:heroku\[router\]:|\S+ heroku router -) .*?"
    r"(?:fwd=\"(?P<client>[^\",]*)[^\"]*\" )?"
    r"dyno=.*?service=(?P<lasted>\d+)ms status=(?P<status>\d{3}) bytes=(?P<size>\d*)",
    websocket="status = '101'",
    connect_ms=f"{iso('ended')} - {whole('lasted')}",
    close_ms=iso("ended"),
    bytes_out=f"nullif({whole('size')}, 0)",
    client="client",
    begins=r"(?:\d+ <\d+>1 )?\S+ (?:heroku\[router\]|\S+ heroku router)",
)
FORMAT = Format(
    name="heroku",
    title="log of Heroku's router",
    kinds=lambda _: (kind_of(LOG, "heroku"),),
    knows=Knows(start=True, end=True, bytes_out=True, bytes_are="wire", client=True),
    advice="heroku logs --tail --dyno router > router.log; Heroku cuts connections that are idle for 55 s",
    convert=no_line,
)
