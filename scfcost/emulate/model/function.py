"""One function under the platform's rules: what happens to it comes in, verdicts and timers go out.

It knows no socket, clock or process. Every event carries its instant; instants are taken as never going back, and what
was due by then is settled first, in the order in which it was due, however late anybody asks. So the verdicts are those
of the replay of what was recorded, which `tests/emulate/model/test_function.py` holds them to.
"""

from __future__ import annotations

from typing import Any

from scfcost.emulate.model.connection import ENDED, NO_CLOSE_FRAME, OPEN, WAITING, Connection, natural_outcome
from scfcost.emulate.model.invocations import Invocations
from scfcost.lifecycle.outcomes import OPEN as STILL_OPEN
from scfcost.lifecycle.placement import Instance
from scfcost.trace.model import BY_SERVER


class FunctionModel(Invocations):
    """The connections and instances of one function: what happens to them."""

    def begin(self, now_ms: int) -> None:
        """Begin the window: what is provisioned is started in advance."""
        self.now_ms = max(now_ms, self.now_ms)
        for _ in range(self.rules.provisioned):
            self._fleet.provision(now_ms)

    def advance(self, now_ms: int) -> int:
        """Settle all that is due by an instant, and return that instant, which is never before an earlier one."""
        now_ms = self.now_ms = max(now_ms, self.now_ms)
        for connection, at_ms, code in self._deadlines.reached(now_ms):
            self.judge(connection, at_ms, code)
        self._fleet.retire(now_ms)
        return now_ms

    def next_ms(self) -> int:
        """Return the next instant at which something may be due, FOREVER_MS for none. [ms]"""
        return min(self._deadlines.next_ms(), self._fleet.next_ms())

    def arrive(self, now_ms: int, edge: Any = None) -> Connection | int:
        """Place a connection: it is open if its instance is ready, else waits; or return why it is refused.

        Parameters
        ----------
        now_ms : int
            The present instant. [ms since the epoch]
        edge : object, optional
            Whoever carries its bytes.
        """
        now_ms = self.advance(now_ms)
        instance = self.pool.place(now_ms)
        if isinstance(instance, int):
            self.refusals[instance] += 1
            return instance
        connection = Connection(instance, now_ms, edge=edge)
        worker = self._fleet.take_place(connection)
        if worker.is_ready:
            self.begin_invocation(connection, worker, now_ms)
        return connection

    def ready(self, now_ms: int, instance: Instance) -> None:
        """Take note that an instance listens: those that wait for it begin.

        Parameters
        ----------
        now_ms : int
            The present instant. [ms since the epoch]
        instance : Instance
            The instance.
        """
        now_ms = self.advance(now_ms)
        worker = self.workers.get(instance)
        if worker is None:
            return
        worker.is_ready = True
        for connection in list(worker.connections):
            self.begin_invocation(connection, worker, now_ms)
        if not worker.connections:
            self.effects.rest(instance)

    def failed(self, now_ms: int, instance: Instance, code: int) -> None:
        """Take note that an instance never listened: those that wait for it are refused.

        Parameters
        ----------
        now_ms : int
            The present instant. [ms since the epoch]
        instance : Instance
            The instance.
        code : int
            Status code.
        """
        now_ms = self.advance(now_ms)
        worker = self.workers.pop(instance, None)
        self.pool.retire(instance)
        for connection in list(worker.connections) if worker else ():
            connection.state = ENDED
            self.refusals[code] += 1
            self.pool.release(instance, now_ms)
            self.effects.refused(connection, code)

    def died(self, now_ms: int, instance: Instance) -> None:
        """Take note that a process ended by itself: 439 for every connection that it held.

        Parameters
        ----------
        now_ms : int
            The present instant. [ms since the epoch]
        instance : Instance
            The instance.
        """
        self.pool.retire(instance)
        worker = self.workers.get(instance)
        for connection in list(worker.connections) if worker else ():
            self.close(now_ms, connection, NO_CLOSE_FRAME, BY_SERVER)
        self.workers.pop(instance, None)
        self.replace(now_ms, instance)

    def replace(self, now_ms: int, instance: Instance) -> None:
        """Start another instance in the place of a provisioned one that is gone.

        Parameters
        ----------
        now_ms : int
            The present instant. [ms since the epoch]
        instance : Instance
            The instance.
        """
        self._fleet.replace(instance, self.advance(now_ms))

    def passes(self, now_ms: int, connection: Connection) -> int:
        """Return the instant at which bytes of a connection pass, -1 where it was cut by then.

        Parameters
        ----------
        now_ms : int
            The present instant. [ms since the epoch]
        connection : Connection
            The connection.
        """
        now_ms = max(now_ms, self.now_ms)
        is_due = now_ms >= connection.active_ms + self.rules.idle_ms or now_ms >= connection.exec_at_ms
        if is_due or (self.rules.recycles and self.next_ms() <= now_ms):  # another's end may take this one with it
            self.advance(now_ms)
        return -1 if connection.state == ENDED else now_ms

    def pinged(self, at_ms: int, connection: Connection) -> None:
        """Take note of a ping or pong that has passed.

        Parameters
        ----------
        at_ms : int
            When. [ms since the epoch]
        connection : Connection
            The connection.
        """
        if self.rules.function.ping_resets_idle:
            connection.active_ms = at_ms

    def close(self, now_ms: int, connection: Connection, close_code: int, closed_by: int) -> None:
        """Take note of a connection's own end.

        Ends come before starts at one instant, so one that is seen after a start of the same ms is one ms later; so is
        one after a message, where it may take with it the connection on which that was.

        Parameters
        ----------
        now_ms : int
            The present instant. [ms since the epoch]
        connection : Connection
            The connection.
        close_code : int
            RFC 6455 code; 1006 where no close frame was seen.
        closed_by : int
            BY_CLIENT or BY_SERVER.
        """
        now_ms = self.advance(now_ms)
        if connection.state == WAITING:
            self.let_go(connection, now_ms)
            return
        if now_ms == self.last_start_ms or (self.rules.recycles and now_ms == self.last_message_ms):
            now_ms = self.advance(now_ms + 1)
        if connection.state == ENDED:
            return
        self.effects.closed(connection, now_ms, close_code, closed_by)
        if connection.state == OPEN:
            empty = self.rules.function.empty_close_is_normal
            self.give_verdict(connection, now_ms, natural_outcome(close_code, closed_by, empty_close_is_normal=empty))
        self.end_invocation(connection, now_ms)

    def finish(self, now_ms: int) -> int:
        """End the window, and return the instant: what is open then is open for good (202).

        What the end of an instance has cut is not open, so the window ends after it.
        """
        self._end_ms = max(now_ms, self.now_ms, self.last_start_ms + 1, self.last_recycled_ms + 1)
        now_ms = self.advance(self._end_ms)
        for worker in self.workers.values():
            for connection in list(worker.connections):
                if connection.state == OPEN:
                    self.give_verdict(connection, now_ms, STILL_OPEN)
                connection.state = ENDED
            self.rest_of_busy(worker, now_ms)
        return now_ms
