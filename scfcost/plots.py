"""Figures, one function each: tables in, Axes out. Labelled with units, safe for the colour-blind, no global style."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import matplotlib as mpl
import matplotlib.dates as mdates
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from scfcost.errors import ConfigError
from scfcost.lifecycle.timeline import Timeline
from scfcost.trace.model import Trace
from scfcost.trace.silences import session_gaps
from scfcost.units import MS_PER_SECOND

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

BLUE, ORANGE, GREY, DARK = "#0072B2", "#D55E00", "#8A8A8A", "#222222"
"""Colours of Okabe and Ito, told apart by every kind of sight."""
_SUFFIXES = (".png", ".svg", ".pdf")
_WIDTH, _HEIGHT = 8.0, 5.0
_SHORTEST_SHOWN_S = 0.1
"""Shorter silences than this decide nothing. [s]"""


def new_axes(width: float = _WIDTH, height: float = _HEIGHT) -> Axes:
    """Return the Axes of a figure of its own, which touches no global state. [inch]"""
    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    axes.spines[["top", "right"]].set_visible(False)
    return axes


def save(axes: Axes, path: Path) -> None:
    """Write the figure of some Axes as PNG, SVG or PDF, by the suffix.

    Raises
    ------
    ConfigError
        If the suffix is none of these, or the file cannot be written.
    """
    if path.suffix not in _SUFFIXES:
        raise ConfigError(f"{path}: a figure is written as {', '.join(_SUFFIXES)}")
    figure = axes.get_figure()
    try:
        figure.savefig(path, dpi=150)  # type: ignore[union-attr]
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written: {error.strerror}") from None


def cost_heatmap(
    frame: pd.DataFrame,
    currency: str,
    *,
    frontier: pd.DataFrame | None = None,
    current: tuple[float, float] | None = None,
    recommended: tuple[float, float] | None = None,
    axes: Axes | None = None,
) -> Axes:
    """Draw the cost of a month over idle and execution timeout.

    Parameters
    ----------
    frame : DataFrame
        Rows of a sweep over one memory, policy, heartbeat and concurrency.
    currency : str
        Currency of the amounts.
    frontier : DataFrame, optional
        Settings that nothing beats in both cost and harm, drawn as a line.
    current, recommended : tuple of float, optional
        Idle and execution timeout of a setting to mark. [s]
    axes : Axes, optional
        Where to draw; a figure of its own otherwise.

    Returns
    -------
    Axes
        Idle timeout along, execution timeout up, cost by colour.
    """
    axes = axes or new_axes()
    cost = "monthly_amount" if frame["monthly_amount"].notna().all() else "amount"
    grid = (
        _first_plane(frame)
        .astype({cost: float})
        .pivot_table(index="exec_timeout_s", columns="idle_timeout_s", values=cost, aggfunc="first")
    )
    idle, execution = (np.asarray(axis, dtype=float) for axis in (grid.columns, grid.index))
    mesh = axes.pcolormesh(
        _edges(idle), _edges(execution), grid.to_numpy(), cmap=mpl.colormaps["cividis"], shading="flat", rasterized=True
    )
    bar = axes.figure.colorbar(mesh, ax=axes, pad=0.02)
    bar.set_label(f"cost of a month [{currency}]" if cost == "monthly_amount" else f"cost of the trace [{currency}]")
    bar.outline.set_visible(False)
    if frontier is not None and len(frontier):
        points = frontier.sort_values("idle_timeout_s")
        along, up = points["idle_timeout_s"], points["exec_timeout_s"]
        axes.plot(along, up, "o", color="white", mec=DARK, ms=4, mew=0.6, ls="", label="cheapest for its harm")
    _mark(axes, current, "s", ORANGE, "current")
    _mark(axes, recommended, "*", "#F0E442", "recommended")
    axes.set(xlabel="idle timeout [s]", ylabel="execution timeout [s]", title="What the two timeouts cost")
    axes.set_xlim(_edges(idle)[[0, -1]])
    axes.set_ylim(_edges(execution)[[0, -1]])
    if axes.get_legend_handles_labels()[0]:
        axes.figure.legend(loc="outside lower center", ncols=3, frameon=False)
    return axes


def cost_curve(
    frame: pd.DataFrame, currency: str, *, exec_timeout_s: float | None = None, axes: Axes | None = None
) -> Axes:
    """Draw the cost of a month and the harmful cuts over the idle timeout, at one execution timeout.

    Parameters
    ----------
    frame : DataFrame
        Rows of a sweep.
    currency : str
        Currency of the amounts.
    exec_timeout_s : float, optional
        Execution timeout of the curve; the longest of the sweep otherwise. [s]
    axes : Axes, optional
        Where to draw; a figure of its own otherwise.
    """
    axes = axes or new_axes()
    plane = _first_plane(frame)
    at = plane["exec_timeout_s"].max() if exec_timeout_s is None else exec_timeout_s
    rows = plane[plane["exec_timeout_s"] == at].sort_values("idle_timeout_s")
    cost = "monthly_amount" if rows["monthly_amount"].notna().all() else "amount"
    axes.plot(rows["idle_timeout_s"], rows[cost].astype(float), color=BLUE, lw=2)
    axes.set(xlabel="idle timeout [s]", title=f"Cost and harm at an execution timeout of {at:g} s")
    axes.set_ylabel(f"cost of a month [{currency}]" if cost == "monthly_amount" else f"cost [{currency}]", color=BLUE)
    axes.set_ylim(bottom=0)
    other = axes.twinx()
    other.plot(rows["idle_timeout_s"], rows["cut_harmful"], color=ORANGE, lw=2, ls="--")
    other.set_ylabel("harmful cuts", color=ORANGE)
    other.set_ylim(bottom=0)
    other.spines["top"].set_visible(False)
    other.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    return axes


def gap_survival(trace: Trace, *, timeouts_s: dict[str, float] | None = None, axes: Axes | None = None) -> Axes:
    """Draw how many silences last longer than a given time, with timeouts drawn in.

    Parameters
    ----------
    trace : Trace
        n connections with message rows.
    timeouts_s : dict of str to float, optional
        Timeouts to draw, by what they are called. [s]
    axes : Axes, optional
        Where to draw; a figure of its own otherwise.
    """
    axes = axes or new_axes()
    gaps = np.sort(session_gaps(trace)) / MS_PER_SECOND
    shown = gaps[gaps > 0]
    if len(shown) > 20_000:  # the curve is the same to the eye
        shown = shown[np.unique(np.linspace(0, len(shown) - 1, 20_000).astype(int))]
    share = 1 - np.searchsorted(gaps, shown, side="right") / max(len(gaps), 1)
    axes.step(shown[share > 0], share[share > 0], where="post", color=BLUE, lw=2)
    axes.set_xscale("log")
    axes.set_yscale("log")
    for (name, seconds), color, style in zip(
        (timeouts_s or {}).items(), (ORANGE, DARK, GREY), ("--", "-.", ":"), strict=False
    ):
        axes.axvline(seconds, color=color, ls=style, lw=1.5, label=f"{name} {seconds:g} s")
    axes.set(xlabel="silence [s]", ylabel="share of silences that last longer", title="How long connections are silent")
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.4%}".rstrip("0%").rstrip(".") + "%"))
    axes.grid(visible=True, which="major", alpha=0.25)
    if timeouts_s:
        axes.legend(frameon=False)
    return axes


def concurrency_over_time(
    steps: Timeline,
    *,
    end_ms: int,
    memory_mb: int,
    quota_mb: int | None = None,
    time_zone: str = "UTC",
    axes: Axes | None = None,
) -> Axes:
    """Draw simultaneous connections and busy instances over time, against the quota, refusals shaded.

    Parameters
    ----------
    steps : Timeline
        What each bin of time saw.
    end_ms : int
        End of the last bin. [ms]
    memory_mb : int
        Memory of an instance, which sets the scale on the right. [MB]
    quota_mb : int, optional
        Memory quota; it is drawn where it lies within three times the peak. [MB]
    time_zone : str
        Zone of the times along.
    axes : Axes, optional
        Where to draw; a figure of its own otherwise.

    Returns
    -------
    Axes
        Time along, connections and instances up, the memory of the instances on the right.
    """
    axes = axes or new_axes()
    when = mdates.date2num(np.append(steps.start_ms, end_ms).astype("datetime64[ms]"))  # type: ignore[no-untyped-call]
    instances = steps.memory_mb / memory_mb
    axes.stairs(steps.connections, when, color=GREY, lw=1.2, label="connections", baseline=None)
    axes.stairs(instances, when, color=BLUE, lw=1.8, label="busy instances", baseline=None)
    top = max(1.0, float(steps.connections.max(initial=0)), float(instances.max(initial=0)))
    if quota_mb is not None and quota_mb / memory_mb <= 3 * top:
        held = quota_mb / memory_mb
        axes.axhline(held, color=DARK, ls="--", lw=1.5, label=f"quota, {held:,.0f} instances")
        top = max(top, held)
    for number, (begin, end) in enumerate(_runs((steps.refused_quota + steps.refused_burst) > 0)):
        label = None if number else "connections are refused"
        axes.axvspan(when[begin], when[end], color=ORANGE, alpha=0.25, lw=0, zorder=0, label=label)
    _clock(axes, time_zone)
    axes.set(xlabel=f"time [{time_zone}]", ylabel="at once [1]", title="Connections and instances over time")
    axes.set_xlim(when[0], when[-1])
    axes.set_ylim(0, 1.08 * top)
    scale: Any = (lambda count: count * memory_mb, lambda mb: mb / memory_mb)
    memory = axes.secondary_yaxis("right", functions=scale)
    memory.set_ylabel("memory of busy instances [MB]")
    for axis in (memory.yaxis, axes.yaxis):
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    axes.figure.legend(loc="outside lower center", ncols=4, frameon=False)
    return axes


def _clock(axes: Axes, time_zone: str) -> None:
    """Let the axis along tell the time."""
    zone = ZoneInfo(time_zone)
    locator = mdates.AutoDateLocator(tz=zone)  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(mdates.ConciseDateFormatter(locator, tz=zone))  # type: ignore[no-untyped-call]


def _runs(marked: np.ndarray) -> list[tuple[int, int]]:
    """Return the runs of marked bins, each as first and one after last."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], marked.astype(np.int8), [0]))))
    return [(int(begin), int(end)) for begin, end in edges.reshape(-1, 2)]


def _first_plane(frame: pd.DataFrame) -> pd.DataFrame:
    """Keep the rows of the first setting of every outer axis."""
    plane = frame
    for name in ("memory_mb", "max_concurrency", "reconnect", "heartbeat_s"):
        if name in plane.columns and plane[name].notna().any():
            plane = plane[plane[name] == plane[name].iloc[0]]
    return plane


def _mark(axes: Axes, setting: tuple[float, float] | None, marker: str, color: str, label: str) -> None:
    if setting is not None:
        axes.plot(*setting, marker=marker, color=color, mec=DARK, ms=13, ls="", label=label, clip_on=False, zorder=5)


def _edges(values: Any) -> Any:
    """Return the borders between the cells of an axis."""
    if len(values) == 1:
        return np.array([values[0] - 0.5, values[0] + 0.5])
    middle = (values[1:] + values[:-1]) / 2
    return np.concatenate(([values[0] - (middle[0] - values[0])], middle, [values[-1] + (values[-1] - middle[-1])]))
