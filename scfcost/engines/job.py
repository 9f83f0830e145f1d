"""What is done with each part of a trace, and how the sums of all parts become the result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from scfcost.engines.partial import Partial
from scfcost.trace.model import Int64, Trace

Timed = Sequence[NDArray[Any]]
"""Columns of what happens in time, ascending instants first. Each of shape (k,)."""


class Job(Protocol):
    """A question to a trace whose answer is a sum over its connections, as far as time does not couple them."""

    @property
    def piecewise(self) -> bool:
        """Whether an answer may take more memory than its part, so that it is given piece by piece."""

    def check(self, hollow: Trace) -> None:
        """Refuse what only the whole trace can answer."""

    def analyse(self, part: Trace) -> tuple[Partial, Mapping[str, Timed]]:
        """Return the sums of one part, and, by case, the lives that have to be put on instances together."""


def extent(part: Trace) -> dict[str, Int64]:
    """Return how large a part is, as sums."""
    natural = int(part.natural_ms().sum())
    numbers = {"sessions": part.connections, "messages": part.messages, "natural_ms": natural}
    return {name: np.array(value, np.int64) for name, value in numbers.items()}
