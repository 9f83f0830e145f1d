"""The event-driven replay against its judge, against the plain replay, and against queueing theory."""

from __future__ import annotations

from dataclasses import replace
from statistics import mean, stdev

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from scfcost.analysis.estimate.estimate import estimate
from scfcost.config.function import FunctionConfig
from scfcost.lifecycle.environment import Platform
from scfcost.lifecycle.instances import pack
from scfcost.lifecycle.outcomes import name
from scfcost.lifecycle.provisioning import idle_times
from scfcost.lifecycle.records import Invocations, Refusals
from scfcost.lifecycle.replay import replay
from scfcost.lifecycle.run import run
from scfcost.lifecycle.simulation import simulate
from scfcost.trace.model import Trace
from tests import strategies
from tests.depth import depth
from tests.oracles import events as oracle
from tests.oracles.instances import erlang_b
from tests.oracles.lifecycle import Session, Setting
from tests.strategies import build_config, build_trace


@st.composite
def rules(draw: st.DrawFn) -> oracle.Rules:
    return oracle.Rules(
        places=draw(st.sampled_from((1, 1, 2, 3))),
        keep_alive=draw(st.sampled_from((0, 1, 5, 40))),
        least_loaded=draw(st.booleans()),
        init=draw(st.sampled_from((0, 0, 1, 3, 6, 7, 8))),
        init_limit=7,
        bill_init=draw(st.booleans()),
        recycle=draw(st.booleans()),
        retries=draw(st.integers(0, 3)),
        provisioned=draw(st.sampled_from((0, 0, 1, 2))),
    )


limits = st.tuples(
    st.one_of(st.none(), st.sampled_from((0, 127, 128, 256, 384))), st.one_of(st.none(), st.integers(0, 3))
)


def configured(setting: Setting, rule: oracle.Rules) -> FunctionConfig:
    return build_config(setting).replace(
        max_concurrency=rule.places, keep_alive_s=rule.keep_alive / 1000, memory_mb=rule.memory,
        placement="least-loaded" if rule.least_loaded else "fullest", init_ms=rule.init,
        init_timeout_s=rule.init_limit / 1000, bill_init=rule.bill_init, recycle_on_error=rule.recycle,
        max_retries=rule.retries, provisioned=rule.provisioned,
    )  # fmt: skip


def later(session: Session, shift: int) -> Session:
    """Move a session in time."""
    return replace(
        session,
        connect=session.connect + shift,
        close=None if session.close is None else session.close + shift,
        messages=[(time + shift, *rest) for time, *rest in session.messages],
        client_lost=None if session.client_lost is None else session.client_lost + shift,
    )


@examples(max_examples=depth(100, 400), deadline=None)
@given(
    st.lists(strategies.sessions(), min_size=1, max_size=6), strategies.settings(), rules(), limits,
    st.sampled_from((1, 1, 4)),
)  # fmt: skip
def test_the_event_driven_replay_agrees_with_its_judge(
    sessions: list[Session], setting: Setting, rule: oracle.Rules, limit: tuple[int | None, int | None],
    granularity: int,
) -> None:  # fmt: skip
    sessions = [later(session, 9_960) for session in sessions]  # a window of 10 s ends amid them
    trace, quota, burst = build_trace(sessions), *limit
    judged = oracle.simulate(sessions, setting, rule, trace.end_ms, quota, burst)
    configs = {"default": configured(setting, rule)}
    rows, packing, refusals = simulate(
        trace, configs, quota_mb=quota, burst_per_minute=burst, granularity_ms=granularity
    )
    expected = [
        (i, row["start"], row["end"], row["code"], row["egress"], row["harmful"], row["instance"])
        for i, client in enumerate(judged.clients)
        for row in client.rows
    ]
    assert as_tuples(rows, packing.instance) == expected
    assert rows.tally[0].tolist() == [judged.lost, judged.delayed, judged.missed]
    assert listed(refusals) == judged.refusals
    assert refusals.given_up.tolist() == [client.given_up for client in judged.clients]
    assert refusals.has_left.tolist() == [client.left for client in judged.clients]
    assert (int(packing.busy_ms[0]), int(packing.cold_starts[0])) == (judged.busy_ms(granularity), judged.cold)
    assert (packing.peak_connections, packing.peak_instances) == (judged.peak(False), judged.peak(True))
    assert packing.peak_memory_mb == judged.peak(True) * rule.memory
    assert judged.busy_ms() <= int(rows.duration_ms.sum())
    idle_ms = idle_times(trace, rows, packing, configs, 0, "UTC")[1]
    expected_idle_ms = judged.idle_ms(rule.provisioned, trace.start_ms, trace.end_ms)
    assert int(idle_ms.sum()) == (expected_idle_ms if rule.provisioned else 0)


