"""Families of distributions that a scale and at most one shape decide, and how what people know of one finds both.

Every family here is scale × a standard variate, so the ratio of any two of its statistics (mean, median, percentiles)
depends on the shape alone: the shape is where that ratio is met, and the scale follows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from math import exp, isfinite
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from scfcost.core.errors import nearest

Draw = Callable[[np.random.Generator, float, int], NDArray[np.float64]]
_PERCENTILE = re.compile(r"p(\d{1,2}(?:\.\d+)?)")
_SHAPES = np.geomspace(0.02, 60, 120)
"""Shapes among which one is looked for; beyond them a distribution is a constant, or all tail. [1]"""


class Family(NamedTuple):
    """A family of distributions."""

    scipy_name: str
    shape: str | None
    """What its shape is called; None where it has none."""
    draw: Draw
    """Draws standard variates, of scale 1."""
    draw_biased: Draw
    """Draws them with a density that is multiplied by their size."""


FAMILIES: dict[str, Family] = {
    "exponential": Family(
        "expon", None, lambda rng, _, n: rng.standard_exponential(n), lambda rng, _, n: rng.standard_gamma(2.0, n)
    ),
    "lognormal": Family(
        "lognorm",
        "sigma",
        lambda rng, shape, n: rng.lognormal(0.0, shape, n),
        lambda rng, shape, n: rng.lognormal(shape**2, shape, n),
    ),
    "weibull": Family(
        "weibull_min",
        "shape",
        lambda rng, shape, n: rng.weibull(shape, n),
        lambda rng, shape, n: rng.standard_gamma(1.0 + 1.0 / shape, n) ** (1.0 / shape),
    ),
    "gamma": Family(
        "gamma",
        "shape",
        lambda rng, shape, n: rng.standard_gamma(shape, n),
        lambda rng, shape, n: rng.standard_gamma(shape + 1.0, n),
    ),
    "pareto": Family(
        "pareto",
        "shape",
        lambda rng, shape, n: rng.pareto(shape, n) + 1.0,
        lambda rng, shape, n: rng.pareto(shape - 1.0, n) + 1.0,  # only where there is a mean
    ),
}
"""The families, by the field's names; pareto's scale is its minimum."""


def standard(family: str, shape: float) -> Any:
    """Return scipy's distribution of a family, with scale 1.

    Parameters
    ----------
    family : str
        One of `FAMILIES`.
    shape : float
        Its shape; of no meaning where it has none. [1]
    """
    from scipy import stats

    made = getattr(stats, FAMILIES[family].scipy_name)
    return made() if FAMILIES[family].shape is None else made(shape)


def parameters(family: str, said: Mapping[str, Any], unit: Callable[[object], float]) -> tuple[float, float]:
    """Find shape and scale from what is said of a distribution.

    Parameters
    ----------
    family : str
        One of `FAMILIES`.
    said : mapping of str
        One statement for a family without shape, else two: its shape (`sigma` of lognormal, `shape` of the others),
        its scale (`scale`; `mu` of lognormal), `mean`, `median`, or a percentile such as `p90`.
    unit : callable
        Reads a value with its unit.

    Returns
    -------
    shape, scale : float
        The shape is 1 where the family has none.

    Raises
    ------
    ValueError
        If a statement is not known, there are too few or too many, or no member of the family fits them.
    """
    own = FAMILIES[family].shape
    stated = {name: _statement(family, name, value, unit) for name, value in said.items()}
    shape = stated.pop(own, None) if own else 1.0
    wanted = 1 if shape is not None else 2
    if len(stated) != wanted:
        examples = f"median and p90, or mean and {own}" if own else "mean"
        raise ValueError(f"{family} needs {examples}; found {', '.join(said) or 'nothing'}")
    if shape is None:
        shape = _fitting_shape(family, stated)
    name, value = next(iter(stated.items()))
    return shape, value / _statistic(family, name, shape)


def _statement(family: str, name: str, value: Any, unit: Callable[[object], float]) -> float:
    if name == FAMILIES[family].shape:
        number = float(value) if isinstance(value, int | float) else -1.0
        if not 0 < number < float("inf"):
            raise ValueError(f"{name}: {value!r} is not a number above 0")
        return number
    if name == "mu" and family == "lognormal":
        return unit(exp(float(value)))
    known = ("mean", "median", "scale", "p90", *((FAMILIES[family].shape,) if FAMILIES[family].shape else ()))
    match = _PERCENTILE.fullmatch(name)
    if name not in known and not (match and float(match[1]) > 0):
        raise ValueError(f"unknown key {name!r} of {family}; {nearest(name, known)}")
    number = unit(value)
    if number <= 0:
        raise ValueError(f"{name}: {value!r} is not more than 0")
    return number


def _statistic(family: str, name: str, shape: float) -> float:
    """Return a statistic of a family's member of scale 1."""
    if name in ("scale", "mu"):
        return 1.0
    made = standard(family, shape)
    if name == "mean":
        mean = float(made.mean())
        if not isfinite(mean):
            raise ValueError(f"a {family} of shape {shape:g} has no finite mean")
        return mean
    return float(made.ppf(0.5 if name == "median" else float(name[1:]) / 100))


def _fitting_shape(family: str, stated: Mapping[str, float]) -> float:
    """Return the shape with which two statistics stand in the ratio that is stated."""
    from scipy.optimize import brentq

    (first, low), (second, high) = stated.items()

    def miss(shape: float) -> float:
        return float(np.log(_ratio(family, first, second, shape)) - np.log(low / high))

    with np.errstate(all="ignore"):
        misses = np.array([miss(shape) for shape in _SHAPES])
        usable = np.isfinite(misses)
        shapes, misses = _SHAPES[usable], misses[usable]
        turns = np.flatnonzero(np.sign(misses[:-1]) * np.sign(misses[1:]) <= 0)
        if len(turns) == 0:
            raise ValueError(f"no {family} has this {first} and this {second}")
        return float(brentq(miss, shapes[turns[0]], shapes[turns[0] + 1]))


def _ratio(family: str, first: str, second: str, shape: float) -> float:
    try:
        return _statistic(family, first, shape) / _statistic(family, second, shape)
    except ValueError:
        return float("nan")
