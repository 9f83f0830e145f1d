"""What a user can bear, and whether a setting keeps to it: harm as exact ratios, cost as Decimal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scfcost.analysis.sweep.sweep import SweepResult, cost_column
from scfcost.config.limits import amount, rate
from scfcost.core.money import round_fraction
from scfcost.core.units import MS_PER_HOUR
from scfcost.trace.model import CONTROL, Trace

WORDS = {
    "max_harmful_cuts": "cuts that people notice per session",
    "max_reconnects": "reconnects per session-hour",
    "max_lost": "share of messages lost",
    "max_missed": "share of pushes missed",
    "budget": "cost of the month",
    "worst_case": "most that a month can cost",
}
"""What a constraint limits, in words."""
COLUMN = {
    "max_harmful_cuts": "cut_harmful",
    "max_reconnects": "reconnects",
    "max_lost": "messages_lost",
    "max_missed": "pushes_missed",
}
"""The column of a sweep that a constraint limits."""

_MOST_DECIMALS = 4
"""Decimals of a rate that are shown at most: what is not nothing is not to read so. [1]"""


Rate = Fraction | str | int | float | None
"""A rate as Python gives it: exactly, or such as "1%" or 0.01."""


@dataclass(frozen=True, slots=True, init=False, repr=False)
class Constraints:
    """What the user can bear; None where it does not matter.

    Examples
    --------
    >>> Constraints("1%", budget=500).max_harmful_cuts
    Fraction(1, 100)
    """

    max_harmful_cuts: Fraction | None = None
    """Harmful cuts / sessions."""
    max_reconnects: Fraction | None = None
    """Reconnects / hour of natural session life."""
    max_lost: Fraction | None = None
    """Messages lost / messages of the trace."""
    max_missed: Fraction | None = None
    """Pushes missed / messages of the trace."""
    budget: Decimal | None = None
    """Cost of a month. [currency]"""

    def __init__(
        self,
        max_harmful_cuts: Rate = None,
        max_reconnects: Rate = None,
        max_lost: Rate = None,
        max_missed: Rate = None,
        budget: Decimal | str | int | None = None,
    ) -> None:
        for name, value in (
            ("max_harmful_cuts", rate(max_harmful_cuts, "max_harmful_cuts")),
            ("max_reconnects", rate(max_reconnects, "max_reconnects", unit="/h")),
            ("max_lost", rate(max_lost, "max_lost")),
            ("max_missed", rate(max_missed, "max_missed")),
            ("budget", amount(budget, "budget")),
        ):
            object.__setattr__(self, name, value)

    def __repr__(self) -> str:
        return f"Constraints({', '.join(f'{name}={str(getattr(self, name))!r}' for name in self.stated())})"

    def stated(self) -> list[str]:
        """Return the names of the constraints that were given."""
        return [one.name for one in fields(self) if getattr(self, one.name) is not None]


def rates(row: Mapping[str, Any], trace: Trace) -> dict[str, Fraction]:
    """Return what a row means to people: harmful cuts a session, reconnects an hour, messages lost and missed.

    Parameters
    ----------
    row : mapping
        A row of a sweep.
    trace : Trace
        n connections.
    """
    hours = Fraction(int(trace.natural_ms().sum()), MS_PER_HOUR)
    messages = max(int((trace.message_flags & CONTROL == 0).sum()), 1)
    return {
        "max_harmful_cuts": Fraction(int(row["cut_harmful"]), max(trace.connections, 1)),
        "max_reconnects": Fraction(int(row["reconnects"])) / hours if hours else Fraction(0),
        "max_lost": Fraction(int(row["messages_lost"]), messages),
        "max_missed": Fraction(int(row["pushes_missed"]), messages),
    }


def broken(row: Mapping[str, Any], trace: Trace, constraints: Constraints) -> list[str]:
    """Describe each constraint that a row breaks.

    Parameters
    ----------
    row : mapping
        A row of a sweep.
    trace : Trace
        n connections.
    constraints : Constraints
        The limits.
    """
    found = []
    for name, value in rates(row, trace).items():
        limit = getattr(constraints, name)
        if limit is not None and value > limit:
            found.append(f"{WORDS[name]} {shown(name, value)} is more than {shown(name, limit)}")
    month = row["monthly_amount"]
    if constraints.budget is not None and month is not None and month > constraints.budget:
        found.append(f"the month's {month:,} is more than the budget of {constraints.budget:,}")
    return found


def shown(name: str, value: Fraction | Decimal) -> str:
    """Show a rate or an amount in the unit of its constraint.

    Parameters
    ----------
    name : str
        Name of the limit.
    value : Fraction or Decimal
        A share, a rate an hour, or an amount.

    Examples
    --------
    >>> shown("max_lost", Fraction(1, 20)), shown("max_lost", Fraction(3, 100_000))
    ('5.00%', '0.003%')
    """
    if name in ("budget", "worst_case"):
        return str(value)
    rate = name == "max_reconnects"
    exact = Fraction(value) if rate else Fraction(value) * 100
    places = 2
    while exact and not round_fraction(exact, places) and places < _MOST_DECIMALS:
        places += 1
    return f"{round_fraction(exact, places):f}{'/h' if rate else '%'}"


def meets(result: SweepResult, trace: Trace, constraints: Constraints) -> NDArray[np.bool_]:
    """Whether each row keeps to every constraint, compared as exact ratios.

    Parameters
    ----------
    result : SweepResult
        k settings of the trace.
    trace : Trace
        n connections.
    constraints : Constraints
        The limits.
    """
    frame = result.frame
    kept = np.ones(len(frame), np.bool_)
    unit = rates({"cut_harmful": 1, "reconnects": 1, "messages_lost": 1, "pushes_missed": 1}, trace)
    for name, column in COLUMN.items():
        limit = getattr(constraints, name)
        if limit is not None and unit[name]:
            most = int(limit / unit[name])
            kept &= frame[column].to_numpy() <= most
    if constraints.budget is not None:
        kept &= (frame[cost_column(frame)] <= constraints.budget).to_numpy(dtype=np.bool_)
    return kept


def nearest_place(result: SweepResult, trace: Trace, constraints: Constraints, allowed: NDArray[np.bool_]) -> int:
    """Return the row that goes least beyond the limit that it breaks most, the cheapest of equals.

    Parameters
    ----------
    result : SweepResult
        k settings of the trace.
    trace : Trace
        What the limits relate to.
    constraints : Constraints
        The limits.
    allowed : ndarray of bool, shape (k,)
        Which rows count; at least one.
    """
    rows: list[Any] = result.frame.to_dict("records")
    cost = cost_column(result.frame)

    def beyond(place: int) -> tuple[Fraction, Decimal]:
        reached: dict[str, Any] = {**rates(rows[place], trace), "budget": rows[place][cost]}
        over = [_over(Fraction(reached[name]), Fraction(getattr(constraints, name))) for name in constraints.stated()]
        return max(over, default=Fraction(0)), rows[place][cost]

    return min(np.flatnonzero(allowed).tolist(), key=beyond)


def _over(value: Fraction, limit: Fraction) -> Fraction:
    """Return how far a value goes beyond a limit, in parts of it; from nothing on, a thousandth counts as a part."""
    return max(value - limit, Fraction(0)) / (limit or Fraction(1, 1_000))


def binding(result: SweepResult, trace: Trace, constraints: Constraints, allowed: NDArray[np.bool_]) -> list[str]:
    """Say how near one can get to each limit alone; parameters as in `nearest_place`.

    Parameters
    ----------
    result : SweepResult
        k settings of the trace.
    trace : Trace
        n connections.
    constraints : Constraints
        The limits.
    allowed : ndarray of bool, shape (k,)
        Which settings may be chosen.
    """
    rows: list[Any] = result.frame.to_dict("records")
    cost, places = cost_column(result.frame), np.flatnonzero(allowed).tolist()
    found = []
    for name in constraints.stated():
        column = COLUMN.get(name) or cost
        best: dict[str, Any] = rows[min(places, key=lambda k: (rows[k][column], rows[k][cost]))]
        reached = best[column] if name == "budget" else rates(best, trace)[name]
        setting = f"execution timeout {best['exec_timeout_s']:g} s"
        if result.function_type == "web-ws":
            setting = f"idle timeout {best['idle_timeout_s']:g} s, {setting}"
        limit = getattr(constraints, name)
        verdict = "cannot be met" if reached > limit else "can be met alone"
        found.append(
            f"{WORDS[name]} of at most {_told(name, limit)} {verdict}: the least is {_told(name, reached)}, "
            f"at {setting}, for {best[cost]:,} a month"
        )
    return found


def _told(name: str, value: Any) -> str:
    """Show a rate or an amount in a sentence, thousands separated."""
    return f"{value:,}" if name == "budget" else shown(name, value)
