"""One platform on a trace: replayed under its own rules, counted by its own meters, priced by its own book."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction

import numpy as np

from scfcost.analysis.compare.guesses import Guesses, Hangs, cases, notes
from scfcost.analysis.compare.row import Row, Served, Traffic
from scfcost.analysis.compare.settings import Chosen, act_alike, placed, replayed_on, settings_on
from scfcost.analysis.evaluate import Impact, impact_of
from scfcost.billing.in_parts import InParts
from scfcost.billing.measures import counted, projected, quantities
from scfcost.billing.meters import Quantities
from scfcost.billing.pricing import Bill, price
from scfcost.billing.quantities import is_priced, on_counters
from scfcost.billing.replayed import OnInstances, Replayed, Supposed
from scfcost.billing.terms import Pricing, Terms
from scfcost.catalog.lifecycle import Lifecycle, Measure
from scfcost.catalog.load import load_book
from scfcost.config.function import FunctionConfig
from scfcost.core.errors import CatalogError
from scfcost.lifecycle.records import Invocations
from scfcost.trace.model import Int64, Trace

_CODES = 1_000
"""Status codes are smaller. [1]"""
_IMPACT = ("cut", "cut_harmful", "messages_lost", "messages_delayed", "pushes_missed", "reconnects")


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """What is asked of every platform."""

    trace: Trace
    """n connections."""
    functions: Mapping[str, FunctionConfig]
    """The settings of each function, as set elsewhere."""
    traffic: Traffic
    """What the trace comes to without timeouts."""
    guesses: Guesses = field(default_factory=Guesses)
    """What the user says of what a trace lacks."""
    chosen: Chosen = field(default_factory=Chosen)
    """Timeouts that the user sets there."""
    last: list[Replayed] = field(default_factory=list)
    """The replay that was made last, which serves every platform on which connections live just the same."""

    def replayed(self, lifecycle: Lifecycle, time_zone: str) -> Replayed:
        """Replay the trace under the rules of a platform.

        Parameters
        ----------
        lifecycle : Lifecycle
            How connections live there.
        time_zone : str
            Zone whose clock a schedule of minimum instances follows.
        """
        own = {name: settings_on(lifecycle, config, self.chosen) for name, config in self.functions.items()}
        if self.last and act_alike(self.trace, self.last[0].configs, own):
            last = self.last[0]
            alike = replace(last, configs=own, packing=None, lifecycle=lifecycle, time_zone=time_zone, like=last)
            found = placed(alike)
        else:
            self.last.clear()
            found = replayed_on(lifecycle, self.trace, self.functions, self.chosen, time_zone=time_zone)
            self.last.append(found)
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What became of the connections of a trace on a platform, as sums."""

    impact: Impact
    invocations: int
    """Accepted connections, each reconnect one. [1]"""
    life_ms: int
    """Their lives together. [ms]"""
    egress_bytes: int
    """Bytes of the pushes that were delivered. [B]"""
    by_code: Int64
    """Connections by what ended them, see `lifecycle.outcomes`. Shape (1000,). [1]"""

    @classmethod
    def of(cls, rows: Invocations) -> Outcome:
        """Sum the invocations of a replay."""
        life_ms, sent = int(rows.duration_ms.sum()), int(rows.egress_bytes.sum())
        return cls(impact_of(rows), len(rows), life_ms, sent, np.bincount(rows.outcome, minlength=_CODES))

    def sums(self) -> dict[str, Int64]:
        """Return it as sums by name, which add up over parts."""
        numbers = [*(getattr(self.impact, one) for one in _IMPACT), self.invocations, self.life_ms, self.egress_bytes]
        return {"outcome": np.array(numbers, np.int64), "codes": self.by_code.astype(np.int64)}

    @classmethod
    def of_sums(cls, sums: Mapping[str, Int64]) -> Outcome:
        """Return what was summed over parts."""
        *impact, invocations, life_ms, egress_bytes = (int(one) for one in sums["outcome"])
        return cls(Impact(*impact), invocations, life_ms, egress_bytes, sums["codes"])


