"""What drives a month: each driver moved alone, and, where asked for, its share in everything moved at once.

A driver multiplies something of the traffic or of the settings. The month is replayed and priced at each value, so that
timeouts, tiers, allowances and plans act as they would.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np

from scfcost.analysis.estimate.estimate import TraceEstimate
from scfcost.analysis.estimate.lead import shortfalls
from scfcost.analysis.evaluate import compare_setting
from scfcost.analysis.known import Unknown
from scfcost.billing.pricing import price
from scfcost.config.function import FunctionConfig
from scfcost.core.errors import ConfigError
from scfcost.core.money import plain, round_ratio
from scfcost.core.units import FOREVER_MS, ms_to_seconds
from scfcost.report import html
from scfcost.trace.assumption import point
from scfcost.trace.model import UNKNOWN, Int64, Trace

SCHEMA = "scfcost.sensitivity/1"
"""Name and version of the JSON document."""
ARRIVALS, LIVES, SIZES = "arrival rate", "session length and gaps", "message sizes"
TRAFFIC = (ARRIVALS, LIVES, SIZES)
"""Drivers of the traffic; those of the settings are named as in `_SETTINGS`."""
_SETTINGS = {
    "memory": "memory_mb",
    "idle timeout": "idle_timeout_s",
    "execution timeout": "exec_timeout_s",
    "heartbeat": "heartbeat_s",
    "reconnect delay": "reconnect_delay_s",
}
"""Drivers of the settings, and the field of FunctionConfig that each multiplies."""
_DIGITS = 6
"""Decimals of a factor that is drawn, so that it is a short ratio. [1]"""


@dataclass(frozen=True, slots=True)
class Driver:
    """One driver: the month with it smaller and larger, all else as estimated."""

    name: str
    low: Decimal
    """The month with the driver at 1 − by. [currency]"""
    high: Decimal
    """The month with the driver at 1 + by. [currency]"""
    total_order: float | None = None
    """Share of the variance that goes away where only this driver is known, interactions included; None unasked."""

    @property
    def swing(self) -> Decimal:
        """How far apart the two months are. [currency]"""
        return abs(self.high - self.low)


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """The drivers of a month, the strongest first. Made by `sensitivity`."""

    currency: str
    point: Decimal
    by: Fraction
    drivers: tuple[Driver, ...]
    not_known: tuple[Unknown, ...] = ()
    """What the input does not tell, so that the month is a point or the known part."""
    shortfalls: tuple[str, ...] = ()
    """What keeps the settings from delivering."""

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON document, decimals as strings."""
        return {
            "schema": SCHEMA,
            "currency": self.currency,
            "monthly": plain(self.point),
            "by": str(float(self.by)),
            "drivers": [
                {
                    "name": one.name,
                    "low": plain(one.low),
                    "high": plain(one.high),
                    "swing": plain(one.swing),
                    "total_order": one.total_order,
                }
                for one in self.drivers
            ],
            "shortfalls": list(self.shortfalls),
            "not_known": [one.to_dict() for one in self.not_known],
        }

    def _repr_html_(self) -> str:
        return html.sensitivity(self.to_dict())


def sensitivity(
    found: TraceEstimate, *, by: Fraction = Fraction(1, 5), total_order: int = 0, seed: int = 0
) -> Sensitivity:
    """Move each driver of a month down and up.

    Parameters
    ----------
    found : TraceEstimate
        The estimate of a trace; the point of one without message rows.
    by : Fraction
        How far each driver is moved, as a part of its value. [1]
    total_order : int
        Base samples of the total-order indices, a power of 2; the month is replayed (drivers + 2) times as often.
        0 leaves them out. [1]
    seed : int
        The same seed gives the same indices.

    Returns
    -------
    Sensitivity
        Drivers by their swing, the strongest first.

    Raises
    ------
    ConfigError
        If there is no month, `by` is not between 0 and 1, or the samples are no power of 2.
    """
    if found.monthly is None:
        raise ConfigError("the window is 0 ms long, so there is no month whose drivers could be told")
    if not 0 < by < 1:
        raise ConfigError(f"by: {float(by):g} is not between 0 and 1, such as 0.2 or 20%")
    names = drivers_of(found)
    indices = _total_order(found, names, by, total_order, seed) if total_order else {}
    drivers = [
        Driver(name, month(found, {name: 1 - by}), month(found, {name: 1 + by}), indices.get(name)) for name in names
    ]
    drivers.sort(key=lambda one: one.swing, reverse=True)
    month_now = found.monthly
    return Sensitivity(
        month_now.currency, month_now.total, by, tuple(drivers), found.not_known, shortfalls=shortfalls(found)
    )


def drivers_of(found: TraceEstimate) -> list[str]:
    """Name the drivers that mean something to an estimate."""
    configs = list(found.functions.values())
    means = {
        "idle timeout": found.knows_silences and any(config.function_type == "web-ws" for config in configs),
        "heartbeat": any(config.heartbeat_s is not None for config in configs),
        "reconnect delay": any(config.reconnect_policy == "immediate" for config in configs),
    }
    return [*TRAFFIC, *(name for name in _SETTINGS if means.get(name, True))]


