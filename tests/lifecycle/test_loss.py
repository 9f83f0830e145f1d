"""The loss of a system without a queue, against the packing and Erlang B."""

from __future__ import annotations

from statistics import mean, stdev

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from scfcost.lifecycle.loss import count_lost
from tests.lifecycle.test_instances import calls_from, pack_calls
from tests.oracles.instances import erlang_b


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 20)), min_size=1, max_size=30), st.integers(0, 6))
def test_it_counts_what_packing_refuses_under_a_quota(lives: list[tuple[int, int]], places: int) -> None:
    starts, ends = (np.array(column, np.int64) for column in zip(*((a, a + b) for a, b in lives), strict=True))
    packing = pack_calls(calls_from([a for a, _ in lives], [b for _, b in lives]), quota=128 * places)
    assert count_lost(starts, ends, places) == int((packing.refused != 0).sum())


def test_its_share_is_erlang_b() -> None:
    shares = []
    for seed in range(10):
        rng = np.random.default_rng(seed)
        starts = np.cumsum(rng.exponential(1_000, 50_000)).astype(np.int64)
        ends = starts + rng.exponential(40_000, 50_000).astype(np.int64) + 1
        shares.append(count_lost(starts, ends, 45) / 50_000)
    assert abs(mean(shares) - erlang_b(45, 40)) < 4 * stdev(shares) / len(shares) ** 0.5
