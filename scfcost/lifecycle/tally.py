"""What lives take of instances, counted and not kept: many settings are tried on the same lives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scfcost.config.function import FunctionConfig
from scfcost.lifecycle.environment import Platform
from scfcost.lifecycle.intervals import time_order
from scfcost.lifecycle.kernels import tally as kernel
from scfcost.lifecycle.outcomes import BURST, QUOTA
from scfcost.lifecycle.packing import load_fields, placement_settings
from scfcost.lifecycle.records import Load
from scfcost.trace.model import Int64


class Lives(NamedTuple):
    """Lives of invocations in the order of their starts. Arrays of shape (k,)."""

    start_ms: Int64
    end_ms: Int64
    by_end: NDArray[np.int32]
    """Rows in the order of the ends."""

    @staticmethod
    def of(start_ms: Int64, end_ms: Int64) -> Lives:
        """Put lives in order, those that start at one instant as they come.

        Parameters
        ----------
        start_ms, end_ms : ndarray of int64, shape (k,)
            Life of each. [ms]
        """
        order = time_order(start_ms)
        start_ms, end_ms = start_ms[order], end_ms[order]
        return Lives(start_ms, end_ms, time_order(end_ms).astype(np.int32))


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Tally(Load):
    """What lives took of instances."""

    cold_starts_a_minute: int
    """Most new instances in any (t - 60 s, t]. [1]"""
    would_refuse: dict[str, int]
    """Invocations that the memory quota (432) and the burst limit (429) refuse. [1]"""


def can_tally(configs: Mapping[str, FunctionConfig]) -> bool:
    """Whether `tally` counts for some functions: for one, none of whose instances are started in advance."""
    return len(configs) == 1 and not any(config.provisioned_schedule for config in configs.values())


def tally(lives: Lives, config: FunctionConfig, platform: Platform, *, within_limits: bool = False) -> Tally:
    """Count what lives take of instances, as `pack` has them placed.

    Parameters
    ----------
    lives : Lives
        k invocations of one function.
    config : FunctionConfig
        Its settings.
    platform : Platform
        Granularity and limits.
    within_limits : bool
        Whether what goes beyond the platform's limits goes away; else nothing is refused.
    """
    settings = np.array(placement_settings(config), np.int64)
    limits = (platform.quota_mb, platform.burst_per_minute) if within_limits else (None, None)
    quota_mb, burst = (-1 if limit is None else limit for limit in limits)
    count, found = len(lives.start_ms), np.zeros(kernel.TALLIES, np.int64)
    room = [np.empty(count + 1, np.int32) for _ in range(4)]  # pages that nothing touches cost nothing
    kernel.tally_lives(
        *lives, settings, quota_mb, burst, platform.granularity_ms, *room, np.empty(count, np.int64),
        np.empty((kernel.INSTANCE_COLUMNS, count + 1), np.int64), found,
    )  # fmt: skip
    return Tally(
        **load_fields(found[[kernel.BUSY_MS]], found[[kernel.COLDS]], found[:4]),
        cold_starts_a_minute=int(found[kernel.COLDS_A_MINUTE]),
        would_refuse={str(QUOTA): int(found[kernel.BY_QUOTA]), str(BURST): int(found[kernel.BY_BURST])},
    )


def tally_within(lives: Lives, config: FunctionConfig, platform: Platform) -> tuple[Tally, dict[str, int]]:
    """Count what lives take of instances as if nothing were refused, and what the platform's limits would refuse.

    Parameters
    ----------
    lives : Lives
        k invocations of one function.
    config : FunctionConfig
        Its settings.
    platform : Platform
        Granularity and limits.
    """
    limited = tally(lives, config, platform, within_limits=True)
    whole = tally(lives, config, platform) if any(limited.would_refuse.values()) else limited
    return whole, limited.would_refuse
