"""The whole report for one platform, and grids of settings on it: each equal to its row in the table of platforms."""

from __future__ import annotations

import io
from collections.abc import Callable
from csv import DictReader
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from scfcost.analysis.compare.alone import estimate_on
from scfcost.analysis.compare.guesses import Guesses
from scfcost.analysis.compare.settings import Chosen
from scfcost.analysis.compare.swept import PlatformAxes, sweep_on
from scfcost.analysis.compare.table import Asked, compare_platforms
from scfcost.analysis.estimate.estimate import estimate
from scfcost.billing.terms import Pricing
from scfcost.config.function import FunctionConfig
from scfcost.core.errors import CatalogError, ConfigError
from scfcost.report import platform as forms
from scfcost.trace.model import Trace
from tests import strategies as draw_from
from tests.oracles.lifecycle import Session

HOUR = 3_600_000
CLIENT = FunctionConfig(reconnect="immediate")


def connected() -> Trace:
    """Two connections of three hours with a message each way every 20 minutes, and one that is gone at once."""
    rows = [(1_200_000 * k, way, 100, "data") for k in range(1, 9) for way in ("up", "down")]
    lives = [Session(0, 3 * HOUR, rows), Session(HOUR, 4 * HOUR, [(HOUR + at, *rest) for at, *rest in rows])]
    return draw_from.build_trace([*lives, Session(24 * HOUR, 24 * HOUR)])


@pytest.mark.parametrize("name", ["aws-apigateway", "cloudflare-do", "google-cloud-run", "azure-web-pubsub"])
def test_the_report_of_a_platform_is_its_row_in_the_table(name: str) -> None:
    table = compare_platforms([("as set", estimate(connected(), CLIENT))], Asked(platforms=(name,)))
    found = estimate_on(connected(), Pricing(catalog=name), CLIENT)
    rows = {row.name: row.to_dict() for row in table.rows if row.kind == "platform"}
    assert {row.name: row.to_dict() for row in found.rows} == rows
    assert {one["name"] for one in found.to_dict()["platforms"]} == set(rows)


def test_a_policy_that_was_not_stated_is_told_in_all_three() -> None:
    found = estimate_on(connected(), Pricing(catalog="google-cloud-run"))
    assert set(found.policies) == {"none", "on-demand", "immediate"}
    stated = estimate_on(connected(), Pricing(catalog="google-cloud-run"), CLIENT)
    assert not stated.policies
    assert found.policies["immediate"][0].point == stated.rows[0].point


def test_connections_are_counted_by_what_ends_them() -> None:
    way = estimate_on(connected(), Pricing(catalog="aws-apigateway"), CLIENT).to_dict()["platforms"][0]
    assert sum(way["ends"].values()) == way["outcomes"]["connections"]
    assert way["ends"]["silence"] == way["outcomes"]["cut"] == 2 * 9
    assert all(line["source"] and line["checked_on"] for line in way["lines"])


@pytest.mark.parametrize("life", [60, 3600])
def test_a_grid_holds_what_each_setting_gives(life: int) -> None:
    pricing = Pricing(catalog="google-cloud-run")
    grid = sweep_on(connected(), PlatformAxes(life_s=[60, 300, 3600], memory_mb=[128, 512]), pricing, CLIENT)
    assert len(grid) == 6
    row = grid.at(exec_timeout_s=life, memory_mb=512)
    config = CLIENT.replace(memory_mb=512)
    alone = estimate_on(connected(), pricing, config, chosen=Chosen(max_life_s=life))
    assert row["monthly_amount"] == alone.rows[0].point
    assert (row["monthly_least"], row["monthly_most"]) == (alone.rows[0].low, alone.rows[0].high)
    assert row["reconnects"] == alone.ways[0].outcome.impact.reconnects
    assert row["valid"]
    assert grid.to_dict()["rows"][0]["idle_timeout_s"] is None


def test_a_life_that_cannot_be_set_is_no_valid_setting() -> None:
    grid = sweep_on(connected(), PlatformAxes(life_s=[3600, 7200]), Pricing(catalog="google-cloud-run"), CLIENT)
    assert grid.frame["valid"].tolist() == [True, False]


