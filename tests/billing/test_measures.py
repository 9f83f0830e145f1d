"""What every platform's meters count, against the judge in plain Python, and their properties."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from math import ceil

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scfcost.analysis.compare.settings import replayed_on
from scfcost.billing.by_hour import hourly_units
from scfcost.billing.measures import counted, projected, quantities
from scfcost.billing.metering import round_up
from scfcost.billing.objects import rooms
from scfcost.billing.replayed import ALONE, FEWEST, PACKED, Replayed, Supposed, names_rooms
from scfcost.catalog.lifecycle import Lifecycle, Measure
from scfcost.catalog.load import load_book
from scfcost.config.function import FunctionConfig
from scfcost.lifecycle.instances import pack
from scfcost.lifecycle.replay import replay
from tests import strategies as draw_from
from tests.oracles import platforms as oracle
from tests.oracles.lifecycle import Session, Setting

RULES = Lifecycle(title="a platform", source="a page", checked_on="2026-01-01")
SIZES = st.sampled_from([0, 1, 4, 5, 6, 10, 11])
DAY = 86_400_000


def measured(many: list[Session], setting: Setting, held: int = 1, step_ms: int = 1) -> Replayed:
    trace = draw_from.build_trace(many)
    configs = {"default": draw_from.build_config(setting).replace(max_concurrency=held)}
    rows = replay(trace, configs)
    packing = pack(trace, rows, configs, granularity_ms=step_ms)
    rules = RULES.model_copy(update={"busy_step_ms": step_ms, "held": held, "most_held": held})
    return Replayed(trace, rows, configs, packing, rules)


MEASURES = {
    "connects": Measure(what="connects"),
    "connection_time": Measure(what="connection_time", step_ms=7),
    "up": Measure(what="messages", direction="up", per_bytes=5),
    "both": Measure(what="messages", per_bytes=5),
    "invocations": Measure(what="invocations"),
    "handler": Measure(what="handler"),
    "egress": Measure(what="egress"),
    "month": Measure(what="month"),
}


@given(st.data())
def test_every_meter_counts_what_the_oracle_counts(data: st.DataObject) -> None:
    setting = data.draw(draw_from.settings())
    many = data.draw(st.lists(draw_from.sessions(setting.idle, setting.execution), min_size=1, max_size=4))
    for session in many:
        session.messages = [(time, way, data.draw(SIZES), kind) for time, way, _, kind in session.messages]
    handler, each = data.draw(st.integers(0, 9)), data.draw(st.sampled_from((None, 1, 2)))
    found, supposed = measured(many, setting, step_ms=7), Supposed(handler, ALONE, each)
    end = draw_from.window_end(many)
    judged = oracle.metered(many, setting, end, per=5, step=7, handler=handler, each=each)
    assert {name: counted(one, found, supposed) for name, one in MEASURES.items()} == {k: judged[k] for k in MEASURES}
    assert counted(Measure(what="busy"), found, supposed) == judged["alone"]
    assert counted(Measure(what="awake"), found, supposed) == judged["awake"]
    assert counted(Measure(what="awake"), found, replace(supposed, hibernates=True)) == judged["asleep"]


@given(st.data(), st.integers(1, 3))
def test_the_busy_time_of_any_placement_lies_between_its_bounds(data: st.DataObject, held: int) -> None:
    setting = data.draw(draw_from.settings())
    many = data.draw(st.lists(draw_from.sessions(setting.idle, setting.execution), min_size=1, max_size=4))
    found = measured(many, setting, held)
    low, point, high = (counted(Measure(what="busy"), found, Supposed(0, one)) for one in (FEWEST, PACKED, ALONE))
    assert low <= point <= high


@given(st.data())
def test_the_meters_of_parts_add_up_to_those_of_the_whole(data: st.DataObject) -> None:
    setting = data.draw(draw_from.settings())
    many = data.draw(st.lists(draw_from.sessions(setting.idle, setting.execution), min_size=2, max_size=4))
    supposed = Supposed(3, ALONE, 1)
    whole = measured(many, setting)
    parts = [replace_trace(whole, place) for place in range(len(many))]
    for one in MEASURES.values():
        if one.what != "month":
            assert sum(counted(one, part, supposed) for part in parts) == counted(one, whole, supposed)


def replace_trace(whole: Replayed, place: int) -> Replayed:
    """One connection of a trace, with the window of all."""
    trace = whole.trace.take(np.array([place]))
    return Replayed(trace, replay(trace, whole.configs), whole.configs, None, whole.lifecycle)


@given(st.data())
def test_the_order_of_connections_changes_no_meter(data: st.DataObject) -> None:
    setting = data.draw(draw_from.settings())
    many = data.draw(st.lists(draw_from.sessions(setting.idle, setting.execution), min_size=2, max_size=4))
    turned = list(reversed(many))
    for hibernates in (True, False):
        supposed = Supposed(3, ALONE, None, hibernates)
        for one in (*MEASURES.values(), Measure(what="awake")):
            assert counted(one, measured(many, setting), supposed) == counted(one, measured(turned, setting), supposed)


def test_rooms_are_filled_in_the_order_of_connects() -> None:
    trace = draw_from.build_trace([Session(30, 40), Session(10, 40), Session(20, 40)])
    assert rooms(trace, 2).tolist() == [1, 0, 0]
    assert rooms(trace, None).tolist() == [0, 0, 0]


def chat(connections: int, hours: int, every_s: int, size: int = 100) -> list[Session]:
    """So many connections of a day, each with a message from the client every few seconds."""
    life = hours * 3_600_000
    rows = [(time, "up", size, "data") for time in range(every_s * 1_000, life + 1, every_s * 1_000)]
    return [Session(0, life, rows) for _ in range(connections)] + [Session(DAY, DAY)]


def on(book: str, many: list[Session], config: FunctionConfig | None = None, **supposed: object) -> dict[str, Fraction]:
    """Count the month of a book's meters; the last session only sets the end of the window, a day."""
    found = load_book(book)
    assert found.lifecycle is not None
    trace = draw_from.build_trace(many).between(0, len(many) - 1)
    replayed = replayed_on(found.lifecycle, trace, {"default": config or FunctionConfig()})
    counts = quantities(found, replayed, Supposed(**{"handler_ms": 20, **supposed}))  # type: ignore[arg-type]
    return projected(found, counts, replayed, Fraction(30))


