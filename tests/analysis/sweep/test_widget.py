"""The sliders of a notebook show what `estimate` computes."""

from __future__ import annotations

import builtins
import re
from typing import Any

import pytest

from scfcost.analysis.estimate.estimate import estimate
from scfcost.analysis.sweep.widget import explorer
from scfcost.config.function import FunctionConfig
from scfcost.core.errors import ConfigError
from scfcost.core.language import speaking
from tests import strategies as draw_from
from tests.analysis.sweep.test_sweep import CHAT
from tests.fragments import check_fragment


def test_a_moved_slider_shows_the_estimate_there() -> None:
    trace, base = draw_from.build_trace(CHAT), FunctionConfig(idle_timeout_s=17)
    *sliders, answer, chart = explorer(trace, base).children
    before = bytes(chart.value)
    assert before.startswith(b"\x89PNG")
    by_name = {slider.description: slider for slider in sliders}
    assert by_name["idle timeout"].value == 17
    by_name["idle timeout"].value, by_name["memory"].value, by_name["after a cut"].value = 60, 512, "on-demand"
    at = estimate(trace, base.replace(idle_timeout_s=60, memory_mb=512, reconnect="on-demand"))
    assert at.monthly is not None
    assert f"CNY {at.monthly.total:,}" in answer.value
    assert f"{at.impact.cut_harmful:,}" in answer.value
    assert type(by_name["after a cut"]).__name__ == "RadioButtons"
    assert bytes(chart.value) != before
    check_fragment(answer.value)


def test_the_explorer_speaks_chinese() -> None:
    with speaking("zh"):
        *sliders, answer, _chart = explorer(draw_from.build_trace(CHAT), FunctionConfig(idle_timeout_s=17)).children
    assert [slider.description for slider in sliders] == ["空闲超时时间", "执行超时时间", "内存", "断开后"]
    assert re.findall(r">([a-z]+ [a-z ]+)<", answer.value) == []


def test_without_ipywidgets_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    load = builtins.__import__

    def missing(name: str, *rest: Any) -> Any:
        if name == "ipywidgets":
            raise ImportError(name)
        return load(name, *rest)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(ConfigError, match=r"scfcost\[notebook\]"):
        explorer(draw_from.build_trace(CHAT))
