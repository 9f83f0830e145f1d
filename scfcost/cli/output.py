"""Where a result goes: standard output, or a file that is whole or not there."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from scfcost.cli.options import Format
from scfcost.errors import ConfigError

_SUFFIXES = {".json": Format.JSON, ".csv": Format.CSV, ".md": Format.MARKDOWN, ".txt": Format.TABLE}


def chosen_format(wanted: Format | None, output: Path | None) -> Format:
    """Return the format that was asked for, else the one a file's suffix stands for, else a table."""
    if wanted is not None:
        return wanted
    if output is None or str(output) == "-":
        return Format.TABLE
    if output.suffix not in _SUFFIXES:
        raise ConfigError(
            f"{output}: no format has the suffix {output.suffix!r}; "
            f"give --format, or end it with {', '.join(_SUFFIXES)}"
        )
    return _SUFFIXES[output.suffix]


def write(text: str, output: Path | None) -> None:
    """Write a result to standard output, or to a file by way of a temporary one beside it."""
    if output is None or str(output) == "-":
        sys.stdout.write(text)
        return
    try:
        descriptor, name = tempfile.mkstemp(dir=output.parent, prefix=f".{output.name}.")
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        Path(name).chmod(0o644)
        Path(name).replace(output)
    except OSError as error:
        raise ConfigError(f"{output}: cannot be written: {error.strerror}") from None


def as_json(document: Any) -> str:
    """Return plain data as JSON, a line a value."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


@contextmanager
def status(text: str, *, quiet: bool) -> Iterator[None]:
    """Say on a terminal's stderr that something takes a while."""
    if quiet or not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(text):
        yield
