"""Packing against its judge, against queueing theory, and against the rules one by one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scfcost.config.function import FunctionConfig
from scfcost.lifecycle.environment import Platform
from scfcost.lifecycle.instances import busy_bounds, busy_bounds_of, pack, would_refuse
from scfcost.lifecycle.intervals import time_order
from scfcost.lifecycle.provisioning import idle_times
from scfcost.lifecycle.records import Invocations, Packing, Stretch
from scfcost.lifecycle.replay import replay
from scfcost.lifecycle.run import place_within
from scfcost.lifecycle.streaming import Gauge, gauged
from scfcost.trace.model import Trace
from tests.oracles import instances as oracle
from tests.oracles.instances import Call, Rules
from tests.oracles.lifecycle import Session
from tests.strategies import build_trace

MINUTE = 60_000
LATER = [0, 1, 2, 5, 10, 19, 20, 21, MINUTE - 1, MINUTE, MINUTE + 1]
"""Gaps between starts, and lives, of a few ms, on the edges of a keep-alive of 20 ms and of a minute."""


def build(calls: list[Call], rules: list[Rules]) -> tuple[Trace, Invocations, dict[str, FunctionConfig]]:
    names = tuple(f"f{code}" for code in range(len(rules)))
    trace = build_trace([Session(call.start, call.end) for call in calls])
    trace = trace.replace(functions=names, function_code=np.array([c.function for c in calls], np.int16))
    configs = {
        name: FunctionConfig(
            memory_mb=rule.memory,
            idle_timeout_s=10**9,
            exec_timeout_s=10**9,
            max_concurrency=rule.places,
            keep_alive_s=rule.keep_alive / 1000,
            placement="least-loaded" if rule.least_loaded else "fullest",
        )
        for name, rule in zip(names, rules, strict=True)
    }
    return trace, replay(trace, configs), configs


def pack_calls(
    calls: list[Call], *rules: Rules, quota: int | None = None, burst: int | None = None, granularity: int = 1
) -> Packing:
    rules = rules or (Rules(),)
    trace, invocations, configs = build(calls, list(rules))
    return pack(trace, invocations, configs, granularity_ms=granularity, quota_mb=quota, burst_per_minute=burst)


def calls_from(starts: list[int], lives: list[int]) -> list[Call]:
    return [Call(start, start + life) for start, life in zip(starts, lives, strict=True)]


@st.composite
def drawn_calls(draw: st.DrawFn, functions: int = 1) -> list[Call]:
    now, calls = 0, []
    edge = st.one_of(st.integers(0, 12), st.sampled_from(LATER))
    for _ in range(draw(st.integers(1, 14))):
        now += draw(st.one_of(st.just(0), edge))
        calls.append(Call(now, now + draw(edge), draw(st.integers(0, functions - 1))))
    return draw(st.permutations(calls))


@st.composite
def drawn_rules(draw: st.DrawFn) -> Rules:
    keep_alive = draw(st.sampled_from((0, 1, 5, 19, 20, 21, MINUTE)))
    return Rules(draw(st.integers(1, 4)), keep_alive, draw(st.sampled_from((64, 128, 192))), draw(st.booleans()))


limits = st.fixed_dictionaries(
    {
        "quota": st.one_of(st.none(), st.integers(0, 5).map(lambda n: 64 * n), st.sampled_from((127, 129))),
        "burst": st.one_of(st.none(), st.integers(0, 3)),
    }
)


@given(drawn_calls(functions=2), drawn_rules(), drawn_rules(), limits, st.sampled_from((1, 7, 100)))
def test_packing_agrees_with_the_oracle(
    calls: list[Call], one: Rules, other: Rules, limit: dict[str, int | None], granularity: int
) -> None:
    got = pack_calls(calls, one, other, **limit, granularity=granularity)
    judged = oracle.pack(calls, [one, other], **limit)
    assert got.instance.tolist() == judged.instance
    assert got.refused.tolist() == judged.refused
    assert got.busy_ms.tolist() == [judged.busy_ms(code, granularity) for code in (0, 1)]
    assert got.cold_starts.tolist() == [judged.cold_starts(code) for code in (0, 1)]
    peaks = (got.peak_connections, got.peak_instances, got.peak_memory_mb, got.peak_ms)
    assert peaks == (judged.peak_connections, judged.peak_instances, judged.peak_memory, judged.peak_ms)


@given(
    drawn_calls(functions=2), drawn_rules(), drawn_rules(), limits, st.sampled_from((1, 7)), st.integers(1, 5),
    st.sampled_from((None, "1", "2@00:00-00:01, 1@00:01-00:02")),
)  # fmt: skip
def test_stretch_by_stretch_it_is_the_same(
    calls: list[Call], one: Rules, other: Rules, limit: dict[str, int | None], granularity: int, step: int,
    provisioned: str | None,
) -> None:  # fmt: skip
    trace, rows, configs = build(calls, [one, other])
    configs["f0"] = configs["f0"].replace(provisioned=provisioned or 0)
    platform = Platform(granularity, quota_mb=limit["quota"], burst_per_minute=limit["burst"])
    whole, limited = place_within(trace, rows, configs, platform)
    order = time_order(rows.start_ms)
    lives = Stretch(rows.start_ms[order], rows.end_ms[order], trace.function_code[rows.session[order]])
    stretches = [Stretch(*(column[at : at + step] for column in lives)) for at in range(0, len(order), step)]
    gauges = [Gauge(trace, configs, platform), Gauge(trace, configs, platform, within_limits=True)]
    free, held = gauged(stretches, gauges)
    for found, packing in ((free, whole), (held, limited)):
        assert found.busy_ms.tolist() == packing.busy_ms.tolist()
        assert found.cold_starts.tolist() == packing.cold_starts.tolist()
        for name in ("peak_connections", "peak_instances", "peak_memory_mb", "peak_ms"):
            assert getattr(found, name) == getattr(packing, name)
    assert held.would_refuse == would_refuse(limited)
    stepwise = pack(
        trace, rows, configs, granularity_ms=granularity, quota_mb=limit["quota"], burst_per_minute=limit["burst"],
        stretch=step,
    )  # fmt: skip
    for name in ("instance", "cold_start", "refused", "busy_ms", "cold_starts", "peak_ms"):
        assert np.array_equal(getattr(stepwise, name), getattr(limited, name)), name
    idle_ms = idle_times(trace, rows, whole, configs, 0, "UTC")[1]
    assert free.idle_ms.tolist() == [int(idle_ms.sum()), 0]
    if one.places > 1 or other.places > 1:
        assert free.busy_bounds == busy_bounds_of(trace, rows, configs)


@given(drawn_calls(), drawn_rules())
def test_busy_time_lies_between_its_bounds(calls: list[Call], rules: Rules) -> None:
    low, high = busy_bounds(np.array([c.start for c in calls]), np.array([c.end for c in calls]), rules.places)
    assert (low, high) == (oracle.lower_bound(calls, rules.places), sum(c.end - c.start for c in calls))
    assert low <= pack_calls(calls, rules).busy_ms[0] <= high


@given(drawn_calls(), st.integers(0, 30))
def test_with_one_connection_an_instance_busy_time_is_the_sum_of_durations(calls: list[Call], keep_alive: int) -> None:
    assert pack_calls(calls, Rules(1, keep_alive)).busy_ms[0] == sum(c.end - c.start for c in calls)


@given(drawn_calls(), st.integers(0, 30), st.integers(0, 6))
def test_more_quota_never_refuses_a_connection_that_less_accepts(calls: list[Call], keep_alive: int, n: int) -> None:
    less, more = (pack_calls(calls, Rules(1, keep_alive), quota=128 * quota).refused != 0 for quota in (n, n + 1))
    assert not np.any(more & ~less)


@given(drawn_calls(), drawn_rules(), st.integers(2, 24))
def test_memory_only_scales(calls: list[Call], rules: Rules, times: int) -> None:
    small = pack_calls(calls, rules)
    large = pack_calls(calls, Rules(rules.places, rules.keep_alive, rules.memory * times, rules.least_loaded))
    assert large.instance.tolist() == small.instance.tolist()
    assert large.peak_memory_mb == times * small.peak_memory_mb


def test_a_connection_joins_the_fullest_instance_or_the_emptiest() -> None:
    calls = [
        Call(0, 9),
        Call(0, 9),
        Call(0, 2),
        Call(0, 9),
        Call(3, 9),
    ]  # at 3 ms two are on the first, one on the next
    assert pack_calls(calls, Rules(places=3)).instance.tolist() == [0, 0, 0, 1, 0]
    assert pack_calls(calls, Rules(places=3, least_loaded=True)).instance.tolist() == [0, 0, 0, 1, 1]


def test_of_equally_full_instances_the_first_created_is_joined() -> None:
    calls = [Call(0, 9), Call(0, 2), Call(0, 9), Call(0, 2), Call(3, 9)]
    for least_loaded in (False, True):
        assert pack_calls(calls, Rules(places=2, least_loaded=least_loaded)).instance.tolist() == [0, 0, 1, 1, 0]


def test_instances_released_together_take_no_longer_than_others() -> None:
    many = 100_000  # a quadratic order of the releases would take minutes
    starts = np.random.default_rng(3).permutation(many)
    calls = [Call(int(s), 10**6) for s in starts] + [Call(10**6 + 1, 10**6 + 2)]
    packing = pack_calls(calls, Rules(keep_alive=10))
    assert packing.instance[-1] == many - 1


def test_a_trace_beyond_one_word_an_instant_and_row_is_packed_too() -> None:
    starts = [2**61, 0, 0, 5]
    assert pack_calls(calls_from(starts, [10] * 4)).instance.tolist() == [3, 0, 1, 2]


def test_the_idle_instance_released_last_is_taken_first() -> None:
    calls = [Call(0, 20), Call(0, 10), Call(25, 30), Call(25, 30)]
    assert pack_calls(calls, Rules(keep_alive=100)).instance.tolist() == [0, 1, 0, 1]


def test_the_last_created_of_two_released_at_one_instant_is_taken_first() -> None:
    calls = [Call(0, 10), Call(1, 10), Call(12, 20)]
    assert pack_calls(calls, Rules(keep_alive=100)).instance.tolist() == [0, 1, 1]


@pytest.mark.parametrize(("keep_alive", "again", "instances"), [(0, 10, 1), (0, 11, 2), (5, 15, 1), (5, 16, 2)])
def test_an_instance_is_kept_up_to_and_at_the_last_instant(keep_alive: int, again: int, instances: int) -> None:
    packing = pack_calls([Call(0, 10), Call(again, again + 1)], Rules(keep_alive=keep_alive))
    assert packing.cold_starts[0] == instances


def test_an_invocation_of_no_length_occupies_nothing() -> None:
    packing = pack_calls([Call(0, 0), Call(5, 5)], quota=0)
    assert packing.instance.tolist() == [-1, -1]
    assert (packing.peak_connections, packing.cold_starts[0], would_refuse(packing)) == (0, 0, {"432": 0, "429": 0})


def test_the_quota_counts_busy_instances_of_every_function() -> None:
    calls = [Call(0, 10, 0), Call(1, 10, 1), Call(10, 20, 1)]
    packing = pack_calls(calls, Rules(memory=128), Rules(memory=256), quota=383)
    assert packing.refused.tolist() == [0, 432, 0]


def test_an_idle_instance_is_reused_over_the_quota() -> None:
    calls = [Call(0, 10, 0), Call(11, 30, 1), Call(12, 20, 0)]
    packing = pack_calls(calls, Rules(keep_alive=9), Rules(), quota=128)
    assert packing.refused.tolist() == [0, 0, 0]
    assert packing.peak_memory_mb == 256


def test_the_burst_window_leaves_out_its_far_end_and_refused_starts() -> None:
    calls = calls_from([0, 1, MINUTE, MINUTE + 1], [10] * 4)
    assert pack_calls(calls, burst=1).refused.tolist() == [0, 429, 0, 429]


def test_the_quota_is_tested_before_the_burst() -> None:
    assert pack_calls(calls_from([0, 1], [10, 10]), quota=128, burst=1).refused.tolist() == [0, 432]


def test_the_first_instant_of_the_peak_is_told() -> None:
    packing = pack_calls(calls_from([0, 3, 20, 21], [10] * 4))
    assert (packing.peak_memory_mb, packing.peak_ms) == (256, 3)


def test_three_thousand_users_are_refused_from_the_1001st_on() -> None:
    packing = pack_calls(calls_from(list(range(3000)), [10**6] * 3000), quota=128_000)
    assert packing.refused.tolist() == [0] * 1000 + [432] * 2000


@pytest.mark.parametrize("servers", [3, 12])
def test_refusals_follow_erlang_b(servers: int) -> None:
    load, mean_ms, count = 8.0, 10_000, 4_000
    shares = []
    for seed in range(16):
        rng = np.random.default_rng(seed)
        starts = np.cumsum(rng.exponential(mean_ms / load, count)).astype(int)
        calls = calls_from(starts.tolist(), rng.exponential(mean_ms, count).astype(int).tolist())
        shares.append(np.mean(pack_calls(calls, quota=128 * servers).refused[count // 10 :] == 432))
    error = np.std(shares, ddof=1) / len(shares) ** 0.5
    assert abs(np.mean(shares) - oracle.erlang_b(servers, load)) < 4 * error
