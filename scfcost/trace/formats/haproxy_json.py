"""HAProxy's log as JSON, by whatever `log-format`: its timers are told by their names, and are milliseconds.

References
----------
"Custom log format" of HAProxy's configuration manual: %Ta and %Tt in ms; %t, %tr, %trg and %T are times of the start.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from scfcost.trace.formats.base import Kind
from scfcost.trace.formats.json_fields import at, common_paths, find, objects
from scfcost.trace.formats.line_log import AT, MOST_DAYS, LineLog, whole, zoned
from scfcost.trace.formats.lines import kind_of

_TIMERS = frozenset(
    (*("ta", "tt", "tr", "tw", "tc", "tq", "th", "ti", "td"), *("timeactive", "timetotal", "timerequest", "timewait"),
     *("timeconnect", "timeresponse", "timequeue", "timequeued", "timeidle", "timehandshake"))
)  # fmt: skip
_FEWEST = 3
"""Timers that make a log one of HAProxy. [1]"""
_LENGTHS = ("Ta", "time_active", "active_time", "Tt", "time_total", "total_time")
_STATUS = ("status_code", "status", "ST", "http_status", "response_code", "code")
_SIZES = ("bytes_read", "bytes_out", "bytes_sent", "B", "bytes", "size")
_RECEIVED = ("bytes_uploaded", "bytes_in", "bytes_received", "U")
_CLIENTS = ("client_ip", "ci", "src", "client", "remote_addr", "source_ip")
_STATES = ("termination_state", "tsc", "ts", "termination", "state")
_LOCAL = re.compile(r"\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d\.\d{3}")
_ZONED = re.compile(r"\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}")
_Values = Sequence[Mapping[tuple[str, ...], str]]


def json_kinds(texts: Sequence[str]) -> list[Kind]:
    """Return the kinds of JSON of HAProxy that lines may be of."""
    values = [one for one in objects(texts) if _timers(one) >= _FEWEST]
    paths = common_paths(values)
    length, status = find(paths, _LENGTHS), find(paths, _STATUS)
    if length is None or status is None:
        return []
    local, named = (_begun(values, paths, form) for form in (_LOCAL, _ZONED))
    start = local or named
    return [] if start is None else [kind_of(_log(paths, length, status, start, is_local=local is not None), "haproxy")]


def _timers(one: Mapping[tuple[str, ...], str]) -> int:
    return len({re.sub("[^a-z]", "", path[-1].lower()) for path in one} & _TIMERS)


def _begun(values: _Values, paths: Sequence[tuple[str, ...]], form: re.Pattern[str]) -> tuple[str, ...] | None:
    """Return where a time of some form stands."""
    return next((path for path in paths if all(form.fullmatch(one.get(path, "")) for one in values)), None)


def _log(
    paths: Sequence[tuple[str, ...]],
    length: tuple[str, ...],
    status: tuple[str, ...],
    start: tuple[str, ...],
    *,
    is_local: bool,
) -> LineLog:
    def value(names: Sequence[str]) -> str | None:
        found = find(paths, names)
        return None if found is None else at(found)

    began = AT if is_local else zoned(at(start), "%d/%b/%Y:%H:%M:%S %z")
    size, received, state = value(_SIZES), value(_RECEIVED), value(_STATES)
    return LineLog(
        slack_days=MOST_DAYS,
        pattern=None,
        keys=tuple(".".join(one) for one in (length, status, start)),
        websocket=f"{at(status)} = '101'",
        connect_ms=began,
        close_ms=f"{began} + {whole(at(length))}",
        bytes_out="NULL" if size is None else whole(size),
        bytes_in="NULL" if received is None else whole(received),
        client=value(_CLIENTS),
        cut="NULL" if state is None else f"CASE WHEN left({state}, 2) IN ('cD', 'sD') THEN 'idle' END",
        local_time=(at(start), "%d/%b/%Y:%H:%M:%S.%g") if is_local else None,
        left_out=((f"starts_with({at(length)}, '+')", "logged before their end (option logasap)"),),
        notes=() if is_local else (("coarse_times", "TRUE", "connections with starts of whole seconds"),),
    )
