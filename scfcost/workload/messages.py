"""What sessions send and receive: streams with their answers, and what a room hears."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scfcost.trace.model import CONTROL, DOWN, UP, Int64
from scfcost.workload.distributions import Distribution, Floats, rest_of
from scfcost.workload.schema import Answer, Scenario, Stream

_SPARE = 1.1
"""Gaps drawn at once, as a multiple of those expected: what is too many is cut off. [1]"""
_AT_LEAST = 4
"""Gaps drawn of a session at once, at least. [1]"""
_ROOM_SHIFT = 44
"""Bits that hold an instant within a span when room and instant share a word: 557 years. [bit]"""


@dataclass(frozen=True, slots=True, eq=False)
class Lives:
    """Sessions of one block, in the order of their start. Times since the start of the scenario, whole ms."""

    connect_ms: Int64
    """Shape (n,). [ms]"""
    end_ms: Int64
    """Natural end, or the moment in which a client vanishes. Shape (n,). [ms]"""
    pace: Floats
    """What multiplies the gaps of each session. Shape (n,)."""
    room: Int64
    """The room each is in, 0 where there are none. Shape (n,)."""
    carried: NDArray[np.bool_]
    """Whether each was under way at the start, and with it the gap to its next message. Shape (n,)."""

    def __len__(self) -> int:
        return len(self.connect_ms)


@dataclass(frozen=True, slots=True, eq=False)
class Messages:
    """Messages of one block, each array of shape (m,)."""

    owner: Int64
    """Index of the session."""
    at_ms: Int64
    """Time since the start of the scenario. [ms]"""
    size: Int64
    """[B]"""
    flags: NDArray[np.uint8]
    """As in `Trace.message_flags`."""

    def take(self, rows: NDArray[Any]) -> Messages:
        """Return some rows, by index or mask."""
        return Messages(self.owner[rows], self.at_ms[rows], self.size[rows], self.flags[rows])


def messages_of(scenario: Scenario, lives: Lives, rng: np.random.Generator) -> Messages:
    """Draw every message of some sessions, those of a session in the order of time.

    Messages come before the end of their session; at one instant those of the client come first.

    Parameters
    ----------
    scenario : Scenario
        Its streams, answers and rooms.
    lives : Lives
        n sessions.
    rng : Generator
        Draws.
    """
    parts = []
    for stream in scenario.all_streams():
        said = _said(stream, lives, rng)
        parts.append(said)
        if stream.answer is not None:
            parts.append(_answers(stream.answer, stream, said, lives, rng))
        if stream.fan_out:
            parts.append(_heard(said, lives))
    return _in_order(parts)


def renewals(
    stream: Stream, pace: Floats, length: Floats, carried: NDArray[np.bool_], rng: np.random.Generator
) -> tuple[Int64, Floats]:
    """Draw the instants of a renewal process in each of some sessions, from the start of each until before its end.

    Parameters
    ----------
    stream : Stream
        Its gap from each instant to the next, and from the start to the first unless it says otherwise.
    pace, length : ndarray of float64, shape (n,)
        What multiplies the gaps of each session, and how long it lasts. [1], [ms]
    carried : ndarray of bool, shape (n,)
        Which sessions are met under way, and with them a gap of which the rest is left.
    rng : Generator
        Draws.

    Returns
    -------
    owner : ndarray of int64, shape (m,)
        Session of each instant, ascending.
    since_ms : ndarray of float64, shape (m,)
        Time since the start of the session, ascending within each. [ms]
    """
    gap, first, mean = stream.gap, stream.first, stream.gap.mean()
    here, reached = np.arange(len(length)), np.zeros(len(length))
    found: list[tuple[Int64, Floats]] = []
    while len(here):
        left = length[here] - reached[here]
        counts = np.ceil(left / (mean * pace[here]) * _SPARE).astype(np.int64) + _AT_LEAST
        owner = np.repeat(here, counts)
        steps = gap.draw(rng, len(owner)) * pace[owner]
        ends = np.cumsum(counts)
        begins = ends - counts
        if not found:
            if first is not None:
                steps[begins] = first.draw(rng, len(here)) * pace[here]
            late = carried[here]
            steps[begins[late]] = rest_of(gap, rng, int(late.sum())) * pace[here[late]]
        total = np.cumsum(steps)
        before = np.concatenate(([0.0], total))[begins]
        since = total - np.repeat(before - reached[here], counts)
        inside = since < length[owner]
        found.append((owner[inside], since[inside]))
        last = since[ends - 1]
        unfinished = last < length[here]
        reached[here] = last
        here = here[unfinished]
    if len(found) == 1:
        return found[0]
    owner, since = (np.concatenate(column) for column in zip(*found, strict=True)) if found else _nothing()
    order = np.argsort(owner, kind="stable")  # later rounds go on where earlier ones of the same session stopped
    return owner[order], since[order]


def _nothing() -> tuple[Int64, Floats]:
    return np.zeros(0, np.int64), np.zeros(0)


def _said(stream: Stream, lives: Lives, rng: np.random.Generator) -> Messages:
    """Draw the messages of a stream, without answers and echoes."""
    having = np.flatnonzero(rng.random(len(lives)) < float(stream.share))
    length = (lives.end_ms - lives.connect_ms)[having].astype(np.float64)
    owner, since = renewals(stream, lives.pace[having], length, lives.carried[having], rng)
    owner = having[owner]
    at_ms = lives.connect_ms[owner] + since.astype(np.int64)
    flags = (UP if stream.direction == "up" else DOWN) + (CONTROL if stream.kind == "ping" else 0)
    return Messages(owner, at_ms, _sizes(stream.bytes, len(owner), rng), np.full(len(owner), flags, np.uint8))


def _sizes(sizes: Distribution, n: int, rng: np.random.Generator) -> Int64:
    return np.rint(sizes.draw(rng, n)).astype(np.int64)


def _answers(answer: Answer, stream: Stream, said: Messages, lives: Lives, rng: np.random.Generator) -> Messages:
    """Draw what the other side sends back for each message, as far as the session lasts."""
    counts = np.rint(answer.count.draw(rng, len(said.owner))).astype(np.int64)
    which = np.repeat(np.arange(len(said.owner)), counts)
    first = np.cumsum(counts) - counts
    steps = answer.gap.draw(rng, len(which))
    begins = first[counts > 0]
    steps[begins] = answer.after.draw(rng, len(begins))
    total = np.cumsum(steps)
    since = total - np.repeat((total - steps)[begins], counts[counts > 0])
    owner = said.owner[which]
    at_ms = said.at_ms[which] + since.astype(np.int64)
    flags = (DOWN if stream.direction == "up" else UP) + (CONTROL if stream.kind == "ping" else 0)
    sizes = _sizes(answer.bytes, len(which), rng)
    return Messages(owner, at_ms, sizes, np.full(len(which), flags, np.uint8)).take(at_ms < lives.end_ms[owner])


def _heard(said: Messages, lives: Lives) -> Messages:
    """Return what everyone else in a room hears of what its members say, at the same instant."""
    room = lives.room[said.owner]
    order = np.lexsort((said.at_ms, room))
    spoken = (room[order] << _ROOM_SHIFT) + said.at_ms[order]
    own_room = lives.room << _ROOM_SHIFT
    first = np.searchsorted(spoken, own_room + lives.connect_ms, side="left")
    counts = np.searchsorted(spoken, own_room + lives.end_ms, side="left") - first
    owner = np.repeat(np.arange(len(lives)), counts)
    since = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)
    which = order[np.repeat(first, counts) + since]
    others = said.owner[which] != owner
    which = which[others]
    return Messages(owner[others], said.at_ms[which], said.size[which], np.full(len(which), DOWN, np.uint8))


def _in_order(parts: list[Messages]) -> Messages:
    if len(parts) == 1:
        return parts[0]
    names = ("owner", "at_ms", "size", "flags")
    whole = Messages(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))
    span = int(whole.at_ms.max(initial=0)) + 1
    key = (whole.owner * span + whole.at_ms) * 4 + (whole.flags & 3)  # each part is in order, so runs merge
    return whole.take(np.argsort(key, kind="stable"))
