"""Keeps what a command writes apart from what it reads, and from what else it writes, before any work is done."""

from __future__ import annotations

import glob
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from scfcost.core.errors import ConfigError
from scfcost.core.files import is_same, keep_apart

OUTPUTS = {"output": "--output", "timeline": "--timeline", "rejects": "--rejects", "plot": "--plot"}
"""Parameters that name a file to write, and their flags."""
_DEFAULT_REJECTS = Path("rejects.csv")
_DEFAULT_CONFIG = Path("scfcost.toml")


def check_outputs(flags: Mapping[str, Any]) -> None:
    """Refuse an output that is an input, or the same file as another output.

    Parameters
    ----------
    flags : mapping
        All parameters of a command: whatever is no output, and names a file that is there, is an input.

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
    _apart_from_each_other(outputs)


def _apart_from_each_other(outputs: Mapping[str, Path]) -> None:
    named = list(outputs.items())
    for place, (flag, path) in enumerate(named):
        for other_flag, other in named[:place]:
            if is_same(path, other):
                raise ConfigError(f"{flag} and {other_flag} both name {path}: give each a file of its own")


def _inputs(flags: Mapping[str, Any]) -> Iterator[Path]:
    yield _DEFAULT_CONFIG
    for name, value in flags.items():
        if name not in OUTPUTS:
            for one in value if isinstance(value, list | tuple) else (value,):
                yield from _files(one)


def _files(value: Any) -> Iterator[Path]:
    """Yield the files that a value names, if it does."""
    if value == "-":
        yield Path("/dev/stdin")
        return
    if not isinstance(value, str | Path) or "\0" in str(value) or "://" in str(value):
        return
    try:
        found = [Path(value)] if Path(value).exists() else []
        if not found and glob.has_magic(str(value)):
            found = [Path(one) for one in glob.glob(str(value), recursive=True)]  # noqa: PTH207
    except (OSError, ValueError):  # a text too long for a name
        return
    yield from found
