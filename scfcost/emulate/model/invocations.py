"""How the invocations of one function begin and end, and what one end does to others."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from scfcost.core.units import FOREVER_MS
from scfcost.emulate.model.connection import ENDED, JUDGED, OPEN, Connection
from scfcost.emulate.model.counts import Counts
from scfcost.emulate.model.deadlines import Deadlines
from scfcost.emulate.model.effects import Effects, Worker
from scfcost.emulate.model.fleet import Fleet
from scfcost.emulate.model.rules import Mode, Rules
from scfcost.lifecycle.outcomes import CUTS, EXEC_TIMEOUT, RECYCLED, SERVER_CLOSE
from scfcost.lifecycle.placement import Account


class Invocations(Counts):
    """The invocations of one function.

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
        super().__init__(granularity_ms)
        self.rules, self.effects = rules, effects
        self.now_ms = self.last_start_ms = self.last_recycled_ms = -FOREVER_MS
        self._numbers, self._end_ms = numbers or count(), FOREVER_MS
        self._deadlines = Deadlines(rules.idle_ms)
        self._fleet = Fleet(rules.function, effects, account or Account(), self)
        self.pool, self.workers = self._fleet.pool, self._fleet.workers

    def begin_invocation(self, connection: Connection, worker: Worker, now_ms: int) -> None:
        """Begin the invocation of a connection whose instance is ready.

        Parameters
        ----------
        connection : Connection
            The connection.
        worker : Worker
            Its instance.
        now_ms : int
            The present instant. [ms since the epoch]
        """
        connection.number, connection.state = next(self._numbers), OPEN
        connection.start_ms = connection.active_ms = self.last_start_ms = now_ms
        connection.exec_at_ms = now_ms + self.rules.exec_ms
        self.count_start(worker, now_ms)
        if self.rules.mode is not Mode.RECORD:
            self._deadlines.add(connection)
        self.effects.opened(connection)

    def judge(self, connection: Connection, at_ms: int, code: int) -> None:
        """Give the verdict of a deadline, and cut the connection where that is asked for.

        Parameters
        ----------
        connection : Connection
            The connection.
        at_ms : int
            When. [ms since the epoch]
        code : int
            Status code.
        """
        self.give_verdict(connection, at_ms, code)
        if self.rules.mode is Mode.SHADOW:
            connection.state = JUDGED
            return
        self.end_invocation(connection, at_ms)

    def give_verdict(self, connection: Connection, at_ms: int, code: int) -> None:
        """Say how the invocation of a connection ended, and count it.

        Parameters
        ----------
        connection : Connection
            The connection.
        at_ms : int
            When. [ms since the epoch]
        code : int
            Status code.
        """
        connection.end_ms, connection.outcome = at_ms, code
        self.count_end(connection)
        self.effects.judged(connection)

    def end_invocation(self, connection: Connection, at_ms: int) -> None:
        """Take a connection off its instance; one that ends in error may take the instance with it.

        Parameters
        ----------
        connection : Connection
            The connection.
        at_ms : int
            When. [ms since the epoch]
        """
        instance, outcome = connection.instance, connection.outcome
        recycles = self.rules.recycles and outcome in (EXEC_TIMEOUT, SERVER_CLOSE)
        if recycles:
            self.pool.retire(instance)
        connection.state = ENDED
        self.open_now -= 1
        worker = self._fleet.leave_place(connection, at_ms)
        if outcome in CUTS and self.rules.mode is Mode.CUT:
            self.effects.dropped(connection)
        if recycles:
            self._recycle(worker, at_ms)
        if not worker.connections:
            self._fleet.rest(instance, worker, at_ms)

    def _recycle(self, worker: Worker, at_ms: int) -> None:
        """Cut what else an instance holds, but for what ends at this very instant by a deadline or with the window."""
        if at_ms == self._end_ms:
            return
        for other in list(worker.connections):
            if other.state == OPEN and other.deadline(self.rules.idle_ms)[0] > at_ms:
                self.last_recycled_ms = at_ms
                self.give_verdict(other, at_ms, RECYCLED)
                self.end_invocation(other, at_ms)

    def let_go(self, connection: Connection, now_ms: int) -> None:
        """Let a client go that left before its instance was ready; an instance that nobody waits for is gone.

        Parameters
        ----------
        connection : Connection
            The connection.
        now_ms : int
            The present instant. [ms since the epoch]
        """
        self.left += 1
        connection.state = ENDED
        instance = connection.instance
        if len(self.workers[instance].connections) == 1 and not instance.is_provisioned:
            self.pool.retire(instance)
        worker = self._fleet.leave_place(connection, now_ms)
        if not worker.connections:
            self._fleet.rest(instance, worker, now_ms)
