"""Help shows whole names, a shell is told the values of flags, and every command can be made quieter or louder."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from typing import Any

import pytest
from rich.cells import cell_len
from typer.main import get_command

from scfcost.cli.app import app
from scfcost.cli.short_help import examples_of
from scfcost.core import language
from tests.forked import scfcost


def _commands(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, one in getattr(command, "commands", {}).items():
        yield from _commands(one, (*path, name))
    yield path, command


COMMANDS = dict(_commands(get_command(app)))


@pytest.fixture(params=["80", "200"])
def columns(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """Columns of the screen."""
    monkeypatch.setenv("COLUMNS", request.param)
    return int(request.param)


def help_of(path: tuple[str, ...], flag: str, capsys: pytest.CaptureFixture[str]) -> str:
    app(args=[*path, flag], prog_name="scfcost", standalone_mode=False)
    return capsys.readouterr().out


@pytest.mark.parametrize("tongue", language.LANGUAGES)
@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_all_of_the_help_names_every_flag_in_full(
    path: tuple[str, ...], tongue: str, columns: int, capsys: pytest.CaptureFixture[str]
) -> None:
    with language.speaking(tongue):
        shown = help_of(path, "--help-all", capsys)
    for parameter in COMMANDS[path].params:
        if parameter.param_type_name == "option":
            for flag in (*parameter.opts, *parameter.secondary_opts):
                assert flag in shown
    assert max(map(cell_len, shown.splitlines())) <= columns
    assert "…" not in shown


@pytest.mark.parametrize("tongue", language.LANGUAGES)
@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_help_opens_with_three_examples_and_shows_ten_flags_at_most(
    path: tuple[str, ...], tongue: str, columns: int, capsys: pytest.CaptureFixture[str]
) -> None:
    with language.speaking(tongue):
        shown = help_of(path, "--help", capsys)
    assert max(map(cell_len, shown.splitlines())) <= columns
    top = shown[: shown.index("--help" if path else "--version")]
    assert re.sub(r" \\\n +", " ", top).count("\n  scfcost ") == 3
    flags = re.findall(r"^  (?:-\w, )?--(?!help)[\w-]+", shown, re.MULTILINE)
    assert len(flags) <= 10 or not getattr(COMMANDS[path], "matter", ())
    assert f"{' '.join(('scfcost', *path))} --help-all" in shown or len(flags) <= 10


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_example_is_taken_by_the_command_line(path: tuple[str, ...]) -> None:
    for example in examples_of(COMMANDS[path]):
        for one in example.split("; "):
            words = shlex.split(one.partition(" > ")[0].replace("--lang zh", ""))[1:]
            named = tuple(words[:2]) if tuple(words[:2]) in COMMANDS else tuple(words[:1])
            COMMANDS[named].make_context("scfcost", words[len(named) :])


@pytest.mark.parametrize(
    ("text", "seconds"), [("90", 90), ("0.5", 0.5), ("90s", 90), ("15m", 900), ("1h30m", 5400), ("250ms", 0.25)]
)
def test_every_flag_of_a_length_of_time_takes_its_unit(text: str, seconds: float) -> None:
    flags = [one for one in COMMANDS["estimate",].params if one.metavar == "TIME"]
    assert len(flags) == 10
    given = [word for one in flags for word in (one.opts[0], text)]
    context = COMMANDS["estimate",].make_context("estimate", ["x.csv", *given])
    assert {context.params[one.name] for one in flags} == {seconds}


def test_a_length_of_time_that_is_none_is_said_with_its_flag() -> None:
    done = scfcost("estimate", "x.csv", "--idle-timeout", "soon")
    assert (done.returncode, done.stderr) == (2, (
        "scfcost: invalid value for '--idle-timeout': 'soon' is no time such as 90 (seconds), 90s, 15m or 1h30m "
        "(see scfcost estimate --help)\n"
    ))  # fmt: skip


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
        ("scfcost formats ngi", {"nginx"}),
        ("scfcost scenario show chat", {"chat-room"}),
        ("scfcost catalog show aws-l", {"aws-lambda"}),
        ("scfcost compare --with aws-ap", {"aws-apigateway"}),
        ("scfcost est", {"estimate"}),
    ],
)
def test_a_shell_is_told_the_values(line: str, wanted: set[str]) -> None:
    done = scfcost(_SCFCOST_COMPLETE="complete_bash", COMP_WORDS=line, COMP_CWORD=str(line.count(" ")))
    assert wanted <= set(done.stdout.split())
