"""A graph of open connections over time: CSV, or the JSON of a Prometheus range query."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from scfcost.core.errors import ConfigError, TraceError, nearest
from scfcost.core.guard import OF_SHAPE, parse_json, taking_apart
from scfcost.core.units import MS_PER_DAY, read_number
from scfcost.trace.metric_answers import way_of
from scfcost.trace.metric_names import CONNECTS, MESSAGES, OPEN, TIME, Meaning, bare, left_out, meaning, rates
from scfcost.trace.reading.compressed import read_bytes
from scfcost.trace.reading.rejects import STRICT, Reject, settle
from scfcost.trace.reading.times import UNITS, has_time_zone, infer_unit

_NO_VALUE = frozenset(("", "-", "null", "nan", "none", "n/a", "undefined"))
"""What stands where there is no sample."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PER_MS = {"s": Fraction(1_000), "ms": Fraction(1), "us": Fraction(1, 1_000), "ns": Fraction(1, 1_000_000)}
_MOST_DAYS = 1_100
"""A graph spans three years at most: its hours are told apart by the clock. [d]"""
_LONGEST_MS = _MOST_DAYS * MS_PER_DAY
_FEWEST = 2
"""Samples of which there is a time between. [1]"""


@dataclass(frozen=True, slots=True)
class Metrics:
    """A graph, n samples in the order of time."""

    name: str
    time_ms: tuple[int, ...]
    """Unix epoch, UTC, strictly ascending. [ms]"""
    open: tuple[Fraction, ...]
    """Open connections. [1]"""
    connects: tuple[Fraction, ...] | None = None
    """Connections that begin, a second; None where the graph does not tell. [1/s]"""
    messages: tuple[Fraction, ...] | None = None
    """Messages, a second; None where the graph does not tell. [1/s]"""
    notes: tuple[str, ...] = field(default=())
    """How columns and series were taken."""


def read_metrics(path: Path, *, time_zone: str | None = None) -> Metrics:
    """Read a graph of open connections.

    Parameters
    ----------
    path : Path
        CSV with a header (a time, open connections, and where known `connects` and `messages` a second), or the JSON
        that Prometheus answers a range query with: its series are added up.
    time_zone : str, optional
        Zone of times that name none; UTC by default.

    Raises
    ------
    TraceError
        If it is neither, or holds no two samples; BadRowsError, one of its kind, if values cannot be read.
    ConfigError
        If the time zone is not known.
    """
    if time_zone is not None and not has_time_zone(time_zone):
        raise ConfigError(f"tz: {time_zone!r} is not a time zone such as Asia/Shanghai")
    text = read_bytes(path, str(path)).decode("utf-8-sig", errors="replace")
    with taking_apart(str(path), "a graph of a monitoring system", TraceError):
        if text.lstrip()[:1] in ("{", "["):
            return _of_series(str(path), text)
        return _of_table(str(path), text, ZoneInfo(time_zone) if time_zone else UTC)


def _of_series(name: str, text: str) -> Metrics:
    """Read the answer to a range query; several series of one kind are of several servers, and added up."""
    try:
        results = parse_json(text, parse_float=Decimal)["data"]["result"]
        series = [(dict(one.get("metric", {})), list(one["values"])) for one in results]
    except (ValueError, *OF_SHAPE):
        if way := way_of(name, text):
            raise TraceError(f"{name}: {way}") from None
        what = "an answer of Prometheus to a range query (/api/v1/query_range), with data.result and values"
        raise TraceError(f"{name}: expected {what}, or CSV with the columns time and open") from None
    sums: dict[str, dict[int, Fraction]] = defaultdict(dict)
    faults, named, short = list[Reject](), defaultdict[str, set[str]](set), 0
    parts = left_out([{str(name): str(value) for name, value in labels.items()} for labels, _ in series])
    for number, (labels, values) in enumerate(series, 1):
        if number - 1 in parts:
            continue
        label = str(labels.get("__name__", ""))
        means = meaning(label) if label else Meaning(OPEN)
        if means is None:
            continue
        named[means.kind].add(label)
        found = _samples(name, number, values, faults)
        short += len(set(sums[means.kind]) ^ set(found)) if sums[means.kind] else 0
        _add_up(sums[means.kind], means, found)
    settle(faults, STRICT, Path())
    if several := next((sorted(names) for names in named.values() if len(names) > 1), None):
        names = " and ".join(one or "a metric without a name" for one in several)
        raise TraceError(f"{name}: {names} may mean the same: ask for one of them")
    taken = len(series) - len(parts)
    notes = [f"{taken} series, added up where they are of one kind"] if taken > 1 else []
    notes += [f"not read: {', '.join(dict.fromkeys(parts.values()))}"] if parts else []
    notes += [f"{short} samples that one series has and another lacks: it counts as 0 there"] if short else []
    return _metrics(name, sums, notes)


def _samples(name: str, number: int, values: Sequence[Any], faults: list[Reject]) -> dict[int, Fraction]:
    """Return the samples of one series by their instants, and note what cannot be read."""
    found = {}
    for place, pair in enumerate(values):
        try:
            if str(pair[1]).strip().lower() not in _NO_VALUE:
                found[int(Fraction(read_number(str(pair[0]))) * 1_000)] = _value(str(pair[1]))
        except (ValueError, LookupError, TypeError):
            what = f"series {number}: {pair!r} is no instant and number of 0 or more"
            faults.append(Reject(name, place + 1, what, str(pair)))
    return found


