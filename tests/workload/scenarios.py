"""Scenarios for the tests."""

from __future__ import annotations

from typing import Any

from scfcost.workload.schema import Scenario

TALK = {"name": "talk", "gap": {"family": "exponential", "mean": "20s"}, "bytes": "100 B"}
LENGTH = {"family": "exponential", "mean": "5m"}


def scenario(**tables: Any) -> Scenario:
    """Return a small scenario, some of its tables replaced; a table is merged into the one it replaces."""
    plain: dict[str, Any] = {
        "name": "test",
        "time_zone": "UTC",
        "arrivals": {"per_hour": 60},
        "session": {"length": LENGTH},
        "streams": [TALK],
    }
    return Scenario.model_validate({**plain, **tables})
