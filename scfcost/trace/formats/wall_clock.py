"""Local times into instants, through the two nights in which a zone changes its clocks, and over New Year's Eve.

A log is written as time goes by, so the order of its lines tells the hour that comes twice apart: no line can be of an
end before that of the line above.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from scfcost.core.units import MS_PER_DAY
from scfcost.trace.model import Int64

SLACK_MS = 2_000
"""How far lines that were written at about the same time may stand out of order. [ms]"""
_MOST_DAYS = 40_000
"""Logs are looked at for changes of the clocks over a century. [1]"""
_MINUTE_MS = 60_000
_BACK_MS = 2 * 60 * _MINUTE_MS
"""Threads write lines a little out of order, and clocks are put back by an hour: a day's end is more. [ms]"""
_HALF_YEAR_MS = 183 * MS_PER_DAY


class Change(NamedTuple):
    """A night in which a zone changed its clocks."""

    at_ms: int
    before_ms: int
    """What local time was ahead of UTC. [ms]"""
    after_ms: int
    """What it was from then on. [ms]"""


@dataclass(frozen=True, slots=True)
class Decided:
    """Instants of local times."""

    at_ms: Int64
    """Shape (n,). [ms]"""
    known: NDArray[np.bool_]
    """False for times that the clocks skipped. Shape (n,)."""
    twice: int
    """Times that the clocks showed twice. [1]"""
    in_order: bool
    """Whether the order of the lines told which of both was meant."""


def changes(zone: str, first_ms: int, last_ms: int) -> list[Change]:
    """Return the changes of a zone's clocks from a day before one instant to a day after another, to the minute.

    Parameters
    ----------
    zone : str
        Name of the zone, as the IANA database has it.
    first_ms : int
        First instant. [epoch ms]
    last_ms : int
        Last instant. [epoch ms]

    Examples
    --------
    >>> [one.after_ms - one.before_ms for one in changes("Europe/Berlin", 1767225600000, 1798761600000)]
    [3600000, -3600000]
    """
    place = ZoneInfo(zone)
    day, end = first_ms - MS_PER_DAY, min(last_ms + MS_PER_DAY, first_ms + _MOST_DAYS * MS_PER_DAY)
    found = []
    before = _offset_ms(place, day)
    while day < end:
        after = _offset_ms(place, day + MS_PER_DAY)
        if after != before:
            found.append(Change(_instant_of(place, day, before), before, after))
        day, before = day + MS_PER_DAY, after
    return found


def _offset_ms(place: ZoneInfo, at_ms: int) -> int:
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=at_ms)
    return (moment.astimezone(place).utcoffset() or timedelta()) // timedelta(milliseconds=1)


def _instant_of(place: ZoneInfo, day_ms: int, before_ms: int) -> int:
    """Return the first minute of a day that is not as far from UTC as the day's start."""
    low, high = day_ms // _MINUTE_MS, (day_ms + MS_PER_DAY) // _MINUTE_MS
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _offset_ms(place, middle * _MINUTE_MS) == before_ms else (low, middle)
    return high * _MINUTE_MS


def has_special(instants_ms: Int64, zone: str) -> bool:
    """Whether one of a few instants lies within two hours of a change of the clocks.

    Parameters
    ----------
    instants_ms : ndarray of int64, shape (n,)
        The instants. [epoch ms]
    zone : str
        Name of the zone, as the IANA database has it.
    """
    if len(instants_ms) == 0:
        return False
    near = [one.at_ms for one in changes(zone, int(instants_ms.min()), int(instants_ms.max()))]
    return any(bool((np.abs(instants_ms - at) <= 2 * 3_600_000).any()) for at in near)


