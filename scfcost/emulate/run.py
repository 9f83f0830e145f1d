"""One run: functions behind their ports, from the first connection to the last row."""

from __future__ import annotations

import asyncio
import resource
import signal
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import import_module
from itertools import count
from pathlib import Path
from typing import Any

from scfcost.core.errors import ConfigError
from scfcost.core.warning import Warned
from scfcost.emulate.clock import now_ms
from scfcost.emulate.host import FunctionHost
from scfcost.emulate.launch.command import Command
from scfcost.emulate.launch.launcher import Guard, Launcher, chosen_isolation, documented_environment
from scfcost.emulate.launch.watch import Watch
from scfcost.emulate.manners import Manners
from scfcost.emulate.model.function import FunctionModel
from scfcost.emulate.model.rules import Rules
from scfcost.emulate.recording.recorder import Recorder
from scfcost.emulate.services.counting import Service, ServiceCount
from scfcost.emulate.tunnel.client import ClientSide
from scfcost.emulate.tunnel.http_front import HttpSide
from scfcost.lifecycle.placement import Account

_BY_THE_CLOCK = (
    "the number of provisioned instances follows the clock: they are billed as they are set, but not started in advance"
)
_INIT = "init_ms has no effect on the run: an instance takes as long as your server does; the report counts it on top"
FLUSH_S = 5.0
"""How often rows are written down. [s]"""
_TICK_S = 0.25
_BACKLOG = 4_096
_MOST_FILES = 65_536


@dataclass(frozen=True, slots=True)
class Function:
    """A function to run, and where."""

    name: str
    rules: Rules
    command: Command | None
    """What to run, None for a server that already runs."""
    output: Path
    """The trace file to come."""
    listen: tuple[str, int]
    upstream: tuple[str, int] | None = None
    granularity_ms: int = 1


@dataclass(frozen=True, slots=True)
class Setup:
    """What holds for a whole run."""

    functions: Sequence[Function]
    manners: Manners
    isolation: str = "auto"
    quota_mb: int | None = None
    burst_per_minute: int | None = None
    services: Sequence[Service] = ()
    seconds: float | None = None
    """How long the run lasts, None until it is interrupted. [s]"""
    watches: bool = False
    shows_output: bool = False
    say: Callable[[str], None] = print
    """Told lines for the screen."""
    log: Callable[[str], None] = print
    """Told the lines of the platform's log."""
    live: Callable[[Sequence[FunctionHost], int], None] | None = None
    """Called every second with the functions and how long they run [ms]."""


@dataclass(slots=True)
class Ran:
    """What became of one function."""

    function: Function
    host: FunctionHost
    begin_ms: int
    end_ms: int = 0
    has_trace: bool = False
    services: list[ServiceCount] = field(default_factory=list)
    address: str = ""

    @property
    def warnings(self) -> list[Warned]:
        """What was warned of while it ran."""
        return list(self.host.warned.values())


def run(setup: Setup) -> list[Ran]:
    """Run until an interrupt, a termination, or the end of the time that was asked for.

    Raises
    ------
    ConfigError
        If a port is taken, or instances cannot be isolated.
    TraceError
        If something cannot be written.
    """
    _raise_file_limit()
    with asyncio.Runner(loop_factory=_faster_loop()) as runner:
        return runner.run(_serve(setup))


def _faster_loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Return what makes event loops where uvloop is installed, None where it is not."""
    try:
        factory: Callable[[], asyncio.AbstractEventLoop] = import_module("uvloop").new_event_loop
    except ImportError:
        return None
    return factory


def _raise_file_limit() -> None:
    """Allow as many sockets as the system lets anyone have: two a connection."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MOST_FILES if hard == resource.RLIM_INFINITY else min(_MOST_FILES, hard)
    if soft < wanted:
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


