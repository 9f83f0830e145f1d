"""The settings of a function as another platform would have them, and a trace replayed under its rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from scfcost.billing.replayed import Replayed, Size
from scfcost.catalog.lifecycle import Lifecycle
from scfcost.config.function import FunctionConfig
from scfcost.core.errors import ConfigError
from scfcost.lifecycle.instances import pack
from scfcost.lifecycle.kernels.columns import EXEC_MS, IDLE_MS
from scfcost.lifecycle.replay import kernel_config, replay
from scfcost.trace.assumption import point
from scfcost.trace.model import Trace

NEVER_S = 10**8
"""A timeout that no connection of a trace reaches: three years. [s]"""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Timeouts that a user sets on a platform; its own where they are not given."""

    idle_timeout_s: float | None = None
    """[s]"""
    max_life_s: float | None = None
    """[s]"""

    def faults(self, lifecycle: Lifecycle) -> Iterator[str]:
        """Yield what of it cannot be set on a platform, in words."""
        kinds = (
            ("idle timeout", self.idle_timeout_s, lifecycle.idle_timeout_s, lifecycle.idle_timeout_range_s),
            ("longest life of a connection", self.max_life_s, lifecycle.max_life_s, lifecycle.max_life_range_s),
        )
        for name, wanted, own, ends in kinds:
            if wanted is None:
                continue
            if ends is None:
                fixed = "it has none" if own is None else f"it is {own:,} s"
                yield f"{lifecycle.title}: the {name} cannot be set: {fixed}"
            elif not ends[0] <= wanted <= ends[1]:
                yield f"{lifecycle.title}: the {name} can be set from {ends[0]:,} to {ends[1]:,} s, not to {wanted:g} s"

    def check(self, lifecycle: Lifecycle) -> None:
        """Refuse what cannot be set on a platform."""
        for fault in self.faults(lifecycle):
            raise ConfigError(f"{fault}; leave it out for the platform's own")


def check_instances(lifecycle: Lifecycle, configs: Iterable[FunctionConfig]) -> None:
    """Refuse instances that are kept ready on a platform that keeps none.

    Parameters
    ----------
    lifecycle : Lifecycle
        How connections live there.
    configs : iterable of FunctionConfig
        The settings, as set elsewhere.
    """
    if not lifecycle.min_instances and any(config.provisioned_schedule for config in configs):
        raise ConfigError(f"{lifecycle.title}: no minimum instances are priced here: leave --provisioned out")


def settings_on(lifecycle: Lifecycle, config: FunctionConfig, chosen: Chosen | None = None) -> FunctionConfig:
    """Return the settings of a function as a platform would have them.

    Parameters
    ----------
    lifecycle : Lifecycle
        How connections live there.
    config : FunctionConfig
        The function, as set elsewhere: what clients do stays, and so does what the platform lets one set.
    chosen : Chosen, optional
        Timeouts that are set there; the platform's own otherwise.

    Returns
    -------
    FunctionConfig
        With the timeouts, memory and connections an instance of the platform.
    """
    if lifecycle.timeouts == "function":
        return config
    chosen = chosen or Chosen()
    held = 1
    if lifecycle.held is not None:
        wanted = config.max_concurrency if config.max_concurrency > 1 else lifecycle.held
        held = min(wanted, lifecycle.most_held)
    return config.replace(
        idle_timeout_s=chosen.idle_timeout_s or lifecycle.idle_timeout_s or NEVER_S,
        exec_timeout_s=chosen.max_life_s or lifecycle.max_life_s or NEVER_S,
        ping_resets_idle=lifecycle.ping_resets_idle,
        memory_mb=Size.of(lifecycle, config.memory_mb).memory_mb,
        max_concurrency=held, keep_alive_s=lifecycle.kept_s,
        provisioned=config.provisioned if lifecycle.min_instances else 0, init_ms=0, recycle_on_error=False,
        function_type="web-ws",
    )  # fmt: skip


def replayed_on(
    lifecycle: Lifecycle,
    trace: Trace,
    configs: Mapping[str, FunctionConfig],
    chosen: Chosen | None = None,
    *,
    time_zone: str = "UTC",
    on_instances: bool = True,
) -> Replayed:
    """Replay a trace under the rules of a platform.

    Parameters
    ----------
    lifecycle : Lifecycle
        How connections live there.
    trace : Trace
        n connections; without message rows, what is supposed of them under these rules is replayed.
    configs : mapping of str to FunctionConfig
        The settings of each function, as set elsewhere.
    chosen : Chosen, optional
        Timeouts that are set there; the platform's own otherwise.
    time_zone : str
        Zone whose clock a schedule of minimum instances follows.
    on_instances : bool
        Whether connections are put on instances, where the platform has any; a part of a trace is not.
    """
    own = {name: settings_on(lifecycle, config, chosen) for name, config in configs.items()}
    supposed = point(trace, own)
    found = Replayed(supposed, replay(supposed, own), own, None, lifecycle, time_zone)
    return placed(found) if on_instances else found


def placed(found: Replayed) -> Replayed:
    """Put the connections of a replay on instances, where the platform has any."""
    if found.lifecycle.held is None:
        return found
    step = found.lifecycle.busy_step_ms
    packing = pack(found.trace, found.invocations, found.configs, granularity_ms=step, time_zone=found.time_zone)
    return replace(found, packing=packing)


def act_alike(trace: Trace, one: Mapping[str, FunctionConfig], other: Mapping[str, FunctionConfig]) -> bool:
    """Whether the connections of a trace live just the same under two settings of each function.

    A timeout that is longer than every life is as good as none.

    Parameters
    ----------
    trace : Trace
        n connections; without message rows, what is supposed of them may differ.
    one, other : mapping of str to FunctionConfig
        The settings.
    """
    longest = int(trace.natural_ms().max(initial=0)) + 1
    return trace.has_messages and all(_rules(one[name], longest) == _rules(other[name], longest) for name in one)


def _rules(config: FunctionConfig, longest_ms: int) -> list[int]:
    """Return what decides how a connection lives."""
    row = kernel_config(config)
    row[IDLE_MS], row[EXEC_MS] = min(row[IDLE_MS], longest_ms), min(row[EXEC_MS], longest_ms)
    return [*row, config.heartbeat_up_bytes, config.empty_close_is_normal, config.function_type == "web-ws"]
