"""What a month costs against what people notice: the figure that a choice of settings is made from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from scfcost.core.language import _, translated
from scfcost.plots.canvas import BLUE, GREEN, GREY, ORANGE, PINK, SKY, YELLOW, new_axes, percents, thousands
from scfcost.plots.labels import name_points
from scfcost.plots.planes import cost_of, cost_title
from scfcost.plots.style import drawing

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_LEAST_SHOWN = 1e-4
"""Share of messages below which the axis of harm is linear down to 0. [1]"""
_WIDE = 20
"""How many times the least harm the most is before both need a logarithmic axis. [1]"""
_NARROW = 3
"""How many times the least the most is before an axis begins at nothing. [1]"""
_MARKERS = {"balanced": ("*", YELLOW), "cheapest": ("v", SKY), "safest": ("^", GREEN), "current": ("s", ORANGE)}
_OTHER_MARKER = ("D", PINK)


@drawing
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
        Rows to name in the figure, by what they are called: "cheapest", "balanced", "safest", "current".
    axes : Axes, optional
        Where to draw; a figure of its own otherwise.

    Returns
    -------
    Axes
        Cost of a month along, harm up; the settings that nothing beats in both as a line.
    """
    axes = axes or new_axes()
    cost = cost_of(frame)
    along, up = frame[cost].astype(float).to_numpy(), _harm(frame, messages)
    axes.plot(along, up, ".", color=GREY, ms=5, alpha=0.45, mew=0, rasterized=True, label=_("each setting"))
    best = _frontier(along, up)
    line = np.column_stack([np.repeat(along[best], 2)[1:], np.repeat(up[best], 2)[:-1]])
    axes.plot(*line.T, color=BLUE, lw=1.8, label=_("no setting is better in both"))
    _scale(axes, along, up)
    _name(
        axes, {} if marks is None else marks, (cost, currency, messages), points=np.column_stack([along, up]), line=line
    )
    axes.yaxis.set_major_formatter(percents())
    axes.xaxis.set_major_formatter(thousands())
    axes.set(xlabel=cost_title(cost, currency), ylabel=_("messages lost, missed or late"))
    axes.set_title(_("What a month costs, and what people notice of it"))
    axes.grid(visible=True, which="major", alpha=0.25)
    axes.figure.legend(loc="outside lower center", ncols=2, frameon=False)
    return axes


def _name(axes: Axes, marks: Mapping[str, Mapping[str, Any]], of: tuple[str, str, int], **near: np.ndarray) -> None:
    """Mark rows and name them in the figure; those of one place share a mark, the first kind of which is drawn."""
    cost, currency, messages = of
    kinds = {name: k for k, name in enumerate(_MARKERS)}
    order = sorted(marks, key=lambda name: kinds.get(name, len(kinds)))
    named: dict[tuple[float, float], tuple[str, list[str]]] = {}
    for name in order:
        row = marks[name]
        at = (float(row[cost]), _harm_of(row, messages))
        details = _("{idle} s / {exec} s · {currency} {amount}").format(
            idle=f"{row['idle_timeout_s']:g}", exec=f"{row['exec_timeout_s']:g}", currency=currency,
            amount=f"{row[cost]:,.2f}",
        )  # fmt: skip
        named.setdefault(at, (details, []))[1].append(name)
    for at, (_details, names) in named.items():
        marker, color = _MARKERS.get(names[0], _OTHER_MARKER)
        size = 17 if marker == "*" else 11
        axes.plot(*at, marker=marker, color=color, mec="#222222", ms=size, ls="", zorder=5, clip_on=False)
    told = {at: (_(", ").join(map(translated, names)), details) for at, (details, names) in named.items()}
    name_points(axes, told, **near)


def _scale(axes: Axes, cost: np.ndarray, harm: np.ndarray) -> None:
    """Choose axes on which the settings lie apart: harm may span decades, and both may hardly differ."""
    least, most = float(harm.min(initial=1)), float(harm.max(initial=0))
    if least < most / _WIDE:
        axes.set_yscale("symlog", linthresh=_LEAST_SHOWN)
        bottom = least / 3 if least > _LEAST_SHOWN else -_LEAST_SHOWN / 5
        axes.set_ylim(bottom=bottom, top=max(most * 1.5, 2 * _LEAST_SHOWN))
    else:
        axes.set_ylim(*_span(harm, 2 * _LEAST_SHOWN, 0.16))
    axes.set_xlim(*_span(cost, 0.01))


def _span(values: np.ndarray, least_top: float, share: float = 0.08) -> tuple[float, float]:
    """Return the ends of an axis: from nothing where the values come near it, else around them."""
    low, high = float(values.min(initial=np.inf)), max(float(values.max(initial=0)), least_top)
    room = share * (high - min(low, high) or high)
    return (-room / 3 if low < high / _NARROW else low - room), high + room


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
