"""One trace under the rules of several platforms: who delivers, and what the month costs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from scfcost.analysis.compare.guesses import Guesses
from scfcost.analysis.compare.platform import Question, lifecycle_of, rows_on, terms_of
from scfcost.analysis.compare.row import Row, Traffic, as_known, row_of
from scfcost.analysis.compare.server import server_row
from scfcost.analysis.compare.settings import NEVER_S
from scfcost.analysis.compare.warnings import short_window
from scfcost.analysis.estimate.estimate import TraceEstimate
from scfcost.analysis.estimate.result import Estimate
from scfcost.billing.terms import Terms
from scfcost.catalog.left_out import left_out
from scfcost.catalog.load import book_names, load_book
from scfcost.catalog.servers import listed_servers, server
from scfcost.core.errors import CatalogError, ConfigError, nearest
from scfcost.core.money import EXACT, plain, round_amount
from scfcost.core.warning import Warned
from scfcost.lifecycle.intervals import levels
from scfcost.lifecycle.outcomes import MOST_UNDELIVERED
from scfcost.trace.model import CONTROL, DIRECTION_MASK, DOWN, Trace

AS_RECOMMENDED = "as set is what recommend says"
"""Said where nothing else would be put forward."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is compared, and in which money."""

    platforms: tuple[str, ...] = ()
    """Price books by name or file; every one that says how connections live where there is none."""
    servers: tuple[str, ...] = ()
    """Servers of the catalog; every one where there is none."""
    rates: Mapping[str, Decimal] = field(default_factory=dict)
    """Units of the function platform's currency for one of another, by currency."""
    guesses: Guesses = field(default_factory=Guesses)
    plan: str | None = None
    traffic_prices: Mapping[str, Decimal] = field(default_factory=dict)
    """Price of a GB of traffic by platform, in its currency, in place of its book's."""

    def terms(self) -> Iterator[list[Terms]]:
        """Yield the prices of each platform, and of the services behind it.

        Raises
        ------
        ConfigError
            If a price of traffic is of a platform that is not compared, or meters none.
        """
        names = self.platforms or other_platforms()
        metered = [name for name in names if "egress" in load_book(name).meters]
        for name in self.traffic_prices:
            if name not in metered:
                text = f"egress-price: {name} is no platform here whose traffic is metered; {nearest(name, metered)}"
                raise ConfigError(text)
        for name in names:
            yield terms_of(name, self.plan, self.traffic_prices.get(name))

    @property
    def of_rooms(self) -> bool:
        """Whether any of the platforms pins connections to the objects of rooms."""
        books = (load_book(name) for name in self.platforms or other_platforms())
        return any(book.lifecycle is not None and book.lifecycle.group == "room" for book in books)


@dataclass(frozen=True, slots=True)
class Platforms:
    """The table: those who deliver first, in one currency the cheapest of them first."""

    rows: tuple[Row, ...]
    currency: str
    """Currency of the function platform, that of the common column."""
    rates: Mapping[str, Decimal]
    warnings: tuple[Warned, ...] = ()
    """What holds for every row."""

    def common(self, row: Row) -> Decimal | None:
        """Return a row's month in the common currency, None where no rate is known. [currency]"""
        rate = Decimal(1) if row.currency == self.currency else self.rates.get(row.currency)
        return None if rate is None else round_amount(EXACT.multiply(row.point, rate))

    def to_dict(self) -> dict[str, Any]:
        """Return the table as plain data."""
        common = [(row, self.common(row)) for row in self.rows]
        return {
            "schema": "scfcost.platforms/1",
            "currency": self.currency,
            "rates": {name: plain(rate) for name, rate in self.rates.items()},
            "platforms": [{**row.to_dict(), "common": None if one is None else plain(one)} for row, one in common],
            "warnings": [{"code": one.code, "message": one.message} for one in self.warnings],
            "left_out": [f"{one.title} ({one.reason})" for one in left_out()],
        }


