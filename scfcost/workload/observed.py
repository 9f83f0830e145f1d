"""A recorded trace into a scenario that stands for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from scfcost.core.errors import TraceError
from scfcost.core.units import MS_PER_DAY, MS_PER_HOUR
from scfcost.trace.model import BY_SERVER, CONTROL, DIRECTION_MASK, DOWN, UNKNOWN, Int64, Trace
from scfcost.workload.families import FAMILIES
from scfcost.workload.fitting import Fit, fit
from scfcost.workload.schema import DEFAULT_ZONE

_FEWEST = 30
"""Sessions from which a scenario can be told. [1]"""
_TALKATIVE = 5
"""Gaps of a session from which its pace can be told. [1]"""
_ODD_CODE = 1006
"""Close code that stands for one that the trace does not tell: a connection that just ended."""


@dataclass(frozen=True, slots=True)
class Observed:
    """A scenario as plain data, in the form of its file, and how each distribution was found."""

    tables: dict[str, Any]
    fits: dict[str, Fit]
    """By what was fitted, such as `session.length`."""


def observe(trace: Trace, name: str, *, time_zone: str = DEFAULT_ZONE, with_pace: bool = True) -> Observed:
    """Describe a trace as a scenario: its arrivals by the clock, lengths, closes, and streams up and down.

    Lives of connections that are still open when the trace ends are taken as censored.

    Parameters
    ----------
    trace : Trace
        Connections with message rows.
    name : str
        What the scenario is called.
    time_zone : str
        Zone of the clock by which people come.
    with_pace : bool
        Whether sessions may differ in how much they talk, or all have the gaps of one distribution.

    Raises
    ------
    TraceError
        If the trace has no messages, no extent in time or too few sessions.
    """
    trace = trace.take(~carried_in(trace))  # what is left of a session tells neither its length nor when it came
    data = trace.message_flags & CONTROL == 0
    if not trace.has_messages or not data.any():
        raise TraceError("the trace has no messages, so nothing tells how long its connections are silent")
    if trace.window_ms == 0 or trace.connections < _FEWEST:
        raise TraceError(f"{trace.connections} sessions in {trace.window_ms} ms are too few to tell a scenario from")
    lengths = fit(_ended_ms(trace) - trace.connect_ms, _gone_ms(trace) > trace.end_ms)
    fits = {"session.length": lengths}
    tables: dict[str, Any] = {
        "name": name,
        "function": trace.functions[0],
        "start": _monday(trace, time_zone),
        "time_zone": time_zone,
        "arrivals": _arrivals(trace, time_zone),
        "session": {"length": times_of(lengths), **_ends(trace)},
        "streams": [],
    }
    pace: list[float] = []
    for way, direction in (("up", data & ~_is_down(trace)), ("down", data & _is_down(trace))):
        if direction.any():
            stream, found, spread = _stream(trace, way, direction, with_pace=with_pace)
            tables["streams"].append(stream)
            fits.update({f"{way}.{key}": one for key, one in found.items()})
            pace.append(spread)
    if with_pace and max(pace) > 0:
        tables["session"]["pace"] = {"family": "lognormal", "median": 1, "sigma": round(max(pace), 3), "at_least": 0.01}
    heartbeat = _heartbeat(trace)
    if heartbeat:
        tables["heartbeat"] = heartbeat
    return Observed(tables, fits)


def carried_in(trace: Trace) -> NDArray[np.bool_]:
    """Return which sessions were under way when the trace begins: several that start at its first instant."""
    first: NDArray[np.bool_] = trace.connect_ms == trace.start_ms
    return first & (int(first.sum()) > 1)


def _gone_ms(trace: Trace) -> Int64:
    """Return when each client closed or was lost, FOREVER_MS where it is still there. [ms]"""
    return np.minimum(trace.client_lost_ms, trace.close_ms)


def _ended_ms(trace: Trace) -> Int64:
    """Return until when each client was seen. [ms]"""
    return np.minimum(_gone_ms(trace), trace.end_ms)


def _is_down(trace: Trace) -> NDArray[np.bool_]:
    down: NDArray[np.bool_] = (trace.message_flags & DIRECTION_MASK) == DOWN
    return down


def _monday(trace: Trace, time_zone: str) -> datetime:
    """Return the Monday of the week in which the trace begins, so that hours and days keep their places."""
    local = datetime.fromtimestamp(trace.start_ms / 1_000, tz=UTC).astimezone(ZoneInfo(time_zone))
    return datetime.combine(local.date() - timedelta(days=local.weekday()), datetime.min.time())


def _arrivals(trace: Trace, time_zone: str) -> dict[str, Any]:
    """Count arrivals by clock hour where the trace has a day, and by day of the week where it has one."""
    table: dict[str, Any] = {"per_hour": float(f"{trace.connections * MS_PER_HOUR / trace.window_ms:.6g}")}
    zone = ZoneInfo(time_zone)
    edges = np.arange(trace.start_ms - trace.start_ms % MS_PER_HOUR, trace.end_ms + 1, MS_PER_HOUR)
    begins, ends = np.maximum(edges, trace.start_ms), np.minimum(edges + MS_PER_HOUR, trace.end_ms)
    counts = np.bincount((trace.connect_ms - edges[0]) // MS_PER_HOUR, minlength=len(edges))
    clock = [datetime.fromtimestamp(edge / 1_000, tz=UTC).astimezone(zone) for edge in edges.tolist()]
    if trace.window_ms >= MS_PER_DAY:
        table["hour_of_day"] = _weights(np.array([one.hour for one in clock]), counts, ends - begins, 24)
    if trace.window_ms >= 7 * MS_PER_DAY:
        table["day_of_week"] = _weights(np.array([one.weekday() for one in clock]), counts, ends - begins, 7)
    return table


def _weights(group: NDArray[Any], counts: NDArray[Any], seen_ms: Int64, groups: int) -> list[float]:
    """Return arrivals per hour that was seen, of each group of hours."""
    hours = np.bincount(group, weights=seen_ms, minlength=groups) / MS_PER_HOUR
    rates = np.bincount(group, weights=counts, minlength=groups) / np.maximum(hours, 1e-9)
    return [float(f"{rate:.4g}") for rate in np.where(hours > 0, rates, 0.0)]


def _ends(trace: Trace) -> dict[str, Any]:
    """Return how sessions end: lost clients, and close codes by their shares."""
    lost = trace.client_lost_ms <= trace.end_ms
    closed = (trace.close_ms <= trace.end_ms) & ~lost
    known = np.where(trace.close_code == UNKNOWN, _ODD_CODE, trace.close_code).astype(np.int64)
    kinds, counts = np.unique(known[closed] * 2 + (trace.closed_by[closed] == BY_SERVER), return_counts=True)
    table: dict[str, Any] = {}
    if lost.any():
        table["lost"] = round(float(lost.sum() / (lost.sum() + closed.sum())), 4)
    if len(kinds):
        shares = [round(count / counts.sum(), 4) for count in counts.tolist()]
        shares[int(np.argmax(shares))] += 1 - sum(shares)
        table["closes"] = [
            {"code": kind // 2, "by": "server" if kind % 2 else "client", "share": f"{share:.4f}"}
            for kind, share in zip(kinds.tolist(), shares, strict=True)
            if share > 0
        ]
    return table


def _stream(
    trace: Trace, way: str, rows: NDArray[np.bool_], *, with_pace: bool
) -> tuple[dict[str, Any], dict[str, Fit], float]:
    """Fit first wait, gaps and sizes of the messages of one direction, and how far sessions differ in their pace."""
    owner = np.repeat(np.arange(trace.connections), np.diff(trace.offsets))[rows]
    instants, sizes = trace.message_ms[rows], trace.message_bytes[rows]
    first = np.flatnonzero(np.diff(owner, prepend=-1))
    later = np.ones(len(owner), np.bool_)
    later[first] = False
    gaps = (instants - np.concatenate((instants[:1], instants[:-1])))[later]
    spread, log_pace = _pace(owner[later], gaps, trace.connections) if with_pace else (0.0, np.zeros(trace.connections))
    ended = _ended_ms(trace)
    silent = np.ones(trace.connections, np.bool_)
    silent[owner[first]] = False
    waits = np.concatenate((instants[first] - trace.connect_ms[owner[first]], (ended - trace.connect_ms)[silent]))
    waiting = np.concatenate((owner[first], np.flatnonzero(silent)))
    fits = {"first": fit(waits / np.exp(log_pace[waiting]), np.arange(len(waits)) >= len(first))}
    if len(gaps):
        last = np.append(first[1:], len(owner)) - 1
        quiet = np.maximum(ended[owner[last]] - instants[last], 0)  # the silence that the end of a session cut short
        every = np.concatenate((gaps, quiet)) / np.exp(log_pace[np.concatenate((owner[later], owner[last]))])
        fits["gap"] = fit(every, np.arange(len(every)) >= len(gaps))
    known = sizes[sizes != UNKNOWN]
    if len(known):
        fits["bytes"] = fit(known)
    table: dict[str, Any] = {"name": way, "direction": way, "first": times_of(fits["first"])}
    table["gap"] = times_of(fits.get("gap", fits["first"]))
    table["bytes"] = sizes_of(fits["bytes"]) if len(known) else 0
    return table, fits, spread


def _pace(owner: Int64, gaps: Int64, sessions: int) -> tuple[float, NDArray[np.float64]]:
    """Split the logarithms of gaps into those between sessions and those within.

    Returns
    -------
    spread : float
        Standard deviation of the sessions' own logarithms, chance within sessions taken out.
    log_pace : ndarray of float64, shape (sessions,)
        Of each session, as near to the mean of all as its few gaps leave it uncertain; 0 where it has hardly any.
    """
    logs = np.log(gaps + 0.5)
    counts = np.bincount(owner, minlength=sessions)
    means = np.bincount(owner, weights=logs, minlength=sessions) / np.maximum(counts, 1)
    talkative = counts >= _TALKATIVE
    if talkative.sum() < _FEWEST:
        return 0.0, np.zeros(sessions)
    inside = talkative[owner]
    within = float(((logs - means[owner])[inside] ** 2).sum() / max((counts[talkative] - 1).sum(), 1))
    between = float(means[talkative].var()) - within * float((1 / counts[talkative]).mean())
    if between <= 0:
        return 0.0, np.zeros(sessions)
    centre = float(means[talkative].mean())
    trust = between / (between + within / np.maximum(counts, 1))
    return between**0.5, np.where(counts > 0, trust * (means - centre), 0.0)


def _heartbeat(trace: Trace) -> dict[str, Any]:
    """Return the period of pings and pongs from the clients, where there are any."""
    pings = (trace.message_flags & CONTROL != 0) & ~_is_down(trace)
    owner = np.repeat(np.arange(trace.connections), np.diff(trace.offsets))[pings]
    instants = trace.message_ms[pings]
    gaps = np.diff(instants)[np.diff(owner) == 0]
    return {"every": _seconds(float(np.median(gaps))), "kind": "ping"} if len(gaps) and np.median(gaps) > 0 else {}


def times_of(found: Fit) -> dict[str, Any]:
    """Return the distribution of some times as a scenario states it."""
    return _stated(found, _seconds)


def sizes_of(found: Fit) -> dict[str, Any]:
    """Return the distribution of some sizes as a scenario states it."""
    return _stated(found, lambda size: f"{size:.4g} B" if size < 1e4 else f"{size:.0f} B")


def _seconds(duration_ms: float) -> str:
    text = f"{duration_ms / 1_000:.5g}"
    return f"{float(text):f}".rstrip("0").rstrip(".") + "s"


def _stated(found: Fit, written: Any) -> dict[str, Any]:
    best = found.best
    if best is None:
        table = [written(value) for value in found.quantiles]
        return {"family": "empirical", "quantiles": table}
    shape = FAMILIES[best.family].shape
    kind = {"exponential": "mean", "lognormal": "median"}.get(best.family, "scale")
    stated: Mapping[str, Any] = {} if shape is None else {shape: float(f"{best.shape:.5g}")}
    bound = {"at_most": written(found.quantiles[-1])} if best.family == "pareto" else {}
    return {"family": best.family, kind: written(best.scale), **stated, **bound}
