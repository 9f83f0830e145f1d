"""What tables of a price book share: marks beside figures, headings, and words in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING

from rich.text import Text

from scfcost.core.language import _, translated
from scfcost.report.console.layout import Listing

if TYPE_CHECKING:
    from scfcost.catalog.schema import Price, Sourced


class Sources:
    """Marks such as [1] beside figures, and the page that each stands for."""

    def __init__(self) -> None:
        self.marks: dict[str, str] = {}

    def mark(self, words: str) -> str:
        """Return the mark of a source, a new one where it is the first figure from there."""
        return self.marks.setdefault(words, f"[{len(self.marks) + 1}]")

    def of(self, figure: Sourced) -> str:
        """Return the mark of a figure: page, date, confidence and what else is to be known of it."""
        page = _("{page}, {day}, confidence {confidence}").format(
            page=figure.source, day=figure.checked_on, confidence=translated(figure.confidence)
        )
        known = [page, translated(getattr(figure, "lasts", "")), translated(figure.note)]
        return self.mark(_("; ").join(part for part in known if part))


def title(words: str) -> Text:
    """Return the line above a part, after an empty one."""
    return Text(f"\n{words}", style="bold")


def listed(rows: Iterable[tuple[str, str]]) -> Listing:
    """Return a table of marks with what each stands for."""
    table = Listing("mark", "words", with_header=False)
    for mark, words in rows:
        table.add_row(mark, words)
    return table


def amounts(rate: Price) -> str:
    """Return the price of a meter, or of each of its tiers."""
    if rate.unknown:
        return translated("unknown")
    tiers = rate.graduated()
    if len(tiers) == 1:
        return f"{tiers[0].price:f}"
    told = (_("{price:f} from {start:f}").format(price=tier.price, start=tier.starts_at) for tier in tiers)
    return _(", ").join(told)


def short(quantity: Decimal | int) -> str:
    """Write a round quantity as the vendors do: 500k, 10M, 1G."""
    for letter, size in (("G", 10**9), ("M", 10**6), ("k", 10**3)):
        if quantity and quantity % size == 0:
            return f"{quantity // size:f}{letter}" if isinstance(quantity, Decimal) else f"{quantity // size}{letter}"
    return f"{quantity:,}"
