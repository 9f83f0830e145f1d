"""Which distribution some values come from: the families by their likelihood, or the values' own quantiles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scfcost.workload.distributions import Floats
from scfcost.workload.families import FAMILIES

MOST_KS = 0.06
"""Largest distance between the distribution functions at which a family still stands for the values. [1]"""
QUANTILES = 21
"""Quantiles that stand for values that no family fits. [1]"""
_SAMPLE = 4_000
"""Values that are looked at; more would not change a choice among families. [1]"""
_FEWEST = 20
"""Values from which a shape can be told. [1]"""
_HALF = 0.5
"""Added to whole values, which were floored."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A family with the parameters that make the values likeliest."""

    family: str
    shape: float
    scale: float
    log_likelihood: float
    aic: float
    """Akaike's criterion: 2 × parameters − 2 × log-likelihood; the least is best."""
    ks: float
    """Largest distance between the distribution functions, of the values and of the family (Kolmogorov, Smirnov)."""


@dataclass(frozen=True, slots=True)
class Fit:
    """What some values were fitted with."""

    values: int
    censored: int
    """How many of them are known only to be larger. [1]"""
    candidates: tuple[Candidate, ...]
    """The best first."""
    quantiles: tuple[float, ...]
    """Of the values, evenly spaced from the least to the most."""

    @property
    def best(self) -> Candidate | None:
        """The family that stands for the values, None where none comes near enough and their quantiles do."""
        found = self.candidates[0] if self.candidates else None
        return found if found is not None and found.ks <= MOST_KS else None


def fit(values: NDArray[Any], censored: NDArray[np.bool_] | None = None, seed: int = 0) -> Fit:
    """Fit each family to some values by likelihood.

    Parameters
    ----------
    values : ndarray, shape (n,)
        Times [ms] or sizes [B], 0 or more, as whole numbers.
    censored : ndarray of bool, shape (n,), optional
        Which values are only known to be larger than they are, such as the lives of connections that are still open.
    seed : int
        Seed of the sample that is looked at where there are very many.

    Returns
    -------
    Fit
        The families by Akaike's criterion, and the quantiles of the values (those of Kaplan and Meier where some are
        censored).
    """
    from scipy import stats

    cut = np.zeros(len(values), np.bool_) if censored is None else censored
    drawn, cut = _sampled(values, cut, seed)
    data = stats.CensoredData(uncensored=drawn[~cut], right=drawn[cut])
    function = stats.ecdf(data).cdf
    candidates = []
    if len(drawn) - int(cut.sum()) >= _FEWEST and drawn.min() < drawn.max():
        with np.errstate(all="ignore"):
            candidates = [_candidate(name, data, function) for name in FAMILIES if name != "pareto" or not cut.any()]
    candidates.sort(key=lambda one: one.aic)
    table = _quantiles(function, float(drawn.max(initial=0.0)))
    return Fit(len(values), 0 if censored is None else int(censored.sum()), tuple(candidates), table)


def _sampled(values: NDArray[Any], cut: NDArray[np.bool_], seed: int) -> tuple[Floats, NDArray[np.bool_]]:
    drawn = values.astype(np.float64) + _HALF
    if len(drawn) <= _SAMPLE:
        return drawn, cut
    rows = np.random.default_rng(seed).choice(len(drawn), _SAMPLE, replace=False)
    return drawn[rows], cut[rows]


def _candidate(family: str, data: Any, function: Any) -> Candidate:
    from scipy import stats

    made = getattr(stats, FAMILIES[family].scipy_name)
    shape, scale = _likeliest(family, made, data)
    frozen = made(scale=scale) if FAMILIES[family].shape is None else made(shape, scale=scale)
    known = float(frozen.logpdf(data._uncensored).sum() + frozen.logsf(data._right).sum())  # noqa: SLF001
    steps = function.quantiles
    reached = frozen.cdf(steps)
    before = np.concatenate(([0.0], function.probabilities[:-1]))
    ks = float(np.maximum(np.abs(function.probabilities - reached), np.abs(reached - before)).max())
    parameters = 1 if FAMILIES[family].shape is None else 2
    return Candidate(family, float(shape), float(scale), known, 2 * parameters - 2 * known, ks)


def _likeliest(family: str, made: Any, data: Any) -> tuple[float, float]:
    """Return shape and scale of the greatest likelihood, in closed form where there is one."""
    sure, later = data._uncensored, data._right  # noqa: SLF001
    if family == "exponential":
        return 1.0, float((sure.sum() + later.sum()) / max(len(sure), 1))
    if family == "lognormal" and len(later) == 0:
        return float(np.log(sure).std() or 1e-9), float(np.exp(np.log(sure).mean()))
    if family == "pareto":
        least = float(sure.min())
        return float(len(sure) / max(np.log(sure / least).sum(), 1e-9)), least
    shape, _, scale = made.fit(data if len(later) else sure, floc=0)
    return shape, scale


def _quantiles(function: Any, most: float) -> tuple[float, ...]:
    """Read a distribution function at evenly spaced shares; what it does not reach is taken as the largest value."""
    shares = np.linspace(0, 1, QUANTILES)
    rows = np.searchsorted(function.probabilities, shares - 1e-12)
    padded = np.append(function.quantiles, most)
    found = np.maximum.accumulate(padded[np.minimum(rows, len(padded) - 1)])
    return tuple(np.maximum(np.round(found - _HALF, 1), 0).tolist())
