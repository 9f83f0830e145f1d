"""What a notebook shows of each result: tables, names from a trace as text, nothing from outside."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

import scfcost
from scfcost.analysis.capacity.capacity import capacity
from scfcost.analysis.estimate.compare import compare
from scfcost.analysis.estimate.diff import diff
from scfcost.analysis.forecast.sensitivity import sensitivity
from scfcost.analysis.forecast.uncertainty import bootstrap
from tests import strategies as draw_from
from tests.analysis.sweep.test_sweep import CHAT
from tests.fragments import check_fragment

MARKUP = "<script>alert(1)</script><b x=\"'&"


@pytest.fixture(scope="module")
def trace() -> scfcost.Trace:
    made = draw_from.build_trace(CHAT * 5)
    ids = np.array([f"{MARKUP}{k}" for k in range(made.connections)], dtype=object)
    source = made.provenance.__class__(sources=(MARKUP,))
    return made.replace(connection_id=ids, functions=(MARKUP,), provenance=source)


AT = scfcost.FunctionConfig(idle_timeout_s=20, reconnect="on-demand")


def _estimate(trace: scfcost.Trace) -> scfcost.Estimate:
    return scfcost.estimate(trace, AT)


RESULTS: dict[str, Callable[[scfcost.Trace], Any]] = {
    "estimate": _estimate,
    "refused": lambda trace: scfcost.estimate(trace, AT, pricing=scfcost.Pricing(quota_mb=128, on_quota="refuse")),
    "sweep": lambda trace: scfcost.sweep(trace, AT, idle_ms=[5_000, 20_000, 60_000], exec_ms=[60_000, 900_000]),
    "recommendation": lambda trace: scfcost.recommend(trace, AT),
    "sensitivity": lambda trace: sensitivity(_estimate(trace)),
    "uncertainty": lambda trace: bootstrap(_estimate(trace)),
    "capacity": lambda trace: capacity(scfcost.estimate(trace, AT, pricing=scfcost.Pricing(quota_mb=256))),
    "comparison": lambda trace: compare(_estimate(trace), Decimal(50), 1_000),
    "difference": lambda trace: diff(_estimate(trace).to_dict(), scfcost.estimate(trace).to_dict()),
}


@pytest.mark.parametrize("name", RESULTS)
def test_a_result_is_shown_escaped_and_without_assets(trace: scfcost.Trace, name: str) -> None:
    check_fragment(RESULTS[name](trace)._repr_html_())


def test_names_of_a_trace_are_text(trace: scfcost.Trace) -> None:
    shown = _estimate(trace)._repr_html_()
    assert "&lt;script&gt;" in shown
    assert "<script>" not in shown
