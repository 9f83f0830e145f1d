"""The timeline against a count at every instant, and against queueing theory."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from scfcost.lifecycle import instances as packer
from scfcost.lifecycle.intervals import busy_intervals, levels, time_order
from scfcost.lifecycle.timeline import Timeline, timeline
from tests.lifecycle.test_instances import build, calls_from, drawn_calls, drawn_rules, limits
from tests.oracles import instances as oracle
from tests.oracles.instances import Call, Rules


def draw_timeline(calls: list[Call], rules: list[Rules], bins: int, **limit: int | None) -> tuple[Timeline, int]:
    trace, invocations, configs = build(calls, rules)
    packing = packer.pack(trace, invocations, configs, quota_mb=limit.get("quota"), burst_per_minute=limit.get("burst"))
    return timeline(trace, invocations, packing, configs, bins=bins), trace.end_ms


@given(drawn_calls(functions=2), drawn_rules(), drawn_rules(), limits, st.integers(1, 40))
def test_each_bin_shows_its_peaks_and_counts(
    calls: list[Call], one: Rules, other: Rules, limit: dict[str, int | None], bins: int
) -> None:
    rules = [one, other]
    got, end = draw_timeline(calls, rules, bins, **limit)
    judged = oracle.pack(calls, rules, **limit)
    instants = sorted({t for call in calls for t in (call.start, call.end)} | set(got.start_ms.tolist()))
    for row, (start, stop) in enumerate(zip(got.start_ms, [*got.start_ms[1:], end + 1], strict=True)):
        inside = [t for t in instants if start <= t < stop]
        held = [[instance.holds(t) for instance in judged.instances] for t in inside]
        assert got.connections[row] == max(sum(h) for h in held)
        assert got.instances[row] == max(sum(n > 0 for n in h) for h in held)
        assert got.memory_mb[row] == max(oracle.memory(judged.instances, t, rules) for t in inside)
        began = [n for n, call in enumerate(calls) if start <= call.start < stop]
        assert got.refused_quota[row] == sum(judged.refused[n] == 432 for n in began)
        assert got.refused_burst[row] == sum(judged.refused[n] == 429 for n in began)
        assert got.cold_starts[row] == sum(start <= instance.created < stop for instance in judged.instances)


@given(drawn_calls(functions=1), drawn_rules())
def test_busy_intervals_sum_to_the_busy_time(calls: list[Call], rules: Rules) -> None:
    trace, invocations, configs = build(calls, [rules])
    packing = packer.pack(trace, invocations, configs)
    held = packing.instance >= 0
    starts, ends, _ = busy_intervals(invocations.start_ms[held], invocations.end_ms[held], packing.instance[held])
    assert (ends - starts).sum() == packing.busy_ms[0]


def test_the_timeline_covers_the_window_and_its_last_instant() -> None:
    got, _ = draw_timeline([Call(100, 400)], [Rules()], bins=3)
    assert got.start_ms.tolist() == [100, 200, 300]
    assert got.connections.tolist() == [1, 1, 1]


def test_a_window_of_no_length_is_one_bin() -> None:
    got, _ = draw_timeline([Call(5, 5)], [Rules()], bins=600)
    assert (got.start_ms.tolist(), got.connections.tolist()) == ([5], [0])


def test_a_level_that_lasts_no_time_is_not_shown() -> None:
    instants, level = levels(np.array([0, 0, 5]), np.array([5, 5, 9]))
    assert (instants.tolist(), level.tolist()) == ([0, 5, 9], [2, 1, 0])


@given(st.lists(st.one_of(st.integers(-3, 3), st.integers(-(2**61), 2**61))))
def test_time_order_is_a_stable_argsort(instants: list[int]) -> None:
    column = np.array(instants, np.int64)
    assert time_order(column).tolist() == np.argsort(column, kind="stable").tolist()


def test_busy_instances_follow_the_infinite_server_queue() -> None:
    mean_ms, load, seen = 1_000, 20.0, []
    for seed in range(12):
        rng = np.random.default_rng(seed)
        starts = np.cumsum(rng.exponential(mean_ms / load, 4_000)).astype(int)
        lives = np.exp(rng.normal(np.log(mean_ms) - 0.32, 0.8, len(starts))).astype(int)  # mean e^(mu + 0.8² / 2)
        trace, invocations, configs = build(calls_from(starts.tolist(), lives.tolist()), [Rules()])
        packing = packer.pack(trace, invocations, configs)
        moments = np.arange(20_000, starts[-1], 10_000)  # ten mean lives apart: nearly independent
        edges = np.column_stack((moments, moments + 1)).ravel()
        seen.extend(timeline(trace, invocations, packing, configs, edges_ms=edges).instances[::2].tolist())
    assert abs(np.mean(seen) - load) < 4 * (load / len(seen)) ** 0.5  # the number busy is Poisson with mean λE[S]
    assert abs(np.var(seen) / load - 1) < 4 * (2 / len(seen)) ** 0.5


def test_a_life_of_0_ms_is_no_busy_interval() -> None:
    starts, ends, instance = busy_intervals(np.array([5, 5, 9]), np.array([5, 8, 9]), np.array([0, 0, 1]))
    assert (starts.tolist(), ends.tolist(), instance.tolist()) == ([5], [8], [0])
