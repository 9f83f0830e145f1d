"""Every cell of a grid against the replay at its setting."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scfcost.analysis.evaluate import count_outcomes
from scfcost.config.function import FunctionConfig
from scfcost.core.errors import ConfigError
from scfcost.lifecycle.grid import CELLS, can_sweep, sweep_grid
from scfcost.lifecycle.outcome_grid import sweep_outcomes
from scfcost.lifecycle.outcomes import EXEC_TIMEOUT, IDLE_TIMEOUT
from scfcost.lifecycle.replay import replay, replay_sums
from scfcost.trace.assumption import assume
from scfcost.trace.model import Trace
from tests import strategies as draw_from
from tests.oracles.lifecycle import Session

TIMES = st.lists(st.integers(1, 40), min_size=1, max_size=8, unique=True).map(sorted)


def sums_at(trace: Trace, config: FunctionConfig) -> dict[str, int]:
    rows = replay(trace, dict.fromkeys(trace.functions, config))
    lost, delayed, missed = rows.tally.sum(axis=0).tolist()
    return {
        "invocations": len(rows),
        "connection_ms": int(rows.duration_ms.sum()),
        "egress_bytes": int(rows.egress_bytes.sum()),
        "cut_harmful": int(rows.harmful.sum()),
        "cut": int(np.isin(rows.outcome, (IDLE_TIMEOUT, EXEC_TIMEOUT)).sum()),
        "cut_idle": int((rows.outcome == IDLE_TIMEOUT).sum()),
        "messages_lost": lost,
        "messages_delayed": delayed,
        "pushes_missed": missed,
        "reconnects": int((rows.number > 0).sum()),
    }


def check_every_cell(trace: Trace, config: FunctionConfig, idle: list[int], execution: list[int]) -> None:
    grid = sweep_grid(trace, config, np.array(idle), np.array(execution), workers=1)
    for row, exec_ms in enumerate(execution):
        for column, idle_ms in enumerate(idle):
            at = config.replace(idle_timeout_s=idle_ms / 1000, exec_timeout_s=exec_ms / 1000)
            assert {name: int(grid[name][row, column]) for name in CELLS} == sums_at(trace, at), (idle_ms, exec_ms)


@pytest.mark.parametrize("policy", ["none", "on-demand", "immediate"])
@given(data=st.data())
def test_every_cell_equals_the_replay_at_its_setting(data: st.DataObject, policy: str) -> None:
    idle, execution = data.draw(TIMES), data.draw(TIMES)
    setting = data.draw(draw_from.settings())
    setting.policy, setting.heartbeat = policy, 0
    many = data.draw(st.lists(draw_from.sessions(idle[0], execution[-1]), min_size=1, max_size=3))
    check_every_cell(draw_from.build_trace(many), draw_from.build_config(setting), idle, execution)


@given(st.data())
def test_cells_of_a_trace_without_messages_equal_the_replay(data: st.DataObject) -> None:
    idle, execution = data.draw(TIMES), data.draw(TIMES)
    trace = data.draw(draw_from.silent_traces())
    for which in ("low", "point", "high"):
        check_every_cell(assume(trace, which), FunctionConfig(), idle, execution)


@pytest.mark.parametrize("policy", ["none", "on-demand", "immediate"])
@given(data=st.data())
def test_the_outcomes_of_every_cell_equal_the_replay(data: st.DataObject, policy: str) -> None:
    idle, execution = data.draw(TIMES), data.draw(TIMES)
    trace = draw_from.build_trace(
        data.draw(st.lists(draw_from.sessions(idle[0], execution[-1]), min_size=1, max_size=4))
    )
    config = FunctionConfig(reconnect=policy, reconnect_delay_s=0.002)
    sums, mix = sweep_outcomes(trace, config, np.array(idle), np.array(execution))
    assert all(
        (sums[one] == whole).all()
        for one, whole in sweep_grid(trace, config, np.array(idle), np.array(execution)).items()
    )
    for (row, exec_ms), (column, idle_ms) in itertools.product(enumerate(execution), enumerate(idle)):
        at = config.replace(idle_timeout_s=idle_ms / 1000, exec_timeout_s=exec_ms / 1000)
        counts = count_outcomes(replay(trace, {"default": at}))
        assert {code: int(cells[row, column]) for code, cells in mix.items() if cells[row, column]} == {
            code: count for code, count in counts.items() if count
        }


@given(st.data())
def test_threads_change_nothing(data: st.DataObject) -> None:
    many = data.draw(st.lists(draw_from.sessions(), min_size=2, max_size=6))
    trace, config = draw_from.build_trace(many), FunctionConfig(reconnect="on-demand")
    one, two = (sweep_grid(trace, config, np.arange(1, 9), np.arange(3, 20, 4), workers=n) for n in (1, 2))
    assert all((one[name] == two[name]).all() for name in CELLS)


def test_what_depends_on_every_connection_is_not_swept_in_one_pass() -> None:
    trace = draw_from.build_trace([draw_from.Session(0, 10)])
    assert can_sweep(trace, FunctionConfig(reconnect="immediate"))
    assert not can_sweep(trace, FunctionConfig(max_concurrency=2))
    assert not can_sweep(trace, FunctionConfig(heartbeat_s=5))


def test_an_unknown_reconnect_policy_is_taken_for_no_other() -> None:
    trace, config = draw_from.build_trace([Session(0, 5_000)]), FunctionConfig()
    object.__setattr__(config, "reconnect", "immediately")  # as a policy that the kernels were not taught
    with pytest.raises(ConfigError, match="immediately"):
        sweep_grid(trace, config, np.array([1_000]), np.array([9_000]))
    with pytest.raises(ConfigError, match="immediately"):
        replay_sums(trace, config)
