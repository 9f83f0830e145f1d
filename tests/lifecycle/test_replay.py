"""The replay against its judge, and against the rules one by one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scfcost.config.function import FunctionConfig
from scfcost.core.errors import ConfigError
from scfcost.lifecycle.kernels.replay import accrued_bytes, accrued_in_cycles, floor_sum
from scfcost.lifecycle.outcomes import name
from scfcost.lifecycle.replay import replay, replay_sums
from scfcost.trace.assumption import assume
from tests import strategies as draw_from
from tests.depth import depth
from tests.oracles import lifecycle as oracle
from tests.oracles.lifecycle import Session, Setting


def replay_one(session: Session, setting: Setting) -> list[tuple[int, int, str]]:
    invocations = replay(draw_from.build_trace([session]), {"default": draw_from.build_config(setting)})
    codes = [name(code) for code in invocations.outcome]
    return list(zip(invocations.start_ms.tolist(), invocations.end_ms.tolist(), codes, strict=True))


@given(st.data())
def test_replay_agrees_with_the_oracle(data: st.DataObject) -> None:
    setting = data.draw(draw_from.settings())
    many = data.draw(st.lists(draw_from.sessions(setting.idle, setting.execution), min_size=1, max_size=3))
    got = replay(draw_from.build_trace(many), {"default": draw_from.build_config(setting)})
    judged = [oracle.replay(session, setting, draw_from.window_end(many)) for session in many]
    expected = [
        (i, number, inv["start"], inv["end"], inv["code"], inv["egress"], inv["harmful"])
        for i, outcome in enumerate(judged)
        for number, inv in enumerate(outcome.invocations)
    ]
    columns = (got.session, got.number, got.start_ms, got.end_ms)
    rest = ([name(code) for code in got.outcome], got.egress_bytes.tolist(), got.harmful.tolist())
    assert list(zip(*(column.tolist() for column in columns), *rest, strict=True)) == expected
    assert got.tally[0].tolist() == [sum(getattr(o, f) for o in judged) for f in ("lost", "delayed", "missed")]


@given(st.data())
def test_long_silences_are_counted_as_the_oracle_walks_them(data: st.DataObject) -> None:
    setting = data.draw(draw_from.settings())
    many = data.draw(st.lists(draw_from.sessions(setting.idle, setting.execution, longest=400), min_size=1, max_size=3))
    sums = replay_sums(draw_from.build_trace(many), draw_from.build_config(setting))
    judged = [oracle.replay(session, setting, draw_from.window_end(many)) for session in many]
    walked = [one for outcome in judged for one in outcome.invocations]
    assert sums.invocations == len(walked)
    assert sums.connection_ms == sum(one["end"] - one["start"] for one in walked)
    assert sums.egress_bytes == sum(one["egress"] for one in walked)
    assert sums.cut == sum(one["code"] in ("433", "455") for one in walked)
    assert sums.cut_harmful == sum(one["harmful"] for one in walked)
    names = ("messages_lost", "messages_delayed", "pushes_missed")
    assert [getattr(sums, name) for name in names] == [
        sum(getattr(o, f) for o in judged) for f in ("lost", "delayed", "missed")
    ]


@given(st.integers(0, 60), st.integers(1, 40), st.integers(0, 10**6), st.integers(0, 10**6))
def test_a_sum_of_floors_is_that_of_the_terms(count: int, modulus: int, slope: int, offset: int) -> None:
    expected = sum((slope * k + offset) // modulus for k in range(count))
    assert floor_sum(*(np.int64(one) for one in (count, modulus, slope, offset))) == expected


ON_LONG = st.one_of(st.integers(2**31, 2**47), st.sampled_from((2**31, 2**31 + 1, 2**47)))


@given(ON_LONG, st.integers(1, 10**13), st.integers(10**5, 10**6), st.data())
@settings(max_examples=depth(10, 30))
def test_even_bytes_of_a_life_of_centuries_are_those_of_each_leg(
    life: int, sent: int, cycle: int, data: st.DataObject
) -> None:
    leg, begin = data.draw(st.integers(1, cycle)), data.draw(st.integers(0, life // 2))
    count = data.draw(st.integers(1, 60))
    starts = [begin + k * cycle for k in range(count)]
    expected = sum(sent * (one + leg) // life - sent * one // life for one in starts)
    assert accrued_in_cycles(*(np.int64(one) for one in (sent, life, begin, leg, cycle, count))) == expected
    many = (life - begin) // cycle - 1  # legs without a gap between them: what is between their ends
    expected = sent * (begin + many * cycle) // life - sent * begin // life
    assert accrued_in_cycles(*(np.int64(one) for one in (sent, life, begin, cycle, cycle, many))) == expected


def test_more_invocations_than_memory_holds_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scfcost.lifecycle.replay.MOST_INVOCATIONS", 20)
    trace = draw_from.build_trace([Session(0, 315_360_000, [(315_360_000, "up", 1, "data")])])
    with pytest.raises(ConfigError, match="1 sessions become 19,710 invocations"):
        replay(trace, {"default": FunctionConfig(reconnect="immediate")})


def test_a_silence_of_ten_years_is_counted_not_walked() -> None:
    years, cycle = 315_360_000_000, 1_001
    trace = draw_from.build_trace([Session(0, years, [(years, "up", 1, "data")])] * 200)
    config = FunctionConfig(idle_timeout_s=1, reconnect="immediate", reconnect_delay_s=0.001)
    cycles = (years - 1_000) // cycle + 1  # the cuts at or before the close
    sums = replay_sums(trace, config)
    assert (sums.cut, sums.reconnects) == (200 * cycles, 200 * (cycles - 1 + (cycles * cycle < years)))


@given(st.data())
def test_each_session_is_replayed_as_if_alone(data: st.DataObject) -> None:
    setting = data.draw(draw_from.settings())
    many = data.draw(st.lists(draw_from.sessions(), min_size=2, max_size=4))
    config = {"default": draw_from.build_config(setting)}
    together = draw_from.build_trace(many)
    alone = [replay(draw_from.build_trace([s]).replace(end_ms=together.end_ms), config) for s in many]
    assert replay(together, config).end_ms.tolist() == [end for one in alone for end in one.end_ms.tolist()]


@given(st.data())
def test_sums_alone_are_those_of_the_rows(data: st.DataObject) -> None:
    longest = data.draw(st.sampled_from((30, 400)))  # a silence of many cycles of timeout and delay
    many = st.lists(draw_from.sessions(longest=longest), min_size=1, max_size=4).map(draw_from.build_trace)
    trace = data.draw(st.one_of(many, draw_from.silent_traces(longest=longest)))
    trace = trace if trace.has_messages else assume(trace, data.draw(st.sampled_from(["low", "point", "high"])))
    config = draw_from.build_config(data.draw(draw_from.settings()))
    rows, sums = replay(trace, {"default": config}), replay_sums(trace, config)
    assert (sums.invocations, sums.connection_ms) == (len(rows), rows.duration_ms.sum())
    assert (sums.egress_bytes, sums.cut_harmful) == (rows.egress_bytes.sum(), rows.harmful.sum())
    assert sums.cut == np.isin(rows.outcome, (433, 455)).sum()
    assert sums.reconnects == (rows.number > 0).sum()
    assert [getattr(sums, name) for name in ("messages_lost", "messages_delayed", "pushes_missed")] == rows.tally[
        0
    ].tolist()


def test_a_gap_of_exactly_the_idle_timeout_is_cut() -> None:
    session = Session(0, 50, [(10, "up", 1, "data")])
    assert replay_one(session, Setting(idle=10)) == [(0, 10, "455")]
    assert replay_one(session, Setting(idle=11)) == [(0, 21, "455")]


def test_a_message_at_the_execution_deadline_is_not_delivered() -> None:
    session = Session(0, 50, [(10, "down", 7, "data")])
    invocations = replay(draw_from.build_trace([session]), {"default": FunctionConfig(exec_timeout_s=0.010)})
    assert (invocations.egress_bytes[0], invocations.harmful[0]) == (0, True)


def test_a_deadline_at_the_close_wins_and_idle_wins_over_execution() -> None:
    assert replay_one(Session(0, 10), Setting(idle=10, execution=10)) == [(0, 10, "455")]
    assert replay_one(Session(0, 10), Setting(idle=11, execution=10)) == [(0, 10, "433")]
    assert replay_one(Session(0, 10), Setting(idle=11, execution=11)) == [(0, 10, "200")]


def test_an_empty_session_of_no_length_is_closed_and_not_cut() -> None:
    assert replay_one(Session(5, 5), Setting(idle=1, execution=1)) == [(5, 5, "200")]


def test_on_demand_opens_an_invocation_of_no_length_for_an_up_at_the_close() -> None:
    session = Session(0, 30, [(30, "up", 1, "data")])
    assert replay_one(session, Setting(idle=10, policy="on-demand")) == [(0, 10, "455"), (30, 30, "200")]


def test_a_push_cannot_wake_a_client_that_is_away() -> None:
    session = Session(0, 60, [(30, "down", 1, "data"), (40, "up", 1, "data")])
    setting = Setting(idle=10, policy="on-demand")
    assert [start for start, _, _ in replay_one(session, setting)] == [0, 40]
    assert oracle.replay(session, setting, 60).missed == 1


def test_immediate_is_back_after_its_delay_until_the_close() -> None:
    session = Session(0, 25)
    setting = Setting(idle=10, delay=5, policy="immediate")
    assert replay_one(session, setting) == [(0, 10, "455"), (15, 25, "455")]


def test_a_lost_client_never_reconnects() -> None:
    session = Session(0, 100, [(50, "up", 1, "data")], client_lost=15)
    assert len(replay_one(session, Setting(idle=10, delay=5, policy="immediate"))) == 1
    assert len(replay_one(session, Setting(idle=10, policy="on-demand"))) == 1


@pytest.mark.parametrize(
    ("code", "by", "expected"),
    [
        (1000, "client", "200"), (1000, "server", "200"), (1010, "client", "200"), (1010, "server", "439"),
        (1011, "server", "200"), (1011, "client", "456"), (1005, "client", "456"), (4000, "server", "439"),
        (1000, "", "200"), (1001, "", "unknown"), (None, "client", "unknown"),
    ],
)  # fmt: skip
def test_the_close_code_decides_the_status(code: int | None, by: str, expected: str) -> None:
    assert replay_one(Session(0, 5, close_code=code, closed_by=by), Setting(idle=9))[0][2] == expected


def test_a_request_knows_no_idle_timeout() -> None:
    trace = draw_from.build_trace([Session(0, 5000)])
    config = FunctionConfig(idle_timeout_s=1, function_type="web-http")
    assert replay(trace, {"default": config}).end_ms.tolist() == [5000]


@given(st.integers(0, 2**50), st.integers(1, 2**40), st.data())
def test_accrued_bytes_are_floored_without_overflow(total: int, life: int, data: st.DataObject) -> None:
    elapsed = data.draw(st.one_of(st.integers(0, life), st.sampled_from([0, 1, life - 1, life])))
    assert accrued_bytes(np.int64(total), np.int64(elapsed), np.int64(life)) == total * elapsed // life
