"""Time of instances, function by function: holding a connection, kept after the last one, or idle from the start."""

from __future__ import annotations

import numpy as np

from scfcost.billing.metering import round_up
from scfcost.billing.replayed import ALONE, PACKED, Replayed, Supposed
from scfcost.core.units import MS_PER_SECOND
from scfcost.lifecycle.instances import busy_bounds
from scfcost.lifecycle.intervals import busy_intervals
from scfcost.lifecycle.provisioning import idle_times


def busy_ms(replayed: Replayed, supposed: Supposed) -> list[int]:
    """Sum the time in which instances hold a connection, by function. [ms]

    Parameters
    ----------
    replayed : Replayed
        The trace under the rules of the platform.
    supposed : Supposed
        How connections lie on instances.
    """
    rows, step_ms = replayed.invocations, replayed.lifecycle.busy_step_ms
    found = []
    for code, own, config in replayed.of_functions():
        if supposed.lie == ALONE or replayed.packing is None:
            found.append(int(round_up(rows.duration_ms[own], step_ms).sum()))
        elif supposed.lie == PACKED:
            found.append(int(replayed.packing.busy_ms[code]))
        else:
            found.append(busy_bounds(rows.start_ms[own], rows.end_ms[own], config.max_concurrency)[0])
    return found


def idle_ms(replayed: Replayed, _: Supposed) -> list[int]:
    """Sum the time of minimum instances that hold no connection, by function, in windows of 10 s. [ms]

    Parameters
    ----------
    replayed : Replayed
        The trace under the rules of the platform.
    """
    packing = replayed.packing
    if packing is None:
        return [0] * len(replayed.sizes)
    known = (replayed.trace, replayed.invocations, packing, replayed.configs)
    return [int(idle_times(*known, code, replayed.time_zone)[1].sum()) for code, _, _ in replayed.of_functions()]


def kept_ms(replayed: Replayed, _: Supposed) -> list[int]:
    """Sum the time for which instances are kept after a last connection, by function, at most to the window's end. [ms]

    Parameters
    ----------
    replayed : Replayed
        The trace under the rules of the platform.
    """
    packing, rows = replayed.packing, replayed.invocations
    if packing is None:
        return [0] * len(replayed.sizes)
    most = replayed.lifecycle.kept_s * MS_PER_SECOND
    found = []
    for _code, own, _config in replayed.of_functions():
        begins, ends, instance = busy_intervals(rows.start_ms[own], rows.end_ms[own], packing.instance[own])
        following = np.full(len(ends), replayed.trace.end_ms)
        again = instance[1:] == instance[:-1]
        following[:-1][again] = begins[1:][again]
        found.append(int(np.clip(following - ends, 0, most).sum()))
    return found