def as_tuples(rows: Invocations, instance: np.ndarray) -> list[tuple[object, ...]]:
    columns = (rows.session, rows.start_ms, rows.end_ms, rows.outcome, rows.egress_bytes, rows.harmful, instance)
    return [
        (session, start, end, name(code), egress, harmful, number)
        for session, start, end, code, egress, harmful, number in zip(*(c.tolist() for c in columns), strict=True)
    ]


def listed(refusals: Refusals) -> list[tuple[int, int, str, int]]:
    columns = (refusals.session, refusals.time_ms, refusals.code, refusals.attempt)
    return [(i, at, str(code), attempt) for i, at, code, attempt in zip(*(c.tolist() for c in columns), strict=True)]


@examples(max_examples=depth(20, 60), deadline=None)
@given(
    st.lists(strategies.sessions(), min_size=2, max_size=8), strategies.settings(), rules(), rules(),
    st.sampled_from(("0", "2", "1, 3@00:00-23:59", "2@mon-fri 08:00-12:00")),
)  # fmt: skip
def test_where_nothing_is_coupled_it_is_the_replay_and_the_packing(
    sessions: list[Session], setting: Setting, one: oracle.Rules, other: oracle.Rules, provisioned: str
) -> None:
    trace = build_trace(sessions)
    codes = (np.arange(trace.connections) % 2).astype(np.int16)
    trace = trace.replace(functions=("a", "b"), function_code=codes)
    free = {"init_ms": 0, "recycle_on_error": False, "provisioned": provisioned}
    configs = {"a": configured(setting, one).replace(**free), "b": configured(setting, other).replace(**free)}
    rows, packing, refusals = simulate(trace, configs)
    plain = replay(trace, configs)
    packed = pack(trace, plain, configs)
    assert len(refusals.session) == 0
    for field in Invocations.__slots__:
        assert np.array_equal(getattr(rows, field), getattr(plain, field)), field
    for field in ("instance", "cold_start", "busy_ms", "cold_starts", "peak_memory_mb", "peak_ms", "peak_instances"):
        assert np.array_equal(getattr(packing, field), getattr(packed, field)), field


def poisson(rng: np.random.Generator, sessions: int, gap_ms: float, life_ms: float) -> Trace:
    starts = np.cumsum(rng.exponential(gap_ms, sessions)).astype(int).tolist()
    lives = rng.exponential(life_ms, sessions).astype(int) + 1
    return build_trace([Session(start, start + life) for start, life in zip(starts, lives.tolist(), strict=True)])


def test_refusals_are_those_of_erlang_b() -> None:
    config = FunctionConfig(idle_timeout_s=10**6, exec_timeout_s=10**6)
    shares = []
    for seed in range(8):
        trace = poisson(np.random.default_rng(seed), 20_000, gap_ms=100, life_ms=1_000)
        refusals = simulate(trace, {"default": config}, quota_mb=12 * 128)[2]
        shares.append(len(refusals.session) / trace.connections)
    assert abs(mean(shares) - erlang_b(12, 10)) < 4 * stdev(shares) / len(shares) ** 0.5


def test_a_refused_client_tries_again_as_often_as_it_may() -> None:
    trace = build_trace(
        [Session(0, 60_000), Session(1_000, 60_000, [(2_500, "up", 1, "data"), (9_000, "down", 1, "data")])]
    )
    config = FunctionConfig(idle_timeout_s=600, reconnect="immediate", reconnect_delay_s=2, max_retries=2)
    rows, _, refusals = simulate(trace, {"default": config}, quota_mb=128)
    assert listed(refusals) == [(1, 1_000, "432", 0), (1, 3_000, "432", 1), (1, 5_000, "432", 2)]
    assert (rows.session.tolist(), refusals.given_up.tolist()) == ([0], [False, True])
    assert rows.tally.tolist() == [[2, 0, 0]]  # the message that waited is lost with the one to come


def test_an_initialisation_delays_the_first_messages_and_is_not_billed() -> None:
    trace = build_trace([Session(0, 10_000, [(300, "up", 1, "data"), (5_000, "up", 1, "data")])])
    config = FunctionConfig(init_ms=450)
    rows, packing, _ = simulate(trace, {"default": config})
    assert (rows.start_ms.tolist(), rows.tally.tolist(), packing.busy_ms.tolist()) == ([450], [[0, 1, 0]], [9_550])
    _, billed, _ = simulate(trace, {"default": config.replace(bill_init=True)})
    assert billed.busy_ms.tolist() == [10_000]


