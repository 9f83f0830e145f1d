"""The lifecycle as the model states it, in plain Python: one event after the other, nothing skipped.

It shares no code with the package. Messages are (time, direction, bytes, kind) with direction "up", "down" or ""
and kind "data", "ping" or "pong", in time order.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

ORDER = {"up": 0, "": 1, "down": 2}


@dataclass
class Session:
    """One session of a trace; `close` None means still open at `window_end`."""

    connect: int
    close: int | None
    messages: list[tuple[int, str, int, str]] = field(default_factory=list)
    close_code: int | None = 1000
    closed_by: str = "client"
    client_lost: int | None = None


@dataclass
class Setting:
    """The settings that matter to the lifecycle, times in ms."""

    idle: int = 15_000
    execution: int = 900_000
    policy: str = "none"
    delay: int = 1_000
    buffer_pushes: bool = False
    heartbeat: int = 0
    heartbeat_down: int = 0
    ping_resets_idle: bool = False
    empty_close_is_normal: bool = False


@dataclass
class Outcome:
    """What became of a session."""

    invocations: list[dict[str, Any]] = field(default_factory=list)
    lost: int = 0
    delayed: int = 0
    missed: int = 0


def natural_code(session: Session, setting: Setting, window_end: int) -> str:
    if session.close is None or session.close > window_end:
        return "202"
    code, by = session.close_code, session.closed_by
    if code == 1000 or (code == 1005 and setting.empty_close_is_normal):
        return "200"
    if (code, by) in ((1010, "client"), (1011, "server")):
        return "200"
    if code is None or by == "":
        return "unknown"
    return "439" if by == "server" else "456"


def replay(session: Session, setting: Setting, window_end: int) -> Outcome:
    """Walk one session to its end."""
    outcome = Outcome()
    end_of_session = window_end if session.close is None else min(session.close, window_end)
    waiting = sorted(session.messages, key=lambda m: (m[0], ORDER[m[1]]))
    late: list[tuple[int, str, int, str]] = []
    start: int | None = session.connect
    while start is not None:
        invocation, waiting = _invocation(session, setting, start, end_of_session, late, waiting)
        outcome.invocations.append(invocation)
        late, start = [], None
        if invocation["code"] == "natural":
            invocation["code"] = natural_code(session, setting, window_end)
            break
        cut = invocation["end"]
        before = outcome.lost + outcome.delayed + outcome.missed
        if setting.policy == "on-demand":
            while waiting:
                time, direction, _, kind = waiting[0]
                if kind == "data" and direction != "down" and not _gone(session, time):
                    start = time
                    break
                if kind == "data":
                    outcome.missed += direction == "down"
                    outcome.lost += direction != "down"
                waiting.pop(0)
        elif (
            setting.policy == "immediate"
            and cut + setting.delay < end_of_session
            and not _gone(session, cut + setting.delay)
        ):
            start = cut + setting.delay
            while waiting and waiting[0][0] < start:
                message = waiting.pop(0)
                if message[3] != "data":
                    continue
                if message[1] == "down" and not setting.buffer_pushes:
                    outcome.missed += 1
                else:
                    outcome.delayed += 1
                    late.append(message)
        else:
            outcome.lost += sum(kind == "data" for _, _, _, kind in waiting)
        invocation["harmful"] = outcome.lost + outcome.delayed + outcome.missed > before
    return outcome


def _gone(session: Session, time: int) -> bool:
    return session.client_lost is not None and time >= session.client_lost


def _invocation(
    session: Session, setting: Setting, start: int, natural_end: int, late: list[Any], waiting: list[Any]
) -> tuple[dict[str, Any], list[Any]]:
    """Run one invocation over a merged list of everything that can happen to it."""
    events = [(time, ORDER[direction], "message", (direction, size, kind)) for time, direction, size, kind in waiting]
    if setting.heartbeat:
        beat = start + setting.heartbeat
        while beat < natural_end and beat < start + setting.execution and not _gone(session, beat):
            events.append((beat, -1, "heartbeat", None))
            beat += setting.heartbeat
    events.append((natural_end, 9, "close", None))
    events.sort(key=lambda event: (event[0], event[1]))
    sent = sum(size for _, direction, size, kind in late if direction == "down" and kind == "data")
    active, delivered = start, 0
    got = [(direction, size) for _, direction, size, kind in late if kind == "data"]
    woken = [start for _, direction, _, kind in late if kind == "data" and direction != "down"]
    for time, _, what, detail in events:
        deadline = min(active + setting.idle, start + setting.execution)
        if time >= deadline:
            code = "455" if active + setting.idle <= start + setting.execution else "433"
            done = {"start": start, "end": deadline, "code": code, "egress": sent, "harmful": False}
            return {**done, "delivered": got, "woken": woken}, waiting[delivered:]
        if what == "close":
            done = {
                "start": start,
                "end": natural_end,
                "code": "natural",
                "egress": sent,
                "harmful": False,
                "delivered": got,
                "woken": woken,
            }
            return done, []
        if what == "heartbeat":
            active = time
            sent += setting.heartbeat_down
            got += [("up", 0), ("down", setting.heartbeat_down)]
            woken.append(time)
            continue
        delivered += 1
        direction, size, kind = detail
        if kind == "data" or setting.ping_resets_idle:
            active = time
        if kind == "data":
            got.append((direction, size))
            woken += [time] if direction != "down" else []
        if kind == "data" and direction == "down":
            sent += size
    raise AssertionError("the close is always reached")
