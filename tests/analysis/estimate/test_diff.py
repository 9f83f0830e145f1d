"""Two saved estimates, and files that only look like one."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from scfcost.analysis.estimate.diff import diff, load_document
from scfcost.analysis.estimate.estimate import estimate
from scfcost.core.errors import ResultError
from scfcost.report.diff import none_shown, title
from tests.oracles.lifecycle import Session
from tests.strategies import build_trace


@pytest.fixture
def document() -> Any:
    return json.loads(json.dumps(estimate(build_trace([Session(0, 10_000)])).to_dict()))


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "1e999999", "much", ""])
@pytest.mark.parametrize("place", ["line", "total"])
def test_an_amount_that_no_estimate_says_is_refused(document: Any, tmp_path: Path, amount: str, place: str) -> None:
    bill = document["monthly"] or document["bill"]
    (bill["lines"][0] if place == "line" else bill)["amount" if place == "line" else "total"] = amount
    path = tmp_path / "saved.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(ResultError, match=r"saved\.json: .* damaged"):
        load_document(path)


def test_figures_that_are_not_shown_are_counted(document: Any) -> None:
    other = estimate(build_trace([Session(0, 10_100)])).to_dict()
    found = diff(document, other)
    assert found.differences and not found.hidden
    none = found.only_above(Fraction(10)).to_dict()
    assert none["hidden"] == sum(one.share is not None for one in found.differences)
    assert none_shown({**none, "differences": []}) != none_shown(diff(document, document).to_dict())


def test_a_month_that_lacks_a_price_is_the_known_part(document: Any) -> None:
    assert not title(diff(document, document).to_dict()).endswith("(known part)")
    head = json.loads(json.dumps(document))
    (head["monthly"] or head["bill"])["lines"][-1]["amount"] = None
    assert title(diff(document, head).to_dict()).endswith("(known part)")
