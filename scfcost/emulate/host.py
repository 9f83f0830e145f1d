"""One function as it runs: its model, its processes, its recorder, and the one timer that all deadlines share."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from scfcost.core.units import FOREVER_MS
from scfcost.core.warning import Warned
from scfcost.emulate.clock import loop_time, now_ms
from scfcost.emulate.instances import NEVER_LISTENED, Instances, Start
from scfcost.emulate.manners import Manners
from scfcost.emulate.model.connection import Connection
from scfcost.emulate.model.function import FunctionModel
from scfcost.emulate.model.reconnects import Reconnects
from scfcost.emulate.recording.recorder import Recorder
from scfcost.lifecycle.outcomes import RECYCLED, SERVER_CLOSE
from scfcost.lifecycle.placement import Instance

_MOST_LATE = 100_000


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
        start: Start | None,
        recorder: Recorder, manners: Manners, say: Callable[[str], None],
    ) -> None:  # fmt: skip
        self.name, self.recorder, self.manners, self.say = name, recorder, manners, say
        self.model = model(self)
        self.warned: dict[str, Warned] = {}
        self.reconnects = Reconnects()
        self.late_ms: list[int] = []
        """How late timers were. [ms]"""
        self.instances = Instances(self, start, manners.freeze_ms, self.model.rules.function.init_timeout_ms)
        self._loop = asyncio.get_running_loop()
        self._armed_ms, self._timer = FOREVER_MS, self._loop.call_later(0, _nothing)

    def begin(self, now_ms: int) -> None:
        """Begin the window: start what is provisioned."""
        self.model.begin(now_ms)

    # What edges and instances tell

    def arrive(self, edge: Any) -> Connection | int:
        """Place a connection."""
        found = self.model.arrive(now_ms(), edge)
        self.rearm()
        return found

    def close(self, connection: Connection, close_code: int, closed_by: int) -> None:
        """Take note of a connection's own end.

        Parameters
        ----------
        connection : Connection
            The connection.
        close_code : int
            RFC 6455 code; 1006 where no close frame was seen.
        closed_by : int
            BY_CLIENT or BY_SERVER.
        """
        self.model.close(now_ms(), connection, close_code, closed_by)
        self.rearm()

    def warn(self, code: str, text: str) -> None:
        """Say something once.

        Parameters
        ----------
        code : str
            What it is about; said once each.
        text : str
            What is said.
        """
        if code not in self.warned:
            self.warned[code] = Warned(code, text)
            self.say(f"warning: {text}")

    def restart(self) -> None:
        """End every instance, as a new deployment does: 439 for what is open."""
        for instance in list(self.model.workers):
            self.instances.kill(instance)
            if self.model.workers[instance].is_ready:
                self.model.died(now_ms(), instance)
            else:
                self.model.failed(now_ms(), instance, NEVER_LISTENED)
                self.model.replace(now_ms(), instance)
        self.rearm()

    def ready(self, instance: Instance) -> None:
        """Take note that an instance listens."""
        self.model.ready(now_ms(), instance)
        self.rearm()

    def failed(self, instance: Instance, code: int) -> None:
        """Take note that an instance never listened.

        Parameters
        ----------
        instance : Instance
            The instance.
        code : int
            Status code that those who wait for it get.
        """
        self.model.failed(now_ms(), instance, code)

    def died(self, instance: Instance) -> None:
        """Take note that the process of an instance ended by itself."""
        self.model.died(now_ms(), instance)
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
        self.instances.start(instance)

    def stop(self, instance: Instance) -> None:
        """End a process that nothing needs any more; one that took no harm ends what it is at."""
        self.instances.stop(instance, at_once=instance.is_gone and self.model.rules.recycles)

    def rest(self, instance: Instance) -> None:
        """Freeze an instance without connections, where that is asked for."""
        self.instances.rest(instance)

    def wake(self, instance: Instance) -> None:
        """Let a frozen instance go on."""
        self.instances.wake(instance)

    def opened(self, connection: Connection) -> None:
        """Write that an invocation began, and let its bytes flow."""
        edge = connection.edge
        self.reconnects.came(edge.client, connection.start_ms)
        self.recorder.opened(connection, edge.client_name, self.instances.init_ms.pop(connection.instance, None))
        edge.opened(connection)

    def judged(self, connection: Connection) -> None:
        """Write a verdict."""
        self.recorder.judged(connection)

    def closed(self, connection: Connection, at_ms: int, close_code: int, closed_by: int) -> None:
        """Write a connection's own end.

        Parameters
        ----------
        connection : Connection
            The connection.
        at_ms : int
            When. [ms since the epoch]
        close_code : int
            RFC 6455 code; 1006 where no close frame was seen.
        closed_by : int
            BY_CLIENT or BY_SERVER.
        """
        self.recorder.closed(connection, at_ms, close_code, closed_by)

    def dropped(self, connection: Connection) -> None:
        """Write that a connection was cut, and cut it."""
        if len(self.late_ms) < _MOST_LATE:
            self.late_ms.append(now_ms() - connection.end_ms)
        self.recorder.cut(connection)
        self.reconnects.cut(connection.edge.client, connection.end_ms)
        connection.edge.dropped(SERVER_CLOSE if connection.outcome == RECYCLED else connection.outcome)

    def refused(self, connection: Connection, code: int) -> None:
        """Tell a client that waited that no instance comes.

        Parameters
        ----------
        connection : Connection
            The connection.
        code : int
            Status code.
        """
        connection.edge.refuse(code)

    # Its end

    def finish(self) -> int:
        """End the window, and every process; return the window's end. [ms]"""
        end_ms = self.model.finish(now_ms())
        self._timer.cancel()
        self.instances.finish()
        return end_ms


def _nothing() -> None:
    """Do nothing: a timer that is not set yet."""
