"""What drives a month: a bar a driver, the strongest on top."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from scfcost.core.language import _, translated
from scfcost.plots.canvas import BLUE, DARK, ORANGE, new_axes, thousands
from scfcost.plots.style import drawing

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@drawing
def tornado(document: Mapping[str, Any], *, axes: Axes | None = None) -> Axes:
    """Draw the month with each driver moved down and up, all else as estimated.

    Parameters
    ----------
    document : mapping
        The plain data of `Sensitivity.to_dict`.
    axes : Axes, optional
        Where to draw; a figure of its own otherwise.

    Returns
    -------
    Axes
        The month along, drivers down, the strongest first.
    """
    drivers, month = document["drivers"], float(document["monthly"])
    axes = axes or new_axes(height=1.9 + 0.45 * len(drivers))
    by = f"{float(document['by']):.0%}"
    for place, one in enumerate(drivers):
        for key, sign, color in (("low", "−", BLUE), ("high", "+", ORANGE)):
            label = _("driver {sign}{by}").format(sign=sign, by=by) if place == 0 else None
            axes.barh(place, float(one[key]) - month, left=month, color=color, height=0.65, label=label)
    axes.axvline(month, color=DARK, lw=1)
    axes.set_yticks(range(len(drivers)), [translated(one["name"]) for one in drivers])
    axes.invert_yaxis()
    axes.margins(x=0.08)
    axes.xaxis.set_major_formatter(thousands())
    axes.set(
        xlabel=_("cost of a month [{currency}]").format(currency=document["currency"]), title=_("What drives the month")
    )
    axes.figure.legend(loc="outside lower center", ncols=2, frameon=False)
    return axes
