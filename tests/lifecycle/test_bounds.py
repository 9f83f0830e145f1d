"""A life of centuries, of one digit too many, is refused where it would take all memory."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from scfcost.analysis.estimate.estimate import estimate
from scfcost.config.function import FunctionConfig
from scfcost.core.errors import ConfigError
from scfcost.core.units import MS_PER_DAY
from scfcost.lifecycle import simulation
from scfcost.lifecycle.provisioning import IdleWindows
from tests.oracles.lifecycle import Session
from tests.strategies import build_trace


def test_windows_of_centuries_are_refused() -> None:
    with pytest.raises(ConfigError, match=r"the trace is 182,500 days long, .* at most 1,157: check its first"):
        IdleWindows(np.zeros((0, 2), np.int64), (0, 500 * 365 * MS_PER_DAY))


@pytest.mark.parametrize("settings", [{"init_ms": "100"}, {"recycle_on_error": True}])
def test_a_walk_without_end_is_refused(settings: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulation, "MOST_WALKED", 100)
    config = FunctionConfig(idle_timeout_s=10, max_concurrency=2, reconnect="immediate", **settings)
    with pytest.raises(ConfigError, match=r"come back after each cut, more than \d+ times"):
        estimate(build_trace([Session(0, 100 * MS_PER_DAY)]), config)
