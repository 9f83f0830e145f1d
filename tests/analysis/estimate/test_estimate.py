"""The estimate: usage, bills, bounds and the document, against the judges below it."""

from __future__ import annotations

import json
from decimal import Decimal
from fractions import Fraction
from importlib.resources import files
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from scfcost.analysis.estimate.estimate import TraceEstimate, estimate
from scfcost.analysis.estimate.insights import explain, insights
from scfcost.billing.terms import Pricing
from scfcost.config.function import FunctionConfig
from scfcost.core.errors import ConfigError
from scfcost.trace.model import Trace
from tests import strategies as draw_from
from tests.oracles import lifecycle as oracle
from tests.oracles.lifecycle import Session

SCHEMA = json.loads((files("scfcost.report") / "estimate.schema.json").read_text())
CHAT = [
    Session(0, 60_000, [(1_000, "up", 10, "data"), (2_000, "down", 20, "data"), (30_000, "down", 5, "data")]),
    Session(10_000, None, [(12_000, "up", 1, "data")], None, ""),
]


def small(**settings: object) -> TraceEstimate:
    return estimate(draw_from.build_trace(CHAT), FunctionConfig(**settings))  # type: ignore[arg-type]


def test_an_estimate_is_what_a_person_would_write_down() -> None:
    found = small(memory_mb=256, idle_timeout_s=15)
    # First: cut at 2,000 + 15,000; second: cut at 12,000 + 15,000 after 17,000.
    assert (found.usage["invocations"], found.usage["billed_ms"]) == (2, 17_000 + 17_000)
    assert found.usage["resource_mb_ms"] == 256 * 34_000
    assert found.outcomes == {"200": 0, "433": 0, "455": 2}
    assert (found.impact.cut, found.impact.cut_harmful, found.impact.messages_lost) == (2, 1, 1)
    assert found.usage["egress_bytes"] == 20
    assert found.bill.lines[0].amount_exact == Decimal("8.5") * Decimal("0.00011108")


def test_the_month_projects_usage_by_a_rational_before_pricing() -> None:
    found = small(memory_mb=128, idle_timeout_s=15)
    assert found.factor == Fraction(30 * 86_400_000, 60_000)
    assert found.monthly is not None
    assert found.monthly.lines[0].quantity == Decimal(34_000 * 43_200) / 8 / 1000


def test_a_window_of_no_length_gives_no_projection() -> None:
    found = estimate(draw_from.build_trace([Session(5, 5)]))
    assert found.monthly is None
    assert found.to_dict()["monthly"] is None
    assert "no_projection" in [warning.code for warning in found.warnings]


@given(st.data())
def test_usage_equals_the_oracle_in_every_unit(data: st.DataObject) -> None:
    setting = data.draw(draw_from.settings())
    many = data.draw(st.lists(draw_from.sessions(setting.idle, setting.execution), min_size=1, max_size=4))
    trace = draw_from.build_trace(many)
    assume(trace.has_messages)  # without messages the figures are those of a named assumption
    found = estimate(trace, draw_from.build_config(setting))
    judged = [inv for s in many for inv in oracle.replay(s, setting, draw_from.window_end(many)).invocations]
    assert found.usage["billed_ms"] == found.usage["connection_ms"] == sum(inv["end"] - inv["start"] for inv in judged)
    assert found.usage["egress_bytes"] == sum(inv["egress"] for inv in judged)
    assert {code: n for code, n in found.outcomes.items() if n} == {
        code: sum(inv["code"] == code for inv in judged) for code in {inv["code"] for inv in judged}
    }


@given(st.data())
def test_the_document_holds_to_its_schema_and_adds_up(data: st.DataObject) -> None:
    setting = data.draw(draw_from.settings())
    silent = data.draw(st.booleans())
    many = st.lists(draw_from.sessions(), min_size=1, max_size=3).map(draw_from.build_trace)
    trace = data.draw(draw_from.silent_traces() if silent else many)
    found = estimate(trace, draw_from.build_config(setting).replace(max_concurrency=data.draw(st.integers(1, 3))))
    document = json.loads(json.dumps(found.to_dict()))
    jsonschema.validate(document, SCHEMA)
    assert sum(document["outcomes"].values()) == document["usage"]["invocations"]
    if not document["trace"]["has_messages"]:
        assert document["impact"] is None
        assert {"silences"} <= {one["what"] for one in document["not_known"]}
    else:
        assert document["impact"]["cut"] == document["impact"]["cut_harmful"] + document["impact"]["cut_harmless"]
    if "billed_ms_bounds" in document["concurrency"]:
        low, high = document["concurrency"]["billed_ms_bounds"]
        assert low <= document["usage"]["billed_ms"] <= high
    assert ("bounds" in document) == (not document["trace"]["has_messages"])


@given(st.data())
def test_the_hours_sum_to_the_usage(data: st.DataObject) -> None:
    many = data.draw(st.lists(draw_from.sessions(), min_size=1, max_size=4))
    stretch = data.draw(st.sampled_from([1, 600_000]))
    trace = stretched(draw_from.build_trace(many), stretch)
    config = FunctionConfig(
        idle_timeout_s=5 * stretch / 1000, exec_timeout_s=9 * stretch / 1000, heartbeat_s=4 * stretch / 1000,
        heartbeat_down_bytes=3, reconnect=data.draw(st.sampled_from(["none", "on-demand", "immediate"])),
        buffer_pushes=data.draw(st.booleans()), max_concurrency=data.draw(st.integers(1, 3)),
    )  # fmt: skip
    found = estimate(trace, config)
    hours = found.hourly()
    assert hours["invocations"].sum() == found.usage["invocations"]
    assert hours["resource_mb_ms"].sum() == found.usage["resource_mb_ms"]
    assert hours["egress_bytes"].sum() == found.usage["egress_bytes"]


