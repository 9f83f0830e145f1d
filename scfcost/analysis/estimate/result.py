"""What a priced trace says of itself, whether it was replayed as a whole or summed in parts."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from scfcost.analysis.estimate import document
from scfcost.analysis.evaluate import Impact
from scfcost.billing.metering import Usage
from scfcost.billing.pricing import Bill
from scfcost.billing.terms import Terms
from scfcost.catalog.limits import limit_warnings
from scfcost.config.function import FunctionConfig
from scfcost.core.warning import Warned
from scfcost.lifecycle.environment import Platform
from scfcost.lifecycle.records import Load
from scfcost.report import html
from scfcost.trace.assumption import assumptions

SCHEMA = "scfcost.estimate/1"
"""Name and version of the JSON document."""


@dataclass(frozen=True, slots=True)
class Lives:
    """The sessions of a trace, and the connection time that was billed, as sums."""

    sessions: int
    """Connections as they would live without timeouts. [1]"""
    natural_ms: int
    """Their lengths together. [ms]"""
    active_ms: int
    """Invocations from connect to their last message. [ms]"""
    tail_ms: int
    """From there to their end. [ms]"""
    dead_ms: int
    """Invocations without a message. [ms]"""


class Priced(ABC):
    """The bill of a trace, and what the timeouts did."""

    functions: dict[str, FunctionConfig]
    terms: Terms
    platform: Platform
    policies: dict[str, tuple[Impact, Bill | None]]
    warnings: tuple[Warned, ...]

    @property
    @abstractmethod
    def load(self) -> Load:
        """What the invocations took of instances."""

    @property
    @abstractmethod
    def refused(self) -> dict[str, int]:
        """Invocations that the memory quota (432) and the burst limit (429) refuse, or would refuse. [1]"""

    @property
    @abstractmethod
    def busy_bounds(self) -> tuple[int, int]:
        """What the busy time of any placement lies between, see `lifecycle.instances.busy_bounds`. [ms]"""

    @property
    @abstractmethod
    def usages(self) -> dict[str, Usage]:
        """The usage of each function."""

    @property
    @abstractmethod
    def usage(self) -> Usage:
        """What the bill is made of."""

    @property
    @abstractmethod
    def bill(self) -> Bill:
        """Cost of the recorded usage, without allowance or plan."""

    @property
    @abstractmethod
    def monthly(self) -> Bill | None:
        """Cost of a month of 30 days, None where the window is 0 ms."""

    @property
    @abstractmethod
    def factor(self) -> Fraction | None:
        """30 days over the window, None where the window is 0 ms."""

    @property
    @abstractmethod
    def window_ms(self) -> int:
        """Length of the window. [ms]"""

    @property
    @abstractmethod
    def outcomes(self) -> dict[str, int]:
        """Invocations by status code."""

    @property
    @abstractmethod
    def impact(self) -> Impact:
        """What the timeouts did to people."""

    @property
    @abstractmethod
    def lives(self) -> Lives:
        """Sessions and connection time as sums."""

    @property
    def quota_mb(self) -> int | None:
        """Regional memory quota, None where unknown. [MB]"""
        return self.platform.quota_mb

    @property
    def first(self) -> FunctionConfig:
        """The settings of the first function."""
        return next(iter(self.functions.values()))

    @property
    @abstractmethod
    def bound_bills(self) -> dict[str, tuple[Usage, Bill, Bill | None]]:
        """Usage, bill and month of `low` and `high` of a trace without message rows, else empty."""

    @abstractmethod
    def month_shared(self, connections: int) -> Bill | None:
        """Return the month with so many connections an instance; None where that is not known."""

    @abstractmethod
    def month_idle(self, idle_s: int) -> tuple[Impact, Bill | None] | None:
        """Return impact and month with an idle timeout of at most so many seconds; None where that is not known."""

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON document of `scfcost estimate --format json`, as plain data."""
        found: dict[str, Any] = {
            "schema": SCHEMA,
            "trace": self._extent(),
            "function": document.of_function(self.first),
            "usage": document.of_usage(self.usage),
            "outcomes": self.outcomes,
            "impact": self.impact.to_dict(),
            "concurrency": self._concurrency(),
            "bill": self.bill.to_dict(),
            "monthly": self._monthly(self.monthly),
            "warnings": [{"code": one.code, "message": one.message} for one in self.warnings],
        }
        if excess := self._excess():
            found["message_limits"] = excess
        if len(self.functions) > 1:
            found["functions"] = {one: self._function(one) for one in self.functions}
        if bounds := self._bounds():
            found["bounds"] = bounds
        return found

    def impact_row(self) -> dict[str, Any]:
        """Return what a constraint limits, under the names of a sweep's columns."""
        return {**self.impact.to_dict(), "monthly_amount": None if self.monthly is None else self.monthly.total}

    def __repr__(self) -> str:
        """Return the cost and what it is of, for a console."""
        bill, period = (self.bill, "for the trace") if self.monthly is None else (self.monthly, "a month")
        return f"<Estimate: {bill.currency} {bill.total:,} {period}, {self.lives.sessions:,} connections>"

    def _repr_html_(self) -> str:
        return html.estimate(self.to_dict())

    def _monthly(self, bill: Bill | None) -> dict[str, Any] | None:
        factor = self.factor
        if bill is None or factor is None:
            return None
        return {"factor": f"{factor.numerator}/{factor.denominator}", **bill.to_dict()}

    def _bounds(self) -> dict[str, Any]:
        return {
            which: {"usage": document.of_usage(usage), "bill": bill.to_dict(), "monthly": self._monthly(monthly)}
            for which, (usage, bill, monthly) in self.bound_bills.items()
        }

    @abstractmethod
    def _extent(self) -> dict[str, Any]:
        """Describe what was read."""

    def _concurrency(self) -> dict[str, Any]:
        found = document.of_concurrency(self.load, self.quota_mb, self.refused)
        if any(config.max_concurrency > 1 for config in self.functions.values()):
            found["billed_ms_bounds"] = list(self.busy_bounds)
        return found

    def _function(self, one: str) -> dict[str, Any]:
        """Describe one function of several, where its invocations run alone."""
        code = list(self.functions).index(one)
        outcomes, impact, load = self._alone(code)
        return {
            "function": document.of_function(self.functions[one]),
            "usage": document.of_usage(self.usages[one]),
            "outcomes": outcomes,
            "impact": impact.to_dict(),
            "concurrency": {
                "peak_connections": load.peak_connections,
                "peak_instances": load.peak_instances,
                "peak_memory_mb": load.peak_memory_mb,
                "cold_starts": int(load.cold_starts[code]),
            },
        }

    @abstractmethod
    def _alone(self, code: int) -> tuple[dict[str, int], Impact, Load]:
        """Return outcomes and impact of one function of several, and its load as if it were alone."""

    @abstractmethod
    def _excess(self) -> dict[str, Any]:
        """Describe which connections go beyond the message limits; empty where none does."""


