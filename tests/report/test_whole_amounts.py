"""No form of any document loses money: amounts of twelve digits stand whole at every width, and so do settings."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from jsonschema import Draft202012Validator
from rich.console import Console

from scfcost.analysis.architecture.cost import cost
from scfcost.analysis.architecture.schema import load_architecture
from scfcost.analysis.estimate.estimate import TraceEstimate, estimate
from scfcost.analysis.estimate.insights import insights
from scfcost.analysis.reconcile.reconcile import reconcile
from scfcost.billing.quantities import price
from scfcost.billing.terms import Pricing
from scfcost.config.function import FunctionConfig
from scfcost.report.console import quotation
from scfcost.report.forms import FORMS, renderer
from scfcost.trace.model import Trace
from tests import strategies as draw_from
from tests.analysis.reconcile.logged import forecast
from tests.analysis.reconcile.test_reconcile import logged
from tests.analysis.sweep.test_sweep import CHAT
from tests.report.test_schemas import AT, DOCUMENTS, schema_of, silent

WIDTHS = (60, 80, 100, 120)
AMOUNT = "987654321098.76"
SHOWN = "987,654,321,098.76"
MONEY = re.compile(r"-?\d+\.\d\d")
EXACT = re.compile(r"-?\d+\.\d+")
"""Amounts of a reconciliation are exact."""
RECONCILED = ("scfcost.reconcile/1",)
PIECE = re.compile(r"987[\d,.]*")

ARCHITECTURE = """
name = "a"
[functions.chat]
traffic = "t.csv"
[[services]]
name = "Redis"
price = "tencent-redis-1gb"
"""


def _architecture(trace: Trace, folder: Path) -> dict[str, Any]:
    (folder / "a.toml").write_text(ARCHITECTURE, encoding="utf-8")
    built = load_architecture(folder / "a.toml")
    return cost(built, {"chat": estimate(trace, built.functions["chat"].config)}, Pricing().terms()).to_dict()


OTHERS: dict[str, Callable[[Trace, TraceEstimate, Path], dict[str, Any]]] = {
    "reconcile": lambda *_: _reconciled(),
    "architecture": lambda trace, _, folder: _architecture(trace, folder),
}


def _reconciled() -> dict[str, Any]:
    found = forecast((0, 60_000), (1_000, 30_000))
    return reconcile(found, logged(found, duration_ms=33_333)).to_dict()


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """Each kind of document, with messages and without, and what is said of the estimates."""
    folder, found = tmp_path_factory.mktemp("architecture"), {}
    for told in ("", " without messages"):
        trace = draw_from.build_trace(CHAT * 3)
        trace = silent(trace) if told else trace
        priced = estimate(trace, AT)
        for kind, make in DOCUMENTS.items():
            found[f"{kind}{told}"] = make(trace, priced)
        open_policy = estimate(trace, FunctionConfig(idle_timeout_s=20))
        found[f"estimate{told}"] = open_policy.to_dict()
        found[f"insights{told}"] = insights(open_policy)
    trace = draw_from.build_trace(CHAT * 3)
    found |= {kind: make(trace, estimate(trace, AT), folder) for kind, make in OTHERS.items()}
    return found


def richer(part: Any, money: re.Pattern[str] = MONEY) -> Any:
    """Put an amount of twelve digits in the place of every amount."""
    if isinstance(part, dict):
        return {
            name: richer(value, EXACT if part.get("schema") in RECONCILED else money) for name, value in part.items()
        }
    if isinstance(part, list):
        return [richer(value, money) for value in part]
    return AMOUNT if isinstance(part, str) and money.fullmatch(part) else part


def drawn(draw: Callable[[Console], Any], width: int) -> str:
    text = io.StringIO()
    draw(Console(file=text, width=width, markup=False, emoji=False))
    return text.getvalue()


def check_whole(text: str) -> None:
    """Every amount stands whole, and nothing is shortened."""
    assert SHOWN in text or AMOUNT in text
    assert "…" not in text
    assert {piece.rstrip(".,0") for piece in PIECE.findall(text)} <= {SHOWN, AMOUNT}


KINDS = [*(f"{kind}{told}" for told in ("", " without messages") for kind in DOCUMENTS), *OTHERS]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_table_holds_every_amount_whole(kind: str, width: int, documents: dict[str, dict[str, Any]]) -> None:
    name, _, told = kind.partition(" ")
    document = richer(json.loads(json.dumps(documents[kind])))
    more = {}
    if name == "estimate":
        more = {"insights": richer(documents[f"insights{' ' * bool(told)}{told}"]), "verbose": True}
    check_whole(drawn(lambda screen: renderer(name, "table")(document, screen, **more), width))


@pytest.mark.parametrize("kind", [kind for kind in KINDS if FORMS[kind.split()[0]].markdown])
def test_markdown_holds_every_amount_whole(kind: str, documents: dict[str, dict[str, Any]]) -> None:
    name, _, told = kind.partition(" ")
    document = richer(json.loads(json.dumps(documents[kind])))
    more = {"insights": richer(documents[f"insights{' ' * bool(told)}{told}"])} if name == "estimate" else {}
    check_whole(renderer(name, "markdown")(document, **more))


@pytest.mark.parametrize("width", WIDTHS)
def test_known_quantities_are_priced_whole(width: int) -> None:
    document = richer(price({"resource": Decimal(10**15)}, Pricing(plan="all")).to_dict())
    check_whole(drawn(lambda screen: quotation.render(document, screen), width))


def test_an_axis_stands_whole_in_every_row_of_a_sweep(documents: dict[str, dict[str, Any]]) -> None:
    document = json.loads(json.dumps(documents["sweep"]))
    row = document["rows"][0]
    document["rows"] = [
        {
            **row,
            "memory_mb": mb,
            "max_concurrency": held,
            "reconnect": policy,
            "heartbeat_s": beat,
            "messages_lost": lost,
        }
        for mb, held, policy, beat, lost in ((128, 100, "on-demand", 1.5, 9), (3_072, 1, "immediate", None, 0))
    ]
    document["rows"][1]["monthly_amount"] = AMOUNT
    for width in WIDTHS:
        shown = drawn(lambda screen: renderer("sweep", "table")(document, screen), width)
        for cell in ("128 MB", "3,072 MB", "100", "on-demand", "immediate", "1.5 s", "none", SHOWN):
            assert cell in shown, (width, cell)


def test_each_of_them_holds_to_its_schema(documents: dict[str, dict[str, Any]]) -> None:
    for kind in OTHERS:
        Draft202012Validator(schema_of(kind)).validate(json.loads(json.dumps(documents[kind])))
    for pricing in (Pricing(plan="all"), Pricing(catalog="tencent-scf-intl", region="ap-singapore")):
        document = price({"resource": Decimal("12.5"), "egress": Decimal(1)}, pricing).to_dict()
        Draft202012Validator(schema_of("price")).validate(document)


def test_a_plain_number_is_no_amount() -> None:
    assert richer({"a": "1.50", "b": ["12"], "c": np.nan})["a"] == AMOUNT
