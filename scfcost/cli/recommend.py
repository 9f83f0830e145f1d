"""`scfcost recommend`: the setting to deploy."""

from __future__ import annotations

import sys
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scfcost.cli import figures, options
from scfcost.cli.constraint_options import CONSTRAINTS, constraints_of
from scfcost.cli.output import FAILED, deliver, form_for, is_terminal, loudness, progress
from scfcost.config.limits import amount
from scfcost.config.limits import rate as rate_of
from scfcost.core.errors import ConfigError

if TYPE_CHECKING:
    from scfcost.analysis.sweep.recommend import Recommendation
    from scfcost.config.function import FunctionConfig
    from scfcost.trace.model import Trace


class Strategy(StrEnum):
    """What is put forward."""

    CHEAPEST = "cheapest"
    BALANCED = "balanced"
    SAFEST = "safest"


MATTER = (
    "reconnect",
    "max_missed",
    "max_harmful_cuts",
    "max_lost",
    "budget",
    "strategy",
    "idle_timeout",
    "exec_timeout",
    "memory",
    "format",
)
"""Parameters that the short help shows."""


@options.takes(options.FUNCTION, options.CLIENTS, CONSTRAINTS, options.PRICES, options.READING, options.OUTPUT)
def recommend(
    paths: list[str],
    flags: dict[str, Any],
    reconnect_price: Annotated[
        str,
        typer.Option(
            help="What a reconnect costs in pain, in the book's currency.", rich_help_panel="What you can bear"
        ),
    ] = "0",
    allow_unverified: Annotated[
        bool,
        typer.Option(
            "--allow-unverified", help="Try timeouts outside what the vendor documents.", rich_help_panel="Function"
        ),
    ] = False,
    max_cold_starts: Annotated[
        str | None,
        typer.Option(
            help="Invocations that may start cold, such as 5%: how many provisioned instances that takes.",
            rich_help_panel="What you can bear",
        ),
    ] = None,
    strategy: Annotated[
        Strategy, typer.Option(help="Which of the three settings to put forward.", rich_help_panel="What you can bear")
    ] = Strategy.BALANCED,
    worth: Annotated[
        str,
        typer.Option(
            help="Times the money that a tenth of the lost and late messages is worth.",
            rich_help_panel="What you can bear",
        ),
    ] = "2",
    rate: options.Rate = None,
    plot: Annotated[Path | None, figures.plot_flag("the settings by cost and harm, with the choice")] = None,
    figure: Annotated[
        figures.RecommendFigure | None,
        typer.Option(
            help="Month against harm, or the cost over both timeouts. [default: tradeoff, where harm is known]",
            rich_help_panel="Output",
        ),
    ] = None,
) -> None:
    """Find timeouts that keep to what you can bear: the cheapest, the safest and the balanced ones, and say why.

    Exit code 1 where none does. --format sh gives the command to deploy alone, for a shell.

    scfcost recommend traces.csv --reconnect on-demand

    scfcost recommend traces.csv --reconnect immediate --max-missed 1% --budget 500

    scfcost recommend traces.csv --reconnect on-demand --format sh
    """
    from scfcost.cli.inputs import deployed_name

    form = form_for("recommend", flags)
    wishes = {
        "reconnect_price": amount(reconnect_price, "reconnect_price") or Decimal(0),
        "allow_unverified": allow_unverified,
        "strategy": strategy.value,
        "worth": amount(worth, "worth") or Decimal(0),
        "max_cold_starts": rate_of(max_cold_starts, "max_cold_starts"),
    }
    rates = _rates(rate)
    found, config, trace = _found(paths, flags, wishes)
    if plot is not None:
        figures.save(_figure(found, config, figure), plot, flags)
    document = {**found.to_dict(deployed_name(flags)), "elsewhere": _elsewhere(found, trace, rates)}
    deliver(document, form, flags)
    if not found.answers:
        raise typer.Exit(FAILED)


def _rates(texts: list[str] | None) -> dict[str, Decimal]:
    if not texts:
        return {}
    from scfcost.analysis.compare.elsewhere import check_rates
    from scfcost.analysis.compare.table import rates_of

    rates = rates_of(texts)
    check_rates(rates)
    return rates


def _elsewhere(found: Recommendation, trace: Trace, rates: dict[str, Decimal]) -> dict[str, Any] | None:
    """Return the platform that delivers as much for less than half, as plain data; None where none is known to."""
    month = None if found.chosen is None else found.chosen["monthly_amount"]
    if found.chosen is None or month is None or found.not_known or not found.population.messages:
        return None
    from scfcost.analysis.compare.elsewhere import Bar, elsewhere

    lost = int(found.chosen["messages_lost"] + found.chosen["pushes_missed"])
    bar = Bar(month, found.currency, Fraction(lost, found.population.messages), rates)
    one = elsewhere(trace, found.config, bar)
    return None if one is None else one.to_dict()


def _found(
    paths: list[str], flags: dict[str, Any], wishes: dict[str, Any]
) -> tuple[Recommendation, FunctionConfig, Trace]:
    from scfcost.analysis.sweep.recommend import recommend as run
    from scfcost.cli.inputs import one_setting_of, trace_of

    constraints = constraints_of(flags)
    config, pricing = one_setting_of(flags)
    config = _asked(config)
    trace = trace_of(paths, flags)
    with progress("sweeping", say=loudness(flags)) as advance:
        found = run(trace, config, constraints, progress=advance, **wishes, pricing=pricing)
    return found, config, trace


def _asked(config: FunctionConfig) -> FunctionConfig:
    """Ask on a terminal what clients do after a cut, where it was not stated."""
    is_asked = is_terminal(sys.stdin) and is_terminal(sys.stderr)
    if config.reconnect is not None or config.function_type != "web-ws" or not is_asked:
        return config
    from scfcost.config.function import RECONNECTS

    answer = typer.prompt(f"What do clients do after a cut ({', '.join(RECONNECTS)})?", default="on-demand", err=True)
    return config.replace(reconnect=answer)


def _figure(found: Recommendation, config: FunctionConfig, figure: figures.RecommendFigure | None) -> Any:
    if figure is figures.RecommendFigure.TRADEOFF and not found.knows_harm:
        raise ConfigError("--figure tradeoff: what people notice is not known here; take --figure heatmap")
    if figure is None:
        is_known = found.knows_harm and not found.not_known
        figure = figures.RecommendFigure.TRADEOFF if is_known else figures.RecommendFigure.HEATMAP
    return _tradeoff(found) if figure is figures.RecommendFigure.TRADEOFF else _heatmap(found, config)


def _tradeoff(found: Recommendation) -> Any:
    from scfcost.plots import month_against_harm

    named = {"current": found.current, "cheapest": found.cheapest, "balanced": found.balanced, "safest": found.safest}
    marks = {name: row for name, row in named.items() if row is not None}
    messages = found.population.messages
    return month_against_harm(found.sweep.frame, found.currency, messages=messages, marks=marks)


def _heatmap(found: Recommendation, config: FunctionConfig) -> Any:
    def place(row: Any) -> tuple[float, float] | None:
        return None if row is None else (row["idle_timeout_s"], row["exec_timeout_s"])

    frontier = found.sweep.pareto()
    current = (float(config.idle_timeout_s), float(config.exec_timeout_s))
    return found.sweep.plot(
        frontier=frontier, messages=found.population.messages, current=current, recommended=place(found.chosen)
    )
