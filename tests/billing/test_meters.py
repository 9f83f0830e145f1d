"""A new meter is one row in `billing/meters.py` and one `[prices.<meter>]`: everything else goes through the rows."""

from __future__ import annotations

from decimal import Decimal
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scfcost.analysis.estimate.estimate import estimate
from scfcost.billing import meters
from scfcost.billing.meters import METERS, Measured, Meter, Usage, usage_from
from scfcost.billing.terms import Pricing
from scfcost.billing.totals import totals
from scfcost.config.function import FunctionConfig
from scfcost.core.errors import CatalogError
from tests import strategies as draw_from
from tests.oracles.lifecycle import Session

TEXT = (files("scfcost.catalog") / "data" / "tencent-scf-cn.toml").read_text(encoding="utf-8")
PRICE = """
[periods.prices.minutes]
price = "0.25"
source = "a page"
checked_on = 2026-01-01
"""
MINUTES = Meter("minutes", {"minutes": lambda one: one.connection_ms // 60_000}, "million minutes", 10**6)
COUNTS = st.dictionaries(st.sampled_from(["egress_bytes", "web_calls", "minutes"]), st.integers(0, 10**12))


@pytest.fixture
def with_minutes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pricing:
    """Add a row for connection minutes, and its price to a book."""
    for module in ("billing.meters", "analysis.estimate.document"):
        monkeypatch.setattr(f"scfcost.{module}.METERS", (*METERS, MINUTES))
    (tmp_path / "mine.toml").write_text(TEXT + PRICE, encoding="utf-8")
    return Pricing(str(tmp_path / "mine.toml"))


def test_a_new_meter_is_a_line_of_the_bill_of_a_trace(with_minutes: Pricing) -> None:
    trace = draw_from.build_trace([Session(0, 180_000, [(10_000, "up", 1, "data"), (170_000, "up", 1, "data")])])
    found = estimate(trace, FunctionConfig(idle_timeout_s=600), pricing=with_minutes)
    line = found.bill.line("minutes")
    assert line is not None
    assert (line.quantity, line.unit, line.amount_exact) == (Decimal("0.000003"), "million minutes", Decimal("7.5E-7"))
    document = found.to_dict()
    assert document["bill"]["lines"][-1]["item"] == "minutes"
    assert document["usage"]["minutes"] == 3


def test_a_new_meter_is_in_the_totals_of_many_usages(with_minutes: Pricing) -> None:
    usages = [Usage(minutes=minutes) for minutes in (0, 20_000, 4_000_000)]
    assert [str(one) for one in totals(usages, with_minutes.terms(), with_plan=False)] == ["0.00", "0.01", "1.00"]


def test_without_its_row_the_price_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(TEXT + PRICE, encoding="utf-8")
    with pytest.raises(CatalogError, match=r"mine.toml: periods\[3\].prices.minutes: is no meter; choose one of"):
        Pricing(str(path)).terms()


@given(COUNTS, COUNTS)
def test_usages_add_counter_by_counter_and_zero_is_nothing(one: dict[str, int], other: dict[str, int]) -> None:
    whole = Usage(one) + Usage(other)
    assert all(whole[name] == one.get(name, 0) + other.get(name, 0) for name in {*one, *other})
    assert Usage(one) == Usage({name: count for name, count in one.items() if count})


@given(COUNTS, st.integers(1, 10**6), st.integers(1, 10**6))
def test_a_projection_is_rounded_half_up_counter_by_counter(counts: dict[str, int], num: int, den: int) -> None:
    projected = Usage(counts).project(num, den)
    assert all(abs(2 * projected[name] * den - 2 * count * num) <= den for name, count in counts.items())


def test_every_row_has_names_of_its_own() -> None:
    assert len({meter.name for meter in METERS}) == len(METERS)
    counters = [counter for meter in METERS for counter in (*meter.counters, *(meter.uncovered or ()))]
    assert len(set(counters)) == len(counters)
    assert not set(counters) & set(meters.BESIDE)


def test_an_event_function_is_on_its_own_counters() -> None:
    event = usage_from(Measured(FunctionConfig(function_type="event"), 2, 9, 9, 7))
    assert (event["event_calls"], event["web_calls"], event["response_bytes"]) == (2, 0, 0)
