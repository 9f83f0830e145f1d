"""What a trace costs under given settings: the floors below, put together into one result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from scfcost.catalog.limits import limit_warnings
from scfcost.catalog.load import DEFAULT_BOOK, load_book
from scfcost.config import RECONNECTS, FunctionConfig
from scfcost.errors import ConfigError, TraceError, nearest
from scfcost.hourly import hourly_usage
from scfcost.lifecycle.grid import sums_at
from scfcost.lifecycle.instances import Packing, busy_bounds, pack, would_refuse
from scfcost.lifecycle.outcomes import EMPTY_CLOSE, EXEC_TIMEOUT, IDLE_TIMEOUT, OK, name
from scfcost.lifecycle.replay import Invocations, replay
from scfcost.metering import Usage, check_sums, measure, total, usage_of_sums
from scfcost.pricing import Bill, Terms, price
from scfcost.report import document, html
from scfcost.trace.assume import HIGH, LOW, POINT, assume, assumptions
from scfcost.trace.model import Trace
from scfcost.units import MS_PER_MONTH
from scfcost.warned import Warned

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = "scfcost.estimate/1"
"""Name and version of the JSON document."""


@dataclass(frozen=True, slots=True)
class Impact:
    """What the timeouts did to people."""

    cut: int
    """Invocations ended by a timeout. [1]"""
    cut_harmful: int
    """Cuts that lost, missed or delayed a message. [1]"""
    messages_lost: int
    messages_delayed: int
    pushes_missed: int
    reconnects: int

    @property
    def cut_harmless(self) -> int:
        """Cuts that nobody could notice but by a reconnect. [1]"""
        return self.cut - self.cut_harmful

    @property
    def undelivered(self) -> int:
        """Messages that did not arrive, or arrived late. [1]"""
        return self.messages_lost + self.messages_delayed + self.pushes_missed

    def to_dict(self) -> dict[str, int]:
        """Return the impact as plain data."""
        return {
            "cut": self.cut,
            "cut_harmful": self.cut_harmful,
            "cut_harmless": self.cut_harmless,
            "messages_lost": self.messages_lost,
            "messages_delayed": self.messages_delayed,
            "pushes_missed": self.pushes_missed,
            "reconnects": self.reconnects,
        }


@dataclass(frozen=True, slots=True)
class Result:
    """What one replay of a trace gives: invocations, where they ran, usage and bills."""

    invocations: Invocations
    packing: Packing
    usages: dict[str, Usage]
    bill: Bill
    monthly: Bill | None

    @property
    def usage(self) -> Usage:
        """The usage of all functions."""
        return total(self.usages)


@dataclass(frozen=True, eq=False)
class Estimate:
    """The bill of a trace, and what the timeouts did. Made by `estimate`."""

    trace: Trace
    functions: dict[str, FunctionConfig]
    """The settings of each function of the trace."""
    terms: Terms
    result: Result
    """The numbers; for a trace without message rows those of the point."""
    bounds: dict[str, Result]
    """`low` and `high` of a trace without message rows, else empty."""
    refused: dict[str, int]
    """Invocations that the regional quota (432) and the burst limit (429) would refuse. [1]"""
    quota_mb: int | None
    """Regional memory quota, None where unknown. [MB]"""
    policies: dict[str, tuple[Impact, Bill | None]]
    """What each reconnect policy would give, where the user stated none."""
    warnings: tuple[Warned, ...] = field(default=())

    @property
    def bill(self) -> Bill:
        """Cost of the recorded usage, without allowance or plan."""
        return self.result.bill

    @property
    def monthly(self) -> Bill | None:
        """Cost of a month of 30 days, None where the window is 0 ms."""
        return self.result.monthly

    @property
    def usage(self) -> Usage:
        """What the bill is made of."""
        return self.result.usage

    @property
    def outcomes(self) -> dict[str, int]:
        """Invocations by status code."""
        return count_outcomes(self.result.invocations)

    @property
    def impact(self) -> Impact:
        """What the timeouts did to people."""
        return impact_of(self.result.invocations)

    @property
    def factor(self) -> Fraction | None:
        """30 days over the window, None where the window is 0 ms."""
        return month_factor(self.trace)

    def invocations(self) -> pd.DataFrame:
        """Return one row an invocation, in the order of connection id and number.

        Returns
        -------
        DataFrame
            connection_id, function, number, start and end (UTC), duration_ms, outcome, harmful, egress_bytes, instance.
        """
        import pandas as pd

        rows = self.result.invocations
        return pd.DataFrame(
            {
                "connection_id": self.trace.connection_id[rows.session],
                "function": np.array(self.trace.functions, dtype=object)[self.trace.function_code[rows.session]],
                "number": rows.number,
                "start": pd.to_datetime(rows.start_ms, unit="ms", utc=True),
                "end": pd.to_datetime(rows.end_ms, unit="ms", utc=True),
                "duration_ms": rows.duration_ms,
                "outcome": pd.Categorical([name(int(code)) for code in rows.outcome]),
                "harmful": rows.harmful,
                "egress_bytes": rows.egress_bytes,
                "instance": self.result.packing.instance,
            }
        )

    def hourly(self) -> pd.DataFrame:
        """Return the usage by clock hour of the book's time zone, one row an hour and function."""
        result, terms = self.result, self.terms
        return hourly_usage(
            self.trace, result.invocations, result.packing, self.functions,
            time_zone=terms.book.time_zone, granularity_ms=terms.period.granularity_ms,
        )  # fmt: skip

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON document of `scfcost estimate --format json`, as plain data."""
        config, result = self.functions[self.trace.functions[0]], self.result
        found: dict[str, Any] = {
            "schema": SCHEMA,
            "trace": document.of_trace(self.trace),
            "function": document.of_function(config),
            "usage": document.of_usage(result.usage),
            "outcomes": self.outcomes,
            "impact": self.impact.to_dict(),
            "concurrency": self._concurrency(),
            "bill": result.bill.to_dict(),
            "monthly": self._monthly(result.monthly),
            "warnings": [{"code": one.code, "message": one.message} for one in self.warnings],
        }
        if len(self.trace.functions) > 1:
            found["functions"] = {one: self._function(one) for one in self.trace.functions}
        if self.bounds:
            found["bounds"] = {
                which: {
                    "usage": document.of_usage(bound.usage),
                    "bill": bound.bill.to_dict(),
                    "monthly": self._monthly(bound.monthly),
                }
                for which, bound in self.bounds.items()
            }
        return found

    def impact_row(self) -> dict[str, Any]:
        """Return what a constraint limits, under the names of a sweep's columns."""
        return {**self.impact.to_dict(), "monthly_amount": None if self.monthly is None else self.monthly.total}

    def _repr_html_(self) -> str:
        return html.fragment(self.to_dict())

    def _monthly(self, bill: Bill | None) -> dict[str, Any] | None:
        factor = self.factor
        if bill is None or factor is None:
            return None
        return {"factor": f"{factor.numerator}/{factor.denominator}", **bill.to_dict()}

    def _concurrency(self) -> dict[str, Any]:
        packing, rows = self.result.packing, self.result.invocations
        found: dict[str, Any] = {
            "peak_connections": packing.peak_connections,
            "peak_instances": packing.peak_instances,
            "peak_memory_mb": packing.peak_memory_mb,
            "quota_mb": self.quota_mb,
            "would_refuse": self.refused,
            "cold_starts": int(packing.cold_starts.sum()),
        }
        if any(config.max_concurrency > 1 for config in self.functions.values()):
            bounds = [
                busy_bounds(rows.start_ms[own], rows.end_ms[own], self.functions[one].max_concurrency)
                for one, own in self._own_rows()
            ]
            found["billed_ms_bounds"] = [sum(low for low, _ in bounds), sum(high for _, high in bounds)]
        return found

    def _own_rows(self) -> list[tuple[str, Any]]:
        function = self.trace.function_code[self.result.invocations.session]
        return [(one, function == code) for code, one in enumerate(self.trace.functions)]

    def _function(self, one: str) -> dict[str, Any]:
        code = self.trace.functions.index(one)
        rows = select(self.result.invocations, dict(self._own_rows())[one], code)
        own = dict(self.functions)
        packing = pack(self.trace, rows, own, granularity_ms=self.terms.period.granularity_ms)
        return {
            "function": document.of_function(self.functions[one]),
            "usage": document.of_usage(self.result.usages[one]),
            "outcomes": count_outcomes(rows),
            "impact": impact_of(rows).to_dict(),
            "concurrency": {
                "peak_connections": packing.peak_connections,
                "peak_instances": packing.peak_instances,
                "peak_memory_mb": packing.peak_memory_mb,
                "cold_starts": int(packing.cold_starts.sum()),
            },
        }


