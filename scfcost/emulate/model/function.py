"""One function under the platform's rules: what happens to it comes in, verdicts and timers go out.

It knows no socket, clock or process. Every event carries its instant; instants are taken as never going back, and what
was due by then is settled first, in the order in which it was due, however late anybody asks. So the verdicts are those
of the replay of what was recorded, which `tests/emulate/model/test_function.py` holds them to.
"""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heappop, heappush, heapreplace
from itertools import count
from typing import Any

from scfcost.core.units import FOREVER_MS
from scfcost.emulate.model.connection import (
    ENDED,
    JUDGED,
    NO_CLOSE_FRAME,
    OPEN,
    WAITING,
    Connection,
    natural_outcome,
)
from scfcost.emulate.model.counts import Counts
from scfcost.emulate.model.effects import Effects, Worker
from scfcost.emulate.model.kept import Kept
from scfcost.emulate.model.rules import Mode, Rules
from scfcost.lifecycle.outcomes import CUTS, EXEC_TIMEOUT, RECYCLED, SERVER_CLOSE
from scfcost.lifecycle.outcomes import OPEN as STILL_OPEN
from scfcost.lifecycle.placement import Account, Instance, Pool
from scfcost.trace.model import BY_SERVER


class FunctionModel(Counts):
    """The connections and instances of one function.

    Parameters
    ----------
    rules : Rules
        The settings.
    effects : Effects
        Whoever carries out what is decided.
    account : Account, optional
        What functions share.
    numbers : iterator of int, optional
        Numbers of the invocations, in the order of their starts.
    granularity_ms : int
        A busy interval is rounded up to a multiple of this. [ms]
    """

    def __init__(
        self, rules: Rules, effects: Effects, account: Account | None = None, numbers: Iterator[int] | None = None,
        granularity_ms: int = 1,
    ) -> None:  # fmt: skip
        config = rules.function
        super().__init__(granularity_ms)
        self.rules, self.effects = rules, effects
        self.pool = Pool(
            config.max_concurrency, config.keep_alive_ms, config.memory_mb,
            least_loaded=config.placement == "least-loaded", account=account or Account(),
        )  # fmt: skip
        self.now_ms = self.last_start_ms = self.last_recycled_ms = -FOREVER_MS
        self.workers: dict[Instance, Worker] = {}
        self._numbers = numbers or count()
        self._end_ms = FOREVER_MS
        self._due: list[tuple[int, int, Connection]] = []
        self._kept = Kept(config.keep_alive_ms)

    # Events

    def advance(self, now_ms: int) -> int:
        """Settle all that is due by an instant, and return that instant, which is never before an earlier one."""
        now_ms = self.now_ms = max(now_ms, self.now_ms)
        while self._due and self._due[0][0] <= now_ms:
            at_ms, number, connection = self._due[0]
            due_ms, code = connection.deadline(self.rules.idle_ms)
            if connection.state != OPEN:
                heappop(self._due)
            elif due_ms > at_ms:  # it was active since
                heapreplace(self._due, (due_ms, number, connection))
            else:
                heappop(self._due)
                self._judge(connection, at_ms, code)
        self._retire(now_ms)
        return now_ms

    def next_ms(self) -> int:
        """Return the next instant at which something may be due, FOREVER_MS for none. [ms]"""
        due = self._due[0][0] if self._due else FOREVER_MS
        return min(due, self._kept.next_ms())

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
        worker = self.workers.get(instance)
        if worker is None:
            worker = self.workers[instance] = Worker()
            self.effects.start(instance)
        elif not worker.connections:
            self.effects.wake(instance)
        worker.connections[connection] = None
        if worker.is_ready:
            self._open(connection, worker, now_ms)
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
            self._open(connection, worker, now_ms)

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
            self._leave(connection, now_ms)
            return
        if now_ms == self.last_start_ms or (self.rules.recycles and now_ms == self.last_message_ms):
            now_ms = self.advance(now_ms + 1)
        if connection.state == ENDED:
            return
        self.effects.closed(connection, now_ms, close_code, closed_by)
        if connection.state == OPEN:
            empty = self.rules.function.empty_close_is_normal
            self._verdict(connection, now_ms, natural_outcome(close_code, closed_by, empty_close_is_normal=empty))
        self._end(connection, now_ms)

    def finish(self, now_ms: int) -> int:
        """End the window, and return the instant: what is open then is open for good (202).

        What the end of an instance has cut is not open, so the window ends after it.
        """
        self._end_ms = max(now_ms, self.now_ms, self.last_start_ms + 1, self.last_recycled_ms + 1)
        now_ms = self.advance(self._end_ms)
        for worker in self.workers.values():
            for connection in list(worker.connections):
                if connection.state == OPEN:
                    self._verdict(connection, now_ms, STILL_OPEN)
                connection.state = ENDED
            self.rest_of_busy(worker, now_ms)
        return now_ms

    # What follows from them

    def _open(self, connection: Connection, worker: Worker, now_ms: int) -> None:
        connection.number, connection.state = next(self._numbers), OPEN
        connection.start_ms = connection.active_ms = self.last_start_ms = now_ms
        connection.exec_at_ms = now_ms + self.rules.exec_ms
        self.count_start(worker, now_ms)
        if self.rules.mode is not Mode.RECORD:
            heappush(self._due, (connection.deadline(self.rules.idle_ms)[0], connection.number, connection))
        self.effects.opened(connection)

    def _judge(self, connection: Connection, at_ms: int, code: int) -> None:
        """Give the verdict of a deadline."""
        self._verdict(connection, at_ms, code)
        if self.rules.mode is Mode.SHADOW:
            connection.state = JUDGED
            return
        self._end(connection, at_ms)

    def _verdict(self, connection: Connection, at_ms: int, code: int) -> None:
        connection.end_ms, connection.outcome = at_ms, code
        self.count_end(connection)
        self.effects.judged(connection)

    def _end(self, connection: Connection, at_ms: int) -> None:
        """Take a connection off its instance; one that ends in error may take the instance with it."""
        instance, outcome = connection.instance, connection.outcome
        recycles = self.rules.recycles and outcome in (EXEC_TIMEOUT, SERVER_CLOSE)
        if recycles:
            self.pool.retire(instance)
        connection.state = ENDED
        self.open_now -= 1
        worker = self.workers[instance]
        del worker.connections[connection]
        self.pool.release(instance, at_ms)
        if outcome in CUTS and self.rules.mode is Mode.CUT:
            self.effects.dropped(connection)
        if recycles:
            self._recycle(worker, at_ms)
        if not worker.connections:
            self._emptied(instance, worker, at_ms)

    def _recycle(self, worker: Worker, at_ms: int) -> None:
        """Cut what else an instance holds, but for what ends at this very instant by a deadline or with the window."""
        if at_ms == self._end_ms:
            return
        for other in list(worker.connections):
            if other.state == OPEN and other.deadline(self.rules.idle_ms)[0] > at_ms:
                self.last_recycled_ms = at_ms
                self._verdict(other, at_ms, RECYCLED)
                self._end(other, at_ms)

    def _emptied(self, instance: Instance, worker: Worker, at_ms: int) -> None:
        self.rest_of_busy(worker, at_ms)
        if instance not in self.workers:
            return
        if instance.is_gone:
            del self.workers[instance]
            self.effects.stop(instance)
        else:
            self._kept.add(at_ms, instance)
            self.effects.rest(instance)

    def _leave(self, connection: Connection, now_ms: int) -> None:
        """Let a client go that left before its instance was ready; an instance that nobody waits for is gone."""
        self.left += 1
        connection.state = ENDED
        instance = connection.instance
        worker = self.workers[instance]
        del worker.connections[connection]
        if not worker.connections:
            self.pool.retire(instance)
        self.pool.release(instance, now_ms)
        if not worker.connections:
            self._emptied(instance, worker, now_ms)

    def _retire(self, now_ms: int) -> None:
        """End the instances that were kept without connections for as long as they are."""
        for instance in self._kept.expired(now_ms):
            if instance in self.workers:
                self.pool.retire(instance)
                del self.workers[instance]
                self.effects.stop(instance)
