"""What a series of a monitoring system means, by its name: open connections, connects or messages, and how counted."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

OPEN, CONNECTS, MESSAGES = "open", "connects", "messages"
TIME = re.compile(
    r"^(?:date_?time|time_?stamp|time|ts|date|epoch|unix_?time)(?:_(?:utc|gmt|iso|iso8601|s|ms|us|ns|unix|local))?$"
    r"|^(?:时间戳?|日期|时刻|统计时间)$"
)
"""What the column of the time is called, its letters and digits alone."""
_KINDS = {
    MESSAGES: re.compile(r"messages|msgs?(?:_|$)|frames|消息"),
    CONNECTS: re.compile(
        r"connects|connections?_(?:opened|accepted|per_|rate|new|total)|new_?conn|accept|handshakes|opened|新建"
    ),
    OPEN: re.compile(r"open|active|current|established|connections|sockets|clients|value|online|连接数|在线"),
}
"""What a series is told by, the rarest first."""
_OTHER = re.compile(
    r"(?:^|_)(?:max|maximum|limit|quota|capacity|reading|writing|waiting|idle|closed?|closes|failed|failures|errors?|dropped|"
    r"rejected|refused|disconnect\w*|handled)(?:_|$)|最大|上限|配额|非活跃|丢弃|失败|断开"
)
"""Of what is none of the three, or a part of another."""
_COUNTER = re.compile(r"(?:_total|_count|_accepted|_accepts|_created)$")
"""Series that only grow, until their server starts anew."""
_OF_A_PERIOD = re.compile(r"[a-z]count$")
"""Counts of some period, as CloudWatch has them (NewConnectionCount): of which, the name does not say."""
_A_SECOND = {
    Fraction(1): re.compile(r"per_?s(?:ec|econd)?(?:_|$)|rate|per_秒|每秒"),
    Fraction(1, 60): re.compile(r"per_?m(?:in|inute)?(?:_|$)|per_分|每分"),
    Fraction(1, 3_600): re.compile(r"per_?h(?:our)?(?:_|$)"),
}


@dataclass(frozen=True, slots=True)
class Meaning:
    """What the values of a series are."""

    kind: str
    is_counter: bool = False
    """Whether they are all that came since the server started, and not a rate."""
    a_second: Fraction = Fraction(1)
    """How many a second one of them is. [1/s]"""


_LABELS = re.compile(r"(?:^|_)(?:state|status|protocol|transport|type)$")
"""Labels of series that are parts of one another, or of other protocols."""
_WEBSOCKET = re.compile(r"^(?:web_?sockets?|wss?)$")


def left_out(labels: Sequence[Mapping[str, str]]) -> dict[int, str]:
    """Return which series are none of open WebSockets, or a part of others, each with the label that says so.

    Parameters
    ----------
    labels : sequence of mapping
        Labels of each series.

    Examples
    --------
    >>> left_out([{"state": "active"}, {"state": "waiting"}, {"state": "reading"}])
    {1: 'state=waiting', 2: 'state=reading'}
    >>> left_out([{"protocol": "http"}, {"protocol": "websocket"}])
    {0: 'protocol=http'}
    """
    told = [{name: bare(value) for name, value in one.items() if _LABELS.search(name)} for one in labels]
    only = {name for one in told for name, value in one.items() if _WEBSOCKET.match(value)}
    found = {}
    for place, one in enumerate(told):
        for name, value in one.items():
            if _OTHER.search(value) or (name in only and not _WEBSOCKET.match(value)):
                found[place] = f"{name}={labels[place][name]}"
    return found


def bare(name: str) -> str:
    """Return the small letters and digits of a name, without labels.

    Examples
    --------
    >>> bare('Timestamp (UTC)'), bare('ws_open{instance="a"}')
    ('timestamp_utc', 'ws_open')
    """
    return re.sub(r"[\W_]+", "_", name.partition("{")[0].lower()).strip("_")


def meaning(name: str) -> Meaning | None:
    """Return what the name of a series says; None where it is of something else.

    Examples
    --------
    >>> meaning("nginx_connections_accepted").is_counter, meaning("nginx_connections_waiting")
    (True, None)
    """
    word = bare(name.replace("/", " per "))
    kind = next((kind for kind, pattern in _KINDS.items() if pattern.search(word)), None)
    if kind is None or _OTHER.search(word):
        return None
    if kind == OPEN:
        return Meaning(kind)
    if _OF_A_PERIOD.search(word):
        return None
    stated = next((factor for factor, pattern in _A_SECOND.items() if pattern.search(word)), None)
    return Meaning(kind, stated is None and _COUNTER.search(word) is not None, stated or Fraction(1))


def rates(values: Mapping[int, Fraction]) -> dict[int, Fraction]:
    """Return what came a second from each sample of a counter to the next; one that falls began anew at 0.

    Parameters
    ----------
    values : mapping of int to Fraction
        Values by their instant. [ms]

    Returns
    -------
    dict of int to Fraction
        By the instant from which on they hold: times their lengths they are all that came. [1/s]

    Examples
    --------
    >>> rates({0: Fraction(10), 2_000: Fraction(14), 3_000: Fraction(1)})
    {0: Fraction(2, 1), 2000: Fraction(1, 1)}
    """
    times = sorted(values)
    grown = {
        before: values[after] - (values[before] if values[after] >= values[before] else 0)
        for before, after in pairwise(times)
    }
    return {at: more * 1_000 / (after - at) for (at, more), after in zip(grown.items(), times[1:], strict=True)}
