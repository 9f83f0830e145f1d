"""Commands for tests: `scfcost(...)`, and a program of that name for lines of shell."""

from __future__ import annotations

import atexit
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from tests.forked.client import ADDRESS, code_of, start

HERE = Path(__file__).parent
LIMIT_S = 120
"""Longest that anything is waited for; a hang, not a slow machine. [s]"""
STARTED = dict(os.environ)
"""The environment in which the server starts."""
READ_AT_START = ("PYTHON", "NUMBA", "MPL", "LC_", "LANG", "HOME", "XDG_")
"""How variables begin that a process reads as it starts: for another value it has to be a real one."""


@cache
def server() -> str:
    """Start the server of this process at its first command, and return where it listens."""
    home = tempfile.mkdtemp(prefix="scfcost-forked-")  # short: the path of a socket has 107 bytes
    address = str(Path(home) / "s")
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.forked.server", address], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        cwd=HERE.parents[1],
    )  # fmt: skip
    atexit.register(_end, process, home)
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    return address


def _end(process: subprocess.Popen[bytes], home: str) -> None:
    assert process.stdin is not None
    process.stdin.close()
    process.wait()
    shutil.rmtree(home)


def scfcost(
    *arguments: object, stdin: str | None = None, cwd: Path | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run a command 80 columns wide with some text as its standard input; return what it wrote and how it ended."""
    words = [str(one) for one in arguments]
    wanted = {**os.environ, "COLUMNS": "80", **environment}
    if _at_start(wanted) != _at_start(STARTED):
        return _process(words, stdin, cwd, wanted)
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        given.write((stdin or "").encode())
        given.seek(0)
        streams = [given.fileno(), out.fileno(), err.fileno()]
        link, _ = start(server(), words, wanted, str(cwd or Path.cwd()), streams)
        return subprocess.CompletedProcess(words, code_of(link), _text(out), _text(err))


class Forked:
    """A command that runs beside the test: as much of `subprocess.Popen` as tests use."""

    def __init__(self, arguments: Sequence[str], folder: Path, environment: Mapping[str, str]) -> None:
        self.returncode: int | None = None
        out, out_end = os.pipe()
        error, error_end = os.pipe()
        with Path(os.devnull).open("rb") as nothing:
            streams = [nothing.fileno(), out_end, error_end]
            self._link, self.pid = start(server(), list(arguments), dict(environment), str(folder.resolve()), streams)
        os.close(out_end)
        os.close(error_end)
        self.stdout, self.stderr = os.fdopen(out, encoding="utf-8"), os.fdopen(error, encoding="utf-8")

    def poll(self) -> int | None:
        """Return the exit code, None while it runs."""
        return self._code_within(0)

    def wait(self, seconds: float = LIMIT_S) -> int:
        """Return the exit code once it has ended."""
        if (code := self._code_within(seconds)) is None:
            raise subprocess.TimeoutExpired(f"process {self.pid}", seconds)
        return code

    def send_signal(self, number: int) -> None:
        """Send a signal to it, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)

    def _code_within(self, seconds: float) -> int | None:
        if self.returncode is None and select.select([self._link], [], [], seconds)[0]:
            self.returncode = code_of(self._link)
        return self.returncode


def own_environment() -> dict[str, str]:
    """Return the environment without settings of scfcost."""
    return {name: value for name, value in os.environ.items() if not name.startswith("SCFCOST_")}


def for_shells() -> dict[str, str]:
    """Return the environment in which `scfcost` is a program that has the server run it."""
    program = Path(server()).with_name("scfcost")
    if not program.exists():
        program.write_text(f"#!/bin/sh\nexec '{sys.executable}' -S -E '{HERE / 'client.py'}' \"$@\"\n")
        program.chmod(0o755)
    path = (str(program.parent), str(Path(sys.executable).parent), os.environ["PATH"])
    return {"PATH": os.pathsep.join(path), ADDRESS: server()}


def _at_start(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name.startswith(READ_AT_START)}


def _process(
    words: list[str], stdin: str | None, cwd: Path | None, environment: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "scfcost", *words]
    return subprocess.run(
        command, input=stdin or "", cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )


def _text(file: object) -> str:
    file.seek(0)  # type: ignore[attr-defined]
    return file.read().decode(errors="surrogateescape").replace("\r\n", "\n")  # type: ignore[attr-defined]
