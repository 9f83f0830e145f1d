"""Initialisations in a few words."""

from __future__ import annotations

from statistics import mean

import pytest

from scfcost.config.initialisation import DRAWS, init_values
from scfcost.core.errors import ConfigError


def test_two_percentiles_make_a_lognormal_that_has_them() -> None:
    values = init_values("p50=400, p95=1500")
    assert abs(values[DRAWS // 2] - 400) <= 2
    assert abs(values[DRAWS * 95 // 100] - 1500) <= 15


def test_a_range_is_even() -> None:
    values = init_values("300:900")
    assert (min(values), max(values), round(mean(values))) == (300, 900, 600)


@pytest.mark.parametrize("text", ["", "fast", "-5", "1.5", "900:300", "p50=400", "p95=400,p50=900", "p50=900,p95=400"])
def test_what_is_no_initialisation_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="init_ms"):
        init_values(text)
