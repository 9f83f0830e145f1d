"""Lives of connections: what is served of each, its messages, and where it is cut."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from scfcost.core.language import _
from scfcost.core.units import MS_PER_SECOND
from scfcost.lifecycle.outcomes import CUTS
from scfcost.lifecycle.records import Invocations
from scfcost.plots.canvas import BLUE, DARK, GREEN, GREY, ORANGE, SKY, new_axes, plain_name, thousands
from scfcost.plots.style import drawing
from scfcost.trace.model import CONTROL, DIRECTION_MASK, DOWN, Int64, Trace

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SHOWN = 16
_MOST_TICKS = 2_000
"""Messages of a connection beyond which no more are drawn: the eye cannot tell them apart. [1]"""
_NAME = 18
"""Characters of a connection's id that are shown. [1]"""
_Points = list[tuple[float, int]]


@drawing
def lifecycles(
    trace: Trace,
    invocations: Invocations,
    *,
    connections: int = _SHOWN,
    until_s: float | None = None,
    axes: Axes | None = None,
) -> Axes:
    """Draw some connections as bars, from the shortest to the longest: served, gone, messages and cuts.

    Parameters
    ----------
    trace : Trace
        n connections.
    invocations : Invocations
        Its replay, such as `Estimate.result.invocations`.
    connections : int
        How many to show: those at equal steps of the rank by length of life. [1]
    until_s : float, optional
        How much of each life to show; the longest otherwise. [s]
    axes : Axes, optional
        Where to draw; a figure of its own otherwise.

    Returns
    -------
    Axes
        Time since each connect along, connections up.
    """
    shown = _spread(trace, min(connections, trace.connections))
    axes = axes or new_axes(height=1.9 + 0.26 * len(shown))
    order = np.argsort(invocations.session, kind="stable")
    begins = np.searchsorted(invocations.session[order], shown)
    ends = np.searchsorted(invocations.session[order], shown, side="right")
    natural_s = trace.natural_ms()[shown] / MS_PER_SECOND
    until_s = min(float(natural_s.max(initial=0)), until_s or np.inf)
    cuts: dict[bool, _Points] = {False: [], True: []}
    for place, session in enumerate(shown.tolist()):
        zero = int(trace.connect_ms[session])
        axes.hlines(place, 0, min(natural_s[place], until_s), color=GREY, lw=1, zorder=0)
        if natural_s[place] > until_s:
            axes.plot(1.01 * until_s, place, marker=">", color=DARK, ms=6, clip_on=False, zorder=4)
        for row in order[begins[place] : ends[place]].tolist():
            start, end = ((int(at[row]) - zero) / MS_PER_SECOND for at in (invocations.start_ms, invocations.end_ms))
            if start > until_s:
                break
            axes.barh(place, min(end, until_s) - start, left=start, height=0.5, color=SKY, lw=0)
            if invocations.outcome[row] in CUTS and end <= until_s:
                cuts[bool(invocations.harmful[row])].append((end, place))
        for offset, color, instants in _messages(trace, session):
            along = (instants - zero) / MS_PER_SECOND
            axes.vlines(along[along <= until_s], place, place + offset, color=color, lw=0.8)
    marks: list[tuple[list[tuple[float, int]], str, str, str]] = [
        ([], GREY, "_", _("not connected")),
        ([], SKY, "s", _("served and billed")),
    ]
    if trace.has_messages:
        marks += [([], BLUE, "|", _("message to the client")), ([], GREEN, "|", _("message from the client"))]
    marks += [
        (cuts[False], DARK, "x", _("cut, nobody notices")),
        (cuts[True], ORANGE, "X", _("cut, a message suffers")),
    ]
    if (natural_s > until_s).any():
        marks.append(([], DARK, ">", _("goes on beyond the figure")))
    for points, color, marker, label in marks:
        axes.plot(
            [at for at, _place in points],
            [place for _at, place in points],
            ls="",
            color=color,
            marker=marker,
            ms=7,
            label=label,
            zorder=5,
        )
    axes.set_yticks(range(len(shown)), [_short(str(one)) for one in trace.connection_id[shown]])
    axes.set_ylim(-0.7, len(shown) - 0.3)
    axes.set_xlim(0, 1.02 * until_s or 1)
    axes.xaxis.set_major_formatter(thousands())
    title = _("{shown} of {whole:,} connections, from the shortest to the longest").format(
        shown=len(shown), whole=trace.connections
    )
    axes.set(xlabel=_("time since the connect [s]"), ylabel=_("connection"), title=title)
    axes.figure.legend(loc="outside lower center", ncols=3, frameon=False)
    return axes


def _spread(trace: Trace, count: int) -> Int64:
    """Return connections at equal steps of the rank by length, the shortest first."""
    by_length = np.argsort(trace.natural_ms(), kind="stable")
    ranks = ((np.arange(count) + 0.5) * trace.connections / max(count, 1)).astype(np.int64)
    return by_length[ranks]


def _messages(trace: Trace, session: int) -> Iterator[tuple[float, str, Int64]]:
    """Yield how high to draw messages, their colour and instants: to the client upwards, others downwards."""
    rows = slice(int(trace.offsets[session]), int(trace.offsets[session + 1]))
    flags, instants = trace.message_flags[rows], trace.message_ms[rows]
    data = flags & CONTROL == 0
    down = flags & DIRECTION_MASK == DOWN
    for offset, color, chosen in ((0.42, BLUE, data & down), (-0.42, GREEN, data & ~down)):
        found = instants[chosen]
        yield offset, color, found[:: max(len(found) // _MOST_TICKS, 1)]


def _short(name: str) -> str:
    return plain_name(name if len(name) <= _NAME else f"{name[: _NAME - 1]}…")
