"""What a run has counted of one function: invocations by how they ended, time, messages, peaks."""

from __future__ import annotations

from collections import Counter

from scfcost.core.units import FOREVER_MS
from scfcost.emulate.model.connection import OPEN, Connection
from scfcost.emulate.model.effects import Worker


class Counts:
    """The counts of one function.

    Parameters
    ----------
    granularity_ms : int
        A busy interval is rounded up to a multiple of this. [ms]
    """

    def __init__(self, granularity_ms: int) -> None:
        self.granularity_ms = granularity_ms
        self.outcomes: Counter[int] = Counter()
        """Invocations by status code. [1]"""
        self.refusals: Counter[int] = Counter()
        """Connections that were not let in, by status code. [1]"""
        self.left = self.open_now = self.invocations = self.connection_ms = self.busy_ms = 0
        self.peak_connections = self.peak_instances = self.used_instances = self._busy = 0
        self.messages = self.messages_up = self.egress_bytes = 0
        self.last_message_ms = -FOREVER_MS

    def count_start(self, worker: Worker, now_ms: int) -> None:
        """Count that an invocation began.

        Parameters
        ----------
        worker : Worker
            Its instance.
        now_ms : int
            The present instant. [ms since the epoch]
        """
        if worker.busy_since_ms < 0:
            worker.busy_since_ms = now_ms
            self._busy += 1
            self.peak_instances = max(self.peak_instances, self._busy)
        self.used_instances += not worker.has_served
        worker.has_served = True
        self.open_now += 1
        self.invocations += 1
        self.peak_connections = max(self.peak_connections, self.open_now)

    def count_end(self, connection: Connection) -> None:
        """Count an invocation that has its outcome."""
        self.outcomes[connection.outcome] += 1
        duration_ms = connection.end_ms - connection.start_ms
        self.connection_ms += -(-duration_ms // self.granularity_ms) * self.granularity_ms

    def spoke(self, at_ms: int, connection: Connection, down: int, payload_bytes: int) -> None:
        """Take note of a whole data message that has passed, from the function to the client where `down` is 1.

        Parameters
        ----------
        at_ms : int
            When. [ms since the epoch]
        connection : Connection
            The connection.
        down : int
            1 from the function to the client, 0 to the function.
        payload_bytes : int
            Payload. [B]
        """
        connection.active_ms = self.last_message_ms = at_ms
        self.messages += 1
        if not down:
            self.messages_up += 1
        elif connection.state == OPEN:
            connection.egress_bytes += payload_bytes
            self.egress_bytes += payload_bytes

    def rest_of_busy(self, worker: Worker, at_ms: int) -> None:
        """Count what an instance was busy until now, and that it is no longer.

        Parameters
        ----------
        worker : Worker
            The instance.
        at_ms : int
            When. [ms since the epoch]
        """
        if worker.busy_since_ms >= 0:
            step = self.granularity_ms
            self.busy_ms += -(-(at_ms - worker.busy_since_ms) // step) * step
            worker.busy_since_ms = -1
            self._busy -= 1
