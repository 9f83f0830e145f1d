"""Sessions that are under way when a scenario begins, so that its first instant is like any other.

Who comes at a rate λ(t) and stays for a length of the density f is there at the start with the density λ(-a) f(l) for
every age a below l. So the length of who is met is drawn in proportion to its size, the age evenly below it, and the
rate at which people came by then decides whether the one is kept.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from math import ceil
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np

from scfcost.core.units import MS_PER_DAY, MS_PER_HOUR
from scfcost.workload.distributions import Floats
from scfcost.workload.schema import Arrivals, Scenario

_HOURS_OF_A_WEEK = 168
_RARE = 0.9999
"""Sessions longer than this share of all are not looked for behind a crowd of earlier days. [1]"""
_MOST_DAYS_BACK = 400
"""Days before the start whose crowds may still be there, at most. [d]"""


class Begun(NamedTuple):
    """Sessions by their start since that of the scenario; those under way start at 0, with what is left of them."""

    connect_ms: Floats
    """Shape (n,). [ms]"""
    length_ms: Floats
    """Shape (n,). [ms]"""
    carried: np.ndarray[tuple[int], np.dtype[np.bool_]]
    """Whether each was under way at the start. Shape (n,)."""


def begun(start_ms: Floats, length_ms: Floats) -> Begun:
    """Carry sessions that start before 0 and live beyond it, and leave out those that do not live so long.

    Parameters
    ----------
    start_ms, length_ms : ndarray of float64, shape (n,)
        When they start since the start of the scenario, and how long they are. [ms]
    """
    there = (start_ms >= 0) | (start_ms + length_ms > 0)
    start, length = start_ms[there], length_ms[there]
    carried = start < 0
    return Begun(np.maximum(start, 0.0), np.where(carried, start + length, length), carried)


def joined(parts: list[Begun]) -> Begun:
    """Put sessions together."""
    connect, length, carried = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Begun(connect, length, carried)


def of_the_rate(scenario: Scenario, scale: float, rng: np.random.Generator) -> Begun:
    """Draw who came by the rate before the start, and is still there.

    Parameters
    ----------
    scenario : Scenario
        A rate, by hour and day; its crowds are left out.
    scale : float
        Multiplies the rate. [1]
    rng : Generator
        Draws.
    """
    arrivals, length = scenario.arrivals, scenario.session.length
    weights = week_of(arrivals)
    most = float(weights.max())
    n = int(rng.poisson(arrivals.rate_per_ms * scale * most * length.mean()))
    whole = length.draw_biased(rng, n)
    age = whole * rng.random(n)
    local = datetime.fromtimestamp(scenario.start_ms() / 1_000, tz=UTC).astimezone(ZoneInfo(scenario.time_zone))
    since_monday = (local.weekday() * 24 + local.hour) * MS_PER_HOUR + local.minute * 60_000 + local.second * 1_000
    hour = np.floor((since_monday - age) / MS_PER_HOUR).astype(np.int64) % _HOURS_OF_A_WEEK
    kept = rng.random(n) * most < weights[hour]
    return begun(-age[kept], whole[kept])


def week_of(arrivals: Arrivals) -> Floats:
    """Return the weight of each hour of a week from Monday on, 1 on average. Shape (168,)."""
    weights = np.outer(arrivals.day_of_week, arrivals.hour_of_day).reshape(-1)
    weekly: Floats = weights / weights.mean()
    return weekly


def of_crowds(scenario: Scenario, scale: float, rng: np.random.Generator) -> Begun:
    """Draw who came with a crowd before the start, and is still there.

    Parameters
    ----------
    scenario : Scenario
        Crowds of every day, and those of a moment.
    scale : float
        Multiplies their sessions. [1]
    rng : Generator
        Draws.
    """
    parts = [Begun(np.zeros(0), np.zeros(0), np.zeros(0, np.bool_))]
    for crowd in scenario.arrivals.flash_crowds:
        for begin in moments(scenario, crowd.at, -days_back(scenario), 0):
            n = int(rng.poisson(crowd.sessions * scale))
            starts = begin + rng.random(n) * crowd.over
            found = begun(starts, scenario.session.length.draw(rng, n))
            parts.append(found)
    return joined(parts)


def days_back(scenario: Scenario) -> int:
    """Return how many days before the start somebody may have come who is still there. [d]"""
    length_ms = float(scenario.session.length.quantiles(np.array([_RARE]))[0])
    return min(ceil(length_ms / MS_PER_DAY) + 1, _MOST_DAYS_BACK)


def moments(scenario: Scenario, at: datetime | time, first_day: int, last_day: int) -> list[float]:
    """Return when something begins that begins at a moment, or at a time of every day, since the start.

    Parameters
    ----------
    scenario : Scenario
        Its start and clock.
    at : datetime or time
        The moment, or the time of day, on that clock.
    first_day, last_day : int
        The days that are looked at, from the one of the start on; the last is left out. [d]
    """
    if isinstance(at, time):
        first = datetime.combine(scenario.start.date(), at)
        wanted = [first + timedelta(days=day) for day in range(first_day - 1, last_day + 1)]
    else:
        wanted = [at]
    since = [since_start(scenario, moment) for moment in wanted]
    return [begin for begin in since if first_day * MS_PER_DAY <= begin < last_day * MS_PER_DAY]


def since_start(scenario: Scenario, moment: datetime) -> float:
    """Return when a moment on the clock of a scenario is, since its start. [ms]

    Parameters
    ----------
    scenario : Scenario
        Its start and clock.
    moment : datetime
        On that clock, unless it names an offset.
    """
    there = moment.replace(tzinfo=moment.tzinfo or ZoneInfo(scenario.time_zone))
    return there.timestamp() * 1_000 - scenario.start_ms()
