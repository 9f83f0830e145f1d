"""Connections and instances over time, against the quota."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import matplotlib.dates as mdates
import numpy as np

from scfcost.core.language import _
from scfcost.lifecycle.timeline import Timeline
from scfcost.plots.canvas import BLUE, DARK, GREY, ORANGE, new_axes, thousands
from scfcost.plots.style import drawing

if TYPE_CHECKING:
    from matplotlib.axes import Axes


_MOST_STEPS = 150
"""Steps that a figure of this width can tell apart. [1]"""


@drawing
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
    edges = when[_coarse(len(instances))]
    most_connections, most_instances = (_peaks(values, edges, when) for values in (steps.connections, instances))
    axes.stairs(most_connections, edges, color=GREY, fill=True, alpha=0.3, label=_("connections"))
    axes.stairs(most_instances, edges, color=BLUE, lw=1.4, label=_("busy instances"), baseline=None)
    top = max(1.0, float(steps.connections.max(initial=0)), float(instances.max(initial=0)))
    if quota_mb is not None and quota_mb / memory_mb <= 3 * top:
        held = quota_mb / memory_mb
        axes.axhline(held, color=DARK, ls="--", lw=1.5, label=_("quota, {held:,.0f} instances").format(held=held))
        top = max(top, held)
    for number, (begin, end) in enumerate(_runs((steps.refused_quota + steps.refused_burst) > 0)):
        label = None if number else _("connections are refused")
        axes.axvspan(when[begin], when[end], color=ORANGE, alpha=0.25, lw=0, zorder=0, label=label)
    _clock(axes, time_zone)
    axes.set(
        xlabel=_("time [{zone}]").format(zone=time_zone),
        ylabel=_("at the same time"),
        title=_("Connections and instances over time"),
    )
    axes.set_xlim(when[0], when[-1])
    axes.set_ylim(0, 1.08 * top)
    scale: Any = (lambda count: count * memory_mb, lambda mb: mb / memory_mb)
    memory = axes.secondary_yaxis("right", functions=scale)
    memory.set_ylabel(_("memory of busy instances [MB]"))
    for axis in (memory.yaxis, axes.yaxis):
        axis.set_major_formatter(thousands())
    axes.figure.legend(loc="outside lower center", ncols=4, frameon=False)
    return axes


def _coarse(bins: int) -> np.ndarray:
    """Return which edges to keep so that each step is wide enough to be seen as one."""
    return np.unique(np.linspace(0, bins, min(bins, _MOST_STEPS) + 1).astype(int))


def _peaks(values: np.ndarray, edges: np.ndarray, when: np.ndarray) -> np.ndarray:
    """Return the most of each coarse step: peaks are what a quota is held to."""
    return np.maximum.reduceat(values, np.searchsorted(when, edges[:-1])) if len(values) else values


def _clock(axes: Axes, time_zone: str) -> None:
    """Let the axis along tell the time."""
    zone = ZoneInfo(time_zone)
    locator = mdates.AutoDateLocator(tz=zone)  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_locator(locator)
    formatter = mdates.ConciseDateFormatter(locator, tz=zone)  # type: ignore[no-untyped-call]
    formatter.formats = ["%Y", "%Y-%m", "%m-%d", "%H:%M", "%H:%M", "%H:%M:%S"]
    formatter.zero_formats = ["", "%Y", "%Y-%m", "%m-%d", "%H:%M", "%H:%M"]
    formatter.offset_formats = ["", "%Y", "%Y", "%Y", "%Y-%m-%d", "%Y-%m-%d"]  # as ISO 8601 writes them
    axes.xaxis.set_major_formatter(formatter)


def _runs(marked: np.ndarray) -> list[tuple[int, int]]:
    """Return the runs of marked bins, each as first and one after last."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], marked.astype(np.int8), [0]))))
    return [(int(begin), int(end)) for begin, end in edges.reshape(-1, 2)]
