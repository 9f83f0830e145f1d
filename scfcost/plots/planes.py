"""One plane of a sweep, over idle and execution timeout: which it is, and what its title says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.ticker import FixedLocator, NullLocator

from scfcost.core.language import _
from scfcost.plots.canvas import thousands

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

AXES = ("memory_mb", "max_concurrency", "reconnect", "heartbeat_s")
"""Axes beside the timeouts."""
_TICKS_S = (1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 900, 1_800, 3_600)
"""Idle timeouts that people name. [s]"""
_WIDE = 5
"""How many times the shortest the longest idle timeout is before the axis is logarithmic. [1]"""


def cost_of(frame: pd.DataFrame) -> str:
    """Return the column of what a setting costs: a month, else the trace."""
    return "monthly_amount" if frame["monthly_amount"].notna().all() else "amount"


def cost_title(cost: str, currency: str) -> str:
    """Return the title of an axis of cost.

    Parameters
    ----------
    cost : str
        The column of the cost.
    currency : str
        Its currency.
    """
    what = _("cost of a month [{currency}]") if cost == "monthly_amount" else _("cost of the trace [{currency}]")
    return what.format(currency=currency)


def cheapest_plane(
    frame: pd.DataFrame, cost: str, of: pd.DataFrame | None = None
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Keep the rows (or those of another frame) that share every other axis with the cheapest setting.

    Parameters
    ----------
    frame : DataFrame
        Rows of a sweep.
    cost : str
        The column of the cost.
    of : DataFrame, optional
        The frame whose rows are kept.
    """
    best = frame[cost].tolist()
    row = frame.iloc[min(range(len(best)), key=best.__getitem__)]
    plane, which = frame if of is None else of, {}
    for name in AXES:
        if name in frame.columns and len(frame[name].unique()) > 1:
            plane = plane[plane[name].isna()] if row[name] != row[name] else plane[plane[name] == row[name]]
            which[name] = row[name]
    return plane, which


def titled(title: str, frame: pd.DataFrame, which: Mapping[str, Any]) -> str:
    """Name the axes that vary, at the setting that is drawn, and say where amounts are no more than a point.

    Parameters
    ----------
    title : str
        What the figure shows.
    frame : DataFrame
        Rows of a sweep.
    which : mapping
        The axes that vary, with the value that is drawn.
    """
    axes = {
        "memory_mb": _("memory {value:,} MB"),
        "max_concurrency": _("{value} connections an instance"),
        "reconnect": _("reconnect {value}"),
        "heartbeat_s": _("heartbeat {value:g} s"),
    }
    named = [axes[name].format(value=value) for name, value in which.items() if value == value]
    if "amount_low" in frame.columns:
        named.append(_("at a point between low and high: silences are not known"))
    if "whole_price" in frame.columns and not frame["whole_price"].all():
        named.append(_("the known part of the cost"))
    return title + ("\n" + _(", ").join(named) if named else "")


def is_wide(values: np.ndarray) -> bool:
    """Whether timeouts lie so far apart that their axis is logarithmic. [s]"""
    return bool(values[-1] > _WIDE * values[0] > 0)


def idle_axis(axes: Axes, idle_s: np.ndarray) -> None:
    """Let the axis along show idle timeouts, as people name them.

    Parameters
    ----------
    axes : Axes
        Where they are drawn.
    idle_s : ndarray, shape (n,)
        The idle timeouts, ascending. [s]
    """
    if is_wide(idle_s):
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(FixedLocator(_TICKS_S))
        axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(thousands())
