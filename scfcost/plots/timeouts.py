"""Cost over the idle and execution timeout: a map, and a cut through it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np

from scfcost.plots.canvas import BLUE, DARK, ORANGE, YELLOW, new_axes, thousands

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


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
    plane, which = _cheapest_plane(frame, cost)
    grid = plane.astype({cost: float}).pivot_table(
        index="exec_timeout_s", columns="idle_timeout_s", values=cost, aggfunc="first"
    )
    idle, execution = (np.asarray(axis, dtype=float) for axis in (grid.columns, grid.index))
    mesh = axes.pcolormesh(
        _edges(idle), _edges(execution), grid.to_numpy(), cmap=mpl.colormaps["cividis"], shading="flat", rasterized=True
    )
    bar = axes.figure.colorbar(mesh, ax=axes, pad=0.02)
    bar.set_label(f"cost of a month [{currency}]" if cost == "monthly_amount" else f"cost of the trace [{currency}]")
    bar.outline.set_visible(False)
    if frontier is not None and len(frontier):
        points = _cheapest_plane(frame, cost, frontier)[0].sort_values("idle_timeout_s")
        along, up = points["idle_timeout_s"], points["exec_timeout_s"]
        axes.plot(along, up, ".", color="white", ms=3, mew=0, alpha=0.6, ls="", label="no setting is better in both")
    _mark(axes, current, "s", ORANGE, "current")
    _mark(axes, recommended, "*", YELLOW, "recommended")
    axes.set(
        xlabel="idle timeout [s]",
        ylabel="execution timeout [s]",
        title=_titled("What the two timeouts cost", frame, which),
    )
    axes.set_xlim(_edges(idle)[[0, -1]])
    axes.set_ylim(_edges(execution)[[0, -1]])
    if axes.get_legend_handles_labels()[0]:
        axes.figure.legend(loc="outside lower center", ncols=3, frameon=False)
    return axes


def cost_curve(
    frame: pd.DataFrame, currency: str, *, exec_timeout_s: float | None = None, axes: Axes | None = None
) -> Axes:
    """Draw the cost of a month, and the cuts that people notice, over the idle timeout at one execution timeout.

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
    cost = "monthly_amount" if frame["monthly_amount"].notna().all() else "amount"
    plane, which = _cheapest_plane(frame, cost)
    at = plane["exec_timeout_s"].max() if exec_timeout_s is None else exec_timeout_s
    rows = plane[plane["exec_timeout_s"] == at].sort_values("idle_timeout_s")
    axes.plot(rows["idle_timeout_s"], rows[cost].astype(float), color=BLUE, lw=2)
    axes.set(
        xlabel="idle timeout [s]", title=_titled(f"Cost and harm at an execution timeout of {at:g} s", frame, which)
    )
    axes.set_ylabel(f"cost of a month [{currency}]" if cost == "monthly_amount" else f"cost [{currency}]", color=BLUE)
    if f"{cost}_low" in rows.columns:
        low, high = (rows[f"{cost}_{end}"].astype(float) for end in ("low", "high"))
        axes.fill_between(rows["idle_timeout_s"], low, high, color=BLUE, alpha=0.2, lw=0, label="low to high")
        axes.figure.legend(loc="outside lower center", frameon=False)
    axes.set_ylim(bottom=0)
    if rows["cut_harmful"].isna().any():
        return axes
    other = axes.twinx()
    other.plot(rows["idle_timeout_s"], rows["cut_harmful"], color=ORANGE, lw=2, ls="--")
    other.set_ylabel("cuts that people notice", color=ORANGE)
    other.set_ylim(bottom=0)
    other.spines["top"].set_visible(False)
    other.yaxis.set_major_formatter(thousands())
    return axes


_AXES = {
    "memory_mb": "memory {:,} MB",
    "max_concurrency": "{} connections an instance",
    "reconnect": "reconnect {}",
    "heartbeat_s": "heartbeat {:g} s",
}
"""Axes beside the timeouts, and how a value of each is named."""


def _cheapest_plane(
    frame: pd.DataFrame, cost: str, of: pd.DataFrame | None = None
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Keep the rows (or those of another frame) that share every other axis with the cheapest setting."""
    best = frame[cost].tolist()
    row = frame.iloc[min(range(len(best)), key=best.__getitem__)]
    plane, which = frame if of is None else of, {}
    for name in _AXES:
        if name in frame.columns and len(frame[name].unique()) > 1:
            plane = plane[plane[name].isna()] if row[name] != row[name] else plane[plane[name] == row[name]]
            which[name] = row[name]
    return plane, which


def _titled(title: str, frame: pd.DataFrame, which: Mapping[str, Any]) -> str:
    """Name the axes that vary, at the setting that is drawn, and say where amounts are no more than a point."""
    named = [_AXES[name].format(value) for name, value in which.items() if value == value]
    if "amount_low" in frame.columns:
        named.append("at a point between low and high: silences are not known")
    if "whole_price" in frame.columns and not frame["whole_price"].all():
        named.append("the known part of the cost")
    return title + ("\n" + ", ".join(named) if named else "")


def _mark(axes: Axes, setting: tuple[float, float] | None, marker: str, color: str, label: str) -> None:
    if setting is not None:
        axes.plot(*setting, marker=marker, color=color, mec=DARK, ms=13, ls="", label=label, clip_on=False, zorder=5)


def _edges(values: Any) -> Any:
    """Return the borders between the cells of an axis."""
    if len(values) == 1:
        return np.array([values[0] - 0.5, values[0] + 0.5])
    middle = (values[1:] + values[:-1]) / 2
    return np.concatenate(([values[0] - (middle[0] - values[0])], middle, [values[-1] + (values[-1] - middle[-1])]))