def test_every_form_has_every_line() -> None:
    document = estimate_on(connected(), Pricing(catalog="aws-apigateway"), CLIENT).to_dict()
    lines = document["platforms"][0]["lines"]
    assert [row["item"] for row in DictReader(io.StringIO(forms.csv_of(document)))] == [one["item"] for one in lines]
    assert all(one["item"].replace("_", " ") in forms.markdown_of(document) for one in lines)
    total = sum(Decimal(one["amount"]) for one in lines)
    assert Decimal(document["platforms"][0]["month"]["point"]) == total


def test_a_short_window_is_warned_of() -> None:
    trace = draw_from.build_trace([Session(0, HOUR)])
    assert "short_window" in {one.code for one in estimate_on(trace, Pricing(catalog="aws-apigateway")).warnings}
    assert "short_window" not in {
        one.code for one in estimate_on(connected(), Pricing(catalog="aws-apigateway")).warnings
    }


def swept(**axes: Any) -> Callable[[], object]:
    return lambda: sweep_on(connected(), PlatformAxes(**axes), Pricing(catalog="google-cloud-run"))


@pytest.mark.parametrize(
    ("run", "told"),
    [
        (swept(idle_s=[60]), "does not let one set --idle"),
        (swept(max_concurrency=[2_000]), "holds at most 1,000"),
        (
            lambda: estimate_on(connected(), Pricing(catalog="aws-apigateway"), CLIENT.replace(provisioned=1)),
            "leave --provisioned out",
        ),
        (lambda: estimate_on(connected(), Pricing(catalog="aws-lambda")), "does not say how connections live"),
        (
            lambda: estimate_on(connected(), Pricing(catalog="aws-apigateway"), chosen=Chosen(max_life_s=60)),
            "cannot be set: it is 7,200 s",
        ),
        (
            lambda: estimate_on(connected(), Pricing(catalog="google-cloud-run"), chosen=Chosen(max_life_s=7_200)),
            "from 1 to 3,600 s, not to 7200 s",
        ),
        (
            lambda: estimate_on(connected(), Pricing(catalog="aws-apigateway"), FunctionConfig(function_type="event")),
            "web-ws",
        ),
        (
            lambda: estimate_on(draw_from.build_trace([Session(0, 0)]), Pricing(catalog="aws-apigateway")),
            "0 ms long",
        ),
    ],
)
def test_what_cannot_be_is_refused(run: Callable[[], object], told: str) -> None:
    with pytest.raises((CatalogError, ConfigError), match=told):
        run()


def test_a_stated_handler_leaves_no_guess() -> None:
    row = estimate_on(connected(), Pricing(catalog="aws-apigateway"), CLIENT, guesses=Guesses(20)).rows[0]
    assert row.low == row.point == row.high


def test_an_instance_holds_as_many_as_the_platform_allows() -> None:
    """A connection that is there all along and 149 others: at 200 an instance, one instance is busy for as long."""
    many = [Session(0, 24 * HOUR), *(Session(HOUR, HOUR + 60_000) for _ in range(149))]
    found = estimate_on(draw_from.build_trace(many), Pricing(catalog="alibaba-fc"), CLIENT.replace(max_concurrency=200))
    assert found.rows[0].quantities["alibaba-fc.vcpu_s"] == Fraction("0.0875") * 24 * 3_600


@pytest.mark.parametrize("counts", [True, False])
def test_what_sources_disagree_on_is_counted_or_not(counts: bool) -> None:
    supposed = estimate_on(connected(), Pricing(catalog="alibaba-fc"), CLIENT).rows[0]
    found = estimate_on(connected(), Pricing(catalog="alibaba-fc"), CLIENT, guesses=Guesses(disputed=counts)).rows[0]
    assert (found.quantities["alibaba-fc.gb_s"] > supposed.quantities["alibaba-fc.gb_s"]) is counts
    assert any(note.startswith("what sources disagree on is") for note in found.notes)
