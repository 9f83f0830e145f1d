"""One replay of a trace with its instances, by the way that its settings need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from scfcost.config import FunctionConfig
from scfcost.lifecycle.instances import Packing, pack
from scfcost.lifecycle.outcomes import BURST, QUOTA
from scfcost.lifecycle.replay import Invocations, replay
from scfcost.trace.model import Int64, Trace

if TYPE_CHECKING:
    from scfcost.lifecycle.simulation import Refusals


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


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """What became of a trace."""

    invocations: Invocations
    packing: Packing
    refused_ms: Int64
    """Instants of the attempts to connect that `refused_code` tells of. Shape (r,). [ms]"""
    refused_code: NDArray[np.int16]
    """432 (memory quota) or 429 (burst limit) for each that is refused, or would be; another code else. Shape (r,)."""
    refusals: Refusals | None = None
    """What was refused, or not initialised in time; None where nothing can be."""

    @property
    def would_refuse(self) -> dict[str, int]:
        """Count what the memory quota (432) and the burst limit (429) refuse, or would refuse."""
        return {str(code): int((self.refused_code == code).sum()) for code in (QUOTA, BURST)}


def run(trace: Trace, configs: Mapping[str, FunctionConfig], platform: Platform) -> Run:
    """Replay a trace and put its invocations on instances.

    Parameters
    ----------
    trace : Trace
        n connections.
    configs : mapping of str to FunctionConfig
        The settings of each function.
    platform : Platform
        What holds for all of them. Its quota and burst limit refuse, or only report what they would refuse.

    Returns
    -------
    Run
        Invocations, where they ran and what was, or would be, refused.
    """
    if not platform.couples(configs):
        invocations = replay(trace, configs)
        packing, limited = place_within(trace, invocations, configs, platform)
        return Run(invocations, packing, invocations.start_ms, limited.refused)
    from scfcost.lifecycle.simulation import simulate  # few need its kernel, which takes long to compile

    invocations, packing, refusals = simulate(
        trace,
        configs,
        granularity_ms=platform.granularity_ms,
        quota_mb=platform.quota_mb if platform.refuses else None,
        burst_per_minute=platform.burst_per_minute if platform.refuses else None,
        time_zone=platform.time_zone,
        seed=platform.seed,
    )
    if platform.refuses:
        return Run(invocations, packing, refusals.time_ms, refusals.code, refusals)
    limited = place_within(trace, invocations, configs, platform)[1] if platform.has_limits else packing
    return Run(invocations, packing, invocations.start_ms, limited.refused, refusals)


def place(trace: Trace, invocations: Invocations, configs: Mapping[str, FunctionConfig], platform: Platform) -> Packing:
    """Put invocations that are known already on instances, as if nothing were refused."""
    return pack(trace, invocations, configs, granularity_ms=platform.granularity_ms, time_zone=platform.time_zone)


def place_within(
    trace: Trace, invocations: Invocations, configs: Mapping[str, FunctionConfig], platform: Platform
) -> tuple[Packing, Packing]:
    """Put invocations on instances twice: as if nothing were refused, and within the platform's limits.

    What is refused within them goes away and nothing else changes. Where nothing is, both are the same.
    """
    limited = pack(
        trace,
        invocations,
        configs,
        granularity_ms=platform.granularity_ms,
        quota_mb=platform.quota_mb,
        burst_per_minute=platform.burst_per_minute,
        time_zone=platform.time_zone,
    )
    return (place(trace, invocations, configs, platform) if limited.refused.any() else limited), limited