def _add_up(sums: dict[int, Fraction], means: Meaning, found: Mapping[int, Fraction]) -> None:
    """Add the values of one series, a second, to those of its kind."""
    for at, value in (rates(found) if means.is_counter else found).items():
        sums[at] = sums.get(at, Fraction(0)) + value * means.a_second


def _of_table(name: str, text: str, zone: Any) -> Metrics:
    lines = text.splitlines()
    delimiter = max(",\t;", key=lines[0].count) if lines else ","
    rows = csv.DictReader(lines, delimiter=delimiter)
    header = list(rows.fieldnames or ())
    time = next((one for one in header if TIME.match(bare(one))), None)
    kinds = _columns_taken([one for one in header if one and one != time])
    if len(header) == len(("time", "open")) and time is not None and not kinds:
        kinds = {next(one for one in header if one != time): Meaning(OPEN)}
    if time is None or OPEN not in {means.kind for means in kinds.values()}:
        wanted = "time" if time is None else "open"
        raise TraceError(
            f"{name}: no column {wanted!r}; {nearest(wanted, header)} A graph is CSV with time, open, and where known "
            "connects and messages a second"
        )
    listed = [row for row in rows if any(row.values())]
    instant = _instants([row[time] or "" for row in listed], zone)
    found: dict[str, dict[int, Fraction]] = {column: {} for column in kinds}
    judged = (_add(name, number, row, time, instant, found) for number, row in enumerate(listed, 2))
    faults = [fault for fault in judged if fault]
    settle(faults, STRICT, Path())
    sums: dict[str, dict[int, Fraction]] = defaultdict(dict)
    for column, means in kinds.items():
        _add_up(sums[means.kind], means, found[column])
    notes = [f"{column!r} taken as {_said(means)}" for column, means in kinds.items() if column != means.kind]
    left = [repr(column) for column in header if column and column != time and column not in kinds]
    notes += [f"not read: {', '.join(left)}"] if left else []
    twice = len(listed) - len({instant(row[time]) for row in listed})
    return _metrics(name, sums, [*notes, *([f"{twice} rows of an instant before: added up"] if twice else [])])


def _columns_taken(columns: Sequence[str]) -> dict[str, Meaning]:
    """Return what columns mean; where one is called as its kind is, no other is taken for it."""
    told = {column: means for column in columns if (means := meaning(column))}
    exact = {means.kind for column, means in told.items() if bare(column) == means.kind}
    return {one: means for one, means in told.items() if means.kind not in exact or bare(one) == means.kind}


def _said(means: Meaning) -> str:
    if means.is_counter:
        return f"a counter of {means.kind}"
    return means.kind if means.a_second == 1 else f"{means.kind}, {1 / means.a_second} s each"


def _add(
    name: str, number: int, row: Mapping[str, Any], time: str, instant: Callable[[str], int],
    found: dict[str, dict[int, Fraction]],
) -> Reject | None:  # fmt: skip
    """Add a row to its columns, or return what is wrong with it."""
    column = time
    try:
        at = instant(row[time] or "")
        for column, values in found.items():
            if (row[column] or "").strip().lower() not in _NO_VALUE:
                values[at] = values.get(at, Fraction(0)) + _value(row[column])
    except ValueError:
        wanted = "instant" if column == time else "number of 0 or more"
        return Reject(name, number, f"{column}: {row[column]!r} is no {wanted}", "")
    return None


def _metrics(name: str, sums: Mapping[str, Mapping[int, Fraction]], notes: Sequence[str]) -> Metrics:
    times = sorted(sums.get(OPEN, {}))
    if len(times) < _FEWEST:
        raise TraceError(f"{name}: holds {len(times)} samples of open connections; a graph has two or more")
    if times[-1] - times[0] > _LONGEST_MS:
        days = (times[-1] - times[0]) // MS_PER_DAY
        raise TraceError(
            f"{name}: its samples span {days:,} days: is an instant wrong? At most {_MOST_DAYS:,} are read"
        )
    more = {kind: tuple(_held(sums[kind], times)) for kind in (CONNECTS, MESSAGES) if sums.get(kind)}
    opened = tuple(sums[OPEN][at] for at in times)
    return Metrics(name, tuple(times), opened, more.get(CONNECTS), more.get(MESSAGES), tuple(notes))


def _held(series: Mapping[int, Fraction], times: Sequence[int]) -> Iterator[Fraction]:
    """Yield the values of a series at some instants, the last one before where it has none."""
    value = series[min(series)]
    for at in times:
        value = series.get(at, value)
        yield value


def _value(text: str) -> Fraction:
    number = read_number(text)
    if number < 0:
        raise ValueError(text)
    return Fraction(number)


def _instants(texts: Sequence[str], zone: Any) -> Callable[[str], int]:
    """Return what reads the instants of a column: numbers of one unit, told from all of them, or ISO 8601."""
    numbers = [float(text) for text in texts if re.fullmatch(r"\d+(?:\.\d+)?", text.strip())]
    unit = infer_unit(min(numbers), max(numbers)) if numbers else None
    if numbers and unit in UNITS:
        return lambda text: int(Fraction(read_number(text)) * _PER_MS[str(unit)])
    return lambda text: _iso_ms(text, zone)


def _iso_ms(text: str, zone: Any) -> int:
    moment = datetime.fromisoformat(re.sub(r"^(\d{4})/(\d\d)/", r"\1-\2-", text.strip()))
    return (moment.replace(tzinfo=moment.tzinfo or zone) - _EPOCH) // timedelta(milliseconds=1)
