"""`scfcost estimate`: the bill of a trace."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scfcost.cli import figures, options
from scfcost.cli.on_platform import estimate_on_platform, is_on_platform, refuse, refuse_guesses
from scfcost.cli.output import Loudness, deliver, form_for, loudness, note, save_table
from scfcost.core.errors import ConfigError

if TYPE_CHECKING:
    from scfcost.analysis.estimate.estimate import TraceEstimate
    from scfcost.analysis.estimate.result import Estimate
    from scfcost.workload.generate import Plan

_OUTPUT = {
    **options.OUTPUT,
    "format": Annotated[
        options.EstimateFormat | None,
        typer.Option("--format", help="Form of the result. [default: table]", rich_help_panel="Output"),
    ],
}

MATTER = (
    "reconnect",
    "idle_timeout",
    "exec_timeout",
    "memory",
    "max_concurrency",
    "region",
    "plan",
    "source_format",
    "explain",
    "output",
)
"""Parameters that the short help shows."""


@options.takes(
    options.FUNCTION,
    options.CLIENTS,
    options.PRICES,
    options.LIMITS,
    options.GUESSES,
    options.READING,
    options.SCALE,
    _OUTPUT,
)
def estimate(
    paths: list[str],
    flags: dict[str, Any],
    explain: Annotated[
        bool,
        typer.Option("--explain", help="Show how each figure came about, with its source.", rich_help_panel="Output"),
    ] = False,
    timeline: options.Timeline = None,
    plot: Annotated[Path | None, figures.plot_flag("a figure, see --figure")] = None,
    figure: Annotated[
        figures.EstimateFigure | None,
        typer.Option(
            help="What to draw: silences with the timeouts, lives of connections, the bill, or the load over time. "
            "[default: silences]",
            rich_help_panel="Output",
        ),
    ] = None,
    focus_version: Annotated[
        options.FocusVersion,
        typer.Option(help="Version of FOCUS that --format focus writes.", rich_help_panel="Output"),
    ] = options.FocusVersion.V1_2,
    replications: options.Replications = None,
    growth: Annotated[
        str | None,
        typer.Option(
            help="Growth of the traffic, such as 5%/month: what later months cost.", rich_help_panel="Scenarios"
        ),
    ] = None,
) -> None:
    """Price a trace of WebSocket connections: the bill, the month, and what the timeouts do.

    scfcost estimate traces.csv --reconnect on-demand

    scfcost estimate traces.csv --memory 256 --idle-timeout 90s --exec-timeout 15m --reconnect on-demand

    scfcost estimate traces.csv --catalog aws-apigateway --reconnect immediate
    """
    as_focus = flags["format"] is options.EstimateFormat.FOCUS
    if is_on_platform(flags):
        refused = {"--timeline": timeline, "--plot": plot, "--growth": growth, "--replications": replications}
        refuse(flags, {**refused, "--explain": explain or None, "--format focus": as_focus or None})
        estimate_on_platform(paths, flags)
        return
    refuse_guesses(flags)
    form = options.Format.CSV if as_focus else form_for("estimate", flags)
    from scfcost.cli.inputs import estimate_of, plan_of
    from scfcost.cli.parts import estimate_in_parts, planned

    with planned(paths, flags) as in_parts:
        if in_parts is not None:
            refused = {
                "--timeline": timeline, "--plot": plot, "--growth": growth, "--format focus": as_focus or None,
                "--replications": replications or None,
            }  # fmt: skip
            if asked := [flag for flag, value in refused.items() if value is not None]:
                raise ConfigError(f"{', '.join(asked)} needs the whole trace in memory: raise --memory-limit")
            compares = form in (options.Format.TABLE, options.Format.MARKDOWN)
            summed = estimate_in_parts(in_parts, flags, compares=compares)
            _write(summed, {}, form, (paths, flags), explain=explain)
            return
    result = estimate_of(paths, flags)
    if timeline is not None:
        save_table(result.timeline(), timeline)
    if plot is not None:
        figures.save(figures.of_estimate(result, figure), plot, flags)
    if as_focus:
        from scfcost.cli.focus_export import export

        _warn(result, flags)
        export(result, flags["output"], focus_version.value, say=loudness(flags))
        return
    made = plan_of(paths, flags)
    more = _uncertainty(result, made, replications)
    if growth is not None:
        more |= _growth(result, growth, made, flags)
    _write(result, more, form, (paths, flags), explain=explain)


def _warn(result: Estimate, flags: dict[str, Any]) -> None:
    for warning in result.warnings:
        note(warning.message, say=loudness(flags))


def _write(
    result: Estimate,
    more: dict[str, Any],
    form: options.Format,
    asked: tuple[list[str], dict[str, Any]],
    *,
    explain: bool,
) -> None:
    paths, flags = asked
    if form is not options.Format.TABLE:
        _warn(result, flags)
    document = {**result.to_dict(), **more}
    if form in (options.Format.JSON, options.Format.CSV):
        deliver(document, form, flags)
        return
    from scfcost.analysis.estimate.insights import explain as steps_of
    from scfcost.analysis.estimate.insights import insights
    from scfcost.cli.again import again

    said = insights(result, lambda command, added: again(command, added, paths, flags))
    shown: dict[str, Any] = {"insights": said, "steps": steps_of(result) if explain else []}
    if form is options.Format.TABLE:
        shown["verbose"] = loudness(flags) is Loudness.VERBOSE
    deliver(document, form, flags, **shown)


def _uncertainty(result: TraceEstimate, made: Plan | None, replications: int | None) -> dict[str, Any]:
    """Return the part of the document that says how sure the month is, nothing where that was not asked for."""
    from scfcost.analysis.forecast.uncertainty import uncertainty

    found = uncertainty(result, made, replications=replications)
    return {} if found is None else {"uncertainty": found.to_dict()}


def _growth(result: TraceEstimate, text: str, made: Plan | None, flags: dict[str, Any]) -> dict[str, Any]:
    """Return the part of the document that says what later months cost."""
    from scfcost.analysis.forecast.growth import growth, read_growth
    from scfcost.cli.inputs import grown_of

    found = growth(result, read_growth(text), grown_of(result.trace, made, flags))
    return {} if found is None else {"growth": found.to_dict()}
