"""One instance as a process: started, listening or not, frozen, gone."""

from __future__ import annotations

import array
import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from scfcost.emulate.launch.binds import LOOPBACK, PORT, Binds

CHILD = Path(__file__).with_name("child.py")
_POLL_S = 0.002
_TAIL_BYTES = 4_096


class Process:
    """The process of one instance.

    Parameters
    ----------
    words, folder, environment : list of str, Path, mapping
        What to run, and where.
    isolation : {"seccomp", "hook", "port"}
        How it comes to a port of its own.
    guard : callable
        Told of its process group as it begins (+) and ends (-).
    on_end : callable
        Told the exit code once the process has ended by itself.
    on_output : callable
        Told what it writes.
    """

    def __init__(
        self, words: list[str], folder: Path, environment: Mapping[str, str], isolation: str,
        guard: Callable[[int], None], on_end: Callable[[int], None], on_output: Callable[[bytes], None],
    ) -> None:  # fmt: skip
        self.is_frozen = self.has_ended = False
        self.tail = b""
        """The last of what it wrote."""
        self._on_end, self._on_output, self._guard = on_end, on_output, guard
        self._binds: Binds | None = None
        self._loop = asyncio.get_running_loop()
        self.host, self.port = LOOPBACK, 0
        if isolation != "seccomp":
            self.port = _free_port()
        self._spawn([one.replace("{port}", str(self.port or PORT)) for one in words], folder, environment, isolation)

    def _spawn(self, words: list[str], folder: Path, environment: Mapping[str, str], isolation: str) -> None:
        self._channel, theirs = socket.socketpair()
        self._channel.setblocking(False)
        how = "seccomp" if isolation == "seccomp" else "plain"
        own = {} if isolation == "seccomp" else {"PORT": str(self.port), "SCF_PORT": str(self.port)}
        self._popen = subprocess.Popen(  # noqa: S603 (the user's own command)
            [sys.executable, "-I", "-S", str(CHILD), str(theirs.fileno()), how, *words],
            pass_fds=[theirs.fileno()], start_new_session=True, cwd=folder, env={**environment, **own},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, bufsize=0,
        )  # fmt: skip
        theirs.close()
        self._guard(self._popen.pid)
        assert self._popen.stdout is not None  # noqa: S101 (of the type)
        self._output = self._popen.stdout.fileno()
        os.set_blocking(self._output, False)
        self._loop.add_reader(self._output, self._read_output)
        self._loop.add_reader(self._channel.fileno(), self._let_go)
        self._watch_end()

    def _watch_end(self) -> None:
        if hasattr(os, "pidfd_open"):
            self._pidfd = os.pidfd_open(self._popen.pid)
            self._loop.add_reader(self._pidfd, self._ended)
        else:
            self._pidfd = -1
            self._loop.create_task(self._poll_end())

    async def _poll_end(self) -> None:
        while self._popen.poll() is None:
            await asyncio.sleep(0.05)
        self._ended()

    def _let_go(self) -> None:
        """Take what the child hands over, and let it become the command."""
        self._loop.remove_reader(self._channel.fileno())
        with self._channel, suppress(OSError):
            _, sent, _, _ = self._channel.recvmsg(1, socket.CMSG_SPACE(4))
            if sent:
                self._binds = Binds(array.array("i", sent[0][2])[0])
                self._loop.add_reader(self._binds.descriptor, self._answer)
            self._channel.send(b"g")

    def _answer(self) -> None:
        if self._binds is not None and not self._binds.answer():
            self._loop.remove_reader(self._binds.descriptor)

    @property
    def is_local_only(self) -> bool:
        """Whether it listens where the platform does not reach it."""
        return self._binds is not None and self._binds.is_local_only

    async def listening(self) -> None:
        """Return once connections are taken."""
        while not await self._is_listening():
            await asyncio.sleep(_POLL_S)

    async def _is_listening(self) -> bool:
        if self._binds is not None:
            self.host, self.port = self._binds.host, self._binds.port
            return self._binds.is_listening()
        if not self.port:
            return False
        try:
            _, writer = await asyncio.open_connection(self.host, self.port)
        except OSError:
            await asyncio.sleep(10 * _POLL_S)
            return False
        writer.transport.abort()
        return True

    def freeze(self) -> None:
        """Stop it where it stands."""
        self._signal(signal.SIGSTOP)
        self.is_frozen = True

    def thaw(self) -> None:
        """Let it go on."""
        if self.is_frozen:
            self._signal(signal.SIGCONT)
            self.is_frozen = False

    def kill(self) -> None:
        """End it and all that it started."""
        if not self.has_ended:
            self._on_end = _ignore
            self._signal(signal.SIGKILL)

    def reap(self) -> None:
        """Wait until it is gone, once it was killed, and let go of what it held."""
        if not self.has_ended:
            self._popen.wait()
            self._ended()

    def _signal(self, number: int) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._popen.pid, number)

    def _read_output(self) -> None:
        try:
            data = os.read(self._output, 65_536)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._loop.remove_reader(self._output)
            return
        self.tail = (self.tail + data)[-_TAIL_BYTES:]
        self._on_output(data)

    def _ended(self) -> None:
        if self.has_ended:
            return
        self.has_ended = True
        code = self._popen.wait()
        self._read_output()
        if self._pidfd >= 0:
            self._loop.remove_reader(self._pidfd)
            os.close(self._pidfd)
        self._signal(signal.SIGKILL)  # what it left behind
        self._guard(-self._popen.pid)
        self._loop.remove_reader(self._output)
        if self._popen.stdout is not None:
            self._popen.stdout.close()
        if self._channel.fileno() >= 0:
            self._loop.remove_reader(self._channel.fileno())
            self._channel.close()
        if self._binds is not None:
            self._loop.remove_reader(self._binds.descriptor)
            self._binds.close()
        self._on_end(code)


def _ignore(_: int) -> None:
    """Take no note: it was killed."""


def _free_port() -> int:
    with socket.socket() as free:
        free.bind((LOOPBACK, 0))
        port: int = free.getsockname()[1]
        return port