def _title(estimate: Estimate, name: str) -> str:
    """Name the function platform under settings such as `as recommended`."""
    provider = estimate.terms.book.provider
    named = {"as set": f"{provider} function, as set", "as recommended": f"{provider} function, as recommended"}
    return named.get(name, f"{provider} function, {name}")


def compare_platforms(
    found: Sequence[tuple[str, TraceEstimate]],
    asked: Asked | None = None,
    rows: Sequence[Row] | None = None,
    *,
    as_set_is_best: bool = False,
) -> Platforms:
    """Put every platform of the catalog, and plain servers, beside a function platform's own estimates.

    Parameters
    ----------
    found : sequence of tuple
        What the function platform costs, each with its name, such as `as set` and `as recommended`; at least one.
    asked : Asked, optional
        Which platforms and servers, and in which money.
    rows : sequence of Row, optional
        What `rows_elsewhere` found of the first of those, where it was called already.
    as_set_is_best : bool
        Whether `recommend` puts forward the first of those settings.

    Returns
    -------
    Platforms
        Sorted by who delivers, then by money.

    Raises
    ------
    ConfigError
        If the trace has no month, or a rate is of no currency in the table.
    CatalogError
        If there is no such platform or server.
    """
    asked = asked or Asked()
    trace = found[0][1].trace
    rows = rows_elsewhere(found[0][1], asked) if rows is None else rows
    most = int(levels(trace.connect_ms, trace.natural_end_ms())[1].max(initial=0))
    return tabled(found, asked, rows, Pushed(pushed_bytes(trace), most), as_set_is_best=as_set_is_best)


def rows_elsewhere(estimate: TraceEstimate, asked: Asked) -> list[Row]:
    """Return the rows of the other platforms.

    Parameters
    ----------
    estimate : TraceEstimate
        What the function platform costs.
    asked : Asked
        Which platforms.

    Raises
    ------
    ConfigError, CatalogError
        As `compare_platforms`.
    """
    check(estimate)
    question = Question(estimate.trace, estimate.functions, Traffic.of(estimate.trace), asked.guesses)
    platforms = sorted(asked.terms(), key=_longest_life)  # where connections live alike come one after the other
    return [row for all_terms in platforms for row in rows_on(all_terms, question)]


def _longest_life(all_terms: list[Terms]) -> tuple[float, ...]:
    lifecycle = lifecycle_of(all_terms)
    return tuple(-(one or NEVER_S) for one in (lifecycle.max_life_s, lifecycle.idle_timeout_s))


class Pushed(NamedTuple):
    """What a server that cuts nobody has to carry."""

    bytes: int
    """Bytes of every push. [B]"""
    peak: int
    """Most connections that would be open at once. [1]"""


def check(estimate: Estimate) -> None:
    """Refuse to compare what has no month, and what is no WebSocket.

    Raises
    ------
    ConfigError
        If the window is 0 ms long, or a function answers requests or events.
    """
    if estimate.factor is None:
        raise ConfigError("the window is 0 ms long, so there is no month to compare; give --window")
    if any(config.function_type != "web-ws" for config in estimate.functions.values()):
        raise ConfigError("platforms are compared for WebSockets (--function-type web-ws); requests and events are not")


def tabled(
    found: Sequence[tuple[str, Estimate]], asked: Asked, others: Sequence[Row], pushed: Pushed, *,
    as_set_is_best: bool = False, told: Sequence[Warned] = (),
) -> Platforms:  # fmt: skip
    """Put the rows of a table together, and those of servers beside them.

    Parameters
    ----------
    found : sequence of tuple
        What the function platform costs, each with its name; at least one.
    asked : Asked
        Which servers, and in which money.
    others : sequence of Row
        The other platforms.
    pushed : Pushed
        What a server has to carry.
    as_set_is_best : bool
        Whether `recommend` puts forward the first of those settings.
    told : sequence of Warned
        What holds for every row beside what the table itself finds.
    """
    estimate = found[0][1]
    rows = [
        row_of(one, _title(estimate, name), f"{estimate.terms.book.name}-{name.replace(' ', '-')}")
        for name, one in found
    ]
    if as_set_is_best:
        rows[0] = replace(rows[0], notes=(*rows[0].notes, AS_RECOMMENDED))
    rows += others
    for name in asked.servers or listed_servers():
        rows.append(server_row(name, server(name), estimate, pushed.bytes, pushed.peak, asked.plan))
    untold = [one for one in estimate.warnings if one.code == "bytes_unknown"]
    rows = [as_known(row, untold) for row in rows]
    warnings = (*short_window(estimate.window_ms), *untold, *told)
    table = Platforms(tuple(rows), estimate.bill.currency, asked.rates, warnings)
    _check_rates(table)
    return replace(table, rows=tuple(sorted(rows, key=lambda row: _rank(table, row))))


