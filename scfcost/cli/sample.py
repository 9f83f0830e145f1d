"""`scfcost sample`: traces and logs to try everything with."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from scfcost.cli import completion
from scfcost.cli.output import silence, write
from scfcost.core.language import translated


def sample(
    name: Annotated[
        str | None,
        typer.Argument(help="A sample; without one they are listed.", autocompletion=completion.samples),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="File to write; a table as Parquet where it ends with .parquet."),
    ] = None,
) -> None:
    """Print a sample trace or log that comes with scfcost, or list them.

    scfcost sample

    scfcost sample chat-room > traces.csv

    scfcost sample access-log -o access.log
    """
    from scfcost.trace.samples import SAMPLES
    from scfcost.trace.samples import sample as sample_of

    if name is None:
        width = max(len(one.name) for one in SAMPLES)
        lines = [f"{one.name:<{width}}  {translated(one.title)}" for one in SAMPLES]
        write("\n".join([*lines, "scfcost sample NAME > FILE", ""]), output)
        return
    content = sample_of(name).content(output.suffix if output else None)
    if output is None or str(output) == "-":
        _print(content)
    else:
        _keep(content, output)


def _print(content: bytes) -> None:
    """Write bytes to standard output; a reader that has seen enough is no error."""
    try:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        silence()


def _keep(content: bytes, output: Path) -> None:
    from scfcost.core.errors import ConfigError
    from scfcost.core.files import write_whole

    write_whole(output, content, ConfigError)
