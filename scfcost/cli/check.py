"""`scfcost check`: budgets and limits, for continuous integration."""

from __future__ import annotations

from typing import Any

import typer

from scfcost.cli import options
from scfcost.cli.constraint_options import CONSTRAINTS, constraints_of
from scfcost.cli.output import write
from scfcost.core.errors import ConfigError

FAILED = 1
"""Exit code of a check that failed."""


@options.takes(options.FUNCTION, options.CLIENTS, CONSTRAINTS, options.PRICES, options.READING, options.SAID)
def check(paths: list[str], flags: dict[str, Any]) -> None:
    """Check the present settings against a budget and limits, from flags or the table `check` of scfcost.toml.

    Exit code 1 where one is broken: scfcost check traces.csv --budget 500
    """
    from scfcost.analysis.sweep.constraints import broken
    from scfcost.cli.inputs import estimate_of

    constraints = constraints_of(flags)
    if not constraints.stated():
        raise ConfigError("nothing to check: give --budget or another limit, or a [check] table in scfcost.toml")
    result = estimate_of(paths, flags)
    faults = broken(result.impact_row(), result.trace, constraints)
    month = result.monthly
    shown = "unknown" if month is None else f"{month.currency} {month.total}"
    if faults:
        write("".join(f"broken: {fault}\n" for fault in faults), None)
        raise typer.Exit(FAILED)
    write(f"all kept: {', '.join(constraints.stated())}; the month costs {shown}\n", None)
