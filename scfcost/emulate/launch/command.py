"""What to run: a command as typed, or a folder with an `scf_bootstrap`."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from scfcost.core.errors import ConfigError
from scfcost.core.files import text_of
from scfcost.core.warning import Warned

BOOTSTRAP = "scf_bootstrap"
"""The file that the platform runs: cloud.tencent.com/document/product/583/56126."""


@dataclass(frozen=True, slots=True)
class Command:
    """A command, where it runs, and what it adds to its environment."""

    words: tuple[str, ...]
    folder: Path = field(default_factory=Path.cwd)
    environment: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[Warned, ...] = ()


def command_of(words: Sequence[str], environment: Mapping[str, str], folder: Path | None = None) -> Command:
    """Take a command, or a folder with an `scf_bootstrap`.

    Parameters
    ----------
    words : sequence of str
        The command, or a folder that holds an `scf_bootstrap`.
    environment : mapping of str to str
        Environment variables that the user set.
    folder : Path
        Where it runs.

    Raises
    ------
    ConfigError
        If it is neither; the message says what is missing.
    """
    if len(words) == 1 and Path(words[0]).is_dir():
        return _bootstrap(Path(words[0]), environment)
    if not words:
        raise ConfigError("nothing to run: scfcost emulate -- COMMAND, or a folder with an scf_bootstrap")
    here = folder or Path.cwd()
    if shutil.which(words[0]) is None and not os.access(here / words[0], os.X_OK):
        hint = " (it is there, but has no run bit)" if (here / words[0]).is_file() else ""
        raise ConfigError(f"{words[0]}: no such command{hint}")
    return Command(tuple(words), here, environment)


def _bootstrap(folder: Path, environment: Mapping[str, str]) -> Command:
    """Run a bootstrap as the platform does; where that would fail there, say so and run it all the same."""
    file = folder / BOOTSTRAP
    if not file.is_file():
        raise ConfigError(f"{folder}: holds no {BOOTSTRAP}, the file that SCF runs; or give a command after --")
    raw, warnings = file.read_bytes(), []
    words: tuple[str, ...] = (str(file.resolve()),)
    if not os.access(file, os.X_OK):
        text = f"{file}: has no run bit: SCF answers 405; chmod 777 {file}"
        warnings.append(Warned("bootstrap_not_executable", text))
        words = ("/bin/sh", *words)
    if b"\r\n" in raw:
        text = f"{file}: its lines end with CRLF: SCF cannot run it; save it with LF"
        warnings.append(Warned("bootstrap_crlf", text))
        words = ("/bin/sh", "-c", raw.replace(b"\r\n", b"\n").decode("utf-8", errors="replace"))
    return Command(words, folder.resolve(), environment, tuple(warnings))


def read_environment(pairs: Sequence[str], file: Path | None) -> dict[str, str]:
    """Read K=V pairs of flags, and those of a file with one a line, which flags win over.

    Parameters
    ----------
    pairs : sequence of str
        NAME=VALUE each.
    file : Path or None
        A file of such lines.

    Raises
    ------
    ConfigError
        If one is no pair, or the file cannot be read.
    """
    found: dict[str, str] = {}
    if file is not None:
        lines = text_of(file, ConfigError).splitlines()
        for number, line in enumerate(lines, 1):
            if line.strip() and not line.lstrip().startswith("#"):
                name, value = _pair(line.strip().removeprefix("export "), f"{file}:{number}")
                found[name] = value
    return found | dict(_pair(text, "--env") for text in pairs)


def _pair(text: str, where: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise ConfigError(f"{where}: {text!r} is not NAME=VALUE")
    bare = value.strip()
    quoted = len(bare) > 1 and bare[0] == bare[-1] and bare[0] in "\"'"
    return name.strip(), bare[1:-1] if quoted else value
