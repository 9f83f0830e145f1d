"""Messages larger or denser than the platform carries, against a plain loop."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from scfcost.analysis.estimate.estimate import estimate
from scfcost.lifecycle.message_limits import MessageBounds, message_excess
from tests.oracles.lifecycle import Session
from tests.strategies import build_trace

instant = st.sampled_from((0, 1, 500, 999, 1_000, 1_001, 1_500, 2_000, 2_500))
message = st.tuples(
    instant, st.sampled_from(("up", "down")), st.integers(0, 9), st.sampled_from(("data", "data", "ping"))
)
BOUNDS = MessageBounds(message_bytes=7, bytes_per_second=15, messages_per_second=3)


@given(st.lists(st.lists(message, max_size=9), min_size=1, max_size=4))
def test_the_fullest_second_is_that_of_a_plain_loop(many: list[list[tuple[int, str, int, str]]]) -> None:
    sessions = [Session(0, 5_000, sorted(one, key=lambda m: (m[0], m[1] == "down"))) for one in many]
    found = message_excess(build_trace(sessions), BOUNDS)
    broken = {"message_bytes": 0, "bytes_per_second": 0, "messages_per_second": 0}
    for one in many:
        data = [(at, size) for at, _, size, kind in one if kind == "data"]
        within = [[size for when, size in data if at - 1_000 < when <= at] for at, _ in data]
        broken["message_bytes"] += any(size > 7 for _, size in data)
        broken["bytes_per_second"] += any(sum(sizes) > 15 for sizes in within)
        broken["messages_per_second"] += any(len(sizes) > 3 for sizes in within)
    assert found.broken == broken


def test_the_worst_five_are_named_and_nobody_takes_them_for_served() -> None:
    sessions = [Session(0, 60_000, [(5, "down", 300_000 + n, "data")]) for n in range(7)]
    found = estimate(build_trace([*sessions, Session(0, 60_000, [(5, "down", 10, "data")])]))
    document = found.to_dict()["message_limits"]
    assert (document["connections"], document["message_bytes"]) == (7, {"limit": 262_144, "connections": 7})
    assert [one["connection_id"] for one in document["worst"]] == ["6", "5", "4", "3", "2"]
    (text,) = [one.message for one in found.warnings if one.code == "message_limits"]
    assert text.startswith("7 of 8 connections go beyond what the platform carries on one: 7 send messages larger than")
