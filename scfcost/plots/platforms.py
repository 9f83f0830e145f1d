"""What a month costs on each platform, and which of them deliver."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from textwrap import fill
from typing import TYPE_CHECKING, Any

from scfcost.core.language import _, translated
from scfcost.lifecycle.outcomes import MOST_UNDELIVERED
from scfcost.plots.canvas import BLUE, GREY, NAME, ROW, SKY, new_axes, plain_name, thousands
from scfcost.plots.style import drawing

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_STYLES: dict[str, dict[str, Any]] = {
    "delivers": {"color": BLUE},
    "delivers, a price is not known: at least": {"color": SKY},
    "whom it reaches is not known": {"color": GREY},
    "more than 1 % of messages reach nobody": {"color": "white", "edgecolor": GREY, "hatch": "///"},
}


@drawing
def platform_costs(document: Mapping[str, Any], *, axes: Axes | None = None) -> Axes:
    """Draw the months of a comparison of platforms, those that deliver apart from those that do not.

    Parameters
    ----------
    document : mapping
        The plain data `scfcost.platforms/1`. Rows without a month in its currency are left out.
    axes : Axes, optional
        Where to draw; a figure of its own otherwise.

    Returns
    -------
    Axes
        Amounts along, platforms down, in the order given.
    """
    rows = [row for row in document["platforms"] if row["common"] is not None]
    axes = axes or new_axes(height=1.9 + ROW * len(rows))
    shown: set[str] = set()
    for place, row in enumerate(rows):
        said = _service(row)
        month = float(row["common"])
        axes.barh(place, month, height=0.65, label=None if said in shown else translated(said), **_STYLES[said])
        shown.add(said)
        amount = f"{Decimal(row['common']):,}" + ("" if row["month"]["complete"] else " +")
        axes.annotate(amount, (month, place), xytext=(5, 0), textcoords="offset points", va="center")
    axes.set_yticks(range(len(rows)), [plain_name(fill(translated(row["title"]), NAME)) for row in rows])
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xlim(0, 1.2 * max((float(row["common"]) for row in rows), default=0.0) or 1)
    axes.xaxis.set_major_formatter(thousands())
    axes.set(
        xlabel=_("cost of a month [{currency}]").format(currency=document["currency"]),
        title=_("A month on each platform"),
    )
    if shown:
        axes.figure.legend(loc="outside lower center", ncols=2, frameon=False)
    return axes


def _service(row: Mapping[str, Any]) -> str:
    share = row["outcomes"]["undelivered_share"]
    known, partly, silent, losing = _STYLES
    if share is None:
        return silent
    if Fraction(share) > MOST_UNDELIVERED:
        return losing
    return known if row["month"]["complete"] else partly
