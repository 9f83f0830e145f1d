"""Addresses as messages show them, whether the extras of object storage are installed or not."""

from __future__ import annotations

import pytest

from scfcost.trace.reading.remote import shown


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("s3://bucket/t.csv?X-Amz-Signature=abc&X=1", "s3://bucket/t.csv?…"),
        ("cos://bucket/t.csv?q-sign=abc", "cos://bucket/t.csv?…"),
        ("s3://bucket/day?.csv", "s3://bucket/day?.csv"),
        ("a?b=c.csv", "a?b=c.csv"),
    ],
)
def test_a_query_string_is_not_shown(address: str, said: str) -> None:
    assert shown(address) == said
