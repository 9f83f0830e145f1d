"""A forecast against a log: what came true has no difference, and every difference is explained to the last digit."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from scfcost.analysis.estimate.estimate import TraceEstimate, estimate
from scfcost.analysis.reconcile.reconcile import reconcile
from scfcost.config.function import FunctionConfig
from scfcost.core.errors import ConfigError, TraceError
from scfcost.report import reconciliation as reconciled
from scfcost.trace.formats.scf_records import LoggedInvocation
from scfcost.trace.read import read_trace
from tests.fragments import check_fragment
from tests.trace.files import event, write_rows

START = 1_793_750_400_000
"""2026-11-04 00:00 UTC. [ms]"""


@pytest.fixture
def forecast(tmp_path: Path) -> TraceEstimate:
    """Three connections: one closed after 10 s, one silent, one busy until the execution timeout."""
    rows = [event("a", START, "connect"), event("a", START + 10_000, "close", close_code=1000, closed_by="client")]
    rows += [event("b", START + 1_000, "connect"), event("b", START + 120_000, "close", close_code=1001)]
    rows += [event("c", START + 2_000, "connect")]
    rows += [event("c", START + 2_000 + 10_000 * k, "message", direction="down", bytes=1024) for k in range(1, 13)]
    trace = read_trace(write_rows(tmp_path / "traces.csv", rows))
    return estimate(trace, FunctionConfig(idle_timeout_s=15, exec_timeout_s=60))


def logged(forecast: TraceEstimate, *, shift_ms: int = 0, **changes: Any) -> list[LoggedInvocation]:
    """What SCF would log if the forecast came true, with some fields of each request changed."""
    rows = forecast.result.invocations
    found = []
    for k, (start, lasted, code) in enumerate(
        zip(rows.start_ms.tolist(), rows.duration_ms.tolist(), rows.outcome.tolist(), strict=True)
    ):
        own = {"duration_ms": lasted, "memory_mb": 128, "status": code, "function": "chat", **changes}
        begin = start + shift_ms
        found.append(
            LoggedInvocation(
                request_id=f"r{k}",
                retry=0,
                start_ms=begin,
                used_mb=None,
                last_ms=begin + own["duration_ms"],
                cold_start=True,
                **own,
            )
        )
    return found


def test_a_forecast_that_came_true_has_no_difference(forecast: TraceEstimate) -> None:
    document = reconcile(forecast, logged(forecast)).to_dict()
    assert (document["causes"], document["factor"], document["factor_per_call"]) == ([], "1.000000", "1.000000")
    assert all(one["forecast"] == one["logged"] for one in (*document["outcomes"], *document["hours"]))
    assert document["period"]["scale"] is None
    assert document["month"]["corrected"] == document["month"]["forecast"]


def test_a_notebook_shows_it_escaped(forecast: TraceEstimate) -> None:
    check_fragment(reconcile(forecast, logged(forecast, memory_mb=256))._repr_html_())


def test_the_causes_add_up_to_the_difference(forecast: TraceEstimate) -> None:
    log = logged(forecast, duration_ms=33_333, memory_mb=192, status=455)[:2]
    document = reconcile(forecast, log).to_dict()
    causes = {one["cause"]: Decimal(one["amount"]) for one in document["causes"]}
    assert list(causes) == ["traffic", "outcomes", "durations", "memory"]
    assert sum(causes.values()) == Decimal(document["total"]["difference"])
    assert Decimal(document["total"]["forecast"]) + sum(causes.values()) == Decimal(document["total"]["found"])


def test_doubled_memory_is_memory_alone(forecast: TraceEstimate) -> None:
    found = reconcile(forecast, logged(forecast, memory_mb=256))
    (cause,) = found.to_dict()["causes"]
    resource = forecast.bill.line("resource")
    assert resource is not None and resource.amount_exact is not None
    assert (cause["cause"], cause["items"]) == ("memory", ["resource"])
    assert found.totals[1] - found.totals[0] == resource.amount_exact


def test_a_trace_of_another_time_is_scaled_and_compared_by_the_hour_of_day(forecast: TraceEstimate) -> None:
    twice = logged(forecast, shift_ms=10**10)
    length = forecast.trace.window_ms
    period = START + 10**10, START + 10**10 + 2 * length
    document = reconcile(forecast, twice, period=period).to_dict()
    assert document["period"]["scale"] == "2/1"
    assert document["calls"] == {"forecast": 6, "logged": 3}
    assert [one["cause"] for one in document["causes"]] == ["traffic"]
    assert document["factor"] == "0.500000"
    assert document["factor_per_call"] == "1.000000"
    assert {len(one["hour"]) for one in document["hours"]} == {5}


def test_only_what_starts_in_the_shared_time_is_compared(forecast: TraceEstimate) -> None:
    log = logged(forecast)
    document = reconcile(forecast, log, period=(START + 500, START + 1_500)).to_dict()
    assert document["calls"] == {"forecast": 1, "logged": 1}
    assert document["causes"] == []
    assert "2 requests of the log start outside" in document["warnings"][0]["message"]


def test_requests_that_never_ran_are_counted_and_not_billed(forecast: TraceEstimate) -> None:
    log = logged(forecast)
    refused = LoggedInvocation("x", 0, "chat", START + 5, 0, 432, 128, None, START + 5, cold_start=False)
    document = reconcile(forecast, [*log, refused]).to_dict()
    assert document["refused"] == {"432": 1}
    assert document["causes"] == []


def test_a_close_of_unknown_code_is_compared_with_any_close(forecast: TraceEstimate) -> None:
    document = reconcile(forecast, logged(forecast, status=456)).to_dict()
    assert "unknown" not in {one["code"] for one in document["outcomes"]} or document["causes"]
    rows = forecast.trace.replace(close_code=forecast.trace.close_code * 0 - 1)
    silent = estimate(rows, forecast.functions["default"])
    document = reconcile(silent, logged(forecast)).to_dict()
    assert {one["code"]: one["logged"] for one in document["outcomes"]} == {"433": 1, "455": 1, "closed": 1}
    assert document["causes"] == []


def test_the_functions_of_a_log_are_told_apart(forecast: TraceEstimate) -> None:
    log = [*logged(forecast), *logged(forecast, function="push")]
    with pytest.raises(ConfigError, match="chat, push: say with --log-function which"):
        reconcile(forecast, log)
    with pytest.raises(ConfigError, match="no function 'chta'; did you mean 'chat'"):
        reconcile(forecast, log, functions=["chta"])
    found = reconcile(forecast, log, functions=["chat"])
    assert found.to_dict()["causes"] == []
    assert found.warnings[0].message == "3 requests of push are left out"


def test_what_cannot_be_compared_is_said(forecast: TraceEstimate) -> None:
    with pytest.raises(TraceError, match="no request that ran"):
        reconcile(forecast, logged(forecast, status=432))
    far = logged(forecast, shift_ms=10**10)[:1]
    with pytest.raises(TraceError, match="the log is 0 ms long"):
        reconcile(forecast, far, period=(far[0].last_ms, far[0].last_ms))


def test_a_request_without_end_runs_until_the_log_ends(forecast: TraceEstimate) -> None:
    log = logged(forecast)
    still = LoggedInvocation("r2", 0, "chat", log[2].start_ms, None, 202, None, None, START + 62_000, cold_start=False)
    found = reconcile(forecast, [*log[:2], still])
    assert found.logged.activity.connection_ms["202"] == 60_000
    assert [one.code for one in found.warnings] == ["still_running", "memory_unknown"]


def test_a_bill_is_explained_line_by_line(forecast: TraceEstimate, tmp_path: Path) -> None:
    path = tmp_path / "bill.csv"
    path.write_text(
        "item,quantity,unit_price,amount\n"
        "resource,20,0.0002,0.003\ninvocations,0.0003,0.0133,0\negress,0.001,0.80,0.0008\nplan,1,,9.90\n"
    )
    document = reconcile(forecast, logged(forecast), bill=path).to_dict()
    causes = {one["cause"]: Decimal(one["amount"]) for one in document["causes"]}
    assert list(causes) == ["bytes", "metering", "price", "allowance", "fee"]
    assert sum(causes.values()) == Decimal(document["total"]["difference"])
    assert causes["price"] == 20 * (Decimal("0.0002") - Decimal("0.00011108"))
    assert causes["allowance"] == Decimal("0.003") - Decimal("0.004") - Decimal("0.00000399")
    assert causes["fee"] == Decimal("9.90")
    assert document["total"]["found"] == "9.90380000"


def test_the_causes_that_are_shown_add_up(forecast: TraceEstimate) -> None:
    document = reconcile(forecast, logged(forecast, duration_ms=33_333, memory_mb=192)).to_dict()
    (_, start), *steps, (_, end) = reconciled.cause_rows(document)
    assert Decimal(start) + sum(Decimal(shown) for _, shown in steps) == Decimal(end)
    text = reconciled.markdown(document)
    assert "| durations: calls of the same outcome lasted longer or shorter |" in text
    assert "Factor: 1.7621, but of 3 calls only: too few to multiply forecasts by" in text
    document["calls"] = {"forecast": 30, "logged": 31}
    assert "Factor: multiply forecasts by 1.7621" in reconciled.markdown(document)


def test_functions_that_the_log_does_not_hold_are_named(forecast: TraceEstimate) -> None:
    codes = forecast.trace.function_code.copy()
    codes[0] = 1
    two = estimate(
        forecast.trace.replace(functions=("chat", "push"), function_code=codes), forecast.functions["default"]
    )
    found = reconcile(two, logged(forecast)[1:], period=(START, forecast.trace.end_ms))
    assert [one.code for one in found.warnings] == ["silent_functions"]
    assert {one["cause"] for one in found.to_dict()["causes"]} >= {"traffic"}


def test_traffic_that_the_trace_does_not_tell_is_unknown_and_not_zero(forecast: TraceEstimate, tmp_path: Path) -> None:
    path = tmp_path / "bill.csv"
    path.write_text("item,quantity,amount\negress,2,1.60\n")
    rows = [event("a", START, "connect"), event("a", START + 1_000, "message", direction="down")]
    silent = estimate(read_trace(write_rows(tmp_path / "silent.csv", rows)), forecast.functions["default"])
    found = reconcile(silent, logged(silent), bill=path)
    document = found.to_dict()
    (egress,) = [one for one in document["lines"] if one["item"] == "egress"]
    assert (egress["forecast"], egress["difference"]) == (None, "1.60000000")
    assert [one["cause"] for one in document["causes"]] == ["bytes"]
    assert "bytes_unknown" in {one.code for one in found.warnings}
    assert ["egress", "GB", "unknown", "2", "unknown"] in [row[:5] for row in reconciled.line_rows(document)]


def test_a_fee_that_the_forecast_lacks_is_no_reason_to_multiply_it(forecast: TraceEstimate, tmp_path: Path) -> None:
    lines = [f"{item.item},,{item.amount_exact}" for item in forecast.bill.lines if item.amount_exact is not None]
    paid, fees = tmp_path / "paid.csv", tmp_path / "fees.csv"
    paid.write_text("\n".join(["item,quantity,amount", *lines]) + "\n")
    fees.write_text("\n".join(["item,quantity,amount", *lines, "plan,,9.90", "provisioned_idle,,360"]) + "\n")
    plain, charged = (reconcile(forecast, logged(forecast), bill=path) for path in (paid, fees))
    assert charged.factor == plain.factor
    assert charged.totals[1] > plain.totals[1] + 369