def stretched(trace: Trace, by: int) -> Trace:
    never = trace.close_ms > trace.end_ms
    return trace.replace(
        connect_ms=trace.connect_ms * by,
        close_ms=np.where(never, trace.close_ms, trace.close_ms * by),
        message_ms=trace.message_ms * by,
        client_lost_ms=np.where(trace.client_lost_ms > 10**9, trace.client_lost_ms, trace.client_lost_ms * by),
        start_ms=trace.start_ms * by,
        end_ms=trace.end_ms * by,
    )


def test_the_hours_sum_to_the_usage_at_a_coarser_granularity(tmp_path: Path) -> None:
    text = (files("scfcost.catalog") / "data" / "tencent-scf-cn.toml").read_text()
    (tmp_path / "mine.toml").write_text(text.replace("granularity_ms = 1", "granularity_ms = 100"))
    trace = draw_from.build_trace([Session(3_599_990, 3_599_995), Session(3_599_992, 3_600_033), Session(5, 5)])
    found = estimate(trace, FunctionConfig(max_concurrency=2), pricing=Pricing(str(tmp_path / "mine.toml")))
    assert (found.usage["billed_ms"], found.usage["connection_ms"]) == (100, 200)
    assert found.hourly()["resource_mb_ms"].tolist() == [128 * 10, 128 * 90]


def test_clock_hours_are_those_of_the_book() -> None:
    found = estimate(
        draw_from.build_trace([Session(0, 5_400_000, [(1, "up", 1, "data")])]),
        FunctionConfig(idle_timeout_s=9999, exec_timeout_s=9999),
    )
    hours = found.hourly()
    assert [str(hour) for hour in hours["hour"]] == ["1970-01-01 08:00:00+08:00", "1970-01-01 09:00:00+08:00"]
    assert hours["resource_mb_ms"].tolist() == [128 * 3_600_000, 128 * 1_800_000]


def test_several_functions_have_their_own_settings_and_share_the_bill() -> None:
    trace = draw_from.build_trace(CHAT).replace(
        functions=("chat", "push"), function_code=np.array([0, 1], dtype=np.int16)
    )
    found = estimate(trace, functions={"push": FunctionConfig(memory_mb=512)})
    document = found.to_dict()
    jsonschema.validate(document, SCHEMA)
    assert document["functions"]["push"]["function"]["memory_mb"] == 512
    assert found.usage["resource_mb_ms"] == 128 * 17_000 + 512 * 17_000
    with pytest.raises(ConfigError, match="did you mean 'push'"):
        estimate(trace, functions={"puch": FunctionConfig()})


def test_requests_and_events_count_on_their_own_meters() -> None:
    event = small(function_type="event").usage
    assert (event["web_calls"], event["event_calls"], event["response_bytes"]) == (0, 2, 0)
    assert event["egress_bytes"] > 0


def test_all_policies_are_shown_where_none_was_stated() -> None:
    assert list(small().policies) == ["none", "on-demand", "immediate"]
    assert small(reconnect="none").policies == {}


def test_refusals_are_reported_and_change_no_usage() -> None:
    trace = draw_from.build_trace(CHAT)
    found = estimate(trace, FunctionConfig(), pricing=Pricing(quota_mb=128))
    assert found.refused == {"432": 1, "429": 0}
    assert found.usage == estimate(trace, FunctionConfig()).usage
    assert "would_refuse" in [warning.code for warning in found.warnings]


def test_the_empty_close_is_counted_in_a_warning() -> None:
    found = estimate(draw_from.build_trace([Session(0, 5, close_code=1005)]))
    assert found.outcomes["456"] == 1
    assert any(w.code == "empty_close" and w.message.startswith("1 connections") for w in found.warnings)


def test_insights_split_the_time_and_name_what_is_left_out() -> None:
    said = insights(small())
    assert sum(part["ms"] for part in said["time"]) == small().usage["connection_ms"]
    assert said["not_included"] and said["assumptions"]


def test_every_amount_is_explained_with_its_source() -> None:
    steps = explain(small())
    assert any("0.00011108" in step and "583/71468" in step and "2025-07-14" in step for step in steps)
    assert any(step.startswith("a month: each usage × 43200/1") for step in steps)


def test_invocations_are_a_table_of_one_row_each() -> None:
    table = small(reconnect="on-demand").invocations()
    assert list(table.columns[:6]) == ["connection_id", "function", "number", "start", "end", "duration_ms"]
    assert table["duration_ms"].sum() == small(reconnect="on-demand").usage["connection_ms"]


def test_markup_in_a_source_stays_text() -> None:
    trace = draw_from.build_trace(CHAT)
    trace = trace.replace(provenance=type(trace.provenance)(sources=("<script>x</script>.csv",)))
    assert "<script>" not in estimate(trace)._repr_html_()


def test_provisioned_instances_and_initialisation_stand_beside_reconnects_of_0_ms() -> None:
    many = [Session(0, 60_000, [(60_000, "up", 1, "data")])]  # comes back at its natural close
    config = FunctionConfig(reconnect="on-demand", init_ms="p50=400,p95=1500", provisioned="2")
    found = estimate(draw_from.build_trace(many), config)
    assert found.usage["invocations"] == 2
