"""`scfcost sensitivity`: what drives the month."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from scfcost.cli import figures, options
from scfcost.cli.output import deliver, form_for, loudness, note_month, status

_OWN = "Drivers"

MATTER = (
    "by",
    "reconnect",
    "idle_timeout",
    "exec_timeout",
    "memory",
    "max_concurrency",
    "region",
    "plan",
    "total_order",
    "plot",
)
"""Parameters that the short help shows."""


@options.takes(options.FUNCTION, options.CLIENTS, options.PRICES, options.LIMITS, options.READING, options.OUTPUT)
def sensitivity(
    paths: list[str],
    flags: dict[str, Any],
    by: Annotated[str, typer.Option(help="How far each driver is moved down and up.", rich_help_panel=_OWN)] = "20%",
    total_order: Annotated[
        int,
        typer.Option(
            help="Base samples of the total-order indices, a power of 2; needs SALib. 0 for none.",
            min=0,
            rich_help_panel=_OWN,
        ),
    ] = 0,
    plot: Annotated[Path | None, figures.plot_flag("the drivers as bars, the strongest first")] = None,
) -> None:
    """Tell what drives the month: each driver of traffic and settings moved alone, the strongest first.

    scfcost sensitivity traces.csv --reconnect on-demand

    scfcost sensitivity traces.csv --reconnect on-demand --by 30%

    scfcost sensitivity my.toml --plot drivers.png
    """
    form = form_for("sensitivity", flags)
    from scfcost.analysis.forecast.sensitivity import sensitivity as run
    from scfcost.cli.inputs import estimate_of
    from scfcost.core.units import read_ratio

    size = read_ratio(by, "by")
    found = estimate_of(paths, flags)
    note_month(found.trace, flags)
    with status("moving the drivers", say=loudness(flags)):
        document = run(found, by=size, total_order=total_order, seed=found.platform.seed).to_dict()
    if plot is not None:
        from scfcost.plots import tornado as draw

        figures.save(draw(document), plot, flags)
    deliver(document, form, flags)
