"""Messages and connection-minutes, as platforms meter them: delivered messages by direction, in units of some sizes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scfcost.config.function import FunctionConfig
from scfcost.core.money import round_ratio
from scfcost.core.units import FOREVER_MS, MS_PER_MINUTE
from scfcost.lifecycle.kernels.messages import deliver
from scfcost.lifecycle.records import Invocations
from scfcost.trace.model import CONTROL, DIRECTION_MASK, DOWN, Int64, Trace

UNITS_KB = (2, 5, 32, 512)
"""Sizes of the units that platforms count messages in: each message is one unit a begun size. [KB of 1,024 B]"""
_SIZES = (None, *UNITS_KB)
_SMALLEST = UNITS_KB[0] * 1_024
"""A message of up to this size is one unit of any. [B]"""
COUNTS = (
    "connection_minutes",
    *(f"{way}{'' if size is None else f'_{size}_kb'}" for way in ("up", "down") for size in _SIZES),
)
"""What is counted: minutes of connections, each life rounded up; messages up and down, as such and in units. [1]"""


@dataclass(frozen=True, slots=True)
class MessageCounts:
    """Delivered messages and connection-minutes of a trace."""

    counts: tuple[int, ...]
    """In the order of `COUNTS`. [1]"""
    known: bool
    """Whether the trace has message rows; without them, only the minutes are known."""

    def to_dict(self, factor: Fraction | None) -> dict[str, Any]:
        """Return the counts of the trace and of the month it projects to, as plain data."""
        return {
            "trace": self._plain(Fraction(1)),
            "month": None if factor is None else self._plain(factor),
        }

    def _plain(self, factor: Fraction) -> dict[str, Any]:
        scaled = [round_ratio(count, factor.numerator, factor.denominator) for count in self.counts]
        named = dict(zip(COUNTS, scaled, strict=True))
        if not self.known:
            return {"connection_minutes": named["connection_minutes"], "up": None, "down": None, "delivered": None}
        units = {str(size): {"up": named[f"up_{size}_kb"], "down": named[f"down_{size}_kb"]} for size in UNITS_KB}
        return {
            "connection_minutes": named["connection_minutes"], "up": named["up"], "down": named["down"],
            "delivered": named["up"] + named["down"], "units_kb": units,
        }  # fmt: skip


def count_messages(trace: Trace, invocations: Invocations, configs: Mapping[str, FunctionConfig]) -> Int64:
    """Count the delivered data messages of a trace, injected heartbeats among them.

    Parameters
    ----------
    trace : Trace
        n connections.
    invocations : Invocations
        k invocations of that trace.
    configs : mapping of str to FunctionConfig
        The settings of each function.

    Returns
    -------
    ndarray of int64, shape (len(COUNTS),)
        In the order of `COUNTS`. Undirected messages count as up; one of unknown size is one unit. [1]
    """
    found = [int((-(-invocations.duration_ms // MS_PER_MINUTE)).sum())]
    data = (trace.message_flags & CONTROL) == 0
    pushes = data & ((trace.message_flags & DIRECTION_MASK) == DOWN)
    beats = list(_heartbeats(trace, invocations, configs))
    waited = _first_waiting(trace, invocations)
    for way, rows, first in (("up", data & ~pushes, waited), ("down", pushes, invocations.first_message)):
        delivered = rows & _covered(first, invocations.end_message, len(rows))
        number, large = int(delivered.sum()), trace.message_bytes[delivered & (trace.message_bytes > _SMALLEST)]
        for size in _SIZES:
            injected = sum(count * (1 + _further(np.array([sizes[way]]), size)) for count, sizes in beats)
            found.append(number + _further(large, size) + injected)
    return np.array(found, np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Delivered:
    """The delivered data messages of one direction."""

    rows: Int64
    """Which messages of the trace. Shape (d,)."""
    by: Int64
    """Index of the invocation that delivered each. Shape (d,)."""
    beats: tuple[tuple[int, int], ...]
    """Injected heartbeats of each function: how many, and the bytes of one. [1], [B]"""
    beats_of: Int64
    """Injected heartbeats of each invocation. Shape (k,). [1]"""


def delivered(trace: Trace, invocations: Invocations, configs: Mapping[str, FunctionConfig], way: str) -> Delivered:
    """Find the delivered data messages of one direction, as `count_messages` counts them.

    Parameters
    ----------
    trace : Trace
        n connections.
    invocations : Invocations
        k invocations of that trace.
    configs : mapping of str to FunctionConfig
        The settings of each function.
    way : {"up", "down"}
        Undirected messages are up.
    """
    first = _first_waiting(trace, invocations) if way == "up" else invocations.first_message
    room = int(np.maximum(invocations.end_message - first, 0).sum())
    rows, by = np.empty(room, np.int64), np.empty(room, np.int64)
    count = deliver(trace.message_flags, first, invocations.end_message, int(way == "down"), rows, by)
    beats = tuple((count, sizes[way]) for count, sizes in _heartbeats(trace, invocations, configs))
    return Delivered(rows[:count], by[:count], beats, _beats_of(trace, invocations, configs))


def units_of(sizes: Int64, per_bytes: int | None) -> int:
    """Sum the units of messages: one a begun size, at least one, and one of unknown size.

    Parameters
    ----------
    sizes : ndarray of int64, shape (d,)
        Bytes of each message, or UNKNOWN. [B]
    per_bytes : int, optional
        Size of a unit; every message is one where it is not given. [B]
    """
    if per_bytes is None:
        return len(sizes)
    return int(np.maximum(-(-sizes.astype(np.int64) // per_bytes), 1).sum())


def _covered(first: Int64, end: Int64, messages: int) -> NDArray[np.bool_]:
    """Tell which messages lie in any of the ranges `first:end`, which do not overlap."""
    steps = np.bincount(first, minlength=messages + 1) - np.bincount(end, minlength=messages + 1)
    covered: NDArray[np.bool_] = np.cumsum(steps)[:messages] > 0
    return covered


def _further(sizes: Int64, size_kb: int | None) -> int:
    """Sum the units of messages beyond the first of each. [1]"""
    if size_kb is None:
        return 0
    return int(np.maximum(-(-sizes.astype(np.int64) // (size_kb * 1_024)) - 1, 0).sum())


def _first_waiting(trace: Trace, invocations: Invocations) -> Int64:
    """Return the first message that waited for each invocation: what follows the one before it of the session.

    Messages up that came in an absence are delivered late, at the next start.
    """
    first = trace.offsets[invocations.session].astype(np.int64)
    again = np.flatnonzero(invocations.number > 0)
    first[again] = invocations.end_message[again - 1]
    return first


def _heartbeats(
    trace: Trace, invocations: Invocations, configs: Mapping[str, FunctionConfig]
) -> Iterator[tuple[int, dict[str, int]]]:
    """Yield the injected heartbeats of each function, and the bytes of one up and of its answer."""
    function = trace.function_code[invocations.session]
    beats = _beats_of(trace, invocations, configs)
    for code, name in enumerate(trace.functions):
        config = configs[name]
        if config.heartbeat_ms:
            sizes = {"up": config.heartbeat_up_bytes, "down": config.heartbeat_down_bytes}
            yield int(beats[function == code].sum()), sizes


def _beats_of(trace: Trace, invocations: Invocations, configs: Mapping[str, FunctionConfig]) -> Int64:
    """Count the injected heartbeats of each invocation. Shape (k,). [1]"""
    every = np.array([configs[name].heartbeat_ms for name in trace.functions], np.int64)
    every = every[trace.function_code[invocations.session]]
    lost = np.minimum(trace.client_lost_ms[invocations.session], FOREVER_MS)
    limit = np.minimum(invocations.end_ms, lost) - 1
    counts = np.maximum((limit - invocations.start_ms) // np.maximum(every, 1), 0)
    found: Int64 = np.where(every > 0, counts, 0)
    return found
