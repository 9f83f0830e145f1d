"""What is written where, in which form, and how much is said."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from scfcost.cli.options.panels import OUTPUT


class Format(StrEnum):
    """Forms of a result."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    MARKDOWN = "markdown"
    SH = "sh"


class EstimateFormat(StrEnum):
    """Forms of an estimate."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    MARKDOWN = "markdown"
    FOCUS = "focus"


class FocusVersion(StrEnum):
    """Versions of FOCUS."""

    V1_2 = "1.2"
    V1_4 = "1.4"


Output = Annotated[
    Path | None,
    typer.Option("--output", "-o", help="File to write; its suffix chooses the format.", rich_help_panel=OUTPUT),
]

FormatOption = Annotated[
    Format | None, typer.Option("--format", help="Form of the result. [default: table]", rich_help_panel=OUTPUT)
]

Quiet = Annotated[
    bool, typer.Option("--quiet", "-q", help="No progress and no warnings on stderr.", rich_help_panel=OUTPUT)
]

Verbose = Annotated[
    bool,
    typer.Option("--verbose", "-v", help="Say all, and on stderr how long each step took.", rich_help_panel=OUTPUT),
]

Timeline = Annotated[
    Path | None,
    typer.Option(
        help="File for connections, instances, memory and refusals over time: .csv or .parquet.",
        rich_help_panel=OUTPUT,
    ),
]