def setting_warnings(configs: Mapping[str, FunctionConfig], terms: Terms) -> Iterator[Warned]:
    """Yield the settings that lie outside what the vendor documents."""
    for config in dict.fromkeys(configs.values()):
        yield from limit_warnings(config, terms.book)


def close_warnings(empty: int) -> Iterator[Warned]:
    """Yield that connections closed with an empty frame."""
    if empty:
        text = (
            f"{empty:,} connections closed with 1005, the empty close frame of a bare close(); whether the vendor "
            "takes it as normal is not documented (--empty-close-is-normal)"
        )
        yield Warned("empty_close", text)


def bill_warnings(window_ms: int, bill: Bill, terms: Terms) -> Iterator[Warned]:
    """Yield what the bill cannot say."""
    if window_ms == 0:
        yield Warned("no_projection", "the window is 0 ms long, so there is no projection to a month")
    for item in bill.unknown:
        text = f"{terms.book.name} has no price for {item} in {terms.region}: it is unknown and not in the total"
        yield Warned("price_unknown", text)


def assumption_warnings(counts: tuple[int, int, int]) -> Iterator[Warned]:
    """Yield what is supposed of a trace without message rows, from counts as `assumed` gives them."""
    text = "no message rows: low, point and high are shown; the point takes "
    yield Warned("no_messages", text + "; ".join(assumptions(counts)))


def quota_warnings(platform: Platform, terms: Terms, refused: Mapping[str, int]) -> Iterator[Warned]:
    """Yield what quota and burst limit refuse, or would refuse."""
    if platform.quota_mb is None:
        yield Warned("quota_unknown", f"the memory quota of {terms.region} is not known to {terms.book.name}")
    if any(refused.values()):
        would = "were" if platform.refuses else "would be"
        text = (
            f"{refused['432']:,} invocations {would} refused by the memory quota (432), "
            f"{refused['429']:,} by the burst limit (429)"
        )
        yield Warned("refused" if platform.refuses else "would_refuse", text)
