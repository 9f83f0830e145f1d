"""One replay of a trace and what it costs: the floors below, put together once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

import numpy as np

from scfcost.billing.metering import measure, total, usage_of_sums
from scfcost.billing.meters import Measured, Usage, usage_from
from scfcost.billing.pricing import Bill, price
from scfcost.billing.terms import Terms
from scfcost.config.function import FunctionConfig
from scfcost.core.units import MS_PER_MONTH
from scfcost.lifecycle.environment import Platform
from scfcost.lifecycle.grid import sums_at
from scfcost.lifecycle.instances import load_on
from scfcost.lifecycle.outcomes import CUTS, EXEC_TIMEOUT, IDLE_TIMEOUT, OK, name
from scfcost.lifecycle.records import Invocations, Packing, Run, Sums
from scfcost.lifecycle.replay import replay_sums_of
from scfcost.lifecycle.run import place, run
from scfcost.lifecycle.streaming import Gauged
from scfcost.lifecycle.walk import on_instances
from scfcost.trace.model import Int64, Trace


@dataclass(frozen=True, slots=True)
class Impact:
    """What the timeouts did to people."""

    cut: int
    """Invocations ended by a timeout; those that a recycled instance cut are an outcome of their own. [1]"""
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
        """Messages that reached nobody. [1]"""
        return self.messages_lost + self.pushes_missed

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
class Case:
    """What one setting does to people, uses and costs."""

    impact: Impact
    usages: dict[str, Usage]
    """The usage of each function."""
    bill: Bill
    """Cost of the recorded usage."""
    monthly: Bill | None
    """Cost of a month, None where the window is 0 ms."""
    outcomes: dict[str, int] = field(default_factory=dict)
    """Invocations by status code, where they were counted. [1]"""

    @property
    def usage(self) -> Usage:
        """The usage of all functions."""
        return total(self.usages)

    @property
    def amount(self) -> Decimal:
        """Cost of a month, or of the trace where there is no month. [currency]"""
        return (self.monthly or self.bill).total


@dataclass(frozen=True, slots=True)
class Result:
    """What one replay of a trace gives: what happened, where, usage and bills."""

    run: Run
    usages: dict[str, Usage]
    bill: Bill
    monthly: Bill | None

    @property
    def usage(self) -> Usage:
        """The usage of all functions."""
        return total(self.usages)

    @property
    def invocations(self) -> Invocations:
        """What was accepted."""
        return self.run.invocations

    @property
    def packing(self) -> Packing:
        """Where it ran."""
        return self.run.packing

    def case(self) -> Case:
        """Return what it comes to, without its invocations."""
        outcomes = count_outcomes(self.invocations)
        return Case(impact_of(self.invocations), self.usages, self.bill, self.monthly, outcomes)


def compute(trace: Trace, configs: Mapping[str, FunctionConfig], terms: Terms, platform: Platform) -> Result:
    """Replay a trace, measure it and price it, with every invocation kept.

    Parameters
    ----------
    trace : Trace
        n connections, with an assumption where their silences are not known.
    configs : mapping of str to FunctionConfig
        Settings of each function.
    terms : Terms
        Price book, period, region and plan.
    platform : Platform
        Limits, rounding and clock.
    """
    found = run(trace, configs, platform)
    usages = measured(trace, found.invocations, found.packing, configs, platform)
    return Result(found, usages, *bills(trace, total(usages), terms))


def compare_setting(
    trace: Trace,
    configs: Mapping[str, FunctionConfig],
    terms: Terms,
    platform: Platform,
    *,
    placements: Sequence[str] = (),
) -> Case:
    """Price one setting without its invocations and peaks: what a comparison of settings needs.

    Parameters
    ----------
    trace : Trace
        n connections, with an assumption where their silences are not known.
    configs : mapping of str to FunctionConfig
        Settings of each function.
    terms : Terms
        Price book, period, region and plan.
    platform : Platform
        Limits, rounding and clock.
    placements : sequence of str, optional
        Ways of placing to try in one walk: the one with the most busy time counts. What the settings say otherwise.
    """
    if platform.sums_suffice(configs):
        return case_of_sums(trace, configs, sums_at(trace, configs), terms)
    if not platform.couples(configs):
        sums, placed = on_instances(trace, configs, platform, placements=placements)
        usages = usages_on_instances(configs, sums, placed)
        impact = impact_of_sums(list(sums.values()))
    else:
        found = run(trace, configs, platform.without_reports())
        usages = measured(trace, found.invocations, found.packing, configs, platform)
        impact = impact_of(found.invocations)
    return Case(impact, usages, *bills(trace, total(usages), terms))


def compare_settings(trace: Trace, settings: Sequence[FunctionConfig], terms: Terms, platform: Platform) -> list[Case]:
    """Price several settings, each of every function, in one walk where each session is summed by itself.

    Parameters
    ----------
    trace : Trace
        n connections, with an assumption where their silences are not known.
    settings : sequence of FunctionConfig
        The settings.
    terms : Terms
        Price book, period, region and plan.
    platform : Platform
        Limits, rounding and clock.

    Returns
    -------
    list of Case
        What `compare_setting` returns of each.
    """
    if not all(platform.sums_suffice({"": config}) for config in settings):
        return [compare_setting(trace, dict.fromkeys(trace.functions, one), terms, platform) for one in settings]
    columns = [replay_sums_of(trace.of_function(code), settings) for code in range(len(trace.functions))]
    return [
        case_of_sums(
            trace, dict.fromkeys(trace.functions, one), dict(zip(trace.functions, sums, strict=True)), terms
        )
        for one, *sums in zip(settings, *columns, strict=True)
    ]  # fmt: skip


def case_of_sums(
    trace: Trace, configs: Mapping[str, FunctionConfig], sums: Mapping[str, Sums[int]], terms: Terms
) -> Case:
    """Price the sums of each function, each connection on an instance of its own.

    Parameters
    ----------
    trace : Trace
        A trace with the window.
    configs : mapping of str to FunctionConfig
        Settings of each function.
    sums : mapping of str to Sums of int
        Sums over the invocations of each function. [1], [ms], [B]
    terms : Terms
        Price book, period, region and plan.
    """
    usages = {one: usage_of_sums(configs[one], own) for one, own in sums.items()}
    return Case(impact_of_sums(list(sums.values())), usages, *bills(trace, total(usages), terms))


def usages_on_instances(
    configs: Mapping[str, FunctionConfig], sums: Mapping[str, Sums[int]], placed: Gauged
) -> dict[str, Usage]:
    """Put sums over the invocations of each function, and what its instances took, on every meter.

    Parameters
    ----------
    configs : mapping of str to FunctionConfig
        Settings of each function.
    sums : mapping of str to mapping of str to int
        Sums over the invocations of each function, by name. [1], [ms], [B]
    placed : Gauged
        Busy and idle time of its instances. [ms]
    """
    return {
        name: usage_from(
            Measured(
                configs[name], own.invocations, own.connection_ms, int(placed.busy_ms[code]),
                own.egress_bytes, int(placed.idle_ms[code]),
            )
        )
        for code, (name, own) in enumerate(sums.items())
    }  # fmt: skip


def month_of(
    trace: Trace,
    invocations: Invocations,
    configs: Mapping[str, FunctionConfig],
    terms: Terms,
    platform: Platform,
    packing: Packing | None = None,
) -> Bill | None:
    """Price the month of invocations that are known already, where they ran or on instances with these settings.

    Parameters
    ----------
    trace : Trace
        n connections, with an assumption where their silences are not known.
    invocations : Invocations
        k invocations of the trace.
    configs : mapping of str to FunctionConfig
        Settings of each function.
    terms : Terms
        Price book, period, region and plan.
    platform : Platform
        Limits, rounding and clock.
    packing : Packing, optional
        Where they ran; they are put on instances otherwise.
    """
    placed = packing or place(trace, invocations, configs, platform)
    return bills(trace, total(measured(trace, invocations, placed, configs, platform)), terms)[1]


def measured(
    trace: Trace,
    invocations: Invocations,
    packing: Packing,
    configs: Mapping[str, FunctionConfig],
    platform: Platform,
) -> dict[str, Usage]:
    """Measure the usage of each function where its invocations ran.

    Parameters
    ----------
    trace : Trace
        n connections, with an assumption where their silences are not known.
    invocations : Invocations
        k invocations of the trace.
    packing : Packing
        Where they ran.
    configs : mapping of str to FunctionConfig
        Settings of each function.
    platform : Platform
        Limits, rounding and clock.
    """
    granularity, zone = platform.granularity_ms, platform.time_zone
    return measure(trace, invocations, configs, granularity_ms=granularity, packing=packing, time_zone=zone)


def impact_of_sums(sums: Sequence[Sums[int]]) -> Impact:
    """Add up the impact of some functions."""
    names = ("cut", "cut_harmful", "messages_lost", "messages_delayed", "pushes_missed", "reconnects")
    return Impact(*(sum(getattr(own, one) for own in sums) for one in names))


def count_outcomes(invocations: Invocations, refused: Mapping[str, int] | None = None) -> dict[str, int]:
    """Count the invocations, and what was refused, by status code; 200, 433 and 455 are always there.

    Parameters
    ----------
    invocations : Invocations
        k invocations.
    refused : mapping of str to int, optional
        Attempts that were refused, by status code. [1]
    """
    return named_outcomes(np.bincount(invocations.outcome), refused)


def named_outcomes(counts: Int64, refused: Mapping[str, int] | None = None) -> dict[str, int]:
    """Name counts by status code; 200, 433 and 455 are always there.

    Parameters
    ----------
    counts : ndarray of int64
        Invocations, the status code as index. [1]
    refused : mapping of str to int, optional
        Attempts that were refused, by status code. [1]
    """
    found = {name(int(code)): int(counts[code]) for code in np.flatnonzero(counts)}
    found.update({code: count for code, count in (refused or {}).items() if count})
    shown = {name(OK), name(EXEC_TIMEOUT), name(IDLE_TIMEOUT), *found}
    return {code: found.get(code, 0) for code in sorted(shown)}  # numbers before words


def impact_of(invocations: Invocations) -> Impact:
    """Sum what the cuts did."""
    cut = np.isin(invocations.outcome, CUTS)
    lost, delayed, missed = (int(value) for value in invocations.tally.sum(axis=0))
    return Impact(
        cut=int(cut.sum()),
        cut_harmful=int((invocations.harmful & cut).sum()),
        messages_lost=lost,
        messages_delayed=delayed,
        pushes_missed=missed,
        reconnects=int((invocations.number > 0).sum()),
    )


def select(
    trace: Trace, found: Run, configs: Mapping[str, FunctionConfig], platform: Platform, code: int
) -> tuple[Invocations, Packing]:
    """Return the invocations of one function, and where they ran, as if they were alone.

    Parameters
    ----------
    trace : Trace
        n connections, with an assumption where their silences are not known.
    found : Run
        All invocations, and where they ran.
    configs : mapping of str to FunctionConfig
        Settings of each function.
    platform : Platform
        Limits, rounding and clock.
    code : int
        Place of the function among those of the trace. [1]
    """
    own = of_function(trace, found.invocations, code)
    if not platform.couples(configs):
        return own, place(trace, own, configs, platform)
    rows = trace.function_code[found.invocations.session] == code  # where they ran decided how they went on
    whole, alone = found.packing, np.arange(len(trace.functions)) == code
    instance = whole.instance[rows]
    return own, Packing(
        instance=instance,
        cold_start=whole.cold_start[rows],
        refused=whole.refused[rows],
        cold_starts=whole.cold_starts * alone,
        **load_on(trace, configs, own, instance, platform.granularity_ms),
    )


def of_function(trace: Trace, invocations: Invocations, code: int) -> Invocations:
    """Return the invocations of one function; themselves where there is one.

    Parameters
    ----------
    trace : Trace
        n connections.
    invocations : Invocations
        k invocations of the trace.
    code : int
        Place of the function among those of the trace. [1]
    """
    if len(trace.functions) == 1:
        return invocations
    rows = trace.function_code[invocations.session] == code
    return invocations.take(rows, tally=invocations.tally[code : code + 1])


def month_factor(trace: Trace) -> Fraction | None:
    """Return 30 days over the window, None where the window is 0 ms."""
    return Fraction(MS_PER_MONTH, trace.window_ms) if trace.window_ms > 0 else None


def bills(trace: Trace, usage: Usage, terms: Terms) -> tuple[Bill, Bill | None]:
    """Price a usage as it was recorded, and the month that it projects to.

    Parameters
    ----------
    trace : Trace
        A trace with the window.
    usage : Usage
        What was used.
    terms : Terms
        Price book, period, region and plan.
    """
    factor = month_factor(trace)
    bill = price(usage, terms, with_plan=False)
    if factor is None:
        return bill, None
    return bill, price(usage.project(factor.numerator, factor.denominator), terms, with_plan=True)
