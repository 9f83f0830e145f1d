"""How long connections are silent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.ticker import FuncFormatter

from scfcost.core.errors import ConfigError
from scfcost.core.units import MS_PER_SECOND
from scfcost.plots.canvas import BLUE, DARK, GREY, ORANGE, new_axes
from scfcost.trace.gaps import session_gaps
from scfcost.trace.model import Trace

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SHORTEST_SHOWN_S = 0.1
"""Shorter silences than this decide nothing. [s]"""


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

    Raises
    ------
    ConfigError
        If the trace has no message rows.
    """
    if not trace.has_messages:
        raise ConfigError("the trace has no message rows, so nobody knows how long its connections are silent")
    axes = axes or new_axes()
    gaps = np.sort(session_gaps(trace)) / MS_PER_SECOND
    shown = gaps[gaps > 0]
    if len(shown) > 20_000:  # the curve is the same to the eye
        shown = shown[np.unique(np.linspace(0, len(shown) - 1, 20_000).astype(int))]
    share = 1 - np.searchsorted(gaps, shown, side="right") / max(len(gaps), 1)
    axes.step(shown[share > 0], share[share > 0], where="post", color=BLUE, lw=2)
    if not (share > 0).any():  # nothing that a logarithm could show
        axes.text(0.5, 0.5, "no silence that another outlasts", transform=axes.transAxes, ha="center", color=DARK)
        axes.set_ylim(1e-3, 1)
    axes.set_xscale("log")
    axes.set_xlim(left=_SHORTEST_SHOWN_S)
    axes.set_yscale("log")
    for (name, seconds), color, style in zip(
        (timeouts_s or {}).items(), (ORANGE, DARK, GREY), ("--", "-.", ":"), strict=False
    ):
        longer = float((gaps > seconds).mean()) if len(gaps) else 0.0
        label = f"{name} {seconds:g} s: {longer:.2%} of the silences last longer"
        axes.axvline(seconds, color=color, ls=style, lw=1.5, label=label)
    axes.set(xlabel="silence [s]", ylabel="share of silences that last longer", title="How long connections are silent")
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.4%}".rstrip("0%").rstrip(".") + "%"))
    axes.grid(visible=True, which="major", alpha=0.25)
    if timeouts_s:
        axes.legend(frameon=False)
    return axes
