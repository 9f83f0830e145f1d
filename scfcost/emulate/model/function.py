"""One function under the platform's rules: what happens to it comes in, verdicts and timers go out.

It knows no socket, clock or process. Every event carries its instant; instants are taken as never going back, and what
was due by then is settled first, in the order in which it was due, however late anybody asks. So the verdicts are those
of the replay of what was recorded, which `tests/emulate/model/test_function.py` holds them to.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from heapq import heappop, heappush, heapreplace
from itertools import count
from typing import Any, Protocol

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
from scfcost.emulate.model.rules import Mode, Rules
from scfcost.lifecycle.outcomes import CUTS, EXEC_TIMEOUT, RECYCLED, SERVER_CLOSE
from scfcost.lifecycle.outcomes import OPEN as STILL_OPEN
from scfcost.lifecycle.placement import Account, Instance, Pool
from scfcost.trace.model import BY_SERVER


class Effects(Protocol):
    """What the model asks of the world."""

    def start(self, instance: Instance) -> None:
        """Start a new instance, and tell `ready` or `failed` later."""

    def stop(self, instance: Instance) -> None:
        """End an instance that nothing needs any more."""

    def rest(self, instance: Instance) -> None:
        """Take note that an instance holds no connection now, and is kept."""

    def wake(self, instance: Instance) -> None:
        """Take note that an instance that was kept holds a connection again."""

    def opened(self, connection: Connection) -> None:
        """Take note that an invocation began."""

    def judged(self, connection: Connection) -> None:
        """Take note of a verdict: outcome and end of an invocation."""

    def closed(self, connection: Connection, at_ms: int, close_code: int, closed_by: int) -> None:
        """Take note of a connection's own end, also of one that was judged before."""

    def dropped(self, connection: Connection) -> None:
        """Cut the connection: its invocation is over by a timeout, or its instance was recycled."""

    def refused(self, connection: Connection, code: int) -> None:
        """Tell a client that waited for an instance that none comes."""


@dataclass(slots=True, eq=False)
class Worker:
    """What the model knows of an instance."""

    is_ready: bool = False
    busy_since_ms: int = -1
    connections: dict[Connection, None] = field(default_factory=dict)
    """Those that have a place on it, in the order in which they got it."""


