"""A graph of open connections into a scenario whose open connections follow it.

Little's law: mean of open connections = rate of connects × mean life; with exponential lives of mean W the open
connections L(t) under a rate λ(t) obey dL/dt = λ − L/W, so that λ = L/W + dL/dt makes them follow the graph.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from scfcost.core.units import MS_PER_DAY, MS_PER_HOUR, MS_PER_SECOND
from scfcost.trace.metrics import Metrics
from scfcost.workload.quantities import written_duration

GUESSED_LIFE_MS = 600_000
"""Mean life where nothing tells it: ten minutes. [ms]"""
GUESSED_GAP_S, GUESSED_BYTES = 30, 100
"""Time between two messages of a connection, and their size, where nothing tells them. [s], [B]"""
_HOURS, _DAYS = 24, 7
_GAP = 3
"""A hole of a graph is so many times longer than the usual time between two samples. [1]"""


@dataclass(frozen=True, slots=True)
class Findings:
    """What a graph tells of its connections, exactly."""

    window_ms: int
    """From the first sample to the last. [ms]"""
    upper_ms: Fraction
    """Time of all connections together, at most: between two samples the larger one. [ms]"""
    straight_ms: Fraction
    """The same where the graph goes straight from sample to sample. [ms]"""
    peak: Fraction
    """Most open connections. [1]"""
    peak_connects: Fraction | None
    """Most connects a second, None where the graph does not tell. [1/s]"""
    mean_life_ms: Fraction | None
    """By Little's law, None where the graph does not tell connects. [ms]"""
    most_life_ms: Fraction | None
    """The longest mean of exponential lives with which the graph can fall so, None where it never falls. [ms]"""
    holes: int
    """Times between samples that are much longer than others. [1]"""
    longest_hole_ms: int

    @property
    def mean_open(self) -> Fraction:
        """Mean of open connections. [1]"""
        return self.straight_ms / self.window_ms


def findings_of(metrics: Metrics) -> Findings:
    """Return what a graph tells."""
    steps = _steps(metrics)
    lengths = [end - start for start, end, *_ in steps]
    usual = median(lengths)
    holes = [length for length in lengths if length > _GAP * usual]
    straight = sum((Fraction(end - start) * (one + other) / 2 for start, end, one, other in steps), Fraction(0))
    falls = [
        Fraction(end - start) * (one + other) / 2 / (one - other) for start, end, one, other in steps if other < one
    ]
    begun = None if metrics.connects is None else _integral(metrics, metrics.connects) / MS_PER_SECOND
    return Findings(
        window_ms=metrics.time_ms[-1] - metrics.time_ms[0],
        upper_ms=sum((Fraction(end - start) * max(one, other) for start, end, one, other in steps), Fraction(0)),
        straight_ms=straight,
        peak=max(metrics.open),
        peak_connects=None if metrics.connects is None else max(metrics.connects),
        mean_life_ms=straight / begun if begun else None,
        most_life_ms=min(falls) if falls else None,
        holes=len(holes),
        longest_hole_ms=max(holes, default=0),
    )


def _steps(metrics: Metrics) -> list[tuple[int, int, Fraction, Fraction]]:
    times, values = metrics.time_ms, metrics.open
    return list(zip(times, times[1:], values, values[1:], strict=False))


def _integral(metrics: Metrics, series: Sequence[Fraction]) -> Fraction:
    times = metrics.time_ms
    pairs = zip(times, times[1:], series, series[1:], strict=False)
    return sum((Fraction(end - start) * (one + other) / 2 for start, end, one, other in pairs), Fraction(0))


