"""`scfcost price`: known quantities, without a trace."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from scfcost.cli.app import app
from scfcost.core.errors import CatalogError, ConfigError

KNOWN = ("--gbs", "1250", "--calls", "30000", "--egress-gb", "0.9765625")


def price(*flags: str) -> str:
    result = CliRunner().invoke(app, ["price", *flags], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_a_month_of_known_quantities() -> None:
    text = price(*KNOWN)
    assert text.startswith("CNY 0.96 a month · plan payg · tencent-scf-cn/current · ap-guangzhou\n")
    assert "3 10,000 calls" in text


def test_every_plan_beside_the_cheapest() -> None:
    document = json.loads(price(*KNOWN, "--plan", "all", "--traffic-rule", "outbound", "--format", "json"))
    assert document["schema"] == "scfcost.price/1"
    totals = {plan["plan"]: plan["total"] for plan in document["plans"]}
    assert (totals["payg"], totals["personal-standard"], totals["trial"]) == ("0.96", "9.90", "0.00")


def test_a_plan_that_ends_says_so() -> None:
    assert "Plan trial is for a time: three months" in " ".join(price(*KNOWN, "--plan", "all").split())
    document = json.loads(price(*KNOWN, "--plan", "all", "--format", "json"))
    assert [plan["plan"] for plan in document["plans"] if plan["lasts"]] == ["trial"]


@pytest.mark.parametrize("suffix", [".md", ".csv", ".txt", ".json"])
def test_the_form_follows_the_suffix(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"p{suffix}"
    assert price(*KNOWN, "-o", str(path)) == ""
    assert "0.78" in path.read_text(encoding="utf-8")


def test_meters_of_any_book_by_name_and_by_short_flag() -> None:
    lambda_ = price("--catalog", "aws-lambda", "--gbs", "540000", "--calls", "3,000,000", "--plan", "free")
    assert lambda_.startswith("USD 2.73 a month · plan free")
    cu = price("--catalog", "alibaba-fc", "--quantity", "vcpu_s=12600", "--gbs", "90000", "--calls", "1e6")
    assert cu.startswith("CNY 3.70 a month")


def test_an_unknown_price_is_the_known_part_until_it_is_stated() -> None:
    where = ("--catalog", "tencent-scf-intl", "--region", "ap-singapore", "--gbs", "1000", "--egress-gb", "299.75")
    assert price(*where).startswith("known part, without what has no known price: USD 0.02 a month")
    assert "what would tell: --traffic-price PRICE" in " ".join(price(*where).split())
    stated = price(*where, "--traffic-price", "0.12")
    assert stated.startswith("USD 35.99 a month") and "not known" not in stated


@pytest.mark.parametrize(
    ("given", "plain"),
    [
        (("--egress-gb", "1,000 MB"), ("--egress-gb", "0.9765625")),
        (("--egress-gb", "1.5tb"), ("--egress-gb", "1536")),
        (("--egress-gb", "3kb"), ("--egress-gb", "0.00000286102294921875")),
        (("--calls", "1,000,000", "--memory", "128", "--duration-ms", "1.5s"), ("--calls", "1e6", "--gbs", "187500")),
    ],
)
def test_a_quantity_carries_its_unit(given: tuple[str, ...], plain: tuple[str, ...]) -> None:
    assert price(*given) == price(*plain)


def test_a_quantity_of_many_digits_is_shown_whole_and_in_groups() -> None:
    assert "1,563,577.5 GBs" in price("--gbs", "1563577.5")


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ((), "nothing to price"),
        (("--gbs", "many"), "--gbs: 'many' is not a decimal number"),
        (("--egress-gb", "0,98"), "'0,98' can be read in two ways: write the decimal point as a dot"),
        (("--egress-gb", "9QB"), "'9QB' is not a decimal number; --egress-gb takes a number, or one in KB, MB, GB, TB"),
        (("--gbs", "-1"), "--gbs: '-1' is not a price or quantity of 0 or more"),
        (("--gbs", "1e30"), "more than 20 digits"),
        (("--messages", "5"), "--messages: tencent-scf-cn has no such meter"),
        (("--quantity", "egress"), "'egress' is not METER=VALUE, such as egress=0.98"),
        (("--quantity", "egres=1"), "tencent-scf-cn has no meter 'egres'; did you mean 'egress'"),
        (("--gbs", "1", "--quantity", "resource=1"), "resource is given twice"),
        (("--gbs", "1", "--plan", "gold"), "plan 'gold' is not in the period"),
        (("--gbs", "1", "--traffic-price", "free"), "'free' is not a decimal number"),
    ],
)
def test_what_cannot_be_priced_is_said(flags: tuple[str, ...], message: str) -> None:
    with pytest.raises((ConfigError, CatalogError), match=message.replace("(", r"\(")):
        CliRunner().invoke(app, ["price", *flags], catch_exceptions=False)


def test_a_book_that_only_prices_quantities_replays_no_trace() -> None:
    sample = Path(__file__).parents[2] / "data" / "sample_traces" / "chat_room.parquet"
    with pytest.raises(CatalogError, match="give it quantities with `scfcost price`"):
        CliRunner().invoke(app, ["estimate", str(sample), "--catalog", "aws-lambda"], catch_exceptions=False)
