"""How long connections are silent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.ticker import FixedLocator, FuncFormatter

from scfcost.core.errors import ConfigError
from scfcost.core.language import _, translated
from scfcost.core.units import MS_PER_SECOND
from scfcost.plots.canvas import BLUE, DARK, GREY, ORANGE, new_axes, percents
from scfcost.plots.style import drawing
from scfcost.trace.gaps import session_gaps
from scfcost.trace.model import Trace

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SHORTEST_SHOWN_S = 0.1
"""Shorter silences than this decide nothing. [s]"""
_TICKS_S = (0.1, 1, 10, 60, 600, 3_600, 36_000, 86_400)
"""Times that people know. [s]"""
_MOST_POINTS = 20_000
"""Points beyond which a curve is the same to the eye. [1]"""


@drawing
def gap_survival(trace: Trace, *, timeouts_s: dict[str, float] | None = None, axes: Axes | None = None) -> Axes:
    """Draw how many silences last longer than a given time, with idle timeouts drawn in.

    Parameters
    ----------
    trace : Trace
        n connections with message rows.
    timeouts_s : dict of str to float, optional
        Idle timeouts to draw, by what they are called: no other timeout has to do with silence. [s]
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
    _curve(axes, gaps)
    for (name, seconds), color, style in zip(
        (timeouts_s or {}).items(), (ORANGE, DARK, GREY), ("--", "-.", ":"), strict=False
    ):
        longer = float((gaps > seconds).mean()) if len(gaps) else 0.0
        label = _("{name} {seconds:g} s: {longer:.2%} of the silences last longer").format(
            name=translated(name), seconds=seconds, longer=longer
        )
        axes.axvline(seconds, color=color, ls=style, lw=1.5, label=label)
        if longer:
            axes.plot(seconds, longer, "o", color=color, ms=7, mec=DARK, zorder=5)
    axes.set(
        xlabel=_("silence"), ylabel=_("share of silences that last longer"), title=_("How long connections are silent")
    )
    axes.grid(visible=True, which="major", alpha=0.25)
    if timeouts_s:
        axes.legend(frameon=False, loc="lower left")
    return axes


def _curve(axes: Axes, gaps: np.ndarray) -> None:
    """Draw the share of silences that last longer, on axes of decades, as people name times."""
    shown = gaps[gaps > 0]
    if len(shown) > _MOST_POINTS:
        shown = shown[np.unique(np.linspace(0, len(shown) - 1, _MOST_POINTS).astype(int))]
    share = 1 - np.searchsorted(gaps, shown, side="right") / max(len(gaps), 1)
    axes.step(shown[share > 0], share[share > 0], where="post", color=BLUE, lw=2)
    if not (share > 0).any():  # nothing that a logarithm could show
        axes.text(0.5, 0.5, _("no silence that another outlasts"), transform=axes.transAxes, ha="center", color=DARK)
        axes.set_ylim(1e-3, 1)
    axes.set_xscale("log")
    axes.set_xlim(left=_SHORTEST_SHOWN_S)
    axes.set_yscale("log")
    axes.xaxis.set_major_locator(FixedLocator(_TICKS_S))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda seconds, _place: _time(seconds)))
    axes.xaxis.set_minor_locator(FixedLocator([]))
    axes.yaxis.set_major_formatter(percents())


def _time(seconds: float) -> str:
    """Show a time in its largest whole unit."""
    for size, unit in ((3_600, _("{count:g} h")), (60, _("{count:g} min"))):
        if seconds >= size:
            return unit.format(count=seconds / size)
    return _("{count:g} s").format(count=seconds)
