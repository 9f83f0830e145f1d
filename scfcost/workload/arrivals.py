"""When sessions begin: a rate over clock hours and days with its crowds, or a closed population that comes back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from scfcost.core.errors import ConfigError
from scfcost.core.units import MS_PER_DAY, MS_PER_HOUR
from scfcost.workload.distributions import Floats
from scfcost.workload.schema import Arrivals, FlashCrowd, Scenario

_WARM_UP_CYCLES = 3
"""Visits a user of a closed population has made before the start, so that the start is like any other moment. [1]"""


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
    pieces = _hours(scenario, span_ms)
    crowds = [
        (begin, begin + crowd.over, crowd.sessions * scale / crowd.over)
        for crowd in arrivals.flash_crowds
        for begin in _begins(crowd, scenario, span_ms)
    ]
    corners = {0.0, float(span_ms), *(edge for edge, _ in pieces)}
    corners |= {min(edge, float(span_ms)) for begin, end, _ in crowds for edge in (begin, end)}
    at_ms = np.array(sorted(corners))
    middle = (at_ms[1:] + at_ms[:-1]) / 2
    edges, weights = (np.array(column) for column in zip(*pieces, strict=True))
    slope = rate * weights[np.searchsorted(edges, middle, side="right") - 1]
    for begin, end, extra in crowds:
        slope += np.where((middle >= begin) & (middle < end), extra, 0.0)
    return Intensity(at_ms, np.concatenate(([0.0], np.cumsum(slope * np.diff(at_ms)))))


def _hours(scenario: Scenario, span_ms: int) -> list[tuple[float, float]]:
    """Return each clock hour's beginning since the start [ms], and its weight, 1 on average over a week."""
    zone, start_ms = ZoneInfo(scenario.time_zone), scenario.start_ms()
    hours, days = scenario.arrivals.hour_of_day, scenario.arrivals.day_of_week
    mean = sum(hours) * sum(days) / (len(hours) * len(days))
    found = []
    first = start_ms - start_ms % MS_PER_HOUR
    for hour_ms in range(first, start_ms + span_ms, MS_PER_HOUR):
        local = datetime.fromtimestamp(max(hour_ms, start_ms) / 1_000, tz=UTC).astimezone(zone)
        found.append((float(max(hour_ms - start_ms, 0)), hours[local.hour] * days[local.weekday()] / mean))
    return found


def _begins(crowd: FlashCrowd, scenario: Scenario, span_ms: int) -> list[float]:
    """Return when a crowd begins to come, since the start. [ms]"""
    if isinstance(crowd.at, time):
        first = datetime.combine(scenario.start.date(), crowd.at)
        moments = [first + timedelta(days=day) for day in range(span_ms // MS_PER_DAY + 2)]
    else:
        moments = [crowd.at]
    zone, start_ms = ZoneInfo(scenario.time_zone), scenario.start_ms()
    since = [moment.replace(tzinfo=moment.tzinfo or zone).timestamp() * 1_000 - start_ms for moment in moments]
    return [begin for begin in since if 0 <= begin < span_ms]


def mean_visits(arrivals: Arrivals, length_ms: float, span_ms: int) -> float:
    """Return how often a user of a closed population comes in a span. [1]"""
    away = 0.0 if arrivals.away is None else arrivals.away.mean()
    return span_ms / (length_ms + away)


def visits(
    scenario: Scenario, users: int, span: Intensity, rng: np.random.Generator
) -> tuple[Floats, Floats, np.ndarray[tuple[int], np.dtype[np.int64]]]:
    """Let users come and go; hours of little weight make the time away longer, those of much weight shorter.

    Returns
    -------
    connect_ms, length_ms : ndarray of float64, shape (n,)
        Sessions that begin in the span, since its start. [ms]
    user : ndarray of int64, shape (n,)
        Who comes.
    """
    length, away = scenario.session.length, scenario.arrivals.away
    if away is None:
        raise ConfigError("arrivals: only a closed population, whose users are away for a while, comes back")
    span_ms = float(span.at_ms[-1])
    before = (length.mean() + away.mean()) * _WARM_UP_CYCLES
    now = -before * (1 - rng.random(users) / _WARM_UP_CYCLES)
    here = np.arange(users)
    found: list[tuple[Floats, Floats, np.ndarray[tuple[int], np.dtype[np.int64]]]] = []
    while len(here):
        lengths = length.draw(rng, len(here))
        inside = now >= 0
        found.append((now[inside], lengths[inside], here[inside]))
        now = _later(now + lengths, away.draw(rng, len(here)), span)
        staying = now < span_ms
        now, here = now[staying], here[staying]
    starts, lengths, who = (np.concatenate(column) for column in zip(*found, strict=True))
    return starts, lengths, who


def _later(instants: Floats, away: Floats, span: Intensity) -> Floats:
    """Add a time away that runs with the weight of the hours; outside the span it runs as the clock does."""
    passed = np.where(instants < 0, instants, np.interp(instants, span.at_ms, span.expected))
    after = passed + away
    back = np.where(after < 0, after, span.when(after))
    return np.where((after >= span.total) | (instants >= span.at_ms[-1]), np.inf, back)
