"""Lives on disk, read back stretch by stretch in the order of time."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from scfcost.engines.spill import keep, stretches
from scfcost.lifecycle.records import Stretch


@given(st.lists(st.lists(st.integers(0, 40), max_size=12), max_size=5), st.integers(1, 20))
def test_stretches_follow_one_another_in_the_order_of_time(files: list[list[int]], rows: int) -> None:
    expected = []
    with TemporaryDirectory() as folder:
        paths = []
        for number, starts in enumerate(files):
            start = np.sort(np.array(starts, np.int64))
            mark = 1_000 * number + np.arange(len(start))  # an end that says which life it is
            paths.append(Path(folder) / f"{number}.npy")
            keep(Stretch(start, mark, np.full(len(start), number, np.int16)), paths[-1])
            expected += [(at, number, int(end)) for at, end in zip(start, mark, strict=True)]
        found = list(stretches(paths, rows))
    together = [(int(a), int(f), int(e)) for one in found for a, e, f in zip(*one, strict=True)]
    assert together == sorted(expected)
    assert all(len(one.start_ms) for one in found)
    for one, following in pairwise(found):
        assert one.start_ms[-1] < following.start_ms[0]


def test_a_stretch_is_of_the_size_that_was_asked_for(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    paths = []
    for number in range(7):
        start = np.sort(rng.integers(0, 10**9, 20_000 + 3_000 * number))
        paths.append(tmp_path / f"{number}.npy")
        keep(Stretch(start, start + 5, np.zeros(len(start), np.int16)), paths[-1])
    sizes = [len(one.start_ms) for one in stretches(paths, 10_000)]
    assert len(sizes) > 15
    assert max(sizes) <= 12_500