def known_platforms() -> list[str]:
    """Return the books of the catalog that say how connections live on their platform."""
    return [name for name in book_names() if load_book(name).lifecycle is not None]


def other_platforms() -> list[str]:
    """Return those of them whose own rules, and not the settings of a function, say how connections live."""
    return [name for name in book_names() if load_book(name).is_replayed_by_rules]


def check_platforms(names: Sequence[str]) -> None:
    """Refuse a platform that no book of the catalog, and no file, says how connections live on."""
    for name in names:
        if not name.endswith(".toml") and name not in known_platforms():
            raise CatalogError(f"{name!r} is no platform that replays a trace; {nearest(name, known_platforms())}")


def _check_rates(table: Platforms) -> None:
    others = sorted({row.currency for row in table.rows} - {table.currency})
    for name in table.rates:
        if name not in others:
            raise ConfigError(f"rate: {name} is not a currency to convert here; {nearest(name, others)}")


def _rank(table: Platforms, row: Row) -> tuple[Any, ...]:
    share = row.served.undelivered
    whole = 1 if share is None else (0 if share <= MOST_UNDELIVERED else 2)
    common = table.common(row)
    return whole, not row.complete, common is None, row.point if common is None else common, row.name


def pushed_bytes(trace: Trace) -> int:
    """Sum the bytes of every push, whoever could deliver it. [B]"""
    if trace.total_bytes_out is not None and not trace.has_messages:
        return int(trace.total_bytes_out.clip(min=0).sum())
    flags = trace.message_flags
    pushes = (flags & CONTROL == 0) & (flags & DIRECTION_MASK == DOWN)
    return int(trace.message_bytes[pushes].clip(min=0).sum())


def rates_of(texts: Sequence[str]) -> dict[str, Decimal]:
    """Read rates such as USD=7.1: one of that currency in units of the table's.

    Raises
    ------
    ConfigError
        If one is no currency and number of more than 0.

    Examples
    --------
    >>> rates_of(["USD=7.1"])
    {'USD': Decimal('7.1')}
    """
    found = {}
    for text in texts:
        name, _, number = text.partition("=")
        if not (len(name) == 3 and name.isascii() and name.isupper()) or not _is_positive(number):
            raise ConfigError(f"rate: {text!r} is not of the form USD=7.1, a currency and what one of it is worth")
        found[name] = Decimal(number)
    return found


def egress_prices_of(texts: Sequence[str]) -> dict[str, Decimal]:
    """Read prices of a GB of traffic such as alibaba-fc=0.50.

    Raises
    ------
    ConfigError
        If one is no name and amount of 0 or more, or stands twice.

    Examples
    --------
    >>> egress_prices_of(["alibaba-fc=0.50"])
    {'alibaba-fc': Decimal('0.50')}
    """
    found: dict[str, Decimal] = {}
    for text in texts:
        name, _, number = text.rpartition("=")
        if not name or not (_is_positive(number) or number == "0"):
            raise ConfigError(
                f"egress-price: {text!r} is not of the form alibaba-fc=0.50, a platform and what a GB of traffic costs "
                "there"
            )
        if name in found:
            raise ConfigError(f"egress-price: {name} is given twice")
        found[name] = Decimal(number)
    return found


def _is_positive(text: str) -> bool:
    try:
        return len(text) <= 20 and Fraction(text) > 0 and "/" not in text and Decimal(text).is_finite()
    except (ValueError, ArithmeticError):
        return False
