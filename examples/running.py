"""What both worked examples need: a Redis of their own, an emulator, and both gone at the end."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path


def free_port() -> int:
    """Return a port of the loopback interface that nothing listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


@contextmanager
def redis_server() -> Iterator[int]:
    """Run a Redis that keeps nothing on disk, and yield its port."""
    if shutil.which("redis-server") is None:
        sys.exit("this example needs redis-server (apt-get install redis-server) and the Python package redis")
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        server = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL)
        try:
            yield port
        finally:
            server.terminate()
            server.wait()


class Emulated:
    """A run of `scfcost emulate`: the addresses of its functions, and its report once it has ended."""

    def __init__(self, arguments: Sequence[str], folder: Path) -> None:
        command = [sys.executable, "-m", "scfcost", "emulate", "--listen", "127.0.0.1:0", *arguments]
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # so that `python` is this one
        self._process = subprocess.Popen(
            command, cwd=folder, env={**os.environ, "PATH": path}, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        self.addresses: dict[str, str] = {}
        self.log: list[str] = []
        self._ready = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self._ready.wait()
        if not self.addresses:
            sys.exit("\n".join(self.log))

    def _read(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            name, _, address = line.strip().partition(": ")
            if address.startswith(("ws://", "http://")):
                self.addresses[name] = address
            elif line.startswith("ready"):
                self._ready.set()
            self.log.append(line.rstrip())
        self._ready.set()

    def end(self) -> str:
        """End it as Ctrl-C does, and return its report."""
        self._process.send_signal(signal.SIGINT)
        assert self._process.stdout is not None
        report = self._process.stdout.read()
        self._process.wait()
        self._reader.join()
        return report or "\n".join(self.log[-3:])


@contextmanager
def emulated(arguments: Sequence[str], folder: Path) -> Iterator[Emulated]:
    """Run an emulator until the block ends, whatever happens in it."""
    run = Emulated(arguments, folder)
    try:
        yield run
    finally:
        if run._process.poll() is None:
            run.end()
