# mypy: disable-error-code="no-untyped-def,no-untyped-call,untyped-decorator"
"""The compiled event-driven replay, for rules under which the instances decide how sessions go on.

A connection that is refused, that waits for a cold start, or whose instance is recycled by another's end begins its
next invocation at another instant than it would alone. So all sessions are walked together, in the order of time: at
one instant ends come first, then changes of what is provisioned, then starts by (connection, invocation number).
The rules of one invocation are those of `replay.py`, those of placing a connection those of `packing.py`.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from scfcost.core.units import FOREVER_MS, MS_PER_MINUTE
from scfcost.lifecycle.kernels.heaps import (
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
from scfcost.lifecycle.kernels.replay import (
    NONE,
    absence,
    accrued_bytes,
    count_data,
    delivered_bytes,
    heartbeats,
    resume,
    run_invocation,
)
from scfcost.lifecycle.outcomes import BURST, EXEC_TIMEOUT, INIT_TIMEOUT, QUOTA, RECYCLED, SERVER_CLOSE

INIT_LIMIT, BILL_INIT, RECYCLE, MAX_RETRIES = 4, 5, 6, 7
"""Further columns of the settings of a function: initialisation timeout [ms], two switches, tries after a refusal."""
ROW = (
    "session", "number", "start_ms", "end_ms", "outcome", "egress_bytes", "harmful", "last_data_ms", "first_message",
    "end_message", "instance", "cold_start",
)  # fmt: skip
"""Columns of an accepted invocation."""
REFUSAL = ("session", "time_ms", "code", "attempt")
"""Columns of a refused attempt."""
_NONE = -1

# A client: one attempt or one invocation at a time. Its next message, the first that waits for it, how many wait,
# refusals in a row, invocations, row of the last one, whether it gave up; then the invocation that runs.
NEXT, WAITING, DELAYED, TRIES, NUMBER, LAST_ROW, GAVE_UP = range(7)
INSTANCE, ASKED, START, END, OUTCOME, AFTER, LAST_DATA, COLD, AHEAD, BEHIND = range(7, 17)
# An instance: AHEAD and BEHIND of the clients chain those that it holds, from HEAD on.
OCCUPANCY, BUSY_SINCE, RELEASED, READY, FAILS, HEAD, FUNCTION, PROVISIONED, CREATED = range(9)
RUNNING, IDLE, WARM = range(3)
CONNECTIONS, BUSY, BUSY_MB, INSTANCES, RECENT, FIRST_RECENT, RELEASES, LAST_RELEASE, WRITTEN, REFUSED = range(10)
_CHUNK = 256
"""Rows that one event may write, more than an instance holds connections."""


@njit(cache=True, nogil=True)
def _rows_of(width):
    return np.zeros((_CHUNK, width), np.int64)


@njit(cache=True, nogil=True)
def _with_room(table, used):
    """Return a table that has room for a chunk of rows more: itself, or a larger copy."""
    if used + _CHUNK <= table.shape[0]:
        return table
    larger = np.zeros((2 * (used + _CHUNK), table.shape[1]), table.dtype)
    larger[:used] = table[:used]
    return larger


@njit(cache=True, nogil=True)
def _wider(heaps, used):
    """Return heaps, one a function, that have room for another entry: themselves, or larger copies."""
    if used < heaps.shape[1]:
        return heaps
    larger = np.zeros((heaps.shape[0], 2 * used + 16), heaps.dtype)
    larger[:, :used] = heaps[:, :used]
    return larger


@njit(cache=True, nogil=True)
def _add(heap, size, instant, session):
    """Add an event to a heap ordered by (instant, session) and return its size."""
    position = size
    while position > 0:
        parent = (position - 1) // 2
        if (heap[parent, 0], heap[parent, 1]) <= (instant, session):
            break
        heap[position] = heap[parent]
        position = parent
    heap[position, 0], heap[position, 1] = instant, session
    return size + 1


@njit(cache=True, nogil=True)
def _take(heap, size):
    """Take the first event out of a heap and return its size."""
    size -= 1
    instant, session = heap[size, 0], heap[size, 1]
    position = 0
    while 2 * position + 1 < size:
        child = 2 * position + 1
        if child + 1 < size and (heap[child + 1, 0], heap[child + 1, 1]) < (heap[child, 0], heap[child, 1]):
            child += 1
        if (instant, session) <= (heap[child, 0], heap[child, 1]):
            break
        heap[position] = heap[child]
        position = child
    heap[position, 0], heap[position, 1] = instant, session
    return size


@njit(cache=True, nogil=True)
def init_draw(quantiles, seed, number):
    """Draw the initialisation of a cold start by its number: the same wherever and whenever it is drawn."""
    mixed = np.uint64(seed) + np.uint64(number + 1) * np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed = mixed ^ (mixed >> np.uint64(31))
    return quantiles[np.int64(mixed % np.uint64(quantiles.size))]


@njit(cache=True, nogil=True)
def _provision(f, wanted, now, provisioned, table, warm, sizes, counts):
    """Start or stop provisioned instances of a function until there are as many as wanted."""
    counts[RELEASES] += now > counts[LAST_RELEASE]
    counts[LAST_RELEASE] = now
    if wanted < provisioned[f]:
        sizes[WARM, f] = stop_provisioned(
            provisioned[f] - wanted, f, warm[f], 0, sizes[WARM, f],
            table[:, PROVISIONED], table[:, FUNCTION], counts[INSTANCES],
        )  # fmt: skip
    for _ in range(wanted - provisioned[f]):
        _warm_instance(f, table, warm, sizes, counts)
    provisioned[f] = wanted


@njit(cache=True, nogil=True)
def _warm_instance(f, table, warm, sizes, counts):
    """Add a provisioned instance, idle and initialised."""
    instance = counts[INSTANCES]
    counts[INSTANCES] += 1
    table[instance, FUNCTION], table[instance, PROVISIONED] = f, 1
    table[instance, FAILS], table[instance, HEAD] = FOREVER_MS, _NONE
    table[instance, CREATED] = -FOREVER_MS  # it is no start of the burst limit
    sizes[WARM, f] = push(warm[f], 0, sizes[WARM, f], idle_entry(instance, counts[RELEASES]))


@njit(cache=True, nogil=True)
def _find(f, now, settings, table, running, idle, warm, sizes):
    """Find the instance that takes the next connection of a function, and take it out of its heap; -1 for none."""
    if settings[f, LIMIT] > 1:
        instance, sizes[RUNNING, f] = next_running(
            running[f], 0, sizes[RUNNING, f], table[:, OCCUPANCY], settings[f, LIMIT], settings[f, LEAST_LOADED]
        )
        if instance >= 0:
            return instance
    kept = NOTHING
    if sizes[IDLE, f] > 0:
        kept = idle[f, 0]
        if now - table[idle_instance(kept), RELEASED] > settings[f, KEEP_ALIVE]:
            sizes[IDLE, f], kept = 0, NOTHING
    ready = warm[f, 0] if sizes[WARM, f] > 0 else NOTHING
    if ready < kept:
        sizes[WARM, f] = pop(warm[f], 0, sizes[WARM, f])
        return idle_instance(ready)
    if kept < NOTHING:
        sizes[IDLE, f] = pop(idle[f], 0, sizes[IDLE, f])
        return idle_instance(kept)
    return _NONE


@njit(cache=True, nogil=True)
def _refusal(now, memory_mb, quota_mb, burst, table, counts):
    """Return the code with which a new instance is refused, 0 where it is not."""
    while counts[FIRST_RECENT] < counts[INSTANCES] and table[counts[FIRST_RECENT], CREATED] <= now - MS_PER_MINUTE:
        counts[RECENT] -= table[counts[FIRST_RECENT], CREATED] > -FOREVER_MS
        counts[FIRST_RECENT] += 1
    if quota_mb >= 0 and counts[BUSY_MB] + memory_mb > quota_mb:
        return QUOTA
    return BURST if burst >= 0 and counts[RECENT] >= burst else 0


@njit(cache=True, nogil=True)
def _try_again(i, now, code, config, most, client, session_end, stop, times, flags, rows, refusals, counts, tally):
    """Write a refusal, and return when its client tries again, -1 where it gives up and loses what is left."""
    refusals[counts[REFUSED], 0], refusals[counts[REFUSED], 1] = i, now
    refusals[counts[REFUSED], 2], refusals[counts[REFUSED], 3] = code, client[i, TRIES]
    counts[REFUSED] += 1
    client[i, TRIES] += 1
    spent = np.zeros(3, np.int64)
    again = now + config[5]
    if config[4] == NONE or client[i, TRIES] > most or again >= session_end:
        client[i, GAVE_UP] = 1
        spent[0] = count_data(client[i, NEXT], stop, flags) + client[i, DELAYED]
        spent[1] = -client[i, DELAYED]
        client[i, DELAYED] = 0
        again = _NONE
    else:
        client[i, NEXT] = absence(client[i, NEXT], stop, again, times, flags, config[6], spent)
        client[i, DELAYED] += spent[1]
    tally += spent
    if client[i, LAST_ROW] != _NONE and spent.any():
        rows[client[i, LAST_ROW], 6] = 1
    return again


@njit(cache=True, nogil=True)
def _write(i, now, sessions, messages, config, bills_init, natural, client, rows, counts):
    """Write the invocation that a client ends now."""
    connect, close, _, lost, total_bytes, _ = sessions
    _, _, sizes, flags = messages
    start, first, waiting = client[i, START], client[i, NEXT], client[i, WAITING]
    life = close[i] - connect[i]
    row = rows[counts[WRITTEN]]
    row[0], row[1], row[3] = i, client[i, NUMBER], now
    row[2] = client[i, ASKED] if bills_init else start
    row[4] = natural if client[i, OUTCOME] == 0 else client[i, OUTCOME]
    row[5] = (
        delivered_bytes(first, client[i, AFTER], waiting, config[6], sizes, flags)
        + heartbeats(start, now, lost[i], config[3]) * config[7]
        + accrued_bytes(total_bytes[i], now - connect[i], life)
        - (accrued_bytes(total_bytes[i], start - connect[i], life) if start > connect[i] else 0)
    )
    row[7] = client[i, LAST_DATA]
    row[8], row[9] = waiting if config[6] else first, client[i, AFTER]
    row[10], row[11] = client[i, INSTANCE], client[i, COLD]
    client[i, LAST_ROW] = counts[WRITTEN]
    client[i, NUMBER] += 1
    client[i, TRIES] = 0
    counts[WRITTEN] += 1


@njit(cache=True, nogil=True)
def _leave(i, instance, client, table, counts):
    """Take a client off its instance."""
    ahead, behind = client[i, AHEAD], client[i, BEHIND]
    if ahead != _NONE:
        client[ahead, BEHIND] = behind
    else:
        table[instance, HEAD] = behind
    if behind != _NONE:
        client[behind, AHEAD] = ahead
    client[i, INSTANCE] = _NONE
    table[instance, OCCUPANCY] -= 1
    counts[CONNECTIONS] -= 1


@njit(cache=True, nogil=True)
def _free(instance, now, f, settings, granularity, table, idle, warm, sizes, counts, busy_ms):
    """Release an instance that holds no connection any more; one that failed, or never was ready, is gone."""
    counts[BUSY] -= 1
    counts[BUSY_MB] -= settings[f, MEMORY]
    busy_ms[f] += -(-max(now - table[instance, BUSY_SINCE], 0) // granularity) * granularity
    table[instance, RELEASED] = now
    counts[RELEASES] += now > counts[LAST_RELEASE]
    counts[LAST_RELEASE] = now
    if table[instance, FAILS] != FOREVER_MS or table[instance, READY] > now:
        if table[instance, PROVISIONED]:  # the platform starts another in its place
            table[instance, PROVISIONED] = 0
            _warm_instance(f, table, warm, sizes, counts)
    elif table[instance, PROVISIONED]:
        sizes[WARM, f] = push(warm[f], 0, sizes[WARM, f], idle_entry(instance, counts[RELEASES]))
    else:
        sizes[IDLE, f] = push(idle[f], 0, sizes[IDLE, f], idle_entry(instance, counts[RELEASES]))


@njit(cache=True, nogil=True)
def _offer(instance, f, settings, table, running, sizes):
    """Put a running instance with a free place among those that take connections."""
    held, limit = table[instance, OCCUPANCY], settings[f, LIMIT]
    if 0 < held < limit:
        entry = running_entry(instance, held, limit, settings[f, LEAST_LOADED])
        sizes[RUNNING, f] = push(running[f], 0, sizes[RUNNING, f], entry)


@njit(cache=True, nogil=True)
def _connect(i, now, instance, sessions, messages, config, client, table, tally):
    """Let a client connect to its instance, once that is initialised, and find out when and how it will end."""
    _, close, active_until, lost, _, _ = sessions
    offsets, times, _, flags = messages
    stop = offsets[i + 1]
    client[i, INSTANCE], client[i, START] = instance, max(now, table[instance, READY])
    if table[instance, FAILS] <= close[i]:
        client[i, END], client[i, OUTCOME] = table[instance, FAILS], INIT_TIMEOUT
        return
    if client[i, START] >= close[i]:  # it leaves before the instance is ready
        tally[0] += count_data(client[i, NEXT], stop, flags) + client[i, DELAYED]
        tally[1] -= client[i, DELAYED]
        client[i, START], client[i, END], client[i, OUTCOME] = close[i], close[i], 0
        client[i, NEXT], client[i, WAITING], client[i, AFTER] = stop, stop, stop
        client[i, LAST_DATA] = _NONE
        return
    client[i, NEXT] = absence(client[i, NEXT], stop, client[i, START], times, flags, config[6], tally)
    client[i, DELAYED] = 0
    client[i, END], client[i, OUTCOME], client[i, AFTER], client[i, LAST_DATA] = run_invocation(
        client[i, NEXT], stop, client[i, START], close[i], active_until[i], lost[i], times, flags, config
    )


@njit(cache=True, nogil=True)
def _cut_short(i, now, sessions, messages, config, client):
    """Cut a running invocation at an instant before its own end."""
    _, close, active_until, lost, _, _ = sessions
    offsets, times, _, flags = messages
    shortened = config.copy()
    shortened[1] = now - client[i, START]
    _, _, client[i, AFTER], client[i, LAST_DATA] = run_invocation(
        client[i, NEXT], offsets[i + 1], client[i, START], close[i], active_until[i], lost[i], times, flags, shortened
    )
    client[i, END], client[i, OUTCOME] = now, RECYCLED


@njit(cache=True, nogil=True)
def simulate_sessions(
    sessions, messages, configs, settings, by_connect, natural, init_ms, seed, schedule, quota_mb, burst, granularity
):
    """Replay all sessions together with their instances.

    Parameters
    ----------
    sessions, messages, configs : tuple, tuple, ndarray
        As in `kernel.replay_sessions`.
    settings : ndarray of int64, shape (functions, 8)
        Connections an instance holds, keep-alive [ms], memory [MB], placement, initialisation timeout [ms], whether
        initialisation is billed, whether an error recycles its instance, tries after a refusal.
    by_connect : ndarray of int64, shape (n,)
        Sessions in the order of their connects.
    natural : ndarray of int16, shape (n,)
        Outcome of each session's natural end.
    init_ms : ndarray of int64, shape (functions, q)
        Equally likely initialisations of a cold start. [ms]
    seed : int
        Seed of the draws among them.
    schedule : ndarray of int64, shape (changes, 3)
        Instant [ms], function, and how many instances are provisioned from then on, in the order of time.
    quota_mb, burst : int
        Limits beyond which a connection is refused; -1 = no limit. [MB], [1/min]
    granularity : int
        A busy interval is rounded up to a multiple of this. [ms]

    Returns
    -------
    rows : ndarray of int64, shape (k, 12)
        Accepted invocations in the order in which they end, see `ROW`.
    refusals : ndarray of int64, shape (r, 4)
        Attempts that were refused (432, 429) or not initialised in time (450), in the order of time, see `REFUSAL`.
    given_up : ndarray of int64, shape (n,)
        1 where a session ended because of a refusal.
    tally : ndarray of int64, shape (functions, 3)
        Messages lost, messages delayed and pushes missed.
    busy_ms, cold : ndarray of int64, shape (functions,)
        Busy time [ms] and cold starts of each function.
    peaks : ndarray of int64, shape (4,)
        Most connections, instances and memory [MB] at once, and the instant of the last [ms].
    """
    connect, close, active_until, lost, _, function = sessions
    offsets, times, _, flags = messages
    n, functions = connect.size, settings.shape[0]
    client = np.zeros((n, 17), np.int64)
    client[:, NEXT], client[:, WAITING] = offsets[:-1], offsets[:-1]
    client[:, INSTANCE], client[:, LAST_ROW] = _NONE, _NONE
    table, rows, refusals = _rows_of(9), _rows_of(12), _rows_of(4)
    running, idle = np.zeros((functions, _CHUNK), np.int64), np.zeros((functions, _CHUNK), np.int64)
    warm = np.zeros((functions, _CHUNK), np.int64)
    ends, again = np.zeros((_CHUNK, 2), np.int64), np.zeros((_CHUNK, 2), np.int64)
    sizes, provisioned = np.zeros((3, functions), np.int64), np.zeros(functions, np.int64)
    tally, busy_ms, cold = (
        np.zeros((functions, 3), np.int64),
        np.zeros(functions, np.int64),
        np.zeros(functions, np.int64),
    )
    peaks, counts = np.zeros(4, np.int64), np.zeros(10, np.int64)
    counts[LAST_RELEASE] = -FOREVER_MS
    leaving = np.zeros(_CHUNK, np.int64)
    ends_size = again_size = next_first = next_change = 0
    while True:
        while ends_size > 0 and (client[ends[0, 1], INSTANCE] == _NONE or client[ends[0, 1], END] != ends[0, 0]):
            ends_size = _take(ends, ends_size)  # it was cut before
        end_ms = ends[0, 0] if ends_size > 0 else FOREVER_MS
        first_ms = connect[by_connect[next_first]] if next_first < n else FOREVER_MS
        again_ms = again[0, 0] if again_size > 0 else FOREVER_MS
        now = min(end_ms, first_ms, again_ms)
        if now == FOREVER_MS:
            break
        table, rows = _with_room(table, counts[INSTANCES]), _with_room(rows, counts[WRITTEN])
        refusals, ends, again = (
            _with_room(refusals, counts[REFUSED]),
            _with_room(ends, ends_size),
            _with_room(again, again_size),
        )
        running, idle = _wider(running, sizes[RUNNING].max()), _wider(idle, sizes[IDLE].max())
        warm = _wider(warm, sizes[WARM].max())

        if next_change < schedule.shape[0] and schedule[next_change, 0] <= now and schedule[next_change, 0] < end_ms:
            wanted = schedule[next_change, 2]
            table = _with_room(table, counts[INSTANCES] + wanted)
            warm = _wider(warm, sizes[WARM].max() + wanted)
            _provision(
                schedule[next_change, 1], wanted, schedule[next_change, 0], provisioned, table, warm, sizes, counts
            )
            next_change += 1
            continue

        if end_ms == now:
            leaving[0], count = ends[0, 1], 1
            ends_size = _take(ends, ends_size)
            f, instance = function[leaving[0]], client[leaving[0], INSTANCE]
            how = client[leaving[0], OUTCOME]
            failed = how == EXEC_TIMEOUT or (how == 0 and natural[leaving[0]] == SERVER_CLOSE)
            recycled = settings[f, RECYCLE] == 1 and failed and client[leaving[0], START] < now
            other = _NONE
            if recycled:
                table[instance, FAILS], other = now, table[instance, HEAD]
            while other != _NONE:
                if other != leaving[0] and client[other, END] > now:
                    leaving[count] = other
                    count += 1
                    _cut_short(other, now, sessions, messages, configs[f], client)
                other = client[other, BEHIND]
            for k in range(count):
                i = leaving[k]
                stop = offsets[i + 1]
                if client[i, OUTCOME] == INIT_TIMEOUT:
                    resumes = _try_again(
                        i, now, INIT_TIMEOUT, configs[f], settings[f, MAX_RETRIES], client, min(close[i], lost[i]),
                        stop, times, flags, rows, refusals, counts, tally[f],
                    )  # fmt: skip
                else:
                    _write(
                        i, now, sessions, messages, configs[f], settings[f, BILL_INIT], natural[i], client, rows, counts
                    )
                    resumes = _NONE
                    if client[i, OUTCOME] != 0:
                        before = tally[f, 1]
                        resumes, client[i, NEXT], client[i, WAITING], rows[client[i, LAST_ROW], 6] = resume(
                            client[i, AFTER], stop, now, close[i], active_until[i], lost[i], times, flags,
                            configs[f, 4], configs[f, 5], configs[f, 6], tally[f],
                        )  # fmt: skip
                        client[i, DELAYED] = tally[f, 1] - before
                _leave(i, instance, client, table, counts)
                if resumes >= 0:
                    again_size = _add(again, again_size, resumes, i)
            if table[instance, OCCUPANCY] == 0:
                _free(instance, now, f, settings, granularity, table, idle, warm, sizes, counts, busy_ms)
            else:
                _offer(instance, f, settings, table, running, sizes)
            continue

        if first_ms < again_ms or (first_ms == again_ms and by_connect[next_first] < again[0, 1]):
            i = by_connect[next_first]
            next_first += 1
        else:
            i = again[0, 1]
            again_size = _take(again, again_size)
        f, stop = function[i], offsets[i + 1]
        client[i, ASKED], client[i, COLD] = now, 0
        if close[i] == now:  # an invocation of 0 ms occupies no instance
            client[i, START], client[i, DELAYED] = now, 0
            _, client[i, OUTCOME], client[i, AFTER], client[i, LAST_DATA] = run_invocation(
                client[i, NEXT], stop, now, close[i], active_until[i], lost[i], times, flags, configs[f]
            )
            _write(i, now, sessions, messages, configs[f], settings[f, BILL_INIT], natural[i], client, rows, counts)
            continue
        instance = _find(f, now, settings, table, running, idle, warm, sizes)
        if instance == _NONE:
            code = _refusal(now, settings[f, MEMORY], quota_mb, burst, table, counts)
            if code != 0:
                resumes = _try_again(
                    i, now, code, configs[f], settings[f, MAX_RETRIES], client, min(close[i], lost[i]), stop,
                    times, flags, rows, refusals, counts, tally[f],
                )  # fmt: skip
                if resumes >= 0:
                    again_size = _add(again, again_size, resumes, i)
                continue
            instance = counts[INSTANCES]
            counts[INSTANCES] += 1
            counts[RECENT] += 1
            takes = init_draw(init_ms[f], seed, cold.sum())
            table[instance, FUNCTION], table[instance, CREATED], table[instance, HEAD] = f, now, _NONE
            table[instance, READY] = now + takes
            table[instance, FAILS] = now + settings[f, INIT_LIMIT] if takes > settings[f, INIT_LIMIT] else FOREVER_MS
            client[i, COLD] = 1
            cold[f] += 1
        _connect(i, now, instance, sessions, messages, configs[f], client, table, tally[f])
        ends_size = _add(ends, ends_size, client[i, END], i)
        head = table[instance, HEAD]
        client[i, AHEAD], client[i, BEHIND] = _NONE, head
        if head != _NONE:
            client[head, AHEAD] = i
        table[instance, HEAD] = i
        if table[instance, OCCUPANCY] == 0:
            table[instance, BUSY_SINCE] = now if settings[f, BILL_INIT] else client[i, START]
            counts[BUSY] += 1
            counts[BUSY_MB] += settings[f, MEMORY]
        table[instance, OCCUPANCY] += 1
        counts[CONNECTIONS] += 1
        peaks[0], peaks[1] = max(peaks[0], counts[CONNECTIONS]), max(peaks[1], counts[BUSY])
        if counts[BUSY_MB] > peaks[2]:
            peaks[2], peaks[3] = counts[BUSY_MB], now
        _offer(instance, f, settings, table, running, sizes)
    return rows[: counts[WRITTEN]], refusals[: counts[REFUSED]], client[:, GAVE_UP].copy(), tally, busy_ms, cold, peaks
