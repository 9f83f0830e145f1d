"""`scfcost check`: budgets and limits, for continuous integration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from scfcost.cli import options
<<<<<<< HEAD
from scfcost.cli.constraint_options import CONSTRAINTS, constraints_of
from scfcost.cli.output import FAILED, deliver, form_for
from scfcost.core.errors import ConfigError


@options.takes(options.FUNCTION, options.CLIENTS, CONSTRAINTS, options.PRICES, options.READING, options.OUTPUT)
=======
from scfcost.cli.constraint_options import CHECKED, amount, checked_values, constraints_of
from scfcost.cli.output import write
from scfcost.core.errors import ConfigError

if TYPE_CHECKING:
    from decimal import Decimal

    from scfcost.analysis.estimate.estimate import TraceEstimate

FAILED = 1
"""Exit code of a check that failed."""
_NOT_JUDGED = "not judged: "


@options.takes(
    options.FUNCTION, options.CLIENTS, CHECKED, options.PRICES, options.LIMITS, options.READING, options.SAID
)
>>>>>>> 7cf106a (Say what a month can cost at most, and let check judge it)
def check(paths: list[str], flags: dict[str, Any]) -> None:
    """Check the present settings against a budget and limits, from flags or the table `check` of scfcost.toml.

    Exit code 1 where one is broken, or cannot be judged: scfcost check traces.csv --budget 500
    """
    form = form_for("check", flags)
    limits = constraints_of(flags)
    if not limits.stated():
        raise ConfigError("nothing to check: give --budget or another limit, or a [check] table in scfcost.toml")
    from scfcost.analysis.sweep.check import KEPT
    from scfcost.analysis.sweep.check import check as judge
    from scfcost.cli.inputs import estimate_of

<<<<<<< HEAD
    found = judge(estimate_of(paths, flags), limits)
    deliver(found.to_dict(), form, flags)
    if found.verdict != KEPT:
        raise typer.Exit(FAILED)
=======
    constraints, most = constraints_of(flags), amount(checked_values(flags)["worst_case"], "worst_case")
    if not constraints.stated() and most is None:
        raise ConfigError("nothing to check: give --budget or another limit, or a [check] table in scfcost.toml")
    result = estimate_of(paths, flags)
    faults = broken(result.impact_row(), result.trace, constraints)
    if most is not None and (fault := _worst_case(result, most)):
        faults.append(fault)
    month = result.monthly
    shown = "unknown" if month is None else f"{month.currency} {month.total}"
    if faults:
        write("".join(f"{'' if fault.startswith(_NOT_JUDGED) else 'broken: '}{fault}\n" for fault in faults), None)
        raise typer.Exit(FAILED)
    stated = [*constraints.stated(), *(["worst_case"] if most is not None else [])]
    write(f"all kept: {', '.join(stated)}; the month costs {shown}\n", None)


def _worst_case(found: TraceEstimate, most: Decimal) -> str | None:
    """Say that a month can cost more than an amount, or that this cannot be known."""
    from scfcost.analysis.capacity.worst import bounding_quota, worst_case

    worst = worst_case(found.terms, found.quota_mb)
    if worst is None:
        return f"{_NOT_JUDGED}the most that a month can cost: the quota of the region is not known, give --quota-mb"
    if worst.monthly <= most:
        return None
    quota = bounding_quota(found.terms, most, worst.quota_mb)
    bound = "no quota bounds it" if quota is None else f"a quota of {quota:,} MB bounds it"
    text = f"the {worst.monthly} that a month can cost at the quota of {worst.quota_mb:,} MB is more than {most}"
    return f"{text}; {bound} (calls and traffic left out)"
>>>>>>> 7cf106a (Say what a month can cost at most, and let check judge it)
