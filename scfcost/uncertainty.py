"""How sure a month is: the same month again and again, from traffic drawn anew, and where most of them fall.

Traffic is drawn anew in units that are independent of one another: whole days where the trace has at least seven, so
that quiet and busy days count as such; else sessions, each drawn as often as chance has it come (Poisson of mean 1).
Every replicate is a usage in whole units that goes through projection, tiers, allowances and plan as the month itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from statistics import NormalDist
from typing import Any

import numpy as np

from scfcost.config import FunctionConfig
from scfcost.costing import compare_setting, platform_of
from scfcost.errors import ConfigError
from scfcost.estimation import Estimate
from scfcost.lifecycle.instances import pack
from scfcost.lifecycle.replay import Invocations
from scfcost.lifecycle.timeline import busy_intervals
from scfcost.metering import Usage, round_up, total, usage_of
from scfcost.money import plain
from scfcost.pricing import Terms
from scfcost.pricing_many import totals
from scfcost.trace.model import Int64, Trace
from scfcost.units import MS_PER_DAY, MS_PER_MINUTE

REPLICATIONS = 200
"""Replicates that an interval is read from. [1]"""
LEVELS = (80, 95)
"""Shares of the replicates that an interval holds. [%]"""
DAYS_OF_A_CYCLE = 7
"""Whole days from which on days are drawn: a week, the longest cycle that traffic commonly has. [1]"""
FEWEST_UNITS, FEWEST_REPLICATIONS = 7, 40
"""Sessions, and replicates, below which an interval would say nothing: the ends of 95 % are single draws. [1]"""
_DRAWN_ONE_BY_ONE = 20_000
"""Sessions up to which each is drawn; the sums over more are drawn from their normal limit. [1]"""
_MOVED_MS = 15 * MS_PER_MINUTE
"""How far a second copy of a session is moved, so that it does not share its twin's instance by birth. [ms]"""
_CALLS, _LIFE_MS, _BUSY_MS, _BYTES = range(4)
_EXACT_BELOW = 2**57
"""Sums beyond this are drawn in Python's integers, as a session drawn several times could overflow 64 bits. [1]"""


@dataclass(frozen=True, slots=True)
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
        Student's t asks, following Hesterberg's expanded percentiles.
        """
        tail = (100 - level) / 200
        if self.method != "scenario":
            tail = _expanded(tail, self.units)
        last = len(self.months) - 1
        rank = min(int(tail * (last + 1)), last // 2)
        return self.months[rank], self.months[last - rank]

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


def bootstrap(found: Estimate, *, replications: int = REPLICATIONS, seed: int = 0) -> Uncertainty | None:
    """Draw the traffic of an estimate anew, many times, and price each month.

    Parameters
    ----------
    found : Estimate
        The estimate of a trace; the point of one without message rows.
    replications : int
        How many months to draw, at least 40. [1]
    seed : int
        The same seed gives the same interval.

    Returns
    -------
    Uncertainty or None
        None where there is no month, or fewer than 7 sessions.

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
    if factor is None or month is None or accepted < FEWEST_UNITS:
        return None
    rng = np.random.default_rng(seed)
    days = trace.window_ms // MS_PER_DAY
    by_day = days >= DAYS_OF_A_CYCLE
    drawn = _draw_days(found, days, replications, rng) if by_day else _draw_sessions(found, replications, rng)
    usages = [_usage(found, sums).project(factor.numerator, factor.denominator) for sums in drawn]
    months = tuple(sorted(totals(usages, found.terms, with_plan=True)))
    units = days if by_day else trace.connections
    method = "days" if by_day else "sessions"
    return Uncertainty(month.currency, month.total, method, units, seed, months, tuple(_notes(found, by_day=by_day)))


