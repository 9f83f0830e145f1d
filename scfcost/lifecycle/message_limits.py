"""Connections whose messages are larger or denser than the platform carries."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scfcost.lifecycle.kernels.messages import densest_seconds
from scfcost.lifecycle.replay import message_columns
from scfcost.lifecycle.threads import run_parts
from scfcost.trace.model import Trace


@dataclass(frozen=True, slots=True)
class MessageBounds:
    """What the platform carries on one connection."""

    message_bytes: int
    """Largest message. [B]"""
    bytes_per_second: int
    messages_per_second: int


BOUNDS = {
    "message_bytes": "messages larger than {:,} bytes",
    "bytes_per_second": "more than {:,} bytes a second",
    "messages_per_second": "more than {:,} messages a second",
}
"""The bounds by name, and what breaking one is called."""
WORST = 5
"""How many of the connections that break a bound are named. [1]"""


@dataclass(frozen=True, slots=True, eq=False)
class MessageExcess:
    """The connections that break a bound."""

    bounds: MessageBounds
    broken: dict[str, int]
    """Connections that break each bound. [1]"""
    connections: int
    """Connections that break any. [1]"""
    worst: list[tuple[int, dict[str, int]]]
    """The connections that go furthest beyond any bound, and what they reach: index in the trace and peaks by name."""

    def __bool__(self) -> bool:
        return self.connections > 0

    def sentence(self, of: int, source: str) -> str:
        """Say what is broken, by how many of so many connections.

        Parameters
        ----------
        of : int
            Connections of the trace. [1]
        source : str
            Page and date of the limits.
        """
        parts = [
            f"{count:,} send {BOUNDS[one].format(getattr(self.bounds, one))}"
            for one, count in self.broken.items()
            if count
        ]
        return (
            f"{self.connections:,} of {of:,} connections go beyond what the platform carries on one: "
            f"{', '.join(parts)} ({source}); they are priced as if they worked, which they would not"
        )


def message_excess(trace: Trace, bounds: MessageBounds) -> MessageExcess:
    """Find the connections whose data messages, both directions together, go beyond the platform's bounds.

    A second is (t - 1 s, t] for each message's instant t. Messages whose bytes are unknown count as without bytes.

    Parameters
    ----------
    trace : Trace
        n connections as they would live without timeouts.
    bounds : MessageBounds
        What the platform carries on one connection.

    Returns
    -------
    MessageExcess
        Counts by bound, and the worst connections.
    """
    peaks = {one: np.zeros(trace.connections, np.int64) for one in BOUNDS}
    messages = message_columns(trace)
    run_parts(trace, lambda begin, end: densest_seconds(messages, begin, end, *peaks.values()))
    beyond = {one: peak > getattr(bounds, one) for one, peak in peaks.items()}
    breaking = np.flatnonzero(np.logical_or.reduce(list(beyond.values())))
    excess = np.max([peaks[one][breaking] / getattr(bounds, one) for one in BOUNDS], axis=0)
    worst = breaking[np.argsort(-excess, kind="stable")[:WORST]]
    return MessageExcess(
        bounds,
        {one: int(rows.sum()) for one, rows in beyond.items()},
        len(breaking),
        [(int(i), {one: int(peak[i]) for one, peak in peaks.items()}) for i in worst],
    )
