"""Logs of Tencent Cloud EdgeOne: of requests (L7) and of the L4 proxy, as pushed to CLS, COS or HTTP, or downloaded.

References
----------
Fields: cloud.tencent.com/document/product/1552/105791 (L7) and /105792 (L4), seen 2026-11-25. Both write lines of a
connection that still lives, and a last one at its end. Bytes of a line of L4 are those since the line before, and its
ReceivedBytes are what went out to the client; DisconnetReason and DisconnetTimeStamp are spelt so.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from scfcost.trace.formats.base import Converted, Format, Kind, Knows, LogOptions, Original
from scfcost.trace.formats.line_log import MOST_DAYS, LineLog, iso, json_at, whole
from scfcost.trace.formats.lines import convert_lines, kind_of, no_line
from scfcost.trace.formats.sample import LINES, records_of
from scfcost.trace.formats.unwrap import object_in

_START, _END = iso(json_at("RequestTime")), iso(json_at("EdgeEndTime"))
_LASTED = f"nullif({whole(json_at('EdgeResponseTime'))}, -1)"
_COARSE = ("coarse_times", "TRUE", "connections with times of whole seconds")
REQUESTS = LineLog(
    slack_days=MOST_DAYS,
    pattern=None,
    keys=("RequestTime", "RequestStatus", "RequestProtocol"),
    websocket=f"lower({json_at('RequestProtocol')}) = 'websocket' OR {json_at('EdgeResponseStatusCode')} = '101'",
    connect_ms=_START,
    close_ms=f"coalesce({_START} + {_LASTED}, {_END})",
    bytes_out=f"nullif({whole(json_at('EdgeResponseBytes'))}, -1)",
    bytes_in=f"nullif({whole(json_at('RequestBytes'))}, -1)",
    client=json_at("ClientIP"),
    left_out=(
        (
            f"{json_at('RequestStatus')} = '0'",
            "that still lived (lines that EdgeOne writes on the way; the last counts)",
        ),
    ),
    notes=(
        (
            "bytes_of_last_line",
            "TRUE",
            "connections with the bytes of their last line, taken as those of the whole life",
        ),
    ),
)
SESSIONS = LineLog(
    slack_days=MOST_DAYS,
    pattern=None,
    keys=("SessionID", "ConnectTimeStamp", "DisconnetTimeStamp"),
    websocket="TRUE",
    connect_ms=iso(json_at("ConnectTimeStamp")),
    close_ms=iso(json_at("DisconnetTimeStamp")),
    bytes_out=whole(json_at("ReceivedBytes")),
    bytes_in=whole(json_at("SentBytes")),
    client=f"coalesce({json_at('ClientRealIP')}, {json_at('ClientIP')})",
    cut=f"CASE WHEN {json_at('DisconnetReason')} LIKE '%net_exception_timeout' THEN 'idle' END",
    left_out=((f"{json_at('DisconnetTimeStamp')} = '-'", "without an end in the log"),),
    notes=(("any_tcp", "TRUE", "connections of any kind, as this log names no WebSocket"), _COARSE),
)


def _convert_sessions(originals: Sequence[Original], scratch: Path, options: LogOptions) -> Converted:
    path = scratch / "sessions.jsonl"
    with path.open("w", encoding="utf-8") as out:
        for text in _whole_sessions(line for one in originals for line in records_of(one, LINES)):
            out.write(text + "\n")
    return convert_lines(SESSIONS, [Original(path, originals[0].name)], scratch, options, "edgeone")


def _whole_sessions(lines: Iterator[str]) -> Iterator[str]:
    """Yield one line a session, with the bytes of all its lines; what is no line of one stays as it is."""
    still: dict[str, dict[str, Any]] = {}
    for line in lines:
        found = object_in(line)
        if found is None or "SessionID" not in found:
            yield line
            continue
        before, found = still.pop(str(found["SessionID"]), {}), dict(found)  # what was parsed may be kept for others
        for name in ("ReceivedBytes", "SentBytes"):
            found[name] = _bytes_of(found, name) + _bytes_of(before, name)
        if found.get("DisconnetTimeStamp", "-") == "-":
            still[str(found["SessionID"])] = found
        else:
            yield json.dumps(found, ensure_ascii=False)
    yield from (json.dumps(found, ensure_ascii=False) for found in still.values())


def _bytes_of(found: dict[str, Any], name: str) -> int:
    text = str(found.get(name, 0))
    return int(text) if text.isdecimal() else 0


FORMAT = Format(
    name="edgeone",
    title="log of Tencent Cloud EdgeOne, of requests (L7) or of the L4 proxy",
    kinds=lambda _: (kind_of(REQUESTS, "edgeone"), Kind(SESSIONS.is_line, _convert_sessions)),
    knows=Knows(start=True, end=True, bytes_out=True, bytes_are="wire", client=True, idle_cut=True),
    advice=(
        "push real-time logs with RequestTime, RequestStatus, RequestProtocol, EdgeResponseTime, EdgeEndTime, "
        "EdgeResponseBytes and ClientIP; of the L4 proxy all fields. Only L4 tells its timeouts"
    ),
    convert=no_line,
)
