"""What a bill is made of, and bills beside each other."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from textwrap import fill
from typing import TYPE_CHECKING

from scfcost.billing.pricing import Bill
from scfcost.core.errors import ConfigError
from scfcost.core.language import _, translated
from scfcost.plots.canvas import BLUE, GREEN, GREY, NAME, ORANGE, PINK, ROW, SKY, new_axes, plain_name, thousands
from scfcost.plots.style import drawing
from scfcost.report import words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_COLORS = {"resource": BLUE, "invocations": SKY, "egress": GREEN, "provisioned_idle": ORANGE, "plan": PINK}
"""A colour for each line item, the same in every figure."""


@drawing
def bill_breakdown(bill: Bill, *, title: str = "What the bill is made of", axes: Axes | None = None) -> Axes:
    """Draw each line item of a bill as a bar, with its amount and its share.

    Parameters
    ----------
    bill : Bill
        The bill of a trace or of a month; a line without a known price is named and has no bar.
    title : str
        What stands above.
    axes : Axes, optional
        Where to draw; a figure of its own otherwise.

    Returns
    -------
    Axes
        Amounts along, line items down.
    """
    axes = axes or new_axes(height=1.6 + ROW * len(bill.lines))
    top = max((float(line.amount or 0) for line in bill.lines), default=0.0)
    for place, line in enumerate(bill.lines):
        amount = float(line.amount or 0)
        axes.barh(place, amount, color=_COLORS.get(line.item, GREY), height=0.65)
        share = f" ({_share(line.amount, bill.total)})" if line.amount and bill.total else ""
        said = translated(words.UNKNOWN) if line.amount is None else f"{line.amount:,}{share}"
        axes.annotate(said, (amount, place), xytext=(5, 0), textcoords="offset points", va="center")
    axes.set_yticks(range(len(bill.lines)), [translated(words.ITEM.get(line.item, line.item)) for line in bill.lines])
    axes.invert_yaxis()
    axes.set_xlim(0, 1.3 * top or 1)
    axes.xaxis.set_major_formatter(thousands())
    axes.set(
        xlabel=_("cost [{currency}]").format(currency=bill.currency),
        title=_("{title}: {text}").format(title=translated(title), text=f"{bill.currency} {bill.total:,}"),
    )
    return axes


def _share(part: Decimal, whole: Decimal) -> str:
    return f"{part / whole:.1%}" if part / whole >= Decimal("0.001") else "< 0.1%"


@drawing
def comparison(costs: Mapping[str, Bill | Decimal], currency: str, *, axes: Axes | None = None) -> Axes:
    """Draw what configurations cost beside each other, bills in their line items.

    Parameters
    ----------
    costs : mapping of str to Bill or Decimal
        What to compare, by what it is called: bills, or amounts of which no more is known. [currency]
    currency : str
        Currency of all of them.
    axes : Axes, optional
        Where to draw; a figure of its own otherwise.

    Returns
    -------
    Axes
        Amounts along, configurations down, in the order given.

    Raises
    ------
    ConfigError
        If a bill is in another currency.
    """
    for name, cost in costs.items():
        if isinstance(cost, Bill) and cost.currency != currency:
            raise ConfigError(f"{name} is in {cost.currency}: only amounts in {currency} can stand beside it")
    axes = axes or new_axes(height=1.9 + ROW * len(costs))
    shown: set[str] = set()
    totals = [cost.total if isinstance(cost, Bill) else cost for cost in costs.values()]
    for place, (cost, total) in enumerate(zip(costs.values(), totals, strict=True)):
        parts = {line.item: line.amount for line in cost.lines} if isinstance(cost, Bill) else {"server": cost}
        left = 0.0
        for item, amount in parts.items():
            label = translated(words.ITEM.get(item, item))
            width = float(amount or 0)
            axes.barh(
                place, width, left=left, color=_COLORS.get(item, GREY), height=0.65,
                label=None if label in shown or not width else label,
            )  # fmt: skip
            left += width
            shown |= {label} if width else set()
        axes.annotate(f"{total:,}", (left, place), xytext=(5, 0), textcoords="offset points", va="center")
    axes.set_yticks(range(len(costs)), [plain_name(fill(translated(name), NAME)) for name in costs])
    axes.invert_yaxis()
    axes.set_xlim(0, 1.2 * float(max(totals, default=Decimal(0))) or 1)
    axes.xaxis.set_major_formatter(thousands())
    axes.set(xlabel=_("cost of a month [{currency}]").format(currency=currency), title=_("A month, side by side"))
    if shown:
        axes.figure.legend(loc="outside lower center", ncols=5, frameon=False)
    return axes