@dataclass(frozen=True, slots=True, eq=False)
class Priced:
    """One way to have a platform on a trace."""

    row: Row
    replayed: Replayed | InParts
    outcome: Outcome
    recorded: tuple[Bill, ...]
    """What the trace itself used, a bill a price book, without allowances and fees."""

    @property
    def busy_ms(self) -> int:
        """Busy time of the instances, or the lives together where there are none. [ms]"""
        if self.replayed.lifecycle.held is None:
            return self.outcome.life_ms
        return counted(Measure(what="busy", per_bytes=None, step_ms=1), self.replayed, Supposed(0))


def all_terms_of(pricing: Pricing) -> list[Terms]:
    """Return the prices of a platform, and after them those of the services behind it.

    Parameters
    ----------
    pricing : Pricing
        The platform's price book by name or file, with region, plan and date.

    Raises
    ------
    CatalogError
        If the book does not say how connections live on its platform.
    """
    terms = pricing.terms()
    if terms.book.lifecycle is None:
        raise CatalogError(
            f"{terms.book.name} does not say how connections live there: give [lifecycle], or use `scfcost price`"
        )
    behind = [Pricing(catalog=name, plan=_known(pricing.plan, name)) for name in terms.book.lifecycle.behind]
    return [terms, *(one.terms() for one in behind)]


def terms_of(catalog: str, plan: str | None, traffic_price: Decimal | None = None) -> list[Terms]:
    """Return the prices of a platform under a plan, where its book has that; under the book's own otherwise.

    Parameters
    ----------
    catalog : str
        A price book with a lifecycle, by its name or file.
    plan : str, optional
        The plan.
    traffic_price : Decimal, optional
        Price of a GB of traffic there, in place of the book's. [currency]
    """
    return all_terms_of(Pricing(catalog=catalog, plan=_known(plan, catalog), traffic_price=traffic_price))


def _known(plan: str | None, catalog: str) -> str | None:
    return plan if plan in load_book(catalog).period().plan_names() else None


def lifecycle_of(all_terms: list[Terms]) -> Lifecycle:
    """Return how connections live on the platform of some prices.

    Raises
    ------
    CatalogError
        If the book does not say it.
    """
    lifecycle = all_terms[0].book.lifecycle
    if lifecycle is None:
        raise CatalogError(f"{all_terms[0].book.name} does not say how connections live there")
    return lifecycle


def rows_on(all_terms: list[Terms], question: Question) -> Iterator[Row]:
    """Yield the rows of a platform: one, or one with and one without hibernation.

    Parameters
    ----------
    all_terms : list of Terms
        The prices of the platform and of the services behind it.
    question : Question
        Trace, settings and guesses.
    """
    yield from (one.row for one in priced_on(all_terms, question))


def priced_on(all_terms: list[Terms], question: Question) -> Iterator[Priced]:
    """Yield what a platform comes to: once, or once with and once without hibernation.

    Parameters
    ----------
    all_terms : list of Terms
        The prices of the platform and of the services behind it.
    question : Question
        Trace, settings and guesses.
    """
    lifecycle = lifecycle_of(all_terms)
    zone = all_terms[0].book.time_zone
    replayed = question.replayed(lifecycle, zone)
    yield from priced(all_terms, replayed, Outcome.of(replayed.invocations), question.traffic, question.guesses)


def priced(
    all_terms: list[Terms], replayed: Replayed | InParts, outcome: Outcome, traffic: Traffic, guesses: Guesses
) -> Iterator[Priced]:
    """Yield what a replay comes to: once, or once with and once without hibernation.

    Parameters
    ----------
    all_terms : list of Terms
        The prices of the platform and of the services behind it.
    replayed : Replayed or InParts
        The trace under the rules of the platform.
    outcome : Outcome
        What became of its connections.
    traffic : Traffic
        What the trace comes to without timeouts.
    guesses : Guesses
        What the user says of what a trace lacks.
    """
    for hibernates in replayed.lifecycle.variants():
        yield _priced(all_terms, replayed, (outcome, traffic, guesses), hibernates=hibernates)


