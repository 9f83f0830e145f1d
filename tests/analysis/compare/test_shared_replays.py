"""Platforms on which connections live alike share a replay."""

from __future__ import annotations

import pytest

from scfcost.analysis.compare.platform import Question, priced_on, terms_of
from scfcost.analysis.compare.row import Traffic
from scfcost.analysis.compare.settings import act_alike
from scfcost.analysis.compare.table import other_platforms
from scfcost.config.function import FunctionConfig
from scfcost.trace.model import Trace
from tests import strategies as draw_from
from tests.oracles.lifecycle import Session

HOUR = 3_600_000


def chat() -> Trace:
    """A life of three hours that says something every 20 minutes, and a short one."""
    rows = [(1_200_000 * k, way, 100, "data") for k in range(1, 9) for way in ("up", "down")]
    return draw_from.build_trace(
        [Session(0, 3 * HOUR, rows), Session(HOUR, HOUR + 9_000, [(HOUR + 5, "up", 1, "data")])]
    )


@pytest.mark.parametrize("policy", ["none", "on-demand", "immediate"])
def test_a_row_does_not_hang_on_the_platforms_before_it(policy: str) -> None:
    trace = chat()
    configs = dict.fromkeys(trace.functions, FunctionConfig(reconnect=policy, heartbeat_s=70))
    shared, replays = Question(trace, configs, Traffic.of(trace)), set()
    for name in sorted(other_platforms()) * 2:
        alone = Question(trace, configs, Traffic.of(trace))
        found = list(priced_on(terms_of(name, None), shared))
        assert [one.row for one in found] == [one.row for one in priced_on(terms_of(name, None), alone)]
        replays |= {id(one.replayed.like) for one in found}
    assert len(replays) > 1  # some were shared


def test_timeouts_longer_than_every_life_are_alike() -> None:
    trace = chat()
    longest_s = int(trace.natural_ms().max()) / 1_000
    assert _alike(trace, longest_s + 0.001, longest_s + 9)
    assert not _alike(trace, longest_s, longest_s + 9)  # a deadline at the close wins


def _alike(trace: Trace, one_s: float, other_s: float) -> bool:
    one, other = (
        dict.fromkeys(trace.functions, FunctionConfig(exec_timeout_s=seconds, reconnect="none"))
        for seconds in (one_s, other_s)
    )
    return act_alike(trace, one, other)
