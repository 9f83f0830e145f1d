"""More traffic is copies of the trace's own sessions."""

from __future__ import annotations

from dataclasses import replace

from scfcost.analysis.capacity.load import Traffic, copied, load_of
from scfcost.workload.scaling import JITTER_MS
from tests.analysis.reconcile.logged import forecast

LIVES = ((0, 60_000), (10, 60_000), (3_600_000, 5_000))


def test_the_first_copy_is_the_traffic_itself_and_the_others_are_shifted() -> None:
    rows = forecast(*LIVES).result.invocations
    many = copied(rows, 3, seed=1)
    starts = many.start_ms.reshape(3, -1)
    assert starts[0].tolist() == rows.start_ms.tolist()
    assert (many.duration_ms.reshape(3, -1) == rows.duration_ms).all()
    shifts = starts[1:] - rows.start_ms
    assert shifts.any() and int(abs(shifts).max()) <= JITTER_MS
    assert copied(rows, 3, seed=1).start_ms.tolist() == many.start_ms.tolist()


def test_copies_cost_so_many_times_as_much() -> None:
    estimate = forecast(*LIVES)
    once, thrice = (load_of(estimate, factor, 0) for factor in (1, 3))
    assert once.monthly == estimate.monthly.total
    exact = [load.monthly for load in (once, thrice)]
    assert abs(exact[1] - 3 * exact[0]) <= 1  # a line is rounded once, and the window grows by the shifts
    assert (once.peak_connections, once.burst) == (2, 2)


def test_the_month_of_other_settings_is_priced_on_the_same_lives() -> None:
    estimate = forecast(*LIVES)
    doubled = {name: config.replace(memory_mb=256) for name, config in estimate.functions.items()}
    month = Traffic(estimate, 1, 0).on(doubled, estimate.platform, estimate.terms).monthly
    assert month > estimate.monthly.total


def test_what_is_counted_is_what_is_placed() -> None:
    estimate = forecast(*LIVES)
    for factor in (1, 4):
        counted, placed = Traffic(estimate, factor, 7), Traffic(estimate, factor, 7)
        placed.lives = None
        for held in (1, 3):
            configs = {name: config.replace(max_concurrency=held) for name, config in estimate.functions.items()}
            asked = (configs, replace(estimate.platform, quota_mb=256), estimate.terms)
            assert counted.on(*asked) == placed.on(*asked)