class FunctionModel:
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
        self.rules, self.effects, self.granularity_ms = rules, effects, granularity_ms
        self.pool = Pool(
            config.max_concurrency, config.keep_alive_ms, config.memory_mb,
            least_loaded=config.placement == "least-loaded", account=account or Account(),
        )  # fmt: skip
        self.now_ms = self.last_start_ms = self.last_message_ms = self.last_recycled_ms = -FOREVER_MS
        self.workers: dict[Instance, Worker] = {}
        self.outcomes: Counter[int] = Counter()
        self.refusals: Counter[int] = Counter()
        self.left = self.open_now = self.invocations = self.connection_ms = self.busy_ms = 0
        self.peak_connections = self.peak_instances = self._busy = 0
        self.messages = self.messages_up = self.egress_bytes = 0
        self._numbers = numbers or count()
        self._end_ms = FOREVER_MS
        self._due: list[tuple[int, int, Connection]] = []
        self._kept: deque[tuple[int, Instance]] = deque()

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
        return min(due, self._expiry_ms(self._kept[0][0]) if self._kept else FOREVER_MS)

    def arrive(self, now_ms: int, edge: Any = None) -> Connection | int:
        """Place a connection: it is open if its instance is ready, else waits; or return why it is refused."""
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
        """Take note that an instance listens: those that wait for it begin."""
        now_ms = self.advance(now_ms)
        worker = self.workers.get(instance)
        if worker is None:
            return
        worker.is_ready = True
        for connection in list(worker.connections):
            self._open(connection, worker, now_ms)

    def failed(self, now_ms: int, instance: Instance, code: int) -> None:
        """Take note that an instance never listened: those that wait for it are refused."""
        now_ms = self.advance(now_ms)
        worker = self.workers.pop(instance, None)
        self.pool.retire(instance)
        for connection in list(worker.connections) if worker else ():
            connection.state = ENDED
            self.refusals[code] += 1
            self.pool.release(instance, now_ms)
            self.effects.refused(connection, code)

    def died(self, now_ms: int, instance: Instance) -> None:
        """Take note that a process ended by itself: 439 for every connection that it held."""
        self.pool.retire(instance)
        worker = self.workers.get(instance)
        for connection in list(worker.connections) if worker else ():
            self.close(now_ms, connection, NO_CLOSE_FRAME, BY_SERVER)
        self.workers.pop(instance, None)

    def passes(self, now_ms: int, connection: Connection) -> int:
        """Return the instant at which bytes of a connection pass, -1 where it was cut by then."""
        now_ms = max(now_ms, self.now_ms)
        is_due = now_ms >= connection.active_ms + self.rules.idle_ms or now_ms >= connection.exec_at_ms
        if is_due or (self.rules.recycles and self.next_ms() <= now_ms):  # another's end may take this one with it
            self.advance(now_ms)
        return -1 if connection.state == ENDED else now_ms

    def spoke(self, at_ms: int, connection: Connection, down: int, payload_bytes: int) -> None:
        """Take note of a whole data message that has passed, from the function to the client where `down` is 1."""
        connection.active_ms = self.last_message_ms = at_ms
        self.messages += 1
        if not down:
            self.messages_up += 1
        elif connection.state == OPEN:
            connection.egress_bytes += payload_bytes
            self.egress_bytes += payload_bytes

    def pinged(self, at_ms: int, connection: Connection) -> None:
        """Take note of a ping or pong that has passed."""
        if self.rules.function.ping_resets_idle:
            connection.active_ms = at_ms

    def close(self, now_ms: int, connection: Connection, close_code: int, closed_by: int) -> None:
        """Take note of a connection's own end.

        Ends come before starts at one instant, so one that is seen after a start of the same ms is one ms later; so is
        one after a message, where it may take with it the connection on which that was.
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
            self._rest_of_busy(worker, now_ms)
        return now_ms

    # What follows from them

    def _open(self, connection: Connection, worker: Worker, now_ms: int) -> None:
        connection.number, connection.state = next(self._numbers), OPEN
        connection.start_ms = connection.active_ms = self.last_start_ms = now_ms
        connection.exec_at_ms = now_ms + self.rules.exec_ms
        if worker.busy_since_ms < 0:
            worker.busy_since_ms = now_ms
            self._busy += 1
            self.peak_instances = max(self.peak_instances, self._busy)
        self.open_now += 1
        self.invocations += 1
        self.peak_connections = max(self.peak_connections, self.open_now)
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
        self.outcomes[code] += 1
        self.connection_ms += -(-(at_ms - connection.start_ms) // self.granularity_ms) * self.granularity_ms
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
        self._rest_of_busy(worker, at_ms)
        if instance not in self.workers:
            return
        if instance.is_gone:
            del self.workers[instance]
            self.effects.stop(instance)
        else:
            self._kept.append((at_ms, instance))
            self.effects.rest(instance)

    def _rest_of_busy(self, worker: Worker, at_ms: int) -> None:
        if worker.busy_since_ms >= 0:
            step = self.granularity_ms
            self.busy_ms += -(-(at_ms - worker.busy_since_ms) // step) * step
            worker.busy_since_ms = -1
            self._busy -= 1

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

    def _expiry_ms(self, released_ms: int) -> int:
        return released_ms + self.rules.function.keep_alive_ms + 1

    def _retire(self, now_ms: int) -> None:
        """End the instances that were kept without connections for as long as they are."""
        while self._kept and self._expiry_ms(self._kept[0][0]) <= now_ms:
            released_ms, instance = self._kept.popleft()
            if instance.held == 0 and instance.released_ms == released_ms and instance in self.workers:
                self.pool.retire(instance)
                del self.workers[instance]
                self.effects.stop(instance)
