"""A sweep as a question that is asked of each part of a trace."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from scfcost.analysis.sweep.grid import Grid, alone, sums_of
from scfcost.analysis.sweep.sweep import SweepResult, result_of
from scfcost.core.errors import ConfigError
from scfcost.engines.job import extent
from scfcost.engines.partial import Partial
from scfcost.lifecycle.records import Stretch
from scfcost.trace.model import Trace


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
        """Price the sums of all parts.

        Parameters
        ----------
        hollow : Trace
            A trace without connections, with the window of the whole.
        total : Partial
            Sums of all parts.
        """
        sums: list[dict[str, dict[str, Any]]] = [{} for _ in self.grid.passes]
        for key, cells in total.sums.items():
            first, _, rest = key.partition(" ")
            if first.isdecimal():
                which, _, name = rest.partition(" ")
                sums[int(first)].setdefault(which, {})[name] = cells
        return result_of(hollow, self.grid, sums, total.number("sessions"), total.number("natural_ms"))