def _priced(
    all_terms: list[Terms], replayed: Replayed | InParts, known: tuple[Outcome, Traffic, Guesses], *, hibernates: bool
) -> Priced:
    lifecycle, (outcome, traffic, guesses) = replayed.lifecycle, known
    hangs = Hangs.of(replayed, all_terms, hibernates=hibernates)
    supposed = cases(guesses, hangs, hibernates=hibernates)
    found = [[quantities(terms.book, replayed, case) for terms in all_terms] for case in supposed]
    months = [
        [_month(terms, own, replayed, traffic.factor or Fraction(1)) for terms, own in zip(all_terms, one, strict=True)]
        for one in found
    ]
    totals = [sum((bill.total for bill in bills), Decimal("0.00")) for bills in months]
    is_known = traffic.has_messages and not any(bill.unknown for bill in months[0])
    row = Row(
        name=all_terms[0].book.name + ("-hibernating" if hibernates else ""),
        title=lifecycle.title + _variant(lifecycle, hibernates=hibernates), region=all_terms[0].region,
        bills=tuple(months[0]), low=min(totals), high=max(totals) if is_known else None,
        served=Served.by(outcome.impact, traffic, outcome.invocations),
        quantities={
            f"{terms.book.name}.{meter}": value
            for terms, own in zip(all_terms, found[0], strict=True) for meter, value in own.items()
        },
        hangs_on_bytes=any(_is_charged(terms, name) for terms in all_terms for name in _by_bytes(terms)),
        notes=tuple(notes(replayed, guesses, hangs, has_messages=traffic.has_messages)),
    )  # fmt: skip
    recorded = tuple(_recorded(terms, own, replayed) for terms, own in zip(all_terms, found[0], strict=True))
    return Priced(row, replayed, outcome, recorded)


def _by_bytes(terms: Terms) -> Iterator[str]:
    """Yield the meters whose quantity grows with the bytes of messages, and the sums of such."""
    meters = terms.book.meters.items()
    measures = [(name, one) for name, meter in meters for one in meter.measured]
    own = {name for name, one in measures if one.what == "egress" or one.per_bytes}
    if any(one.what == "messages_beyond" and one.per_bytes for _, one in measures):
        own |= {name for name, one in measures if one.what == "unit_time"}  # what its units carry is in bytes
    yield from (*own, *(name for name, meter in meters if own & set(meter.of)))


def _is_charged(terms: Terms, meter: str) -> bool:
    """Whether a meter costs anything, at a price that is known or not."""
    rate = terms.rate(meter)
    return terms.knows(meter) and (rate is None or any(tier.price for tier in rate.graduated()))


def _variant(lifecycle: Lifecycle, *, hibernates: bool) -> str:
    if lifecycle.hibernates == "never":
        return ""
    return ", hibernating" if hibernates else ", always awake"


def _month(terms: Terms, counts: Mapping[str, Fraction], replayed: OnInstances, factor: Fraction) -> Bill:
    return price(_of_all(terms, projected(terms.book, counts, replayed, factor)), terms, with_plan=True)


def _recorded(terms: Terms, counts: Mapping[str, Fraction], replayed: OnInstances) -> Bill:
    whole = projected(terms.book, counts, replayed, Fraction(1))
    return price(_of_all(terms, whole), terms, with_plan=False)


def _of_all(terms: Terms, counted: Mapping[str, Fraction]) -> Quantities:
    priced = {name: value for name, value in counted.items() if is_priced(name, terms)}
    return on_counters(priced, terms, FunctionConfig())
