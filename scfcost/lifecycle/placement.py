"""The rule of placement, one connection at a time: which instance takes the next one, told to whoever runs live.

The replay puts millions of invocations on instances in one compiled pass (`kernels.packing`), which cannot be asked
about a single connection. This is the same rule in plain Python, for what happens now. Two tests hold both together:
`tests/lifecycle/test_placement.py` by the judge of the kernel, `tests/emulate/model/test_function.py` by the replay.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from heapq import heappop, heappush

from scfcost.core.units import MS_PER_MINUTE
from scfcost.lifecycle.outcomes import BURST, QUOTA


@dataclass(slots=True, eq=False)
class Instance:
    """One instance of a function."""

    number: int
    """0 for the first that was created, 1 for the next, …"""
    held: int = 0
    """Connections that have a place on it. [1]"""
    released_ms: int = 0
    """When its last connection left, once none is there. [ms]"""
    is_gone: bool = False
    """Whether it takes no connection any more."""
    is_provisioned: bool = False
    """Whether it was started in advance, and is kept however long it is idle."""


@dataclass(slots=True)
class Account:
    """What functions share: the memory of busy instances, and instances created within a minute."""

    quota_mb: int | None = None
    """Memory of busy instances beyond which a new one is refused. [MB]"""
    burst_per_minute: int | None = None
    """New instances a minute beyond which another is refused. [1/min]"""
    busy_mb: int = 0
    """Memory of the busy instances now. [MB]"""
    created_ms: deque[int] = field(default_factory=deque)
    """When the newest instances were created. [ms]"""

    def refusal(self, now_ms: int, memory_mb: int) -> int:
        """Return 432 or 429 where a new instance is refused at an instant, else 0.

        Parameters
        ----------
        now_ms : int
            The instant. [ms]
        memory_mb : int
            Memory of the new instance. [MB]
        """
        while self.created_ms and self.created_ms[0] <= now_ms - MS_PER_MINUTE:
            self.created_ms.popleft()
        if self.quota_mb is not None and self.busy_mb + memory_mb > self.quota_mb:
            return QUOTA
        if self.burst_per_minute is not None and len(self.created_ms) >= self.burst_per_minute:
            return BURST
        return 0


class Pool:
    """The instances of one function. Instants that it is told never go back.

    Parameters
    ----------
    max_concurrency : int
        Connections that an instance holds. [1]
    keep_alive_ms : int
        How long an instance without connections is kept, the last instant included. [ms]
    memory_mb : int
        Memory of an instance. [MB]
    least_loaded : bool
        Whether the emptiest running instance takes the next connection instead of the fullest.
    account : Account
        What other functions share with this one.
    """

    def __init__(
        self, max_concurrency: int, keep_alive_ms: int, memory_mb: int, *, least_loaded: bool, account: Account
    ) -> None:
        self.max_concurrency, self.keep_alive_ms, self.memory_mb = max_concurrency, keep_alive_ms, memory_mb
        self.account = account
        self.created = self.cold = 0
        """Instances so far, and those of them that a connection had to wait for. [1]"""
        self._order = 1 if least_loaded else -1
        self._running: list[tuple[int, int, Instance]] = []
        self._idle: list[tuple[int, int, Instance]] = []
        self._warm: list[tuple[int, int, Instance]] = []

    def provision(self, now_ms: int) -> Instance:
        """Start an instance in advance, and return it."""
        instance = Instance(self.created, released_ms=now_ms, is_provisioned=True)
        self.created += 1
        heappush(self._warm, (-now_ms, -instance.number, instance))
        return instance

    def place(self, now_ms: int) -> Instance | int:
        """Give a connection a place, at a new instance if need be; or return the code with which it is refused."""
        instance = self._next_running() or self._next_idle(now_ms)
        if instance is None:
            if code := self.account.refusal(now_ms, self.memory_mb):
                return code
            instance = Instance(self.created)
            self.created += 1
            self.cold += 1
            self.account.created_ms.append(now_ms)
        if instance.held == 0:
            self.account.busy_mb += self.memory_mb
        instance.held += 1
        self._offer(instance)
        return instance

    def release(self, instance: Instance, now_ms: int) -> None:
        """Take a connection off its instance.

        Parameters
        ----------
        instance : Instance
            The instance that holds it.
        now_ms : int
            The instant. [ms]
        """
        instance.held -= 1
        if instance.held:
            self._offer(instance)
            return
        self.account.busy_mb -= self.memory_mb
        instance.released_ms = now_ms
        if not instance.is_gone:
            heappush(self._warm if instance.is_provisioned else self._idle, (-now_ms, -instance.number, instance))

    def retire(self, instance: Instance) -> None:
        """Let an instance take no connection any more."""
        instance.is_gone = True  # the heaps drop it when they come to it

    def _is_late(self, instance: Instance, now_ms: int) -> bool:
        return now_ms - instance.released_ms > self.keep_alive_ms

    def _offer(self, instance: Instance) -> None:
        if 0 < instance.held < self.max_concurrency and not instance.is_gone:
            heappush(self._running, (self._order * instance.held, instance.number, instance))

    def _next_running(self) -> Instance | None:
        """Find the fullest (or emptiest) running instance with a free place, the first created among equals."""
        while self._running:
            order, _, instance = self._running[0]
            is_current = order == self._order * instance.held and not instance.is_gone
            if is_current and 0 < instance.held < self.max_concurrency:
                return instance
            heappop(self._running)  # what it says is out of date
        return None

    def _next_idle(self, now_ms: int) -> Instance | None:
        """Take the instance that was released last, the last created among equals, if it is still kept."""
        kept, warm = self._newest(self._idle), self._newest(self._warm)
        if kept is not None and self._is_late(kept, now_ms):
            kept = None  # released last and gone: all are
        if kept is not None and (warm is None or self._idle[0][:2] < self._warm[0][:2]):
            heappop(self._idle)
            return kept
        if warm is not None:
            heappop(self._warm)
        return warm

    @staticmethod
    def _newest(heap: list[tuple[int, int, Instance]]) -> Instance | None:
        """Find the idle instance that was released last; what a heap says that is out of date is dropped."""
        while heap:
            released, _, instance = heap[0]
            if not (instance.is_gone or instance.held or -released != instance.released_ms):
                return instance
            heappop(heap)
        return None
