"""One trace on every platform: who delivers, what it costs, and what is refused."""

from __future__ import annotations

import io
from collections.abc import Callable
from csv import DictReader
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scfcost.analysis.compare.guesses import Guesses
from scfcost.analysis.compare.platform import Question, rows_on, terms_of
from scfcost.analysis.compare.row import Traffic
from scfcost.analysis.compare.settings import replayed_on
from scfcost.analysis.compare.table import (
    Asked,
    check_platforms,
    compare_platforms,
    egress_prices_of,
    known_platforms,
    rates_of,
)
from scfcost.analysis.estimate.estimate import TraceEstimate, estimate
from scfcost.analysis.known import knows_silences
from scfcost.billing.measures import counted
from scfcost.billing.replayed import Supposed
from scfcost.billing.terms import Pricing
from scfcost.catalog.lifecycle import Measure
from scfcost.catalog.load import load_book
from scfcost.config.function import FunctionConfig
from scfcost.core.errors import CatalogError, ConfigError
from scfcost.core.files import packaged_text
from scfcost.core.language import speaking, translated
from scfcost.report import platforms as forms
from scfcost.trace.read import read_trace
from tests import strategies as draw_from
from tests.conftest import SAMPLE
from tests.oracles.lifecycle import Session
from tests.report.test_schemas import silent

HOUR = 3_600_000


def found(reconnect: str = "immediate") -> TraceEstimate:
    """Three connections of three hours, each with a message from and to its client every 20 minutes."""
    rows = [(1_200_000 * k, way, 100, "data") for k in range(1, 9) for way in ("up", "down")]
    trace = draw_from.build_trace([Session(0, 3 * HOUR, rows) for _ in range(3)] + [Session(24 * HOUR, 24 * HOUR)])
    return estimate(trace, FunctionConfig(idle_timeout_s=600, reconnect=reconnect))


def test_traffic_that_is_free_of_charge_is_not_charged_with_the_free_plan_alone() -> None:
    """150 GB a month: a server's own traffic is in its month, the free tier of EC2 where it is asked for."""
    rows = [(600_000, "down", 5 * 1024**3, "data")]
    trace = draw_from.build_trace([Session(0, HOUR, rows), Session(24 * HOUR, 24 * HOUR)])
    on = estimate(trace, FunctionConfig(reconnect="immediate"))
    servers = ("ec2-t4g-small", "lighthouse-2c2g")
    tables = [
        compare_platforms([("as set", on)], Asked(("aws-apigateway",), servers, plan=plan)) for plan in (None, "free")
    ]
    egress = [{row.name: row.lines[1] for row in one.rows if row.name in servers} for one in tables]
    assert [(one[servers[0]].free, one[servers[0]].amount) for one in egress] == [
        (Decimal(0), Decimal("13.50")), (Decimal(100), Decimal("4.50")),
    ]  # fmt: skip
    assert [(one[servers[1]].free, one[servers[1]].amount) for one in egress] == [(Decimal(150), Decimal(0))] * 2


def test_each_platform_cuts_by_its_own_timeouts() -> None:
    rows = {row.name: row for row in compare_platforms([("as set", found())]).rows}
    assert rows["google-cloud-run"].served.cut == 3 * 35  # 3 h of 300 s and a second away: 35 cuts and 36 lives
    assert rows["huawei-functiongraph"].served.cut == 3 * 11
    assert rows["aws-apigateway"].served.cut == 3 * 9  # silent for 600 s after each of 8 messages, and at the start
    assert rows["cloudflare-do"].served.cut == rows["fly-256mb"].served.cut == 0


def test_what_is_metered_prices_to_the_line() -> None:
    table = compare_platforms([("as set", found("none"))], Asked(platforms=("aws-apigateway",)))
    row = next(one for one in table.rows if one.name == "aws-apigateway")
    assert row.quantities["aws-apigateway.connection_minutes"] == 3 * 10  # the first silence of 600 s ends each
    assert row.served.undelivered == 1
    messages = next(line for line in row.lines if line.item == "connection_minutes")
    assert messages.quantity == Decimal(3 * 10 * 30) / 1_000_000


