"""One replay of a trace with its instances, by the way that its settings need."""

from __future__ import annotations

from collections.abc import Mapping

from scfcost.config.function import FunctionConfig
from scfcost.lifecycle.environment import Platform
from scfcost.lifecycle.instances import pack
from scfcost.lifecycle.outcomes import BURST, QUOTA
from scfcost.lifecycle.records import Invocations, Packing, Run
from scfcost.lifecycle.replay import replay
from scfcost.lifecycle.streaming import Gauge, gauged
from scfcost.lifecycle.walk import Walk
from scfcost.trace.model import Trace


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


def refusals(trace: Trace, configs: Mapping[str, FunctionConfig], platform: Platform) -> dict[str, int]:
    """Count what a platform's limits refuse, or would refuse, without every invocation in memory.

    Parameters
    ----------
    trace : Trace
        n connections.
    configs : mapping of str to FunctionConfig
        The settings of each function.
    platform : Platform
        What holds for all of them.

    Returns
    -------
    dict of str to int
        Invocations beyond the memory quota (432) and the burst limit (429).
    """
    if platform.couples(configs):
        codes = run(trace, configs, platform).refused_code
        return {str(code): int((codes == code).sum()) for code in (QUOTA, BURST)}
    gauge = Gauge(trace, configs, platform, within_limits=True, bounds=False)
    (found,) = gauged(Walk(trace, configs).stretches(), [gauge])
    return found.would_refuse


def place(trace: Trace, invocations: Invocations, configs: Mapping[str, FunctionConfig], platform: Platform) -> Packing:
    """Put invocations that are known already on instances, as if nothing were refused.

    Parameters
    ----------
    trace : Trace
        n connections.
    invocations : Invocations
        Those of the trace.
    configs : mapping of str to FunctionConfig
        The settings of each function.
    platform : Platform
        Its limits, granularity and time zone.
    """
    return pack(trace, invocations, configs, granularity_ms=platform.granularity_ms, time_zone=platform.time_zone)


def place_within(
    trace: Trace, invocations: Invocations, configs: Mapping[str, FunctionConfig], platform: Platform
) -> tuple[Packing, Packing]:
    """Put invocations on instances twice: as if nothing were refused, and within the platform's limits.

    What is refused within them goes away and nothing else changes. Where nothing is, both are the same.

    Parameters
    ----------
    trace : Trace
        n connections.
    invocations : Invocations
        Those of the trace.
    configs : mapping of str to FunctionConfig
        The settings of each function.
    platform : Platform
        Its limits, granularity and time zone.
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
