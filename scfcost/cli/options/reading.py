"""How files are read: the log, its columns and times, bad rows, memory."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from scfcost.cli import completion, times
from scfcost.cli.options.panels import READING


class TimeUnit(StrEnum):
    """Units of timestamps."""

    S = "s"
    MS = "ms"
    US = "us"
    NS = "ns"
    ISO = "iso"


class OnError(StrEnum):
    """What to do with bad rows."""

    STRICT = "strict"
    SKIP = "skip"


Paths = Annotated[
    list[str],
    typer.Argument(
        metavar="PATHS...",
        help="Traces: files, globs, - for standard input; or a scenario (.toml).",
        show_default=False,
    ),
]

Window = Annotated[
    str | None,
    typer.Option(
        help="START/END as ISO 8601 or epoch ms, START/24h, or 24h from the first connect on. Connections that began "
        "before it are carried in.",
        rich_help_panel=READING,
        show_default=False,
    ),
]  # fmt: skip

SourceFormat = Annotated[
    str | None,
    typer.Option(
        "--from",
        help="Log format of the files, or a TOML mapping. [default: recognised]",
        autocompletion=completion.formats,
        rich_help_panel=READING,
    ),
]

LogFormat = Annotated[
    str | None,
    typer.Option(help="The server's own format string, such as nginx's log_format.", rich_help_panel=READING),
]

Column = Annotated[
    list[str] | None,
    typer.Option(
        "--column",
        metavar="NAME=COLUMN",
        help="What a table calls a column of a trace, such as connect_time=started or duration_ms=took; date+time "
        "joins two. May be given several times.",
        autocompletion=completion.columns,
        rich_help_panel=READING,
    ),
]

Tz = Annotated[
    str | None,
    typer.Option(
        help="Zone of log times that name none, such as Asia/Shanghai. [default: UTC]", rich_help_panel=READING
    ),
]

SourceIdleTimeout = Annotated[
    float | None,
    times.option(help="Idle timeout of the server that the trace comes from.", rich_help_panel=READING),
]

SourceMaxLife = Annotated[
    float | None,
    times.option(help="Longest life on the server that the trace comes from.", rich_help_panel=READING),
]

Stitch = Annotated[
    str | None,
    typer.Option(
        help="Join reconnections of one client: 'client' (its address) or a field or column.", rich_help_panel=READING
    ),
]

Within = Annotated[
    float | None, times.option(help="How long a client that is stitched may be away.", rich_help_panel=READING)
]

TimeUnitOption = Annotated[
    TimeUnit | None,
    typer.Option("--time-unit", help="Unit of the timestamps. [default: inferred]", rich_help_panel=READING),
]

OnErrorOption = Annotated[
    OnError,
    typer.Option("--on-error", help="Refuse a trace with bad rows, or leave them out.", rich_help_panel=READING),
]

Rejects = Annotated[
    Path | None,
    typer.Option(help="File for bad rows that are left out. [default: rejects.csv]", rich_help_panel=READING),
]

MemoryLimit = Annotated[
    str | None,
    typer.Option(
        help="Memory to stay within, such as 2GB, at least 450MB: larger trace files are estimated and swept in parts, "
        "what has to be read as a whole is refused. [default: a quarter of the machine's for parts, else none]",
        rich_help_panel=READING,
    ),
]

ConfigFile = Annotated[
    Path | None,
    typer.Option("--config", help="Configuration file. [default: ./scfcost.toml, if there]", rich_help_panel=READING),
]
