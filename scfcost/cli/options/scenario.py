"""How a scenario is generated, and how often."""

from typing import Annotated

import typer

from scfcost.cli.options.panels import SCENARIO

Seed = Annotated[
    int | None, typer.Option(help="Seed of what is drawn at random. [default: 0]", rich_help_panel=SCENARIO)
]

Replications = Annotated[
    int | None,
    typer.Option(
        help="Months drawn anew, to say how sure the month is; 0 for none. [default: 200]",
        min=0,
        rich_help_panel="Uncertainty",
    ),
]

Days = Annotated[
    float | None, typer.Option(help="Days that are generated of a scenario. [default: 7]", rich_help_panel=SCENARIO)
]

Cold = Annotated[
    bool, typer.Option("--cold", help="A scenario starts empty, not in its steady state.", rich_help_panel=SCENARIO)
]

Scale = Annotated[
    float | None,
    typer.Option(help="So many times the traffic, of a scenario or a trace. [default: 1]", rich_help_panel=SCENARIO),
]

Users = Annotated[
    float | None,
    typer.Option(help="So many users, where the scenario counts users.", rich_help_panel=SCENARIO),
]
