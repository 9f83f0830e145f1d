"""Log of ASP.NET Core: a line at the end of a request with its length, of Kestrel's host, of Serilog or of W3CLogger.

References
----------
`HostingRequestFinishedLog` and `W3CLoggingMiddleware` of dotnet/aspnetcore: the first is written at the end, the second
with the time of the start and milliseconds with decimals.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from scfcost.trace.formats.base import Format, Kind, Knows
from scfcost.trace.formats.line_log import AT, LineLog, decimal_ms, iso, key
from scfcost.trace.formats.lines import kind_of, no_line
from scfcost.trace.formats.w3c import kinds_of

_FINISHED = (
    r"(?:Request finished HTTP/(?P<version>\S+) (?P<method>[A-Z]+) \S+ (?:\S+ \S+ )?- (?P<status>\d{3}) \S+ .+? "
    r"(?P<lasted>\d[\d.]*)ms|HTTP (?P<verb>[A-Z]+) \S+ responded (?P<answered>\d{3}) in (?P<took>\d[\d.]*) ms)"
)
_STATUS, _METHOD, _LASTED = "coalesce(status, answered)", "coalesce(method, verb)", "coalesce(lasted, took)"
_UPGRADED = "{status} = '101' OR ({method} = 'CONNECT' AND {status} = '200' AND coalesce({version}, '2') LIKE '%2%')"
_BEGUN = r"\W?(?P<ended>\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d)"
_NO_BYTES = Knows(start=True, end=True, client=True)
_ADVICE = (
    "a logger that writes an event on one line behind its day and time: Serilog with outputTemplate: "
    '"{Timestamp:yyyy-MM-dd HH:mm:ss.fff zzz} [{Level:u3}] {Message:lj}{NewLine}", or AddSimpleConsole with SingleLine '
    '= true and TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffzzz ", or AddJsonConsole with TimestampFormat = "o", '
    'all with "Microsoft.AspNetCore.Hosting.Diagnostics": "Information"'
)


def _text(zone: str, end: str, wall: tuple[str, str] | None) -> LineLog:
    return LineLog(
        pattern=rf"{_BEGUN}(?P<fraction>[.,]\d+)?{zone}\W.*?{_FINISHED}",
        websocket=_UPGRADED.format(status=_STATUS, method=_METHOD, version="version"),
        connect_ms=f"({end}) - {decimal_ms(_LASTED, '1')}",
        close_ms=end,
        local_time=wall,
    )


_SECONDS = "replace(\"ended\", 'T', ' ')"
_MS = "rpad(substr(coalesce(fraction, '.0'), 2, 3), 3, '0')"
_ZONE = "replace(\"zone\", ' ', '')"
ZONED = _text(
    r"(?P<zone>Z| ?[+-]\d\d:\d\d)", iso(f"{_SECONDS} || replace(coalesce(fraction, ''), ',', '.') || {_ZONE}"), None
)
LOCAL = _text("", AT, (f"{_SECONDS} || '.' || {_MS}", "%Y-%m-%d %H:%M:%S.%g"))


def _json(time: str, lasted: str, status: str, method: str) -> LineLog:
    """Return objects of JSON by the paths of what they tell."""
    end, taken = iso(key(time)), decimal_ms(key(lasted), "1")
    version = "$.State.Protocol" if time == "$.Timestamp" else "$.Protocol"
    return LineLog(
        pattern=None,
        keys=tuple(path.removeprefix("$.").strip('"') for path in (time, lasted, status)),
        websocket=_UPGRADED.format(status=key(status), method=key(method), version=key(version)),
        connect_ms=f"({end}) - {taken}",
        close_ms=end,
    )


JSON = (
    _json("$.Timestamp", "$.State.ElapsedMilliseconds", "$.State.StatusCode", "$.State.Method"),
    _json('$."@t"', "$.ElapsedMilliseconds", "$.StatusCode", "$.Method"),
    _json('$."@t"', "$.Elapsed", "$.StatusCode", "$.RequestMethod"),
)
"""Lines of AddJsonConsole, and of Serilog in its compact form by either of its writers."""
_TIMELESS = re.compile(r".*(?:Request finished (?:HTTP/|in )|HTTP [A-Z]+ \S+ responded \d{3} in )")


def _kinds(texts: Sequence[str]) -> list[Kind]:
    named = [kind_of(log, "aspnet") for log in (ZONED, LOCAL, *JSON)]
    refusal = f"tells how long a request took, but not on which day and when it ended; have {_ADVICE}"
    return [*named, *kinds_of(texts, "aspnet"), Kind(lambda text: _TIMELESS.match(text) is not None, refusal=refusal)]


FORMAT = Format(
    name="aspnet",
    title="log of ASP.NET Core (Kestrel), its console, Serilog or W3CLogger",
    kinds=_kinds,
    knows=_NO_BYTES,
    advice=f"{_ADVICE}; bytes are not in it; times without a zone are local: --tz",
    convert=no_line,
)
