"""`scfcost fit`: a trace into a scenario that stands for it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scfcost.cli import options, times
from scfcost.cli.output import drawn, loudness, note, status, write
from scfcost.core.comments import commented
from scfcost.core.errors import ConfigError

if TYPE_CHECKING:
    from scfcost.analysis.forecast.fit import Fitted

_OUTPUT = {"output": options.Output, **options.SAID}

MATTER = (
    "output",
    "metrics",
    "mean_life",
    "idle_timeout",
    "exec_timeout",
    "memory",
    "source_format",
    "log_format",
    "tz",
    "window",
)
"""Parameters that the short help shows."""


@options.takes(options.FUNCTION, options.PRICES, options.READING, _OUTPUT)
def fit(
    paths: list[str],
    flags: dict[str, Any],
    metrics: Annotated[
        bool,
        typer.Option(
            "--metrics",
            help="The file is a graph of open connections: CSV with time, open, and where known connects and messages "
            "a second, or JSON of a Prometheus range query.",
        ),
    ] = False,
    mean_life: Annotated[
        float | None,
        times.option(help="With --metrics: mean life of a connection. [default: by Little's law, else a guess]"),
    ] = None,
) -> None:
    """Turn a trace, or a graph of open connections, into a scenario file, and say how well it stands for it.

    Each distribution is the likeliest of its families, or what was seen where none comes near. Runs of the scenario are
    priced beside the trace. Without -o the file goes to standard output.

    scfcost fit traces.csv

    scfcost fit traces.csv -o my.toml

    scfcost fit --metrics open.csv --mean-life 5m -o my.toml
    """
    if metrics:
        _fit_graph(paths, flags, mean_life)
        return
    if mean_life is not None:
        raise ConfigError("--mean-life goes with --metrics: a trace tells its lives")
    from scfcost.analysis.forecast.fit import fit_scenario
    from scfcost.cli.inputs import one_setting_of, seed_of, trace_of

    base, pricing = one_setting_of(flags)
    trace = trace_of(paths, flags)
    for warning in trace.provenance.warnings:
        note(warning.message, say=loudness(flags))
    with status("fitting", say=loudness(flags)):
        found = fit_scenario(trace, Path(paths[0]).name, base, pricing.terms(), seed=seed_of(flags))
    write(commented(found.to_toml()), flags["output"])
    if flags["output"] is not None:
        write(drawn(lambda screen: _render(found, screen), to_file=False), None)


def _fit_graph(paths: list[str], flags: dict[str, Any], mean_life: float | None) -> None:
    """Write the scenario of a graph, and say what the graph tells where that does not stand above it."""
    from scfcost.analysis.forecast.graph import fit_graph
    from scfcost.cli.inputs import one_setting_of
    from scfcost.core.units import seconds_to_ms
    from scfcost.trace.metrics import read_metrics

    if len(paths) > 1:
        raise ConfigError("--metrics takes one graph")
    if mean_life is not None and mean_life <= 0:
        raise ConfigError("--mean-life: expected more than 0 s")
    base, pricing = one_setting_of(flags)
    graph = read_metrics(Path(paths[0]), time_zone=flags.get("tz"))
    life = None if mean_life is None else seconds_to_ms(mean_life, "mean_life")
    found = fit_graph(graph, Path(paths[0]).name, base, pricing, mean_life_ms=life)
    write(commented(found.to_toml()), flags["output"])
    if flags["output"] is not None:
        write("".join(f"{sentence}\n" for sentence in found.sentences()), None)


def _render(found: Fitted, screen: Any) -> None:
    from scfcost.report.console.layout import Listing
    from scfcost.report.words import money

    fits = Listing("what", "values", "taken", "KS", "the others", gives_way=("the others",))
    for name, one in found.observed.fits.items():
        best, others = one.best, one.candidates if one.best is None else one.candidates[1:]
        tried = ", ".join(f"{other.family} {other.ks:.3f}" for other in others)
        taken = ("as seen", "") if best is None else (best.family, f"{best.ks:.3f}")
        fits.add_row(name, f"{one.values:,}", *taken, tried)
    screen.print(fits)
    cuts = "cuts noticed a session, trace"
    runs = Listing("reconnect", "idle timeout", "month, trace", "month, scenario", cuts, "cuts, scenario")
    for row in found.comparisons:
        months = (money(f"{value:.2f}") for value in (row.month, row.scenario_month))
        rates = (f"{value:.3f}" for value in (row.cut_rate, row.scenario_cut_rate))
        runs.add_row(row.reconnect, f"{row.idle_timeout_s} s", *months, *rates)
    screen.print(runs)
    screen.print(f"Month and cuts are within {found.miss:.0%} of the trace's.")
