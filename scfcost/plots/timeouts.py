"""Cost and harm over the idle timeout: a cut through the map of both timeouts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scfcost.core.language import _
from scfcost.plots.canvas import BLUE, ORANGE, new_axes, thousands
from scfcost.plots.planes import cheapest_plane, cost_of, cost_title, idle_axis, titled
from scfcost.plots.style import drawing

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


@drawing
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
    cost = cost_of(frame)
    plane, which = cheapest_plane(frame, cost)
    at = plane["exec_timeout_s"].max() if exec_timeout_s is None else exec_timeout_s
    rows = plane[plane["exec_timeout_s"] == at].sort_values("idle_timeout_s")
    axes.plot(rows["idle_timeout_s"], rows[cost].astype(float), color=BLUE, lw=2)
    title = _("Cost and harm at an execution timeout of {at:g} s").format(at=at)
    axes.set(xlabel=_("idle timeout [s]"), title=titled(title, frame, which))
    axes.set_ylabel(cost_title(cost, currency), color=BLUE)
    if f"{cost}_low" in rows.columns:
        low, high = (rows[f"{cost}_{end}"].astype(float) for end in ("low", "high"))
        axes.fill_between(rows["idle_timeout_s"], low, high, color=BLUE, alpha=0.2, lw=0, label=_("low to high"))
        axes.figure.legend(loc="outside lower center", frameon=False)
    idle_axis(axes, rows["idle_timeout_s"].to_numpy(dtype=float))
    axes.set_ylim(bottom=0)
    axes.yaxis.set_major_formatter(thousands())
    if not rows["cut_harmful"].isna().any():
        _harm(axes, rows)
    return axes


def _harm(axes: Axes, rows: pd.DataFrame) -> None:
    """Draw the cuts that people notice on an axis of their own."""
    other = axes.twinx()
    other.plot(rows["idle_timeout_s"], rows["cut_harmful"], color=ORANGE, lw=2, ls="--")
    other.set_ylabel(_("cuts that people notice"), color=ORANGE)
    other.set_ylim(bottom=0)
    other.spines["top"].set_visible(False)
    other.yaxis.set_major_formatter(thousands())
