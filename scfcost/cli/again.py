"""Commands that ask another question of the same input, with the flags that were given: lines that can be pasted."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any

from scfcost.cli import options
from scfcost.cli.constraint_options import CONSTRAINTS

_TAKEN = {
    "estimate": {**options.FUNCTION, **options.CLIENTS, **options.PRICES, **options.LIMITS, **options.READING},
    "capacity": {**options.FUNCTION, **options.CLIENTS, **options.PRICES, **options.LIMITS, **options.READING},
    "compare": {**options.FUNCTION, **options.CLIENTS, **options.PRICES, **options.READING},
    "recommend": {**options.FUNCTION, **options.CLIENTS, **CONSTRAINTS, **options.PRICES, **options.READING},
}
"""The shared flags of each command that is proposed."""


def again(command: str, flags: str, paths: Sequence[str], given: Mapping[str, Any]) -> str:
    """Write a command.

    Parameters
    ----------
    command : str
        Its name.
    flags : str
        What is added; it takes the place of what was given.
    paths : sequence of str
        The input.
    given : mapping
        The flags of the present command by name.
    """
    added = {part for part in flags.split() if part.startswith("--")}
    words = ["scfcost", command, *(shlex.quote(str(path)) for path in paths)]
    for name, annotation in _TAKEN[command].items():
        value = given.get(name)
        if value is None or (name in ("on_error", "rejects") and value == options.OnError.STRICT):
            continue
        each = value if isinstance(value, (list, tuple)) else [value]
        words += [flag for one in each if (flag := _flag(name, annotation, one)).split()[0] not in added]
    words += [flags] if flags else []
    return " ".join([*words, *(["< TRACES"] if "-" in map(str, paths) else [])])


def _flag(name: str, annotation: Any, value: Any) -> str:
    option = annotation.__metadata__[0]  # typer keeps the first name of an annotated option as its default
    declared = [one for one in (option.default, *(option.param_decls or ())) if str(one).startswith("--")]
    flag = str(declared[0]) if declared else f"--{name.replace('_', '-')}"
    if isinstance(value, bool):
        return flag.split("/")[0 if value else -1]
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return f"{flag} {shlex.quote(str(value.value if isinstance(value, Enum) else value))}"
