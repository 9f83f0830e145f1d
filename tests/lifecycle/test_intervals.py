"""The order of instants."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scfcost.core.units import FOREVER_MS
from scfcost.lifecycle import intervals
from scfcost.lifecycle.intervals import ascending, time_order, union_ms
from tests.depth import depth

INSTANTS = st.one_of(
    st.integers(-(2**40), 2**40), st.integers(0, 3), st.sampled_from([1_023, 1_024, 2**20, FOREVER_MS])
)


@settings(max_examples=depth(20, 60), deadline=None)
@given(st.lists(INSTANTS, max_size=40))
def test_few_and_many_instants_are_ordered_as_a_stable_sort_has_them(instants: list[int]) -> None:
    expected = sorted(range(len(instants)), key=lambda row: (instants[row], row))
    values = np.array(instants, np.int64)
    with pytest.MonkeyPatch.context() as patch:
        for many in (0, len(instants) + 1):  # by digits, and by comparisons
            patch.setattr(intervals, "MANY", many)
            assert time_order(values).tolist() == expected
            assert ascending(values % 2**40).tolist() == sorted(one % 2**40 for one in instants)
    assert values.tolist() == instants


def test_very_many_instants_are_ordered_by_digits() -> None:
    values = np.random.default_rng(1).integers(-(10**9), 10**9, intervals.MANY)
    values[::3] = 5
    assert (time_order(values) == np.argsort(values, kind="stable")).all()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(-9, 9), st.integers(0, 9), st.integers(0, 2)), max_size=12))
def test_the_union_of_intervals_is_that_of_every_instant(rows: list[tuple[int, int, int]]) -> None:
    held = {(owner, instant) for start, length, owner in rows for instant in range(start, start + length)}
    start, length, owner = np.array(rows, np.int64).reshape(-1, 3).T
    assert union_ms(start, start + length, owner) == len(held)