def estimate(
    trace: Trace,
    function: FunctionConfig | None = None,
    *,
    functions: Mapping[str, FunctionConfig] | None = None,
    region: str | None = None,
    plan: str = "payg",
    catalog: str = DEFAULT_BOOK,
    pricing_date: date | None = None,
    traffic_rule: str = "response",
    quota_mb: int | None = None,
    burst_per_minute: int | None = None,
) -> Estimate:
    """Replay a trace under the platform's rules and price what it used.

    Parameters
    ----------
    trace : Trace
        Connections as they would live without the platform's timeouts.
    function : FunctionConfig, optional
        Settings of every function that `functions` does not name; the platform's defaults otherwise.
    functions : mapping of str to FunctionConfig, optional
        Settings by the name of a function of the trace.
    region : str, optional
        Region whose traffic price and quota apply; the book's default otherwise.
    plan : str
        `payg`, `free`, `trial` or a package of the book.
    catalog : str
        Name of a price book, or a TOML file.
    pricing_date : date, optional
        Day whose prices apply; the newest period otherwise.
    traffic_rule : {"response", "outbound"}
        Whether a web function's bytes are response traffic, which no allowance covers.
    quota_mb, burst_per_minute : int, optional
        Limits to report against; the plan's or the region's otherwise. [MB], [1/min]

    Returns
    -------
    Estimate
        Bill, usage, outcomes, impact and concurrency.

    Raises
    ------
    CatalogError
        If region, plan, catalog or date is not known.
    ConfigError
        If `functions` names a function that the trace does not have.
    """
    book = load_book(catalog)
    terms = Terms(book, book.period(pricing_date), book.region(region)[0], plan, traffic_rule)
    configs = _configs(trace, function or FunctionConfig(), functions or {})
    if not check_sums(trace):
        raise TraceError("the trace is too long or too large to be summed exactly; estimate it in parts")
    quota = quota_mb if quota_mb is not None else terms.quota_mb()
    burst = burst_per_minute if burst_per_minute is not None else terms.burst_per_minute()
    point = trace if trace.has_messages else assume(trace, POINT)
    result, refused = _compute(point, configs, terms, quota, burst)
    bounds = {}
    if not trace.has_messages:
        bounds = {which: _compute(assume(trace, which), configs, terms, quota, burst)[0] for which in (LOW, HIGH)}
    policies = _policies(point, configs, terms, result)
    warnings = _warnings(trace, configs, terms, result, refused, quota)
    return Estimate(trace, configs, terms, result, bounds, refused, quota, policies, tuple(warnings))


