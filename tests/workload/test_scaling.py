"""A trace several times: more of the same sessions, in the same window."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scfcost.analysis.estimate.estimate import estimate
from scfcost.core.errors import ConfigError
from scfcost.core.units import FOREVER_MS
from scfcost.trace.model import Trace
from scfcost.workload.generate import generate
from scfcost.workload.scaling import JITTER_MS, scaled
from tests import strategies as draw_from
from tests.workload.scenarios import scenario


@given(
    trace=st.lists(draw_from.sessions(), min_size=1, max_size=4).map(draw_from.build_trace),
    factor=st.sampled_from([0.5, 1, 2, 2.5, 7]),
    seed=st.integers(0, 9),
)
def test_copies_stay_in_the_window_and_keep_their_shape(trace: Trace, factor: float, seed: int) -> None:
    try:
        found = scaled(trace, factor, seed)
    except ConfigError:
        assert factor < 1
        return
    assert (found.start_ms, found.end_ms) == (trace.start_ms, trace.end_ms)
    assert int(factor) * trace.connections <= found.connections <= (int(factor) + 1) * trace.connections
    assert (found.connect_ms >= np.minimum(trace.start_ms, trace.connect_ms.min())).all()
    assert found.natural_end_ms().max() <= trace.end_ms
    kinds = {
        (int(end - start), int(count), bool(open_))
        for end, start, count, open_ in zip(
            trace.natural_end_ms(), trace.connect_ms, np.diff(trace.offsets), trace.close_ms == FOREVER_MS, strict=True
        )
        if not open_
    }
    lives = zip(found.natural_end_ms(), found.connect_ms, np.diff(found.offsets), found.close_ms, strict=True)
    assert {(int(end - start), int(n), False) for end, start, n, close in lives if close < FOREVER_MS} <= kinds


def test_ten_times_the_traffic_is_ten_times_the_bill_without_sharing() -> None:
    trace = generate(scenario(), days=3, seed=1)
    one, ten = estimate(trace), estimate(scaled(trace, 10, 1))
    assert ten.usage["invocations"] == 10 * one.usage["invocations"]
    assert ten.usage["connection_ms"] == pytest.approx(10 * one.usage["connection_ms"], rel=1e-3)
    assert one.result.packing.peak_connections < ten.result.packing.peak_connections
    assert "scaled" in {one.code for one in ten.warnings}


def test_a_copy_is_moved_but_not_far() -> None:
    trace = generate(scenario(arrivals={"per_hour": 1}), days=3, seed=2)
    twice = scaled(trace, 2, 1)
    moved = twice.connect_ms[1::2] - twice.connect_ms[::2]
    assert (twice.connect_ms[::2] == trace.connect_ms).all()
    assert 0 < np.abs(moved).max() <= JITTER_MS
    assert len(set(moved.tolist())) > 30


@pytest.mark.parametrize(("factor", "message"), [(0, "0 is not more than 0"), (1e9, "are more than 200,000,000")])
def test_what_cannot_be_scaled_is_said(factor: float, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        scaled(generate(scenario(), days=1, seed=1), factor)
