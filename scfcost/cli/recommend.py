"""`scfcost recommend`: the setting to deploy."""

from __future__ import annotations

import sys
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scfcost.cli import figures, options
from scfcost.cli.constraint_options import CONSTRAINTS, amount, constraints_of, rate
from scfcost.cli.output import as_json, chosen_format, drawn, is_terminal, loudness, progress, write
from scfcost.core.errors import ConfigError

if TYPE_CHECKING:
    from scfcost.analysis.sweep.recommend import Recommendation
    from scfcost.config.function import FunctionConfig


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
    plot: Annotated[Path | None, figures.plot_flag("the cost over both timeouts, with the choice")] = None,
) -> None:
    """Find the cheapest timeouts that keep to what you can bear, and say why.

    scfcost recommend traces.csv --reconnect on-demand --max-harmful-cuts 1% --max-reconnects 2/h
    """
    form = chosen_format(flags["format"], flags["output"])
    if form is options.Format.CSV:
        raise ConfigError("a recommendation is given as table, json or markdown")
    wishes = {
        "reconnect_price": amount(reconnect_price, "reconnect_price") or Decimal(0),
        "allow_unverified": allow_unverified,
        "max_cold_starts": rate(max_cold_starts, "max_cold_starts"),
    }
    found, config = _found(paths, flags, wishes)
    if plot is not None:
        figures.save(_figure(found, config), plot)
    write(_render(found, form, to_file=flags["output"] is not None), flags["output"])


def _found(paths: list[str], flags: dict[str, Any], wishes: dict[str, Any]) -> tuple[Recommendation, FunctionConfig]:
    from scfcost.analysis.sweep.recommend import recommend as run
    from scfcost.cli.inputs import one_setting_of, trace_of

    constraints = constraints_of(flags)
    config, pricing = one_setting_of(flags)
    config = _asked(config)
    trace = trace_of(paths, flags)
    with progress("sweeping", say=loudness(flags)) as advance:
        found = run(trace, config, constraints, progress=advance, **wishes, pricing=pricing)
    return found, config


def _asked(config: FunctionConfig) -> FunctionConfig:
    """Ask on a terminal what clients do after a cut, where it was not stated."""
    if config.reconnect is not None or not (is_terminal(sys.stdin) and is_terminal(sys.stderr)):
        return config
    from scfcost.config.function import RECONNECTS

    answer = typer.prompt(f"What do clients do after a cut ({', '.join(RECONNECTS)})?", default="on-demand", err=True)
    return config.replace(reconnect=answer)


def _figure(found: Recommendation, config: FunctionConfig) -> Any:
    def place(row: Any) -> tuple[float, float] | None:
        return None if row is None else (row["idle_timeout_s"], row["exec_timeout_s"])

    frontier = found.sweep.pareto()
    current = (float(config.idle_timeout_s), float(config.exec_timeout_s))
    return found.sweep.plot(frontier=frontier, current=current, recommended=place(found.chosen))


def _render(found: Recommendation, form: options.Format, *, to_file: bool) -> str:
    document = found.to_dict()
    if form is options.Format.JSON:
        return as_json(document)
    from scfcost.report import choices
    from scfcost.report.console import choices as console

    if form is options.Format.MARKDOWN:
        return choices.recommendation_markdown(document)
    return drawn(lambda screen: console.render_recommendation(document, screen), to_file=to_file)
