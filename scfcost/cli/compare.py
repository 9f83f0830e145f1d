"""`scfcost compare`: the platform against a plain server."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scfcost.cli import figures, options
from scfcost.cli.constraint_options import CONSTRAINTS, amount, constraints_of
from scfcost.cli.output import deliver, form_for

if TYPE_CHECKING:
    from scfcost.analysis.estimate.compare import Comparison


@options.takes(options.FUNCTION, options.CLIENTS, CONSTRAINTS, options.PRICES, options.READING, options.OUTPUT)
def compare(
    paths: list[str],
    flags: dict[str, Any],
    server_cost: Annotated[
        str, typer.Option(help="Cost of a server for a month, in the book's currency.", show_default=False)
    ],
    server_capacity: Annotated[int, typer.Option(help="Connections that a server holds at once.", show_default=False)],
    plot: Annotated[Path | None, figures.plot_flag("what each costs a month")] = None,
) -> None:
    """Compare the month with plain servers of your own price, at the current and the recommended setting.

    scfcost compare traces.csv --reconnect on-demand --server-cost 50 --server-capacity 1000
    """
    form = form_for("compare", flags)
    cost = amount(server_cost, "server_cost") or Decimal(0)
    compared = _compared(paths, flags, cost, server_capacity)
    if plot is not None:
        figures.save(_figure(compared), plot)
    documents = {name: one.to_dict() for name, one in compared.items()}
    unknown = {one["message"]: one for document in documents.values() for one in document["not_known"]}
    whole = {"schema": "scfcost.compare/1", "not_known": list(unknown.values()), **documents}
    deliver(whole, form, flags)


def _figure(compared: dict[str, Comparison]) -> Any:
    from scfcost.plots import comparison
    from scfcost.report import words

    costs: dict[str, Any] = {title: one.monthly for title, one in compared.items()}
    costs |= {words.counted(one.servers, "server"): one.server for one in compared.values()}
    return comparison(costs, compared["current"].currency)


def _compared(paths: list[str], flags: dict[str, Any], cost: Decimal, capacity: int) -> dict[str, Comparison]:
    from scfcost.analysis.estimate.compare import compare as run
    from scfcost.analysis.estimate.estimate import estimate
    from scfcost.analysis.sweep.recommend import recommend
    from scfcost.cli.inputs import one_setting_of, trace_of

    constraints = constraints_of(flags)
    config, pricing = one_setting_of(flags)
    trace = trace_of(paths, flags)
    found = {"current": run(estimate(trace, config, pricing=pricing), cost, capacity)}
    if config.reconnect is None:
        return found
    advised = recommend(trace, config, constraints, pricing=pricing)
    if advised.chosen is not None:
        found["recommended"] = run(estimate(trace, advised.config, pricing=pricing), cost, capacity)
    return found
