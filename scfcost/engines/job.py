"""What is done with each part of a trace, and how the sums of all parts become the result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from scfcost.cells import Grid, alone, sums_of
from scfcost.engines.partial import Partial
from scfcost.errors import ConfigError
from scfcost.lifecycle.gauge import Stretch
from scfcost.sweeping import SweepResult, result_of
from scfcost.trace.model import Int64, Trace


class Job(Protocol):
    """A question to a trace whose answer is a sum over its connections, as far as time does not couple them."""

    @property
    def piecewise(self) -> bool:
        """Whether an answer may take more memory than its part, so that it is given piece by piece."""

    def check(self, hollow: Trace) -> None:
        """Refuse what only the whole trace can answer."""

    def analyse(self, part: Trace) -> tuple[Partial, dict[str, Stretch]]:
        """Return the sums of one part, and, by case, the lives that have to be put on instances together."""


@dataclass(frozen=True, slots=True)
class SweepJob:
    """A sweep."""

    grid: Grid

    @property
    def piecewise(self) -> bool:
        """Nothing is kept of an invocation."""
        return False

    def check(self, hollow: Trace) -> None:
        """Refuse settings that couple connections.

        Raises
        ------
        ConfigError
            If connections share instances, wait for them, or are refused.
        """
        if not alone(hollow, self.grid):
            raise ConfigError(
                "a sweep over instances that hold several connections, are provisioned or initialise, or over "
                "refusals, needs the whole trace in memory: raise --memory-limit"
            )

    def analyse(self, part: Trace) -> tuple[Partial, dict[str, Stretch]]:
        """Sum every cell over one part."""
        sums = {
            f"{number} {which} {name}": np.asarray(cells, np.int64)
            for number, found in enumerate(sums_of(part, self.grid))
            for which, own in found.items()
            for name, cells in own.items()
        }
        return Partial({**sums, **extent(part)}), {}

    def result(self, hollow: Trace, total: Partial) -> SweepResult:
        """Price the sums of all parts."""
        sums: list[dict[str, dict[str, Any]]] = [{} for _ in self.grid.passes]
        for key, cells in total.sums.items():
            first, _, rest = key.partition(" ")
            if first.isdecimal():
                which, _, name = rest.partition(" ")
                sums[int(first)].setdefault(which, {})[name] = cells
        return result_of(hollow, self.grid, sums, total.number("sessions"), total.number("natural_ms"))


def extent(part: Trace) -> dict[str, Int64]:
    """Return how large a part is, as sums."""
    natural = int(part.natural_ms().sum())
    numbers = {"sessions": part.connections, "messages": part.messages, "natural_ms": natural}
    return {name: np.array(value, np.int64) for name, value in numbers.items()}
