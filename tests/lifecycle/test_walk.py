"""The replay in stretches of time against the replay and the packing of the whole."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from scfcost.config.function import PLACEMENTS
from scfcost.lifecycle.environment import Platform
from scfcost.lifecycle.instances import busy_bounds_of, pack
from scfcost.lifecycle.intervals import time_order
from scfcost.lifecycle.provisioning import idle_times
from scfcost.lifecycle.replay import replay, replay_sums
from scfcost.lifecycle.run import refusals, run
from scfcost.lifecycle.walk import Walk, on_instances
from scfcost.trace.assumption import assume
from scfcost.trace.model import Trace
from tests import strategies as draw_from
from tests.depth import depth


@st.composite
def traces(draw: st.DrawFn) -> Trace:
    """Draw a trace of up to two functions, with or without message rows."""
    longest = draw(st.sampled_from((30, 400)))
    many = st.lists(draw_from.sessions(longest=longest), min_size=1, max_size=5).map(draw_from.build_trace)
    trace = draw(st.one_of(many, draw_from.silent_traces(longest=longest)))
    trace = trace if trace.has_messages else assume(trace, draw(st.sampled_from(["low", "point", "high"])))
    if draw(st.booleans()):
        return trace
    codes = (np.arange(trace.connections) % 2).astype(np.int16)
    return trace.replace(functions=("a", "b"), function_code=codes)


@examples(max_examples=depth(40, 150), deadline=None)
@given(traces(), draw_from.settings(), st.sampled_from((1, 2, 3)), st.sampled_from((0, 2)), st.sampled_from((1, 3, 50)))
def test_stretches_of_time_are_the_whole_in_the_order_of_time(
    trace: Trace, setting: draw_from.Setting, places: int, provisioned: int, rows: int
) -> None:
    config = draw_from.build_config(setting).replace(max_concurrency=places, provisioned=provisioned)
    configs = dict.fromkeys(trace.functions, config)
    whole = replay(trace, configs)
    order = time_order(whole.start_ms)
    stretches = list(Walk(trace, configs, rows=rows).stretches())
    assert np.concatenate([one.start_ms for one in stretches]).tolist() == whole.start_ms[order].tolist()
    assert np.concatenate([one.end_ms for one in stretches]).tolist() == whole.end_ms[order].tolist()

    sums, found = on_instances(trace, configs, Platform(), bounds=True, rows=rows)
    packing = pack(trace, whole, configs)
    assert found.busy_ms.tolist() == packing.busy_ms.tolist()
    assert (found.peak_instances, found.peak_ms) == (packing.peak_instances, packing.peak_ms)
    idle_ms = [int(idle_times(trace, whole, packing, configs, code, "UTC")[1].sum()) for code in range(len(configs))]
    assert found.idle_ms.tolist() == idle_ms
    if places > 1:
        assert found.busy_bounds == busy_bounds_of(trace, whole, configs)
    for code, name in enumerate(trace.functions):
        assert sums[name] == replay_sums(trace.of_function(code), config)


@examples(max_examples=depth(10, 30), deadline=None)
@given(traces(), draw_from.settings(), st.sampled_from((2, 3)), st.sampled_from((1, 50)))
def test_of_two_placements_the_one_with_more_busy_time_is_told(
    trace: Trace, setting: draw_from.Setting, places: int, rows: int
) -> None:
    config = draw_from.build_config(setting).replace(max_concurrency=places)
    each = [
        on_instances(trace, dict.fromkeys(trace.functions, config.replace(placement=way)), Platform(), bounds=True)
        for way in PLACEMENTS
    ]
    sums, found = on_instances(
        trace, dict.fromkeys(trace.functions, config), Platform(), bounds=True, rows=rows, placements=PLACEMENTS
    )
    assert found.busy_ms.sum() == max(placed.busy_ms.sum() for _, placed in each)
    assert (sums, found.busy_bounds) == (each[0][0], each[0][1].busy_bounds)


@examples(max_examples=depth(15, 50), deadline=None)
@given(traces(), draw_from.settings(), st.sampled_from((1, 2)), st.sampled_from((128, 256)), st.sampled_from((1, 2)))
def test_what_limits_would_refuse_is_counted_without_the_invocations(
    trace: Trace, setting: draw_from.Setting, places: int, quota_mb: int, burst: int
) -> None:
    config = draw_from.build_config(setting).replace(max_concurrency=places)
    configs = dict.fromkeys(trace.functions, config)
    limits = Platform(quota_mb=quota_mb, burst_per_minute=burst)
    codes = run(trace, configs, limits).refused_code
    assert refusals(trace, configs, limits) == {str(code): int((codes == code).sum()) for code in (432, 429)}


def test_the_first_stretch_of_lives_that_are_cut_again_and_again_is_no_longer_than_the_others() -> None:
    day = 86_400_000
    trace = draw_from.build_trace([draw_from.Session(0, day) for _ in range(5)])
    setting = draw_from.build_config(draw_from.Setting(policy="immediate")).replace(idle_timeout_s=10)
    stretches = list(Walk(trace, {"default": setting}, rows=100).stretches())
    assert max(len(one.start_ms) for one in stretches) <= 200


def test_lives_are_rounded_up_each() -> None:
    trace = draw_from.build_trace([draw_from.Session(0, 5), draw_from.Session(0, 7)])
    config = {"default": draw_from.build_config(draw_from.Setting())}
    sums, _ = on_instances(trace, config, Platform(granularity_ms=4))
    assert sums["default"].connection_ms == 16
