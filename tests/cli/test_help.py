"""Help shows whole names, a shell is told the values of flags, and every command can be made quieter or louder."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from typer.main import get_command

from scfcost.cli.app import app
from tests.forked import scfcost


def _commands(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, one in getattr(command, "commands", {}).items():
        yield from _commands(one, (*path, name))
    yield path, command


COMMANDS = dict(_commands(get_command(app)))


@pytest.mark.parametrize("columns", ["80", "200"])
@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_help_names_every_flag_in_full(path: tuple[str, ...], columns: str) -> None:
    shown = scfcost(*path, "--help", COLUMNS=columns).stdout
    for parameter in COMMANDS[path].params:
        if parameter.param_type_name == "option":
            for flag in (*parameter.opts, *parameter.secondary_opts):
                assert flag in shown
    assert max(map(len, shown.splitlines())) <= int(columns)
    assert "…" not in shown


def test_what_reads_a_trace_can_be_made_quieter_and_louder() -> None:
    for path, command in COMMANDS.items():
        names = {parameter.name for parameter in command.params}
        if {"on_error", "memory_limit"} & names:
            assert {"quiet", "verbose"} <= names, path


def test_asking_for_both_is_refused() -> None:
    done = scfcost("estimate", "x.csv", "-q", "-v")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "scfcost: --quiet and --verbose ask for opposites: give one\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("estimat",), "no such command 'estimat'. Did you mean 'estimate', 'simulate'? (see scfcost --help)"),
        (("reconcile", "x.csv"), "missing option '--cls' (see scfcost reconcile --help)"),
        (
            ("sweep", "x.csv", "--engine", "spark"),
            "invalid value for '--engine': 'spark' is not one of 'local', 'dask' (see scfcost sweep --help)",
        ),
    ],
)
def test_a_mistake_in_the_use_is_one_line(arguments: tuple[str, ...], message: str) -> None:
    done = scfcost(*arguments)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"scfcost: {message}\n")


def test_help_lists_the_commands() -> None:
    done = scfcost("--help")
    assert done.returncode == 0
    assert "Commands:" in done.stdout


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("scfcost estimate --reconnect ", {"none", "on-demand", "immediate"}),
        ("scfcost estimate --region ap-g", {"ap-guangzhou"}),
        ("scfcost estimate --catalog tencent-scf-intl --region ap-t", {"ap-tokyo"}),
        ("scfcost estimate --plan personal", {"personal-standard", "personal-advanced"}),
        ("scfcost estimate --catalog ", {"tencent-scf-cn", "tencent-scf-intl"}),
        ("scfcost import --from ngi", {"nginx"}),
        ("scfcost est", {"estimate"}),
    ],
)
def test_a_shell_is_told_the_values(line: str, wanted: set[str]) -> None:
    script = "import sys; sys.argv[0] = 'scfcost'; from scfcost.cli.app import app; app(prog_name='scfcost')"
    asked = {"_SCFCOST_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": str(line.count(" "))}
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, env={**os.environ, **asked}
    )
    assert wanted <= set(done.stdout.split())
