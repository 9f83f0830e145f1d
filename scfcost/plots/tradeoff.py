"""What a month costs against what people notice: the figure that a choice of settings is made from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.ticker import FuncFormatter

from scfcost.plots.canvas import BLUE, DARK, GREEN, GREY, ORANGE, PINK, SKY, YELLOW, new_axes, thousands

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_LEAST_SHOWN = 1e-4
"""Share of messages below which the axis of harm is linear down to 0. [1]"""
_WIDE = 20
"""How many times the least harm the most is before both need a logarithmic axis. [1]"""
_MARKERS = {"cheapest": ("v", SKY), "balanced": ("*", YELLOW), "safest": ("^", GREEN), "current": ("s", ORANGE)}
_OTHER_MARKER = ("D", PINK)


def month_against_harm(
    frame: pd.DataFrame,
    currency: str,
    *,
    messages: int,
    marks: Mapping[str, Mapping[str, Any]] | None = None,
    axes: Axes | None = None,
) -> Axes:
    """Draw every setting by its month and by the share of messages that are lost, missed or late.

    Parameters
    ----------
    frame : DataFrame
        Rows of a sweep, with `monthly_amount` (or `amount`), `messages_lost`, `pushes_missed` and `messages_delayed`.
    currency : str
        Currency of the amounts.
    messages : int
        Data messages of the trace. [1]
    marks : mapping of str to mapping, optional
        Rows to mark, by what they are called: "cheapest", "balanced", "safest", "current".
    axes : Axes, optional
        Where to draw; a figure of its own otherwise.

    Returns
    -------
    Axes
        Cost of a month along, harm up; the settings that nothing beats in both as a line.
    """
    axes = axes or new_axes()
    cost = "monthly_amount" if frame["monthly_amount"].notna().all() else "amount"
    along, up = frame[cost].astype(float).to_numpy(), _harm(frame, messages)
    axes.plot(along, up, ".", color=GREY, ms=5, alpha=0.45, mew=0, rasterized=True, label="each setting")
    best = _frontier(along, up)
    axes.plot(along[best], up[best], color=BLUE, lw=1.8, drawstyle="steps-post", label="no setting is better in both")
    for name, row in (marks or {}).items():
        marker, color = _MARKERS.get(name, _OTHER_MARKER)
        at = (float(row[cost]), float(_harm_of(row, messages)))
        timeouts = f"{row['idle_timeout_s']:g} s / {row['exec_timeout_s']:g} s"
        label = f"{name}: {timeouts}, {currency} {row[cost]:,.2f}"
        axes.plot(*at, marker=marker, color=color, mec=DARK, ms=13, ls="", label=label, zorder=5, clip_on=False)
    _scale(axes, along, up)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{share:.4%}".rstrip("0%").rstrip(".") + " %"))
    axes.xaxis.set_major_formatter(thousands())
    what = "a month" if cost == "monthly_amount" else "the trace"
    axes.set(xlabel=f"cost of {what} [{currency}]", ylabel="messages lost, missed or late")
    axes.set_title("What a month costs, and what people notice of it")
    axes.grid(visible=True, which="major", alpha=0.25)
    axes.figure.legend(loc="outside lower center", ncols=2, frameon=False)
    return axes


def _scale(axes: Axes, cost: np.ndarray, harm: np.ndarray) -> None:
    """Choose axes on which the settings lie apart: harm may span decades, and cost may hardly differ."""
    least, most = float(harm.min(initial=1)), float(harm.max(initial=0))
    is_wide = least < most / _WIDE
    if is_wide:
        axes.set_yscale("symlog", linthresh=_LEAST_SHOWN)
    axes.set_ylim(bottom=least / 2 if is_wide and least > _LEAST_SHOWN else 0, top=max(most * 1.05, 2 * _LEAST_SHOWN))
    if cost.min(initial=np.inf) < cost.max(initial=0) / 2:
        axes.set_xlim(left=0)


def _harm(frame: pd.DataFrame, messages: int) -> np.ndarray:
    suffered = frame["messages_lost"] + frame["pushes_missed"] + frame["messages_delayed"]
    return np.asarray(suffered, dtype=np.float64) / max(messages, 1)


def _harm_of(row: Mapping[str, Any], messages: int) -> float:
    return sum(int(row[name]) for name in ("messages_lost", "pushes_missed", "messages_delayed")) / max(messages, 1)


def _frontier(cost: np.ndarray, harm: np.ndarray) -> np.ndarray:
    """Return the settings that nothing beats in both, the cheapest first."""
    order = np.lexsort((harm, cost))
    least = np.minimum.accumulate(harm[order])
    return order[np.concatenate(([True], least[1:] < least[:-1]))] if len(order) else order
