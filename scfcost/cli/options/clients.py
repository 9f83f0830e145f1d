"""What clients do: reconnecting, heartbeats, patience."""

from enum import StrEnum
from typing import Annotated

import typer

from scfcost.cli import times
from scfcost.cli.options.panels import CLIENTS


class Reconnect(StrEnum):
    """What a client does after a cut."""

    NONE = "none"
    ON_DEMAND = "on-demand"
    IMMEDIATE = "immediate"


ReconnectOption = Annotated[
    Reconnect | None,
    typer.Option("--reconnect", help="What clients do after a cut. [default: none]", rich_help_panel=CLIENTS),
]

ReconnectDelay = Annotated[
    float | None,
    times.option(help="How long until an immediate client is back. [default: 1]", rich_help_panel=CLIENTS),
]

MaxRetries = Annotated[
    int | None,
    typer.Option(help="Tries in a row of a client that is refused. [default: 3]", rich_help_panel=CLIENTS),
]

BufferPushes = Annotated[
    bool | None,
    typer.Option(
        "--buffer-pushes/--no-buffer-pushes",
        help="Pushes wait for an immediate client that is away. [default: no]",
        rich_help_panel=CLIENTS,
        show_default=False,
    ),
]  # fmt: skip

Heartbeat = Annotated[
    float | None,
    times.option(help="Inject a heartbeat, every so often.", rich_help_panel=CLIENTS, show_default=False),
]

HeartbeatUpBytes = Annotated[
    int | None, typer.Option(help="Bytes of an injected heartbeat. [default: 0]", rich_help_panel=CLIENTS)
]

HeartbeatDownBytes = Annotated[
    int | None, typer.Option(help="Bytes of the answer to a heartbeat. [default: 0]", rich_help_panel=CLIENTS)
]

ClientIdle = Annotated[
    float | None,
    times.option(
        help="How long after its own last message a client closes by itself; it comes back with its next one.",
        rich_help_panel=CLIENTS,
        show_default=False,
    ),
]  # fmt: skip

DropHeartbeats = Annotated[
    str | None,
    typer.Option(
        help="Leave out heartbeats in the trace: 'kind' (ping, pong) or a largest size in bytes.",
        rich_help_panel=CLIENTS,
        show_default=False,
    ),
]  # fmt: skip
