"""Keeps what a command writes apart from what it reads, and from what else it writes, before any work is done."""

from __future__ import annotations

import glob
import os
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from scfcost.core.errors import ConfigError
from scfcost.core.files import is_same, keep_apart, text_of

OUTPUTS = {"output": "--output", "timeline": "--timeline", "rejects": "--rejects", "plot": "--plot"}
"""Parameters that name a file to write, and their flags."""
_DEFAULT_REJECTS = Path("rejects.csv")
_DEFAULT_CONFIG = Path("scfcost.toml")
_SETTINGS = "SCFCOST_"
"""Environment variables that hold settings, some of which name a file."""
_LARGEST_TOML = 1 << 20
"""A larger file is no architecture, scenario, mapping, price book or configuration. [B]"""


def check_outputs(flags: Mapping[str, Any]) -> None:
    """Refuse an output that is an input, or the same file as another output.

    Parameters
    ----------
    flags : mapping
        All parameters of a command: whatever is no output, and names a file that is there, is an input. So is what a
        TOML file among them names, such as the traffic of an architecture, and the file that holds a trace's window.

    Raises
    ------
    ConfigError
        If one is.
    """
    outputs = {flag: Path(flags[name]) for name, flag in OUTPUTS.items() if flags.get(name) not in (None, "-")}
    if flags.get("on_error") == "skip":
        outputs.setdefault("--rejects", _DEFAULT_REJECTS)
    outputs = {flag: path for flag, path in outputs.items() if str(path) != "-"}
    if not outputs:
        return
    inputs = list(_inputs(flags))
    for flag, path in outputs.items():
        keep_apart(path, inputs, flag, ConfigError)
        keep_apart(_side_file(path) if path.suffix == ".csv" else None, inputs, flag, ConfigError)
    _apart_from_each_other(outputs)


def _apart_from_each_other(outputs: Mapping[str, Path]) -> None:
    named = list(outputs.items())
    for place, (flag, path) in enumerate(named):
        for other_flag, other in named[:place]:
            if is_same(path, other):
                raise ConfigError(f"{flag} and {other_flag} both name {path}: give each a file of its own")


def _inputs(flags: Mapping[str, Any]) -> Iterator[Path]:
    """Yield the files that a command may read: those it was given, and those that they name in turn."""
    given = [value for name, value in flags.items() if name not in OUTPUTS]
    given += [value for name, value in os.environ.items() if name.startswith(_SETTINGS)]
    waiting = [_DEFAULT_CONFIG, *(file for value in given for file in _files(value))]
    seen: set[Path] = set()
    while waiting:
        file = waiting.pop()
        if file in seen:
            continue
        seen.add(file)
        yield file
        if file.name and _is_regular(side := _side_file(file)):
            yield side
        if file.suffix == ".toml":
            waiting += _named_by(file)


def _named_by(file: Path) -> Iterator[Path]:
    """Yield the files that the texts of a TOML file name, from its own folder or from ours."""
    try:
        if not _is_regular(file) or file.stat().st_size > _LARGEST_TOML:
            return
        tables = tomllib.loads(text_of(file, ConfigError))
    except (OSError, ValueError, RecursionError):  # what reads it says what is wrong
        return
    for text in _texts(tables):
        for word in dict.fromkeys((text, *text.split())):
            yield from _files(word)
            yield from _files(str(file.parent / word))


def _side_file(path: Path) -> Path:
    """Return the file that holds the window of a trace, where the trace itself cannot."""
    from scfcost.trace.window import SIDE_FILE

    return path.with_name(path.name + SIDE_FILE)


def _is_regular(file: Path) -> bool:
    try:
        return file.is_file()
    except (OSError, ValueError):
        return False


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _texts(one)


def _files(value: Any) -> Iterator[Path]:
    """Yield the files that a value names, or values of a list do."""
    if isinstance(value, list | tuple):
        for one in value:
            yield from _files(one)
    elif value == "-":
        yield Path("/dev/stdin")
    elif isinstance(value, str | Path) and "\0" not in str(value) and "://" not in str(value):
        with suppress(OSError, ValueError):  # a text too long for a name
            found = [Path(value)] if Path(value).exists() else []
            if not found and glob.has_magic(str(value)):
                found = [Path(one) for one in glob.glob(str(value), recursive=True)]  # noqa: PTH207
            yield from found
