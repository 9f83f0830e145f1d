"""One function as it runs: its model, its processes, its recorder, and the one timer that all deadlines share."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from scfcost.core.units import FOREVER_MS
from scfcost.core.warning import Warned
from scfcost.emulate.clock import loop_time, now_ms
from scfcost.emulate.launch.process import Process
from scfcost.emulate.model.connection import Connection
from scfcost.emulate.model.function import FunctionModel
from scfcost.emulate.model.reconnects import Reconnects
from scfcost.emulate.recording.recorder import Recorder
from scfcost.emulate.services.counting import ServiceCount, open_port
from scfcost.lifecycle.message_limits import MessageBounds
from scfcost.lifecycle.outcomes import INIT_TIMEOUT, RECYCLED, SERVER_CLOSE
from scfcost.lifecycle.placement import Instance

NEVER_LISTENED = 405
"""The process ended before it listened."""
LINGER_S = 0.25
"""How long a process that nothing needs any more still runs, so that what it does at a close is done. [s]"""
_MOST_LATE = 100_000


@dataclass(frozen=True, slots=True)
class Manners:
    """What is done where the vendor is silent, and what goes into headers."""

    cut_close: str = "drop"
    """What a client sees at a cut: `drop` (TCP ends, so 1006), `reset`, or a close code."""
    end_at: str = "handshake"
    """When an invocation ends by itself: both close frames, the `first` one, or the end of `tcp`."""
    freeze_ms: int | None = None
    """How long after its last connection an instance is frozen, None for never. [ms]"""
    limits: str = "warn"
    """What happens beyond the limits of messages: `warn`, `off`, or `close` (1009)."""
    bounds: MessageBounds = field(default_factory=lambda: MessageBounds(FOREVER_MS, FOREVER_MS, FOREVER_MS))
    client: tuple[str, str] | None = None
    """Where a request names its client: cookie, header or query, and a name."""
    region: str = "ap-guangzhou"


class FunctionHost:
    """The connections, instances and files of one function.

    Parameters
    ----------
    name : str
        Name of the function.
    model : callable
        Makes the model, given this as its effects.
    start : callable or None
        Starts a process, given what to call at its end and with its output; None for a server that already runs.
    recorder : Recorder
        Where everything is written.
    manners : Manners
        What the vendor is silent on.
    say : callable
        Told lines for the screen.
    """

    def __init__(
        self, name: str, model: Callable[[FunctionHost], FunctionModel],
        start: Callable[[Callable[[int], None], Callable[[bytes], None], Mapping[str, str]], Process] | None,
        recorder: Recorder, manners: Manners, say: Callable[[str], None],
    ) -> None:  # fmt: skip
        self.name, self.recorder, self.manners, self.say = name, recorder, manners, say
        self.model = model(self)
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
        self.warned: dict[str, Warned] = {}
        self.reconnects = Reconnects()
        self.late_ms: list[int] = []
        """How late timers were. [ms]"""
        self._start, self._loop = start, asyncio.get_running_loop()
        self._processes: dict[Instance, Process] = {}
        self._living: set[Process] = set()
        self._ports: dict[Instance, list[asyncio.Task[asyncio.Server]]] = {}
        self._began: dict[Instance, int] = {}
        self._new_init: dict[Instance, int] = {}
        self._freezes: dict[Instance, asyncio.TimerHandle] = {}
        self._coming: dict[Instance, asyncio.Task[None]] = {}
        self._armed_ms, self._timer = FOREVER_MS, self._loop.call_later(0, _nothing)

    # What edges tell

    def arrive(self, edge: Any) -> Connection | int:
        """Place a connection."""
        found = self.model.arrive(now_ms(), edge)
        self.rearm()
        return found

    def close(self, connection: Connection, close_code: int, closed_by: int) -> None:
        """Take note of a connection's own end."""
        self.model.close(now_ms(), connection, close_code, closed_by)
        self.rearm()

    def address(self, connection: Connection) -> tuple[str, int]:
        """Return where the instance of a connection listens."""
        if self.upstream is not None:
            return self.upstream
        process = self._processes[connection.instance]
        return process.host, process.port

    def warn(self, code: str, text: str) -> None:
        """Say something once."""
        if code not in self.warned:
            self.warned[code] = Warned(code, text)
            self.say(f"warning: {text}")

    def restart(self) -> None:
        """End every instance, as a new deployment does: 439 for what is open."""
        for instance in list(self.model.workers):
            self._kill(instance)
            if self.model.workers[instance].is_ready:
                self.model.died(now_ms(), instance)
            else:
                self.model.failed(now_ms(), instance, NEVER_LISTENED)
        self.rearm()

    # The timer

    def rearm(self) -> None:
        """Set the timer to what is due next, if that is sooner than what it is set to."""
        due_ms = self.model.next_ms()
        if due_ms < self._armed_ms:
            self._timer.cancel()
            self._armed_ms = due_ms
            self._timer = self._loop.call_at(loop_time(due_ms), self._fire)

    def _fire(self) -> None:
        self._armed_ms = FOREVER_MS
        self.model.advance(now_ms())
        self.rearm()

    # What the model asks

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
        limit_s = self.model.rules.function.init_timeout_ms / 1_000
        try:
            async with asyncio.timeout(limit_s):
                await process.listening()
        except TimeoutError:
            self._fail(instance, INIT_TIMEOUT, f"does not listen on port 9000 within {limit_s:g} s")
            return
        self._ready(instance)

    def _ready(self, instance: Instance) -> None:
        if instance not in self.model.workers:
            return
        self.ever_ready = True
        process = self._processes.get(instance)
        if process is not None and process.is_local_only:
            text = "the server listens on 127.0.0.1, where SCF does not reach it (405): listen on 0.0.0.0"
            self.warn("listens_locally", text)
        self._new_init[instance] = now_ms() - self._began[instance]
        self.model.ready(now_ms(), instance)
        self.rearm()

    def _ended(self, instance: Instance, code: int) -> None:
        """Take note that a process ended by itself."""
        process = self._processes.pop(instance, None)
        if (coming := self._coming.pop(instance, None)) is not None:
            coming.cancel()
        worker = self.model.workers.get(instance)
        if worker is None:
            return
        how = f"ended by itself (exit code {code})" if code >= 0 else f"ended by signal {-code}"
        if not worker.is_ready:
            self._fail(instance, NEVER_LISTENED, f"{how} before it listened", process)
            return
        self.warn("process_died", f"instance {instance.number} {how}{_last_lines(process)}")
        self.model.died(now_ms(), instance)
        self.rearm()

    def _fail(self, instance: Instance, code: int, how: str, process: Process | None = None) -> None:
        self.failures[code] += 1
        process = process or self._processes.get(instance)
        self.warn(f"instance_{code}", f"instance {instance.number} {how}: {code}{_last_lines(process)}")
        self._kill(instance)
        self.model.failed(now_ms(), instance, code)

    def stop(self, instance: Instance) -> None:
        """End a process that nothing needs any more; one that took no harm ends what it is at."""
        if instance.is_gone and self.model.rules.recycles:
            self._kill(instance)
        else:
            self._loop.call_later(LINGER_S, self._kill, instance)

    def _kill(self, instance: Instance) -> None:
        for pending in (self._freezes.pop(instance, None), self._coming.pop(instance, None)):
            if pending is not None:
                pending.cancel()
        self._began.pop(instance, None)
        for server in self._ports.pop(instance, ()):
            _close_port(server)
        if (process := self._processes.pop(instance, None)) is not None:
            process.kill()

    def rest(self, instance: Instance) -> None:
        """Freeze an instance without connections, where that is asked for."""
        if self.manners.freeze_ms is not None and instance in self._processes:
            process = self._processes[instance]
            self._freezes[instance] = self._loop.call_later(self.manners.freeze_ms / 1_000, process.freeze)

    def wake(self, instance: Instance) -> None:
        """Let a frozen instance go on."""
        if (freeze := self._freezes.pop(instance, None)) is not None:
            freeze.cancel()
        if instance in self._processes:
            self._processes[instance].thaw()

    def opened(self, connection: Connection) -> None:
        """Write that an invocation began, and let its bytes flow."""
        edge = connection.edge
        self.reconnects.came(edge.client, connection.start_ms)
        self.recorder.opened(connection, edge.client_name, self._new_init.pop(connection.instance, None))
        edge.opened(connection)

    def judged(self, connection: Connection) -> None:
        """Write a verdict."""
        self.recorder.judged(connection)

    def closed(self, connection: Connection, at_ms: int, close_code: int, closed_by: int) -> None:
        """Write a connection's own end."""
        self.recorder.closed(connection, at_ms, close_code, closed_by)

    def dropped(self, connection: Connection) -> None:
        """Write that a connection was cut, and cut it."""
        if len(self.late_ms) < _MOST_LATE:
            self.late_ms.append(now_ms() - connection.end_ms)
        self.recorder.cut(connection)
        self.reconnects.cut(connection.edge.client, connection.end_ms)
        connection.edge.dropped(SERVER_CLOSE if connection.outcome == RECYCLED else connection.outcome)

    def refused(self, connection: Connection, code: int) -> None:
        """Tell a client that waited that no instance comes."""
        connection.edge.refuse(code)

    # Its end

    def finish(self) -> int:
        """End the window, and every process; return the window's end. [ms]"""
        end_ms = self.model.finish(now_ms())
        self._timer.cancel()
        for coming in self._coming.values():
            coming.cancel()
        for instance in list(self._ports):
            self._kill(instance)
        self._processes.clear()
        for process in self._living:
            process.kill()
        for process in self._living:
            process.reap()
        return end_ms


def _close_port(server: asyncio.Task[asyncio.Server]) -> None:
    if server.done() and not server.cancelled():
        server.result().close()
    else:
        server.cancel()


def _nothing() -> None:
    """Do nothing: a timer that is not set yet."""


def _drop(_: bytes) -> None:
    """Drop what a process writes."""


def _last_lines(process: Process | None) -> str:
    text = process.tail.decode("utf-8", errors="replace").strip() if process is not None else ""
    return "\n    " + "\n    ".join(text.splitlines()[-5:]) if text else ""
