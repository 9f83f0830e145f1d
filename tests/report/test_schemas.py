"""Every document that is printed as JSON holds to the schema that is shipped beside it."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from importlib.resources import files
from typing import Any

import jsonschema
import numpy as np
import pytest

from scfcost.analysis.capacity.capacity import capacity
from scfcost.analysis.compare.alone import estimate_on
from scfcost.analysis.compare.table import compare_platforms
from scfcost.analysis.estimate.compare import compare
from scfcost.analysis.estimate.diff import diff
from scfcost.analysis.estimate.estimate import TraceEstimate, estimate
from scfcost.analysis.forecast.sensitivity import sensitivity
from scfcost.analysis.sweep.check import check
from scfcost.analysis.sweep.constraints import Constraints
from scfcost.analysis.sweep.recommend import recommend
from scfcost.analysis.sweep.sweep import sweep
from scfcost.billing.terms import Pricing
from scfcost.config.function import FunctionConfig
from scfcost.report.forms import FORMS, kind_of
from scfcost.trace.model import Trace
from tests import strategies as draw_from
from tests.analysis.sweep.test_sweep import CHAT

AT = FunctionConfig(idle_timeout_s=20, reconnect="on-demand")
LIMITS = Constraints(max_lost=Fraction(1, 2), budget=Decimal(10**9))


def _compared(found: TraceEstimate) -> dict[str, Any]:
    one = compare(found, Decimal(5), 10).to_dict()
    return {"schema": "scfcost.compare/1", "not_known": one["not_known"], "current": one}


DOCUMENTS: dict[str, Callable[[Trace, TraceEstimate], dict[str, Any]]] = {
    "estimate": lambda _, found: found.to_dict(),
    "sweep": lambda trace, _: sweep(trace, AT, idle_ms=[5_000, 60_000], exec_ms=[900_000]).to_dict(),
    "recommend": lambda trace, _: recommend(trace, AT, LIMITS).to_dict(),
    "compare": lambda _, found: _compared(found),
    "platforms": lambda _, found: compare_platforms([("as set", found)]).to_dict(),
    "platform": lambda trace, _: estimate_on(trace, Pricing(catalog="aws-apigateway")).to_dict(),
    "check": lambda _, found: check(found, LIMITS).to_dict(),
    "diff": lambda trace, found: diff(found.to_dict(), estimate(trace).to_dict()).to_dict(),
    "capacity": lambda _, found: capacity(found).to_dict(),
    "sensitivity": lambda _, found: sensitivity(found).to_dict(),
}


def schema_of(kind: str) -> Any:
    return json.loads((files("scfcost.report") / f"{kind}.schema.json").read_text(encoding="utf-8"))


def silent(trace: Trace) -> Trace:
    """The same connections without their messages."""
    empty = np.zeros(0, np.int64)
    return trace.replace(
        has_messages=False, offsets=np.zeros(trace.connections + 1, np.int64), message_ms=empty, message_bytes=empty,
        message_flags=np.zeros(0, np.uint8),
    )  # fmt: skip


@pytest.mark.parametrize("told", ["with messages", "without messages"])
@pytest.mark.parametrize("kind", DOCUMENTS)
def test_a_document_holds_to_its_schema(kind: str, told: str) -> None:
    trace = draw_from.build_trace(CHAT * 3)
    trace = trace if told == "with messages" else silent(trace)
    document = json.loads(json.dumps(DOCUMENTS[kind](trace, estimate(trace, AT))))
    assert kind_of(document) == kind
    jsonschema.Draft202012Validator(schema_of(kind)).validate(document)


@pytest.mark.parametrize("kind", FORMS)
def test_each_document_has_a_schema_that_refuses_another(kind: str) -> None:
    schema = schema_of(kind)
    jsonschema.Draft202012Validator.check_schema(schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"schema": "scfcost.other/1"}, schema)
