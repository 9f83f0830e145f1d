"""Figures are labelled with units, draw what they are given, and touch no global state."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from decimal import Decimal
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.text import Text

from scfcost import plots
from scfcost.analysis.estimate.estimate import estimate
from scfcost.analysis.forecast.sensitivity import sensitivity
from scfcost.analysis.sweep.sweep import SweepResult, sweep
from scfcost.billing.meters import Usage
from scfcost.billing.pricing import price
from scfcost.billing.terms import Pricing
from scfcost.config.function import FunctionConfig
from scfcost.core import language
from scfcost.core.errors import ConfigError
from scfcost.plots import style
from tests import strategies as draw_from
from tests.analysis.sweep.test_sweep import CHAT


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


def test_a_map_of_harm_stands_beside_that_of_cost(grid: SweepResult) -> None:
    cost, harm = (own for own in grid.plot(messages=10).figure.axes if own.get_xlabel() == "idle timeout [s]")
    assert (cost.get_title(), harm.get_title()) == ("cost of a month [CNY]", "messages lost, missed or late")
    suffered = grid.frame[["messages_lost", "pushes_missed", "messages_delayed"]].sum(axis=1) / 10
    assert np.sort(np.asarray(harm.collections[0].get_array()).ravel()).tolist() == pytest.approx(
        np.sort(suffered.to_numpy(dtype=float)).tolist()
    )
    alone = plots.new_axes()
    assert plots.cost_heatmap(grid.frame, "CNY", axes=alone) is alone


def test_the_curve_has_cost_and_harm(grid: SweepResult) -> None:
    axes = plots.cost_curve(grid.frame, "CNY")
    assert axes.get_ylabel() == "cost of a month [CNY]"
    assert "900 s" in axes.get_title()


def test_the_silences_show_the_timeouts(tmp_path: Path) -> None:
    axes = plots.gap_survival(draw_from.build_trace(CHAT), timeouts_s={"idle timeout": 15})
    assert [text.get_text() for text in axes.get_legend().get_texts()] == [
        "idle timeout 15 s: 71.43% of the silences last longer"
    ]
    assert {"0.1 s", "1 s", "1 min"} <= {label.get_text() for label in axes.get_xticklabels()}
    for suffix in (".png", ".svg", ".pdf"):
        plots.save(axes, tmp_path / f"gaps{suffix}")
        assert (tmp_path / f"gaps{suffix}").stat().st_size > 1000
    with pytest.raises(ConfigError, match="a figure is written as"):
        plots.save(axes, tmp_path / "gaps.gif")


def test_silences_need_message_rows() -> None:
    trace = draw_from.build_trace(CHAT).replace(has_messages=False)
    with pytest.raises(ConfigError, match="no message rows"):
        plots.gap_survival(trace)


def test_lives_show_what_is_served_and_each_cut() -> None:
    found = estimate(draw_from.build_trace(CHAT), FunctionConfig(idle_timeout_s=5, reconnect="on-demand"))
    axes = plots.lifecycles(found.trace, found.result.invocations)
    served = sum(bar.get_width() for bar in axes.patches)
    assert served == pytest.approx(found.usage["connection_ms"] / 1_000)
    marks = {line.get_label(): len(line.get_xdata()) for line in axes.lines}
    assert marks["cut, a message suffers"] == found.impact.cut_harmful
    assert marks["cut, nobody notices"] == found.impact.cut_harmless
    assert (axes.get_xlabel(), len(axes.get_yticks())) == ("time since the connect [s]", found.trace.connections)


def test_lives_beyond_the_time_shown_are_left_out() -> None:
    found = estimate(draw_from.build_trace(CHAT), FunctionConfig(idle_timeout_s=5, reconnect="on-demand"))
    axes = plots.lifecycles(found.trace, found.result.invocations, connections=1, until_s=10)
    assert all(bar.get_x() <= 10 for bar in axes.patches)
    assert len(axes.get_yticks()) == 1


def test_names_are_no_mathematics() -> None:
    trace = draw_from.build_trace(CHAT)
    named = trace.replace(connection_id=np.array(["$x^{", "a$b$c"][: trace.connections], dtype=object))
    axes = plots.lifecycles(named, estimate(named).result.invocations)
    axes.figure.canvas.draw()
    assert r"\$x^{" in {text.get_text() for text in axes.get_yticklabels()}


def test_a_bill_is_drawn_by_line() -> None:
    month = estimate(draw_from.build_trace(CHAT)).monthly
    assert month is not None
    axes = plots.bill_breakdown(month)
    assert [bar.get_width() for bar in axes.patches] == [float(line.amount or 0) for line in month.lines]
    assert axes.get_xlabel() == "cost [CNY]"


def test_an_unknown_price_is_said_to_be_unknown() -> None:
    abroad = price(Usage(egress_bytes=5), Pricing("tencent-scf-intl", "ap-tokyo").terms(), with_plan=False)
    assert abroad.unknown == ["egress"]
    assert "unknown" in {text.get_text() for text in plots.bill_breakdown(abroad).texts}


def test_configurations_stand_beside_a_server() -> None:
    month = estimate(draw_from.build_trace(CHAT)).monthly
    assert month is not None
    axes = plots.comparison({"now": month, "server": Decimal("50.00")}, "CNY")
    assert [label.get_text() for label in axes.get_yticklabels()] == ["now", "server"]
    assert [text.get_text() for text in axes.texts] == [f"{month.total:,}", "50.00"]
    with pytest.raises(ConfigError, match="only amounts in USD"):
        plots.comparison({"now": month}, "USD")


def test_platforms_that_do_not_deliver_are_told_from_those_that_do() -> None:
    def row(title: str, common: str | None, share: str | None, *, complete: bool = True) -> dict[str, object]:
        outcomes = {"undelivered_share": share}
        return {"title": title, "common": common, "month": {"complete": complete}, "outcomes": outcomes}

    rows = [row("a", "9.50", "0.01"), row("b", "3.00", "0", complete=False), row("c", None, "0"), row("d", "1", "0.02")]
    axes = plots.platform_costs({"currency": "CNY", "platforms": [*rows, row("e", "2", None)]})
    assert [label.get_text() for label in axes.get_yticklabels()] == ["a", "b", "d", "e"]
    assert [text.get_text() for text in axes.texts] == ["9.50", "3.00 +", "1", "2"]
    assert axes.get_legend_handles_labels()[1] == [
        "delivers", "delivers, a price is not known: at least", "more than 1 % of messages reach nobody",
        "whom it reaches is not known",
    ]  # fmt: skip


def test_drivers_stand_around_the_month() -> None:
    document = sensitivity(estimate(draw_from.build_trace(CHAT))).to_dict()
    axes = plots.tornado(document)
    month = float(document["monthly"])
    ends = [bar.get_x() + bar.get_width() for bar in axes.patches]
    expected = [float(one[key]) for one in document["drivers"] for key in ("low", "high")]
    assert ends == pytest.approx(expected)
    assert all(bar.get_x() == month for bar in axes.patches)


def test_pyplot_is_not_touched() -> None:
    assert "matplotlib.pyplot" not in sys.modules


def test_month_against_harm_names_what_is_marked(grid: SweepResult) -> None:
    marks = {
        "safest": grid.at(idle_timeout_s=50, exec_timeout_s=900),
        "current": grid.at(idle_timeout_s=10, exec_timeout_s=900),
    }
    axes = plots.month_against_harm(grid.frame, "CNY", messages=10, marks=marks)
    named = {text.get_text().split("\n")[0]: text.get_text() for text in axes.texts}
    assert set(named) == set(marks)
    assert "50 s / 900 s" in named["safest"]


def test_settings_of_one_place_share_a_name(grid: SweepResult) -> None:
    row = grid.at(idle_timeout_s=50, exec_timeout_s=900)
    axes = plots.month_against_harm(grid.frame, "CNY", messages=10, marks={"safest": row, "balanced": row})
    assert [text.get_text().split("\n")[0] for text in axes.texts] == ["balanced, safest"]


def test_no_two_names_lie_on_each_other(grid: SweepResult) -> None:
    rows = [grid.frame.iloc[k].to_dict() for k in (0, 1, 5)]
    axes = plots.month_against_harm(grid.frame, "CNY", messages=10, marks=dict(zip("abc", rows, strict=True)))
    axes.figure.canvas.draw()
    boxes = [text.get_window_extent() for text in axes.texts]
    assert not [pair for pair in combinations(boxes, 2) if pair[0].overlaps(pair[1])]


def test_the_line_of_month_against_harm_only_falls(grid: SweepResult) -> None:
    line = plots.month_against_harm(grid.frame, "CNY", messages=10).get_lines()[1]
    cost, harm = line.get_xdata(), line.get_ydata()
    assert ((np.diff(cost) > 0) ^ (np.diff(harm) < 0)).all()


def test_lives_that_go_on_beyond_the_figure_are_marked() -> None:
    trace = draw_from.build_trace(CHAT)
    found = estimate(trace)
    shown = plots.lifecycles(trace, found.result.invocations, until_s=1).get_legend_handles_labels()[1]
    assert "goes on beyond the figure" in shown
    whole = plots.lifecycles(trace, found.result.invocations).get_legend_handles_labels()[1]
    assert "goes on beyond the figure" not in whole


def _texts(axes: Axes) -> set[str]:
    return {text.get_text() for text in axes.figure.findobj(Text)}


@pytest.fixture(scope="module")
def figures(grid: SweepResult) -> dict[str, Callable[[], Axes]]:
    """Every figure, by name."""
    trace = draw_from.build_trace(CHAT)
    found = estimate(trace, FunctionConfig(idle_timeout_s=5, reconnect="on-demand"))
    assert found.monthly is not None
    month, drivers = found.monthly, sensitivity(found).to_dict()
    marks = {"safest": grid.at(idle_timeout_s=50, exec_timeout_s=900)}
    return {
        "tradeoff": lambda: plots.month_against_harm(grid.frame, "CNY", messages=10, marks=marks),
        "heatmap": lambda: grid.plot(current=(10, 900)),
        "curve": lambda: plots.cost_curve(grid.frame, "CNY"),
        "gaps": lambda: plots.gap_survival(trace, timeouts_s={"idle timeout": 15}),
        "lives": lambda: plots.lifecycles(trace, found.result.invocations, until_s=1),
        "bill": lambda: plots.bill_breakdown(month),
        "comparison": lambda: plots.comparison({"now": month, "server": Decimal(50)}, "CNY"),
        "tornado": lambda: plots.tornado(drivers),
        "load": lambda: plots.concurrency_over_time(found.steps(), end_ms=trace.end_ms, memory_mb=128, quota_mb=256),
    }


def test_a_chinese_figure_holds_no_english_word(
    figures: dict[str, Callable[[], Axes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the fonts of this machine: units and ids are as they are."""
    monkeypatch.setattr(style, "chinese_font", lambda: "DejaVu Sans")
    kept = re.compile(r"\[[^]]*\]|CNY|[a-z]\d|\b(s|MB|conn\w*)\b|\$.*\$")
    with language.speaking("zh"):
        told = {name: _texts(draw()) for name, draw in figures.items()}
    assert {one for texts in told.values() for one in texts if re.search("[A-Za-z]{2,}", kept.sub("", one))} == set()


def test_nothing_is_said_of_fonts_where_a_notebook_asks_for_the_box(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, grid: SweepResult, tmp_path: Path
) -> None:
    monkeypatch.setattr(style, "_fonts", lambda: {"font.family": ["No such font", "DejaVu Sans"]})
    figure = plots.cost_curve(grid.frame, "CNY").figure
    figure.savefig(tmp_path / "curve.png", bbox_inches="tight")
    assert [one for one in caplog.records if one.name.startswith("matplotlib")] == []


def test_without_a_font_a_figure_stays_english(
    figures: dict[str, Callable[[], Axes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(style, "chinese_font", lambda: None)
    with language.speaking("zh"):
        assert not plots.is_readable()
        assert "How long connections are silent" in _texts(figures["gaps"]())
    assert plots.is_readable()
