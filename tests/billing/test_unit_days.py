"""Units that are rented by the day, against the judge in plain Python and the vendor's published examples."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scfcost.analysis.compare.settings import replayed_on
from scfcost.billing.measures import counted, projected, quantities
from scfcost.billing.pricing import price
from scfcost.billing.replayed import Replayed, Supposed
from scfcost.billing.terms import Pricing
from scfcost.catalog.lifecycle import Lifecycle, Measure, Units
from scfcost.catalog.load import load_book
from scfcost.config.function import FunctionConfig
from tests import strategies as draw_from
from tests.oracles import platforms as oracle
from tests.oracles.lifecycle import Session

DAY = 86_400_000
UNITS = Units(carries=2, messages_a_day=3, sizes=(1, 2, 4), source="a page", checked_on=date(2026, 1, 1))
RULES = Lifecycle(title="a platform", source="a page", checked_on="2026-01-01", units=UNITS)
AROUND = st.builds(lambda day, off: DAY * day + off, st.integers(1, 3), st.sampled_from((-1, 0, 1, 7, DAY // 2)))


def on(rules: Lifecycle, many: list[Session], config: FunctionConfig | None = None) -> Replayed:
    return replayed_on(rules, draw_from.build_trace(many), {"default": config or FunctionConfig()})


@st.composite
def worlds(draw: st.DrawFn) -> list[Session]:
    """Up to six connections that begin, speak and end around midnights."""
    many = []
    for _ in range(draw(st.integers(1, 6))):
        connect, close = sorted((draw(AROUND), draw(AROUND)))
        times = sorted(time for time in draw(st.lists(AROUND, max_size=4)) if connect <= time < close)
        many.append(Session(connect, close, [(time, "down", draw(st.integers(0, 7)), "data") for time in times]))
    return [*many, Session(0, 4 * DAY - 5)]


@given(worlds(), st.booleans())
def test_units_and_what_goes_beyond_them_are_what_the_oracle_rents(many: list[Session], in_total: bool) -> None:
    found = on(RULES, many)
    lives = [(one.connect, one.close or 0) for one in many]
    pushes = [(time, size) for one in many for time, _, size, _ in one.messages]
    judged = oracle.rented(
        lives, pushes, (0, 4 * DAY - 5), carries=2, sizes=[1, 2, 4], free=3, per=3, in_total=in_total
    )
    beyond = Measure(what="messages_beyond", per_bytes=3, in_total=in_total)
    assert (counted(Measure(what="unit_time"), found, Supposed(0)), counted(beyond, found, Supposed(0))) == judged


@pytest.mark.parametrize(
    ("connections", "rented"), [(0, 1), (1, 1), (2, 1), (3, 2), (4, 2), (5, 4), (8, 4), (9, 5), (16, 8), (17, 9)]
)
def test_units_are_rented_in_their_sizes(connections: int, rented: int) -> None:
    assert UNITS.for_connections(connections) == rented


@given(st.integers(1, 3 * DAY), st.sampled_from(("azure-web-pubsub", "azure-signalr")))
def test_a_month_of_any_window_has_a_price(window_ms: int, name: str) -> None:
    """A ms is no finite decimal of a day; one unit is rented for 30 days whatever the window."""
    book = load_book(name)
    assert book.lifecycle is not None
    found = on(book.lifecycle, [Session(0, window_ms, [(window_ms // 2, "down", 9, "data")])])
    month = projected(book, quantities(book, found, Supposed(0)), found, Fraction(30 * DAY, window_ms))
    assert month["standard_unit_days"] == 30
    terms = Pricing(catalog=name).terms()
    line = price({**dict.fromkeys(book.meters, Fraction(0)), **month}, terms, with_plan=True).line("standard_unit_days")
    assert line is not None
    assert line.amount == Decimal("48.30")


def pushed(book: str, sizes: list[int]) -> Fraction:
    """Return the messages beyond its units that a book counts of one second, where units carry none."""
    found = load_book(book)
    assert found.lifecycle is not None
    assert found.lifecycle.units is not None
    units = found.lifecycle.units.model_copy(update={"messages_a_day": 0})
    rules = found.lifecycle.model_copy(update={"units": units})
    many = [Session(0, 1_000, [(500, "down", size, "data")]) for size in sizes]
    return quantities(found, on(rules, many), Supposed(0))["messages"]


def test_outbound_bytes_are_counted_in_total_as_in_the_published_example() -> None:
    """4 KB to a server and 4 KB to each of 10 clients are 44 KB, 22 messages of 2 KB."""
    assert pushed("azure-web-pubsub", [4_096] * 11) == 22
    assert pushed("azure-web-pubsub", [1_024] * 3) == 2


def test_a_broadcast_is_a_message_for_each_who_receives_it() -> None:
    assert pushed("azure-signalr", [100] * 100) == 100
    assert pushed("azure-signalr", [2_049]) == 2


def test_a_heartbeats_answer_is_a_push() -> None:
    rules = RULES.model_copy(update={"units": UNITS.model_copy(update={"messages_a_day": 0})})
    found = on(rules, [Session(0, 10_000)], FunctionConfig(heartbeat_s=3, heartbeat_down_bytes=7))
    assert counted(Measure(what="messages_beyond", per_bytes=3), found, Supposed(0)) == 3 * 3 * DAY


def test_what_a_vendor_leaves_open_is_in_the_most_alone() -> None:
    """A keep-alive a minute may be an operation of AppSync: 2 for the connect, and 3 minutes."""
    book = load_book("aws-appsync-events")
    assert book.lifecycle is not None
    found = on(book.lifecycle, [Session(0, 150_000)])
    counts = [quantities(book, found, Supposed(0, disputed=one))["operations"] for one in (False, True)]
    assert counts == [2, 5]
