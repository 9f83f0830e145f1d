"""Runs the command line on changed files, in this process, and tells what should not be."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from unittest import mock

import typer.main

from scfcost.cli.app import main
from tests.fuzz.mutate import ACCESS, ESTIMATE, MAPPED, MAPPING, TYPED, csv_of, events, kinds, mutated

ALLOWED = {0, 1, 2}
LONGEST_S = 60
"""What a campaign by hand grants to one file, of which a sound one takes a tenth of a second. [s]"""
SCRATCH = "scratch"
_OUR_FAULT = ("Traceback", "fault of scfcost", "internal error")
_OUTPUTS = {"out.csv", "out.csv.window", "out.parquet", "out.toml"}


_command = cache(typer.main.get_command)
"""The command line is built once, not for each run of it."""


@dataclass
class Found:
    """What a campaign met."""

    codes: Counter[int] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)


def run(arguments: list[str]) -> tuple[int, str]:
    """Run the command line; return its exit code and what it said on standard error."""
    before, out, err = sys.argv, io.StringIO(), io.StringIO()
    sys.argv = ["scfcost", *arguments]
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with mock.patch("typer.main.get_command", _command):
                main()
        code = 0
    except SystemExit as left:
        code = int(left.code or 0)
    finally:
        sys.argv = before
    return code, err.getvalue()


@contextlib.contextmanager
def desk(folder: Path) -> Iterator[dict[str, tuple[bytes, str, list[str]]]]:
    """Yield the kinds of input in a folder with the sound files that some commands need beside."""
    home, before = Path.cwd(), tempfile.tempdir
    os.chdir(folder)
    (folder / SCRATCH).mkdir()
    (folder / "in").mkdir()
    tempfile.tempdir = str(folder / SCRATCH)  # so that what is left there is ours
    try:
        Path("sound.csv").write_bytes(csv_of(events()))
        Path("t.csv").write_bytes(csv_of(events()))
        Path("cls.json").write_bytes(kinds()["cls"][0])
        Path("access.log").write_bytes(ACCESS)
        Path("mapped.jsonl").write_bytes(MAPPED)
        Path("sound-mapping.toml").write_bytes(MAPPING)
        code, said = run(["estimate", "sound.csv", "--replications", "0", "--format", "json", "-o", "saved.json", "-q"])
        assert code == 0, said
        found = kinds()
        found[ESTIMATE] = (Path("saved.json").read_bytes(), *found[ESTIMATE][1:])
        yield found
    finally:
        tempfile.tempdir = before
        os.chdir(home)


def run_on(folder: Path, content: bytes, file: str, arguments: list[str]) -> tuple[int, str]:
    """Run a command on a file with some content, or with that as what a person types."""
    path = folder / "in" / file
    (folder / "in" / "t.csv").write_bytes(csv_of(events()))
    path.write_bytes(content)
    given = os.fsdecode(content) if file == TYPED else str(path)
    try:
        return run([given if one == "FILE" else one for one in arguments])
    finally:
        path.unlink()  # the window of one kind is not that of the next


def campaign(
    folder: Path, seeds: Iterator[int] | range, only: str | None = None, before: Callable[[], Any] = lambda: None
) -> Found:
    """Run one changed file for each seed, the kinds in turn; `before` is called before each."""
    found = Found()
    with desk(folder) as inputs:
        names = [only] if only else sorted(inputs)
        for seed in seeds:
            name = names[seed % len(names)]
            content, file, arguments = inputs[name]
            there = {one.name for one in folder.iterdir()}
            before()
            code, said = run_on(folder, mutated(content, seed), file, arguments)
            found.codes[code] += 1
            left = {one.name for one in folder.iterdir()} - there - _OUTPUTS
            left |= {one.name for one in (folder / SCRATCH).iterdir()}
            if code not in ALLOWED or left or any(word in said for word in _OUR_FAULT):
                found.faults.append(f"{name} seed {seed}: exit code {code}, left {sorted(left)}: {said[-300:].strip()}")
            for output in _OUTPUTS:
                if code == 2 and (folder / output).exists() and output == "out.parquet":
                    found.faults.append(f"{name} seed {seed}: an output after exit code 2")
                (folder / output).unlink(missing_ok=True)
    return found


def _begin() -> None:
    signal.setitimer(signal.ITIMER_PROF, LONGEST_S)


def _too_long(*_: Any) -> None:
    raise RuntimeError(f"internal error: more than {LONGEST_S} s of CPU for a file of a few lines")


if __name__ == "__main__":
    signal.signal(signal.SIGPROF, _too_long)
    first, last = int(sys.argv[1]), int(sys.argv[2])
    began = time.process_time()
    with tempfile.TemporaryDirectory() as place:
        result = campaign(Path(place), range(first, last), sys.argv[3] if len(sys.argv) > 3 else None, _begin)
    say = sys.stdout.write
    say(f"{dict(result.codes)} {len(result.faults)} faults, {time.process_time() - began:.0f} s of CPU\n")
    say("\n".join([*result.faults, ""]))