def test_durable_objects_that_stay_awake_are_metered_as_in_the_published_example() -> None:
    """100 objects of 50 connections, a message a minute each, 8 hours a day: here one object, a hundredth of it."""
    found = on("cloudflare-do", chat(50, 8, 60), connections_per_room=50)
    assert found["requests"] * 100 == 3_750_000  # 50 x 100 x 30 + 50 x 100 x 60 x 8 x 30 / 20
    assert found["duration"] * 100 == 11_059_200  # 100 x 3600 x 8 x 30 x 0.128


def test_durable_objects_that_hibernate_are_metered_as_in_the_published_example() -> None:
    """100 connections an object, a message a minute each of 10 ms, one after the other: a second of work a minute."""
    minutes = 24 * 60
    many = [
        Session(0, None, [(60_000 * k + 10 * place + 30_000, "up", 9, "data") for k in range(minutes)])
        for place in range(100)
    ]
    found = on("cloudflare-do", [*many, Session(DAY, DAY)], connections_per_room=100, hibernates=True, handler_ms=10)
    connects = 30 * 100
    assert found["requests"] - connects == Fraction(100 * 60 * 24 * 30, 20)
    awake = Fraction(60 * 24 * 30 * 128, 1_000)
    assert found["duration"] == awake + Fraction(30 * 10 * 128, 1_000_000)  # and once 10 ms for all who connect


