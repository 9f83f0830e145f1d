"""`scfcost simulate`: a scenario into a trace file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scfcost.cli import options
from scfcost.cli.output import loudness, note, progress

if TYPE_CHECKING:
    from scfcost.trace.model import Trace

_MOST_MESSAGES = 20_000_000_000
"""Messages that are written to one file at most: some 100 GB. [1]"""
_Scenario = Annotated[
    list[str], typer.Argument(metavar="SCENARIO", help="A scenario file, see scfcost scenario.", show_default=False)
]


@options.takes(options.GENERATION, {"config": options.ConfigFile, **options.SAID}, files=_Scenario)
def simulate(
    paths: list[str],
    flags: dict[str, Any],
    output: Annotated[Path, typer.Option("--output", "-o", help="Events file to write: .parquet or .csv.")],
) -> None:
    """Generate a trace of a scenario and write it down, in little memory whatever its size.

    scfcost simulate my.toml -o trace.parquet

    scfcost simulate my.toml --days 7 --seed 1 -o trace.parquet

    scfcost simulate my.toml --users 5000 -o trace.csv
    """
    from scfcost.analysis.estimate.document import instant
    from scfcost.cli.inputs import plan_of, seed_of
    from scfcost.core.errors import ConfigError
    from scfcost.trace.write import write_trace
    from scfcost.workload.generate import chunks

    made = plan_of(paths, flags, most_messages=_MOST_MESSAGES)
    if made is None:
        raise ConfigError(f"{paths[0]}: is no scenario, which ends with .toml; see scfcost scenario list")
    connections = messages = 0
    with progress("generating", say=loudness(flags)) as advance:

        def count(chunk: Trace) -> None:
            nonlocal connections, messages
            connections += chunk.connections
            messages += chunk.messages
            advance(messages / max(made.size.messages, messages, 1))

        write_trace(chunks(made, seed_of(flags)), output, count, made.window)
    window = "/".join(instant(end) for end in made.window)
    note(f"{output}: {connections:,} connections, {messages:,} messages", say=loudness(flags))
    note(f"it carries its whole span as its window: {window}", say=loudness(flags))
