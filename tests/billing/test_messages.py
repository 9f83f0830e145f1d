"""Delivered messages and connection-minutes against the judge in plain Python."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scfcost.analysis.estimate.estimate import estimate
from scfcost.billing.messages import COUNTS, UNITS_KB, count_messages
from scfcost.config.function import FunctionConfig
from scfcost.lifecycle.replay import replay
from tests import strategies as draw_from
from tests.oracles import lifecycle as oracle
from tests.oracles.lifecycle import Session, Setting

MINUTE = 60_000
SIZES = st.sampled_from([0, 1, *(size * 1_024 + step for size in UNITS_KB for step in (-1, 0, 1))])


def metered(many: list[Session], setting: Setting) -> dict[str, int]:
    """Meter each delivered message and each life by itself."""
    found = dict.fromkeys(COUNTS, 0)
    for session in many:
        for one in oracle.replay(session, setting, draw_from.window_end(many)).invocations:
            found["connection_minutes"] += (one["end"] - one["start"] + MINUTE - 1) // MINUTE
            for direction, size in one["delivered"]:
                way = "down" if direction == "down" else "up"
                found[way] += 1
                for unit in UNITS_KB:
                    found[f"{way}_{unit}_kb"] += max((size + unit * 1_024 - 1) // (unit * 1_024), 1)
    return found


@given(st.data())
def test_messages_are_metered_as_the_oracle_meters_each(data: st.DataObject) -> None:
    setting = data.draw(draw_from.settings())
    many = data.draw(st.lists(draw_from.sessions(setting.idle, setting.execution), min_size=1, max_size=3))
    for session in many:
        session.messages = [(time, way, data.draw(SIZES), kind) for time, way, _, kind in session.messages]
    trace, config = draw_from.build_trace(many), draw_from.build_config(setting)
    counts = count_messages(trace, replay(trace, {"default": config}), {"default": config})
    assert dict(zip(COUNTS, counts.tolist(), strict=True)) == metered(many, setting)


@pytest.mark.parametrize("days", [1, 10])
def test_a_day_of_messages_is_projected_to_a_month(days: int) -> None:
    day = days * 86_400_000
    rows = [(60_000 * k, way, 3_000, "data") for k in range(1, 11) for way in ("up", "down", "down")]
    trace = draw_from.build_trace([Session(0, 660_000, rows), Session(day, day)])
    found = estimate(trace, FunctionConfig(idle_timeout_s=120)).to_dict()["messages"]
    own = found["trace"]
    assert (own["up"], own["down"], own["delivered"], own["connection_minutes"]) == (10, 20, 30, 11)
    assert own["units_kb"] == {
        "2": {"up": 20, "down": 40},
        **{size: {"up": 10, "down": 20} for size in ("5", "32", "512")},
    }
    assert found["month"]["delivered"] == 30 * 30 // days