def test_who_delivers_comes_before_who_is_cheap() -> None:
    rows = compare_platforms([("as set", found("none"))]).rows
    whole = [row.served.undelivered is not None and row.served.undelivered <= Decimal("0.01") for row in rows]
    assert whole == sorted(whole, reverse=True)
    assert True in whole
    assert False in whole


def test_a_rate_gives_one_currency_to_sort_by() -> None:
    table = compare_platforms([("as set", found())], Asked(rates={"USD": Decimal(7)}))
    delivering = [table.common(row) for row in table.rows if row.served.undelivered == 0 and row.complete]
    assert None not in delivering
    assert delivering == sorted(delivering, key=lambda one: one or Decimal(0))
    dollars = next(row for row in table.rows if row.currency == "USD")
    assert table.common(dollars) == dollars.point * 7


def test_a_guess_spreads_the_month_and_a_stated_one_does_not() -> None:
    asked = ("cloudflare-do",)
    guessed = compare_platforms([("as set", found())], Asked(platforms=asked)).rows
    stated = compare_platforms([("as set", found())], Asked(platforms=asked, guesses=Guesses(20, 50))).rows
    awake = [next(row for row in rows if row.name == "cloudflare-do") for rows in (guessed, stated)]
    assert awake[0].low <= awake[0].point <= (awake[0].high or 0)
    assert awake[1].low == awake[1].point == awake[1].high


def test_a_platform_of_ones_own_is_one_file(tmp_path: Path) -> None:
    text = packaged_text("scfcost.catalog", "data/aws-apigateway.toml").replace("max_life_s = 7200", "max_life_s = 60")
    mine = tmp_path / "mine.toml"
    mine.write_text(text.replace('name = "aws-apigateway"', 'name = "mine"'), encoding="utf-8")
    table = compare_platforms([("as set", found())], Asked(platforms=(str(mine),), servers=("fly-256mb",)))
    assert [row.name for row in table.rows if row.kind == "platform"] == ["mine"]
    assert next(row for row in table.rows if row.name == "mine").served.cut > 3 * 100


def test_every_form_has_every_row() -> None:
    document = compare_platforms([("as set", found())]).to_dict()
    rows = list(DictReader(io.StringIO(forms.csv_of(document))))
    assert [row["name"] for row in rows] == [one["name"] for one in document["platforms"]]
    assert all(len(row) == len(forms.header(document)) for row in forms.rows(document))
    assert all(one["title"] in forms.markdown_of(document) for one in document["platforms"])


def test_without_messages_a_platform_that_bills_them_is_known_in_part() -> None:
    trace = draw_from.build_trace([Session(0, HOUR), Session(2 * HOUR, 2 * HOUR)])
    table = compare_platforms([("as set", estimate(trace))], Asked(platforms=("aws-apigateway",)))
    row = next(one for one in table.rows if one.name == "aws-apigateway")
    assert (row.complete, row.high, row.served.undelivered) == (False, None, None)


@pytest.mark.parametrize(
    ("run", "told"),
    [
        (lambda: check_platforms(["aws-apigatewai"]), "did you mean 'aws-apigateway'"),
        (lambda: check_platforms(["aws-lambda"]), "replays a trace"),
        (lambda: rates_of(["USD7"]), "of the form USD=7.1"),
        (lambda: rates_of(["USD=-1"]), "of the form USD=7.1"),
        (lambda: compare_platforms([("as set", found())], Asked(rates={"EUR": Decimal(8)})), "EUR is not a currency"),
        (lambda: compare_platforms([("as set", found())], Asked(servers=("fly",))), "is not in the catalog"),
    ],
)
def test_what_cannot_be_is_refused(run: Callable[[], object], told: str) -> None:
    with pytest.raises((CatalogError, ConfigError), match=told):
        run()


