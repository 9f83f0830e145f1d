"""A graph of open connections into a scenario whose open connections follow it."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scfcost.core.units import MS_PER_DAY, MS_PER_HOUR
from scfcost.trace.metrics import Metrics
from scfcost.workload.generate import plan, simulate
from scfcost.workload.graph import findings_of, scenario_of
from scfcost.workload.schema import parse_scenario
from scfcost.workload.writing import lines_of

MIDNIGHT = 1_767_196_800_000
"""2026-01-01T00:00:00+08:00, a Thursday."""
LIFE_S = 600


def wave(hour: float) -> float:
    return 120 + 60 * math.sin(2 * math.pi * hour / 24)


def graph(days: int, *, connects: bool = True, messages: bool = True) -> Metrics:
    hours = [step / 4 for step in range(days * 96 + 1)]
    opened = tuple(Fraction(round(wave(hour))) for hour in hours)
    rates = tuple(one / LIFE_S for one in opened) if connects else None
    said = tuple(one / 2_000 for one in opened) if messages else None
    times = tuple(MIDNIGHT + round(hour * MS_PER_HOUR) for hour in hours)
    return Metrics("open.csv", times, opened, rates, said)


@given(st.lists(st.tuples(st.integers(1, 10**6), st.integers(0, 10**4)), min_size=2, max_size=30))
def test_the_integral_is_exact_and_bounds_any_line_between(samples: list[tuple[int, int]]) -> None:
    times = np.cumsum([step for step, _ in samples]).tolist()
    values = [value for _, value in samples]
    found = findings_of(Metrics("g", tuple(times), tuple(map(Fraction, values))))
    upper = twice = 0
    for place in range(len(times) - 1):
        upper += (times[place + 1] - times[place]) * max(values[place : place + 2])
        twice += (times[place + 1] - times[place]) * sum(values[place : place + 2])
    assert (found.upper_ms, found.straight_ms) == (upper, Fraction(twice, 2))
    assert found.straight_ms <= found.upper_ms <= found.peak * found.window_ms


def test_the_mean_life_is_that_of_littles_law() -> None:
    assert findings_of(graph(1)).mean_life_ms == LIFE_S * 1_000
    assert findings_of(graph(1, connects=False)).mean_life_ms is None


def test_a_graph_cannot_fall_faster_than_its_lives_end() -> None:
    times = tuple(range(0, 5 * 60_000, 60_000))
    found = findings_of(Metrics("g", times, tuple(Fraction(round(1000 * math.exp(-at / 300_000))) for at in times)))
    assert found.most_life_ms == pytest.approx(300_000, rel=0.01)


@pytest.mark.parametrize("connects", [True, False])
def test_open_connections_of_the_scenario_follow_the_graph(connects: bool) -> None:
    tables, notes = scenario_of(graph(1, connects=connects), "g", "Asia/Shanghai", None if connects else LIFE_S * 1_000)
    scenario = parse_scenario("\n".join(lines_of(tables, {})), "g")
    assert ("Little" in notes["session.length"]) is connects
    trace = simulate(plan(scenario, days=1), 1)
    start = trace.start_ms
    for hour in range(1, 24):
        instants = start + np.arange(hour * MS_PER_HOUR, (hour + 1) * MS_PER_HOUR, 60_000)
        opened = [int(((trace.connect_ms <= at) & (trace.close_ms > at)).sum()) for at in instants.tolist()]
        deviation = math.sqrt(wave(hour + 0.5) * 2 * LIFE_S / 3_600)  # of an hour's mean, lives of ten minutes
        assert abs(np.mean(opened) - wave(hour + 0.5)) < 5 * deviation + 2


def test_a_week_tells_weekdays_and_a_part_of_a_day_no_hours() -> None:
    assert len(scenario_of(graph(7), "g", "Asia/Shanghai", None)[0]["arrivals"]["day_of_week"]) == 7
    morning = graph(1)
    short = Metrics("g", morning.time_ms[:20], morning.open[:20])
    tables, notes = scenario_of(short, "g", "Asia/Shanghai", None)
    assert set(tables["arrivals"]) == {"per_hour"}
    assert "no whole day" in notes["arrivals.per_hour"]
    assert "a guess" in notes["session.length"]


def test_a_flat_graph_is_connections_that_never_leave() -> None:
    flat = Metrics("g", (0, MS_PER_DAY), (Fraction(40), Fraction(40)))
    tables, _ = scenario_of(flat, "g", "UTC", None)
    assert tables["arrivals"] == {"always": 40}
    parse_scenario("\n".join(lines_of(tables, {})), "g")
