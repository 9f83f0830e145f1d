# mypy: disable-error-code="no-untyped-def,no-untyped-call,untyped-decorator"
"""The compiled pass that puts invocations on instances, in the order of time.

It is one long function with its state in local variables on purpose: numba counts references to every array that it
hands to a helper, and the same rules as a `place` and a `leave` took three to five times as long.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from scfcost.lifecycle.outcomes import BURST, QUOTA
from scfcost.lifecycle.placing import (
    KEEP_ALIVE,
    LEAST_LOADED,
    LIMIT,
    MEMORY,
    NOTHING,
    idle_entry,
    idle_instance,
    next_running,
    pop,
    push,
    running_entry,
    stop_provisioned,
)
from scfcost.units import FOREVER_MS, MS_PER_MINUTE


@njit(cache=True, nogil=True)
def pack_invocations(
    starts, ends, function, by_end, settings, schedule, quota_mb, burst, granularity, instance_of, cold_start, refused
):
    """Put each invocation on an instance.

    Parameters
    ----------
    starts, ends : ndarray of int64, shape (k,)
        Life of each invocation, in the order of the starts. [ms]
    function : ndarray of int16, shape (k,)
        Index of the function that serves it.
    by_end : ndarray of int64, shape (k,)
        Rows in the order of the ends.
    settings : ndarray of int64, shape (functions, 4)
        Connections an instance holds, keep-alive [ms], memory [MB] and placement (1 = least loaded).
    schedule : ndarray of int64, shape (changes, 3)
        Instant [ms], function, and how many instances are provisioned from then on, in the order of time.
    quota_mb, burst : int
        Memory of busy instances [MB] and new instances a minute beyond which an invocation is refused; -1 = no limit.
    granularity : int
        A busy interval is rounded up to a multiple of this. [ms]
    instance_of : ndarray of int64, shape (k,)
        Instance of each invocation, -1 for none: written here.
    cold_start : ndarray of bool, shape (k,)
        Whether an invocation began on a new instance: written here.
    refused : ndarray of int16, shape (k,)
        432 or 429 where an invocation is refused, else 0: written here.

    Returns
    -------
    busy_ms : ndarray of int64, shape (functions,)
        Busy time of the instances of each function. [ms]
    cold : ndarray of int64, shape (functions,)
        New instances of each function, provisioned ones left out. [1]
    peaks : ndarray of int64, shape (4,)
        Most connections, instances and memory [MB] at once, and the instant of the last [ms].
    """
    count, functions = starts.size, settings.shape[0]
    served, started = np.zeros(functions + 1, np.int64), np.zeros(functions + 1, np.int64)
    for row in range(count):
        served[function[row] + 1] += 1
    now_provisioned = np.zeros(functions, np.int64)
    for change in range(schedule.shape[0]):
        f = schedule[change, 1]
        started[f + 1] += max(schedule[change, 2] - now_provisioned[f], 0)
        now_provisioned[f] = schedule[change, 2]
    now_provisioned[:] = 0
    offset, warm_offset = np.cumsum(served), np.cumsum(started)
    room = count + warm_offset[-1]
    holds_several = settings[:, LIMIT].max() > 1
    running = np.empty(2 * count if holds_several else 0, np.int64)  # at most an entry a start and an end
    idle, warm = np.empty(count, np.int64), np.empty(warm_offset[-1], np.int64)
    running_size, idle_size = np.zeros(functions, np.int64), np.zeros(functions, np.int64)
    warm_size = np.zeros(functions, np.int64)
    # Filled as instances are created, which most often are far fewer: pages that nothing touches cost nothing.
    occupancy, busy_since, released = np.empty(room, np.int64), np.empty(room, np.int64), np.empty(room, np.int64)
    function_of, provisioned = np.empty(room, np.int16), np.empty(room, np.uint8)
    cold_ms = np.empty(count, np.int64)
    busy_ms, cold, peaks = np.zeros(functions, np.int64), np.zeros(functions, np.int64), np.zeros(4, np.int64)
    instances = colds = first_recent = connections = busy = busy_mb = next_end = next_change = releases = 0
    last_release = -FOREVER_MS
    for row in range(count):
        now = starts[row]
        if ends[row] == now:  # it occupies no instance
            instance_of[row] = -1
            continue
        while True:
            end_ms = ends[by_end[next_end]] if next_end < count else FOREVER_MS
            change_ms = schedule[next_change, 0] if next_change < schedule.shape[0] else FOREVER_MS
            if min(end_ms, change_ms) > now:
                break
            if change_ms < end_ms:
                f, wanted = schedule[next_change, 1], schedule[next_change, 2]
                releases += change_ms > last_release
                last_release = change_ms
                next_change += 1
                if wanted < now_provisioned[f]:
                    warm_size[f] = stop_provisioned(
                        now_provisioned[f] - wanted, f, warm, warm_offset[f], warm_size[f],
                        provisioned, function_of, instances,
                    )  # fmt: skip
                for _ in range(wanted - now_provisioned[f]):
                    occupancy[instances], provisioned[instances], function_of[instances] = 0, 1, f
                    warm_size[f] = push(warm, warm_offset[f], warm_size[f], idle_entry(instances, releases))
                    instances += 1
                now_provisioned[f] = wanted
                continue
            done = by_end[next_end]
            next_end += 1
            instance = instance_of[done]
            if instance < 0 or ends[done] == starts[done]:
                continue
            f = function[done]
            connections -= 1
            occupancy[instance] -= 1
            if occupancy[instance] == 0:
                busy -= 1
                busy_mb -= settings[f, MEMORY]
                busy_ms[f] += -(-(end_ms - busy_since[instance]) // granularity) * granularity
                released[instance] = end_ms
                releases += end_ms > last_release  # instances released at one instant are of one order
                last_release = end_ms
                if provisioned[instance]:
                    warm_size[f] = push(warm, warm_offset[f], warm_size[f], idle_entry(instance, releases))
                else:
                    idle_size[f] = push(idle, offset[f], idle_size[f], idle_entry(instance, releases))
            elif settings[f, LIMIT] > 1:
                entry = running_entry(instance, occupancy[instance], settings[f, LIMIT], settings[f, LEAST_LOADED])
                running_size[f] = push(running, 2 * offset[f], running_size[f], entry)
        f = function[row]
        limit, memory = settings[f, LIMIT], settings[f, MEMORY]
        instance = -1
        if limit > 1:
            instance, running_size[f] = next_running(
                running, 2 * offset[f], running_size[f], occupancy, limit, settings[f, LEAST_LOADED]
            )
        if instance < 0:
            kept = NOTHING
            if idle_size[f] > 0:
                kept = idle[offset[f]]
                if now - released[idle_instance(kept)] > settings[f, KEEP_ALIVE]:  # released last and gone: all are
                    idle_size[f], kept = 0, NOTHING
            ready = warm[warm_offset[f]] if warm_size[f] > 0 else NOTHING
            if ready < kept:
                instance = idle_instance(ready)
                warm_size[f] = pop(warm, warm_offset[f], warm_size[f])
            elif kept < NOTHING:
                instance = idle_instance(kept)
                idle_size[f] = pop(idle, offset[f], idle_size[f])
        if instance < 0:
            while first_recent < colds and cold_ms[first_recent] <= now - MS_PER_MINUTE:
                first_recent += 1
            if quota_mb >= 0 and busy_mb + memory > quota_mb:
                refused[row] = QUOTA
            elif burst >= 0 and colds - first_recent >= burst:
                refused[row] = BURST
            if refused[row] != 0:
                instance_of[row] = -1
                continue
            instance = instances
            instances += 1
            occupancy[instance], provisioned[instance], function_of[instance] = 0, 0, f
            cold_start[row] = True
            cold_ms[colds] = now
            colds += 1
            cold[f] += 1
        if occupancy[instance] == 0:
            busy_since[instance] = now
            busy += 1
            busy_mb += memory
        occupancy[instance] += 1
        instance_of[row] = instance
        connections += 1
        peaks[0] = max(peaks[0], connections)
        peaks[1] = max(peaks[1], busy)
        if busy_mb > peaks[2]:
            peaks[2], peaks[3] = busy_mb, now
        if limit > 1 and occupancy[instance] < limit:
            entry = running_entry(instance, occupancy[instance], limit, settings[f, LEAST_LOADED])
            running_size[f] = push(running, 2 * offset[f], running_size[f], entry)
    while next_end < count:
        done = by_end[next_end]
        next_end += 1
        instance = instance_of[done]
        if instance < 0 or ends[done] == starts[done]:
            continue
        occupancy[instance] -= 1
        if occupancy[instance] == 0:
            busy_ms[function[done]] += -(-(ends[done] - busy_since[instance]) // granularity) * granularity
    return busy_ms, cold, peaks
