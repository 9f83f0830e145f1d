"""One replay of a trace with its instances, by the way that its settings need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scfcost.config import FunctionConfig
from scfcost.lifecycle.instances import Packing, pack, would_refuse
from scfcost.lifecycle.replay import Invocations, replay
from scfcost.trace.model import Trace

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
    would_refuse: dict[str, int]
    """Invocations that the memory quota (432) and the burst limit (429) refuse, or would refuse. [1]"""
    refusals: Refusals | None = None
    """What was refused, or not initialised in time; None where nothing can be."""


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
        packing, refused = _packed(trace, invocations, configs, platform)
        return Run(invocations, packing, refused)
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
        counts = refusals.counts()
        return Run(invocations, packing, {code: counts.get(code, 0) for code in ("432", "429")}, refusals)
    return Run(invocations, packing, _packed(trace, invocations, configs, platform)[1], refusals)


def _packed(
    trace: Trace, invocations: Invocations, configs: Mapping[str, FunctionConfig], platform: Platform
) -> tuple[Packing, dict[str, int]]:
    """Pack, and count what would be refused, as if that went away and nothing else changed."""
    packing = pack(
        trace,
        invocations,
        configs,
        granularity_ms=platform.granularity_ms,
        quota_mb=platform.quota_mb,
        burst_per_minute=platform.burst_per_minute,
        time_zone=platform.time_zone,
    )
    refused = would_refuse(packing)
    if any(refused.values()):
        packing = pack(
            trace, invocations, configs, granularity_ms=platform.granularity_ms, time_zone=platform.time_zone
        )
    return packing, refused
