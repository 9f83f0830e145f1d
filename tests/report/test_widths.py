"""Tables lose no money: at every width each month, total and setting stands whole."""

from __future__ import annotations

import copy
import io
import re
from typing import Any

import pytest
from rich.console import Console

from scfcost.report.console import choices, estimate, layout

WIDTHS = (60, 80, 100, 120)
AMOUNTS = ("9.90", "287582.21", "999999999999.99")
ROW: dict[str, Any] = {
    "idle_timeout_s": 600, "exec_timeout_s": 900, "memory_mb": 3072, "max_concurrency": 100, "reconnect": "immediate",
    "heartbeat_s": None, "cut_harmful": 1_234_567, "cut_harmless": 0, "messages_lost": 1, "messages_delayed": 2,
    "pushes_missed": 3, "reconnects": 12_345_678, "undelivered_share": "0.037831", "late_share": "0.000001",
}  # fmt: skip


def drawn(draw: Any, width: int) -> str:
    text = io.StringIO()
    draw(Console(file=text, width=width, markup=False, emoji=False))
    return text.getvalue()


def numbers(text: str) -> set[str]:
    return set(re.findall(r"[\d,]+\.\d\d", text))


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("amount", AMOUNTS)
def test_an_estimate_shows_its_months_whole(document: Any, insights: Any, amount: str, width: int) -> None:
    for bill in (document["bill"], document["monthly"]):
        bill["total"] = amount
        bill["lines"][0]["amount"] = amount
    shown = drawn(lambda screen: estimate.render(document, screen, insights=insights), width)
    assert f"{float(amount):,.2f}" in numbers(shown)
    assert "…" not in shown


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("amount", AMOUNTS)
def test_a_sweep_shows_every_axis_that_varies_and_its_months(amount: str, width: int) -> None:
    rows = [{**ROW, "amount": amount, "monthly_amount": amount, "memory_mb": mb} for mb in (128, 3072)]
    rows[1]["pushes_missed"], rows[1]["monthly_amount"] = 0, "1000000000000.00"
    rows[1]["max_concurrency"] = 1
    document = {"schema": "scfcost.sweep/1", "currency": "CNY", "not_known": [], "rows": rows}
    shown = drawn(lambda screen: choices.render_sweep(document, screen), width)
    assert {f"{float(amount):,.2f}", "1,000,000,000,000.00"} <= numbers(shown)
    for part in ("128 MB", "3,072 MB", "600 s", "900 s", "100"):
        assert part in shown
    assert "…" not in shown


@pytest.mark.parametrize("width", [20, *WIDTHS])
def test_what_does_not_fit_gives_way_by_its_order_and_never_a_number(width: int) -> None:
    shape = layout.columns(("name", "dear", "less", "least"), words=("name",), gives_way=("least", "less"))
    row = ["a name of several words", "123,456,789,012.34", "1,234,567", "7,654,321"]
    shown = drawn(lambda screen: layout.show(screen, layout.fitted(shape, [row], width)), width)
    assert "123,456,789,012.34" in shown
    assert ("7,654,321" in shown) <= ("1,234,567" in shown)
    assert max(len(line) for line in shown.splitlines()) <= max(width, len("dear: 123,456,789,012.34"))


def test_shares_of_a_whole_add_up(document: Any, insights: Any) -> None:
    odd = copy.deepcopy(document)
    odd["outcomes"] = {"200": 1, "433": 1, "455": 1}
    shown = drawn(lambda screen: estimate.render(odd, screen, insights=insights), 80)
    assert sum(float(one) for one in re.findall(r"(\d+\.\d)%\s{2}", shown)) == pytest.approx(100)
