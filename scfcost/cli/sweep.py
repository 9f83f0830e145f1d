"""`scfcost sweep`: a whole grid of settings."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scfcost.cli import figures, options
from scfcost.cli.on_platform import OUTER, OuterAxes, is_on_platform, refuse, refuse_guesses, swept_on_platform
from scfcost.cli.output import deliver, form_for, loudness, note, progress
from scfcost.core.errors import ConfigError

if TYPE_CHECKING:
    from scfcost.analysis.sweep.sweep import SweepResult

_AXES = "Axes"
_IDLE, _EXECUTION = "10:600:10", "60:900:60"
"""Timeouts where none are asked for. [s]"""
_TABLES = (".parquet", ".csv")
_FUNCTION = {
    name: option for name, option in options.FUNCTION.items() if not name.endswith(("idle_timeout", "exec_timeout"))
}
_OUTER = {
    "memory": Annotated[
        str | None, typer.Option(help="Memories, in MB: a list. [default: 128]", rich_help_panel=_AXES)
    ],
    "max_concurrency": Annotated[
        str | None, typer.Option(help="Connections an instance holds: a list. [default: 1]", rich_help_panel=_AXES)
    ],
    "reconnect": Annotated[
        str | None, typer.Option(help="none, on-demand, immediate: a list. [default: none]", rich_help_panel=_AXES)
    ],
    "heartbeat": Annotated[
        str | None, typer.Option(help="Injected heartbeats: a range or a list.", rich_help_panel=_AXES)
    ],
}

MATTER = (
    "idle",
    "execution",
    "reconnect",
    "memory",
    "max_concurrency",
    "heartbeat",
    "region",
    "plot",
    "output",
    "format",
)
"""Parameters that the short help shows."""


@options.takes(
    {**_FUNCTION, **options.CLIENTS, **_OUTER},
    options.PRICES,
    options.LIMITS,
    options.GUESSES,
    options.READING,
    options.SCALE,
    options.OUTPUT,
)
def sweep(
    paths: list[str],
    flags: dict[str, Any],
    idle: Annotated[
        str | None,
        typer.Option(
            "--idle",
            help="Idle timeouts: a range such as 10s:5m:10s, or a list. [default: 10:600:10]",
            rich_help_panel=_AXES,
        ),
    ] = None,
    execution: Annotated[
        str | None,
        typer.Option(
            "--exec",
            help="Execution timeouts, or longest lives: a range or a list. [default: 60:900:60]",
            rich_help_panel=_AXES,
        ),
    ] = None,
    plot: Annotated[Path | None, figures.plot_flag("the cost over the timeouts, see --figure")] = None,
    figure: Annotated[
        figures.SweepFigure,
        typer.Option(help="What to draw: the grid, or cost and harm over the idle timeout.", rich_help_panel="Output"),
    ] = figures.SweepFigure.HEATMAP,
) -> None:
    """Price every setting of a grid of timeouts, exactly, in one pass. A range is START:STOP or START:STOP:STEP.

    scfcost sweep traces.csv --reconnect on-demand

    scfcost sweep traces.csv --idle 1s:10m:1s --exec 1m:15m:1m --reconnect on-demand -o grid.parquet

    scfcost sweep traces.csv --catalog google-cloud-run --exec 5m:1h:5m --reconnect immediate
    """
    output = flags["output"]
    table = output is not None and output.suffix in _TABLES and flags["format"] is None
    form = options.Format.TABLE if table else form_for("sweep", flags)
    from scfcost.config.axes import seconds_axis

    if is_on_platform(flags):
        refuse(flags, {"--plot": plot})
        result = swept_on_platform(paths, flags, _outer(flags), (idle, execution))
    else:
        refuse_guesses(flags)
        idle_ms, exec_ms = seconds_axis(idle or _IDLE, "idle"), seconds_axis(execution or _EXECUTION, "exec")
        result = _swept(paths, flags, idle_ms, exec_ms)
    outside = len(result) - int(result.frame["valid"].sum())
    if outside:
        text = f"{outside:,} of {len(result):,} settings lie outside what the vendor documents (valid = false)"
        note(text, say=loudness(flags))
    if table:
        result.save(output)
        flags = {**flags, "output": None}
    if plot is not None:
        figures.save(_figure(result, figure), plot, flags)
    deliver(result.to_dict(), form, flags)


def _swept(paths: list[str], flags: dict[str, Any], idle_ms: list[int], exec_ms: list[int]) -> SweepResult:
    from scfcost.analysis.sweep.grid import Axes, grid_of
    from scfcost.analysis.sweep.sweep import sweep_over
    from scfcost.cli.inputs import one_setting_of, trace_of
    from scfcost.cli.parts import planned, sweep_in_parts

    outer = _outer(flags)
    base, pricing = one_setting_of({name: None if name in OUTER else value for name, value in flags.items()})
    axes = Axes(idle_ms, exec_ms, outer.memories, outer.policies, outer.beats, outer.held)
    notice = partial(note, say=loudness(flags))
    if outer.policies is None and base.reconnect is None and base.function_type == "web-ws":
        notice("clients are supposed to stay away after a cut, as --reconnect was not given")
    grid = grid_of(axes, base, pricing, notice=notice)
    with planned(paths, flags) as in_parts:
        if in_parts is not None:
            return sweep_in_parts(in_parts, grid, flags)
    trace = trace_of(paths, flags)
    with progress("sweeping", say=loudness(flags)) as advance:
        return sweep_over(trace, grid, progress=advance, notice=notice)


def _outer(flags: dict[str, Any]) -> OuterAxes:
    """Return the axes beside the timeouts, as their flags give them."""
    from scfcost.config.axes import seconds_axis, whole_axis
    from scfcost.config.function import RECONNECTS
    from scfcost.core.errors import nearest
    from scfcost.core.units import ms_to_seconds

    policies = flags["reconnect"].split(",") if flags["reconnect"] else None
    for policy in policies or ():
        if policy not in RECONNECTS:
            raise ConfigError(f"reconnect: {policy!r} is not known; {nearest(policy, RECONNECTS)}")
    memories = whole_axis(flags["memory"], "memory") if flags["memory"] else None
    held = whole_axis(flags["max_concurrency"], "max_concurrency") if flags["max_concurrency"] else None
    beats = (
        [ms_to_seconds(one) for one in seconds_axis(flags["heartbeat"], "heartbeat")] if flags["heartbeat"] else None
    )
    return OuterAxes(memories, policies, beats, held)


def _figure(result: SweepResult, figure: figures.SweepFigure) -> Any:
    if figure is figures.SweepFigure.HEATMAP:
        return result.plot()
    from scfcost.plots import cost_curve

    return cost_curve(result.frame, result.currency)
