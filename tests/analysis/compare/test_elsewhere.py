"""Whether another platform delivers as much for less than half: told only where prices, rate and delivery are known."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from scfcost.analysis.compare import elsewhere as module
from scfcost.analysis.compare.alone import estimate_on
from scfcost.analysis.compare.elsewhere import Bar, check_rates, elsewhere
from scfcost.billing.terms import Pricing
from scfcost.config.function import FunctionConfig
from scfcost.core.errors import ConfigError
from scfcost.trace.model import Trace
from tests import strategies as draw_from
from tests.oracles.lifecycle import Session

HOUR = 3_600_000
CLIENT = FunctionConfig(reconnect="immediate")
USD = {"USD": Decimal(7)}


def connected() -> Trace:
    rows = [(300_000 * k, way, 100, "data") for k in range(1, 35) for way in ("up", "down")]
    return draw_from.build_trace([Session(0, 3 * HOUR, rows) for _ in range(3)] + [Session(24 * HOUR, 24 * HOUR)])


def found(month: str, undelivered: Fraction = Fraction(0), rates: dict[str, Decimal] | None = None) -> str | None:
    bar = Bar(Decimal(month), "CNY", undelivered, USD if rates is None else rates)
    one = elsewhere(connected(), CLIENT, bar)
    return None if one is None else one.row.name


def test_the_cheapest_that_delivers_is_named_where_it_costs_less_than_half_at_most() -> None:
    asleep = estimate_on(connected(), Pricing(catalog="cloudflare-do"), CLIENT).rows[0]
    assert (asleep.served.undelivered, asleep.high) == (0, Decimal("5.00"))
    assert found("70.01") == "cloudflare-do-hibernating"
    assert found("70.00") is None


def test_nothing_is_told_without_a_rate() -> None:
    assert found("1000000", rates={}) is None


def test_a_platform_with_an_unknown_price_is_not_replayed_in_vain(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    real = module.rows_on
    monkeypatch.setattr(
        module, "rows_on", lambda terms, question: seen.append(terms[0].book.name) or real(terms, question)
    )
    found("1000000")
    assert "aws-apigateway" in seen
    assert not {"alibaba-fc", "huawei-functiongraph", "vercel-functions"} & set(seen)


def test_who_delivers_less_is_no_alternative() -> None:
    silent = draw_from.build_trace([Session(0, HOUR), Session(24 * HOUR, 24 * HOUR)]).replace(has_messages=False)
    bar = Bar(Decimal(10**6), "CNY", Fraction(0), USD)
    assert elsewhere(silent, CLIENT, bar) is None
    away = elsewhere(connected(), FunctionConfig(reconnect="none"), Bar(Decimal(10**6), "CNY", Fraction(-1), USD))
    assert away is None


def test_the_sentence_names_platform_money_and_commands() -> None:
    one = elsewhere(connected(), CLIENT, Bar(Decimal(10**6), "CNY", Fraction(0), USD))
    assert one is not None
    assert f"CNY {one.most:,f} (USD {one.row.high:,f}) a month" in one.text
    assert "--catalog cloudflare-do`" in one.text
    assert one.to_dict()["most"] == f"{one.most:f}"


def test_a_rate_of_no_platform_is_refused() -> None:
    with pytest.raises(ConfigError, match="XAU is not a currency"):
        check_rates({"XAU": Decimal(1)})
