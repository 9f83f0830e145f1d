"""What a function is set to: memory, timeouts, its kind."""

from enum import StrEnum
from typing import Annotated

import typer

from scfcost.cli import times
from scfcost.cli.options.panels import FUNCTION


class FunctionType(StrEnum):
    """Kinds of function."""

    WEB_WS = "web-ws"
    WEB_HTTP = "web-http"
    EVENT = "event"


Memory = Annotated[
    int | None, typer.Option(help="Memory of an instance, in MB. [default: 128]", rich_help_panel=FUNCTION)
]

IdleTimeout = Annotated[
    float | None,
    times.option(
        help="Idle timeout: longest silence, such as 90s or 15m; a bare number is in seconds. [default: 15]",
        rich_help_panel=FUNCTION,
    ),
]

ExecTimeout = Annotated[
    float | None,
    times.option(help="Execution timeout: longest life. [default: 900]", rich_help_panel=FUNCTION),
]

InitTimeout = Annotated[
    float | None, times.option(help="Initialisation timeout. [default: 60]", rich_help_panel=FUNCTION)
]

FunctionTypeOption = Annotated[
    FunctionType | None,
    typer.Option("--function-type", help="Kind of function. [default: web-ws]", rich_help_panel=FUNCTION),
]

PingResetsIdle = Annotated[
    bool | None,
    typer.Option(
        "--ping-resets-idle/--no-ping-resets-idle",
        help="Ping and pong rows count as activity. [default: no]",
        rich_help_panel=FUNCTION,
        show_default=False,
    ),
]  # fmt: skip

EmptyCloseIsNormal = Annotated[
    bool | None,
    typer.Option(
        "--empty-close-is-normal/--no-empty-close-is-normal",
        help="Close code 1005 counts as a normal close. [default: no]",
        rich_help_panel=FUNCTION,
        show_default=False,
    ),
]  # fmt: skip

FromFunction = Annotated[
    str | None,
    typer.Option(
        metavar="FILE[#NAME]",
        help="Settings as they are deployed: output of `tccli scf GetFunction`, serverless.yml, a Terraform plan as "
        "JSON, or cloudbaserc.json; of several functions one.",
        rich_help_panel=FUNCTION,
    ),
]
