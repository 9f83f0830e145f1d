"""When sessions begin: a rate over clock hours and days with its crowds, or a closed population that comes back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from scfcost.core.errors import ConfigError
from scfcost.core.units import MS_PER_DAY, MS_PER_HOUR
from scfcost.workload.carried import Begun, begun, days_back, joined, moments, since_start
from scfcost.workload.distributions import Floats, rest_of
from scfcost.workload.schema import WEEKDAYS, Arrivals, Scenario

Users = np.ndarray[tuple[int], np.dtype[np.int64]]


@dataclass(frozen=True, slots=True, eq=False)
class Intensity:
    """How many sessions are expected from the start on: a line from corner to corner."""

    at_ms: Floats
    """Time since the start, ascending. [ms]"""
    expected: Floats
    """Sessions expected until then. [1]"""

    @property
    def total(self) -> float:
        """Sessions expected in all. [1]"""
        return float(self.expected[-1])

    def when(self, expected: Floats) -> Floats:
        """Return the instants until which so many are expected. [ms]"""
        return np.interp(expected, self.expected, self.at_ms)


def intensity(scenario: Scenario, span_ms: int, scale: float = 1.0) -> Intensity:
    """Add up the rate of arrivals over the clock hours of a span, crowds included.

    Parameters
    ----------
    scenario : Scenario
        Its rate, or 1 for a closed population, whose hours only stretch and shrink the time away.
    span_ms : int
        How long. [ms]
    scale : float
        Multiplies the rate. [1]
    """
    arrivals = scenario.arrivals
    rate = 1.0 if arrivals.is_closed else arrivals.rate_per_ms * scale
    pieces = _hours(scenario, 0, span_ms)
    crowds = [
        (begin, begin + crowd.over, crowd.sessions * scale / crowd.over)
        for crowd in arrivals.flash_crowds
        for begin in moments(scenario, crowd.at, 0, span_ms // MS_PER_DAY + 1)
        if begin < span_ms
    ]
    corners = {0.0, float(span_ms), *(edge for edge, _ in pieces)}
    corners |= {min(edge, float(span_ms)) for begin, end, _ in crowds for edge in (begin, end)}
    at_ms = np.array(sorted(corners))
    middle = (at_ms[1:] + at_ms[:-1]) / 2
    slope = rate * _weights(pieces, middle)
    for begin, end, extra in crowds:
        slope += np.where((middle >= begin) & (middle < end), extra, 0.0)
    return Intensity(at_ms, np.concatenate(([0.0], np.cumsum(slope * np.diff(at_ms)))))


def paces(scenario: Scenario, span_ms: int) -> Intensity:
    """Return how the time away of a closed population runs: by the clock, slower in hours of little weight.

    Where hours or days differ, it begins one of their cycles before the start, so that the start is like any other.

    Parameters
    ----------
    scenario : Scenario
        A closed population.
    span_ms : int
        Length of the window. [ms]
    """
    arrivals = scenario.arrivals
    days = 7 if len(set(arrivals.day_of_week)) > 1 else 1 if len(set(arrivals.hour_of_day)) > 1 else 0
    pieces = _hours(scenario, -days * MS_PER_DAY, span_ms)
    at_ms = np.array([*(edge for edge, _ in pieces), float(span_ms)])
    slope = _weights(pieces, (at_ms[1:] + at_ms[:-1]) / 2)
    return Intensity(at_ms, np.concatenate(([0.0], np.cumsum(slope * np.diff(at_ms)))))


def _weights(pieces: list[tuple[float, float]], instants: Floats) -> Floats:
    """Return the weight of the hour that each instant is in."""
    edges, weights = (np.array(column) for column in zip(*pieces, strict=True))
    found: Floats = weights[np.searchsorted(edges, instants, side="right") - 1]
    return found


def _hours(scenario: Scenario, begin_ms: int, end_ms: int) -> list[tuple[float, float]]:
    """Return each clock hour's beginning since the start [ms], and its weight, 1 on average over a week."""
    zone, start_ms = ZoneInfo(scenario.time_zone), scenario.start_ms()
    hours, days = scenario.arrivals.hour_of_day, scenario.arrivals.day_of_week
    mean = sum(hours) * sum(days) / (len(hours) * len(days))
    found = []
    begin = start_ms + begin_ms
    for hour_ms in range(begin - begin % MS_PER_HOUR, start_ms + end_ms, MS_PER_HOUR):
        local = datetime.fromtimestamp(max(hour_ms, begin) / 1_000, tz=UTC).astimezone(zone)
        found.append((float(max(hour_ms, begin) - start_ms), hours[local.hour] * days[local.weekday()] / mean))
    return found


def mean_visits(arrivals: Arrivals, length_ms: float, span_ms: int) -> float:
    """Return how often a user of a closed population comes in a span. [1]

    Parameters
    ----------
    arrivals : Arrivals
        A closed population.
    length_ms : float
        Mean length of a visit. [ms]
    span_ms : float
        How long. [ms]
    """
    away = 0.0 if arrivals.away is None else arrivals.away.mean()
    return span_ms / (length_ms + away)


