"""The sums of a trace drawn anew, many times, in whole units: from its sessions or from its days.

Each drawing is a list with the calls, the life, the busy time and the bytes of each function.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from scfcost.analysis.estimate.estimate import TraceEstimate
from scfcost.billing.metering import round_up
from scfcost.core.units import MS_PER_DAY, MS_PER_MINUTE
from scfcost.lifecycle.intervals import busy_intervals
from scfcost.lifecycle.records import Invocations
from scfcost.lifecycle.run import place
from scfcost.trace.model import Int64

DRAWN_ONE_BY_ONE = 20_000
"""Sessions up to which each is drawn; the sums over more are drawn from their normal limit. [1]"""
_MOVED_MS = 15 * MS_PER_MINUTE
"""How far a second copy of a session is moved, so that it does not share its twin's instance by birth. [ms]"""
_CALLS, _LIFE_MS, _BUSY_MS, _BYTES = range(4)
_EXACT_BELOW = 2**57
"""Sums beyond this are drawn in Python's integers, as a session drawn several times could overflow 64 bits. [1]"""


def draw_sessions(found: TraceEstimate, replications: int, rng: np.random.Generator) -> Sequence[list[list[int]]]:
    """Draw the sums of each function, from sessions that each come a Poisson number of times.

    Parameters
    ----------
    found : TraceEstimate
        A priced trace of n sessions.
    replications : int
        How many months. [1]
    rng : Generator
        Draws.
    """
    rows = found.result.invocations
    first = np.flatnonzero(np.diff(rows.session, prepend=-1))
    alone = len(first) == len(rows)  # one invocation a session, as without reconnects
    per_session = [column if alone else np.add.reduceat(column, first) for column in _columns(found)]
    function = found.trace.function_code[rows.session[first]]
    shared = any(config.max_concurrency > 1 for config in found.functions.values())
    if not shared or len(first) > DRAWN_ONE_BY_ONE:
        return draw_sums(per_session, function, [int(busy) for busy in found.result.packing.busy_ms], replications, rng)
    drawn: list[list[list[int]]] = []
    placed: list[Int64] = []
    for _ in range(replications):
        times = rng.poisson(1.0, len(first))
        drawn.append(_drawn(per_session, function, times, len(found.functions)))
        placed.append(_repacked(found, rows, times, rng))
    _set_busy(drawn, np.array(placed), found.result.packing.busy_ms)
    return drawn


def draw_sums(
    per_session: Sequence[Int64],
    function: NDArray[np.int16],
    busy_ms: Sequence[int],
    replications: int,
    rng: np.random.Generator,
) -> Sequence[list[list[int]]]:
    """Draw the sums of each function from the sums of each session, busy time in proportion to the connections.

    Parameters
    ----------
    per_session : sequence of ndarray of int64, each of shape (n,)
        Calls [1], life [ms], busy time of an instance of its own [ms] and bytes [B].
    function : ndarray of int16, shape (n,)
        Index of the function that serves each.
    busy_ms : sequence of int
        Busy time of each function. [ms]
    replications : int
        How many to draw. [1]
    rng : Generator
        Where chance comes from.

    Returns
    -------
    sequence of list of list of int
        For each drawing, calls, life, busy time and bytes of each function.
    """
    functions = len(busy_ms)
    if len(function) <= DRAWN_ONE_BY_ONE:
        count = len(function)
        return [_drawn(per_session, function, rng.poisson(1.0, count), functions) for _ in range(replications)]
    own = [list(per_session)]
    if functions > 1:
        own = [[column[function == code] for column in per_session] for code in range(functions)]
    return _normal_limit(own, busy_ms, replications, rng)


def _drawn(per_session: Sequence[Int64], function: NDArray[np.int16], times: Int64, functions: int) -> list[list[int]]:
    """Sum the sessions of each function, each so many times."""
    return [
        _weighted([column[function == code] for column in per_session], times[function == code])
        for code in range(functions)
    ]


def _set_busy(drawn: Sequence[list[list[int]]], placed: Int64, busy_ms: Int64) -> None:
    """Take busy times from the new placements, moved so that their mean is what was found: copies share a bit less."""
    shift = busy_ms - np.rint(placed.mean(axis=0)).astype(np.int64)
    for sums, row in zip(drawn, placed + shift, strict=True):
        for own, busy in zip(sums, row.tolist(), strict=True):
            own[_BUSY_MS] = max(busy, 0)


def _columns(found: TraceEstimate) -> list[Int64]:
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


def _repacked(found: TraceEstimate, rows: Invocations, times: Int64, rng: np.random.Generator) -> Int64:
    """Return the busy time of shared instances when the drawn sessions are placed anew. [ms]"""
    ordinal = np.cumsum(np.diff(rows.session, prepend=-1) != 0) - 1
    copies = times[ordinal]
    again = np.repeat(np.arange(len(rows)), copies)
    number = np.arange(len(again)) - np.repeat(np.cumsum(copies) - copies, copies)
    away = rng.integers(-_MOVED_MS, _MOVED_MS, (len(times), int(copies.max(initial=0)) + 1))
    since = rows.start_ms[again] - found.trace.start_ms
    later = np.where(number > 0, (since + away[ordinal[again], number]) % found.trace.window_ms, since) - since
    drawn = rows.take(again, start_ms=rows.start_ms[again] + later, end_ms=rows.end_ms[again] + later)
    return place(found.trace, drawn, found.functions, found.platform).busy_ms


def _normal_limit(
    own: Sequence[Sequence[Int64]], busy_ms: Sequence[int], replications: int, rng: np.random.Generator
) -> Sequence[list[list[int]]]:
    """Draw sums over very many sessions: a compound Poisson sum is normal, its covariance the sum of the squares."""
    drawn: list[list[list[int]]] = [[] for _ in range(replications)]
    for columns, busy in zip(own, busy_ms, strict=True):
        exact = [int(column.sum()) for column in columns]
        values = [column.astype(np.float64) for column in columns]
        squares = np.array([[one @ other for other in values] for one in values])
        scale = np.ones(len(exact))
        scale[_BUSY_MS] = busy / max(exact[_BUSY_MS], 1)  # shared instances: in proportion to the connections
        squares *= np.outer(scale, scale)
        exact[_BUSY_MS] = busy
        spread = rng.multivariate_normal(np.zeros(len(exact)), squares, replications, check_valid="ignore")
        for sums, row in zip(drawn, spread.tolist(), strict=True):
            sums.append([max(whole + round(part), 0) for whole, part in zip(exact, row, strict=True)])
    return drawn


def draw_days(
    found: TraceEstimate, days: int, replications: int, rng: np.random.Generator
) -> Sequence[list[list[int]]]:  # fmt: skip
    """Draw the sums of each function from whole days; what is left of the window after them stays as it is.

    Parameters
    ----------
    found : TraceEstimate
        A priced trace.
    days : int
        Whole days that it has. [d]
    replications : int
        How many months. [1]
    rng : Generator
        Draws.
    """
    tables = _sums_by_day(found, days)
    drawn = []
    for times in rng.multinomial(days, np.full(days, 1 / days), replications):
        weights = np.append(times, 1)
        drawn.append([_weighted(list(table.T), weights) for table in tables])
    return drawn


def _sums_by_day(found: TraceEstimate, days: int) -> list[Int64]:
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
