"""How large the trace of a scenario becomes, known before any of it is drawn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scfcost.core.errors import ConfigError
from scfcost.workload.arrivals import intensity, mean_visits, workdays
from scfcost.workload.schema import LEAST_PACE, Scenario, Stream

MOST_MESSAGES = 200_000_000
"""Messages that a trace in memory may have. [1]"""
BYTES_PER_MESSAGE = 25
"""Memory that a message of a trace takes, about. [B]"""
_GRID = (np.arange(1_000) + 0.5) / 1_000
"""Probabilities at which the pace is averaged. [1]"""


@dataclass(frozen=True, slots=True)
class Size:
    """What is expected of a scenario's span."""

    arrivals: float
    """Sessions that begin in the span. [1]"""
    sessions: float
    """Those, and the ones that are under way when it begins. [1]"""
    messages: float
    """Of all sessions. [1]"""
    concurrent: float
    """Sessions at one time, on average: arrival rate × mean length (Little's law), from the first instant on. [1]"""
    rooms: int
    """[1]"""

    def check(self, most_messages: int = MOST_MESSAGES) -> None:
        """Refuse what would become too large.

        Raises
        ------
        ConfigError
            If it has more messages than that; the message says how large it would be.
        """
        if self.messages > most_messages or self.sessions > most_messages:
            size = f"{self.sessions:,.0f} sessions and {self.messages:,.0f} messages"
            if (held := self.messages * BYTES_PER_MESSAGE / 1e9) >= 1:  # less is refused for a limit of the user's
                size += f", about {held:,.0f} GB of memory"
            raise ConfigError(
                f"the scenario would have {size}; at most {most_messages:,} messages are generated at once: "
                "take fewer --days, fewer users or longer gaps"
            )


def size_of(scenario: Scenario, span_ms: int, scale: float = 1.0, *, cold: bool = False) -> Size:
    """Expect the size of a scenario's span from the means of its distributions.

    Parameters
    ----------
    scenario : Scenario
        The idea of the traffic.
    span_ms : int
        How long. [ms]
    scale : float
        Multiplies the arrivals. [1]
    cold : bool
        Whether nobody is there when it begins.
    """
    arrivals, length = scenario.arrivals, scenario.session.length.mean()
    if arrivals.always is not None:
        begun, concurrent = 0.0, float(users_of(scenario, scale))
    else:
        if arrivals.is_closed:
            begun = users_of(scenario, scale) * mean_visits(arrivals, length, span_ms)
        elif arrivals.daily is not None:
            begun = workdays(scenario, span_ms) * scale
        else:
            begun = intensity(scenario, span_ms, scale).total
        concurrent = begun * length / span_ms
    carried = 0.0 if cold else concurrent
    rooms = _rooms(scenario, concurrent)
    others = concurrent / rooms
    each = sum(_messages(stream, 1.0, others) for stream in scenario.all_streams()) * _haste(scenario)
    lived_ms = min(concurrent * span_ms, (begun + carried) * span_ms)  # in the span
    return Size(begun, begun + carried, lived_ms * each, concurrent, rooms)


def users_of(scenario: Scenario, scale: float) -> int:
    """Return the users of a closed population, those of every day, or those who are always there. [1]

    Parameters
    ----------
    scenario : Scenario
        What it counts.
    scale : float
        Multiplies them. [1]
    """
    return round((scenario.arrivals.people or 0) * scale)


def scale_to_users(scenario: Scenario, users: float) -> float:
    """Return the scale with which a scenario has so many users.

    Parameters
    ----------
    scenario : Scenario
        What it counts.
    users : float
        How many there should be. [1]

    Raises
    ------
    ConfigError
        If it does not count users.
    """
    if scenario.arrivals.people is None:
        raise ConfigError("users: the scenario states a rate of sessions, not users; --scale multiplies it")
    return users / scenario.arrivals.people


def _rooms(scenario: Scenario, concurrent: float) -> int:
    if scenario.rooms is None:
        return 1
    return scenario.rooms.count or max(round(concurrent / (scenario.rooms.members or 1)), 1)


def _haste(scenario: Scenario) -> float:
    """Return how many times as many messages sessions have for their pace: the mean of 1 / pace."""
    pace = scenario.session.pace
    return 1.0 if pace is None else float((1 / np.maximum(pace.quantiles(_GRID), LEAST_PACE)).mean())


def _messages(stream: Stream, length: float, others: float) -> float:
    """Return how many messages a stream adds to a session in a time, answers and what others say included. [1]"""
    said = float(stream.share) * length / stream.gap.mean()
    answers = stream.answer.count.mean() if stream.answer else 0.0
    return said * (1 + answers + (others if stream.fan_out else 0.0))
