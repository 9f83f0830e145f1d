"""The instances of one function: a place is taken on one and left again, one is kept for a while, one is gone."""

from __future__ import annotations

from scfcost.config.function import FunctionConfig
from scfcost.emulate.model.connection import Connection
from scfcost.emulate.model.counts import Counts
from scfcost.emulate.model.effects import Effects, Worker
from scfcost.emulate.model.kept import Kept
from scfcost.lifecycle.placement import Account, Instance, Pool


class Fleet:
    """The instances of one function.

    Parameters
    ----------
    config : FunctionConfig
        Settings of the function.
    effects : Effects
        Whoever starts and ends instances.
    account : Account
        What functions share.
    counts : Counts
        Told when an instance is busy no longer.
    """

    def __init__(self, config: FunctionConfig, effects: Effects, account: Account, counts: Counts) -> None:
        self.pool = Pool(
            config.max_concurrency, config.keep_alive_ms, config.memory_mb,
            least_loaded=config.placement == "least-loaded", account=account,
        )  # fmt: skip
        self.workers: dict[Instance, Worker] = {}
        self._effects, self._counts, self._kept = effects, counts, Kept(config.keep_alive_ms)

    def next_ms(self) -> int:
        """Return the next instant at which an instance may be kept no longer, FOREVER_MS for none. [ms]"""
        return self._kept.next_ms()

    def take_place(self, connection: Connection) -> Worker:
        """Give a connection its place, and return its instance, which is started or woken where that is needed."""
        instance = connection.instance
        worker = self.workers.get(instance)
        if worker is None:
            worker = self.workers[instance] = Worker()
            self._effects.start(instance)
        elif not worker.connections:
            self._effects.wake(instance)
        worker.connections[connection] = None
        return worker

    def leave_place(self, connection: Connection, at_ms: int) -> Worker:
        """Take a connection off its instance, and return that.

        Parameters
        ----------
        connection : Connection
            The connection.
        at_ms : int
            When. [ms since the epoch]
        """
        worker = self.workers[connection.instance]
        del worker.connections[connection]
        self.pool.release(connection.instance, at_ms)
        return worker

    def provision(self, now_ms: int) -> None:
        """Start an instance in advance."""
        instance = self.pool.provision(now_ms)
        self.workers[instance] = Worker()
        self._effects.start(instance)

    def replace(self, instance: Instance, at_ms: int) -> None:
        """Start another instance in the place of one that was started in advance, and is gone.

        Parameters
        ----------
        instance : Instance
            The instance that is gone.
        at_ms : int
            When. [ms since the epoch]
        """
        if instance.is_provisioned:
            instance.is_provisioned = False
            self.provision(at_ms)

    def rest(self, instance: Instance, worker: Worker, at_ms: int) -> None:
        """Keep an instance that holds no connection now, or let it go where it is gone.

        Parameters
        ----------
        instance : Instance
            The instance.
        worker : Worker
            What is known of it.
        at_ms : int
            When. [ms since the epoch]
        """
        self._counts.rest_of_busy(worker, at_ms)
        if instance not in self.workers:
            return
        if instance.is_gone:
            self._stop(instance)
            self.replace(instance, at_ms)
            return
        if not instance.is_provisioned:
            self._kept.add(at_ms, instance)
        if worker.is_ready:
            self._effects.rest(instance)

    def retire(self, now_ms: int) -> None:
        """End the instances that were kept without connections for as long as they are."""
        for instance in self._kept.expired(now_ms):
            if instance in self.workers:
                self.pool.retire(instance)
                self._stop(instance)

    def _stop(self, instance: Instance) -> None:
        del self.workers[instance]
        self._effects.stop(instance)
