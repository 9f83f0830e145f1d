"""The documents are held to the code: commands exist, blocks run, links lead somewhere."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import typer

import scfcost
from scfcost.cli.app import app
from scfcost.trace.samples import SAMPLES, sample
from scfcost.workload.presets import preset_text
from tests.forked import for_shells

ROOT = Path(__file__).parents[1]
README = "\n".join((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "docs/tour.md"))
"""The README, and the tour that says at length what it says in short."""
DOCUMENTS = sorted({*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("data/**/*.md")})
PACKAGE = Path(scfcost.__file__).parent
SAMPLE = ROOT / "data" / "sample_traces" / "chat_room.csv.gz"
NEEDS = {"capture.pcap": "tshark"}
"""Files of the README's commands that another program reads."""
TARGETS = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


PAGES = [ROOT / "README.zh-CN.md"]
PAGES += [path for path in sorted(ROOT.glob("docs/**/*.md")) if path.parent.name not in ("_build", "decisions")]


def blocks(*languages: str, text: str = README) -> list[str]:
    """Take the fenced blocks of the README, or of another text, in these languages."""
    fence = re.compile(rf"^ *```({'|'.join(languages)})\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
    return [match[2] for match in fence.finditer(text)]


@dataclass(frozen=True)
class Shown:
    """A command of the README and the output printed below it."""

    command: str
    output: tuple[str, ...] = ()


def shown_commands(text: str = README) -> Iterator[Shown]:
    for block in blocks("sh", "bash", text=text):
        lines = block.replace("\\\n", " ").splitlines()
        yield from (Shown(line.strip()) for line in lines if line.strip() and not line.startswith("#"))
    for block in blocks("console", text=text):
        for step in re.split(r"^\$ ", block.replace("\\\n", " "), flags=re.MULTILINE)[1:]:
            command, *output = step.splitlines()
            yield Shown(command, tuple(line.rstrip() for line in output if line.strip()))


COMMANDS = list(shown_commands())
COMMANDS += [shown for page in PAGES for shown in shown_commands(page.read_text(encoding="utf-8"))]
COMMANDS = list(dict.fromkeys(COMMANDS))
RUN_HERE = [shown for shown in COMMANDS if re.search(r"\bscfcost\b", shown.command) and "pip " not in shown.command]


def every_command(command: Any, name: str = "scfcost") -> Iterator[tuple[str, Any]]:
    """Walk the tree of commands, the groups included."""
    yield name, command
    for child, below in getattr(command, "commands", {}).items():
        if not below.hidden:
            yield from every_command(below, f"{name} {child}")


CLI = dict(every_command(typer.main.get_command(app)))
LEAVES = [name for name, command in CLI.items() if not getattr(command, "commands", {})]


@pytest.fixture(scope="session")
def laid(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with the sample data and the files that the README calls by name, which nothing writes into."""
    folder = tmp_path_factory.mktemp("laid")
    shutil.copytree(SAMPLE.parent, folder / "data" / "sample_traces")
    shutil.copytree(ROOT / "examples", folder / "examples")
    for one in SAMPLES:
        (folder / one.usual).write_bytes(one.content())
    (folder / "chat_room.parquet").write_bytes(sample("chat-room").content(".parquet"))
    rows = sample("chat-room").content().splitlines(keepends=True)
    (folder / "traces.csv").write_bytes(b"".join(rows[:2_000]))  # so that the commands take a second
    rare = preset_text("chat-room").replace("visits_per_day = 2 ", "visits_per_day = 0.2 ")
    (folder / "my.toml").write_text(rare, encoding="utf-8")
    return folder


@pytest.fixture
def desk(laid: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of that directory as the current one."""
    shutil.copytree(laid, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("SCFCOST_")]:
        monkeypatch.delenv(name)
    return tmp_path


def run(command: str) -> subprocess.CompletedProcess[str]:
    """Run a line of shell in which `scfcost` is the one under test."""
    environment = {**os.environ, **for_shells(), "COLUMNS": "80", "NO_COLOR": "1"}
    return subprocess.run(["bash", "-o", "pipefail", "-c", command], env=environment, capture_output=True, text=True)


@pytest.mark.parametrize("name", LEAVES)
def test_the_readme_shows_every_command(name: str) -> None:
    assert re.search(rf"\b{name}\b", README), f"README.md says nothing of `{name}`"


@pytest.mark.parametrize("name", CLI)
def test_every_command_and_option_has_help(name: str) -> None:
    command = CLI[name]
    assert command.help, f"{name} has no help"
    silent = [option.opts[0] for option in command.params if not getattr(option, "help", None)]
    assert not silent, f"{name}: no help for {silent}"


def marked(shown: Shown) -> Any:
    """Return a command of the docs as a case that says which programs read its files."""
    programs = [program for file, program in NEEDS.items() if file in shown.command]
    return pytest.param(shown, id=shown.command, marks=[pytest.mark.needs(*programs)])


@pytest.mark.parametrize("shown", [marked(shown) for shown in RUN_HERE])
def test_a_command_of_the_docs_prints_what_it_shows(shown: Shown, desk: Path) -> None:
    done = run(shown.command)
    assert done.returncode == 0, done.stderr
    printed = {line.strip() for line in (done.stdout + done.stderr).splitlines()}
    missing = [line for line in shown.output if "…" not in line and line.strip() not in printed]
    assert not missing, done.stdout


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\bmake (\w+)", "\n".join(s.command for s in COMMANDS)))))
def test_a_make_target_of_the_readme_exists(target: str) -> None:
    assert target in TARGETS


def test_the_python_of_the_readme_runs(desk: Path) -> None:
    names: dict[str, Any] = {"__name__": "readme"}
    for number, block in enumerate(blocks("python"), 1):
        exec(compile(block, f"README.md python block {number}", "exec"), names)


@pytest.mark.parametrize("block", blocks("toml"), ids=lambda block: block.splitlines()[0])
def test_the_settings_of_the_readme_are_accepted(block: str, desk: Path) -> None:
    assert tomllib.loads(block)
    (desk / "scfcost.toml").write_text(block, encoding="utf-8")
    done = run("scfcost config show")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_between_documents_lead_somewhere(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for link in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", text):
        assert (path.parent / link).exists(), f"{path.name} links to {link}"


@pytest.mark.parametrize(
    "path",
    [*DOCUMENTS, *sorted((ROOT / "notebooks").glob("*.ipynb"))],
    ids=lambda path: path.relative_to(ROOT).as_posix(),
)
def test_documents_and_notebooks_use_public_names_alone(path: Path) -> None:
    found = re.findall(r"from (scfcost[\w.]*) import ([\w, ]+)", path.read_text(encoding="utf-8"))
    inner = [module for module, _ in found if module != "scfcost" and module.split(".")[1] not in scfcost._ROOMS]
    names = [name.strip() for module, each in found if module == "scfcost" for name in each.split(",")]
    assert not inner
    assert not [name for name in names if name and name not in scfcost.__all__]


def test_every_public_name_is_there() -> None:
    for name in scfcost.__all__:
        assert getattr(scfcost, name) is not None


def public_definitions(path: Path) -> Iterator[ast.FunctionDef | ast.ClassDef]:
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            yield node


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_every_public_definition_has_a_docstring(path: Path) -> None:
    assert not [node.name for node in public_definitions(path) if not ast.get_docstring(node)]


def test_the_changelog_has_a_place_for_the_next_change() -> None:
    assert "## [Unreleased]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
