"""Figures are labelled with units, draw what they are given, and touch no global state."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from scfcost import plots
from scfcost.config import FunctionConfig
from scfcost.errors import ConfigError
from scfcost.sweeping import SweepResult, sweep
from tests import strategies as draw_from
from tests.test_sweeping import CHAT


@pytest.fixture(scope="module")
def grid() -> SweepResult:
    trace = draw_from.build_trace(CHAT)
    return sweep(
        trace, FunctionConfig(reconnect="on-demand"), idle_ms=range(10_000, 60_000, 10_000), exec_ms=[60_000, 900_000]
    )


def test_the_heatmap_marks_both_settings(grid: SweepResult) -> None:
    axes = grid.plot(current=(10, 900), recommended=(30, 60))
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("idle timeout [s]", "execution timeout [s]")
    assert {"current", "recommended"} <= set(axes.get_legend_handles_labels()[1])


def test_the_curve_has_cost_and_harm(grid: SweepResult) -> None:
    axes = plots.cost_curve(grid.frame, "CNY")
    assert axes.get_ylabel() == "cost of a month [CNY]"
    assert "900 s" in axes.get_title()


def test_the_silences_show_the_timeouts(tmp_path: Path) -> None:
    axes = plots.gap_survival(draw_from.build_trace(CHAT), timeouts_s={"idle timeout": 15})
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["idle timeout 15 s"]
    for suffix in (".png", ".svg", ".pdf"):
        plots.save(axes, tmp_path / f"gaps{suffix}")
        assert (tmp_path / f"gaps{suffix}").stat().st_size > 1000
    with pytest.raises(ConfigError, match="a figure is written as"):
        plots.save(axes, tmp_path / "gaps.gif")


def test_pyplot_is_not_touched() -> None:
    assert "matplotlib.pyplot" not in sys.modules
