"""What a priced trace says of itself, whether it was replayed as a whole or summed in parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Protocol

from scfcost.analysis.estimate import document
from scfcost.analysis.evaluate import Case, Impact
from scfcost.analysis.known import SILENCES, Unknown, lacks
from scfcost.billing.messages import MessageCounts
from scfcost.billing.meters import Usage
from scfcost.billing.pricing import Bill
from scfcost.billing.terms import Terms
from scfcost.config.function import FunctionConfig
from scfcost.core.units import MS_PER_MONTH
from scfcost.core.warning import Warned
from scfcost.lifecycle.environment import Platform
from scfcost.lifecycle.records import Load

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
    data_messages: int
    """Messages but for pings and pongs. [1]"""


@dataclass(frozen=True, slots=True)
class Alone:
    """One function of several, as if it were alone."""

    outcomes: dict[str, int]
    """Invocations by status code. [1]"""
    impact: Impact
    load: Load


class Others(Protocol):
    """What an estimate is compared with, looked for when a report asks."""

    def shared(self, connections: int) -> Bill | None:
        """Return the month with so many connections an instance; None where that is not known."""

    def idle(self, idle_s: int) -> tuple[Impact, Bill | None] | None:
        """Return impact and month with an idle timeout of at most so many seconds; None where that is not known."""

    def alone(self, code: int) -> Alone:
        """Return one function of several, by its place, as if it were alone."""


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Estimate:
    """The bill of a trace, and what the timeouts did. Made by `estimate`, and by `estimate_in_parts`."""

    extent: dict[str, Any]
    """What was read, as in the JSON document."""
    window_ms: int
    """Length of the window. [ms]"""
    functions: dict[str, FunctionConfig]
    """The settings of each function of the trace."""
    terms: Terms
    platform: Platform
    """Limits and whether they refuse."""
    case: Case
    """Impact, usage and bills; of a trace without message rows those of the point."""
    bounds: dict[str, Case]
    """`low` and `high` of a trace without message rows, else empty."""
    policies: dict[str, tuple[Impact, Bill | None]]
    """What each reconnect policy would give, where the user stated none."""
    outcomes: dict[str, int]
    """Invocations by status code. [1]"""
    lives: Lives
    """Sessions and connection time as sums."""
    load: Load
    """What the invocations took of instances."""
    busy_bounds: tuple[int, int] | None
    """What the busy time of any placement lies between, None where no instance holds several connections. [ms]"""
    refused: dict[str, int]
    """Invocations that the memory quota (432) and the burst limit (429) refuse, or would refuse. [1]"""
    refusals_listed: dict[str, Any] | None = None
    """Who was refused, as in the JSON document; None where refusing was not asked for."""
    message_limits: dict[str, Any] = field(default_factory=dict)
    """Which connections go beyond the message limits, as in the JSON document; empty where none does."""
    messages: MessageCounts
    """Delivered messages and connection-minutes."""
    others: Others
    """What it is compared with."""
    source_timeouts_ms: tuple[int | None, int | None] = (None, None)
    """The old server's own idle and execution timeout, where its closes are marked. [ms]"""
    not_known: tuple[Unknown, ...] = ()
    """What the input does not tell."""
    warnings: tuple[Warned, ...] = ()

    @property
    def usages(self) -> dict[str, Usage]:
        """The usage of each function."""
        return self.case.usages

    @property
    def usage(self) -> Usage:
        """What the bill is made of."""
        return self.case.usage

    @property
    def bill(self) -> Bill:
        """Cost of the recorded usage, without allowance or plan."""
        return self.case.bill

    @property
    def monthly(self) -> Bill | None:
        """Cost of a month of 30 days, None where the window is 0 ms."""
        return self.case.monthly

    @property
    def impact(self) -> Impact:
        """What the timeouts did to people."""
        return self.case.impact

    @property
    def factor(self) -> Fraction | None:
        """30 days over the window, None where the window is 0 ms."""
        return Fraction(MS_PER_MONTH, self.window_ms) if self.window_ms > 0 else None

    @property
    def quota_mb(self) -> int | None:
        """Regional memory quota, None where unknown. [MB]"""
        return self.platform.quota_mb

    @property
    def knows_silences(self) -> bool:
        """Whether what the timeouts did to people is known."""
        return not lacks(self.not_known, SILENCES)

    @property
    def first(self) -> FunctionConfig:
        """The settings of the first function."""
        return next(iter(self.functions.values()))

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON document of `scfcost estimate --format json`, as plain data."""
        found: dict[str, Any] = {
            "schema": SCHEMA,
            "trace": self.extent,
            "function": document.of_function(self.first),
            "usage": document.of_usage(self.usage),
            "outcomes": self.outcomes,
            "impact": self.impact.to_dict() if self.knows_silences else None,
            "concurrency": self._concurrency(),
            "bill": self.bill.to_dict(),
            "monthly": self._monthly(self.monthly),
            "not_known": [one.to_dict() for one in self.not_known],
            "warnings": [{"code": one.code, "message": one.message} for one in self.warnings],
        }
        found["messages"] = self.messages.to_dict(self.factor) if self.knows_silences else None
        if self.message_limits:
            found["message_limits"] = self.message_limits
        if len(self.functions) > 1:
            found["functions"] = {one: self._function(one) for one in self.functions}
        if self.bounds:
            found["bounds"] = {which: self._bound(case) for which, case in self.bounds.items()}
        return found

    def impact_row(self) -> dict[str, Any]:
        """Return what a constraint limits, under the names of a sweep's columns."""
        impact = {} if not self.knows_silences else self.impact.to_dict()
        return {**impact, "monthly_amount": None if self.monthly is None else self.monthly.total}

    def __repr__(self) -> str:
        """Return the cost and what it is of, for a console."""
        bill, period = (self.bill, "for the trace") if self.monthly is None else (self.monthly, "a month")
        return f"<Estimate: {bill.currency} {bill.total:,} {period}, {self.lives.sessions:,} connections>"

    def _monthly(self, bill: Bill | None) -> dict[str, Any] | None:
        factor = self.factor
        if bill is None or factor is None:
            return None
        return {"factor": f"{factor.numerator}/{factor.denominator}", **bill.to_dict()}

    def _bound(self, case: Case) -> Mapping[str, Any]:
        return {
            "usage": document.of_usage(case.usage),
            "outcomes": case.outcomes,
            "bill": case.bill.to_dict(),
            "monthly": self._monthly(case.monthly),
        }

    def _concurrency(self) -> dict[str, Any]:
        found = document.of_concurrency(self.load, self.quota_mb, self.refused)
        if self.busy_bounds is not None:
            found["billed_ms_bounds"] = list(self.busy_bounds)
        if self.refusals_listed is not None:
            found["refused"] = self.refusals_listed
        return found

    def _function(self, one: str) -> dict[str, Any]:
        """Describe one function of several, where its invocations run alone."""
        code = list(self.functions).index(one)
        alone = self.others.alone(code)
        return {
            "function": document.of_function(self.functions[one]),
            "usage": document.of_usage(self.usages[one]),
            "outcomes": alone.outcomes,
            "impact": alone.impact.to_dict() if self.knows_silences else None,
            "concurrency": {
                "peak_connections": alone.load.peak_connections,
                "peak_instances": alone.load.peak_instances,
                "peak_memory_mb": alone.load.peak_memory_mb,
                "cold_starts": int(alone.load.cold_starts[code]),
            },
        }