def scenario_of(
    metrics: Metrics, name: str, zone: str, mean_life_ms: int | None
) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the tables of a scenario whose open connections follow a graph, and notes that say whence each is.

    Parameters
    ----------
    metrics : Metrics
        The graph.
    name : str
        What the scenario is called.
    zone : str
        Time zone of its clock.
    mean_life_ms : int or None
        Mean life of the connections; where not given that of Little's law, else a guess. [ms]
    """
    found = findings_of(metrics)
    start = _clock(metrics.time_ms[0], zone).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    tables: dict[str, Any] = {"name": name, "start": start, "time_zone": zone}
    notes: dict[str, str] = {}
    notes["messages.bytes"] = "a guess: a graph of connections tells no sizes"
    if len(set(metrics.open)) == 1 and metrics.connects is None and mean_life_ms is None:
        stream, notes["messages.gap"] = _stream(metrics, found, None)
        tables |= {"arrivals": {"always": round(metrics.open[0])}, "streams": [stream]}
        notes["arrivals.always"] = "the graph is flat and tells no connects: taken as connections that never leave"
        return tables, notes
    life = Fraction(mean_life_ms or found.mean_life_ms or GUESSED_LIFE_MS)
    tables["arrivals"], notes["arrivals.per_hour"] = _arrivals(metrics, found, zone, life)
    tables["session"] = {"length": {"family": "exponential", "mean": written_duration(float(life))}}
    stream, notes["messages.gap"] = _stream(metrics, found, life)
    source = "as was said" if mean_life_ms else "by Little's law: open connections / connects"
    guess = "a guess: the graph tells no connects, and so no lives (--mean-life says it)"
    notes["session.length"] = source if mean_life_ms or found.mean_life_ms else guess
    return {**tables, "streams": [stream]}, notes


def _arrivals(metrics: Metrics, found: Findings, zone: str, life: Fraction) -> tuple[dict[str, Any], str]:
    """Return connects by hour and weekday that make the open connections follow the graph."""
    by_hour = _of_hours(metrics, zone)
    rate = found.mean_open * MS_PER_HOUR / life
    if None in by_hour or found.window_ms < MS_PER_DAY:
        text = "open connections / mean life; the graph covers no whole day, so no hours are told"
        return {"per_hour": _rounded(rate)}, text
    hours = [Fraction(one or 0) for one in by_hour]
    weights = [
        max(hours[hour] * MS_PER_HOUR / life + (hours[(hour + 1) % _HOURS] - hours[hour - 1]) / 2, Fraction(0))
        for hour in range(_HOURS)
    ]
    told: dict[str, Any] = {"per_hour": _rounded(rate), "hour_of_day": [_rounded(one) for one in weights]}
    if found.window_ms >= _DAYS * MS_PER_DAY:
        told["day_of_week"] = [_rounded(one) for one in _of_weekdays(metrics, zone, hours)]
    return told, "open connections / mean life, and by hour their change: λ = L/W + dL/dt"


def _parts(metrics: Metrics, zone: str) -> Iterator[tuple[datetime, int, Fraction]]:
    """Yield the graph in parts within clock hours: when each is, how long [ms], and its mean of open connections."""
    for start, end, one, other in _steps(metrics):
        for begin, stop in _within_hours(start, end):
            middle = Fraction(begin + stop, 2)
            yield _clock(begin, zone), stop - begin, one + (other - one) * (middle - start) / (end - start)


def _of_hours(metrics: Metrics, zone: str) -> list[Fraction | None]:
    """Return the mean of open connections in each clock hour, None where the graph has none."""
    time, area = [0] * _HOURS, [Fraction(0)] * _HOURS
    for moment, length, value in _parts(metrics, zone):
        time[moment.hour] += length
        area[moment.hour] += value * length
    return [area[hour] / time[hour] if time[hour] else None for hour in range(_HOURS)]


def _of_weekdays(metrics: Metrics, zone: str, hours: Sequence[Fraction]) -> list[Fraction]:
    """Return how many are open on each weekday, as a part of what its hours have on average."""
    seen, usual = [Fraction(0)] * _DAYS, [Fraction(0)] * _DAYS
    for moment, length, value in _parts(metrics, zone):
        seen[moment.weekday()] += value * length
        usual[moment.weekday()] += hours[moment.hour] * length
    return [seen[day] / usual[day] if usual[day] else Fraction(1) for day in range(_DAYS)]


def _within_hours(start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield a time in parts within clock hours; zones lie whole quarters of an hour apart."""
    quarter = MS_PER_HOUR // 4
    while start < end:
        stop = min((start // quarter + 1) * quarter, end)
        yield start, stop
        start = stop


def _stream(metrics: Metrics, found: Findings, life_ms: Fraction | None) -> tuple[dict[str, Any], str]:
    """Return the messages of a connection; where most have none in their life, some have one."""
    gap_ms = Fraction(GUESSED_GAP_S * MS_PER_SECOND)
    note = "a guess: the graph tells no messages, and so no silences: what idle timeouts cut is not known"
    if metrics.messages is not None and any(metrics.messages):
        gap_ms = found.straight_ms * MS_PER_SECOND / _integral(metrics, metrics.messages)
        note = "open connections / messages a second; that they are spread evenly, and go down, is a guess"
    stream: dict[str, Any] = {"name": "messages", "direction": "down"}
    if life_ms is not None and gap_ms > life_ms:
        stream["share"] = float(f"{float(life_ms / gap_ms):.6g}")
        gap_ms = life_ms
    return {
        **stream,
        "gap": {"family": "exponential", "mean": written_duration(float(gap_ms))},
        "bytes": GUESSED_BYTES,
    }, note


def _clock(at_ms: int, zone: str) -> datetime:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=at_ms)).astimezone(ZoneInfo(zone))


def _rounded(value: Fraction) -> float:
    return float(f"{float(value):.6g}")
