"""`scfcost check`: budgets and limits, for continuous integration."""

from __future__ import annotations

from typing import Any

import typer

from scfcost.cli import options
from scfcost.cli.constraint_options import CHECKED, checked_values, constraints_of
from scfcost.cli.output import FAILED, deliver, form_for, note_month
from scfcost.config.limits import amount
from scfcost.core.errors import ConfigError

MATTER = (
    "budget",
    "max_missed",
    "max_harmful_cuts",
    "max_lost",
    "reconnect",
    "idle_timeout",
    "exec_timeout",
    "memory",
    "config",
    "format",
)
"""Parameters that the short help shows."""


@options.takes(
    options.FUNCTION, options.CLIENTS, CHECKED, options.PRICES, options.LIMITS, options.READING, options.OUTPUT
)
def check(paths: list[str], flags: dict[str, Any]) -> None:
    """Check the present settings against a budget and limits, from flags or the table `check` of scfcost.toml.

    Exit code 1 where one is broken, or cannot be judged.

    scfcost check traces.csv --reconnect on-demand --budget 500

    scfcost check traces.csv --reconnect on-demand --max-harmful-cuts 1% --max-lost 0

    scfcost check traces.csv --config scfcost.toml
    """
    form = form_for("check", flags)
    limits, worst_case = constraints_of(flags), amount(checked_values(flags)["worst_case"], "worst_case")
    if not limits.stated() and worst_case is None:
        raise ConfigError("nothing to check: give --budget or another limit, or a [check] table in scfcost.toml")
    from scfcost.analysis.sweep.check import KEPT
    from scfcost.analysis.sweep.check import check as judge
    from scfcost.cli.again import again
    from scfcost.cli.inputs import estimate_of

    estimate = estimate_of(paths, flags)
    note_month(estimate.trace, flags)
    asked = {**flags, **checked_values(flags)}
    found = judge(
        estimate, limits, worst_case=worst_case, again=lambda command, added: again(command, added, paths, asked)
    )
    deliver(found.to_dict(), form, flags)
    if found.verdict != KEPT:
        raise typer.Exit(FAILED)
