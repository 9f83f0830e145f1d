"""How sure a month is: the same month again and again, from traffic drawn anew, and where most of them fall.

Traffic is drawn anew in units that are independent of one another: whole days where the trace has at least seven, so
that quiet and busy days count as such; else sessions, each drawn as often as chance has it come (Poisson of mean 1).
Every replicate is a usage in whole units that goes through projection, tiers, allowances and plan as the month itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np

from scfcost.analysis.estimate.estimate import TraceEstimate, estimate
from scfcost.analysis.evaluate import case_of_sums, compare_setting, month_factor
from scfcost.analysis.forecast.bootstrap import DRAWN_ONE_BY_ONE, draw_days, draw_sessions, draw_sums
from scfcost.analysis.known import knows_silences
from scfcost.billing.metering import total
from scfcost.billing.meters import Measured, Usage, usage_from
from scfcost.billing.terms import Pricing
from scfcost.billing.totals import totals
from scfcost.config.function import FunctionConfig
from scfcost.core.errors import ConfigError
from scfcost.core.money import ZERO, plain, round_fraction
from scfcost.core.units import MS_PER_DAY
from scfcost.lifecycle.records import Sums
from scfcost.lifecycle.replay import sums_of_sessions
from scfcost.lifecycle.threads import workers
from scfcost.report import html
from scfcost.trace.model import Int64, Trace

if TYPE_CHECKING:
    from scfcost.workload.generate import Plan

REPLICATIONS = 200
"""Replicates that an interval is read from. [1]"""
LEVELS = (80, 95)
"""Shares of the replicates that an interval holds. [%]"""
DAYS_OF_A_CYCLE = 7
"""Whole days from which on days are drawn: a week, the longest cycle that traffic commonly has. [1]"""
SIMULATED_MESSAGES = 50_000_000
"""Messages that the runs of a scenario have together at most, where their number is not said. [1]"""
FEWEST_UNITS, FEWEST_REPLICATIONS = 7, 40
"""Sessions, and replicates, below which an interval would say nothing: the ends of 95 % are single draws. [1]"""


@dataclass(frozen=True, slots=True, repr=False)
class Uncertainty:
    """Where the month falls when its traffic is drawn anew."""

    currency: str
    point: Decimal
    """The month as estimated. [currency]"""
    method: str
    """What was drawn: `sessions` or `days` of a trace, or whole `scenario` runs."""
    units: int
    """How many of them the trace has; replicates of a scenario. [1]"""
    seed: int
    months: tuple[Decimal, ...]
    """The replicated months, ascending. [currency]"""
    notes: tuple[str, ...] = ()
    """What the interval does not hold, or how it was made."""

    def interval(self, level: int) -> tuple[Decimal, Decimal]:
        """Return the ends between which this share of the replicates falls. [currency]

        Few units vary less among themselves than what they were drawn from, so the ends are moved outwards as
        Student's t asks, following Hesterberg's expanded percentiles. Further runs of a scenario show how far a run
        falls from what runs come to on average; that average is looked for as far from the run that was estimated.
        """
        tail = (100 - level) / 200
        if self.method != "scenario":
            tail = _expanded(tail, self.units)
        last = len(self.months) - 1
        rank = min(int(tail * (last + 1)), last // 2)
        low, high = self.months[rank], self.months[last - rank]
        if self.method != "scenario":
            return low, high
        mean = round_fraction(sum(map(Fraction, self.months), Fraction(0)) / len(self.months))
        return max(self.point - (high - mean), ZERO), self.point + (mean - low)

    def to_dict(self) -> dict[str, Any]:
        """Return the part `uncertainty` of the JSON document, decimals as strings."""
        intervals = {}
        for level in LEVELS:
            low, high = self.interval(level)
            intervals[str(level)] = {"low": plain(low), "high": plain(high)}
        return {
            "method": self.method,
            "units": self.units,
            "replications": len(self.months),
            "seed": self.seed,
            "monthly": plain(self.point),
            "intervals": intervals,
            "notes": list(self.notes),
        }

    def __repr__(self) -> str:
        """Return the month and where it falls, for a console."""
        low, high = self.interval(LEVELS[0])
        return f"<Uncertainty: {self.currency} {self.point:,} a month, {LEVELS[0]} % between {low:,} and {high:,}>"

    def _repr_html_(self) -> str:
        return html.uncertainty(self.to_dict(), self.currency)


def bootstrap(found: TraceEstimate, *, replications: int = REPLICATIONS, seed: int = 0) -> Uncertainty | None:
    """Draw the traffic of an estimate anew, many times, and price each month.

    Parameters
    ----------
    found : TraceEstimate
        The estimate of a trace; the point of one without message rows.
    replications : int
        How many months to draw, at least 40. [1]
    seed : int
        The same seed gives the same interval.

    Returns
    -------
    Uncertainty or None
        None where there is no month, fewer than 7 sessions, or it is not known when they fell silent.

    Raises
    ------
    ConfigError
        If there are too few replications.

    References
    ----------
    T. Hesterberg, What teachers should know about the bootstrap, The American Statistician 69 (2015): narrowness of
    small samples. A. Chamandy et al., Estimating uncertainty for massive data streams (2012): Poisson weights.
    """
    _check(replications)
    factor, month, trace = found.factor, found.monthly, found.trace
    accepted = int(np.count_nonzero(np.diff(found.result.invocations.session, prepend=-1)))
    if factor is None or month is None or accepted < FEWEST_UNITS or not found.knows_silences:
        return None
    rng = np.random.default_rng(seed)
    days = trace.window_ms // MS_PER_DAY
    by_day = days >= DAYS_OF_A_CYCLE
    drawn = draw_days(found, days, replications, rng) if by_day else draw_sessions(found, replications, rng)
    usages = [_usage(found, sums).project(factor.numerator, factor.denominator) for sums in drawn]
    months = tuple(sorted(totals(usages, found.terms, with_plan=True)))
    units = days if by_day else trace.connections
    method = "days" if by_day else "sessions"
    return Uncertainty(month.currency, month.total, method, units, seed, months, tuple(_notes(found, by_day=by_day)))


def bootstrap_setting(
    trace: Trace, config: FunctionConfig, pricing: Pricing, *, replications: int = REPLICATIONS, seed: int = 0
) -> Uncertainty | None:
    """Draw the traffic of one setting anew, as `bootstrap` draws that of its estimate, with no invocation kept.

    Parameters
    ----------
    trace : Trace
        n connections.
    config : FunctionConfig
        The setting of every function.
    pricing : Pricing
        What prices it.
    replications : int
        How many months to draw, at least 40. [1]
    seed : int
        The same seed gives the same interval.

    Returns
    -------
    Uncertainty or None
        What `bootstrap(estimate(trace, config, pricing=pricing))` returns.
    """
    terms = pricing.terms()
    configs = dict.fromkeys(trace.functions, config)
    alone = pricing.platform(terms).sums_suffice(configs) and trace.has_messages
    if not alone or trace.window_ms >= DAYS_OF_A_CYCLE * MS_PER_DAY:
        return bootstrap(estimate(trace, config, pricing=pricing), replications=replications, seed=seed)
    _check(replications)
    factor = month_factor(trace)
    if factor is None or trace.connections < FEWEST_UNITS:
        return None
    each = sums_of_sessions(trace, configs)
    columns = [each.invocations, each.connection_ms, each.connection_ms, each.egress_bytes]
    sums = dict(zip(trace.functions, _by_function(trace, each), strict=True))
    busy_ms = [one.connection_ms for one in sums.values()]
    drawn = draw_sums(columns, trace.function_code, busy_ms, replications, np.random.default_rng(seed))
    usages = [_usage_of(configs, one, [0] * len(configs)) for one in drawn]
    usages = [usage.project(factor.numerator, factor.denominator) for usage in usages]
    months = tuple(sorted(totals(usages, terms, with_plan=True)))
    point = case_of_sums(trace, configs, sums, terms).amount
    notes = tuple(_notes_of(trace, configs, by_day=False))
    return Uncertainty(terms.book.currency, point, "sessions", trace.connections, seed, months, notes)


def _by_function(trace: Trace, each: Sums[Int64]) -> list[Sums[int]]:
    """Add the sums of each session up, a function each."""
    if len(trace.functions) == 1:
        return [Sums(*(int(column.sum()) for column in each.row()))]
    own = [trace.function_code == code for code in range(len(trace.functions))]
    return [Sums(*(int(column[rows].sum()) for column in each.row())) for rows in own]


def replicate(
    found: TraceEstimate, made: Plan, *, replications: int = REPLICATIONS, seed: int = 0
) -> Uncertainty | None:
    """Simulate a scenario many times and price the month of each run.

    Parameters
    ----------
    found : TraceEstimate
        The estimate of one run.
    made : Plan
        How runs are generated.
    replications : int
        How many runs, at least 40. [1]
    seed : int
        Each run gets a child of its seed sequence.

    Returns
    -------
    Uncertainty or None
        Where the month of another run falls; None where there is no month.

    Raises
    ------
    ConfigError
        If there are too few replications.
    """
    _check(replications)
    if found.monthly is None:
        return None

    from scfcost.workload.generate import simulate  # a recorded trace needs none of it

    def month(child: np.random.SeedSequence) -> Decimal | None:
        trace = simulate(made, child, workers=1)
        bill = compare_setting(trace, found.functions, found.terms, found.platform).monthly
        return None if bill is None else bill.total

    with ThreadPoolExecutor(workers()) as pool:
        drawn = pool.map(month, np.random.SeedSequence(seed).spawn(replications))
        months = tuple(sorted(total for total in drawn if total is not None))
    notes = (
        f"each run is {made.span_ms / MS_PER_DAY:g} days, projected to a month",
        "the interval is for what the scenario's months cost on average",
        "how sure the scenario's own figures are is not in the interval (scfcost sensitivity)",
    )
    return Uncertainty(found.monthly.currency, found.monthly.total, "scenario", len(months), seed, months, notes)


def uncertainty(
    found: TraceEstimate, made: Plan | None = None, *, replications: int | None = None
) -> Uncertainty | None:
    """Say how sure the month of an estimate is: of a trace by the bootstrap, of a scenario by further runs.

    Parameters
    ----------
    found : TraceEstimate
        The estimate.
    made : Plan, optional
        How its trace was generated, where it was.
    replications : int, optional
        How many months, 0 for none. 200 by default, fewer runs of a scenario with many messages; where even 40 would
        take long, the sessions of the one run are drawn anew.

    Returns
    -------
    Uncertainty or None
        None where none was asked for, there is no month, or too little traffic.
    """
    if replications == 0:
        return None
    seed = found.platform.seed
    if made is None:
        return bootstrap(found, replications=REPLICATIONS if replications is None else replications, seed=seed)
    if replications is None:
        replications = min(int(SIMULATED_MESSAGES / max(made.size.messages, 1)), REPLICATIONS)
        if replications < FEWEST_REPLICATIONS:
            return bootstrap(found, seed=seed)
    return replicate(found, made, replications=replications, seed=seed)


def _check(replications: int) -> None:
    if replications < FEWEST_REPLICATIONS:
        raise ConfigError(
            f"replications: {replications} are too few for an interval; "
            f"give {FEWEST_REPLICATIONS} or more, or 0 for none"
        )


def _usage(found: TraceEstimate, sums: Sequence[Sequence[int]]) -> Usage:
    idle_ms = [
        found.result.usages[name]["provisioned_idle_mb_ms"] // config.memory_mb
        for name, config in found.functions.items()
    ]
    return _usage_of(found.functions, sums, idle_ms)


def _usage_of(configs: Mapping[str, FunctionConfig], sums: Sequence[Sequence[int]], idle_ms: Sequence[int]) -> Usage:
    """Put drawn sums on the meters; what provisioned instances idle away is taken as it was."""
    usages = {}
    for (name, config), (calls, life, busy, size), idle in zip(configs.items(), sums, idle_ms, strict=True):
        usages[name] = usage_from(Measured(config, calls, life, busy, size, idle))
    return total(usages)


def _notes(found: TraceEstimate, *, by_day: bool) -> list[str]:
    return _notes_of(found.trace, found.functions, by_day=by_day)


def _notes_of(trace: Trace, configs: Mapping[str, FunctionConfig], *, by_day: bool) -> list[str]:
    notes = []
    if not by_day:
        cycle = "a day" if trace.window_ms < MS_PER_DAY else "a week"
        notes.append(f"the trace is shorter than {cycle}, so how hours and days differ is not in the interval")
        if any(config.max_concurrency > 1 for config in configs.values()):
            one_by_one = trace.connections <= DRAWN_ONE_BY_ONE
            how = "placed anew on shared instances" if one_by_one else "taken to share instances as they did"
            notes.append(f"drawn sessions are {how}")
    if not knows_silences(has_messages=trace.has_messages, configs=configs.values()):
        notes.append("drawn around the point; low and high stand beside it")
    return notes


def _expanded(tail: float, units: int) -> float:
    """Move a tail outwards: normal quantiles of a sample of this size stand in for Student's t.

    The quantile of t is Fisher's expansion in 1 / degrees of freedom, good to 1 % from 6 on.
    """
    normal, freedom = NormalDist(), units - 1
    z = normal.inv_cdf(tail)
    t = z + (z**3 + z) / (4 * freedom) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)
    return normal.cdf(t * (units / freedom) ** 0.5)
