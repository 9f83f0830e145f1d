"""What happened to a function in its trace, as what calls and uses are counted by."""

from __future__ import annotations

import numpy as np

from scfcost.analysis.estimate.estimate import TraceEstimate
from scfcost.lifecycle.outcomes import OPEN
from scfcost.trace.model import CONTROL, DIRECTION_MASK, DOWN, UP


def events_of(found: TraceEstimate) -> dict[str, int | None]:
    """Count what happened to a function in its trace: connects, messages that arrived, and disconnects.

    Injected heartbeats are no messages here, and neither is a message without a direction. A trace without message
    rows cannot tell.
    """
    rows, trace = found.result.invocations, found.trace
    opened = len(rows)
    closed = opened - int((rows.outcome == OPEN).sum())
    up: int | None = None
    down: int | None = None
    if trace.has_messages:
        up, down = (_delivered(found, direction) for direction in (UP, DOWN))
    return {"connect": opened, "message-up": up, "message-down": down, "disconnect": closed}


def _delivered(found: TraceEstimate, direction: int) -> int:
    """Count the messages of one direction that arrived, late ones included."""
    rows, trace = found.result.invocations, found.trace
    flags = trace.message_flags
    counted = ((flags & CONTROL) == 0) & ((flags & DIRECTION_MASK) == direction)
    before = np.concatenate(([0], np.cumsum(counted)))
    arrived = int((before[rows.end_message] - before[rows.first_message]).sum())
    if direction == UP:  # a client's own messages wait while it is away, and stand before the next invocation's first
        again = np.flatnonzero(rows.number > 0)
        arrived += int((before[rows.first_message[again]] - before[rows.end_message[again - 1]]).sum())
    return arrived
