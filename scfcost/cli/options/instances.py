"""How connections share instances, how instances start, and what limits them."""

from enum import StrEnum
from typing import Annotated

import typer

from scfcost.cli import times
from scfcost.cli.options.panels import INSTANCES


class Placement(StrEnum):
    """Which running instance takes the next connection."""

    FULLEST = "fullest"
    LEAST_LOADED = "least-loaded"


class OnQuota(StrEnum):
    """What happens to connections beyond the memory quota or the burst limit."""

    REPORT = "report"
    REFUSE = "refuse"


MaxConcurrency = Annotated[
    int | None,
    typer.Option(help="Connections an instance holds, up to what it can. [default: 1]", rich_help_panel=INSTANCES),
]

KeepAlive = Annotated[
    float | None,
    times.option(help="How long an instance without connections is kept. [default: 0]", rich_help_panel=INSTANCES),
]

PlacementOption = Annotated[
    Placement | None,
    typer.Option(
        "--placement",
        help="Running instance that takes the next connection. [default: fullest]",
        rich_help_panel=INSTANCES,
    ),
]

Provisioned = Annotated[
    str | None,
    typer.Option(
        help="Instances started in advance: a number, or a schedule such as '2, 10@mon-fri 09:00-18:00'. [default: 0]",
        rich_help_panel=INSTANCES,
    ),
]

InitMs = Annotated[
    str | None,
    typer.Option(
        help="Initialisation of a cold start in ms: 450, 300:900, 300,400,2500 or p50=400,p95=1500. [default: 0]",
        rich_help_panel=INSTANCES,
    ),
]

BillInit = Annotated[
    bool | None,
    typer.Option(
        "--bill-init/--no-bill-init",
        help="Initialisation is billed. [default: no]",
        rich_help_panel=INSTANCES,
        show_default=False,
    ),
]  # fmt: skip

RecycleOnError = Annotated[
    bool | None,
    typer.Option(
        "--recycle-on-error/--no-recycle-on-error",
        help="An end with 433 or 439 also cuts the other connections of its instance. [default: no]",
        rich_help_panel=INSTANCES,
        show_default=False,
    ),
]  # fmt: skip

MemoryBase = Annotated[
    float | None,
    typer.Option(help="MB an instance needs without connections. [default: not known]", rich_help_panel=INSTANCES),
]

MemoryPerConnection = Annotated[
    float | None,
    typer.Option(help="MB each connection of an instance needs. [default: not known]", rich_help_panel=INSTANCES),
]

OnQuotaOption = Annotated[
    OnQuota | None,
    typer.Option(
        "--on-quota",
        help="Connections beyond quota or burst limit: report and serve, or refuse. [default: report]",
        rich_help_panel=INSTANCES,
    ),
]

QuotaMb = Annotated[
    int | None,
    typer.Option(help="Regional memory quota, in MB. [default: the plan's or region's]", rich_help_panel=INSTANCES),
]

BurstPerMinute = Annotated[
    int | None,
    typer.Option(help="New instances a minute. [default: the plan's or catalog's]", rich_help_panel=INSTANCES),
]
