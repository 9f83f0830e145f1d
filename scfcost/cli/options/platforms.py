"""What other platforms are charged by and a trace does not tell."""

from typing import Annotated

import typer

from scfcost.cli.options.panels import PLATFORMS

Rate = Annotated[
    list[str] | None,
    typer.Option("--rate", help="What one of another currency is worth, such as USD=7.1.", rich_help_panel=PLATFORMS),
]

EgressPrice = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME=PRICE",
        help="Price of a GB of traffic on another platform, in its currency, such as alibaba-fc=0.50; repeatable.",
        rich_help_panel=PLATFORMS,
    ),
]

HandlerMs = Annotated[
    int | None,
    typer.Option(min=0, help="How long a handler runs for a connect or a message, in ms.", rich_help_panel=PLATFORMS),
]

HandlerCpuMs = Annotated[
    int | None,
    typer.Option(
        min=0, help="How long a handler computes for a connect or a message, in ms.", rich_help_panel=PLATFORMS
    ),
]

Disputed = Annotated[
    bool | None,
    typer.Option(
        "--disputed/--no-disputed",
        help="Count what sources disagree on (an idle minute of Alibaba FC, pings of AppSync), or not. "
        "[default: in the most of a month alone]",
        rich_help_panel=PLATFORMS,
    ),
]

ConnectionsPerRoom = Annotated[
    int | None,
    typer.Option(
        min=1, help="Connections that share a room, where a platform pins them to one.", rich_help_panel=PLATFORMS
    ),
]
