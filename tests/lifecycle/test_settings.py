"""Many settings of a trace against the rows of a replay at each."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scfcost.lifecycle.replay import replay
from scfcost.lifecycle.settings import sums_of_settings
from scfcost.trace.assumption import assume
from tests import strategies as draw_from
from tests.depth import depth

TIMES = st.lists(st.integers(1, 40), min_size=1, max_size=4)


@settings(max_examples=depth(15, 40))
@given(data=st.data())
def test_every_setting_has_the_sums_of_its_rows(data: st.DataObject) -> None:
    idle, execution = data.draw(TIMES), data.draw(TIMES)
    many = st.lists(draw_from.sessions(longest=200), min_size=1, max_size=3).map(draw_from.build_trace)
    trace = data.draw(st.one_of(many, draw_from.silent_traces(longest=200)))
    trace = trace if trace.has_messages else assume(trace, data.draw(st.sampled_from(["low", "point", "high"])))
    config = draw_from.build_config(data.draw(draw_from.settings()))
    found = sums_of_settings(trace, config, np.array(idle), np.array(execution))
    for row, exec_ms in enumerate(execution):
        for column, idle_ms in enumerate(idle):
            at = config.replace(idle_timeout_s=idle_ms / 1000, exec_timeout_s=exec_ms / 1000)
            rows = replay(trace, {"default": at})
            sums = [rows.duration_ms, rows.egress_bytes, rows.harmful, *rows.tally.T]
            names = [
                "connection_ms",
                "egress_bytes",
                "cut_harmful",
                "messages_lost",
                "messages_delayed",
                "pushes_missed",
            ]
            assert [int(found[name][row, column]) for name in names] == [int(one.sum()) for one in sums]
            assert found["invocations"][row, column] == len(rows)


def test_parts_on_every_core_tell_their_share_and_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    trace = draw_from.build_trace([draw_from.Session(0, 500, [(200, "up", 1, "data")])])
    config = draw_from.build_config(draw_from.Setting(10, 100, policy="immediate", delay=3))
    idle, execution = np.arange(1, 9), np.arange(10, 60, 10)
    alone, shares = sums_of_settings(trace, config, idle, execution), list[float]()
    monkeypatch.setattr("scfcost.lifecycle.settings.SMALL", 0)
    apart = sums_of_settings(trace, config, idle, execution, progress=shares.append)
    assert {name: cells.tolist() for name, cells in apart.items()} == {n: c.tolist() for n, c in alone.items()}
    assert shares[-1] == 1
    assert len(shares) > 1