def test_a_hundred_messages_to_an_object_are_five_requests() -> None:
    messages = [(1_000 * k, "up", 9, "data") for k in range(1, 101)]
    found = on("cloudflare-do", [Session(0, 200_000, messages), Session(DAY, DAY)])
    assert found["requests"] / 30 == 1 + 5
    assert (
        next(one.ratio for one in load_book("cloudflare-do").meters["requests"].measured if one.what == "messages")
        * 10**6
        == 50_000
    )


@pytest.mark.parametrize(("size", "units"), [(1, 1), (32_768, 1), (32_769, 2), (33 * 1_024, 2)])
def test_a_gateway_meters_a_message_of_33_kb_as_two(size: int, units: int) -> None:
    found = on("aws-apigateway", [Session(0, 90_000, [(1_000, "down", size, "data")]), Session(DAY, DAY)])
    assert (found["messages"], found["connection_minutes"]) == (30 * units, 30 * 2)


def test_a_gateway_meters_the_published_chat() -> None:
    """A user of 1,000: 12 hours a day, 100 messages sent and 500 received of 3 KB."""
    life = 12 * 3_600_000
    rows = sorted(
        [(life * k // 101, "up", 3_072, "data") for k in range(1, 101)]
        + [(life * k // 501, "down", 3_072, "data") for k in range(1, 501)]
    )
    found = on("aws-apigateway", [Session(0, life, rows), Session(DAY, DAY)], FunctionConfig(reconnect="immediate"))
    assert found["messages"] * 1_000 == 18_000_000
    lives = [7_200_000] * 5 + [life - 5 * 7_201_000]  # cut every two hours, and back a second later
    assert found["connection_minutes"] == 30 * sum(ceil(one / 60_000) for one in lives)


@pytest.mark.parametrize(("tenths", "billed"), [(5, 10), (23, 30), (10, 10), (0, 0)])
def test_a_begun_ms_is_billed_in_full(tenths: int, billed: int) -> None:
    """0.5 ms is 1 ms and 2.3 ms are 3 ms, in tenths of a ms, by the rounding of every meter."""
    assert round_up(np.array([tenths]), 10).tolist() == [billed]


@pytest.mark.parametrize(("held", "busy_s"), [(1, 30), (10, 10)])
def test_requests_at_once_on_one_instance_are_billed_once(held: int, busy_s: int) -> None:
    config = FunctionConfig(max_concurrency=held)
    found = on("alibaba-fc", [*[Session(0, 10_000)] * 3, Session(DAY, DAY)], config)
    assert found["gb_s"] / 30 == Fraction(128, 1_024) * busy_s
    assert found["calls"] / 30 == 3


def test_rooms_are_those_that_a_trace_names() -> None:
    trace = draw_from.build_trace([Session(10 * k, 100) for k in range(4)]).replace(room=np.array([7, 7, 3, -1]))
    found = rooms(trace, 1).tolist()
    assert found[:3] == [7, 7, 3]
    assert found[3] not in (7, 3)
    assert not names_rooms(trace)
    assert names_rooms(trace.between(0, 3))


def test_an_object_a_room_is_awake_while_any_of_the_room_is_connected() -> None:
    many = [Session(0, 10_000), Session(5_000, 15_000), Session(0, 10_000), Session(DAY, DAY)]
    book = load_book("cloudflare-do")
    assert book.lifecycle is not None
    trace = draw_from.build_trace(many).replace(room=np.array([1, 1, 2, 3]))
    replayed = replayed_on(book.lifecycle, trace, {"default": FunctionConfig()})
    assert counted(Measure(what="awake"), replayed, Supposed(20)) == 15_000 + 10_000


def test_units_are_rounded_up_by_function_and_hour_and_each_hour_has_its_least() -> None:
    """0.1 GB x 1 s in one hour is a CU, CNY 0.00011, and 0.00989 lack; 2 h of work need none."""
    hour = 3_600_000
    short = on("alibaba-fc", [Session(0, 1_000), Session(DAY, DAY)])
    used = Fraction("0.0875") + Fraction("0.15") / 8 + Fraction("0.0075")  # vCPU, GB and the call
    assert short["hour_rounding"] / 30 == 1 - used
    assert short["hour_least"] / 30 == Fraction("0.01") - Fraction("0.00011")
    long = on("alibaba-fc", [Session(hour // 2, 2 * hour + hour // 2), Session(DAY, DAY)])
    rate = Fraction("0.0875") + Fraction("0.15") / 8
    half = rate * 3_600 + 2 * Fraction("0.0075")  # the window begins in the middle of the first hour
    added = (ceil(half) - half) / 2 + sum(ceil(one) - one for one in (rate * 3_600, rate * 1_800))
    assert long["hour_rounding"] / 30 == added
    assert long["hour_least"] == 0


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), min_size=1, max_size=5))
def test_hours_sum_to_the_whole(lives: list[tuple[int, int]]) -> None:
    quarter = 900_000
    many = [Session(begin * quarter, (begin + length) * quarter) for begin, length in lives]
    book = load_book("alibaba-fc")
    assert book.lifecycle is not None
    replayed = replayed_on(book.lifecycle, draw_from.build_trace(many), {"default": FunctionConfig()})
    supposed = Supposed(0)
    whole = quantities(book, replayed, supposed)
    units = sum(weight * whole[name] for name, weight in ((n, Fraction(w)) for n, w in book.meters["cu"].of.items())
                if name in whole and name != "hour_rounding")  # fmt: skip
    assert sum(hourly_units(book, book.meters["cu"], replayed, supposed)) == units


QUARTERS = st.integers(0, 40).map(lambda quarter: quarter * 900_000)


@given(
    st.lists(st.tuples(QUARTERS, QUARTERS), min_size=1, max_size=6), st.integers(1, 3), st.sampled_from((0, 1_800_000))
)
def test_instances_are_busy_and_kept_by_hour_as_the_oracle_has_it(
    lives: list[tuple[int, int]], held: int, kept: int
) -> None:
    many = [Session(begin, begin + length) for begin, length in lives]
    trace, end = draw_from.build_trace(many), draw_from.window_end(many)
    setting = Setting(idle=10**9, execution=10**9)
    book = load_book("alibaba-fc")
    assert book.lifecycle is not None
    changed = {"held": held, "most_held": held, "kept_s": kept // 1_000, "max_life_s": None, "max_life_range_s": None}
    replayed = replayed_on(book.lifecycle.model_copy(update=changed), trace, {"default": FunctionConfig()})
    judged = oracle.on_instances(many, setting, end, held, kept)
    assert counted(Measure(what="kept"), replayed, Supposed(0)) == oracle.kept_ms(judged, kept, end)
    assert counted(Measure(what="busy"), replayed, Supposed(0)) == sum(b - a for one in judged for a, b in one)
    rate, call = Fraction("0.0875") / 1_000 + Fraction("0.15") * 128 / 1_024_000, Fraction("0.0075")
    by_hour = oracle.busy_by_hour(judged)
    starts = [begin // oracle.HOUR for begin, _ in lives]
    expected = {hour: rate * by_hour.get(hour, 0) + call * starts.count(hour) for hour in {*by_hour, *starts}}
    units = [one for one in hourly_units(book, book.meters["cu"], replayed, Supposed(0)) if one]
    assert sorted(units) == sorted(expected.values())


def test_an_hour_that_the_window_covers_in_part_is_settled_for_that_part() -> None:
    """Six minutes of one connection are a tenth of an hour of 382.5 CU and the call: half a CU is added at most."""
    book = load_book("alibaba-fc")
    assert book.lifecycle is not None
    trace = draw_from.build_trace([Session(0, 360_000)])
    replayed = replayed_on(book.lifecycle, trace, {"default": FunctionConfig()})
    found = quantities(book, replayed, Supposed(0))
    whole = Fraction("0.10625") * 3_600 + 10 * Fraction("0.0075")
    assert (found["hour_rounding"], found["hour_least"]) == (Fraction(ceil(whole) - whole, 10), 0)
