"""Quantities from calls and messages: each rounded as the book meters it, then multiplied."""

from __future__ import annotations

from decimal import Decimal

import pytest

from scfcost.billing.from_calls import gbs_of_calls, units_of_messages
from scfcost.billing.terms import Pricing
from scfcost.core.errors import CatalogError


@pytest.mark.parametrize(
    ("catalog", "calls", "duration_ms", "memory_mb", "gbs"),
    [
        ("aws-lambda", 3_000_000, "120", 1_536, "540000"),
        ("aws-lambda", 100_000, "350", 128, "4375"),
        ("azure-functions", 3_540_123, "495", 490, "876180.4425"),  # 490 MB are billed as 512
        ("azure-functions", 1_000, "20", 160, "25"),  # 20 ms as 100, 160 MB as 256
        ("huawei-functiongraph", 1_000, "2.3", 1_024, "3"),
        ("cloudflare-do", 10, "1000", 128, "1.28"),  # GB of 1,000 MB
        ("tencent-scf-cn", 1, "1760", 256, "0.44"),
    ],
)
def test_calls_that_are_alike_are_billed_each(
    catalog: str, calls: int, duration_ms: str, memory_mb: int, gbs: str
) -> None:
    found = gbs_of_calls(Pricing(catalog).terms(), Decimal(calls), Decimal(duration_ms), memory_mb)
    assert found == Decimal(gbs)


@pytest.mark.parametrize(
    ("catalog", "messages", "size", "units"),
    [
        ("aws-apigateway", 1, 33 * 1_024, 2),
        ("aws-appsync-events", 100, 5_121, 200),
        ("azure-signalr", 1, 0, 1),
        ("azure-web-pubsub", 11, 4 * 1_024, 22),  # the bytes of all, in units of 2 KB
        ("azure-web-pubsub", 3, 1_024, 2),
    ],
)
def test_messages_are_counted_by_their_size(catalog: str, messages: int, size: int, units: int) -> None:
    assert units_of_messages(Pricing(catalog).terms(), Decimal(messages), size) == units


def test_a_book_that_counts_no_sizes_says_so() -> None:
    with pytest.raises(CatalogError, match="no messages whose size counts"):
        units_of_messages(Pricing("cloudflare-do").terms(), Decimal(1), 1)
