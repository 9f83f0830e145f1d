"""`scfcost emulate` as users run it, on a free port, ended for sure."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema

from tests.forked import LIMIT_S, Forked, own_environment

APPS = Path(__file__).with_name("apps")
PYTHON = sys.executable
COMMAND = ("emulate", "--format", "json", "--listen", "127.0.0.1:0")


class Emulator:
    """One run, as another user where `before` makes it one's. `report` is there once it has ended."""

    def __init__(self, folder: Path, *arguments: str, before: Sequence[str] = ()) -> None:
        self.folder, self.said, self.ports = folder, [], dict[str, int]()
        self.report: dict[str, Any] = {}
        self.has_ended = False
        self._ready = threading.Event()
        self.process = _started(folder, [*COMMAND, *arguments], before)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self._answer = threading.Thread(target=self._take, daemon=True)
        self.out = ""
        self._answer.start()

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.said.append(line.rstrip("\n"))
            if found := re.match(r"(\S+): (?:ws|http)://127\.0\.0\.1:(\d+)", line):
                self.ports[found[1]] = int(found[2])
            if line.startswith("ready"):
                self._ready.set()
        self._ready.set()

    def _take(self) -> None:
        assert self.process.stdout is not None
        self.out = self.process.stdout.read()

    @property
    def port(self) -> int:
        return next(iter(self.ports.values()))

    def wait_ready(self) -> None:
        assert self._ready.wait(LIMIT_S), "it never was ready"
        assert self.ports, self.said

    def end(self, number: int = signal.SIGINT) -> int:
        """End it as Ctrl-C does, and return its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.ended()

    def ended(self) -> int:
        code = self.process.wait(LIMIT_S)
        if self.has_ended:
            return code
        self.has_ended = True
        self._reader.join(LIMIT_S)
        self._answer.join(LIMIT_S)
        for stream in (self.process.stdout, self.process.stderr):
            assert stream is not None
            stream.close()
        if self.out.startswith("{"):
            self.report = json.loads(self.out)
            holds_to_its_schema(self.report)
        return code


def _started(folder: Path, arguments: list[str], before: Sequence[str]) -> Forked | subprocess.Popen[str]:
    if not before:
        return Forked(arguments, folder, own_environment())
    return subprocess.Popen(
        [*before, PYTHON, "-m", "scfcost", *arguments],
        cwd=folder, env=own_environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def holds_to_its_schema(report: dict[str, Any]) -> None:
    """Hold the report of a run to its schema, and the parts that are of an estimate to that of one."""
    own, estimate = (
        json.loads((files("scfcost.report") / f"{kind}.schema.json").read_text(encoding="utf-8"))
        for kind in ("emulation", "estimate")
    )
    jsonschema.validate(report, own)
    for function in report.get("functions", {"": report}).values():
        for part in ("usage", "outcomes", "impact", "concurrency", "bill", "monthly"):
            if function[part] is not None:
                jsonschema.validate(function[part], {**estimate["properties"][part], "$defs": estimate["$defs"]})


@contextmanager
def emulating(folder: Path, *arguments: str, waits: bool = True) -> Iterator[Emulator]:
    """Run it until the block ends, whatever happens in it."""
    run = Emulator(folder, *arguments)
    try:
        if waits:
            run.wait_ready()
        yield run
    finally:
        run.end()


def group_of(run: Emulator) -> list[int]:
    """Return the processes that an emulator has started, and theirs."""
    import psutil

    try:
        return [child.pid for child in psutil.Process(run.process.pid).children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def alive(pids: list[int]) -> list[int]:
    """Return those that still run."""
    import psutil

    return [one for one in pids if psutil.pid_exists(one) and psutil.Process(one).status() != psutil.STATUS_ZOMBIE]
