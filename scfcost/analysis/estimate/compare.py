"""A trace on the platform against a plain server of the user's own price."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from fractions import Fraction
from typing import Any

from scfcost.analysis.estimate.lead import shortfalls
from scfcost.analysis.estimate.result import Estimate
from scfcost.analysis.known import LIVES, OF_MONEY, Unknown, lacks
from scfcost.billing.pricing import Bill
from scfcost.core.errors import ConfigError
from scfcost.core.money import round_amount, round_fraction
from scfcost.core.units import MS_PER_HOUR, MS_PER_MONTH
from scfcost.report import html

HOURS_PER_MONTH = MS_PER_MONTH // MS_PER_HOUR
"""Hours of the 30-day month of a projection. [h]"""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Both monthly figures and where they meet."""

    monthly: Bill
    """The month on the platform."""
    servers: int
    """Servers that hold the peak of simultaneous connections. [1]"""
    server: Decimal
    """Cost of those servers for the month. [currency]"""
    connection_hours: Decimal
    """Connection-hours of the month on the platform. [h]"""
    break_even_hours: Decimal | None
    """Connection-hours a month at which both cost the same, None where the platform costs nothing. [h]"""
    break_even_connections: Decimal | None
    """The same as connections that are always open. [1]"""
    setting: dict[str, Any]
    """Idle and execution timeout that are compared. [s]"""
    undelivered: Fraction | None
    """Messages that reach nobody on the platform / messages; None where that is not known."""
    shortfalls: tuple[str, ...]
    """What keeps the platform from delivering at these settings; empty where it delivers."""
    least: Decimal
    """What the month costs on the platform at least. [currency]"""
    most: Decimal | None
    """What it costs at most; None where a price is not known. [currency]"""
    not_known: tuple[Unknown, ...] = ()
    """What the input does not tell."""

    @property
    def currency(self) -> str:
        """Currency of the book."""
        return self.monthly.currency

    @property
    def platform(self) -> Decimal:
        """Cost of the month on the platform. [currency]"""
        return self.monthly.total

    @property
    def cheaper(self) -> str | None:
        """Which of both is cheaper: `platform` or `server`; None where that is not known, or it does not deliver."""
        if self.server <= self.least:
            return "server"
        if self.most is None or self.server <= self.most or self.reason is not None:
            return None
        return "platform"

    @property
    def reason(self) -> str | None:
        """Why the platform is not called cheaper whatever it costs."""
        if self.undelivered is None:
            return "whom its timeouts cut off is not known"
        return f"at these settings {self.shortfalls[0]}" if self.shortfalls else None

    def to_dict(self) -> dict[str, Any]:
        """Return the comparison as plain data, amounts as strings."""
        return {
            "schema": "scfcost.compare/1",
            "currency": self.currency,
            "setting": self.setting,
            "platform_monthly": str(self.platform),
            "servers": self.servers,
            "server_monthly": str(self.server),
            "platform_low": str(self.least),
            "platform_high": None if self.most is None else str(self.most),
            "cheaper": self.cheaper,
            "reason": self.reason,
            "undelivered_share": None if self.undelivered is None else str(round_fraction(self.undelivered, 6)),
            "connection_hours": str(self.connection_hours),
            "break_even_hours": None if self.break_even_hours is None else str(self.break_even_hours),
            "break_even_connections": None if self.break_even_connections is None else str(self.break_even_connections),
            "not_known": [one.to_dict() for one in self.not_known],
        }

    def _repr_html_(self) -> str:
        return html.comparison(self.to_dict())


def compare(estimate: Estimate, server_cost: Decimal, server_capacity: int) -> Comparison:
    """Compare an estimate with servers of one price and capacity.

    Parameters
    ----------
    estimate : Estimate
        A priced trace.
    server_cost : Decimal
        Cost of a server for a month. [currency]
    server_capacity : int
        Connections that a server holds at once. [1]

    Raises
    ------
    ConfigError
        If cost or capacity is impossible, or the trace has no projection to a month.
    """
    if server_cost < 0 or not server_cost.is_finite():
        raise ConfigError(f"server_cost: {server_cost} is no cost of 0 or more")
    if server_capacity < 1:
        raise ConfigError(f"server_capacity: {server_capacity} is less than 1")
    factor = estimate.factor
    if estimate.monthly is None or factor is None:
        raise ConfigError("the window is 0 ms long, so there is no month to compare; give --window")
    peak = estimate.load.peak_connections
    servers = max(-(-peak // server_capacity), 1)
    hours = Fraction(estimate.usage["connection_ms"], MS_PER_HOUR) * factor
    platform = estimate.monthly.total
    cases = (estimate.case, *estimate.bounds.values())
    ends = [case.monthly.total for case in cases if case.monthly is not None]
    server = round_amount(server_cost * servers)
    break_even = Fraction(server) * hours / Fraction(platform) if platform else None
    return Comparison(
        monthly=estimate.monthly,
        servers=servers,
        server=server,
        connection_hours=_tenths(hours),
        break_even_hours=None if break_even is None else _tenths(break_even),
        break_even_connections=None if break_even is None else _tenths(break_even / HOURS_PER_MONTH),
        setting={name: getattr(estimate.first, name) for name in ("idle_timeout_s", "exec_timeout_s")},
        undelivered=_undelivered(estimate),
        shortfalls=shortfalls(estimate),
        least=min(ends),
        most=None if lacks(estimate.not_known, *OF_MONEY, LIVES) else max(ends),
        not_known=estimate.not_known,
    )


def _undelivered(estimate: Estimate) -> Fraction | None:
    if not estimate.knows_silences:
        return None
    return Fraction(estimate.impact.undelivered, max(estimate.lives.data_messages, 1))


def _tenths(value: Fraction) -> Decimal:
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return exact.quantize(Decimal("0.1"), rounding=ROUND_CEILING)
