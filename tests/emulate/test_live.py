"""The line that says where a run stands."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from scfcost.billing.terms import Pricing
from scfcost.cli.emulate_setup import fitted
from scfcost.config.function import FunctionConfig
from scfcost.emulate import live
from tests.emulate.model.world import Step, World


def host_at(now_ms: int, monkeypatch: Any) -> Any:
    """A function of 1 GB after one connection of 10 s, with another that has been open for 20 s."""
    world = World(FunctionConfig(memory_mb=1024, idle_timeout_s=100))
    for step in (
        Step(1_000, 0, 0, "connect"), Step(11_000, 0, 0, "close", (1000, 1)), Step(20_000, 0, 1, "connect"),
        Step(20_000, 1, 1, "message", ("down", 1_000, "data")),
    ):  # fmt: skip
        world._let_start(step.at)
        world._do(step)
    monkeypatch.setattr(live, "now_ms", lambda: now_ms)
    return SimpleNamespace(model=world.model)


def test_usage_so_far_holds_what_is_open_now(monkeypatch: Any) -> None:
    usage = live.usage_so_far(host_at(40_000, monkeypatch), 40_000)
    assert (usage["invocations"], usage["billed_ms"], usage["egress_bytes"]) == (2, 30_000, 1_000)


def test_the_line_tells_connections_codes_and_cost(monkeypatch: Any) -> None:
    lines: list[str] = []
    live.LiveLine(Pricing().terms(), lines.append)([host_at(40_000, monkeypatch)], 39_000)
    assert lines[0].startswith("39 s | 1 connection on 1 instance | 1 messages/s | 200: 1 | CNY 0.00")
    assert lines[0].endswith("a month at this rate")


def test_the_line_fits_its_terminal_and_what_it_costs_stays(monkeypatch: Any) -> None:
    lines: list[str] = []
    live.LiveLine(Pricing().terms(), lines.append)([host_at(40_000, monkeypatch)], 39_000)
    wide, eighty, sixty = (fitted(lines[0], width) for width in (120, 79, 59))
    assert wide == lines[0] and "200: 1" in wide
    assert len(eighty) <= 79 and eighty.startswith("39 s | 1 connection on 1 instance | CNY 0.00")
    assert len(sixty) <= 59 and sixty.endswith("a month")
