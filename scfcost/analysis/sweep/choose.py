"""Three settings of a sweep: the cheapest, the safest, and the one between them; money and harm as exact ratios."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scfcost.analysis.sweep.sweep import SweepResult, cost_column
from scfcost.core.errors import ConfigError, nearest
from scfcost.core.money import round_fraction
from scfcost.core.units import MS_PER_HOUR
from scfcost.lifecycle.outcomes import MOST_UNDELIVERED
from scfcost.trace.model import CONTROL, Trace

STRATEGIES = ("cheapest", "balanced", "safest")
"""What is put forward."""
WORTH = Decimal(2)
"""Times the money that a tenth of the harm is worth, where nothing else is said."""
_LEAST_HARM = Fraction(1, 10_000)
"""Harm that is added to both sides of a ratio, so that none is divided by nothing."""
_LEAST_COST = Fraction(1, 100)
"""Cost that stands for one of nothing in a ratio. [currency]"""
_DIGITS = Context(prec=28)


@dataclass(frozen=True, slots=True)
class Population:
    """What the harm of a setting relates to."""

    sessions: int
    hours: Fraction
    """Natural session life. [h]"""
    messages: int
    """Data messages. [1]"""
    requests: bool = False
    """Whether each session is a request or an event, whose answer comes at its end: one that is cut brings none."""

    @staticmethod
    def of(trace: Trace, *, requests: bool = False) -> Population:
        """Count a trace.

        Parameters
        ----------
        trace : Trace
            n connections.
        requests : bool
            Whether each is a request or an event.
        """
        hours = Fraction(int(trace.natural_ms().sum()), MS_PER_HOUR)
        return Population(trace.connections, hours, int((trace.message_flags & CONTROL == 0).sum()), requests)


@dataclass(frozen=True, slots=True)
class Harm:
    """What people notice of a setting."""

    undelivered: Fraction
    """Messages that reach nobody / messages; of requests and events, those that are cut / all."""
    late: Fraction
    """Messages that come late / messages."""
    reconnects: Fraction
    """Reconnects / hour of natural session life."""
    noticed: Fraction
    """Cuts that people notice / sessions."""

    @property
    def whole(self) -> Fraction:
        """Messages that come late or not at all / messages."""
        return self.undelivered + self.late

    @staticmethod
    def of(row: Mapping[str, Any], population: Population) -> Harm:
        """Return what people notice of a setting, from a row of a sweep.

        Parameters
        ----------
        row : mapping
            A row of a sweep, whose harm is known.
        population : Population
            What it relates to.
        """
        messages = max(population.messages, 1)
        missed = Fraction(int(row["messages_lost"]) + int(row["pushes_missed"]), messages)
        cut = Fraction(int(row["cut_harmful"]) + int(row["cut_harmless"]), max(population.sessions, 1))
        return Harm(
            cut if population.requests else missed,
            Fraction(int(row["messages_delayed"]), messages),
            Fraction(int(row["reconnects"])) / population.hours if population.hours else Fraction(0),
            Fraction(int(row["cut_harmful"]), max(population.sessions, 1)),
        )

    def to_dict(self) -> dict[str, str]:
        """Return the shares as plain data."""
        return {
            "undelivered_share": str(round_fraction(self.undelivered, 6)),
            "late_share": str(round_fraction(self.late, 6)),
            "reconnects_per_hour": str(round_fraction(self.reconnects, 6)),
            "noticed_per_session": str(round_fraction(self.noticed, 6)),
        }


@dataclass(frozen=True, slots=True)
class Candidate:
    """A setting that may be chosen."""

    place: int
    """Its row in the sweep."""
    cost: Fraction
    """Cost of a month, what reconnects are worth included. [currency]"""
    harm: Harm


def candidates(
    result: SweepResult,
    population: Population,
    allowed: NDArray[np.bool_] | None = None,
    reconnect_price: Fraction = Fraction(0),
) -> list[Candidate]:
    """Return the settings of a sweep that may be chosen.

    Parameters
    ----------
    result : SweepResult
        k settings of one trace, whose harm is known.
    population : Population
        What the harm relates to.
    allowed : ndarray of bool, shape (k,), optional
        Which of them may be chosen; all otherwise.
    reconnect_price : Fraction
        What a reconnect of a month adds to its cost; 0 for nothing. [currency]
    """
    frame = result.frame
    columns = ("messages_lost", "pushes_missed", "messages_delayed", "reconnects", "cut_harmful", "cut_harmless")
    values = {name: frame[name].tolist() for name in columns}
    costs = frame[cost_column(frame)].tolist()
    places = range(len(frame)) if allowed is None else np.flatnonzero(allowed).tolist()
    return [
        Candidate(
            place,
            Fraction(costs[place]) + reconnect_price * int(values["reconnects"][place]),
            Harm.of({name: values[name][place] for name in columns}, population),
        )
        for place in places
    ]


def choose(among: Sequence[Candidate], worth: Decimal = WORTH) -> dict[str, Candidate]:
    """Return the cheapest, the balanced and the safest of some settings.

    Parameters
    ----------
    among : sequence of Candidate
        At least one.
    worth : Decimal
        Times the money that a tenth of the harm is worth, more than 1.
    """
    return {
        "cheapest": min(among, key=lambda one: (one.cost, one.harm.whole, one.harm.reconnects, one.place)),
        "balanced": balanced(among, worth),
        "safest": min(
            among, key=lambda one: (one.harm.undelivered, one.harm.late, one.harm.reconnects, one.cost, one.place)
        ),
    }


def balanced(among: Iterable[Candidate], worth: Decimal = WORTH) -> Candidate:
    """Return the setting with the least of money and harm together, of those whose harm can be borne.

    A tenth of the harm is worth `worth` times the money.

    Parameters
    ----------
    among : iterable of Candidate
        At least one.
    worth : Decimal
        Times the money that a tenth of the harm is worth, more than 1.
    """
    every = list(among)
    weighed = [one for one in every if one.harm.whole <= MOST_UNDELIVERED] or every
    money = min(max(one.cost, _LEAST_COST) for one in weighed)
    harm = min(one.harm.whole for one in weighed) + _LEAST_HARM
    base = _DIGITS.log10(worth)

    def score(one: Candidate) -> tuple[Decimal, Fraction, int]:
        dearer = _log(max(one.cost, _LEAST_COST) / money) / base
        return dearer + _log((one.harm.whole + _LEAST_HARM) / harm), one.cost, one.place

    return min(weighed, key=score)


def _log(ratio: Fraction) -> Decimal:
    return _DIGITS.log10(_DIGITS.divide(Decimal(ratio.numerator), Decimal(ratio.denominator)))


def check_strategy(strategy: str, worth: Decimal) -> None:
    """Refuse what no choice can go by.

    Parameters
    ----------
    strategy : str
        What is to be put forward.
    worth : Decimal
        Times the money that a tenth of the harm is worth.

    Raises
    ------
    ConfigError
        If the strategy is not known, or `worth` is not more than 1.
    """
    if strategy not in STRATEGIES:
        raise ConfigError(f"strategy: {strategy!r} is not known; {nearest(strategy, STRATEGIES)}")
    if not (worth.is_finite() and worth > 1):
        raise ConfigError(f"worth: {worth} is not more than 1: a tenth of the harm is worth so many times the money")
