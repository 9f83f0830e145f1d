"""scfcost as users run it, in a process of its own, without a second of imports each time.

A parent that has imported everything forks itself for each command. What it starts is a process like any other: it has
its own folder, environment and output, takes signals and can be killed; its exit code is told by the parent.
"""

from __future__ import annotations

import atexit
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from warnings import catch_warnings, simplefilter

LIMIT_S = 120
"""Longest that anything is waited for; a hang, not a slow machine. [s]"""
ROOT = Path(__file__).parents[1]
_POLL_S = 0.01
_LONGEST = 1 << 18
_MODULES = (
    "scfcost.cli.app", "scfcost.cli.emulate_report", "scfcost.cli.emulate_screen", "scfcost.cli.emulate_setup",
    "scfcost.cli.emulate_architecture", "scfcost.emulate.run", "scfcost.analysis.estimate.document",
    "scfcost.analysis.estimate.insights", "scfcost.analysis.reconcile.reconcile", "scfcost.trace.read",
)  # fmt: skip


class Parent:
    """The process that forks itself."""

    def __init__(self) -> None:
        self._channel, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._turn = threading.Lock()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.preloaded", str(theirs.fileno())], cwd=ROOT, pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
        theirs.close()

    def ask(self, asked: Mapping[str, Any], descriptors: Sequence[int] = ()) -> Any:
        """Ask for something, and return the answer."""
        with self._turn:
            socket.send_fds(self._channel, [json.dumps(asked).encode()], descriptors)
            return json.loads(self._channel.recv(_LONGEST))

    def end(self) -> None:
        """End it; it follows by itself where this process is killed."""
        self._channel.close()
        self._process.wait()


@cache
def parent() -> Parent:
    """Return the one parent of this process."""
    started = Parent()
    atexit.register(started.end)
    return started


class Forked:
    """A process that runs the command line: as much of `subprocess.Popen` as tests use."""

    def __init__(self, arguments: Sequence[str], folder: Path, environment: Mapping[str, str]) -> None:
        self.returncode: int | None = None
        out, out_end = os.pipe()
        error, error_end = os.pipe()
        asked = {"run": list(arguments), "folder": str(folder.resolve()), "environment": dict(environment)}
        self.pid: int = parent().ask(asked, [out_end, error_end])
        os.close(out_end)
        os.close(error_end)
        self.stdout, self.stderr = os.fdopen(out, encoding="utf-8"), os.fdopen(error, encoding="utf-8")

    def poll(self) -> int | None:
        """Return the exit code, None while it runs."""
        if self.returncode is None:
            self.returncode = parent().ask({"ended": self.pid})
        return self.returncode

    def wait(self, seconds: float = LIMIT_S) -> int:
        """Return the exit code once it has ended."""
        until = time.monotonic() + seconds
        while (code := self.poll()) is None:
            if time.monotonic() > until:
                raise subprocess.TimeoutExpired(f"process {self.pid}", seconds)
            time.sleep(_POLL_S)
        return code

    def send_signal(self, number: int) -> None:
        """Send a signal to it, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)


def own_environment() -> dict[str, str]:
    """Return the environment without settings of scfcost."""
    return {name: value for name, value in os.environ.items() if not name.startswith("SCFCOST_")}


def scfcost(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder to its end."""
    run, said = Forked(arguments, folder, own_environment()), []
    with run.stdout, run.stderr:
        reader = threading.Thread(target=lambda: said.append(run.stderr.read()))
        reader.start()
        out = run.stdout.read()
        reader.join()
    return subprocess.CompletedProcess(arguments, run.wait(), out, said[0])


def _main() -> None:
    """Import everything, then fork for each command until nobody asks any more."""
    channel = socket.socket(fileno=int(sys.argv[1]))
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # Ctrl-C is for the tests, which end what they started
    for module in _MODULES:
        import_module(module)
    _load_kernels()
    while True:
        message, descriptors, _, _ = socket.recv_fds(channel, _LONGEST, 2)
        if not message:
            return
        asked = json.loads(message)
        answer = _code(asked["ended"]) if "ended" in asked else _fork()
        if answer == 0 and "run" in asked:
            channel.close()
            _become(asked, descriptors)
            return
        for descriptor in descriptors:
            os.close(descriptor)
        channel.send(json.dumps(answer).encode())


def _load_kernels() -> None:
    """Read and estimate a small trace, so that every loop is compiled, or loaded as it was compiled, once for all."""
    from scfcost.analysis.estimate.estimate import estimate
    from scfcost.config.function import FunctionConfig
    from scfcost.trace.read import read_trace

    with TemporaryDirectory() as folder:
        trace = Path(folder) / "trace.csv"
        trace.write_text("connection_id,timestamp,event,direction\na,1,connect,\na,2,message,up\na,3,message,down\n")
        estimate(read_trace(trace), FunctionConfig()).to_dict()


def _fork() -> int:
    with catch_warnings():
        simplefilter("ignore", DeprecationWarning)  # the pools of Arrow are made anew in a child: forking is safe
        return os.fork()


def _code(pid: int) -> int | None:
    """Return the exit code of a process, None while it runs."""
    ended, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if ended else None


def _become(asked: Mapping[str, Any], descriptors: Sequence[int]) -> None:
    """Run a command in this process."""
    for number, ours in ((signal.SIGINT, signal.default_int_handler), (signal.SIGTERM, signal.SIG_DFL)):
        signal.signal(number, ours)
    for target, descriptor in enumerate(descriptors, 1):
        os.dup2(descriptor, target)
        os.close(descriptor)
    sys.stdout, sys.stderr = (os.fdopen(number, "w", encoding="utf-8", closefd=False) for number in (1, 2))
    os.environ.clear()
    os.environ.update(asked["environment"])
    os.chdir(asked["folder"])
    sys.argv = ["scfcost", *asked["run"]]
    from scfcost.cli.app import main

    main()


if __name__ == "__main__":
    _main()
