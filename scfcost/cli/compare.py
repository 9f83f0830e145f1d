"""`scfcost compare`: one trace on every platform, or against a server of one's own."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scfcost.cli import completion, figures, options
from scfcost.cli.constraint_options import CONSTRAINTS, constraints_of
from scfcost.cli.on_platform import guesses_of
from scfcost.cli.output import deliver, form_for, loudness, note, note_month
from scfcost.config.limits import amount
from scfcost.core.errors import ConfigError

if TYPE_CHECKING:
    from scfcost.analysis.compare.table import Asked, Platforms
    from scfcost.analysis.estimate.compare import Comparison
    from scfcost.billing.terms import Pricing
    from scfcost.config.function import FunctionConfig
    from scfcost.engines.plan import Plan
    from scfcost.trace.model import Trace

MATTER = (
    "reconnect",
    "only",
    "server",
    "rate",
    "idle_timeout",
    "exec_timeout",
    "max_missed",
    "server_cost",
    "server_capacity",
    "plot",
)
"""Parameters that the short help shows."""


@options.takes(
    options.FUNCTION,
    options.CLIENTS,
    CONSTRAINTS,
    options.PRICES,
    options.GUESSES,
    options.READING,
    options.SCALE,
    options.OUTPUT,
)
def compare(
    paths: list[str],
    flags: dict[str, Any],
    only: Annotated[
        str | None,
        typer.Option(
            "--with",
            help="Platforms, or books of your own, by comma: all of them.",
            autocompletion=completion.platforms,
        ),
    ] = None,
    server: Annotated[
        list[str] | None, typer.Option(help="Servers of the catalog: all of them.", autocompletion=completion.servers)
    ] = None,
    rate: options.Rate = None,
    egress_price: options.EgressPrice = None,
    server_cost: Annotated[
        str | None, typer.Option(help="Cost of a server of your own for a month, in the book's currency.")
    ] = None,
    server_capacity: Annotated[int | None, typer.Option(help="Connections that a server of your own holds.")] = None,
    plot: Annotated[Path | None, figures.plot_flag("what each costs a month")] = None,
) -> None:
    """Compare the month on every platform of the catalog and on servers, each under its own timeouts and meters.

    With --server-cost and --server-capacity: against plain servers of your own price alone.

    scfcost compare traces.csv --reconnect on-demand

    scfcost compare traces.csv --reconnect immediate --rate USD=7.1

    scfcost compare traces.csv --reconnect on-demand --server-cost 50 --server-capacity 1000
    """
    if server_cost is None and server_capacity is None:
        asked = _asked(only, server, (rate, egress_price), flags)
        _on_platforms(paths, _with_plan_of_function(flags), asked, plot)
        return
    if server_cost is None or server_capacity is None:
        missing = "--server-cost" if server_cost is None else "--server-capacity"
        raise ConfigError(
            f"a server of your own needs {missing}, too; without both, servers of the catalog are compared"
        )
    if flags["engine"] is not options.Engine.LOCAL or flags["checkpoint"] is not None:
        raise ConfigError("--engine and --checkpoint are of the table of platforms: leave --server-cost out")
    form = form_for("compare", flags)
    cost = amount(server_cost, "server_cost") or Decimal(0)
    compared = _compared(paths, flags, cost, server_capacity)
    if plot is not None:
        figures.save(_figure(compared), plot, flags)
    documents = {name: one.to_dict() for name, one in compared.items()}
    unknown = {one["message"]: one for document in documents.values() for one in document["not_known"]}
    whole = {"schema": "scfcost.compare/1", "not_known": list(unknown.values()), **documents}
    deliver(whole, form, flags)


def _asked(
    only: str | None,
    servers: list[str] | None,
    money: tuple[list[str] | None, list[str] | None],
    flags: dict[str, Any],
) -> Asked:  # fmt: skip
    from scfcost.analysis.compare.table import Asked, check_platforms, egress_prices_of, rates_of
    from scfcost.catalog.servers import server

    names = tuple(name.strip() for name in (only or "").split(",") if name.strip())
    check_platforms(names)
    for name in servers or ():
        server(name)
    rates, egress_prices = rates_of(money[0] or ()), egress_prices_of(money[1] or ())
    return Asked(names, tuple(servers or ()), rates, guesses_of(flags), flags.get("plan"), egress_prices)


def _with_plan_of_function(flags: dict[str, Any]) -> dict[str, Any]:
    """Ask for free tiers of the other platforms alone where the book of the function has none."""
    from scfcost.cli.inputs import one_setting_of

    if flags.get("plan") != "free":
        return flags
    own = {**flags, "plan": None}
    return flags if "free" in one_setting_of(own)[1].terms().period.plan_names() else own


def _on_platforms(paths: list[str], flags: dict[str, Any], asked: Asked, plot: Path | None) -> None:
    from scfcost.cli.parts import planned

    form = form_for("platforms", flags)
    with planned(paths, flags, of_rooms=asked.of_rooms) as in_parts:
        table = _whole(paths, flags, asked) if in_parts is None else _in_parts(in_parts, flags, asked)
    document = table.to_dict()
    if plot is not None:
        from scfcost.plots import platform_costs

        figures.save(platform_costs(document), plot, flags)
    deliver(document, form, flags)


def _in_parts(plan: Plan, flags: dict[str, Any], asked: Asked) -> Platforms:
    from scfcost.analysis.compare.in_parts import compare_platforms
    from scfcost.analysis.estimate.job import EstimateJob
    from scfcost.cli.compiling import announce_compiling
    from scfcost.cli.inputs import one_setting_of
    from scfcost.cli.parts import bar, engine_of

    announce_compiling(loudness(flags))
    config, pricing = one_setting_of(flags)
    terms = pricing.terms()
    job = EstimateJob(config, (), terms, pricing.platform(terms), compares=False)
    with bar(plan, flags) as advance:
        return compare_platforms(plan, job, asked, engine=engine_of(flags), progress=advance)


def _whole(paths: list[str], flags: dict[str, Any], asked: Asked) -> Platforms:
    from concurrent.futures import ThreadPoolExecutor

    from scfcost.analysis.compare.table import compare_platforms, rows_elsewhere
    from scfcost.analysis.estimate.estimate import estimate
    from scfcost.cli.inputs import one_setting_of, trace_of

    config, pricing = one_setting_of(flags)
    trace = trace_of(paths, flags)
    found = [("as set", estimate(trace, config, pricing=pricing))]
    with ThreadPoolExecutor(1) as pool:  # the other platforms on another core than the advice
        rows = pool.submit(rows_elsewhere, found[0][1], asked)
        better = _advised(trace, config, pricing, flags)
        if better is not None and better != config:
            found.append(("as recommended", estimate(trace, better, pricing=pricing)))
    return compare_platforms(found, asked, rows.result(), as_set_is_best=better == config)


def _figure(compared: dict[str, Comparison]) -> Any:
    from scfcost.core.text import counted
    from scfcost.plots import comparison

    costs: dict[str, Any] = {title: one.monthly for title, one in compared.items()}
    costs |= {counted(one.servers, "server"): one.server for one in compared.values()}
    return comparison(costs, compared["current"].currency)


def _compared(paths: list[str], flags: dict[str, Any], cost: Decimal, capacity: int) -> dict[str, Comparison]:
    from scfcost.analysis.estimate.compare import compare as run
    from scfcost.analysis.estimate.estimate import estimate
    from scfcost.cli.inputs import one_setting_of, trace_of

    config, pricing = one_setting_of(flags)
    trace = trace_of(paths, flags)
    note_month(trace, flags)
    found = {"current": run(estimate(trace, config, pricing=pricing), cost, capacity)}
    better = _advised(trace, config, pricing, flags)
    if better is not None and better != config:
        found["recommended"] = run(estimate(trace, better, pricing=pricing), cost, capacity)
    elif better is not None:
        note("as set is what recommend says", say=loudness(flags))
    return found


def _advised(trace: Trace, config: FunctionConfig, pricing: Pricing, flags: dict[str, Any]) -> FunctionConfig | None:
    """Return what `recommend` would put forward, None where it asks for more than is known."""
    if config.reconnect is None:
        return None
    from scfcost.analysis.sweep.question import ask
    from scfcost.analysis.sweep.recommend import advised

    return advised(ask(trace, config, constraints_of(flags), pricing))
