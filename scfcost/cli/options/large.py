"""Where the parts of a trace larger than memory are worked on."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from scfcost.cli.options.panels import SCALE


class Engine(StrEnum):
    """Where the parts of a large trace are worked on."""

    LOCAL = "local"
    DASK = "dask"


EngineOption = Annotated[
    Engine, typer.Option("--engine", help="This machine, or a Dask cluster.", rich_help_panel=SCALE)
]

Scheduler = Annotated[
    str | None,
    typer.Option(help="Address of the cluster's scheduler, such as tcp://10.0.0.5:8786.", rich_help_panel=SCALE),
]

Workers = Annotated[
    int | None,
    typer.Option(
        help="Workers of a cluster started on this machine. [default: one a core]", min=1, rich_help_panel=SCALE
    ),
]

Checkpoint = Annotated[
    Path | None,
    typer.Option(
        help="Folder for rows and sums of the parts: a run that broke off goes on there. On a cluster, all share it.",
        rich_help_panel=SCALE,
    ),
]  # fmt: skip
