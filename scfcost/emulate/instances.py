"""The processes of one function: started as the model asks, watched, frozen, ended."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Protocol

from scfcost.emulate.clock import now_ms
from scfcost.emulate.launch.process import Process
from scfcost.emulate.model.connection import Connection
from scfcost.emulate.services.counting import ServiceCount, open_port
from scfcost.lifecycle.outcomes import INIT_TIMEOUT
from scfcost.lifecycle.placement import Instance

NEVER_LISTENED = 405
"""The process ended before it listened."""
LINGER_S = 0.25
"""How long a process that nothing needs any more still runs, so that what it does at a close is done. [s]"""
Start = Callable[[Callable[[int], None], Callable[[bytes], None], Mapping[str, str]], Process]
"""Starts a process, given what to call at its end and with its output, and where its services are."""


class Owner(Protocol):
    """Whoever is told what becomes of instances."""

    def ready(self, instance: Instance) -> None:
        """Take note that an instance listens."""

    def failed(self, instance: Instance, code: int) -> None:
        """Take note that an instance never listened.

        Parameters
        ----------
        instance : Instance
            The instance.
        code : int
            Status code that those who wait for it get.
        """

    def died(self, instance: Instance) -> None:
        """Take note that the process of an instance ended by itself."""

    def warn(self, code: str, text: str) -> None:
        """Say something once.

        Parameters
        ----------
        code : str
            What it is about.
        text : str
            What is said.
        """


class Instances:
    """The processes of one function.

    Parameters
    ----------
    owner : Owner
        Whoever is told what becomes of them.
    start : callable or None
        Starts a process; None for a server that already runs.
    freeze_ms : int or None
        How long after its last connection an instance is frozen, None for never. [ms]
    init_timeout_ms : int
        How long an instance may take until it listens. [ms]
    """

    def __init__(self, owner: Owner, start: Start | None, freeze_ms: int | None, init_timeout_ms: int) -> None:
        self.upstream: tuple[str, int] | None = None
        """Address of a server that already runs."""
        self.on_output: Callable[[int, bytes], None] | None = None
        self.services: dict[str, ServiceCount] = {}
        """What is asked of each service."""
        self.environment: Mapping[str, str] = {}
        """What the user set."""
        self.ever_ready = False
        self.failures: Counter[int] = Counter()
        """Instances that never listened, by the code their clients got. [1]"""
        self.init_ms: dict[Instance, int] = {}
        """How long an instance took until it listened, until its first invocation is written. [ms]"""
        self._owner, self._start, self._freeze_ms, self._init_timeout_ms = owner, start, freeze_ms, init_timeout_ms
        self._loop = asyncio.get_running_loop()
        self._processes: dict[Instance, Process] = {}
        self._living: set[Process] = set()
        self._ports: dict[Instance, list[asyncio.Task[asyncio.Server]]] = {}
        self._began: dict[Instance, int] = {}
        self._are_ready: set[Instance] = set()
        self._freezes: dict[Instance, asyncio.TimerHandle] = {}
        self._coming: dict[Instance, asyncio.Task[None]] = {}

    def address(self, connection: Connection) -> tuple[str, int]:
        """Return where the instance of a connection listens."""
        if self.upstream is not None:
            return self.upstream
        process = self._processes[connection.instance]
        return process.host, process.port

    def start(self, instance: Instance) -> None:
        """Start a process."""
        self._began[instance] = now_ms()
        if self._start is None:
            self._loop.call_soon(self._ready, instance)
            return
        number = instance.number
        output = self.on_output
        self._living = {process for process in self._living if not process.has_ended}
        process = self._processes[instance] = self._start(
            lambda code: self._ended(instance, code),
            (lambda data: output(number, data)) if output is not None else _drop,
            self._open_services(instance),
        )
        self._living.add(process)
        self._coming[instance] = self._loop.create_task(self._bring_up(instance, process))

    def _open_services(self, instance: Instance) -> dict[str, str]:
        """Open a port a service for an instance, and return what its environment says of them."""
        found, self._ports[instance] = {}, []
        for count in self.services.values():
            port, server = open_port(count, instance.number)
            self._ports[instance].append(server)
            variable = count.service.variable
            found[variable] = count.service.url(port, self.environment.get(variable, ""))
        return found

    async def _bring_up(self, instance: Instance, process: Process) -> None:
        limit_s = self._init_timeout_ms / 1_000
        try:
            async with asyncio.timeout(limit_s):
                await process.listening()
        except TimeoutError:
            self._fail(instance, INIT_TIMEOUT, f"does not listen on port 9000 within {limit_s:g} s")
            return
        self._ready(instance)

    def _ready(self, instance: Instance) -> None:
        if instance not in self._began:
            return
        self.ever_ready = True
        process = self._processes.get(instance)
        if process is not None and process.is_local_only:
            text = "the server listens on 127.0.0.1, where SCF does not reach it (405): listen on 0.0.0.0"
            self._owner.warn("listens_locally", text)
        self._are_ready.add(instance)
        if not instance.is_provisioned:  # nobody waited for it
            self.init_ms[instance] = now_ms() - self._began[instance]
        self._owner.ready(instance)

    def _ended(self, instance: Instance, code: int) -> None:
        """Take note that a process ended by itself."""
        process = self._processes.pop(instance, None)
        if (coming := self._coming.pop(instance, None)) is not None:
            coming.cancel()
        if instance not in self._began:
            return
        how = f"ended by itself (exit code {code})" if code >= 0 else f"ended by signal {-code}"
        if instance not in self._are_ready:
            self._fail(instance, NEVER_LISTENED, f"{how} before it listened", process)
            return
        self._owner.warn("process_died", f"instance {instance.number} {how}{_last_lines(process)}")
        self.kill(instance)
        self._owner.died(instance)

    def _fail(self, instance: Instance, code: int, how: str, process: Process | None = None) -> None:
        self.failures[code] += 1
        process = process or self._processes.get(instance)
        self._owner.warn(f"instance_{code}", f"instance {instance.number} {how}: {code}{_last_lines(process)}")
        self.kill(instance)
        self._owner.failed(instance, code)

    def stop(self, instance: Instance, *, at_once: bool) -> None:
        """End a process that nothing needs any more; one that took no harm ends what it is at.

        Parameters
        ----------
        instance : Instance
            The instance.
        at_once : bool
            Whether it ends now, whatever it is at.
        """
        self._forget(instance)
        if at_once:
            self.kill(instance)
        else:
            self._loop.call_later(LINGER_S, self.kill, instance)

    def kill(self, instance: Instance) -> None:
        """End a process at once, and what stands beside it."""
        self._forget(instance)
        for pending in (self._freezes.pop(instance, None), self._coming.pop(instance, None)):
            if pending is not None:
                pending.cancel()
        for server in self._ports.pop(instance, ()):
            _close_port(server)
        if (process := self._processes.pop(instance, None)) is not None:
            process.kill()

    def _forget(self, instance: Instance) -> None:
        """Take no note of what becomes of it any more."""
        self._began.pop(instance, None)
        self._are_ready.discard(instance)

    def rest(self, instance: Instance) -> None:
        """Freeze an instance without connections, where that is asked for."""
        if self._freeze_ms is not None and instance in self._processes:
            process = self._processes[instance]
            self._freezes[instance] = self._loop.call_later(self._freeze_ms / 1_000, process.freeze)

    def wake(self, instance: Instance) -> None:
        """Let a frozen instance go on."""
        if (freeze := self._freezes.pop(instance, None)) is not None:
            freeze.cancel()
        if instance in self._processes:
            self._processes[instance].thaw()

    def finish(self) -> None:
        """End every process, and wait until it is gone."""
        for coming in self._coming.values():
            coming.cancel()
        for instance in list(self._ports):
            self.kill(instance)
        self._processes.clear()
        for process in self._living:
            process.kill()
        for process in self._living:
            process.reap()


def _close_port(server: asyncio.Task[asyncio.Server]) -> None:
    if server.done() and not server.cancelled():
        server.result().close()
    else:
        server.cancel()


def _drop(_: bytes) -> None:
    """Drop what a process writes."""


def _last_lines(process: Process | None) -> str:
    text = process.tail.decode("utf-8", errors="replace").strip() if process is not None else ""
    return "\n    " + "\n    ".join(text.splitlines()[-5:]) if text else ""
