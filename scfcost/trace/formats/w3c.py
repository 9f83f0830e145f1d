"""Logs with a `#Fields:` header: IIS (W3C extended) and CloudFront's standard logs.

Both write a line when a request has ended, with its date and time in two columns in UTC; IIS gives `time-taken` in ms,
CloudFront in seconds.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from scfcost.trace.formats.base import Converted, Format, Kind, Knows, LogOptions, Original
from scfcost.trace.formats.line_log import LineLog, decimal_ms, iso, key, whole
from scfcost.trace.formats.lines import convert_lines, kind_of, no_line
from scfcost.trace.formats.sample import LINES, records_of

_HEADER = re.compile(r"^\s*#Fields:\s*(.*?)\s*$")
_DIRECTIVE = re.compile(r"\s*#(?:Fields|Version|Software|Date|Start-Date|End-Date|Remark):")
"""A line that tells of others: it is one of the log, so that what stands around it is taken off."""
_ASPNET = re.compile(r"\s*#Start-Date:")
"""What ASP.NET Core's W3CLogger writes before its fields; IIS writes #Software and #Date."""
_SHAPES = {"date": r"\d{4}-\d\d-\d\d", "time": r"\d\d:\d\d:\d\d(?:\.\d+)?", "sc_status": r"\d{3}",
           "time_taken": r"[\d.]+|-"}  # fmt: skip
_WANTED = ("date", "time", "sc-status", "time-taken", "sc-bytes", "cs-bytes", "c-ip")
"""Columns that are read; the first four must be there."""
_FRONT = "x-edge-location"
"""A field that only CloudFront has."""
_IIS_ADD = (
    "in IIS Manager, Logging, Select Fields, add Time Taken (time-taken), Date, Time, Protocol Status and Bytes Sent"
)
_FRONT_ADD = (
    "have standard logging write date, time, sc-status and time-taken, too (v2: its field selection; the legacy one "
    "writes all fields); a real-time log, which has no #Fields, is read by a mapping: scfcost formats mapping"
)


def kinds_of(texts: Sequence[str], name: str) -> list[Kind]:
    """Return the kinds of lines under the headers of some texts, as one of three servers means them.

    Parameters
    ----------
    texts : sequence of str
        Lines of a log, its headers among them.
    name : str
        `iis`, `cloudfront` or `aspnet`.
    """
    front = name == "cloudfront"
    headers = dict.fromkeys(match[1] for match in map(_HEADER.match, texts) if match)
    lists = [names for names in map(str.split, headers) if (_FRONT in names) == front]
    if front and not lists:
        return [kind_of(replace(_lines(_WANTED, None, name), keys=(*_WANTED[:4], _FRONT)), name)]
    if not front and (name == "aspnet") != any(map(_ASPNET.match, texts)):
        return []
    kinds = [_kind(names, name) for names in lists]
    if len(kinds) <= 1 or all(kind.refusal for kind in kinds):
        return kinds
    return [_changing(kinds, name)]


def _changing(kinds: Sequence[Kind], name: str) -> Kind:
    """Return lines whose columns change at each header: they are read as objects of JSON, one a line."""
    why = "of rows whose #Fields lack time-taken, date or time"
    needed = (key(f'$."{one}"') for one in (*_WANTED[:2], "time-taken"))
    lacking = " OR ".join(f"{one} IS NULL" for one in needed)
    log = replace(_lines(_WANTED, None, name), keys=_WANTED[:4], left_out=((lacking, why),))

    def convert(originals: Sequence[Original], scratch: Path, options: LogOptions) -> Converted:
        return convert_lines(log, [_as_objects(one, scratch) for one in originals], scratch, options, name)

    return Kind(lambda line: any(kind.is_line(line) for kind in kinds), convert)


def _as_objects(original: Original, scratch: Path) -> Original:
    copy = scratch / f"w3c-{len(list(scratch.glob('w3c-*')))}"
    names: list[str] = []
    with copy.open("w", encoding="utf-8") as out:
        for line in records_of(original, LINES):
            if header := _HEADER.match(line):
                names = header[1].split()
            elif not line.startswith("#"):
                cells = line.split("\t") if "\t" in line else line.split()
                row = dict(zip(names, cells, strict=False)) if len(cells) == len(names) else {}
                out.write(json.dumps(row) + "\n")
    return Original(copy, original.name)


def _kind(names: list[str], name: str) -> Kind:
    front = name == "cloudfront"
    missing = [name for name in _WANTED[:4] if name not in names]
    fields = [_field(name) for name in names]
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
    kind = kind_of(_lines(names, pattern, name), name)
    return Kind(lambda line: _DIRECTIVE.match(line) is not None or kind.is_line(line), kind.convert)


def _lines(names: Sequence[str], pattern: str | None, name: str) -> LineLog:
    """Return what columns mean, as groups of a pattern or as keys of JSON where there is none."""

    def value(name: str) -> str:
        return f'"{_field(name)}"' if pattern is not None else key(f'$."{name}"')

    at = iso(f"{value('date')} || 'T' || {value('time')} || 'Z'")
    lasted = decimal_ms(value("time-taken"), "1000" if name == "cloudfront" else "1")
    at_start = name == "aspnet"
    sizes = {name: f"nullif({whole(value(name))}, 0)" if name in names else "NULL" for name in ("sc-bytes", "cs-bytes")}
    return LineLog(
        pattern=pattern,
        websocket=f"{value('sc-status')} = '101'",
        connect_ms=at if at_start else f"({at}) - {lasted}",
        close_ms=f"({at}) + {lasted}" if at_start else at,
        at_start=at_start,
        bytes_out=sizes["sc-bytes"],
        bytes_in=sizes["cs-bytes"],
        client=value("c-ip") if "c-ip" in names else None,
        comment="#",
        begins=r"\d{4}-\d\d-\d\d",
        notes=(
            ("coarse_times", "TRUE", "connections with times of whole seconds"),
            ("handshake_bytes", "TRUE", "connections whose bytes hold headers, too"),
        ),
    )


def _field(name: str) -> str:
    return re.sub(r"\W", "_", name).strip("_")


IIS = Format(
    name="iis",
    title="log of IIS, W3C extended",
    kinds=lambda texts: kinds_of(texts, "iis"),
    knows=Knows(start=True, end=True, bytes_out=True, bytes_are="wire", client=True),
    advice=_IIS_ADD,
    convert=no_line,
)
CLOUDFRONT = Format(
    name="cloudfront",
    title="standard log of Amazon CloudFront, W3C or JSON",
    kinds=lambda texts: kinds_of(texts, "cloudfront"),
    knows=Knows(start=True, end=True, bytes_out=True, bytes_are="wire", client=True),
    advice=_FRONT_ADD,
    convert=no_line,
)
