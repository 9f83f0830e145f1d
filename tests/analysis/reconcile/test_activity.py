"""What ran, metered alike whether forecast or logged."""

from __future__ import annotations

import numpy as np

from scfcost.analysis.reconcile.activity import Hour, forecast_side, logged_side
from tests.analysis.reconcile.logged import START, forecast, request


def test_a_log_is_metered_by_its_own_durations_and_memory() -> None:
    log = [request(0, 10), request(5, 10, memory_mb=256, status=455)]
    side = logged_side(log, forecast((0, 10)), START + 100)
    assert side.activity.calls == {"200": 1, "455": 1}
    assert side.activity.connection_ms == {"200": 10, "455": 10}
    assert side.usage["resource_mb_ms"] == 10 * 128 + 10 * 256
    assert side.hours == {"2026-11-04 08:00": Hour(2, 3_840)}


def test_a_request_without_an_end_runs_until_the_log_ends() -> None:
    side = logged_side([request(40, None, status=202)], forecast((0, 10)), START + 100)
    assert side.activity.all_ms == 60


def test_connections_of_a_log_share_instances_by_the_settings() -> None:
    log = [request(0, 10), request(5, 10)]
    alone, shared = (logged_side(log, forecast((0, 10), max_concurrency=held), START + 100) for held in (1, 2))
    assert (alone.activity.busy_ms, shared.activity.busy_ms) == (20, 15)
    assert alone.activity.all_ms == shared.activity.all_ms == 20


def test_of_the_forecast_what_starts_inside_counts() -> None:
    estimate = forecast((0, 10), (50, 10))
    whole, late = forecast_side(estimate, None), forecast_side(estimate, (START + 50, START + 60))
    assert (whole.activity.all_calls, late.activity.all_calls) == (2, 1)
    assert whole.usage["resource_mb_ms"] == estimate.usage["resource_mb_ms"]


def test_hours_add_up() -> None:
    assert Hour(1, 5) + Hour(2, 7) == Hour(3, 12)


def test_the_same_lives_are_placed_alike_on_both_sides() -> None:
    """500 lives, many of which start at one instant, in a log that holds them in another order."""
    rng = np.random.default_rng(1)
    lives = list(zip(rng.integers(0, 60, 500) * 1_000, rng.integers(1, 120_000, 500), strict=True))
    estimate = forecast(*((int(start), int(length)) for start, length in lives), max_concurrency=8)
    log = [request(int(start), int(length), request_id=str(n)) for n, (start, length) in enumerate(lives)]
    shuffled = [log[n] for n in rng.permutation(500).tolist()]
    side = logged_side(shuffled, estimate, START + 10**6)
    assert side.usage["resource_mb_ms"] == forecast_side(estimate, None).usage["resource_mb_ms"]