def decide(file: Int64, wall_ms: Int64, after_ms: Int64, zone: str, since: int | date | None) -> Decided:
    """Turn local times into instants, in the order of the lines.

    Parameters
    ----------
    file : ndarray of int64, shape (n,)
        Number of the file of each line; each file is in an order of its own.
    wall_ms : ndarray of int64, shape (n,)
        Local times, as if they were of UTC; with a year given, in a leap year that stands for it; with a day, all on
        it. [ms]
    after_ms : ndarray of int64, shape (n,)
        How long after its time a line was written. [ms]
    zone : str
        The zone.
    since : int, date or None
        Year or day of the first line, where the times name none.
    """
    wall = wall_ms
    if since is not None:
        wall = with_days(wall_ms) if isinstance(since, date) else with_years(wall_ms, since)
    if len(wall) == 0:
        return Decided(wall, np.zeros(0, np.bool_), 0, in_order=True)
    offset, later = np.zeros_like(wall), np.zeros_like(wall)
    skipped = np.zeros(len(wall), np.bool_)
    found = changes(zone, int(wall.min()), int(wall.max()))
    offset[:] = found[0].before_ms if found else _offset_ms(ZoneInfo(zone), int(wall[0]))
    for one in found:
        early, late = sorted((one.at_ms + one.before_ms, one.at_ms + one.after_ms))
        between = (wall >= early) & (wall < late)
        offset[wall >= late] = one.after_ms
        if one.after_ms < one.before_ms:
            later[between] = one.before_ms - one.after_ms
        else:
            skipped |= between
    first = wall - offset
    chosen, in_order = _by_order(file, first, later, first + after_ms)
    return Decided(chosen, ~skipped, int((later > 0).sum()), in_order)


def _by_order(file: Int64, first_ms: Int64, later_ms: Int64, end_ms: Int64) -> tuple[Int64, bool]:
    """Take the first of both instants at which the line is not written before those above it."""
    chosen = first_ms.copy()
    for begin, end in zip(*_runs(file), strict=True):
        own = slice(begin, end)
        sure = np.where(later_ms[own] > 0, np.iinfo(np.int64).min, end_ms[own])
        written = np.maximum.accumulate(sure)
        latest = np.iinfo(np.int64).min
        for row in np.flatnonzero(later_ms[own] > 0).tolist():
            latest = max(latest, int(written[row]))
            options = [int(end_ms[own][row]), int(end_ms[own][row] + later_ms[own][row])]
            fitting = [one for one in options if one >= latest - SLACK_MS]
            if not fitting:
                return first_ms, False
            chosen[begin + row] += fitting[0] - options[0]
            latest = max(latest, fitting[0])
    return chosen, True


def _runs(file: Int64) -> tuple[list[int], list[int]]:
    begins = [0, *(np.flatnonzero(np.diff(file)) + 1).tolist()]
    return begins, [*begins[1:], len(file)]


def with_days(wall_ms: Int64) -> Int64:
    """Give times of one day the days that their order tells: a fall by more than two hours is a midnight.

    Parameters
    ----------
    wall_ms : ndarray of int64, shape (n,)
        Times in the order of the log, all on the first day. [ms]

    Examples
    --------
    >>> (with_days(np.array([86399000, 86398000, 1000, 86399500, 2000])) // 86400000).tolist()
    [0, 0, 1, 0, 1]
    """
    steps = np.diff(wall_ms)
    days = np.cumsum((steps < -_BACK_MS).astype(np.int64) - (steps > MS_PER_DAY - _MINUTE_MS))
    found: Int64 = wall_ms + np.concatenate(([0], days)) * MS_PER_DAY
    return found


def with_years(wall_ms: Int64, year: int) -> Int64:
    """Give times of one leap year the years that their order tells: a fall by half a year is a New Year's Eve.

    Parameters
    ----------
    wall_ms : ndarray of int64, shape (n,)
        Times in the order of the log, as if they were of UTC. [ms]
    year : int
        Year of the last of them.

    Examples
    --------
    >>> eve = np.array([978307199000, 946684800000])  # 31 December and 1 January of 2000
    >>> with_years(eve, 2025).astype("datetime64[ms]").astype(str).tolist()
    ['2025-12-31T23:59:59.000', '2026-01-01T00:00:00.000']
    """
    years = year + np.concatenate(([0], np.cumsum(np.diff(wall_ms) < -_HALF_YEAR_MS)))
    months = wall_ms.astype("datetime64[ms]").astype("datetime64[M]")
    within = wall_ms - months.astype("datetime64[ms]").astype(np.int64)
    number = months.astype(np.int64) % 12 + (years - 1970) * 12
    found: Int64 = number.astype("datetime64[M]").astype("datetime64[ms]").astype(np.int64) + within
    return found