def test_an_initialisation_of_just_the_timeout_is_in_time() -> None:
    trace = build_trace([Session(0, 10_000)])
    for init_ms, codes in ((3_000, []), (3_001, ["450"])):
        config = FunctionConfig(init_ms=init_ms, init_timeout_s=3)
        refusals = simulate(trace, {"default": config})[2]
        assert [code for _, _, code, _ in listed(refusals)] == codes


def test_what_fails_to_initialise_is_never_billed() -> None:
    trace = build_trace([Session(0, 10_000), Session(1_000, 9_000)])
    config = FunctionConfig(init_ms=3_001, init_timeout_s=3, bill_init=True, max_concurrency=2)
    rows, packing, _ = simulate(trace, {"default": config})
    assert (len(rows), packing.busy_ms.tolist(), packing.peak_instances) == (0, [0], 0)


@pytest.mark.parametrize("places", [1, 2])
@pytest.mark.parametrize("bill_init", [False, True])
def test_who_leaves_before_the_instance_is_ready_never_connected(places: int, bill_init: bool) -> None:
    trace = build_trace([Session(0, 1_000, [(500, "up", 1, "data")]), Session(0, 19_000), Session(0, 20_000)])
    config = FunctionConfig(init_ms=20_000, max_concurrency=places, bill_init=bill_init)
    rows, packing, refusals = simulate(trace, {"default": config})
    assert refusals.counts() == {"left": 3}
    assert (len(rows), rows.tally.tolist(), packing.busy_ms.tolist()) == (0, [[1, 0, 0]], [0])


def test_an_instance_is_billed_from_its_first_invocation() -> None:
    trace = build_trace([Session(0, 1_000), Session(500, 9_000)])  # the first leaves while the instance gets ready
    config = FunctionConfig(init_ms=3_000, max_concurrency=2)
    assert simulate(trace, {"default": config})[1].busy_ms.tolist() == [6_000]
    assert simulate(trace, {"default": config.replace(bill_init=True)})[1].busy_ms.tolist() == [8_500]


def test_a_message_that_waits_for_an_initialisation_makes_the_cut_before_harmful() -> None:
    trace = build_trace([Session(0, 9_000, [(4_000, "up", 1, "data")])])
    config = FunctionConfig(idle_timeout_s=1, reconnect="on-demand", init_ms=500)
    rows = simulate(trace, {"default": config})[0]
    assert (rows.start_ms.tolist(), rows.harmful.tolist()) == ([500, 4_500], [True, False])


@pytest.mark.parametrize("places", [1, 2])
def test_an_instance_that_is_recycled_takes_no_further_connection(places: int) -> None:
    trace = build_trace([Session(0, 3_500)])
    config = FunctionConfig(
        exec_timeout_s=1, reconnect="immediate", reconnect_delay_s=0, keep_alive_s=5, max_concurrency=places,
        recycle_on_error=True,
    )  # fmt: skip
    platform = Platform()
    assert run(trace, {"default": config}, platform).packing.cold_starts.tolist() == [4]
    assert run(trace, {"default": config.replace(recycle_on_error=False)}, platform).packing.cold_starts.tolist() == [1]


def test_recycled_invocations_are_counted_beside_the_cuts() -> None:
    trace = build_trace(
        [Session(0, 3_500, close_code=4000, closed_by="server"), Session(0, 9_500, [(5_000, "up", 1, "data")])]
    )
    config = FunctionConfig(idle_timeout_s=60, max_concurrency=2, recycle_on_error=True)
    found = estimate(trace, config)
    assert found.outcomes == {"200": 0, "433": 0, "439": 1, "455": 0, "recycled": 1}
    assert (found.impact.cut, found.impact.cut_harmful, found.impact.messages_lost) == (0, 0, 1)


@pytest.mark.parametrize(("code", "by", "victims"), [(4000, "server", 1), (4000, "client", 0), (1000, "server", 0)])
def test_only_an_error_recycles_the_instance(code: int, by: str, victims: int) -> None:
    trace = build_trace([Session(0, 5_000, close_code=code, closed_by=by), Session(0, 9_000)])
    config = FunctionConfig(max_concurrency=2, recycle_on_error=True)
    rows = simulate(trace, {"default": config})[0]
    assert [name(one) for one in rows.outcome.tolist()].count("recycled") == victims


def test_more_retries_than_rows_are_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    trace = build_trace([Session(n, 900_000 + n) for n in range(400)])
    config = FunctionConfig(idle_timeout_s=1, reconnect="immediate", reconnect_delay_s=0.5, max_retries=10**6)
    rows, _, refusals = simulate(trace, {"default": config}, quota_mb=128 * 300)
    assert len(rows) > 100_000
    assert len(refusals.session) > 10_000
    assert (rows.end_ms - rows.start_ms).max() <= 1_000
