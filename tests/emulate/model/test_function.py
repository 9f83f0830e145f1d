"""The live model against the replay of what it recorded: same codes, same milliseconds, same instances."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from scfcost.config.function import FunctionConfig
from scfcost.emulate.model.rules import Mode
from scfcost.lifecycle.environment import Platform
from scfcost.lifecycle.records import Run
from scfcost.lifecycle.run import run
from scfcost.trace.model import BY_CLIENT, BY_SERVER
from tests import strategies
from tests.depth import depth
from tests.emulate.model.world import Step, World
from tests.strategies import SIDES, build_trace


@st.composite
def configs(draw: st.DrawFn) -> FunctionConfig:
    return FunctionConfig(
        idle_timeout_s=draw(st.integers(1, 12)) / 1000,
        exec_timeout_s=draw(st.integers(1, 25)) / 1000,
        max_concurrency=draw(st.sampled_from((1, 1, 2, 3))),
        keep_alive_s=draw(st.sampled_from((0, 1, 5, 40))) / 1000,
        placement=draw(st.sampled_from(("fullest", "fullest", "least-loaded"))),
        ping_resets_idle=draw(st.booleans()),
        empty_close_is_normal=draw(st.booleans()),
        recycle_on_error=draw(st.booleans()),
        provisioned=draw(st.sampled_from((0, 0, 0, 1, 2))),
    )


@st.composite
def plans(draw: st.DrawFn, idle: int = 5, execution: int = 9) -> list[Step]:
    """Draw what up to seven clients do, in any order within one ms."""
    turn = st.integers(0, 5)
    steps = []
    for client in range(draw(st.integers(1, 7))):
        planned = draw(strategies.sessions(idle, execution))
        steps.append(Step(planned.connect, draw(turn), client, "connect"))
        for at, direction, size, kind in planned.messages:
            steps.append(Step(at, draw(turn), client, "message", (direction, size, kind)))
        if planned.close is not None:
            detail = planned.close_code or 1006, SIDES[planned.closed_by] or draw(st.sampled_from((1, 2)))
            what = draw(st.sampled_from(("close", "close", "close", "die")))
            steps.append(Step(planned.close, draw(turn) + 6, client, what, detail))
    return steps


def replayed(world: World, end: int) -> Run:
    """Replay what a world recorded."""
    trace = build_trace(world.recorded).replace(start_ms=0, end_ms=end)
    config = replace(world.config, recycle_on_error=world.model.rules.recycles)
    return run(trace, {"default": config}, Platform())


def rows(found: Run) -> dict[int, tuple[int, int, int, int]]:
    columns = (found.invocations.start_ms, found.invocations.end_ms, found.invocations.outcome)
    listed = zip(found.invocations.session, *columns, found.invocations.egress_bytes, strict=True)
    return {int(session): tuple(int(value) for value in values) for session, *values in listed}  # type: ignore[misc]


@examples(max_examples=depth(40, 150), deadline=None)
@given(configs(), plans(), st.integers(20, 120))
def test_what_is_cut_live_is_what_the_replay_finds(config: FunctionConfig, steps: list[Step], end: int) -> None:
    world = World(config)
    end = world.run(steps, end)
    if not world.recorded:
        return
    found = replayed(world, end)
    assert rows(found) == world.verdicts
    if any(step.what == "die" for step in steps) and not config.recycle_on_error:
        return  # a process that is dead takes no connection; a recorded 439 alone does not tell that it was
    instances = dict(zip(found.invocations.session.tolist(), found.packing.instance.tolist(), strict=True))
    assert instances == world.instance_of
    assert int(found.packing.busy_ms[0]) == world.model.busy_ms
    assert int(found.packing.cold_starts[0]) == world.model.pool.cold
    assert found.packing.peak_instances == world.model.peak_instances
    assert found.packing.peak_connections == world.model.peak_connections


@examples(max_examples=depth(25, 80), deadline=None)
@given(configs(), plans(), st.integers(20, 120))
def test_what_is_judged_in_passing_is_what_the_replay_of_whole_lives_finds(
    config: FunctionConfig, steps: list[Step], end: int
) -> None:
    world = World(config, Mode.SHADOW)
    end = world.run(steps, end)
    if not world.recorded:
        return
    found = replayed(world, end)
    assert rows(found) == world.verdicts


@examples(max_examples=depth(25, 80), deadline=None)
@given(configs(), plans(), st.integers(20, 120), st.integers(1, 9))
def test_codes_and_durations_hold_while_instances_start(
    config: FunctionConfig, steps: list[Step], end: int, init_ms: int
) -> None:
    world = World(config, init_ms=init_ms)
    end = world.run(steps, end)
    if world.recorded and not config.recycle_on_error:
        assert rows(replayed(world, end)) == world.verdicts


def chats(rng: random.Random, clients: int) -> list[Step]:
    """Draw clients who come within a minute and a half, talk twice a second and stay for three seconds or so."""
    steps = []
    for client in range(clients):
        at = begin = rng.randrange(90_000)
        end = begin + 200 + int(rng.expovariate(1 / 3_000))
        steps.append(Step(begin, 0, client, "connect"))
        while (at := at + rng.randrange(200, 800)) < end:
            steps.append(Step(at, 1, client, "message", ("up", 9, "data")))
        steps.append(Step(end, 2, client, "close", (1000, BY_CLIENT)))
    return steps


@pytest.mark.parametrize("places", [4, 8, 20])
def test_cold_starts_change_busy_time_by_less_than_two_per_cent(places: int) -> None:
    config = FunctionConfig(idle_timeout_s=2, exec_timeout_s=20, max_concurrency=places, keep_alive_s=60)
    world = World(config, init_ms=150)
    found = replayed(world, world.run(chats(random.Random(places), 1_200), 120_000))
    assert rows(found) == world.verdicts
    packed_ms, packed = int(found.packing.busy_ms[0]), len(set(found.packing.instance.tolist()))
    assert abs(world.model.busy_ms - packed_ms) <= packed_ms // 50
    assert abs(world.model.pool.created - packed) <= 1


def test_a_deadline_is_acted_on_at_its_own_instant_however_late() -> None:
    world = World(FunctionConfig(idle_timeout_s=0.01))
    world.run([Step(0, 0, 0, "connect"), Step(500, 0, 1, "connect")], 600)
    assert world.verdicts[0] == (0, 10, 455, 0)
    assert world.instance_of == {0: 0, 1: 1}


def test_a_dead_process_is_439_for_each_connection_that_it_held() -> None:
    world = World(FunctionConfig(max_concurrency=2))
    world.run([Step(0, 0, 0, "connect"), Step(1, 0, 1, "connect"), Step(9, 0, 1, "die")], 20)
    assert {code for _, _, code, _ in world.verdicts.values()} == {439}
    assert world.recorded[0].closed_by == "server"


def test_a_client_that_leaves_before_its_instance_is_ready_was_never_there() -> None:
    world = World(FunctionConfig(), init_ms=50)
    world.run([Step(0, 0, 0, "connect"), Step(10, 0, 0, "close", (1006, BY_CLIENT))], 100)
    assert (world.model.left, world.verdicts, world.stopped) == (1, {}, [0])


def test_an_instance_that_never_listens_refuses_those_that_wait() -> None:
    world = World(FunctionConfig(max_concurrency=2))
    world.init_ms = 1_000
    for client in (0, 1):
        world.connections[client] = world.model.arrive(0, client)  # type: ignore[assignment]
    world.model.failed(60, world.connections[0].instance, 450)
    assert world.turned_away == {0: 450, 1: 450}
    assert (world.model.pool.account.busy_mb, world.model.workers) == (0, {})


def test_a_natural_end_after_a_start_of_the_same_ms_is_one_ms_later() -> None:
    world = World(FunctionConfig(keep_alive_s=1))
    steps = [Step(0, 0, 0, "connect"), Step(5, 0, 1, "connect"), Step(5, 1, 0, "close", (1000, BY_SERVER))]
    world.run([*steps, Step(5, 2, 2, "connect")], 20)
    assert [session.connect for session in world.recorded] == [0, 5, 6]
    assert world.recorded[0].close == 6
    assert world.instance_of[2] == 0
    assert np.array_equal(sorted(world.verdicts), [0, 1, 2])


def test_what_is_open_at_the_windows_end_is_open_though_its_instance_goes_then() -> None:
    world = World(FunctionConfig(exec_timeout_s=0.012, max_concurrency=2, recycle_on_error=True))
    end = world.run([Step(8, 0, 0, "connect"), Step(13, 0, 1, "connect")], 20)
    assert [code for _, _, code, _ in world.verdicts.values()] == [433, 202]
    assert rows(replayed(world, end)) == world.verdicts


def test_the_window_ends_after_the_last_that_an_instance_took_with_it() -> None:
    config = FunctionConfig(idle_timeout_s=0.005, exec_timeout_s=0.02, max_concurrency=2, recycle_on_error=True)
    beats = [Step(at, 0, 2, "message", ("up", 0, "data")) for at in (4, 8, 12, 16)]
    late = [Step(16, 0, 1, "connect"), Step(20, 0, 1, "message", ("up", 0, "data"))]
    world = World(config)
    end = world.run([Step(0, 0, 2, "connect"), *beats, *late], 20)
    assert end == 21
    assert rows(replayed(world, end)) == world.verdicts
    assert [code for _, _, code, _ in world.verdicts.values()] == [433, 1]
