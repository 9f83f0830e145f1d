"""Many totals at once are the totals of each bill, to the last digit."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from scfcost.billing.meters import Usage
from scfcost.billing.pricing import price
from scfcost.billing.terms import Terms
from scfcost.billing.totals import totals
from scfcost.catalog.load import load_book
from scfcost.catalog.schema import Allowance, Price, PriceBook
from scfcost.core.units import BYTES_PER_GB, MB_MS_PER_GBS

EDGES = st.sampled_from([edge + step for edge in (0, 5_000, 500_000, 1_000_000, 10_000_000) for step in (-1, 0, 1)])
COUNTS = st.one_of(st.integers(0, 10**16), EDGES.map(abs))
READ = {"source": "x", "checked_on": "2026-01-01"}


@st.composite
def usages(draw: st.DrawFn) -> Usage:
    web, event, sent, response = (draw(COUNTS) for _ in range(4))
    return Usage(
        invocations=web + event,
        resource_mb_ms=draw(COUNTS) * draw(st.sampled_from([1, MB_MS_PER_GBS])),
        egress_bytes=(sent + response) * draw(st.sampled_from([1, BYTES_PER_GB])),
        web_calls=web,
        event_calls=event,
        response_bytes=response,
        provisioned_idle_mb_ms=draw(COUNTS),
    )


def book_with_tiers() -> PriceBook:
    """Make a book of graduated tiers, with a free tier that packages add to and a price that is unknown."""
    book = load_book()
    tiers = [{"starts_at": "0", "price": "0.3"}, {"starts_at": "0.7", "price": "0.1"}, {"starts_at": "9", "price": "2"}]
    rate = Price.model_validate({**READ, "tiers": tiers})
    free = Allowance.model_validate({**READ, "free": {"resource": "0.0000001", "calls": "5000", "egress": "0.3"}})
    period = book.period().model_copy(
        update={"prices": {**book.period().prices, "resource": rate, "invocations": rate}, "free": free}
    )
    egress = {"ap-tokyo": {"egress": rate}, "ap-seoul": {}}
    changed = {name: book.regions[name].model_copy(update={"prices": own}) for name, own in egress.items()}
    return book.model_copy(update={"periods": (period,), "regions": {**book.regions, **changed}})


BOOKS = [load_book(), load_book("tencent-scf-intl"), book_with_tiers()]


@given(
    many=st.lists(usages(), min_size=1, max_size=5),
    book=st.sampled_from(BOOKS),
    region=st.sampled_from(["ap-guangzhou", "ap-tokyo", "ap-seoul"]),
    rule=st.sampled_from(["response", "outbound"]),
    with_plan=st.booleans(),
    data=st.data(),
)
def test_many_totals_are_those_of_each_bill(
    many: list[Usage], book: PriceBook, region: str, rule: str, with_plan: bool, data: st.DataObject
) -> None:
    period = data.draw(st.sampled_from(book.periods))
    plan = data.draw(st.sampled_from(period.plan_names()))
    terms = Terms(book, period, region, plan, rule)
    assert totals(many, terms, with_plan=with_plan) == [price(one, terms, with_plan=with_plan).total for one in many]


def test_no_usage_costs_the_fee_alone() -> None:
    terms = Terms(load_book(), load_book().period(), "ap-guangzhou", "team")
    assert [str(total) for total in totals([Usage()], terms, with_plan=True)] == ["699.88"]
    assert totals([], terms, with_plan=True) == []
