"""`scfcost capacity`: how much traffic the settings and the quota carry."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scfcost.cli import figures, options
from scfcost.cli.output import deliver, form_for, loudness, note_month, save_table, status
from scfcost.config.limits import amount, rate

if TYPE_CHECKING:
    from scfcost.analysis.capacity.capacity import Capacity

MATTER = (
    "traffic",
    "memory",
    "max_concurrency",
    "idle_timeout",
    "region",
    "plan",
    "quota_mb",
    "max_refused",
    "timeline",
    "plot",
)
"""Parameters that the short help shows."""


@options.takes(options.FUNCTION, options.CLIENTS, options.PRICES, options.LIMITS, options.READING, options.OUTPUT)
def capacity(
    paths: list[str],
    flags: dict[str, Any],
    traffic: Annotated[
        str, typer.Option(help="Multiples of the traffic to look at, beside the traffic as it is.")
    ] = "2,5,10",
    max_refused: Annotated[
        str, typer.Option(help="Share of connections that the quota asked for may refuse, such as 0.1%.")
    ] = "0",
    worst_case: Annotated[
        str | None,
        typer.Option(help="What a month may cost whatever happens: names the quota for it.", show_default=False),
    ] = None,
    bins: Annotated[int, typer.Option(min=1, max=100_000, help="Most rows of the timeline.")] = 600,
    timeline: options.Timeline = None,
    plot: Annotated[Path | None, figures.plot_flag("connections, instances and the quota over time")] = None,
) -> None:
    """Show simultaneous connections, instances and memory against quota and burst limit, now and with more traffic.

    scfcost capacity traces.csv --memory 256 --region ap-guangzhou

    scfcost capacity traces.csv --traffic 2,5,10

    scfcost capacity traces.csv --timeline timeline.csv --plot capacity.png
    """
    form = form_for("capacity", flags)
    may_refuse = rate(max_refused, "max_refused") or Fraction(0)
    found = _found(paths, flags, traffic, bins, may_refuse, amount(worst_case, "worst_case"))
    if timeline is not None:
        save_table(found.estimate.timeline(bins=bins), timeline)
    if plot is not None:
        figures.save(figures.concurrency(found.estimate, found.timeline), plot, flags)
    deliver(found.to_dict(), form, flags)


def _found(
    paths: list[str], flags: dict[str, Any], traffic: str, bins: int, max_refused: Fraction, most: Decimal | None
) -> Capacity:
    from scfcost.analysis.capacity.capacity import capacity as run
    from scfcost.cli.inputs import estimate_of
    from scfcost.config.axes import whole_axis

    factors = whole_axis(traffic, "traffic")
    estimate = estimate_of(paths, flags)
    note_month(estimate.trace, flags)
    with status("multiplying", say=loudness(flags)):
        seed = estimate.platform.seed
        return run(estimate, factors=factors, bins=bins, max_refused=max_refused, seed=seed, most=most)
