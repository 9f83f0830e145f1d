"""Distributions as a scenario states them, drawn with numpy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from scfcost.core.errors import nearest
from scfcost.workload.families import FAMILIES, parameters, standard

Floats = NDArray[np.float64]
Unit = Callable[[object], float]
_GRID = (np.arange(4_096) + 0.5) / 4_096
"""Probabilities at which a distribution without a closed form is averaged. [1]"""


class Distribution(Protocol):
    """Something that is drawn: times in ms, sizes in bytes, or plain numbers."""

    def draw(self, rng: np.random.Generator, n: int) -> Floats:
        """Draw n values.

        Parameters
        ----------
        rng : Generator
            Draws.
        n : int
            How many. [1]
        """
        ...

    def draw_biased(self, rng: np.random.Generator, n: int) -> Floats:
        """Draw n values with a density that is multiplied by their size; the mean has to be finite.

        So long is what is met under way at a moment: a time twice as long is met twice as often.

        Parameters
        ----------
        rng : Generator
            Draws.
        n : int
            How many. [1]
        """
        ...

    def mean(self) -> float:
        """Return the expectation, infinite where there is none."""
        ...

    def quantiles(self, probabilities: Floats) -> Floats:
        """Return the values below which these shares lie."""
        ...


@dataclass(frozen=True, slots=True)
class Parametric:
    """A member of a family of `FAMILIES`."""

    family: str
    shape: float
    scale: float

    def draw(self, rng: np.random.Generator, n: int) -> Floats:
        """Draw n values."""
        drawn: Floats = FAMILIES[self.family].draw(rng, self.shape, n) * self.scale
        return drawn

    def draw_biased(self, rng: np.random.Generator, n: int) -> Floats:
        """Draw n values with a density that is multiplied by their size."""
        drawn: Floats = FAMILIES[self.family].draw_biased(rng, self.shape, n) * self.scale
        return drawn

    def mean(self) -> float:
        """Return the expectation."""
        return float(standard(self.family, self.shape).mean()) * self.scale

    def quantiles(self, probabilities: Floats) -> Floats:
        """Return the values below which these shares lie."""
        return np.asarray(standard(self.family, self.shape).ppf(probabilities), np.float64) * self.scale


@dataclass(frozen=True, slots=True)
class Empirical:
    """What was seen: between neighbours of an ascending table of quantiles, every value is equally likely."""

    table: tuple[float, ...]
    """Quantiles at evenly spaced probabilities from 0 to 1."""

    def draw(self, rng: np.random.Generator, n: int) -> Floats:
        """Draw n values."""
        return self.quantiles(rng.random(n))

    def draw_biased(self, rng: np.random.Generator, n: int) -> Floats:
        """Draw n values with a density that is multiplied by their size."""
        if len(self.table) == 1:
            return np.full(n, self.table[0])
        low, high = np.array(self.table[:-1]), np.array(self.table[1:])
        which = rng.choice(len(low), n, p=(low + high) / (low + high).sum())
        drawn: Floats = np.sqrt(low[which] ** 2 + rng.random(n) * (high[which] ** 2 - low[which] ** 2))
        return drawn

    def mean(self) -> float:
        """Return the expectation."""
        if len(self.table) == 1:
            return self.table[0]
        return float(np.trapezoid(self.table, dx=1 / (len(self.table) - 1)))

    def quantiles(self, probabilities: Floats) -> Floats:
        """Return the values below which these shares lie."""
        return np.interp(probabilities, np.linspace(0, 1, len(self.table)), self.table)


@dataclass(frozen=True, slots=True)
class Mixture:
    """One of several distributions, each with its share."""

    shares: tuple[float, ...]
    parts: tuple[Distribution, ...]

    def draw(self, rng: np.random.Generator, n: int) -> Floats:
        """Draw n values."""
        which = rng.choice(len(self.parts), n, p=self.shares)
        drawn = np.empty(n)
        for number, part in enumerate(self.parts):
            own = which == number
            drawn[own] = part.draw(rng, int(own.sum()))
        return drawn

    def draw_biased(self, rng: np.random.Generator, n: int) -> Floats:
        """Draw n values with a density that is multiplied by their size."""
        means = np.array([share * part.mean() for share, part in zip(self.shares, self.parts, strict=True)])
        which = rng.choice(len(self.parts), n, p=means / means.sum())
        drawn = np.empty(n)
        for number, part in enumerate(self.parts):
            own = which == number
            drawn[own] = part.draw_biased(rng, int(own.sum()))
        return drawn

    def mean(self) -> float:
        """Return the expectation."""
        return sum(share * part.mean() for share, part in zip(self.shares, self.parts, strict=True))

    def quantiles(self, probabilities: Floats) -> Floats:
        """Return the values below which these shares lie, from a grid of each part."""
        values = np.concatenate([part.quantiles(_GRID) for part in self.parts])
        weights = np.concatenate([np.full(len(_GRID), share / len(_GRID)) for share in self.shares])
        order = np.argsort(values)
        reached = np.cumsum(weights[order]) - weights[order] / 2
        return np.asarray(np.interp(probabilities, reached, values[order]), np.float64)


@dataclass(frozen=True, slots=True)
class Clipped:
    """Another distribution, whose values beyond a bound are at the bound."""

    inner: Distribution
    at_least: float
    at_most: float

    def draw(self, rng: np.random.Generator, n: int) -> Floats:
        """Draw n values."""
        return np.clip(self.inner.draw(rng, n), self.at_least, self.at_most)

    def draw_biased(self, rng: np.random.Generator, n: int) -> Floats:
        """Draw n values with a density that is multiplied by their size.

        What is at most `at_least + min(x, at_most)` is proposed with that density, and kept by what it is of it.
        """
        capped = Clipped(self.inner, 0.0, self.at_most)
        plain = self.at_least / (self.at_least + capped.mean())

        def proposed(count: int) -> tuple[Floats, Floats]:
            bare = rng.random(count) < plain
            values = np.empty(count)
            values[bare] = capped.draw(rng, int(bare.sum()))
            values[~bare] = capped._capped_biased(rng, count - int(bare.sum()))
            kept = np.maximum(values, self.at_least)
            return kept, kept / (self.at_least + values)

        return _accepted(rng, n, proposed)

    def _capped_biased(self, rng: np.random.Generator, n: int) -> Floats:
        """Draw min(x, at_most) with a density that is multiplied by its size."""
        if n == 0:
            return np.zeros(0)
        if not np.isfinite(self.at_most):
            return self.inner.draw_biased(rng, n)
        has_mean = np.isfinite(self.inner.mean())

        def proposed(count: int) -> tuple[Floats, Floats]:
            values = self.inner.draw_biased(rng, count) if has_mean else self.inner.draw(rng, count)
            kept = np.minimum(values, self.at_most)
            return kept, kept / (values if has_mean else self.at_most)

        return _accepted(rng, n, proposed)

    def mean(self) -> float:
        """Return the expectation."""
        return float(self.quantiles(_GRID).mean())

    def quantiles(self, probabilities: Floats) -> Floats:
        """Return the values below which these shares lie."""
        return np.clip(self.inner.quantiles(probabilities), self.at_least, self.at_most)


def _accepted(rng: np.random.Generator, n: int, proposed: Callable[[int], tuple[Floats, Floats]]) -> Floats:
    """Draw until n proposals are accepted, each by a probability of its own."""
    found: list[Floats] = [np.zeros(0)]
    missing = n
    while missing > 0:
        values, chances = proposed(2 * missing + 16)
        found.append(values[rng.random(len(values)) < chances])
        missing = n - sum(map(len, found))
    return np.concatenate(found)[:n]


def rest_of(distribution: Distribution, rng: np.random.Generator, n: int) -> Floats:
    """Draw what is left of n things that are met under way at a moment: their residual.

    Parameters
    ----------
    distribution : Distribution
        How long they are in all; its mean is finite.
    rng : Generator
        Draws.
    n : int
        How many. [1]

    Returns
    -------
    ndarray of float64, shape (n,)
        The rest of each, of mean E[x²] / 2 E[x], in the unit of the distribution.
    """
    return distribution.draw_biased(rng, n) * rng.random(n)


def constant(value: float) -> Empirical:
    """Return a distribution of one value."""
    return Empirical((value,))


def read_distribution(value: Any, unit: Unit) -> Distribution:
    """Read a distribution: a single value, or a table that names its family.

    Parameters
    ----------
    value : object
        Such as `20`, `"5m"`, `{family = "lognormal", median = "5m", p90 = "40m"}`, `{family = "uniform", low = 1,
        high = 3}`, `{family = "empirical", quantiles = [1, 2, 9]}` or `{family = "mixture", parts = [...]}` whose
        parts each have a `share`; `at_least` and `at_most` bound any of them.
    unit : callable
        Reads a value with its unit.

    Raises
    ------
    ValueError
        If it is none; the message says what is expected.

    Examples
    --------
    >>> from scfcost.workload.quantities import read_duration_ms
    >>> round(read_distribution({"family": "exponential", "median": "1m"}, read_duration_ms).mean())
    86562
    """
    if not isinstance(value, Mapping):
        return constant(unit(value))
    said = dict(value)
    bounds = {name: unit(said.pop(name)) for name in ("at_least", "at_most") if name in said}
    inner = _of_family(said, unit)
    if not bounds:
        return inner
    low, high = bounds.get("at_least", 0.0), bounds.get("at_most", float("inf"))
    if low > high:
        raise ValueError("at_least is more than at_most")
    return Clipped(inner, low, high)


def _of_family(said: dict[str, Any], unit: Unit) -> Distribution:
    family = said.pop("family", None)
    readers: dict[str, Callable[[dict[str, Any], Unit], Distribution]] = {
        "constant": _constant, "uniform": _uniform, "empirical": _empirical, "mixture": _mixture,
    }  # fmt: skip
    if family in FAMILIES:
        return Parametric(family, *parameters(family, said, unit))
    if family is None:
        raise ValueError(f"a table needs a family; {nearest('', (*FAMILIES, *readers))}")
    if family not in readers:
        known = (*FAMILIES, *readers)
        raise ValueError(f"family {family!r} is not known; {nearest(str(family), known)}")
    return readers[family](said, unit)


def _only(said: Mapping[str, Any], family: str, *names: str) -> None:
    if set(said) != set(names):
        raise ValueError(f"{family} needs {' and '.join(names)}; found {', '.join(said) or 'nothing'}")


def _constant(said: dict[str, Any], unit: Unit) -> Distribution:
    _only(said, "constant", "value")
    return constant(unit(said["value"]))


def _uniform(said: dict[str, Any], unit: Unit) -> Distribution:
    _only(said, "uniform", "low", "high")
    low, high = unit(said["low"]), unit(said["high"])
    if low > high:
        raise ValueError("low is more than high")
    return Empirical((low, high))


def _empirical(said: dict[str, Any], unit: Unit) -> Distribution:
    _only(said, "empirical", "quantiles")
    table = said["quantiles"]
    values = tuple(unit(one) for one in table) if isinstance(table, list) else ()
    if not values or list(values) != sorted(values):
        raise ValueError("quantiles: expected an ascending list of values, from the least to the most")
    return Empirical(values)


def _mixture(said: dict[str, Any], unit: Unit) -> Distribution:
    _only(said, "mixture", "parts")
    parts = said["parts"]
    tables = parts if isinstance(parts, list) and parts else [None]
    if not all(isinstance(one, Mapping) and "share" in one for one in tables):
        raise ValueError("parts: expected a list of distributions, each with a share")
    shares = np.array([float(one["share"]) for one in parts])
    if (shares < 0).any() or not shares.sum() > 0:
        raise ValueError("parts: a share is a number of 0 or more, and one of them is more than 0")
    inner = [read_distribution({k: v for k, v in one.items() if k != "share"}, unit) for one in parts]
    return Mixture(tuple((shares / shares.sum()).tolist()), tuple(inner))