def compute(
    trace: Trace, configs: Mapping[str, FunctionConfig], terms: Terms
) -> tuple[Impact, Usage, Bill, Bill | None]:
    """Price one setting without its invocations and peaks: what a comparison of settings needs."""
    granularity = terms.period.granularity_ms
    sums = sums_at(trace, configs) if granularity == 1 else None
    if sums is not None:
        usages = {one: usage_of_sums(configs[one], own) for one, own in sums.items()}
        impact = _impact_of_sums(list(sums.values()))
    else:
        invocations = replay(trace, configs)
        shared = any(config.max_concurrency > 1 for config in configs.values())
        packing = pack(trace, invocations, configs, granularity_ms=granularity) if shared else None
        usages = measure(trace, invocations, configs, granularity_ms=granularity, packing=packing)
        impact = impact_of(invocations)
    usage = total(usages)
    return impact, usage, *_bills(trace, usage, terms)


def month_of(
    trace: Trace, invocations: Invocations, configs: Mapping[str, FunctionConfig], terms: Terms
) -> Bill | None:
    """Price the month of invocations that are known already, on instances with these settings."""
    granularity = terms.period.granularity_ms
    packing = pack(trace, invocations, configs, granularity_ms=granularity)
    usages = measure(trace, invocations, configs, granularity_ms=granularity, packing=packing)
    return _bills(trace, total(usages), terms)[1]


def _impact_of_sums(sums: Sequence[Mapping[str, int]]) -> Impact:
    names = ("cut", "cut_harmful", "messages_lost", "messages_delayed", "pushes_missed", "reconnects")
    return Impact(*(sum(own[one] for own in sums) for one in names))


def count_outcomes(invocations: Invocations) -> dict[str, int]:
    """Count the invocations by status code; 200, 433 and 455 are always there."""
    codes, counts = np.unique(invocations.outcome, return_counts=True)
    found = {int(code): int(count) for code, count in zip(codes, counts, strict=True)}
    shown = sorted({OK, EXEC_TIMEOUT, IDLE_TIMEOUT, *found}, key=lambda code: code or 1_000)
    return {name(code): found.get(code, 0) for code in shown}