def test_a_platform_whose_traffic_has_no_known_price_stands_behind_those_that_are_whole() -> None:
    rows = compare_platforms([("as set", found())], Asked(rates={"USD": Decimal(7)})).rows
    row = next(one for one in rows if one.name == "alibaba-fc")
    assert (row.complete, row.high) == (False, None)
    assert [line.item for line in row.lines if line.amount is None] == ["egress"]
    whole = [one.complete for one in rows if one.served.undelivered == 0]
    assert whole == sorted(whole, reverse=True)


def test_an_estimate_on_a_platform_without_settings_names_the_way_out() -> None:
    with pytest.raises(CatalogError, match="compare --with aws-apigateway"):
        estimate(found().trace, pricing=Pricing(catalog="aws-apigateway"))
    with pytest.raises(CatalogError, match="scfcost price"):
        estimate(found().trace, pricing=Pricing(catalog="aws-lambda"))


def test_events_are_not_compared_as_websockets() -> None:
    events = estimate(found().trace, FunctionConfig(function_type="event"))
    with pytest.raises(ConfigError, match="web-ws"):
        compare_platforms([("as set", events)])


FUNCTIONS = st.sampled_from(
    [
        FunctionConfig(idle_timeout_s=0.02, exec_timeout_s=0.05, reconnect="immediate", reconnect_delay_s=0.003),
        FunctionConfig(memory_mb=256, max_concurrency=2, keep_alive_s=0.01, reconnect="on-demand"),
        FunctionConfig(memory_mb=64, provisioned=1, heartbeat_s=0.01, heartbeat_down_bytes=7),
    ]
)


@given(st.data(), FUNCTIONS, st.sampled_from(["tencent-scf-cn", "tencent-scf-intl"]))
def test_a_function_platforms_book_counted_as_any_other_bills_what_its_estimate_bills(
    data: st.DataObject, config: FunctionConfig, name: str
) -> None:
    """Its rules, meters and prices stand in the tables of every other book, and give the same digits."""
    many = data.draw(st.lists(draw_from.sessions(20, 50), min_size=1, max_size=4))
    plan = data.draw(st.sampled_from(load_book(name).period().plan_names()))
    trace = draw_from.build_trace([*many, Session(500, 500)])
    configs = dict.fromkeys(trace.functions, config)
    row = next(iter(rows_on(terms_of(name, plan), Question(trace, configs, Traffic.of(trace)))))
    here = estimate(trace, config, pricing=Pricing(catalog=name, plan=plan))
    assert row.bills == (here.monthly,)
    told = (here.impact.cut, here.usage["invocations"])
    known = knows_silences(has_messages=trace.message_ms.size > 0, configs=[config])
    assert (row.served.cut, row.served.connections) == (told if known else (None, None))


def test_two_books_of_functions_stand_side_by_side() -> None:
    rows = compare_platforms([("as set", found())], Asked(platforms=("tencent-scf-intl",), servers=("fly-256mb",))).rows
    assert {row.name for row in rows} == {"tencent-scf-cn-as-set", "tencent-scf-intl", "fly-256mb"}


def test_minimum_instances_are_idle_at_their_own_price() -> None:
    kept = estimate(found().trace, FunctionConfig(reconnect="immediate", provisioned=1))
    rows = compare_platforms([("as set", kept)], Asked(platforms=("google-cloud-run",), servers=("fly-256mb",))).rows
    row = next(one for one in rows if one.name == "google-cloud-run")
    idle = row.quantities["google-cloud-run.idle_cpu"]
    assert 0 < idle <= 24 * 3600
    assert row.quantities["google-cloud-run.idle_memory"] == idle / 8


