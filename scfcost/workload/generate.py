"""A scenario into a trace: block by block, each from a random stream of its own.

How a span is cut into blocks depends on the scenario, its span and its scale alone, and block k draws from the k-th
child of the seed. So the same seed gives the same trace, whatever the number of cores, and however many blocks are held
at once.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import islice
from math import ceil
from typing import Any

import numpy as np

from scfcost.core.errors import ConfigError
from scfcost.core.units import FOREVER_MS, MS_PER_DAY
from scfcost.core.warning import Warned
from scfcost.trace.heartbeats import drop_heartbeats
from scfcost.trace.model import BY_CLIENT, BY_SERVER, UNKNOWN, Int64, Provenance, Trace, never
from scfcost.workload.arrivals import Intensity, by_day, intensity, paces, visits, weight_of_span
from scfcost.workload.carried import Begun, joined, of_crowds, of_the_rate
from scfcost.workload.messages import Lives, Messages, messages_of
from scfcost.workload.schema import LEAST_PACE, Scenario
from scfcost.workload.size import MOST_MESSAGES, Size, size_of, users_of

BLOCK_MESSAGES = 500_000
"""Messages expected of a block, at most, where it can be cut so small. [1]"""
BLOCK_SESSIONS = 100_000
"""Sessions expected of a block, at most. [1]"""
DAYS = 7
"""Days that are generated where none are said: a week, so that every hour of it counts as often as it comes. [d]"""
MOST_DAYS = 3_660
"""Days that are generated at most: ten years. [d]"""
_AHEAD = 2
"""Blocks that are drawn before they are asked for, a core. [1]"""


LOPSIDED = 0.02
"""How far the days that are generated may be from a whole week without a word. [1]"""
MOST_SCALE = 10**12
"""Times that traffic is multiplied: more is no traffic of this world. [1]"""


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """How a scenario is generated: everything but the seed."""

    scenario: Scenario
    span_ms: int
    """Length of the window. [ms]"""
    scale: float
    span: Intensity
    size: Size
    blocks: int
    cold: bool = False
    """Whether nobody is there when it begins."""
    drop_heartbeats: str | None = None
    """Rule by which heartbeats are left out of what is generated, see `trace.heartbeats`."""

    @property
    def window(self) -> tuple[int, int]:
        """Start and end of the window. [ms]"""
        start = self.scenario.start_ms()
        return start, start + self.span_ms


def plan(
    scenario: Scenario,
    *,
    days: float = DAYS,
    scale: float = 1.0,
    most_messages: int = MOST_MESSAGES,
    cold: bool = False,
    drop_heartbeats: str | None = None,
) -> Plan:
    """Decide how a scenario is generated, and refuse one that would become too large.

    Parameters
    ----------
    scenario : Scenario
        The idea of the traffic.
    days : float
        Length of the window. [d]
    scale : float
        Multiplies the arrivals, or the users of a closed population. [1]
    most_messages : int
        Messages beyond which it is refused. [1]
    cold : bool
        Whether nobody is there when it begins; otherwise its first instant is like any other.
    drop_heartbeats : str, optional
        Rule by which heartbeats are left out of every trace that is simulated so.

    Raises
    ------
    ConfigError
        If days or scale are not positive, or the trace would be too large, or empty.
    """
    for name, value in (("days", days), ("scale", scale)):
        if not 0 < value < float("inf"):
            raise ConfigError(f"{name}: {value:g} is not more than 0")
        if value > MOST_SCALE:
            raise ConfigError(f"{name}: {value:g} is absurd; expected at most {MOST_SCALE:,}")
    if days > MOST_DAYS:
        raise ConfigError(f"days: {days:g} is more than {MOST_DAYS:,}; a month is projected from any span")
    span_ms = max(round(days * MS_PER_DAY), 1)
    size = size_of(scenario, span_ms, scale, cold=cold)
    size.check(most_messages)
    if size.sessions < 1:
        raise ConfigError(
            f"the scenario has {size.sessions:.2g} sessions in {days:g} days: nothing to estimate; take more --days"
        )
    blocks = ceil(max(size.messages / BLOCK_MESSAGES, size.sessions / BLOCK_SESSIONS, 1))
    if scenario.rooms is not None:
        blocks = min(blocks, size.rooms)  # a room hears itself, so it is never cut
    if scenario.arrivals.people is not None:
        blocks = min(blocks, max(users_of(scenario, scale), 1))
    span = paces(scenario, span_ms) if scenario.arrivals.is_closed else intensity(scenario, span_ms, scale)
    return Plan(scenario, span_ms, scale, span, size, blocks, cold, drop_heartbeats)


def scaled_plan(made: Plan, factor: float) -> Plan:
    """Return the plan of so many times the traffic.

    Parameters
    ----------
    made : Plan
        How the traffic is generated as it is.
    factor : float
        How many times as much. [1]

    Raises
    ------
    ConfigError
        If it would be too large, or empty.
    """
    days = made.span_ms / MS_PER_DAY
    scale = made.scale * factor
    return plan(made.scenario, days=days, scale=scale, cold=made.cold, drop_heartbeats=made.drop_heartbeats)


def generate(
    scenario: Scenario,
    *,
    days: float = DAYS,
    seed: int | np.random.SeedSequence = 0,
    scale: float = 1.0,
    cold: bool = False,
) -> Trace:
    """Generate a trace of a scenario.

    Parameters
    ----------
    scenario : Scenario
        The idea of the traffic.
    days : float
        Length of the window. [d]
    seed : int or SeedSequence
        The same seed gives the same trace.
    scale : float
        Multiplies the arrivals, or the users of a closed population. [1]
    cold : bool
        Whether nobody is there when it begins.

    Returns
    -------
    Trace
        Its sessions, numbered by block and start; the window is the whole span. Who is there when it begins starts at
        its first instant, with what is left of the session; whoever is still there at its end has an open connection.

    Raises
    ------
    ConfigError
        If the trace would be too large, or empty.
    """
    return simulate(plan(scenario, days=days, scale=scale, cold=cold), seed)


def simulate(
    made: Plan,
    seed: int | np.random.SeedSequence,
    *,
    workers: int | None = None,
    progress: Callable[[float], None] | None = None,
) -> Trace:
    """Generate a trace as planned; see `generate`. `progress` is called with the share that is done.

    Parameters
    ----------
    made : Plan
        What to generate.
    seed : int or SeedSequence
        The same seed gives the same trace.
    workers : int, optional
        Threads that draw; as many as there are cores by default.
    progress : callable, optional
        Called with the share that is done.
    """
    blocks = []
    for block in chunks(made, seed, workers=workers):
        blocks.append(block)
        if progress is not None:
            progress(len(blocks) / made.blocks)
    trace = _joined(made, blocks)
    return trace if made.drop_heartbeats is None else drop_heartbeats(trace, made.drop_heartbeats)


def chunks(made: Plan, seed: int | np.random.SeedSequence, *, workers: int | None = None) -> Iterator[Trace]:
    """Generate a trace block by block, in order, some ahead on other cores; each holds whole connections.

    Parameters
    ----------
    made : Plan
        What to generate.
    seed : int or SeedSequence
        The same seed gives the same trace.
    workers : int, optional
        Threads that draw; as many as there are cores by default.
    """
    root = seed if isinstance(seed, np.random.SeedSequence) else np.random.SeedSequence(seed)
    first = 0
    for block in _blocks(made, root, workers or os.cpu_count() or 1):
        yield block.replace(connection_id=block.connection_id + first)
        first += block.connections


def _blocks(made: Plan, root: np.random.SeedSequence, workers: int) -> Iterator[Trace]:
    """Draw the blocks, in order, so many of them ahead that no thread waits."""
    draw = partial(_block, made, root)
    if min(workers, made.blocks) == 1:
        yield from map(draw, range(made.blocks))
        return
    with ThreadPoolExecutor(workers) as pool:
        submitted = (pool.submit(draw, number) for number in range(made.blocks))
        waiting = deque(islice(submitted, workers * _AHEAD))
        while waiting:
            block = waiting.popleft().result()
            waiting.extend(islice(submitted, 1))
            yield block


def _joined(made: Plan, blocks: Sequence[Trace]) -> Trace:
    """Put blocks together into one trace, whose window is the whole span."""
    start, end = made.window
    columns: tuple[str, ...] = (
        "connection_id", "connect_ms", "close_ms", "close_code", "closed_by", "client_lost_ms", "function_code",
        "message_ms", "message_bytes", "message_flags",
    )  # fmt: skip
    counts = np.concatenate([np.diff(block.offsets) for block in blocks])
    columns += ("room",) if made.scenario.rooms is not None else ()
    whole: dict[str, Any] = {name: np.concatenate([getattr(block, name) for block in blocks]) for name in columns}
    if len(whole["connect_ms"]) == 0:
        raise ConfigError("chance let nobody come in this span: take more --days or another --seed")
    return Trace(
        **whole,
        offsets=np.concatenate(([0], np.cumsum(counts))),
        start_ms=start,
        end_ms=end,
        functions=(made.scenario.function,),
        provenance=Provenance(warnings=tuple(_warnings(made, whole["connect_ms"]))),
    )


def _warnings(made: Plan, connect_ms: Int64) -> Iterator[Warned]:
    carried = int((connect_ms == made.window[0]).sum())
    if made.cold:
        text = "nobody is there when the scenario begins (--cold): until as many are as usual, the month is too low"
        yield Warned("cold_scenario", text)
    elif carried:
        them = "connections are under way when the scenario begins, and enter"
        if carried == 1:
            them = "connection is under way when the scenario begins, and enters"
        text = f"{carried:,} {them} at its first instant: cold starts and refusals by the burst limit in its first "
        yield Warned("carried_in", f"{text}minute are not what people do")
    weight = weight_of_span(made.scenario, made.span_ms)
    if abs(weight - 1) > LOPSIDED:
        days = f"{made.span_ms / MS_PER_DAY:g}"
        text = f"sessions come {weight:.2f} times as often as over a whole week in what is generated (--days {days})"
        week = "--days 7 holds every weekday"
        high, low = f"{text}, so the month is too high: {week}", f"{text}, so the month is too low: {week}"
        yield Warned("part_of_a_week", high if weight > 1 else low)


def _block(made: Plan, root: np.random.SeedSequence, number: int) -> Trace:
    """Draw one block, its sessions numbered from 0."""
    child = np.random.SeedSequence(root.entropy, spawn_key=(*root.spawn_key, number))
    rng = np.random.default_rng(child)
    scenario, session = made.scenario, made.scenario.session
    found, room = _sessions(made, number, rng)
    order = np.argsort(found.connect_ms, kind="stable")
    connect_ms = found.connect_ms[order].astype(np.int64)
    length = np.minimum(found.length_ms[order], made.span_ms + 1.0)  # what comes after the end is not seen
    end_ms = connect_ms + length.astype(np.int64)
    n = len(connect_ms)
    pace = np.ones(n) if session.pace is None else np.maximum(session.pace.draw(rng, n), LEAST_PACE)
    lost = rng.random(n) < float(session.lost)
    which = rng.choice(len(session.closes), n, p=[float(one.share) for one in session.closes])
    lives = Lives(connect_ms, end_ms, pace, room[order], found.carried[order])
    trace = _as_trace(made, connect_ms, end_ms, lost, which, messages_of(scenario, lives, rng))
    return trace if scenario.rooms is None else trace.replace(room=lives.room.astype(np.int64))


def _sessions(made: Plan, number: int, rng: np.random.Generator) -> tuple[Begun, Int64]:
    """Draw the sessions of one block, and the room of each."""
    scenario, arrivals = made.scenario, made.scenario.arrivals
    rooms = range(*_edges(made.size.rooms, made.blocks, number)) if scenario.rooms else range(1)
    people = range(*_edges(users_of(scenario, made.scale), made.blocks, number))
    if arrivals.is_closed:
        found, who = visits(scenario, len(people), made.span, rng, cold=made.cold)
        return found, rooms.start + who % len(rooms)
    if arrivals.always is not None:
        there = np.zeros(len(people))
        found = Begun(there, np.full(len(people), np.inf), np.full(len(people), not made.cold))
    elif arrivals.daily is not None:
        found = by_day(scenario, people, made.span_ms, rng, cold=made.cold)
    else:
        found = _by_rate(made, number, len(rooms), rng)
    return found, rooms.start + rng.integers(0, len(rooms), len(found.connect_ms))


def _by_rate(made: Plan, number: int, rooms: int, rng: np.random.Generator) -> Begun:
    """Draw the sessions of one block that come by a rate: of a part of the time, or of a part of the rooms."""
    scenario = made.scenario
    low, high = (made.span.total * edge / made.blocks for edge in (number, number + 1))
    share = 1 / made.blocks
    if scenario.rooms is not None:
        low, high, share = 0.0, made.span.total, rooms / made.size.rooms
    n = int(rng.poisson((high - low) * (share if scenario.rooms else 1.0)))
    connect = made.span.when(low + rng.random(n) * (high - low))
    coming = Begun(connect, scenario.session.length.draw(rng, n), np.zeros(n, np.bool_))
    if made.cold:
        return coming
    scale = made.scale * share
    return joined([coming, of_the_rate(scenario, scale, rng), of_crowds(scenario, scale, rng)])


def _edges(count: int, blocks: int, number: int) -> tuple[int, int]:
    """Return the first and the one after the last of the things that belong to a block."""
    return count * number // blocks, count * (number + 1) // blocks


def _as_trace(made: Plan, connect_ms: Int64, end_ms: Int64, lost: Any, which: Any, messages: Messages) -> Trace:
    """Put a block into columns; what comes after the end of the window is left out."""
    start, end = made.window
    closes = made.scenario.session.closes
    messages = messages.take(messages.at_ms <= made.span_ms)
    counts = np.bincount(messages.owner, minlength=len(connect_ms))
    codes = np.array([one.code for one in closes], np.int16)[which]
    sides = np.array([BY_CLIENT if one.by == "client" else BY_SERVER for one in closes], np.int8)[which]
    seen = ~lost & (end_ms <= made.span_ms)
    return Trace(
        connection_id=np.arange(len(connect_ms)),
        connect_ms=start + connect_ms,
        close_ms=np.where(seen, start + end_ms, FOREVER_MS),
        close_code=np.where(seen, codes, np.int16(UNKNOWN)),
        closed_by=np.where(seen, sides, np.int8(0)),
        offsets=np.concatenate(([0], np.cumsum(counts))),
        message_ms=start + messages.at_ms,
        message_bytes=messages.size,
        message_flags=messages.flags,
        start_ms=start,
        end_ms=end,
        client_lost_ms=np.where(lost & (end_ms <= made.span_ms), start + end_ms, never(len(connect_ms))),
        function_code=np.zeros(len(connect_ms), np.int16),
        functions=(made.scenario.function,),
    )
