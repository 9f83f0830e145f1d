"""Envoy's and Istio's access log, as text or as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from scfcost.trace.formats.base import Converted, Format, Knows, LogOptions, Original, head_of
from scfcost.trace.formats.line_log import LineLog, has_keys, host, iso, key, matches, whole
from scfcost.trace.formats.lines import convert_lines

_CUT = "CASE WHEN flags LIKE '%SI%' THEN 'idle' WHEN flags LIKE '%DT%' OR flags LIKE '%UMSDR%' THEN 'life' END"
"""Envoy's stream idle timeout, and its longest durations."""
_UPGRADED = "status = '101' OR (status = '200' AND method = 'CONNECT')"
TEXT = LineLog(
    pattern=r'\[(?P<start>\d{4}-\d\d-\d\dT[\d:.]+Z)\] "(?P<method>\S+) [^"]*" (?P<status>\d+) (?P<flags>\S+) '
    r'(?:.*? )?(?P<received>\d+) (?P<sent>\d+) (?P<lasted>\d+) \S+ "(?P<x_forwarded_for>[^"]*)" '
    r'"(?P<user_agent>(?:[^"\\]|\\.)*)" "(?P<request_id>[^"]*)"',
    client="trim(split_part(x_forwarded_for, ',', 1))",
    websocket=_UPGRADED,
    connect_ms=iso("start"),
    close_ms=f"{iso('start')} + {whole('lasted')}",
    bytes_out=whole("sent"),
    bytes_in=whole("received"),
    cut=_CUT,
)
_FLAGS, _STATUS, _METHOD = key("$.response_flags"), key("$.response_code"), key("$.method")
JSON = LineLog(
    pattern=None,
    websocket=f"{_STATUS} = '101' OR ({_STATUS} = '200' AND {_METHOD} = 'CONNECT')",
    connect_ms=iso(key("$.start_time")),
    close_ms=f"{iso(key('$.start_time'))} + {whole(key('$.duration'))}",
    bytes_out=whole(key("$.bytes_sent")),
    bytes_in=whole(key("$.bytes_received")),
    client=f"coalesce({host(key('$.downstream_remote_address'))}, split_part({key('$.x_forwarded_for')}, ',', 1))",
    cut=_CUT.replace("flags", _FLAGS),
    left_out=(
        (
            f"regexp_matches({key('$.access_log_type')}, '(Start|Periodic|Established|Connected)$')",
            "that still lived (a line of every flush; the last one counts)",
        ),
    ),
)


def _is_json(head: bytes) -> bool:
    return has_keys(head, ["response_flags", "start_time"])


def convert(originals: Sequence[Original], scratch: Path, options: LogOptions) -> Converted:
    """Make a connections file of the upgrades."""
    log = JSON if _is_json(head_of(originals[0])) else TEXT
    return convert_lines(log, originals, scratch, options, "envoy")


FORMAT = Format(
    name="envoy",
    title="Envoy's or Istio's access log, text or JSON",
    recognise=lambda head: matches(TEXT, head) or _is_json(head),
    knows=Knows(start=True, end=True, bytes_out=True, idle_cut=True, bytes_are="wire", client=True),
    advice="the default format tells all that Envoy knows; without periodic flushes there is one line a connection",
    convert=convert,
)
