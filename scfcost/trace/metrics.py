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
from scfcost.trace.reading.compressed import read_bytes
from scfcost.trace.reading.rejects import STRICT, Reject, settle
from scfcost.trace.reading.times import UNITS, has_time_zone, infer_unit

OPEN, CONNECTS, MESSAGES = "open", "connects", "messages"
_TIME = re.compile(r"^(?:time|timestamp|ts|date|datetime|time_?utc)$")
_SERIES = {
    MESSAGES: re.compile(r"messages|msgs?(?:_|$)|frames"),
    CONNECTS: re.compile(r"connects|connections?_(?:opened|accepted|per_s|rate|new)|new_conn|accept|handshakes|opened"),
    OPEN: re.compile(r"open|active|current|established|connections|sockets|clients|value|online"),
}
"""What a column or a metric is told by, the rarest first."""
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
        what = "an answer of Prometheus to a range query (/api/v1/query_range), with data.result and values"
        raise TraceError(f"{name}: expected {what}") from None
    sums: dict[str, dict[int, Fraction]] = defaultdict(dict)
    faults = []
    for number, (labels, values) in enumerate(series):
        kind = _kind(str(labels.get("__name__", ""))) or OPEN
        for place, pair in enumerate(values):
            try:
                at, value = int(Fraction(read_number(str(pair[0]))) * 1_000), _value(str(pair[1]))
            except (ValueError, LookupError, TypeError):
                what = f"series {number + 1}: {pair!r} is no instant and number of 0 or more"
                faults.append(Reject(name, place + 1, what, str(pair)))
                continue
            sums[kind][at] = sums[kind].get(at, Fraction(0)) + value
    settle(faults, STRICT, Path())
    notes = [f"{len(series)} series, added up where they are of one kind"] if len(series) > 1 else []
    return _metrics(name, sums, notes)


def _of_table(name: str, text: str, zone: Any) -> Metrics:
    lines = text.splitlines()
    delimiter = max(",\t;", key=lines[0].count) if lines else ","
    rows = csv.DictReader(lines, delimiter=delimiter)
    header = list(rows.fieldnames or ())
    time = next((one for one in header if _TIME.match(_bare(one))), None)
    kinds = {one: kind for one in header if one != time and (kind := _kind(_bare(one)))}
    if len(header) == len(("time", "open")) and time is not None and not kinds:
        kinds = {next(one for one in header if one != time): OPEN}
    if time is None or OPEN not in kinds.values():
        wanted = "time" if time is None else "open"
        raise TraceError(
            f"{name}: no column {wanted!r}; {nearest(wanted, header)} A graph is CSV with time, open, and where known "
            "connects and messages a second"
        )
    listed = list(rows)
    instant = _instants([row[time] or "" for row in listed], zone)
    sums: dict[str, dict[int, Fraction]] = defaultdict(dict)
    judged = (_add(name, number, row, time, kinds, instant, sums) for number, row in enumerate(listed, 2))
    faults = [fault for fault in judged if fault]
    settle(faults, STRICT, Path())
    return _metrics(name, sums, [f"{column!r} taken as {kind}" for column, kind in kinds.items() if column != kind])


def _add(
    name: str, number: int, row: Mapping[str, Any], time: str, kinds: Mapping[str, str],
    instant: Callable[[str], int], sums: dict[str, dict[int, Fraction]],
) -> Reject | None:  # fmt: skip
    """Add a row to the series, or return what is wrong with it."""
    column = time
    try:
        at = instant(row[time] or "")
        for column, kind in kinds.items():
            if (row[column] or "").strip() not in ("", "-", "null"):
                sums[kind][at] = sums[kind].get(at, Fraction(0)) + _value(row[column])
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


def _kind(name: str) -> str | None:
    return next((kind for kind, pattern in _SERIES.items() if pattern.search(name.lower())), None)


def _bare(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


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
    moment = datetime.fromisoformat(text.strip())
    return (moment.replace(tzinfo=moment.tzinfo or zone) - _EPOCH) // timedelta(milliseconds=1)