def test_a_kept_instance_is_in_the_most_alone() -> None:
    """Two connections a minute and a half apart, on one instance: 60 s after the first, 60 s after the second."""
    trace = draw_from.build_trace([Session(0, 10_000), Session(100_000, 110_000), Session(24 * HOUR, 24 * HOUR)])
    book = load_book("alibaba-fc")
    assert book.lifecycle is not None
    replayed = replayed_on(book.lifecycle, trace, dict.fromkeys(trace.functions, FunctionConfig()))
    kept = Measure(what="kept", only_most=True)
    assert counted(kept, replayed, Supposed(0)) == 0
    assert counted(kept, replayed, Supposed(0, disputed=True)) == 2 * 60_000


def test_the_platforms_of_the_first_row_are_known() -> None:
    first = {"alibaba-fc", "aws-apigateway", "cloudflare-do", "google-cloud-run"}
    assert first <= set(known_platforms())


def test_without_message_rows_nothing_is_said_of_cuts_and_people() -> None:
    whole = found()
    bare = estimate(silent(whole.trace), whole.first)
    document = compare_platforms([("as set", bare)]).to_dict()
    for one in document["platforms"]:
        if one["kind"] != "server":
            told = {one["outcomes"][name] for name in ("cut", "undelivered_share", "reconnects_an_hour", "connections")}
            assert told == {None}, one["name"]
    assert "no month is a verdict" in forms.title(document)
    assert all(row[3:6] == ["not known"] * 3 for row in forms.rows(document) if "function, as set" in row[0])
    csv = forms.csv_of(document)
    assert next(row for row in DictReader(io.StringIO(csv)) if row["title"].endswith("as set"))["cut"] == "unknown"


def test_where_nothing_else_is_recommended_the_row_says_so_and_stands_once() -> None:
    document = compare_platforms([("as set", found())], as_set_is_best=True).to_dict()
    notes = {one["title"]: one["notes"] for one in document["platforms"] if one["kind"] == "function"}
    assert [text[-1] for text in notes.values()] == ["as set is what recommend says"]


@pytest.mark.slow
@pytest.mark.parametrize(("page", "told"), [("README.md", "en"), ("README.zh-CN.md", "zh")])
def test_the_table_of_the_readme_is_that_of_the_sample(page: str, told: str) -> None:
    here = estimate(read_trace(SAMPLE), FunctionConfig(reconnect="immediate"))
    document = compare_platforms([("as set", here)], Asked(rates={"USD": Decimal("7.1")})).to_dict()
    with speaking(told):
        cells_of = [[translated(cell) for cell in row] for row in forms.rows(document)]
    rows = {row[0]: [*row[:2], row[3], *row[4:6], row[7]] for row in cells_of}
    text = (Path(__file__).parents[3] / page).read_text(encoding="utf-8")
    shown = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| ") and " % |" in line]
    assert len(shown) == 8
    assert shown == [rows[cells[0]] for cells in shown]
    assert [cells[0] for cells in shown] == [title for title in rows if title in {cells[0] for cells in shown}]


def test_a_price_of_traffic_is_that_of_the_platform_that_is_named() -> None:
    estimates = [("as set", found())]
    asked = Asked(("alibaba-fc", "aws-apigateway"), traffic_prices={"alibaba-fc": Decimal("0.50")})
    rows = {row.name: row for row in compare_platforms(estimates, asked).rows}
    assert rows["alibaba-fc"].complete
    assert not {row.name: row for row in compare_platforms(estimates, Asked(("alibaba-fc",))).rows}[
        "alibaba-fc"
    ].complete
    wrong = Asked(("aws-apigateway",), traffic_prices={"alibaba-fc": Decimal("0.50")})
    with pytest.raises(ConfigError, match="no platform here whose traffic is metered"):
        compare_platforms(estimates, wrong)


@pytest.mark.parametrize("text", ["alibaba-fc", "=1", "alibaba-fc=-1", "alibaba-fc=NaN"])
def test_a_price_of_traffic_is_a_platform_and_an_amount(text: str) -> None:
    with pytest.raises(ConfigError, match="is not of the form alibaba-fc="):
        egress_prices_of([text])
