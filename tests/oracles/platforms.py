"""What platforms meter of a trace, in plain Python: one invocation and one message after the other.

It shares no code with the package; invocations are those of the oracle of the lifecycle.
"""

from __future__ import annotations

from typing import Any

from tests.oracles.instances import Call, Rules, pack
from tests.oracles.lifecycle import Session, Setting, replay

HOUR = 3_600_000


def invocations(many: list[Session], setting: Setting, end: int) -> list[dict[str, Any]]:
    """Replay every session, and say of which each invocation is."""
    return [
        {**one, "session": place}
        for place, session in enumerate(many)
        for one in replay(session, setting, end).invocations
    ]


def union(spans: list[tuple[int, int]], step: int = 1) -> int:
    """Sum the time that some spans cover, each stretch of it rounded up to a step; stretches that touch are apart."""
    total, start, until = 0, 0, None
    for begin, end in sorted(spans):
        if end <= begin:
            continue
        if until is None or begin >= until:
            total += 0 if until is None else -(-(until - start) // step) * step
            start, until = begin, end
        until = max(until, end)
    return total + (0 if until is None else -(-(until - start) // step) * step)


def units(size: int, per: int | None) -> int:
    """Count the units of one message, at least one."""
    return 1 if per is None else max(-(-size // per), 1)


def rooms_of(many: list[Session], each: int | None) -> list[int]:
    """Put those who connect one after the other into rooms of so many."""
    order = sorted(range(len(many)), key=lambda place: (many[place].connect, place))
    return [0 if each is None else order.index(place) // each for place in range(len(many))]


def metered(
    many: list[Session], setting: Setting, end: int, *, per: int, step: int, handler: int, each: int | None
) -> dict[str, int]:
    """Meter everything that any platform meters."""
    rows = invocations(many, setting, end)
    room = rooms_of(many, each)
    ups = [size for one in rows for way, size in one["delivered"] if way != "down"]
    downs = [size for one in rows for way, size in one["delivered"] if way == "down"]
    spans: dict[int, list[tuple[int, int]]] = {}
    handlers: dict[int, list[tuple[int, int]]] = {}
    for one in rows:
        spans.setdefault(room[one["session"]], []).append((one["start"], one["end"]))
        woken = [one["start"], *one["woken"]]
        handlers.setdefault(room[one["session"]], []).extend((time, time + handler) for time in woken)
    return {
        "connects": len(rows),
        "connection_time": sum(-(-(one["end"] - one["start"]) // step) for one in rows),
        "up": sum(units(size, per) for size in ups),
        "both": sum(units(size, per) for size in ups + downs),
        "invocations": 2 * len(rows) + len(ups),
        "handler": (len(rows) + len(ups)) * handler,
        "alone": sum(-(-(one["end"] - one["start"]) // step) * step for one in rows),
        "awake": sum(union(own) for own in spans.values()),
        "asleep": sum(union(own) for own in handlers.values()),
        "egress": sum(downs),
        "month": 1,
    }


DAY = 86_400_000


def rented(
    lives: list[tuple[int, int]], pushes: list[tuple[int, int]], window: tuple[int, int], *,
    carries: int, sizes: list[int], free: int, per: int, in_total: bool,
) -> tuple[int, int]:  # fmt: skip
    """Rent units a day of UTC for the most connections; pushes are (instant, bytes). Both times the ms of a day."""
    rented_ms, beyond = 0, 0
    for day in range(window[0] // DAY, -(-window[1] // DAY)):
        begin, end = max(day * DAY, window[0]), min((day + 1) * DAY, window[1])
        instants = [begin, *(start for start, _ in lives if begin <= start < end)]
        most = max(sum(start <= instant < until for start, until in lives) for instant in instants)
        count = next(size for size in sizes if size * carries >= most)
        is_last = end == window[1]
        sent = [size for time, size in pushes if begin <= time < end or (is_last and time == end)]
        units_sent = -(-sum(sent) // per) if in_total else sum(units(size, per) for size in sent)
        rented_ms += count * (end - begin)
        beyond += max(units_sent * DAY - count * free * (end - begin), 0)
    return rented_ms, beyond


def on_instances(many: list[Session], setting: Setting, end: int, held: int, kept: int) -> list[list[tuple[int, int]]]:
    """Put every invocation on an instance, and return when each instance is busy."""
    rows = sorted(invocations(many, setting, end), key=lambda one: (one["start"], one["session"]))
    calls = [Call(one["start"], one["end"]) for one in rows]
    return [one.busy() for one in pack(calls, [Rules(places=held, keep_alive=kept)]).instances]


def kept_ms(busy: list[list[tuple[int, int]]], kept: int, end: int) -> int:
    """Sum the time for which instances are kept after busy stretches, to the next or the end of the window at most."""
    total = 0
    for one in busy:
        following = [start for start, _ in one[1:]] + [end]
        total += sum(max(min(after - until, kept), 0) for (_, until), after in zip(one, following, strict=True))
    return total


def busy_by_hour(busy: list[list[tuple[int, int]]]) -> dict[int, int]:
    """Split busy time over clock hours, an hour at a time."""
    found: dict[int, int] = {}
    for start, until in (span for one in busy for span in one):
        while start < until:
            hour = start // HOUR
            edge = min(until, (hour + 1) * HOUR)
            found[hour] = found.get(hour, 0) + edge - start
            start = edge
    return found