def impact_of(invocations: Invocations) -> Impact:
    """Sum what the cuts did."""
    cut = np.isin(invocations.outcome, (IDLE_TIMEOUT, EXEC_TIMEOUT))
    lost, delayed, missed = (int(value) for value in invocations.tally.sum(axis=0))
    return Impact(
        cut=int(cut.sum()),
        cut_harmful=int(invocations.harmful.sum()),
        messages_lost=lost,
        messages_delayed=delayed,
        pushes_missed=missed,
        reconnects=int((invocations.number > 0).sum()),
    )


def select(invocations: Invocations, rows: Any, function: int) -> Invocations:
    """Return the invocations of one function."""
    columns = [getattr(invocations, one)[rows] for one in Invocations.__slots__ if one != "tally"]
    return Invocations(*columns, *[invocations.tally[function : function + 1]])


def month_factor(trace: Trace) -> Fraction | None:
    """Return 30 days over the window, None where the window is 0 ms."""
    return Fraction(MS_PER_MONTH, trace.window_ms) if trace.window_ms > 0 else None


def _configs(trace: Trace, base: FunctionConfig, named: Mapping[str, FunctionConfig]) -> dict[str, FunctionConfig]:
    for one in named:
        if one not in trace.functions:
            raise ConfigError(f"function {one!r} is not in the trace; {nearest(one, trace.functions)}")
    return {one: named.get(one, base) for one in trace.functions}


def _compute(
    trace: Trace, configs: Mapping[str, FunctionConfig], terms: Terms, quota_mb: int | None, burst: int
) -> tuple[Result, dict[str, int]]:
    invocations = replay(trace, configs)
    granularity = terms.period.granularity_ms
    packing = pack(trace, invocations, configs, granularity_ms=granularity, quota_mb=quota_mb, burst_per_minute=burst)
    refused = would_refuse(packing)
    if any(refused.values()):  # refusals are reported and change no usage
        packing = pack(trace, invocations, configs, granularity_ms=granularity)
    usages = measure(trace, invocations, configs, granularity_ms=granularity, packing=packing)
    bill, monthly = _bills(trace, total(usages), terms)
    return Result(invocations, packing, usages, bill, monthly), refused


def _bills(trace: Trace, usage: Usage, terms: Terms) -> tuple[Bill, Bill | None]:
    factor = month_factor(trace)
    bill = price(usage, terms, with_plan=False)
    if factor is None:
        return bill, None
    return bill, price(usage.project(factor.numerator, factor.denominator), terms, with_plan=True)


def _policies(
    trace: Trace, configs: Mapping[str, FunctionConfig], terms: Terms, result: Result
) -> dict[str, tuple[Impact, Bill | None]]:
    """Compute all three policies where the user stated none: what clients do decides the bill."""
    if any(config.reconnect is not None for config in configs.values()):
        return {}
    found = {RECONNECTS[0]: (impact_of(result.invocations), result.monthly)}
    for policy in RECONNECTS[1:]:
        stated = {one: config.replace(reconnect=policy) for one, config in configs.items()}
        impact, _, _, monthly = compute(trace, stated, terms)
        found[policy] = impact, monthly
    return found


def _warnings(
    trace: Trace, configs: Mapping[str, FunctionConfig], terms: Terms, result: Result, refused: dict[str, int],
    quota_mb: int | None,
) -> list[Warned]:  # fmt: skip
    found = list(trace.provenance.warnings)
    for config in dict.fromkeys(configs.values()):
        found += limit_warnings(config, terms.book)
    empty = int((trace.close_code == EMPTY_CLOSE).sum())
    if empty:
        text = (
            f"{empty} connections closed with 1005, the empty close frame of a bare close(); whether the vendor takes "
            "it as normal is not documented (--empty-close-is-normal)"
        )
        found.append(Warned("empty_close", text))
    if trace.window_ms == 0:
        found.append(Warned("no_projection", "the window is 0 ms long, so there is no projection to a month"))
    for item in result.bill.unknown:
        text = f"{terms.book.name} has no price for {item} in {terms.region}: it is unknown and not in the total"
        found.append(Warned("price_unknown", text))
    if not trace.has_messages:
        text = "no message rows: low, point and high are shown; the point takes "
        found.append(Warned("no_messages", text + "; ".join(assumptions(trace))))
    if quota_mb is None:
        found.append(Warned("quota_unknown", f"the memory quota of {terms.region} is not known to {terms.book.name}"))
    if any(refused.values()):
        text = (
            f"{refused['432']} invocations would be refused by the memory quota (432), "
            f"{refused['429']} by the burst limit (429)"
        )
        found.append(Warned("would_refuse", text))
    return found
