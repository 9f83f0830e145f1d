"""Generated traces: reproducible, sound, and distributed as stated; closed forms show the bill."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy import stats

from scfcost.analysis.estimate.estimate import estimate
from scfcost.config.function import FunctionConfig
from scfcost.core.errors import ConfigError
from scfcost.core.units import FOREVER_MS, MS_PER_DAY, MS_PER_HOUR
from scfcost.trace.model import CONTROL, DIRECTION_MASK, DOWN, UP, Trace
from scfcost.workload import generate as module
from scfcost.workload.generate import chunks, generate, plan
from scfcost.workload.presets import preset, preset_names
from tests.trace.files import columns_of
from tests.workload.scenarios import LENGTH, TALK, scenario


def directions(trace: Trace) -> Any:
    return trace.message_flags & DIRECTION_MASK


def owners(trace: Trace) -> Any:
    return np.repeat(np.arange(trace.connections), np.diff(trace.offsets))


@pytest.mark.parametrize("name", preset_names())
def test_the_seed_decides_the_trace_whatever_the_cores(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BLOCK_MESSAGES", 20_000)
    made = plan(preset(name), days=0.2)
    one, three = (list(chunks(made, 5, workers=workers)) for workers in (1, 3))
    assert [columns_of(block) for block in one] == [columns_of(block) for block in three]
    other = list(chunks(made, 6, workers=1))
    assert [block.messages for block in one] != [block.messages for block in other]


@pytest.mark.parametrize("name", preset_names())
def test_every_block_is_a_sound_trace(name: str) -> None:
    trace = generate(preset(name), days=0.5, seed=2)
    owner, instants = owners(trace), trace.message_ms
    assert (np.diff(trace.connection_id) > 0).all()
    assert ((trace.connect_ms >= trace.start_ms) & (trace.connect_ms < trace.end_ms)).all()
    assert (instants >= trace.connect_ms[owner]).all()
    assert (instants <= trace.natural_end_ms()[owner]).all()
    same = owner[1:] == owner[:-1]
    assert (np.diff(instants)[same] >= 0).all()
    assert (np.diff(directions(trace).astype(int))[same & (np.diff(instants) == 0)] >= 0).all()
    gone = instants >= trace.client_lost_ms[owner]
    assert not gone.any()
    assert (trace.message_bytes >= 0).all()


def test_lengths_and_gaps_follow_what_is_stated() -> None:
    gap = {"family": "weibull", "mean": "30s", "shape": 0.8}
    trace = generate(scenario(streams=[{**TALK, "gap": gap}], session={"length": "40m"}), days=10, seed=3)
    whole = (trace.close_ms <= trace.end_ms) & (trace.connect_ms > trace.start_ms)
    first = trace.offsets[:-1][whole & (np.diff(trace.offsets) > 0)]
    firsts = trace.message_ms[first] - trace.connect_ms[owners(trace)[first]]
    scale = 30_000 / math.gamma(1 + 1 / 0.8)
    assert stats.kstest(firsts + 0.5, stats.weibull_min(0.8, scale=scale).cdf).pvalue > 0.01
    lengths = generate(scenario(session={"length": LENGTH}), days=20, seed=4)
    whole = (lengths.close_ms < FOREVER_MS) & (lengths.connect_ms > lengths.start_ms)
    lived = (lengths.close_ms - lengths.connect_ms)[whole] + 0.5
    assert stats.kstest(lived, stats.expon(scale=300_000).cdf).pvalue > 0.01


def test_arrivals_follow_the_hours_and_days() -> None:
    hours, days = list(range(24)), [1, 1, 1, 1, 1, 3, 0]
    arrivals = {"per_hour": 200, "hour_of_day": hours, "day_of_week": days}
    trace = generate(scenario(arrivals=arrivals, streams=[{**TALK, "share": 0.01}]), days=28, seed=5)
    hour = (trace.connect_ms - trace.start_ms) // MS_PER_HOUR
    expected = np.outer(np.tile(days, 4), hours).reshape(-1) * 200 / (11.5 * 8 / 7)
    seen = np.bincount(hour, minlength=28 * 24)
    assert seen[expected == 0].sum() == 0
    usual = expected > 0
    statistic = ((seen - expected)[usual] ** 2 / expected[usual]).sum()  # Poisson counts: chi-squared
    assert 0.001 < stats.chi2(usual.sum()).cdf(statistic) < 0.999


def test_a_crowd_comes_when_it_is_said_to() -> None:
    crowd = {"at": "20:00", "sessions": 500, "over": "10m"}
    trace = generate(scenario(arrivals={"per_hour": 1, "flash_crowds": [crowd]}), days=2, seed=6)
    since = (trace.connect_ms - trace.start_ms) % MS_PER_DAY
    inside = (since >= 20 * MS_PER_HOUR) & (since < 20 * MS_PER_HOUR + 600_000)
    assert inside.sum() == pytest.approx(1_000, abs=4 * math.sqrt(1_000))


def test_users_of_a_closed_population_are_never_twice_there() -> None:
    arrivals = {"users": 1, "away": {"family": "exponential", "mean": "2m"}}
    trace = generate(scenario(arrivals=arrivals), days=5, seed=7)
    order = np.argsort(trace.connect_ms)
    assert (trace.connect_ms[order][1:] >= trace.natural_end_ms()[order][:-1]).all()
    cycles = 5 * MS_PER_DAY / 420_000
    assert trace.connections == pytest.approx(cycles, abs=4 * math.sqrt(cycles))


def test_a_closed_population_comes_by_the_hours() -> None:
    hours = [0.2] * 12 + [1.8] * 12
    arrivals = {"users": 300, "away": {"family": "exponential", "mean": "1h"}, "hour_of_day": hours}
    trace = generate(scenario(arrivals=arrivals), days=7, seed=8)
    evening = ((trace.connect_ms - trace.start_ms) // MS_PER_HOUR % 24 >= 12).mean()
    assert 0.8 < evening < 0.92  # 90 % but for those who stay on into the quiet hours


def test_who_is_lost_neither_closes_nor_speaks_again() -> None:
    trace = generate(scenario(session={"length": LENGTH, "lost": "30%"}), days=5, seed=9)
    ended = (trace.client_lost_ms < FOREVER_MS) | (trace.close_ms < FOREVER_MS)
    lost = trace.client_lost_ms < FOREVER_MS
    assert lost[ended].mean() == pytest.approx(0.3, abs=4 * math.sqrt(0.21 / ended.sum()))
    assert (trace.close_ms[lost] == FOREVER_MS).all()


def test_sessions_close_with_the_codes_by_their_shares() -> None:
    closes = [{"code": 1000, "share": "75%"}, {"code": 1011, "by": "server", "share": "25%"}]
    trace = generate(scenario(session={"length": LENGTH, "closes": closes}), days=5, seed=10)
    closed = trace.close_ms < FOREVER_MS
    failed = (trace.close_code == 1011) & closed
    assert failed.sum() / closed.sum() == pytest.approx(0.25, abs=4 * math.sqrt(0.1875 / closed.sum()))
    assert (trace.closed_by[failed] == 2).all()


def test_a_room_hears_everyone_but_the_speaker() -> None:
    rooms = generate(scenario(streams=[{**TALK, "fan_out": True}], rooms={"count": 3}), days=0.2, seed=11)
    owner, way = owners(rooms), directions(rooms)
    heard = 0
    for k in np.flatnonzero(way == DOWN).tolist():
        said = (way == UP) & (rooms.message_ms == rooms.message_ms[k]) & (owner != owner[k])
        heard += int(said.any())
    assert heard == (way == DOWN).sum() > 100
    alone = generate(scenario(streams=[{**TALK, "fan_out": True}], rooms={"count": 100_000}), days=0.2, seed=11)
    assert (directions(alone) == DOWN).sum() < 5


def test_one_room_is_heard_by_all_who_are_there() -> None:
    trace = generate(scenario(streams=[{**TALK, "fan_out": True}], rooms={"count": 1}), days=0.1, seed=12)
    way, owner = directions(trace), owners(trace)
    expected = 0
    for instant, speaker in zip(trace.message_ms[way == UP].tolist(), owner[way == UP].tolist(), strict=True):
        there = (trace.connect_ms <= instant) & (trace.natural_end_ms() > instant)
        expected += int(there.sum()) - int(there[speaker])
    assert (way == DOWN).sum() == expected > 1_000


def test_answers_follow_their_message() -> None:
    answer = {"after": "2s", "count": 3, "gap": "100ms", "bytes": 7}
    streams = [{**TALK, "gap": "30s", "answer": answer}]
    trace = generate(scenario(streams=streams, session={"length": "65s"}), days=0.5, seed=13)
    whole = (trace.close_ms <= trace.end_ms) & (trace.connect_ms > trace.start_ms)
    since = trace.message_ms - trace.connect_ms[owners(trace)]
    one = since[owners(trace) == np.flatnonzero(whole)[0]].tolist()
    assert one == [30_000, 32_000, 32_100, 32_200, 60_000, 62_000, 62_100, 62_200]


def test_heartbeats_are_control_frames_that_stop_with_the_client() -> None:
    made = scenario(streams=[], heartbeat={"every": "30s"}, session={"length": "100s"})
    trace = generate(made, days=0.5, seed=14)
    assert (trace.message_flags & CONTROL).all()
    whole = (trace.close_ms <= trace.end_ms) & (trace.connect_ms > trace.start_ms)
    assert np.diff(trace.offsets)[whole].tolist() == [6] * int(whole.sum())


def test_a_quick_pace_talks_more() -> None:
    slow, quick = (
        generate(scenario(session={"length": LENGTH, "pace": pace}), days=2, seed=15).messages for pace in (2, 0.5)
    )
    assert quick / slow == pytest.approx(4, rel=0.1)


def test_the_expected_size_is_what_comes() -> None:
    made = plan(scenario(arrivals={"per_hour": 500}), days=7)
    trace = generate(made.scenario, days=7, seed=16)
    assert trace.connections == pytest.approx(made.size.sessions, abs=4 * math.sqrt(made.size.sessions))
    assert trace.messages == pytest.approx(made.size.messages, rel=0.02)


def test_the_mean_of_open_connections_is_that_of_m_g_infinity() -> None:
    trace = generate(scenario(arrivals={"per_hour": 600}), days=7, seed=17)
    busy = float((trace.natural_end_ms() - trace.connect_ms).sum()) / trace.window_ms
    assert busy == pytest.approx(600 / 12, rel=0.02)  # arrival rate × mean length


@pytest.mark.parametrize("idle_s", [10, 25])
def test_the_billed_duration_under_an_idle_timeout_is_the_closed_form(idle_s: int) -> None:
    """With exponential gaps of mean g and sessions of length L, P(alive at t) follows from the renewal of the last gap.

    Without reconnects a session ends at min(L, first run of T without a message). For exponential gaps the time until
    that run has the mean g (exp(T / g) - 1); with an exponential L of rate μ it is the transform below.
    """
    trace = generate(scenario(arrivals={"per_hour": 2_000}), days=7, seed=18)
    config = FunctionConfig(idle_timeout_s=idle_s, exec_timeout_s=100_000, reconnect="none")
    found = estimate(trace, config)
    rate, end, idle = 1 / 20_000, 1 / 300_000, idle_s * 1_000
    fading = math.exp(-(rate + end) * idle)
    until = fading * (rate + end) / (end + rate * fading)  # E[exp(-μ W)], W the time until the idle cut
    expected = (1 - until) / end  # E[min(L, W)] for L exponential of rate μ
    mean = found.usage["connection_ms"] / trace.connections
    assert mean == pytest.approx(expected, rel=0.02)


@pytest.mark.parametrize("scale", [1e13, 1e300])
def test_a_scale_beyond_all_traffic_is_refused(scale: float) -> None:
    with pytest.raises(ConfigError, match=r"scale: .* is absurd; expected at most 1,000,000,000,000"):
        plan(preset("chat-room"), scale=scale)


@pytest.mark.parametrize(
    ("arrivals", "days", "said"),
    [
        ({"day_of_week": [2, 1, 1, 1, 1, 1, 0]}, 1, "2.00 times as often"),  # a Monday, of a week of 7
        ({"day_of_week": [2, 1, 1, 1, 1, 1, 0]}, 7, None),
        ({"hour_of_day": [1] * 12 + [3] * 12}, 0.5, "0.50 times as often"),
        ({"daily": 70, "working_days": ["Mon"]}, 1, "7.00 times as often"),
        ({"daily": 70, "working_days": ["Mon"]}, 14, None),
    ],
)
def test_a_part_of_a_week_says_so(arrivals: dict[str, Any], days: float, said: str | None) -> None:
    rate = {} if "daily" in arrivals else {"per_hour": 60}
    made = scenario(arrivals={**rate, **arrivals})  # from a Monday on
    told = [one.message for one in generate(made, days=days).provenance.warnings if one.code == "part_of_a_week"]
    assert told == [] if said is None else said in told[0]
