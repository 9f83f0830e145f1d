"""Silences reach from the start of a session over its data messages to its end."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from scfcost.trace.gaps import session_gaps
from tests import strategies as draw_from
from tests.analysis.sweep.test_sweep import CHAT
from tests.oracles.lifecycle import Session


def test_gaps_reach_from_start_over_messages_to_the_end() -> None:
    assert session_gaps(draw_from.build_trace(CHAT)).tolist() == [
        1_000, 89_000, 210_000, 300_000, 2_000, 388_000, 300_000,
    ]  # fmt: skip


def gaps_of(session: Session, window_end: int) -> list[int]:
    end = window_end if session.close is None else min(session.close, window_end)
    instants = [session.connect, *(time for time, _, _, kind in session.messages if kind == "data"), end]
    return [later - earlier for earlier, later in itertools.pairwise(instants)]


@given(st.lists(draw_from.sessions(), min_size=1, max_size=5))
def test_gaps_equal_those_of_a_plain_loop(many: list[Session]) -> None:
    end = draw_from.window_end(many)
    assert session_gaps(draw_from.build_trace(many)).tolist() == [gap for one in many for gap in gaps_of(one, end)]
