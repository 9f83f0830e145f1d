"""An architecture's month, against calculations by hand and against the invoice of each function alone."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scfcost.analysis.architecture.cost import Costing, cost
from scfcost.analysis.architecture.events import events_of
from scfcost.analysis.architecture.schema import Architecture, load_architecture
from scfcost.analysis.estimate.estimate import estimate
from scfcost.billing.terms import Terms
from scfcost.catalog.load import load_book
from scfcost.core.errors import ConfigError
from scfcost.core.units import MS_PER_MONTH
from scfcost.trace.model import CONTROL, DIRECTION_MASK, DOWN, UNDIRECTED, UP, Trace
from tests import strategies as draw_from
from tests.fragments import check_fragment
from tests.oracles.lifecycle import Session

EXAMPLES = Path(__file__).parents[2] / "examples"
CHAT = [
    Session(0, 5_000, [(1_000, "up", 10, "data"), (2_000, "down", 20, "data")]),
    Session(1_000, 9_000, [(2_000, "up", 10, "data"), (3_000, "up", 10, "data")]),
]
"""Lives of 5 s and 8 s, three messages up, one down."""


def terms(plan: str = "payg", book: str = "tencent-scf-cn") -> Terms:
    loaded = load_book(book)
    return Terms(loaded, loaded.period(), loaded.region(None)[0], plan)


def month_of(many: list[Session]) -> Trace:
    """Make a trace whose window is a month, so that its projection is itself."""
    return draw_from.build_trace(many).replace(start_ms=0, end_ms=MS_PER_MONTH)


def costed(data: dict[str, object], plan: str = "payg", **traffic: Trace) -> Costing:
    built = Architecture.model_validate({"name": "x", **data})
    estimates = {name: estimate(trace, built.functions[name].config) for name, trace in traffic.items()}
    return cost(built, estimates, terms(plan))


def called(**changes: object) -> dict[str, object]:
    call = {"caller": "chat", "on": "message-up", "callee": "work", "duration_ms": 100, **changes}
    return {"functions": {"chat": {"memory": 1024}, "work": {"type": "event", "memory": 512}}, "calls": [call]}


def test_a_month_is_what_a_person_would_write_down() -> None:
    services = [
        {"name": "store", "monthly": "10", "units": 2, "uses": [{"caller": "chat"}]},
        {"name": "queue", "per_use": "1", "uses_per_price": 2, "uses": [{"caller": "work", "count": 1}]},
    ]
    found = costed({**called(bytes_out=7), "services": services}, chat=month_of(CHAT))
    chat, work = found.functions
    assert (chat.usage["invocations"], chat.usage["resource_mb_ms"]) == (2, 1024 * 13_000)
    assert (work.usage["invocations"], work.usage["event_calls"]) == (3, 3)
    assert work.usage["resource_mb_ms"] == 3 * 512 * 100
    assert (work.usage["egress_bytes"], work.usage["response_bytes"]) == (21, 0)
    store, queue = found.services
    assert (store.fixed, store.uses, store.amount) == (Decimal("20.00"), 2, Decimal("20.00"))
    assert (queue.uses, queue.by_use) == (3, Decimal("1.50"))
    assert found.total == found.platform.total + Decimal("21.50")


@pytest.mark.parametrize(
    ("on", "count", "times"),
    [("connect", 1, 2), ("message-up", 1, 3), ("message-down", 2, 2), ("disconnect", 1, 2), ("message-up", "50%", 2)],
)
def test_calls_are_counted_at_the_event_they_name(on: str, count: object, times: int) -> None:
    found = costed(called(on=on, count=count), chat=month_of(CHAT))
    assert found.functions[1].usage["invocations"] == times  # 1.5 rounds half-up to 2


def test_a_notebook_shows_it_escaped() -> None:
    named = {**called(), "name": "<script>"}
    shown = costed(named, chat=month_of(CHAT))._repr_html_()
    check_fragment(shown)
    assert "&lt;script&gt;" in shown


def test_calls_chain_whatever_their_order_in_the_file() -> None:
    data = called(count=4)
    data["functions"] = {"last": {"type": "event"}, **data["functions"]}  # type: ignore[dict-item]
    data["calls"] = [{"caller": "work", "callee": "last", "duration_ms": 1}, *data["calls"]]  # type: ignore[misc]
    assert [line.usage["invocations"] for line in costed(data, chat=month_of(CHAT)).functions] == [12, 2, 12]


def test_a_share_takes_its_part_of_the_month() -> None:
    functions = {"a": {"share": "25%", "memory": 1024}, "b": {"share": 0.75, "memory": 1024}}
    found = costed({"functions": functions}, a=month_of(CHAT * 2), b=month_of(CHAT * 2))
    assert [line.usage["billed_ms"] for line in found.functions] == [6_500, 19_500]


def test_allowances_apply_to_the_account_and_the_lines_sum_to_the_total() -> None:
    for plan in ("payg", "trial", "team"):
        found = costed(called(), plan, chat=month_of(CHAT))
        lines = sum(line.bill.total for line in found.functions) + found.adjustment
        assert lines == found.platform.total == found.total
    assert found.platform.total >= Decimal("699.88")


def test_an_event_that_the_traffic_does_not_tell_is_refused() -> None:
    silent = month_of([Session(0, 5_000)])
    with pytest.raises(ConfigError, match="message-up of function 'chat' cannot be counted"):
        costed(called(), chat=silent)
    assert costed(called(on="connect"), chat=silent).functions[1].usage["invocations"] == 1


def test_a_circle_and_an_idle_function_are_refused() -> None:
    functions = {name: {"type": "event"} for name in ("a", "b")}
    calls = [{"caller": one, "callee": other, "duration_ms": 1} for one, other in (("a", "b"), ("b", "a"))]
    with pytest.raises(ConfigError, match="circle: a → b → a"):
        costed({"functions": functions, "calls": calls})
    with pytest.raises(ConfigError, match=r"functions\.a: has no traffic and nothing calls it"):
        costed({"functions": functions})


def test_a_service_in_another_currency_is_refused() -> None:
    built = Architecture.model_validate(
        {"name": "x", "functions": {"chat": {}}, "services": [{"name": "s", "price": "tencent-redis-1gb"}]}
    )
    found = {"chat": estimate(month_of(CHAT))}
    assert cost(built, found, terms()).services[0].amount == Decimal("76.00")
    with pytest.raises(ConfigError, match="priced in CNY, the bill in USD"):
        cost(built, found, terms(book="tencent-scf-intl"))


@given(st.data())
def test_every_message_either_arrives_or_suffers(data: st.DataObject) -> None:
    setting = data.draw(draw_from.settings())
    many = data.draw(st.lists(draw_from.sessions(setting.idle, setting.execution), min_size=1, max_size=4))
    trace = draw_from.build_trace(many)
    trace = trace.replace(has_messages=True)
    found = estimate(trace, draw_from.build_config(setting))
    events = events_of(found)
    rows = (trace.message_flags & CONTROL) == 0
    direction = trace.message_flags & DIRECTION_MASK
    suffered = found.impact.messages_lost + found.impact.pushes_missed
    arrived = (events["message-up"] or 0) + (events["message-down"] or 0)
    undirected = int((rows & (direction == UNDIRECTED)).sum())
    everything = int((rows & ((direction == UP) | (direction == DOWN))).sum())
    assert everything - suffered <= arrived <= everything + undirected - suffered
    assert (events["connect"] or 0) >= (events["disconnect"] or 0)


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.toml")), ids=lambda path: path.stem)
def test_an_example_is_whole(path: Path) -> None:
    from scfcost.trace.read import read_trace

    built = load_architecture(path)
    traffic = {name: one for name, one in built.functions.items() if one.traffic}
    estimates = {
        name: estimate(read_trace(path.parent / str(one.traffic)), one.config) for name, one in traffic.items()
    }
    document = cost(built, estimates, terms()).to_dict()
    parts = [line["amount"] for line in (*document["functions"], *document["services"])]
    assert Decimal(document["total"]) == sum(map(Decimal, [*parts, document["adjustment"]]))
    assert json.loads(json.dumps(document)) == document


def test_what_a_function_does_not_deliver_and_what_its_traffic_does_not_tell_is_said(tmp_path: Path) -> None:
    from scfcost.report import architecture as report
    from tests.report.test_schemas import silent

    (tmp_path / "a.toml").write_text('name = "a"\n[functions.chat]\ntraffic = "t.csv"\n', encoding="utf-8")
    built = load_architecture(tmp_path / "a.toml")
    late = draw_from.build_trace([Session(0, 60_000, [(30_000, "up", 1, "data")])])
    (lost,) = report.notes(cost(built, {"chat": estimate(late)}, terms()).to_dict())[1:]
    assert lost.startswith("at these settings, of chat: 1 of 1 messages (100.0 %) reach nobody")
    quiet, *_ = report.notes(cost(built, {"chat": estimate(silent(late))}, terms()).to_dict())[1:]
    assert quiet.startswith("not known of chat: the trace has no message rows")
    assert "the month of its traffic lies between" in quiet
