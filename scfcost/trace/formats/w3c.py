"""Logs with a `#Fields:` header: IIS (W3C extended) and CloudFront's standard logs.

Both write a line when a request has ended, with its date and time in two columns in UTC; IIS gives `time-taken` in ms,
CloudFront in seconds.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from scfcost.trace.formats.base import Format, Kind, Knows
from scfcost.trace.formats.line_log import LineLog, decimal_ms, iso, whole
from scfcost.trace.formats.lines import kind_of, no_line

_HEADER = re.compile(r"^\s*#Fields:\s*(.*?)\s*$")
_SHAPES = {"date": r"\d{4}-\d\d-\d\d", "time": r"\d\d:\d\d:\d\d(?:\.\d+)?", "sc_status": r"\d{3}",
           "time_taken": r"[\d.]+|-"}  # fmt: skip
_FRONT = "x-edge-location"
"""A field that only CloudFront has."""
_IIS_ADD = (
    "in IIS Manager, Logging, Select Fields, add Time Taken (time-taken), Date, Time, Protocol Status and Bytes Sent"
)
_FRONT_ADD = "turn on standard logging, which writes all fields; they are enough"


def _kinds(texts: Sequence[str], *, front: bool) -> list[Kind]:
    found = []
    for header in dict.fromkeys(match[1] for match in map(_HEADER.match, texts) if match):
        names = header.split()
        if (_FRONT in names) == front:
            found.append(_kind(names, front=front))
    return found


def _kind(names: list[str], *, front: bool) -> Kind:
    missing = [name for name in ("date", "time", "sc-status", "time-taken") if name not in names]
    fields = [re.sub(r"\W", "_", name).strip("_") for name in names]
    separator = r"\t" if front else r"\s+"
    cell = r"[^\t]*" if front else r"\S+"
    cells = [
        f"(?P<{name}>{_SHAPES.get(name, cell)})" if name not in fields[:index] else cell
        for index, name in enumerate(fields)
    ]
    pattern = separator.join(cells) + r"\s*$"
    if missing:
        text = f"its #Fields lack {', '.join(missing)}, so it does not tell how long a connection lived; "
        add = _FRONT_ADD if front else _IIS_ADD
        return Kind(lambda line: re.match(pattern, line) is not None, refusal=text + add)
    end = iso("\"date\" || 'T' || \"time\" || 'Z'")
    log = LineLog(
        pattern=pattern,
        websocket="sc_status = '101'",
        connect_ms=f"({end}) - {decimal_ms('time_taken', '1000' if front else '1')}",
        close_ms=end,
        bytes_out=f"nullif({whole('sc_bytes')}, 0)" if "sc_bytes" in fields else "NULL",
        bytes_in=f"nullif({whole('cs_bytes')}, 0)" if "cs_bytes" in fields else "NULL",
        client="c_ip" if "c_ip" in fields else None,
        comment="#",
        begins=r"\d{4}-\d\d-\d\d",
        notes=(
            ("coarse_times", "TRUE", "connections with ends of whole seconds"),
            ("handshake_bytes", "TRUE", "connections whose bytes hold headers, too"),
        ),
    )
    return kind_of(log, "cloudfront" if front else "iis")


IIS = Format(
    name="iis",
    title="log of IIS, W3C extended",
    kinds=lambda texts: _kinds(texts, front=False),
    knows=Knows(start=True, end=True, bytes_out=True, bytes_are="wire", client=True),
    advice=_IIS_ADD,
    convert=no_line,
)
CLOUDFRONT = Format(
    name="cloudfront",
    title="standard log of Amazon CloudFront",
    kinds=lambda texts: _kinds(texts, front=True),
    knows=Knows(start=True, end=True, bytes_out=True, bytes_are="wire", client=True),
    advice=_FRONT_ADD,
    convert=no_line,
)
