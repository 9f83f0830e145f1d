"""An architecture and the estimates of its traffic into one month: usage in integers, amounts in Decimal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from scfcost.analysis.architecture.events import events_of
from scfcost.analysis.architecture.schema import Architecture, Call, Service, Trigger
from scfcost.analysis.estimate import document
from scfcost.analysis.estimate.estimate import TraceEstimate
from scfcost.analysis.estimate.lead import shortfalls
from scfcost.analysis.known import SILENCES, Unknown
from scfcost.billing.meters import Measured, Usage, usage_from
from scfcost.billing.pricing import Bill, price
from scfcost.billing.terms import Terms
from scfcost.catalog.services import listed_services
from scfcost.core.errors import ConfigError
from scfcost.core.money import EXACT, ZERO, plain, round_amount, round_ratio
from scfcost.report import html

SCHEMA = "scfcost.architecture/1"
"""Name and version of the JSON document."""


@dataclass(frozen=True, slots=True)
class Load:
    """What one function does in a month."""

    usage: Usage
    events: dict[str, int | None]
    """How often each event happens; None where the traffic does not tell. [1]"""


@dataclass(frozen=True, slots=True)
class FunctionLine:
    """A function of the report."""

    name: str
    function_type: str
    usage: Usage
    bill: Bill
    """What it would cost alone, at unit prices."""


@dataclass(frozen=True, slots=True)
class ServiceLine:
    """A service of the report."""

    name: str
    uses: int
    fixed: Decimal
    by_use: Decimal
    source: str

    @property
    def amount(self) -> Decimal:
        """Sum of the two rounded parts. [currency]"""
        return self.fixed + self.by_use


@dataclass(frozen=True, slots=True)
class Costing:
    """The month of an architecture. Made by `cost`."""

    name: str
    functions: tuple[FunctionLine, ...]
    services: tuple[ServiceLine, ...]
    platform: Bill
    """The bill of all functions together, with allowances and plan."""
    shortfalls: tuple[str, ...] = ()
    """What keeps a function's settings from delivering its traffic."""
    not_known: tuple[Unknown, ...] = ()
    """What the traffic does not tell, so that an amount is a point, or the known part."""

    @property
    def adjustment(self) -> Decimal:
        """What allowances, plan and rounding together change about the functions' own amounts. [currency]"""
        return self.platform.total - sum((line.bill.total for line in self.functions), ZERO)

    @property
    def total(self) -> Decimal:
        """The platform's bill and the services. [currency]"""
        return self.platform.total + sum((line.amount for line in self.services), ZERO)

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON document, decimals as strings."""
        return {
            "schema": SCHEMA,
            "name": self.name,
            "currency": self.platform.currency,
            "functions": [
                {
                    "name": line.name,
                    "type": line.function_type,
                    "usage": document.of_usage(line.usage),
                    "amount": plain(line.bill.total),
                }
                for line in self.functions
            ],
            "adjustment": plain(self.adjustment),
            "services": [
                {
                    "name": line.name,
                    "uses": line.uses,
                    "fixed": plain(line.fixed),
                    "by_use": plain(line.by_use),
                    "amount": plain(line.amount),
                    "source": line.source,
                }
                for line in self.services
            ],
            "platform": self.platform.to_dict(),
            "shortfalls": list(self.shortfalls),
            "not_known": [one.to_dict() for one in self.not_known],
            "total": plain(self.total),
        }

    def _repr_html_(self) -> str:
        return html.costing(self.to_dict())


def cost(architecture: Architecture, estimates: Mapping[str, TraceEstimate], terms: Terms) -> Costing:
    """Price a month of an architecture.

    Each traffic is projected to a month first; calls and uses are counted from the month's events, rounded half-up to
    whole ones. All functions share one account, so allowances and the plan apply to their sum.

    Parameters
    ----------
    architecture : Architecture
        Functions, calls and services.
    estimates : mapping of str to TraceEstimate
        The estimate of each function that has traffic, at its own settings.
    terms : Terms
        Price book, period, region, plan and traffic rule.

    Raises
    ------
    ConfigError
        If a function has neither traffic nor calls, calls go round in a circle, traffic has no month, an event is
        counted that the traffic does not tell, or a service is priced in another currency.
    """
    loads: dict[str, Load] = {}
    for name in architecture.functions:
        _load(name, architecture, estimates, terms, loads, ())
    functions = tuple(
        FunctionLine(
            name, function.config.function_type, loads[name].usage, price(loads[name].usage, terms, with_plan=False)
        )
        for name, function in architecture.functions.items()
    )
    services = tuple(_service(one, loads, terms.book.currency) for one in architecture.services)
    whole = sum((load.usage for load in loads.values()), Usage())
    said = tuple(f"{name}: {text}" for name, found in estimates.items() for text in shortfalls(found))
    unknown = tuple(_unknown(name, found, one) for name, found in estimates.items() for one in found.not_known)
    return Costing(architecture.name, functions, services, price(whole, terms, with_plan=True), said, unknown)


def _unknown(name: str, found: TraceEstimate, one: Unknown) -> Unknown:
    """Say of which function something is not known, and between which ends its own traffic then lies."""
    text = f"{name}: {one.message}"
    ends = [case.monthly.total for case in found.bounds.values() if case.monthly is not None]
    if one.what == SILENCES and ends:
        text += f"; the month of its traffic lies between {min(ends):,} and {max(ends):,}, and a point of it is taken"
    return replace(one, message=text)


def _load(
    name: str, architecture: Architecture, estimates: Mapping[str, TraceEstimate], terms: Terms,
    loads: dict[str, Load], path: tuple[str, ...],
) -> Load:  # fmt: skip
    """Find what a function does, from its traffic and from those that call it, which are found first."""
    if name in path:
        raise ConfigError(f"calls go round in a circle: {' → '.join((*path[path.index(name) :], name))}")
    if name in loads:
        return loads[name]
    incoming = [call for call in architecture.calls if call.callee == name]
    if not incoming and name not in estimates:
        raise ConfigError(
            f"functions.{name}: has no traffic and nothing calls it; give traffic, a share with traces beside the "
            "file, or a [[calls]] table with callee = its name"
        )
    usage = Usage()
    events: dict[str, int | None] = {"connect": 0, "message-up": 0, "message-down": 0, "disconnect": 0}
    if name in estimates:
        load = _of_traffic(name, estimates[name], architecture.functions[name].share or Fraction(1))
        usage, events = load.usage, load.events
    for call in incoming:
        caller = _load(call.caller, architecture, estimates, terms, loads, (*path, name))
        times = _times(call, caller.events)
        usage += _of_calls(call, times, architecture, terms)
        for event in ("connect", "disconnect"):
            events[event] = (events[event] or 0) + times
    loads[name] = Load(usage, events)
    return loads[name]


def _of_traffic(name: str, found: TraceEstimate, share: Fraction) -> Load:
    """Project a share of the traffic of a trace to a month."""
    if found.factor is None:
        raise ConfigError(f"functions.{name}: its traffic lasts 0 ms, so there is no month to project")
    month = found.factor * share
    events = {
        event: None if count is None else round_ratio(count, month.numerator, month.denominator)
        for event, count in events_of(found).items()
    }
    return Load(found.usage.project(month.numerator, month.denominator), events)


def _times(trigger: Trigger, events: Mapping[str, int | None]) -> int:
    """Return how often something is set off in a month, half-up."""
    happened = events[trigger.on]
    if happened is None:
        raise ConfigError(
            f"{trigger.on} of function {trigger.caller!r} cannot be counted: its traffic has no message rows; "
            "use an events file, or count on connect"
        )
    return round_ratio(happened, trigger.count.numerator, trigger.count.denominator)


def _of_calls(call: Call, times: int, architecture: Architecture, terms: Terms) -> Usage:
    """Meter calls, each alone on its instance and rounded up to the price book's granularity."""
    granularity = terms.period.granularity_ms
    busy_ms = times * (-(-call.duration_ms // granularity) * granularity)
    config = architecture.functions[call.callee].config
    return usage_from(Measured(config, times, busy_ms, busy_ms, times * call.bytes_out))


def _service(service: Service, loads: Mapping[str, Load], currency: str) -> ServiceLine:
    monthly, per_use, batch, source = service.monthly, service.per_use, service.uses_per_price, service.source
    if service.price is not None:
        listed = listed_services()[service.price]
        if listed.currency != currency:
            text = f"{service.price} is priced in {listed.currency}, the bill in {currency}"
            raise ConfigError(f"service {service.name!r}: {text}; give monthly and per_use instead")
        monthly, per_use, batch = listed.monthly, listed.per_use, listed.uses_per_price
        source = f"{listed.title}: {listed.source}"
    uses = sum(_times(use, loads[use.caller].events) for use in service.uses)
    fixed = _rounded(service.units * Fraction(monthly or ZERO))
    return ServiceLine(service.name, uses, fixed, _rounded(Fraction(uses, batch) * Fraction(per_use or ZERO)), source)


def _rounded(amount: Fraction) -> Decimal:
    """Round an exact amount half-up to 2 decimals."""
    hundredths = round_ratio(amount.numerator, 100, amount.denominator)
    return round_amount(Decimal(hundredths).scaleb(-2, EXACT))
