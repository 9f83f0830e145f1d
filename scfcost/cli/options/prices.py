"""Where and when the month is priced, and how its traffic."""

from enum import StrEnum
from typing import Annotated

import typer

from scfcost.cli import completion
from scfcost.cli.options.panels import PRICES


class TrafficRule(StrEnum):
    """Which meter counts the bytes of a web function."""

    RESPONSE = "response"
    OUTBOUND = "outbound"


Region = Annotated[
    str | None,
    typer.Option(
        help="Region of prices and quota. [default: the catalog's]",
        autocompletion=completion.regions,
        rich_help_panel=PRICES,
    ),
]

Plan = Annotated[
    str | None,
    typer.Option(
        help="payg, free, trial or a package. [default: payg]", autocompletion=completion.plans, rich_help_panel=PRICES
    ),
]

Catalog = Annotated[
    str | None,
    typer.Option(
        help="Price book: a name or a TOML file. [default: tencent-scf-cn]",
        autocompletion=completion.catalogs,
        rich_help_panel=PRICES,
    ),
]

PricingDate = Annotated[
    str | None,
    typer.Option(
        help="Day whose prices apply. [default: the newest period]",
        rich_help_panel=PRICES,
    ),
]

TrafficRuleOption = Annotated[
    TrafficRule | None,
    typer.Option("--traffic-rule", help="Meter of a web function's bytes. [default: response]", rich_help_panel=PRICES),
]

TrafficPrice = Annotated[
    str | None,
    typer.Option(
        help="Price of a GB of traffic, where the price book does not know it or you pay another.",
        rich_help_panel=PRICES,
    ),
]
