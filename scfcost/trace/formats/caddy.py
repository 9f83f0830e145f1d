"""Caddy's access log: JSON or console, with any of its forms of times and durations.

References
----------
`time_format` and `duration_format` of the encoders: caddyserver.com/docs/caddyfile/directives/log, seen 2026-11-25.
"""

from __future__ import annotations

from scfcost.trace.formats.base import Format, Knows
from scfcost.trace.formats.line_log import LineLog, any_instant, decimal_ms, iso, whole, zoned
from scfcost.trace.formats.lines import kind_of, no_line
from scfcost.trace.formats.values import named_unit_ms
from scfcost.trace.reading.database import quoted


def _log(source: str, at: str, pattern: str | None, keys: tuple[str, ...]) -> LineLog:
    """Return lines whose object of JSON stands in one field and whose time is another."""

    def value(path: str) -> str:
        return f"json_extract_string({source}, {quoted(path)})"

    status, method = value("$.status"), value("$.request.method")
    upgrade = " OR ".join(
        f"lower({value(path)}) = 'websocket'" for path in ("$.request.headers.Upgrade[0]", "$.resp_headers.Upgrade[0]")
    )
    extended = f"{method} = 'CONNECT' AND {status} = '200' AND {value('$.request.proto')} NOT LIKE 'HTTP/1%'"
    duration, size = value("$.duration"), f"nullif({whole(value('$.size'))}, 0)"
    lasted = f"coalesce({decimal_ms(duration)}, {named_unit_ms(duration)})"
    end = _instant(at)
    sized = f"{status} <> '0' AND {size} IS NOT NULL"
    return LineLog(
        pattern=pattern,
        keys=keys,
        websocket=f"({status} IN ('0', '101') AND ({upgrade})) OR ({extended})",
        connect_ms=f"({end}) - {lasted}",
        close_ms=end,
        bytes_out=f"CASE WHEN {status} <> '0' THEN {size} END",
        client=f"coalesce({value('$.request.client_ip')}, {value('$.request.remote_ip')})",
        notes=(("both_directions", sized, "connections with the bytes of both directions as sent"),),
    )


def _instant(at: str) -> str:
    """Return SQL for an instant: ISO 8601, a number, Caddy's `wall` forms (in UTC), or that of the common log."""
    dashed = f"replace({at}, '/', '-')"
    return f"coalesce({any_instant(at)}, {iso(dashed)}, {zoned(at, '%d/%b/%Y:%H:%M:%S %z')})"


JSON = _log("line", "json_extract_string(line, '$.ts')", None, ("ts", "duration", "status", "request.method"))
CONSOLE = _log(
    "object", '"at"',
    r"(?P<at>\S+(?: \d\d:\d\d:\d\d[\d.]*| [+-]\d{4})?)\t[^\t]+\thttp\.log\.access[^\t]*\t"
    r"handled request\t(?P<object>\{.*\})\s*$", (),
)  # fmt: skip
FORMAT = Format(
    name="caddy",
    title="Caddy's access log, JSON or console",
    kinds=lambda _: (kind_of(JSON, "caddy"), kind_of(CONSOLE, "caddy")),
    knows=Knows(start=True, end=True, bytes_out=True, bytes_are="wire", client=True),
    advice=(
        "log { format json }. Until 2.7 its bytes are 0, which means that they are not known; later ones are those of "
        "both directions in one number. Durations are seconds, or name their unit"
    ),
    convert=no_line,
)