async def _serve(setup: Setup) -> list[Ran]:
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    account, numbers = Account(setup.quota_mb, setup.burst_per_minute), count()
    guard, begin_ms = Guard(), now_ms()
    ran: list[Ran] = []
    servers: list[asyncio.Server] = []
    try:
        for function in setup.functions:
            host = _host(setup, function, account, numbers, guard, begin_ms)
            ran.append(Ran(function, host, begin_ms))
            servers.append(await _listen(function, host))
            port = servers[-1].sockets[0].getsockname()[1]
            host.begin(begin_ms)
            ran[-1].address = f"{_scheme(function)}://{_shown(function.listen[0])}:{port}"
            setup.say(f"{function.name}: {ran[-1].address}")
        setup.say("ready: open your page or start your load test; Ctrl-C ends the run and shows the bill")
        await _until(stop, setup, ran)
    finally:
        for server in servers:
            server.close()
        for one in ran:
            one.end_ms = one.host.finish()
            one.services = list(one.host.instances.services.values())
        guard.close()
        for one in ran:
            one.has_trace = one.host.recorder.finish(one.end_ms)
    return ran


def _host(
    setup: Setup, function: Function, account: Account, numbers: Any, guard: Guard, begin_ms: int
) -> FunctionHost:
    recorder = Recorder(
        function.output, function.name, function.rules, begin_ms, setup.log,
        has_clients=setup.manners.client is not None,
    )  # fmt: skip
    start = None
    if function.command is not None:
        config = function.rules.function
        region, folder = setup.manners.region, function.command.folder
        documented = documented_environment(function.name, region, folder, config.memory_mb)
        isolation = chosen_isolation(setup.isolation, function.command)
        start = Launcher(function.command, isolation, guard, documented).start
    host = FunctionHost(
        function.name,
        lambda effects: FunctionModel(function.rules, effects, account, numbers, function.granularity_ms),
        start, recorder, setup.manners, setup.say,
    )  # fmt: skip
    host.instances.upstream = function.upstream
    host.instances.services = {service.name: ServiceCount(service) for service in setup.services}
    host.instances.environment = function.command.environment if function.command is not None else {}
    if setup.shows_output:
        host.instances.on_output = lambda number, data: setup.say(_output_lines(number, data))
    if function.rules.function.provisioned_schedule and not function.rules.provisioned:
        host.warn("not_emulated", _BY_THE_CLOCK)
    if any(function.rules.function.init_values_ms):
        host.warn("init_not_emulated", _INIT)
    for warned in function.command.warnings if function.command is not None else ():
        host.warn(warned.code, warned.message)
    return host


def _output_lines(number: int, data: bytes) -> str:
    lines = data.decode("utf-8", errors="replace").rstrip("\n").split("\n")
    return "\n".join(f"[{number}] {line}" for line in lines)


async def _listen(function: Function, host: FunctionHost) -> asyncio.Server:
    side = HttpSide if function.rules.function.function_type == "web-http" else ClientSide
    address, port = function.listen
    try:
        loop = asyncio.get_running_loop()
        return await loop.create_server(lambda: side(host), address, port, backlog=_BACKLOG)
    except OSError as error:
        reason = "the port is taken" if "in use" in str(error) else error.strerror or str(error)
        raise ConfigError(f"--listen {address}:{port}: {reason}; give another with --listen") from None


async def _until(stop: asyncio.Event, setup: Setup, ran: Sequence[Ran]) -> None:
    """Write down rows, show the live line and watch files until the run is to end."""
    loop = asyncio.get_running_loop()
    begun = flushed = shown = loop.time()
    watches = [(one, Watch(one.function.command.folder)) for one in ran if setup.watches and one.function.command]
    while not stop.is_set():
        left = _TICK_S if setup.seconds is None else min(_TICK_S, begun + setup.seconds - loop.time())
        if left <= 0:
            return
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), left)
        now = loop.time()
        is_due = now - flushed >= FLUSH_S
        if is_due or any(one.host.recorder.is_full for one in ran):
            flushed = now
            for one in ran:
                one.host.recorder.flush(now_ms())
        for one, watch in watches:
            if changed := watch.changed():
                setup.say(f"{changed} has changed: instances start anew, open connections end with 439")
                one.host.restart()
        if setup.live is not None and now - shown >= 1:
            shown = now
            setup.live([one.host for one in ran], int((now - begun) * 1_000))


def _scheme(function: Function) -> str:
    return "http" if function.rules.function.function_type == "web-http" else "ws"


def _shown(address: str) -> str:
    return f"[{address}]" if ":" in address else address