def replicate(
    simulate: Callable[[np.random.SeedSequence], Trace],
    configs: Mapping[str, FunctionConfig],
    terms: Terms,
    point: Decimal,
    *,
    replications: int = REPLICATIONS,
    seed: int = 0,
) -> Uncertainty:
    """Simulate a scenario many times and price the month of each run.

    Parameters
    ----------
    simulate : callable
        Turns a seed into a trace of the scenario.
    configs : mapping of str to FunctionConfig
        The settings of each function of the scenario.
    terms : Terms
        Price book, period, region, plan and traffic rule.
    point : Decimal
        The month as estimated. [currency]
    replications : int
        How many runs, at least 40. [1]
    seed : int
        Each run gets a child of its seed sequence.

    Returns
    -------
    Uncertainty
        Where the month of another run falls.
    """
    _check(replications)
    children = np.random.SeedSequence(seed).spawn(replications)
    platform = platform_of(terms)
    bills = (compare_setting(simulate(child), configs, terms, platform)[3] for child in children)
    months = tuple(sorted(bill.total for bill in bills if bill is not None))
    return Uncertainty(terms.book.currency, point, "scenario", len(months), seed, months)


def _check(replications: int) -> None:
    if replications < FEWEST_REPLICATIONS:
        raise ConfigError(
            f"replications: {replications} are too few for an interval; "
            f"give {FEWEST_REPLICATIONS} or more, or 0 for none"
        )


def _draw_sessions(found: Estimate, replications: int, rng: np.random.Generator) -> Sequence[list[list[int]]]:
    """Draw the sums of each function, from sessions that each come a Poisson number of times."""
    rows = found.result.invocations
    first = np.flatnonzero(np.diff(rows.session, prepend=-1))
    per_session = [np.add.reduceat(column, first) for column in _columns(found)]
    function = found.trace.function_code[rows.session[first]]
    shared = any(config.max_concurrency > 1 for config in found.functions.values())
    if len(first) > _DRAWN_ONE_BY_ONE:
        own = [[column[function == code] for column in per_session] for code in range(len(found.functions))]
        return _normal_limit(own, [int(busy) for busy in found.result.packing.busy_ms], replications, rng)
    drawn: list[list[list[int]]] = []
    placed: list[Int64] = []
    for _ in range(replications):
        times = rng.poisson(1.0, len(first))
        sums = [_weighted([c[function == code] for c in per_session], times[function == code])
                for code in range(len(found.functions))]  # fmt: skip
        drawn.append(sums)
        if shared:
            placed.append(_repacked(found, rows, times, rng))
    if placed:
        _set_busy(drawn, np.array(placed), found.result.packing.busy_ms)
    return drawn


def _set_busy(drawn: Sequence[list[list[int]]], placed: Int64, busy_ms: Int64) -> None:
    """Take busy times from the new placements, moved so that their mean is what was found: copies share a bit less."""
    shift = busy_ms - np.rint(placed.mean(axis=0)).astype(np.int64)
    for sums, row in zip(drawn, placed + shift, strict=True):
        for own, busy in zip(sums, row.tolist(), strict=True):
            own[_BUSY_MS] = max(busy, 0)


def _columns(found: Estimate) -> list[Int64]:
    """Return calls, life, busy time of an instance of its own, and bytes of each invocation."""
    rows = found.result.invocations
    life = round_up(rows.duration_ms, found.terms.period.granularity_ms)
    return [np.ones(len(rows), dtype=np.int64), life, life, rows.egress_bytes]


def _weighted(columns: Sequence[Int64], times: Int64) -> list[int]:
    found = []
    for column in columns:
        small = float(column.sum(dtype=np.float64)) < _EXACT_BELOW
        found.append(int(column @ times) if small else int(column.astype(object) @ times.astype(object)))
    return found


def _repacked(found: Estimate, rows: Invocations, times: Int64, rng: np.random.Generator) -> Int64:
    """Return the busy time of shared instances when the drawn sessions are placed anew. [ms]"""
    ordinal = np.cumsum(np.diff(rows.session, prepend=-1) != 0) - 1
    copies = times[ordinal]
    again = np.repeat(np.arange(len(rows)), copies)
    number = np.arange(len(again)) - np.repeat(np.cumsum(copies) - copies, copies)
    away = rng.integers(-_MOVED_MS, _MOVED_MS, (len(times), int(copies.max(initial=0)) + 1))
    since = rows.start_ms[again] - found.trace.start_ms
    later = np.where(number > 0, (since + away[ordinal[again], number]) % found.trace.window_ms, since) - since
    columns = {one: getattr(rows, one)[again] for one in Invocations.__slots__ if one != "tally"}
    columns |= {"start_ms": columns["start_ms"] + later, "end_ms": columns["end_ms"] + later}
    drawn = Invocations(**columns, tally=rows.tally)
    return pack(
        found.trace,
        drawn,
        found.functions,
        granularity_ms=found.platform.granularity_ms,
        time_zone=found.platform.time_zone,
    ).busy_ms


