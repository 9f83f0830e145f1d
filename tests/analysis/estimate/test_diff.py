"""Two saved estimates, and files that only look like one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from scfcost.analysis.estimate.diff import load_document
from scfcost.analysis.estimate.estimate import estimate
from scfcost.core.errors import ResultError
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
