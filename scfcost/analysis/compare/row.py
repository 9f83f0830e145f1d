"""One row of the table of platforms: what a month costs there, and what becomes of the people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from scfcost.analysis.estimate.estimate import data_messages
from scfcost.analysis.estimate.result import Estimate
from scfcost.analysis.evaluate import Impact, month_factor
from scfcost.analysis.known import OF_MONEY, lacks
from scfcost.billing.pricing import Bill, LineItem
from scfcost.core.money import EXACT, ZERO, plain, round_fraction, tidy
from scfcost.core.units import MS_PER_HOUR
from scfcost.core.warning import Warned
from scfcost.trace.model import Trace


@dataclass(frozen=True, slots=True)
class Traffic:
    """What the months and the outcomes of every platform relate to: the trace as it would live without timeouts."""

    sessions: int
    """Connections. [1]"""
    natural_ms: int
    """Their lives together. [ms]"""
    data_messages: int
    """Messages but for pings and pongs. [1]"""
    has_messages: bool
    """Whether it has message rows: without them neither messages nor silences are known."""
    factor: Fraction | None
    """A month over the window, None where the window is 0 ms. [1]"""

    @classmethod
    def of(cls, trace: Trace) -> Traffic:
        """Return what is to be known of a trace in memory."""
        return cls(
            trace.connections, int(trace.natural_ms().sum()), data_messages(trace), trace.has_messages,
            month_factor(trace),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Served:
    """What the timeouts of a platform do to the people of a trace; None where that is not known."""

    cut: int | None
    undelivered: Fraction | None
    """Messages that reach nobody / messages. [1]"""
    reconnects_an_hour: Fraction | None
    """Reconnects / hours that the connections would live. [1/h]"""
    connections: int | None
    """Accepted connections, each reconnect one. [1]"""

    @classmethod
    def by(cls, impact: Impact, traffic: Traffic, connections: int) -> Served:
        """Return what an impact is to the people of a trace.

        Parameters
        ----------
        impact : Impact
            What the timeouts of the platform cut and lose.
        traffic : Traffic
            The trace that it relates to.
        connections : int
            Accepted connections, each reconnect one. [1]
        """
        if not traffic.has_messages:
            return cls(None, None, None, None)
        hours = Fraction(max(traffic.natural_ms, 1), MS_PER_HOUR)
        share = Fraction(impact.undelivered, max(traffic.data_messages, 1))
        return cls(impact.cut, share, impact.reconnects / hours, connections)

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {
            "cut": self.cut,
            "undelivered_share": _decimal(self.undelivered),
            "reconnects_an_hour": _decimal(self.reconnects_an_hour),
            "connections": self.connections,
        }


def _decimal(value: Fraction | None) -> str | None:
    return None if value is None else str(round_fraction(value, 6))


@dataclass(frozen=True, slots=True)
class Row:
    """A platform on one trace."""

    name: str
    """Price book or server, and what is apart of its rows."""
    title: str
    region: str
    bills: tuple[Bill, ...]
    """A month, a bill a price book."""
    low: Decimal
    high: Decimal | None
    """What the month costs at least, and at most; None where a price is not known. [currency]"""
    served: Served
    quantities: Mapping[str, Fraction] = field(default_factory=dict)
    """Metered quantities of the trace by book and meter, in what the meter counts."""
    notes: tuple[str, ...] = ()
    hangs_on_bytes: bool = False
    """Whether bytes of messages that are not known would make its month dearer."""
    kind: str = "platform"
    """`function` for what was set or recommended, `platform` or `server`."""

    @property
    def currency(self) -> str:
        """Currency of its month."""
        return self.bills[0].currency

    @property
    def point(self) -> Decimal:
        """What the month costs, as far as prices are known. [currency]"""
        return sum((bill.total for bill in self.bills), Decimal("0.00"))

    @property
    def exact(self) -> Decimal:
        """The same before any rounding. [currency]"""
        total = ZERO
        for bill in self.bills:
            total = EXACT.add(total, bill.total_exact)
        return tidy(total)

    @property
    def complete(self) -> bool:
        """Whether every price is known."""
        return self.high is not None and not any(bill.unknown for bill in self.bills)

    @property
    def lines(self) -> list[LineItem]:
        """The lines of its bills."""
        return [line for bill in self.bills for line in bill.lines]

    def decides(self) -> str:
        """Say which line is the most of the month, such as "messages, 71 %"."""
        lines = [line for line in self.lines if line.amount]
        if not lines:
            return "nothing is charged"
        largest = max(lines, key=lambda line: line.amount or Decimal(0))
        share = round_fraction(100 * Fraction(largest.amount or 0) / Fraction(self.point), 0)
        return f"{largest.item.replace('_', ' ')}, {share} %"

    def to_dict(self) -> dict[str, Any]:
        """Return the row as plain data, amounts and quantities as strings."""
        return {
            "name": self.name,
            "title": self.title,
            "kind": self.kind,
            "region": self.region,
            "currency": self.currency,
            "month": {
                "low": plain(self.low), "point": plain(self.point),
                "high": None if self.high is None else plain(self.high),
                "exact": plain(self.exact), "complete": self.complete,
            },
            "quantities": {name: _written(value) for name, value in self.quantities.items()},
            "lines": [
                {**line.to_dict(), "catalog": bill.catalog, **_origin(line)}
                for bill in self.bills for line in bill.lines
            ],
            "outcomes": self.served.to_dict(),
            "decides": self.decides(),
            "notes": list(self.notes),
        }  # fmt: skip


def as_known(row: Row, warnings: Iterable[Warned]) -> Row:
    """Return a row, as the known part where its month hangs on bytes that the trace does not tell.

    Parameters
    ----------
    row : Row
        A month as the known bytes have it.
    warnings : iterable of Warned
        What reading the trace found.
    """
    is_untold = row.hangs_on_bytes and any(one.code == "bytes_unknown" for one in warnings)
    return replace(row, high=None) if is_untold else row


def _origin(line: LineItem) -> dict[str, str | None]:
    """Return the page and the date that the price of a line was read from, None where it is unknown."""
    price = line.price
    return {
        "source": None if price is None else price.source,
        "checked_on": None if price is None else str(price.checked_on),
        "confidence": None if price is None else price.confidence,
    }


def _written(value: Fraction) -> str:
    return str(value.numerator) if value.denominator == 1 else str(value)


def row_of(estimate: Estimate, title: str, name: str) -> Row:
    """Return the row of a function platform's own estimate.

    Parameters
    ----------
    estimate : Estimate
        With a month.
    title, name : str
        What the row is called for people and in data.
    """
    month = estimate.monthly or estimate.bill
    traffic = Traffic(
        estimate.lives.sessions, estimate.lives.natural_ms, estimate.lives.data_messages, estimate.knows_silences,
        estimate.factor,
    )  # fmt: skip
    ends = [case.amount for case in (estimate.case, *estimate.bounds.values())]
    config = estimate.first
    setting = f"idle {config.idle_timeout_s:g} s, execution {config.exec_timeout_s:g} s, {config.memory_mb:,} MB"
    if config.max_concurrency > 1:
        setting += f", {config.max_concurrency} connections an instance"
    return Row(
        name=name, title=title, region=estimate.terms.region, bills=(month,), low=min(ends),
        high=None if lacks(estimate.not_known, *OF_MONEY) else max(ends),
        served=Served.by(estimate.impact, traffic, estimate.usage["invocations"]),
        quantities={one: Fraction(value) for one, value in estimate.usage.items()},
        notes=(setting,), kind="function",
    )  # fmt: skip
