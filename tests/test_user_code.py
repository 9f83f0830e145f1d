"""Code as a user writes it: an editor knows its types, results show themselves in a line, mistakes are in its words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from mypy import api

import scfcost
from scfcost.core.errors import ConfigError
from tests.conftest import SAMPLE

CODE = f"""
import scfcost

chat: scfcost.Trace = scfcost.read_trace({str(SAMPLE)!r})
config = scfcost.FunctionConfig(memory_mb=256, idle_timeout_s=60, exec_timeout_s=900, reconnect="on-demand")
found = scfcost.estimate(chat, config)
month = found.monthly
if month is not None:
    print(month.total + 1)
grid: scfcost.SweepResult = scfcost.sweep(chat, config, idle_timeout_s="10s:30s:10s", exec_timeout_s=[60, "15m"])
print(grid.frame.shape)
limits = scfcost.Constraints("1%", budget=500)
longer = config.replace(idle_timeout_s=90)
print(scfcost.estimate(chat, longer, pricing=scfcost.Pricing(region="ap-guangzhou")).impact.cut_harmful)
"""


@pytest.fixture(scope="module")
def trace() -> scfcost.Trace:
    return scfcost.read_trace(str(SAMPLE))


@pytest.mark.slow
def test_an_editor_knows_the_types_of_what_a_user_writes(tmp_path: Path) -> None:
    sample = tmp_path / "sample.py"
    sample.write_text(CODE, encoding="utf-8")
    said, errors, code = api.run(["--strict", "--cache-dir", str(tmp_path / "cache"), str(sample)])
    assert (code, errors) == (0, ""), said


def test_results_show_themselves_in_a_line(trace: scfcost.Trace) -> None:
    assert repr(trace) == "<Trace: 1,549 connections, 547,367 messages, 42.8 hours>"
    config = scfcost.FunctionConfig(idle_timeout_s=90, reconnect="on-demand")
    assert repr(config) == "FunctionConfig(idle_timeout_s=90, reconnect='on-demand')"
    assert eval(repr(config), {"FunctionConfig": scfcost.FunctionConfig}) == config
    assert repr(scfcost.FunctionConfig()) == "FunctionConfig()"
    for one in (scfcost.estimate(trace), scfcost.sweep(trace, idle_timeout_s=15, exec_timeout_s="15m")):
        assert len(repr(one)) < 100


def test_timeouts_of_a_sweep_are_said_as_the_command_says_them(trace: scfcost.Trace) -> None:
    texts = scfcost.sweep(trace, idle_timeout_s="10s:30s:10s", exec_timeout_s=("1m", 900)).frame
    plain = scfcost.sweep(trace, idle_ms=[10_000, 20_000, 30_000], exec_ms=[60_000, 900_000]).frame
    assert texts.equals(plain)


@pytest.mark.parametrize(
    ("timeouts", "message"),
    [
        ({}, "idle_timeout_s: give idle_timeout_s or idle_ms, such as '10s:5m:10s', [15, '1m'] or 900"),
        ({"idle_timeout_s": 15, "idle_ms": [15_000]}, "idle_timeout_s: give idle_timeout_s or idle_ms, not both"),
        ({"idle_timeout_s": "soon"}, "idle_timeout_s: 'soon' is no time such as 90 (seconds), 90s, 15m or 1h30m"),
        ({"idle_timeout_s": [15, 0]}, "idle_timeout_s: '15,0': 0 s is not more than 0"),
        ({"idle_timeout_s": []}, "idle_timeout_s: [] holds no time"),
    ],
)
def test_a_mistake_is_said_in_the_words_of_the_caller(
    timeouts: dict[str, object], message: str, trace: scfcost.Trace
) -> None:
    with pytest.raises(ConfigError, match=f"^{re.escape(message)}$"):
        scfcost.sweep(trace, exec_timeout_s=900, **timeouts)  # type: ignore[arg-type]