def _normal_limit(
    own: Sequence[Sequence[Int64]], busy_ms: Sequence[int], replications: int, rng: np.random.Generator
) -> Sequence[list[list[int]]]:
    """Draw sums over very many sessions: a compound Poisson sum is normal, its covariance the sum of the squares."""
    drawn: list[list[list[int]]] = [[] for _ in range(replications)]
    for columns, busy in zip(own, busy_ms, strict=True):
        exact = [int(column.sum()) for column in columns]
        values = np.column_stack(columns).astype(np.float64)
        values[:, _BUSY_MS] *= busy / max(exact[_BUSY_MS], 1)  # shared instances: in proportion to the connections
        exact[_BUSY_MS] = busy
        spread = rng.multivariate_normal(np.zeros(len(exact)), values.T @ values, replications, check_valid="ignore")
        for sums, row in zip(drawn, spread.tolist(), strict=True):
            sums.append([max(whole + round(part), 0) for whole, part in zip(exact, row, strict=True)])
    return drawn


def _draw_days(
    found: Estimate, days: int, replications: int, rng: np.random.Generator
) -> Sequence[list[list[int]]]:  # fmt: skip
    """Draw the sums of each function from whole days; what is left of the window after them stays as it is."""
    tables = _sums_by_day(found, days)
    drawn = []
    for times in rng.multinomial(days, np.full(days, 1 / days), replications):
        weights = np.append(times, 1)
        drawn.append([_weighted(list(table.T), weights) for table in tables])
    return drawn


def _sums_by_day(found: Estimate, days: int) -> list[Int64]:
    """Sum each function's columns by day; busy time belongs to the day in which an instance became busy."""
    trace, rows, granularity = found.trace, found.result.invocations, found.terms.period.granularity_ms
    function, instance = trace.function_code[rows.session], found.result.packing.instance
    day = np.clip((rows.start_ms - trace.start_ms) // MS_PER_DAY, 0, days)
    tables = []
    for code in range(len(trace.functions)):
        table = np.zeros((days + 1, 4), dtype=np.int64)
        own = function == code
        for index, column in enumerate(_columns(found)):
            if index != _BUSY_MS:
                np.add.at(table[:, index], day[own], column[own])
        if found.functions[trace.functions[code]].max_concurrency == 1:
            table[:, _BUSY_MS] = table[:, _LIFE_MS]
            tables.append(table)
            continue
        ran = own & (instance >= 0)
        starts, ends, _ = busy_intervals(rows.start_ms[ran], rows.end_ms[ran], instance[ran])
        began = np.clip((starts - trace.start_ms) // MS_PER_DAY, 0, days)
        np.add.at(table[:, _BUSY_MS], began, round_up(ends - starts, granularity))
        tables.append(table)
    return tables


def _usage(found: Estimate, sums: Sequence[Sequence[int]]) -> Usage:
    """Put drawn sums on the meters; what provisioned instances idle away is taken as it was."""
    usages = {}
    for (name, config), (calls, life, busy, size) in zip(found.functions.items(), sums, strict=True):
        idle = found.result.usages[name].provisioned_idle_mb_ms
        usages[name] = replace(usage_of(config, calls, life, busy, size), provisioned_idle_mb_ms=idle)
    return total(usages)


def _notes(found: Estimate, *, by_day: bool) -> list[str]:
    trace = found.trace
    notes = []
    if not by_day:
        cycle = "a day" if trace.window_ms < MS_PER_DAY else "a week"
        notes.append(f"the trace is shorter than {cycle}, so how hours and days differ is not in the interval")
        if any(config.max_concurrency > 1 for config in found.functions.values()):
            one_by_one = trace.connections <= _DRAWN_ONE_BY_ONE
            how = "placed anew on shared instances" if one_by_one else "taken to share instances as they did"
            notes.append(f"drawn sessions are {how}")
    if not trace.has_messages:
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