def visits(
    scenario: Scenario, users: int, span: Intensity, rng: np.random.Generator, *, cold: bool
) -> tuple[Begun, Users]:
    """Let users come and go; hours of little weight make the time away longer, those of much weight shorter.

    Parameters
    ----------
    scenario : Scenario
        A closed population.
    users : int
        How many. [1]
    span : Intensity
        See `paces`.
    rng : Generator
        Draws.
    cold : bool
        Whether all of them are away when it begins; otherwise as many are there as at any moment.

    Returns
    -------
    sessions : Begun
        Sessions that begin in the span, or before it and last into it.
    user : ndarray of int64, shape (n,)
        Who comes.
    """
    length, away = scenario.session.length, scenario.arrivals.away
    if away is None:
        raise ConfigError("arrivals: only a closed population, whose users are away for a while, comes back")
    first_ms, end_ms = float(span.at_ms[0]), float(span.at_ms[-1])
    there = rng.random(users) < (0.0 if cold else length.mean() / (length.mean() + away.mean()))
    just_before = np.nextafter(first_ms, -np.inf)  # who is there at the very start is carried in
    now = np.where(there, just_before, _later(np.full(users, first_ms), rest_of(away, rng, users), span))
    lengths = np.where(there, rest_of(length, rng, users), length.draw(rng, users))
    here = np.arange(users)
    parts, who = [], []
    while len(here):
        coming = now < end_ms
        now, here, lengths = now[coming], here[coming], lengths[coming]
        parts.append(begun(now, lengths))
        who.append(here[(now >= 0) | (now + lengths > 0)])
        now = _later(now + lengths, away.draw(rng, len(here)), span)
        lengths = length.draw(rng, len(here))
    return joined(parts), np.concatenate(who)


def _later(instants: Floats, away: Floats, span: Intensity) -> Floats:
    """Add a time away that runs with the weight of the hours; infinite where the span ends before."""
    after = np.interp(instants, span.at_ms, span.expected) + away
    return np.where((after >= span.total) | (instants >= span.at_ms[-1]), np.inf, span.when(after))


def by_day(scenario: Scenario, sessions: range, span_ms: int, rng: np.random.Generator, *, cold: bool) -> Begun:
    """Let exactly so many come on every working day.

    Parameters
    ----------
    scenario : Scenario
        Its `daily` sessions.
    sessions : range
        Which of those of a day.
    span_ms : int
        Length of the window. [ms]
    rng : Generator
        Draws.
    cold : bool
        Whether those who came before the start are left out.
    """
    arrivals, length = scenario.arrivals, scenario.session.length
    first = 0 if cold else -days_back(scenario)
    parts = []
    for day in range(first, span_ms // MS_PER_DAY + 2):
        if WEEKDAYS[(scenario.start.date() + timedelta(days=day)).weekday()] in arrivals.working_days:
            moment = datetime.combine(scenario.start.date() + timedelta(days=day), arrivals.at or time())
            begin = since_start(scenario, moment)
            starts = begin + rng.random(len(sessions)) * (arrivals.over or 0.0)
            lengths = length.draw(rng, len(sessions))
            kept = (starts < span_ms) & ((starts >= 0) | (not cold))
            parts.append(begun(starts[kept], lengths[kept]))
    return joined(parts)


def weight_of_span(scenario: Scenario, span_ms: int) -> float:
    """Return how busy a span is, 1 being the mean of a week: a Monday may stand for more than the days it is taken for.

    Parameters
    ----------
    scenario : Scenario
        Its hours and days, or the working days of `daily`.
    span_ms : int
        How long it is from the start on. [ms]
    """
    arrivals = scenario.arrivals
    if arrivals.always is not None:
        return 1.0
    if arrivals.daily is not None:
        days = [scenario.start.date() + timedelta(days=day) for day in range(span_ms // MS_PER_DAY + 1)]
        begins = [since_start(scenario, datetime.combine(day, arrivals.at or time())) for day in days
                  if WEEKDAYS[day.weekday()] in arrivals.working_days]  # fmt: skip
        came = sum((arrivals.daily or 0) for begin in begins if 0 <= begin < span_ms)
        return came / workdays(scenario, span_ms)
    pieces = _hours(scenario, 0, span_ms)
    edges = np.array([*(edge for edge, _ in pieces), float(span_ms)])
    return float(np.dot(np.diff(edges), [weight for _, weight in pieces]) / span_ms)


def workdays(scenario: Scenario, span_ms: int) -> float:
    """Return how many sessions `daily` brings in a span, on average. [1]

    Parameters
    ----------
    scenario : Scenario
        Its `daily` sessions.
    span_ms : int
        How long. [ms]
    """
    return (scenario.arrivals.daily or 0) * len(scenario.arrivals.working_days) / len(WEEKDAYS) * span_ms / MS_PER_DAY
