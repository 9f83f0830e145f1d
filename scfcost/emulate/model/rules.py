"""The settings that decide what happens to a connection, in whole milliseconds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from scfcost.config.function import FunctionConfig
from scfcost.core.units import FOREVER_MS


class Mode(StrEnum):
    """What is done about a connection that reaches a timeout."""

    RECORD = "record"
    """Nothing: it lives as it would."""
    SHADOW = "shadow"
    """It is judged, and lives on."""
    CUT = "cut"
    """It is cut."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds for every connection of one function."""

    function: FunctionConfig
    mode: Mode = Mode.CUT
    idle_ms: int = 0
    """Longest silence, FOREVER_MS where none is too long. [ms]"""
    exec_ms: int = 0
    """Longest life, FOREVER_MS where none is too long. [ms]"""
    recycles: bool = False
    """Whether an end with 433 or 439 takes the instance with it."""
    provisioned: int = 0
    """Instances that are started in advance, where their number does not follow the clock. [1]"""

    @classmethod
    def of(cls, function: FunctionConfig, mode: Mode) -> Rules:
        """Return the rules of a function's settings in a mode.

        Parameters
        ----------
        function : FunctionConfig
            Settings of the function.
        mode : Mode
            What is done about a timeout.
        """
        judged = mode is not Mode.RECORD
        silent = judged and function.function_type == "web-ws"
        return cls(
            function, mode,
            idle_ms=function.idle_timeout_ms if silent else FOREVER_MS,
            exec_ms=function.exec_timeout_ms if judged else FOREVER_MS,
            recycles=function.recycle_on_error and mode is Mode.CUT,
            provisioned=_always(function),
        )  # fmt: skip


def _always(function: FunctionConfig) -> int:
    """Return how many instances are provisioned all the time, 0 where that follows the clock."""
    items = function.provisioned_schedule.items
    return max(item.number for item in items) if all(item.start is None for item in items) else 0
