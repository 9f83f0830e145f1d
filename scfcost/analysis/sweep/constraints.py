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
from scfcost.core.units import MS_PER_HOUR
from scfcost.trace.model import CONTROL, Trace

WORDS = {
    "max_harmful_cuts": "harmful cuts per session",
    "max_reconnects": "reconnects per session-hour",
    "max_lost": "share of messages lost",
    "max_missed": "share of pushes missed",
    "budget": "cost of the month",
}
"""What a constraint limits, in words."""
COLUMN = {
    "max_harmful_cuts": "cut_harmful",
    "max_reconnects": "reconnects",
    "max_lost": "messages_lost",
    "max_missed": "pushes_missed",
}
"""The column of a sweep that a constraint limits."""


@dataclass(frozen=True, slots=True)
class Constraints:
    """What the user can bear; None where it does not matter."""

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

    def stated(self) -> list[str]:
        """Return the names of the constraints that were given."""
        return [one.name for one in fields(self) if getattr(self, one.name) is not None]


def rates(row: Mapping[str, Any], trace: Trace) -> dict[str, Fraction]:
    """Return what a row means to people: harmful cuts a session, reconnects an hour, messages lost and missed."""
    hours = Fraction(int(trace.natural_ms().sum()), MS_PER_HOUR)
    messages = max(int((trace.message_flags & CONTROL == 0).sum()), 1)
    return {
        "max_harmful_cuts": Fraction(int(row["cut_harmful"]), max(trace.connections, 1)),
        "max_reconnects": Fraction(int(row["reconnects"])) / hours if hours else Fraction(0),
        "max_lost": Fraction(int(row["messages_lost"]), messages),
        "max_missed": Fraction(int(row["pushes_missed"]), messages),
    }


def broken(row: Mapping[str, Any], trace: Trace, constraints: Constraints) -> list[str]:
    """Describe each constraint that a row breaks."""
    found = []
    for name, value in rates(row, trace).items():
        limit = getattr(constraints, name)
        if limit is not None and value > limit:
            found.append(f"{WORDS[name]} {shown(name, value)} is more than {shown(name, limit)}")
    month = row["monthly_amount"]
    if constraints.budget is not None and month is not None and month > constraints.budget:
        found.append(f"the month's {month} is more than the budget of {constraints.budget}")
    return found


def shown(name: str, value: Fraction | Decimal) -> str:
    """Show a rate or an amount in the unit of its constraint."""
    if name == "max_reconnects":
        return f"{float(value):.2f}/h"
    return str(value) if name == "budget" else f"{float(value):.2%}"


def meets(result: SweepResult, trace: Trace, constraints: Constraints) -> NDArray[np.bool_]:
    """Whether each row keeps to every constraint, compared as exact ratios."""
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
