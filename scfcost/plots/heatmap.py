"""Maps over the idle and the execution timeout: what a month costs, and what people notice of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
from matplotlib.colors import LogNorm
from matplotlib.ticker import FuncFormatter, NullFormatter

from scfcost.core.language import _
from scfcost.plots.canvas import DARK, ORANGE, YELLOW, new_axes, new_pair, percents, thousands
from scfcost.plots.planes import cheapest_plane, cost_of, cost_title, idle_axis, is_wide, titled
from scfcost.plots.style import drawing

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_SUFFERED = ["messages_lost", "pushes_missed", "messages_delayed"]
"""Columns of the messages that are lost, missed or late."""
_WIDE = 20
"""How many times the least harm the most is before its colours are logarithmic. [1]"""
_MARKS = {"current": ("s", ORANGE), "recommended": ("*", YELLOW)}


@drawing
def cost_heatmap(
    frame: pd.DataFrame,
    currency: str,
    *,
    messages: int | None = None,
    frontier: pd.DataFrame | None = None,
    current: tuple[float, float] | None = None,
    recommended: tuple[float, float] | None = None,
    axes: Axes | None = None,
) -> Axes:
    """Draw the cost of a month over idle and execution timeout, and beside it the messages lost, missed or late.

    Parameters
    ----------
    frame : DataFrame
        Rows of a sweep; of several memories, policies, heartbeats or concurrencies the cheapest is drawn.
    currency : str
        Currency of the amounts.
    messages : int, optional
        Data messages of the trace: harm is then a share of them, a count otherwise. [1]
    frontier : DataFrame, optional
        Settings that nothing beats in both cost and harm, drawn as small dots.
    current, recommended : tuple of float, optional
        Idle and execution timeout of a setting to mark. [s]
    axes : Axes, optional
        Where to draw the cost alone; a figure of both otherwise.

    Returns
    -------
    Axes
        Those of the cost: idle timeout along, execution timeout up.
    """
    cost = cost_of(frame)
    plane, which = cheapest_plane(frame, cost)
    told, beside = cost_title(cost, currency), None
    if axes is not None or not _knows_harm(plane):
        axes = axes or new_axes()
        _map(axes, plane, cost, title=titled(_("What the two timeouts cost"), frame, which), label=told)
    else:
        axes, beside = new_pair()
        _map(axes, plane, cost, title=told)
        axes.figure.suptitle(titled(_("What the two timeouts cost, and what people notice"), frame, which))
        harm = plane.assign(harm=plane[_SUFFERED].astype(float).sum(axis=1) / (messages or 1))
        _map(beside, harm, "harm", title=_("messages lost, missed or late"), is_share=messages is not None)
        beside.set_ylabel("")
    for own in filter(None, (axes, beside)):
        _dots(own, cheapest_plane(frame, cost, frontier)[0] if frontier is not None and len(frontier) else None)
        _mark(own, {"current": current, "recommended": recommended})
    if (handles := axes.get_legend_handles_labels())[0]:
        axes.figure.legend(*handles, loc="outside lower center", ncols=3, frameon=False)
    return axes


def _knows_harm(plane: pd.DataFrame) -> bool:
    return all(name in plane.columns and plane[name].notna().all() for name in _SUFFERED)


def _map(
    axes: Axes, plane: pd.DataFrame, column: str, *, title: str, label: str = "", is_share: bool | None = None
) -> None:
    """Draw one column over both timeouts by colour."""
    grid = plane.astype({column: float}).pivot_table(
        index="exec_timeout_s", columns="idle_timeout_s", values=column, aggfunc="first"
    )
    idle, execution = (np.asarray(axis, dtype=float) for axis in (grid.columns, grid.index))
    values = grid.to_numpy()
    edges = _edges(idle, is_wide=is_wide(idle)), _edges(execution)
    norm = None
    if is_share is not None and values.max() > _WIDE * values.min() > 0:
        norm = LogNorm(values.min(), values.max())
    mesh = axes.pcolormesh(*edges, values, cmap=mpl.colormaps["cividis"], shading="flat", rasterized=True, norm=norm)
    form: FuncFormatter = percents() if is_share else thousands()
    bar = axes.figure.colorbar(mesh, ax=axes, pad=0.02, format=form)
    bar.ax.yaxis.set_minor_formatter(NullFormatter())
    bar.set_label(label)
    bar.outline.set_visible(False)
    axes.set(
        xlabel=_("idle timeout [s]"), ylabel=_("execution timeout [s]"), title=title,
        xlim=edges[0][[0, -1]], ylim=edges[1][[0, -1]],
    )  # fmt: skip
    idle_axis(axes, idle)


def _dots(axes: Axes, points: pd.DataFrame | None) -> None:
    """Draw the settings that nothing beats, small enough to hide nothing."""
    if points is not None:
        axes.plot(
            points["idle_timeout_s"], points["exec_timeout_s"], ".", color="white", ms=2.5, mew=0, ls="",
            rasterized=True,
        )  # fmt: skip


def _mark(axes: Axes, settings: Mapping[str, tuple[float, float] | None]) -> None:
    labels = {"current": _("current"), "recommended": _("recommended")}
    for name, setting in settings.items():
        if setting is not None:
            marker, color = _MARKS[name]
            axes.plot(
                *setting,
                marker=marker,
                color=color,
                mec=DARK,
                ms=13,
                ls="",
                label=labels[name],
                clip_on=False,
                zorder=5,
            )


def _edges(values: np.ndarray, *, is_wide: bool = False) -> Any:
    """Return the borders between the cells of an axis."""
    if len(values) == 1:
        return np.array([values[0] - 0.5, values[0] + 0.5])
    if is_wide:
        return np.exp(_edges(np.log(values)))
    middle = (values[1:] + values[:-1]) / 2
    return np.concatenate(([values[0] - (middle[0] - values[0])], middle, [values[-1] + (values[-1] - middle[-1])]))
