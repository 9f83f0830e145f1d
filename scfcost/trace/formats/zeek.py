"""Zeek's conn.log, as tab-separated values or JSON."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from scfcost.core.errors import BadRowsError, TraceError
from scfcost.trace.formats.base import Converted, Format, Kind, Knows, LogOptions, Original, head_of
from scfcost.trace.formats.line_log import MOST_DAYS, LineLog, decimal_ms, key, whole
from scfcost.trace.formats.lines import convert_lines
from scfcost.trace.reading.database import column

_UNENDED = "whose end Zeek did not see"
_NOTE = ("any_tcp", "TRUE", "connections of TCP of any kind, as this conn.log names no WebSocket")
JSON = LineLog(
    pattern=None,
    slack_days=MOST_DAYS,
    keys=("conn_state", "id.orig_h"),
    websocket=f"{key('$.proto')} = 'tcp' AND contains({key('$.service')}, 'websocket')",
    connect_ms=decimal_ms(key("$.ts")),
    close_ms=f"{decimal_ms(key('$.ts'))} + {decimal_ms(key('$.duration'))}",
    bytes_out=whole(key("$.resp_bytes")),
    bytes_in=whole(key("$.orig_bytes")),
    client=key('$."id.orig_h"'),
    left_out=((f"{key('$.duration')} IS NULL", _UNENDED),),
)
_CELL = r"[^\t]*"
_FIELDS = {"ts": r"\d+\.\d+"}


def _tabbed(head: str, name: str) -> LineLog:
    """Return the kind of line that the header of a tab-separated log describes."""
    header = re.search(r"^#fields\t(.*)$", head, re.MULTILINE)
    columns = header[1].split("\t") if header else []
    if not {"ts", "proto", "duration"} <= set(columns):
        raise TraceError(f"{name}: its #fields line names no ts, proto and duration; a conn.log is wanted")
    cells = [f"(?P<{one.replace('.', '_')}>{_FIELDS.get(one, _CELL)})" for one in columns]
    size = {one: whole(one) if one in columns else "NULL" for one in ("orig_bytes", "resp_bytes")}
    service = "contains(service, 'websocket')" if "service" in columns else "FALSE"
    return LineLog(
        slack_days=MOST_DAYS,
        pattern="\t".join(cells) + r"\s*$",
        websocket=f"proto = 'tcp' AND {service}",
        connect_ms=decimal_ms("ts"),
        close_ms=f"{decimal_ms('ts')} + {decimal_ms('duration')}",
        bytes_out=size["resp_bytes"],
        bytes_in=size["orig_bytes"],
        client=column("id_orig_h") if "id.orig_h" in columns else None,
        left_out=(("duration = '-'", _UNENDED),),
        comment="#",
    )


def convert(originals: Sequence[Original], scratch: Path, options: LogOptions) -> Converted:
    """Make a connections file of the connections whose service is websocket, or else of all of TCP, and say so.

    Parameters
    ----------
    originals : sequence of Original
        The files that were given, as the user named them.
    scratch : Path
        Folder for files on the way; what is written goes there.
    options : LogOptions
        What the user says of logs.
    """
    head = head_of(originals[0]).decode("utf-8", errors="replace")
    log = JSON if head.lstrip().startswith("{") else _tabbed(head, originals[0].name)
    try:
        return convert_lines(log, originals, scratch, options, "zeek")
    except BadRowsError:
        raise
    except TraceError:
        every = replace(log, websocket=log.websocket.split(" AND ")[0], notes=(_NOTE,))
        return convert_lines(every, originals, scratch, options, "zeek")


def _is_zeek(head: bytes) -> bool:
    return head.startswith(b"#separator") and b"\n#path\tconn" in head


FORMAT = Format(
    name="zeek",
    title="Zeek's conn.log, tab-separated or JSON",
    recognise=_is_zeek,
    kinds=lambda _: (Kind(JSON.is_line),),
    knows=Knows(start=True, end=True, bytes_out=True, bytes_are="wire", client=True),
    advice="from Zeek 7 on the service of a connection may be websocket; older ones do not tell it from other TCP",
    convert=convert,
)
