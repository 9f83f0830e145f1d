"""Whether another platform of the catalog, delivering as much, costs less than half."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

from scfcost.analysis.compare.guesses import Guesses
from scfcost.analysis.compare.platform import Question, rows_on, terms_of
from scfcost.analysis.compare.row import Row, Traffic, as_known
from scfcost.analysis.compare.table import other_platforms
from scfcost.billing.terms import Terms
from scfcost.catalog.load import load_book
from scfcost.config.function import FunctionConfig
from scfcost.core.errors import ConfigError, nearest
from scfcost.core.money import EXACT, plain, round_amount
from scfcost.trace.model import Trace


@dataclass(frozen=True, slots=True)
class Bar:
    """What another platform has to beat."""

    month: Decimal
    """A month of the function platform. [currency]"""
    currency: str
    undelivered: Fraction
    """Messages that reach nobody there / messages. [1]"""
    rates: Mapping[str, Decimal] = field(default_factory=dict)
    """Units of that currency for one of another, by currency; none is built in."""

    def in_currency(self, amount: Decimal, currency: str) -> Decimal | None:
        """Return an amount in the function platform's currency, None where no rate is known. [currency]

        Parameters
        ----------
        amount : Decimal
            [currency]
        currency : str
            Its currency.
        """
        rate = Decimal(1) if currency == self.currency else self.rates.get(currency)
        return None if rate is None else round_amount(EXACT.multiply(amount, rate))


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A platform that delivers as much for less than half."""

    row: Row
    most: Decimal
    """The most that its month may be, in the currency of the function platform. [currency]"""
    currency: str

    @property
    def text(self) -> str:
        """Say it in a sentence."""
        book = self.row.bills[0].catalog.partition("/")[0]
        own = "" if self.row.currency == self.currency else f" ({self.row.currency} {self.row.high:,f})"
        return (
            f"{self.row.title} delivers as much and costs at most {self.currency} {self.most:,f}{own} a month, "
            f"less than half: `scfcost compare` shows every platform, `scfcost estimate --catalog {book}` this one"
        )

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "name": self.row.name, "title": self.row.title, "currency": self.currency, "most": plain(self.most),
            "text": self.text,
        }  # fmt: skip


def check_rates(rates: Mapping[str, Decimal]) -> None:
    """Refuse a rate of a currency that no platform of the catalog has."""
    known = sorted({load_book(name).currency for name in other_platforms()})
    for name in rates:
        if name not in known:
            raise ConfigError(f"rate: {name} is not a currency to convert here; {nearest(name, known)}")


def _is_priced(all_terms: list[Terms]) -> bool:
    """Whether the price of everything that is measured is known, without which nothing is called cheaper."""
    return not any(
        terms.knows(name) and terms.rate(name) is None
        for terms in all_terms for name, meter in terms.book.meters.items() if meter.measured
    )  # fmt: skip


def elsewhere(trace: Trace, config: FunctionConfig, bar: Bar, guesses: Guesses | None = None) -> Elsewhere | None:
    """Find the cheapest platform of the catalog that delivers as much for less than half, whatever is guessed.

    A platform whose prices are not all known, or whose currency has no rate, is none; of the others the most that a
    month may be counts.

    Parameters
    ----------
    trace : Trace
        n connections.
    config : FunctionConfig
        The settings of the function platform: what clients do, memory.
    bar : Bar
        What they cost and deliver there.
    guesses : Guesses, optional
        What is known of handlers and rooms.
    """
    if config.function_type != "web-ws" or not trace.has_messages or trace.window_ms == 0:
        return None
    question = Question(trace, dict.fromkeys(trace.functions, config), Traffic.of(trace), guesses or Guesses())
    found: Elsewhere | None = None
    for name in other_platforms():
        all_terms = terms_of(name, None)
        if bar.in_currency(Decimal(0), load_book(name).currency) is None or not _is_priced(all_terms):
            continue
        for way in rows_on(all_terms, question):
            row = as_known(way, trace.provenance.warnings)
            most = None if row.high is None else bar.in_currency(row.high, row.currency)
            delivers = row.served.undelivered is not None and row.served.undelivered <= bar.undelivered
            if most is None or not delivers or 2 * most >= bar.month:
                continue
            if found is None or most < found.most:
                found = Elsewhere(row, most, bar.currency)
    return found
