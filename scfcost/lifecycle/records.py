"""What a replay gives, as columns: invocations, where they ran, what was refused, and the load they were."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Generic, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from scfcost.lifecycle.outcomes import BURST, LEFT, QUOTA, name
from scfcost.trace.model import Int64

Number = TypeVar("Number", int, Int64)


@dataclass(frozen=True, slots=True)
class Sums(Generic[Number]):
    """Sums over invocations: of a function, or one a session as arrays of shape (n,). In the order of the kernels."""

    invocations: Number
    """Accepted invocations. [1]"""
    connection_ms: Number
    """Their billed lives. [ms]"""
    egress_bytes: Number
    """Bytes of the delivered messages from the function to its clients. [B]"""
    cut_harmful: Number
    """Cuts that someone notices. [1]"""
    cut: Number
    """Cuts. [1]"""
    messages_lost: Number
    """Messages of clients that reach no function. [1]"""
    messages_delayed: Number
    """Messages that wait for the next connection. [1]"""
    pushes_missed: Number
    """Messages to clients that are sent while none is connected. [1]"""
    reconnects: Number
    """Invocations of a session after its first. [1]"""

    def __add__(self, other: Sums[Number]) -> Sums[Number]:
        return Sums(*(one + two for one, two in zip(self.row(), other.row(), strict=True)))

    def row(self) -> tuple[Number, ...]:
        """Return the sums in the order of the kernels."""
        return tuple(getattr(self, one) for one in SUMMED)


SUMMED = tuple(one.name for one in fields(Sums))
"""Names of `Sums`, in the order of the kernels."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Load:
    """What invocations took of instances."""

    busy_ms: Int64
    """Busy time of the instances of each function, overlapping time on one instance once. Shape (functions,). [ms]"""
    cold_starts: Int64
    """New instances of each function, those started in advance left out. Shape (functions,). [1]"""
    peak_connections: int
    """Most connections at once. [1]"""
    peak_instances: int
    """Most busy instances at once. [1]"""
    peak_memory_mb: int
    """Most memory of busy instances at once. [MB]"""
    peak_ms: int
    """Instant at which that memory was first reached. [ms]"""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Packing(Load):
    """Where each invocation ran, and what that took."""

    instance: Int64
    """Instance of each invocation, numbered in the order of creation; -1 for one of 0 ms or refused. Shape (k,)."""
    cold_start: NDArray[np.bool_]
    """Whether each invocation began on a new instance. Shape (k,)."""
    refused: NDArray[np.int16]
    """432 or 429 where an invocation was refused, else 0. Shape (k,)."""


@dataclass(frozen=True, slots=True, eq=False)
class Invocations:
    """One row an invocation, sessions in the order of the trace, each session's invocations in time order."""

    session: Int64
    """Index of the session in the trace. Shape (k,)."""
    number: Int64
    """0 for the session's first invocation, 1 for its first reconnect, … Shape (k,)."""
    start_ms: Int64
    """Shape (k,). [ms]"""
    end_ms: Int64
    """Shape (k,). [ms]"""
    outcome: NDArray[np.int16]
    """Status codes, see `outcomes`. Shape (k,)."""
    egress_bytes: Int64
    """Bytes of the pushes delivered, heartbeats' answers included. Shape (k,). [B]"""
    harmful: NDArray[np.bool_]
    """Whether the invocation was cut and a message was lost, missed or delayed by it. Shape (k,)."""
    last_data_ms: Int64
    """Last data message delivered, -1 where there is none. Shape (k,). [ms]"""
    first_message: Int64
    """Index of the first message that the invocation may deliver. Shape (k,)."""
    end_message: Int64
    """Index after the last message that the invocation delivers. Shape (k,)."""
    tally: Int64
    """Messages lost, messages delayed and pushes missed, a row a function. Shape (functions, 3)."""

    @property
    def duration_ms(self) -> Int64:
        """Life of each invocation. [ms]"""
        return self.end_ms - self.start_ms

    def take(self, rows: NDArray[Any], **changed: NDArray[Any]) -> Invocations:
        """Return some rows, by index or mask, with other values of the columns that are given; the tally stays."""
        columns = {one: getattr(self, one)[rows] for one in self.__slots__ if one != "tally"}
        return Invocations(**{**columns, "tally": self.tally, **changed})

    @staticmethod
    def of_lives(start_ms: Int64, end_ms: Int64, session: Int64, *, functions: int = 1) -> Invocations:
        """Return invocations of which only session, start and end are known.

        Parameters
        ----------
        start_ms, end_ms : ndarray of int64, shape (k,)
            Life of each. [ms]
        session : ndarray of int64, shape (k,)
            Index of the session of each in the trace.
        functions : int
            Functions of the trace. [1]
        """
        columns = _empty_columns(len(start_ms))
        alone = dict(zip(Invocations.__slots__, columns, strict=False))
        tally = np.zeros((functions, 3), np.int64)
        return Invocations(**{**alone, "session": session, "start_ms": start_ms, "end_ms": end_ms, "tally": tally})

    def __len__(self) -> int:
        return len(self.session)


def _empty_columns(rows: int) -> tuple[NDArray[Any], ...]:
    types = [np.int64] * 4 + [np.int16, np.int64, np.bool_] + [np.int64] * 3
    return tuple(np.zeros(rows, dtype=kind) for kind in types)


@dataclass(frozen=True, slots=True, eq=False)
class Refusals:
    """Attempts to connect that came to nothing: one row an attempt, in the order of time."""

    session: Int64
    """Index of the session in the trace. Shape (r,)."""
    time_ms: Int64
    """Shape (r,). [ms]"""
    code: NDArray[np.int16]
    """432 (memory quota), 429 (burst limit) or 450 (initialisation timeout). Shape (r,)."""
    attempt: Int64
    """0 for the first attempt of an invocation, 1 for the first try after it, … Shape (r,)."""
    given_up: NDArray[np.bool_]
    """Whether a session ended because of a refusal. Shape (sessions,)."""
    has_left: NDArray[np.bool_]
    """Whether a session ended before the instance that it waited for was ready. Shape (sessions,)."""

    def counts(self) -> dict[str, int]:
        """Count the attempts by status code, and the sessions that left before an instance was ready as `left`."""
        codes, counts = np.unique(self.code, return_counts=True)
        found = {str(code): int(count) for code, count in zip(codes, counts, strict=True)}
        return {**found, name(LEFT): int(self.has_left.sum())}


class Stretch(NamedTuple):
    """The invocations that start in a stretch of time, in the order of their starts. Arrays of shape (k,)."""

    start_ms: Int64
    end_ms: Int64
    function: NDArray[np.int16]
    """Index of the function that serves each."""


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """What became of a trace."""

    invocations: Invocations
    packing: Packing
    refused_ms: Int64
    """Instants of the attempts to connect that `refused_code` tells of. Shape (r,). [ms]"""
    refused_code: NDArray[np.int16]
    """432 (memory quota) or 429 (burst limit) for each that is refused, or would be; another code else. Shape (r,)."""
    refusals: Refusals | None = None
    """What was refused, or not initialised in time; None where nothing can be."""

    @property
    def would_refuse(self) -> dict[str, int]:
        """Count what the memory quota (432) and the burst limit (429) refuse, or would refuse."""
        return {str(code): int((self.refused_code == code).sum()) for code in (QUOTA, BURST)}
