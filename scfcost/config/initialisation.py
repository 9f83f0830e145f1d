"""How long a cold start takes to initialise: a number of ms, or a distribution in a few words."""

from __future__ import annotations

import re
from functools import cache
from math import exp, log
from statistics import NormalDist

from scfcost.core.errors import ConfigError

DRAWS = 1_000
"""Equally likely values that stand for a continuous distribution. [1]"""
_FORM = (
    "expected ms, such as 450, 300:900 (evenly between), 300,400,2500 (one of these) or p50=400,p95=1500 (lognormal)"
)
_PERCENTILES = re.compile(r"p(\d+)=(\d+),p(\d+)=(\d+)")


@cache
def init_values(text: str) -> tuple[int, ...]:
    """Return equally likely initialisations, in ms, rounded to whole ones.

    Raises
    ------
    ConfigError
        If the text is neither a number nor a distribution.

    Examples
    --------
    >>> init_values("450"), init_values("300, 400,2500"), len(init_values("p50=400,p95=1500"))
    ((450,), (300, 400, 2500), 1000)
    """
    words = text.replace(" ", "")
    if re.fullmatch(r"\d+(,\d+)*", words):
        return tuple(int(word) for word in words.split(","))
    if match := re.fullmatch(r"(\d+):(\d+)", words):
        low, high = int(match[1]), int(match[2])
        if low <= high:
            return tuple(round(low + (high - low) * share) for share in _shares())
    if match := _PERCENTILES.fullmatch(words):
        return _lognormal(*(int(match[k]) for k in range(1, 5)))
    raise ConfigError(f"init_ms: {text!r} is no initialisation time; {_FORM}")


def _shares() -> list[float]:
    return [(k + 0.5) / DRAWS for k in range(DRAWS)]


def _lognormal(first: int, low: int, second: int, high: int) -> tuple[int, ...]:
    if not (0 < first < second < 100 and 0 < low < high):
        raise ConfigError(
            f"init_ms: p{first}={low},p{second}={high}: expected two percentiles between 0 and 100 and their ms, both "
            "ascending"
        )
    z_low, z_high = (NormalDist().inv_cdf(percent / 100) for percent in (first, second))
    sigma = (log(high) - log(low)) / (z_high - z_low)
    mu = log(low) - sigma * z_low
    return tuple(round(exp(mu + sigma * NormalDist().inv_cdf(share))) for share in _shares())
