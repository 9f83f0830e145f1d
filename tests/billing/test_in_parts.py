"""Every meter of every platform, of a trace in parts: the same, to the unit, as of the whole."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scfcost.analysis.compare.settings import replayed_on, settings_on
from scfcost.analysis.compare.table import other_platforms
from scfcost.billing.by_hour import settled_by_hour
from scfcost.billing.in_parts import InParts, Meters, kept_of, sums_of
from scfcost.billing.measures import counted_by_function, quantities
from scfcost.billing.over_time import Peaks, RoomTime, Spans
from scfcost.billing.replayed import ALONE, FEWEST, PACKED, Supposed
from scfcost.billing.unit_days import units_by_day
from scfcost.catalog.lifecycle import Lifecycle, Units
from scfcost.catalog.load import load_book
from scfcost.config.function import FunctionConfig
from scfcost.lifecycle.intervals import busy_intervals
from scfcost.trace.model import Int64, Trace
from tests import strategies as draw_from
from tests.oracles.lifecycle import Session

HOUR = 3_600_000
SUPPOSED = [
    Supposed(20, PACKED, 2, True, 3, True),
    Supposed(5, FEWEST, None, True, 2, False),
    Supposed(80_000, ALONE, 1, True, 4, True),
    Supposed(20, PACKED, 3, False, 3, True),
    Supposed(20, FEWEST, 1, False, 3, False),
]


def traces() -> st.SearchStrategy[list[Session]]:
    """Some connections of hours, some of which begin or end at the same instants, with messages on a grid."""
    instant = st.integers(0, 60).map(lambda quarter: quarter * HOUR // 4)

    def session(begin: int, length: int, rows: list[tuple[int, str, int]]) -> Session:
        inside = sorted((begin + at * length // 16, way, size, "data") for at, way, size in rows)
        return Session(begin, begin + length, inside)

    row = st.tuples(st.integers(0, 16), st.sampled_from(("up", "down")), st.sampled_from((0, 1, 2_048, 2_049, 40_000)))
    return st.lists(
        st.builds(session, instant, instant, st.lists(row, max_size=3)), min_size=2, max_size=7
    )  # fmt: skip


def in_pieces(whole: Trace, cuts: list[int]) -> list[Trace]:
    edges = sorted({0, whole.connections, *(cut % whole.connections for cut in cuts)})
    return [whole.between(begin, end) for begin, end in pairwise(edges)]


def rows_of(pieces: list[dict[str, tuple[Int64, ...]]], name: str, at_once: int) -> Iterator[Int64]:
    """Merge what was kept of the pieces in the order of time, all of one instant together, as on disk."""
    columns = [np.vstack((np.array(one[name]), np.full((1, len(one[name][0])), n))) for n, one in enumerate(pieces)]
    together = np.concatenate(columns, axis=1).astype(np.int64)
    together = together[:, np.argsort(together[0], kind="stable")]
    begin = 0
    while begin < together.shape[1]:
        last = together[0, min(begin + at_once, together.shape[1]) - 1]
        end = int(np.searchsorted(together[0], last, "right"))
        yield together[:, begin:end]
        begin = end


def summed(book: str, whole: Trace, cuts: list[int], configs: dict[str, FunctionConfig], at_once: int) -> InParts:
    found = load_book(book)
    assert found.lifecycle is not None
    meters = Meters(found.lifecycle, (found,))
    pieces = [replayed_on(found.lifecycle, one, configs, on_instances=False) for one in in_pieces(whole, cuts)]
    parts = [sums_of(meters, one) for one in pieces]
    kept = [kept_of(meters, one) for one in pieces]
    sums = {name: np.sum([one[name] for one in parts], axis=0) for name in parts[0]}
    own = {name: settings_on(found.lifecycle, config) for name, config in configs.items()}
    hollow = whole.between(0, 0)
    return InParts(hollow, own, meters, sums, lambda name: rows_of(kept, name, at_once), found.time_zone)


@given(
    traces(), st.lists(st.integers(0, 9), max_size=3), st.sampled_from(other_platforms()), st.integers(1, 4),
    st.sampled_from(("none", "on-demand", "immediate")), st.integers(1, 3), st.sampled_from(SUPPOSED),
)  # fmt: skip
def test_every_meter_of_parts_is_that_of_the_whole(
    many: list[Session], cuts: list[int], name: str, at_once: int, reconnect: str, held: int, supposed: Supposed
) -> None:
    whole = draw_from.build_trace(many)
    if whole.window_ms == 0:
        return
    functions = np.arange(whole.connections).astype(np.int16) % 2
    whole = whole.replace(function_code=functions, functions=("a", "b"))
    config = FunctionConfig(reconnect=reconnect, max_concurrency=held, heartbeat_s=1_800)
    configs = {"a": config, "b": config.replace(memory_mb=512)}
    book = load_book(name)
    assert book.lifecycle is not None
    if book.lifecycle.min_instances:
        configs["b"] = configs["b"].replace(provisioned=1)
    at_once_whole = replayed_on(book.lifecycle, whole, configs, time_zone=book.time_zone)
    parts = summed(name, whole, cuts, configs, at_once)
    for meter in book.meters.values():
        for measure in meter.measured:
            expected = counted_by_function(measure, at_once_whole, supposed)
            assert counted_by_function(measure, parts, supposed) == expected, measure
    assert settled_by_hour(book, parts, supposed) == settled_by_hour(book, at_once_whole, supposed)
    assert quantities(book, parts, supposed) == quantities(book, at_once_whole, supposed)


LIVES = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 6), st.integers(0, 2)), max_size=9)


def stretched(lives: list[tuple[int, int, int]], at_once: int) -> tuple[Int64, list[Int64]]:
    rows = np.array(sorted((begin, begin + length, room) for begin, length, room in lives), np.int64).reshape(-1, 3).T
    kept = (rows[0], rows[1], rows[2])
    return rows, [one[:3] for one in rows_of([{"x": kept}], "x", at_once)]


@given(LIVES, st.integers(1, 4))
def test_the_most_of_a_day_is_that_of_all_lives_at_once(lives: list[tuple[int, int, int]], at_once: int) -> None:
    rows, stretches = stretched(lives, at_once)
    edges = np.array([0, 3, 4, 9, 20])
    peaks = Peaks(edges)
    for start, end, _ in stretches:
        peaks.add(start, end)
    units = Units(carries=1, messages_a_day=0, sizes=(1,), source="a page", checked_on="2026-01-01")  # type: ignore[arg-type]
    expected = units_by_day(units, rows[0], rows[1], edges) if len(lives) else [1] * 4
    assert [units.for_connections(int(one)) for one in peaks.finish()] == expected


@given(LIVES, st.integers(1, 4))
def test_rooms_are_awake_as_long_as_by_all_lives_at_once(lives: list[tuple[int, int, int]], at_once: int) -> None:
    rows, stretches = stretched(lives, at_once)
    time = RoomTime(3)
    for start, end, room in stretches:
        time.add(start, end, room)
    begins, ends, _ = busy_intervals(*rows)
    assert time.covered_ms == int((ends - begins).sum())


@given(LIVES, st.integers(1, 4), st.integers(0, 5))
def test_instances_are_busy_and_kept_as_by_all_lives_at_once(
    lives: list[tuple[int, int, int]], at_once: int, kept: int
) -> None:
    rows, stretches = stretched(lives, at_once)
    spans = Spans(1, kept)
    found = [spans.add(start, end, 0 * room, room) for start, end, room in stretches]
    found.append(spans.finish(30))
    together = sorted(row for one in found for row in zip(*(column.tolist() for column in one), strict=True))
    begins, ends, owner = busy_intervals(*rows)
    following = np.append(begins[1:], 0)[: len(begins)]
    again = np.append(owner[1:] == owner[:-1], False)[: len(begins)]
    gaps = np.clip(np.where(again, following, 30) - ends, 0, kept)
    assert together == sorted(zip(begins.tolist(), ends.tolist(), [0] * len(ends), gaps.tolist(), strict=True))


def test_a_platform_that_measures_nothing_together_keeps_nothing() -> None:
    rules = Lifecycle(title="a platform", source="a page", checked_on="2026-01-01")
    assert not Meters(rules, ()).needs_lives
    with pytest.raises(ValueError, match="is not in list"):
        Meters(rules, ()).measures.index(load_book("cloudflare-do").meters["requests"].measured[0])
