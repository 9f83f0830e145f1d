"""What the platform sets for all functions of a run: rounding, clock, quota, burst."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from scfcost.config.function import FunctionConfig

if TYPE_CHECKING:
    pass


@dataclass(frozen=True, slots=True)
class Platform:
    """What the platform sets for all functions together."""

    granularity_ms: int = 1
    """A busy interval is rounded up to a multiple of this. [ms]"""
    time_zone: str = "UTC"
    """Zone whose clock schedules follow."""
    quota_mb: int | None = None
    """Memory of busy instances, None where unknown. [MB]"""
    burst_per_minute: int | None = None
    """New instances a minute, None where unknown. [1/min]"""
    refuses: bool = False
    """Whether what goes beyond quota or burst is refused, or only reported."""
    seed: int = 0
    """Seed of the initialisations drawn."""

    @property
    def has_limits(self) -> bool:
        """Whether anything is, or would be, refused beyond a known quota or burst limit."""
        return self.quota_mb is not None or self.burst_per_minute is not None

    def without_reports(self) -> Platform:
        """Return the same without limits that are only reported, which change no usage."""
        return self if self.refuses else replace(self, quota_mb=None, burst_per_minute=None)

    def couples(self, configs: Mapping[str, FunctionConfig]) -> bool:
        """Whether what happens on instances decides how sessions go on, so that all are walked together."""
        return self.refuses or any(config.is_coupled for config in configs.values())

    def sums_suffice(self, configs: Mapping[str, FunctionConfig]) -> bool:
        """Whether each session can be summed by itself, without instances."""
        alone = not any(config.is_shared for config in configs.values())
        return alone and self.granularity_ms == 1 and not self.couples(configs)
