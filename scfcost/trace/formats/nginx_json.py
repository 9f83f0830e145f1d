"""nginx's access log as JSON, whatever its keys are called and however deep they stand.

A length of time is nginx's `$request_time` only where it is written as nginx writes it, in seconds with three decimals;
nginx writes a line at the end, so its time is the end.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from scfcost.trace.formats.base import Kind
from scfcost.trace.formats.json_fields import at, common_paths, find, instant_at, objects
from scfcost.trace.formats.line_log import LineLog, decimal_ms, whole
from scfcost.trace.formats.lines import kind_of

_STATUS = ("status", "status_code", "http_status", "response_code", "response_status", "code", "sc_status")
_LENGTH = re.compile(r"(?i)time|duration|latency|elapsed|took|cost|^rt$|^dur$|^secs?$")
_OTHER_LENGTHS = re.compile(r"(?i)upstream|connect|header|backend|handshake|_?(?:ms|us|ns|millis|micros)$|stamp|iso")
_TIMES = ("msec", "time_iso8601", "time_local", "@timestamp", "timestamp", "time", "ts", "date", "datetime", "end_time")
_SIZES = ("body_bytes_sent", "bytes_sent", "body_bytes", "bytes", "bytes_out", "size", "response_size", "body_sent")
_CLIENTS = ("remote_addr", "client_ip", "remote_ip", "clientip", "client", "ip", "remote", "src_ip")
_SECONDS = re.compile(r"\d+\.\d{3}")
_CLOUD = ("httpRequest", "latency")
"""Where a log_format for Google's Cloud Logging puts the seconds, and an `s` behind them."""
_NGINX = ("remote_addr", "body_bytes_sent", "request_time", "http_user_agent", "http_referer", "upstream_addr",
          "upstream_response_time", "time_local", "time_iso8601", "request_length", "remote_user")  # fmt: skip
"""Variables that only nginx calls so."""
_FEWEST_NAMES = 2
"""Of those, so many make a log one of nginx. [1]"""

COARSE = "connections with times of whole seconds (log $msec for milliseconds)"
HANDSHAKE = "connections whose bytes hold the handshake's response, too"

_Values = Sequence[Mapping[tuple[str, ...], str]]


def json_kinds(texts: Sequence[str]) -> list[Kind]:
    """Return the kinds of JSON of nginx that lines may be of."""
    log = json_log(objects(texts))
    return [] if log is None else [kind_of(log, "nginx")]


def json_log(every: _Values) -> LineLog | None:
    """Return the kind of line that objects with nginx's fields are of, None where they tell too little."""
    values = [one for one in every if find(list(one), _STATUS)]
    paths = common_paths(values)
    status, length = find(paths, _STATUS), _length(values, paths)
    if status is None or length is None:
        return None
    for name in _TIMES:
        end = find(paths, [name])
        if end is not None and end != length and (instant := instant_at(end, _some(values, end))):
            return _log(paths, status, length, end, instant)
    return None


def _length(values: _Values, paths: Sequence[tuple[str, ...]]) -> tuple[str, ...] | None:
    """Return where the seconds of a request stand: by nginx's own name, else by how they are written."""
    named = find(paths, ["request_time"])
    is_nginx = sum(find(paths, [name]) is not None for name in _NGINX) >= _FEWEST_NAMES
    if named is not None and is_nginx and any("." in one for one in _some(values, named)):
        return named
    for path in paths:
        if path[-2:] == _CLOUD and all(_SECONDS.fullmatch(one.rstrip(" s")) for one in _some(values, path)):
            return path
        if _LENGTH.search(path[-1]) and not _OTHER_LENGTHS.search(path[-1]):
            own = _some(values, path)
            if own and all(_SECONDS.fullmatch(one) for one in own):
                return path
    return None


def _some(values: _Values, path: tuple[str, ...]) -> list[str]:
    return [one[path] for one in values if one.get(path, "-") not in ("", "-")]


def _log(
    paths: Sequence[tuple[str, ...]],
    status: tuple[str, ...],
    length: tuple[str, ...],
    end: tuple[str, ...],
    instant: str,
) -> LineLog:
    size, client = find(paths, _SIZES), find(paths, _CLIENTS)
    names = [".".join(one) for one in (status, length, end)]
    said = f"connections whose end is {names[2]!r} and whose seconds are {names[1]!r}, as nginx writes them"
    own = names[1].endswith("request_time") and end[-1] in _TIMES[:3]
    seconds = f"rtrim({at(length)}, ' s')" if length[-2:] == _CLOUD else at(length)
    notes = () if own else (("keys_taken", "TRUE", said),)
    coarse = () if end[-1] == "msec" else (("coarse_times", f"({instant}) % 1000 = 0", COARSE),)
    handshake = (("handshake_bytes", "TRUE", HANDSHAKE),) if size is not None and size[-1] == "bytes_sent" else ()
    return LineLog(
        pattern=None,
        keys=tuple(names),
        websocket=f"{at(status)} = '101'",
        connect_ms=f"({instant}) - {decimal_ms(seconds)}",
        close_ms=instant,
        bytes_out="NULL" if size is None else whole(at(size)),
        client=None if client is None else at(client),
        notes=(*notes, *coarse, *handshake),
    )
