"""Figures that commands draw beside their result."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from scfcost.cli.output import loudness, note

if TYPE_CHECKING:
    from scfcost.analysis.estimate.estimate import TraceEstimate


class EstimateFigure(StrEnum):
    """Figures of an estimate."""

    SILENCES = "silences"
    LIFECYCLES = "lifecycles"
    BILL = "bill"
    CONCURRENCY = "concurrency"


class SweepFigure(StrEnum):
    """Figures of a sweep."""

    HEATMAP = "heatmap"
    CURVE = "curve"


class RecommendFigure(StrEnum):
    """Figures of a recommendation."""

    TRADEOFF = "tradeoff"
    HEATMAP = "heatmap"


def _checked(plot: Path | None) -> Path | None:
    """Refuse a file that no figure can be written to before any work is done."""
    if plot is not None:
        from scfcost.plots import check_suffix

        check_suffix(plot)
    return plot


def plot_flag(what: str) -> Any:
    """Return what makes a parameter the flag `--plot` of a command that draws something."""
    text = f"Draw {what}: .png, .svg or .pdf."
    return typer.Option("--plot", help=text, callback=_checked, rich_help_panel="Output", show_default=False)


def save(axes: Any, plot: Path, flags: Mapping[str, Any]) -> None:
    """Write a figure; say so where it is in English for want of a font.

    Parameters
    ----------
    axes : object
        The figure, by its axes.
    plot : Path
        File to write: PNG, SVG or PDF by its suffix.
    flags : mapping
        Values of the command's shared flags, by name.
    """
    from scfcost import plots

    plots.save(axes, plot)
    if not plots.is_readable():
        note(plots.INSTALL, say=loudness(flags))


def of_estimate(found: TraceEstimate, figure: EstimateFigure | None) -> Any:
    """Return the Axes of a figure; where none is named, of the silences, or of the lives without message rows.

    Parameters
    ----------
    found : TraceEstimate
        The estimate.
    figure : EstimateFigure or None
        Which figure; the first that can be drawn where none is named.
    """
    from scfcost import plots

    config = found.functions[found.trace.functions[0]]
    if figure is EstimateFigure.BILL:
        title = "A month, by line" if found.monthly else "The trace, by line"
        return plots.bill_breakdown(found.monthly or found.bill, title=title)
    if figure is EstimateFigure.CONCURRENCY:
        return concurrency(found, found.steps())
    if figure is EstimateFigure.LIFECYCLES or (figure is None and not found.trace.has_messages):
        return plots.lifecycles(found.trace, found.result.invocations, until_s=2 * float(config.exec_timeout_s))
    return plots.gap_survival(found.trace, timeouts_s={"idle timeout": float(config.idle_timeout_s)})


def concurrency(found: TraceEstimate, steps: Any) -> Any:
    """Return the Axes of connections and instances over time.

    Parameters
    ----------
    found : TraceEstimate
        The estimate.
    steps : object
        When connections open and close, and instances start and end.
    """
    from scfcost.plots import concurrency_over_time

    return concurrency_over_time(
        steps,
        end_ms=found.trace.end_ms,
        memory_mb=max(config.memory_mb for config in found.functions.values()),
        quota_mb=found.platform.quota_mb,
        time_zone=found.platform.time_zone,
    )
