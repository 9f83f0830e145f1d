"""One platform on a trace: replayed under its own rules, counted by its own meters, priced by its own book."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from scfcost.analysis.compare.guesses import Guesses, Hangs, cases, notes
from scfcost.analysis.compare.row import Row, Served, Traffic
from scfcost.analysis.compare.settings import Chosen, replayed_on
from scfcost.analysis.evaluate import Impact, impact_of
from scfcost.billing.measures import projected, quantities
from scfcost.billing.meters import Quantities
from scfcost.billing.pricing import Bill, price
from scfcost.billing.quantities import is_priced, on_counters
from scfcost.billing.replayed import Replayed
from scfcost.billing.terms import Pricing, Terms
from scfcost.catalog.lifecycle import Lifecycle
from scfcost.catalog.load import load_book
from scfcost.config.function import FunctionConfig
from scfcost.core.errors import CatalogError
from scfcost.trace.model import Trace


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


@dataclass(frozen=True, slots=True, eq=False)
class Priced:
    """One way to have a platform on a trace."""

    row: Row
    replayed: Replayed
    impact: Impact
    recorded: tuple[Bill, ...]
    """What the trace itself used, a bill a price book, without allowances and fees."""


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


def terms_of(catalog: str, plan: str | None) -> list[Terms]:
    """Return the prices of a platform under a plan, where its book has that; under the book's own otherwise.

    Parameters
    ----------
    catalog : str
        A price book with a lifecycle, by its name or file.
    plan : str, optional
        The plan.
    """
    return all_terms_of(Pricing(catalog=catalog, plan=_known(plan, catalog)))


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
    replayed = replayed_on(lifecycle, question.trace, question.functions, question.chosen, time_zone=zone)
    for hibernates in lifecycle.variants():
        yield _priced(all_terms, replayed, question, hibernates=hibernates)


def _priced(all_terms: list[Terms], replayed: Replayed, question: Question, *, hibernates: bool) -> Priced:
    lifecycle, traffic = replayed.lifecycle, question.traffic
    hangs = Hangs.of(replayed, all_terms, hibernates=hibernates)
    supposed = cases(question.guesses, hangs, hibernates=hibernates)
    counted = [[quantities(terms.book, replayed, case) for terms in all_terms] for case in supposed]
    months = [
        [
            _month(terms, found, replayed, traffic.factor or Fraction(1))
            for terms, found in zip(all_terms, one, strict=True)
        ]
        for one in counted
    ]
    totals = [sum((bill.total for bill in bills), Decimal("0.00")) for bills in months]
    impact = impact_of(replayed.invocations)
    known = traffic.has_messages and not any(bill.unknown for bill in months[0])
    row = Row(
        name=all_terms[0].book.name + ("-hibernating" if hibernates else ""),
        title=lifecycle.title + _variant(lifecycle, hibernates=hibernates), region=all_terms[0].region,
        bills=tuple(months[0]), low=min(totals), high=max(totals) if known else None,
        served=Served.by(impact, traffic, len(replayed.invocations)),
        quantities={
            f"{terms.book.name}.{meter}": value
            for terms, found in zip(all_terms, counted[0], strict=True) for meter, value in found.items()
        },
        notes=tuple(notes(replayed, question.guesses, hangs, has_messages=traffic.has_messages)),
    )  # fmt: skip
    recorded = tuple(_recorded(terms, found, replayed) for terms, found in zip(all_terms, counted[0], strict=True))
    return Priced(row, replayed, impact, recorded)


def _variant(lifecycle: Lifecycle, *, hibernates: bool) -> str:
    if lifecycle.hibernates == "never":
        return ""
    return ", hibernating" if hibernates else ", always awake"


def _month(terms: Terms, counted: Mapping[str, Fraction], replayed: Replayed, factor: Fraction) -> Bill:
    return price(_of_all(terms, projected(terms.book, counted, replayed, factor)), terms, with_plan=True)


def _recorded(terms: Terms, counted: Mapping[str, Fraction], replayed: Replayed) -> Bill:
    whole = projected(terms.book, counted, replayed, Fraction(1))
    return price(_of_all(terms, whole), terms, with_plan=False)


def _of_all(terms: Terms, counted: Mapping[str, Fraction]) -> Quantities:
    priced = {name: value for name, value in counted.items() if is_priced(name, terms)}
    return on_counters(priced, terms, FunctionConfig())