def month(found: TraceEstimate, factors: Mapping[str, Fraction]) -> Decimal:
    """Price the month with some drivers multiplied.

    Parameters
    ----------
    found : TraceEstimate
        An estimate with a month.
    factors : mapping of str to Fraction
        What each driver is multiplied by; 1 where it is not named. [1]

    Returns
    -------
    Decimal
        Total of the month. [currency]
    """
    configs = {name: _changed(config, factors) for name, config in found.functions.items()}
    trace = _stretched(found.trace, factors.get(LIVES, Fraction(1)), factors.get(SIZES, Fraction(1)))
    usage = compare_setting(point(trace, configs), configs, found.terms, found.platform).usage
    scale = Fraction(found.factor or 0) * factors.get(ARRIVALS, Fraction(1))
    return price(usage.project(scale.numerator, scale.denominator), found.terms, with_plan=True).total


def _changed(config: FunctionConfig, factors: Mapping[str, Fraction]) -> FunctionConfig:
    changes: dict[str, Any] = {}
    for name, field in _SETTINGS.items():
        factor, value = factors.get(name, Fraction(1)), getattr(config, field)
        if value is None or factor == 1:
            continue
        if field == "memory_mb":
            changes[field] = max(round_ratio(value, factor.numerator, factor.denominator), 1)
        else:
            whole_ms = getattr(config, field.removesuffix("_s") + "_ms")
            changes[field] = ms_to_seconds(max(round_ratio(whole_ms, factor.numerator, factor.denominator), 1))
    return config.replace(**changes)


def _stretched(trace: Trace, lives: Fraction, sizes: Fraction) -> Trace:
    """Multiply the time since each connect, and the bytes; the window grows where sessions leave it."""
    changes: dict[str, Any] = {}
    if sizes != 1:
        changes["message_bytes"] = _multiplied(trace.message_bytes, sizes)
        if trace.total_bytes_out is not None:
            changes["total_bytes_out"] = _multiplied(trace.total_bytes_out, sizes)
    if lives != 1:
        changes |= _stretched_times(trace, lives)
    return trace.replace(**changes)


def _stretched_times(trace: Trace, lives: Fraction) -> dict[str, Any]:
    def moved(instants: Int64, connects: Int64) -> Int64:
        later = connects + (instants - connects) * lives.numerator // lives.denominator
        return np.where((instants >= FOREVER_MS) | (instants == UNKNOWN), instants, later)

    connects = trace.connect_ms
    close = moved(trace.natural_end_ms(), connects)  # one still open lives on as long as was seen, stretched
    messages = moved(trace.message_ms, np.repeat(connects, np.diff(trace.offsets)))
    changes = {
        "close_ms": close,
        "message_ms": messages,
        "client_lost_ms": moved(trace.client_lost_ms, connects),
        "end_ms": int(max(trace.end_ms, close.max(initial=0), messages.max(initial=0))),
    }
    if trace.last_activity_ms is not None:
        changes["last_activity_ms"] = moved(trace.last_activity_ms, connects)
    if trace.max_idle_ms is not None:
        changes["max_idle_ms"] = _multiplied(trace.max_idle_ms, lives)
    return changes


def _multiplied(column: Int64, factor: Fraction) -> Int64:
    """Multiply what is known of a column, floored to whole units."""
    return np.where(column == UNKNOWN, column, column * factor.numerator // factor.denominator)


def _total_order(found: TraceEstimate, names: Sequence[str], by: Fraction, samples: int, seed: int) -> dict[str, float]:
    """Draw all drivers at once, evenly within their ranges, and split the variance of the month among them.

    References
    ----------
    A. Saltelli et al., Variance based sensitivity analysis of model output, Computer Physics Communications 181 (2010).
    """
    if samples & (samples - 1) or samples < 2:
        raise ConfigError(f"total_order: {samples} is not a power of 2, such as 32")
    try:
        from SALib.analyze import sobol as analysis
        from SALib.sample import sobol as sampling
    except ImportError:
        text = "total-order indices need SALib: pip install 'scfcost[sensitivity]'"
        raise ConfigError(text) from None
    bounds = [[float(1 - by), float(1 + by)]] * len(names)
    problem = {"num_vars": len(names), "names": list(names), "bounds": bounds}
    points = sampling.sample(problem, samples, calc_second_order=False, seed=seed)
    months = [
        float(month(found, {name: _short(value) for name, value in zip(names, point, strict=True)}))
        for point in points.tolist()
    ]
    if min(months) == max(months):
        return dict.fromkeys(names, 0.0)
    spread = np.array(months) - np.mean(months)
    result = analysis.analyze(problem, spread, calc_second_order=False, seed=seed)
    return {name: round(max(float(index), 0.0), 3) for name, index in zip(names, result["ST"], strict=True)}


def _short(value: float) -> Fraction:
    return Fraction(str(round(value, _DIGITS)))
