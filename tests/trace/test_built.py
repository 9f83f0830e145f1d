"""A trace that was put together in Python, and does not hold together."""

from __future__ import annotations

import numpy as np
import pytest

from scfcost.analysis.estimate.estimate import estimate
from scfcost.analysis.sweep.sweep import sweep
from scfcost.core.errors import TraceError
from scfcost.trace.built import check_built
from scfcost.trace.model import Trace
from tests.oracles.lifecycle import Session
from tests.strategies import build_trace


@pytest.fixture
def built() -> Trace:
    said = [(at, "up", 10, "data") for at in (20_000, 40_000, 10_000)]
    return build_trace([Session(0, 90_000, said[:2]), Session(5_000, 30_000, said[2:])])


def test_the_first_message_of_a_connection_may_come_before_the_last_of_another(built: Trace) -> None:
    assert (np.diff(built.message_ms) < 0).any()
    check_built(built)


def test_messages_out_of_order_are_refused_before_anything_is_replayed(built: Trace) -> None:
    swapped = built.replace(message_ms=built.message_ms[[1, 0, 2]])
    for run in (lambda: estimate(swapped), lambda: sweep(swapped, idle_timeout_s=[15], exec_timeout_s=[900])):
        with pytest.raises(
            TraceError, match="message 2 comes before the one that stands ahead of it: put the messages"
        ):
            run()


def test_offsets_and_closes_that_do_not_fit_are_refused(built: Trace) -> None:
    with pytest.raises(TraceError, match="needs 3 ascending offsets from 0 to 3"):
        check_built(built.replace(offsets=built.offsets[:-1]))
    with pytest.raises(TraceError, match="closes before it connects"):
        check_built(built.replace(close_ms=built.connect_ms - 1))
