"""How large the trace of a scenario becomes, known before any of it is drawn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scfcost.core.errors import ConfigError
from scfcost.workload.arrivals import intensity, mean_visits
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

    sessions: float
    messages: float
    """Of all sessions. [1]"""
    concurrent: float
    """Sessions at one time, on average: arrival rate × mean length (Little's law). [1]"""
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
            size = f"{self.sessions:,.0f} sessions and {self.messages:,.0f} messages, about "
            size += f"{self.messages * BYTES_PER_MESSAGE / 1e9:,.0f} GB of memory"
            raise ConfigError(
                f"the scenario would have {size}; at most {most_messages:,} messages are generated at once: "
                "take fewer --days, fewer users or longer gaps"
            )


def size_of(scenario: Scenario, span_ms: int, scale: float = 1.0) -> Size:
    """Expect the size of a scenario's span from the means of its distributions.

    Parameters
    ----------
    scenario : Scenario
        The idea of the traffic.
    span_ms : int
        How long. [ms]
    scale : float
        Multiplies the arrivals. [1]
    """
    length = scenario.session.length.mean()
    if scenario.arrivals.is_closed:
        sessions = users_of(scenario, scale) * mean_visits(scenario.arrivals, length, span_ms)
    else:
        sessions = intensity(scenario, span_ms, scale).total
    concurrent = sessions * min(length, span_ms) / span_ms
    rooms = _rooms(scenario, concurrent)
    others = concurrent / rooms
    each = sum(_messages(stream, length, others) for stream in scenario.all_streams()) * _haste(scenario)
    return Size(sessions, sessions * each, concurrent, rooms)


def users_of(scenario: Scenario, scale: float) -> int:
    """Return the users of a closed population. [1]"""
    return round((scenario.arrivals.users or 0) * scale)


def scale_to_users(scenario: Scenario, users: float) -> float:
    """Return the scale with which a scenario has so many users.

    Raises
    ------
    ConfigError
        If it does not count users.
    """
    if scenario.arrivals.users is None:
        raise ConfigError("users: the scenario states a rate of sessions, not users; --scale multiplies it")
    return users / scenario.arrivals.users


def _rooms(scenario: Scenario, concurrent: float) -> int:
    if scenario.rooms is None:
        return 1
    return scenario.rooms.count or max(round(concurrent / (scenario.rooms.members or 1)), 1)


def _haste(scenario: Scenario) -> float:
    """Return how many times as many messages sessions have for their pace: the mean of 1 / pace."""
    pace = scenario.session.pace
    return 1.0 if pace is None else float((1 / np.maximum(pace.quantiles(_GRID), LEAST_PACE)).mean())


def _messages(stream: Stream, length: float, others: float) -> float:
    """Return how many messages a stream adds to a session, answers and what others say included. [1]"""
    said = float(stream.share) * length / stream.gap.mean()
    answers = stream.answer.count.mean() if stream.answer else 0.0
    return said * (1 + answers + (others if stream.fan_out else 0.0))
