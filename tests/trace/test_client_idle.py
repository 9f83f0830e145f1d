"""Clients that close when nobody uses them: against a plain loop, and by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scfcost.analysis.estimate.estimate import estimate
from scfcost.config.function import FunctionConfig
from scfcost.core.errors import ConfigError
from scfcost.trace.client_idle import close_when_idle
from scfcost.trace.model import Trace
from tests import strategies as draw_from
from tests.oracles.lifecycle import Session

Life = tuple[int, int | None, list[int]]


def judged(trace: Trace, session: int, idle_ms: int) -> list[Life]:
    """Walk one session: start, the client's own close or None, and the instants of the messages that are carried."""
    begin, end = trace.offsets[session], trace.offsets[session + 1]
    natural = min(int(trace.close_ms[session]), trace.end_ms)
    bound = min(natural, int(trace.client_lost_ms[session]))
    lives: list[Life] = []
    start, last, carried = int(trace.connect_ms[session]), int(trace.connect_ms[session]), list[int]()
    away = False
    for k in range(begin, end):
        instant, flags = int(trace.message_ms[k]), int(trace.message_flags[k])
        own = not flags & 4 and flags & 3 != 2
        if not away and last + idle_ms < bound and (instant > last + idle_ms or (own and instant == last + idle_ms)):
            lives.append((start, last + idle_ms, carried))
            away = True
        if away and own:
            start, last, carried, away = instant, instant, [], False
        if not away:
            carried.append(instant)
            last = instant if own else last
    if not away:
        lives.append((start, last + idle_ms if last + idle_ms < bound else None, carried))
    return lives


@given(st.data())
def test_each_session_falls_into_what_a_plain_loop_finds(data: st.DataObject) -> None:
    many = data.draw(st.lists(draw_from.sessions(), min_size=1, max_size=4))
    trace = draw_from.build_trace(many)
    if not trace.has_messages:
        return
    idle_ms = data.draw(st.integers(1, 12))
    found = close_when_idle(trace, idle_ms / 1000)
    expected = [life for k in range(trace.connections) for life in judged(trace, k, idle_ms)]
    made = [
        (int(found.connect_ms[k]), found.message_ms[found.offsets[k] : found.offsets[k + 1]].tolist())
        for k in range(found.connections)
    ]
    assert sorted(made) == sorted((start, carried) for start, _, carried in expected)
    closes = sorted(end for _, end, _ in expected if end is not None)
    assert all(closes.count(end) <= found.close_ms.tolist().count(end) for end in closes)
    assert len(set(found.connection_id.tolist())) == found.connections


def test_a_page_that_closes_itself_is_billed_for_its_use() -> None:
    # The person writes at 120 s, the server pushes every 10 s for an hour: 300 s of silence end it at 420 s.
    pushes = [(t, "down", 300, "data") for t in range(10_000, 3_600_000, 10_000)]
    many = [Session(0, 3_600_000, sorted([*pushes, (120_000, "up", 10, "data")]))]
    found = close_when_idle(draw_from.build_trace(many), 300)
    priced = estimate(found, FunctionConfig(idle_timeout_s=600, exec_timeout_s=900))
    assert priced.usage["billed_ms"] == 420_000
    (warned,) = [one for one in found.provenance.warnings if one.code == "client_idle"]
    assert "1 session becomes 1 connection, and 317 messages to clients" in warned.message


def test_a_trace_without_messages_cannot_say_when_clients_fell_silent() -> None:
    trace = draw_from.build_trace([Session(0, 5, [(1, "up", 1, "data")])])
    with pytest.raises(ConfigError, match="is not more than 0"):
        close_when_idle(trace, 0)
    with pytest.raises(ConfigError, match="no message rows"):
        close_when_idle(trace.replace(has_messages=False), 5)
