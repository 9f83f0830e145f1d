"""A document and what is said of it, written by hand: reports need no estimate."""

from __future__ import annotations

import copy
from typing import Any

import pytest

FUNCTION: dict[str, Any] = {
    "memory_mb": 256, "idle_timeout_s": 60, "exec_timeout_s": 900, "init_timeout_s": 60, "max_concurrency": 1,
    "reconnect": "none", "heartbeat_s": None,
}  # fmt: skip
USAGE: dict[str, Any] = {
    "invocations": 1_200, "billed_ms": 3_600_000_000, "connection_ms": 3_600_000_000,
    "resource_mb_ms": 921_600_000_000, "resource_gbs": "900000", "egress_bytes": 1_073_741_824,
}  # fmt: skip
IMPACT: dict[str, int] = {
    "cut": 300, "cut_harmful": 12, "cut_harmless": 288, "messages_lost": 40, "messages_delayed": 0,
    "pushes_missed": 0, "reconnects": 0,
}  # fmt: skip


def _line(item: str, quantity: str, unit: str, price: str | None, amount: str | None, exact: str | None) -> Any:
    return {
        "item": item, "quantity": quantity, "unit": unit, "free": "0", "unit_price": price, "amount": amount,
        "amount_exact": exact,
    }  # fmt: skip


def _part(part: str, label: str, ms: int, amount: str, share: float) -> dict[str, Any]:
    return {"part": part, "label": label, "ms": ms, "amount": amount, "share": share}


def _policy(policy: str, month: str | None, *, lost: int, reconnects: int) -> dict[str, Any]:
    known = {"policy": policy, "monthly_total": month, "undelivered": lost}
    return {**known, **IMPACT, "messages_lost": lost, "reconnects": reconnects}


def _bill(times: int, resource: str, calls: str, egress: str, total: str) -> dict[str, Any]:
    return {
        "currency": "CNY", "catalog": "tencent-scf-cn/current", "plan": "payg",
        "lines": [
            _line("resource", str(900_000 * times), "GBs", "0.00011108", resource, resource),
            _line("invocations", str(0.12 * times), "10,000 calls", "0.0133", calls, calls),
            _line("egress", str(times), "GB", "0.80", egress, egress),
        ],
        "total": total, "total_exact": total,
    }  # fmt: skip


DOCUMENT: dict[str, Any] = {
    "schema": "scfcost.estimate/1",
    "trace": {
        "sources": ["chat.csv"], "connections": 1_200, "messages": 54_321, "start": "2026-01-01T00:00:00.000Z",
        "end": "2026-01-04T00:00:00.000Z", "window_s": "259200.000", "rejected_rows": 0, "has_messages": True,
    },
    "function": FUNCTION,
    "usage": USAGE,
    "outcomes": {"200": 890, "433": 100, "455": 200, "456": 10},
    "impact": IMPACT,
    "concurrency": {
        "peak_connections": 900, "peak_instances": 900, "peak_memory_mb": 230_400, "quota_mb": 128_000,
        "would_refuse": {"432": 7, "429": 0}, "cold_starts": 1_200,
    },
    "bill": _bill(1, "99.97", "0.00", "0.80", "100.77"),
    "monthly": {"factor": "10/1", **_bill(10, "999.72", "0.02", "8.00", "1007.74")},
    "messages": None, "not_known": [],
    "warnings": [{"code": "would_refuse", "message": "7 invocations would be refused by the memory quota (432)"}],
}  # fmt: skip
INSIGHTS: dict[str, Any] = {
    "lead": {
        "months": {"none": "1007.74", "on-demand": "1010.00", "immediate": None},
        "wrong": {"text": "40 messages reach nobody.", "command": "scfcost recommend chat.csv --reconnect on-demand"},
    },
    "time": [
        _part("active", "from connect to the last message", 1_800_000_000, "49.99", 0.5),
        _part("idle_tail", "silence after the last message", 1_440_000_000, "39.99", 0.4),
        _part("dead", "connections without a message", 360_000_000, "9.99", 0.1),
    ],
    "findings": [{"text": "an idle timeout of 30 s, which nobody would notice", "saving": "123.40"}],
    "per_1000_connection_hours": "100.77",
    "rates": {"harmful_cuts_per_session": 0.01, "reconnects_per_session": 0.0, "reconnects_per_hour": 0.0},
    "reconnect_policies": [
        _policy("none", "1007.74", lost=40, reconnects=0),
        _policy("on-demand", "1010.00", lost=0, reconnects=12),
        _policy("immediate", None, lost=0, reconnects=300),
    ],
    "not_included": ["log storage", "Redis", "the clients' own side"],
    "assumptions": ["clients do not come back after a cut", "a month is 30 days like the 72.0 hours of the trace"],
}  # fmt: skip


@pytest.fixture
def document() -> dict[str, Any]:
    """An estimate of one function with messages."""
    return copy.deepcopy(DOCUMENT)


@pytest.fixture
def insights() -> dict[str, Any]:
    """What is said of it."""
    return copy.deepcopy(INSIGHTS)


@pytest.fixture
def without_messages(document: dict[str, Any]) -> dict[str, Any]:
    """The same without message rows: bounds beside it, traffic unknown."""
    bound = {"usage": USAGE, "outcomes": document["outcomes"], "bill": document["bill"], "monthly": document["monthly"]}
    low, high = copy.deepcopy(bound), copy.deepcopy(bound)
    low["monthly"]["total"], high["monthly"]["total"] = "500.00", "2000.00"
    document["usage"] = {**USAGE, "egress_bytes": 0}
    document["trace"]["has_messages"] = False
    document["bounds"] = {"low": low, "high": high}
    document["impact"] = None
    document["not_known"] = [{"what": "silences", "message": "no message rows", "remedy": "a log with messages"}]
    document["warnings"] = [{"code": "bytes_unknown", "message": "the traffic is unknown"}]
    return document


@pytest.fixture
def two_functions(document: dict[str, Any]) -> dict[str, Any]:
    """The same with two functions, one with a name that looks like markup."""
    own = {"function": FUNCTION, "usage": USAGE, "outcomes": {"200": 1}, "impact": IMPACT, "concurrency": {}}
    document["functions"] = {"chat": own, "[red]<push>": own}
    return document
