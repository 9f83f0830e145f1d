# mypy: disable-error-code="no-untyped-def,no-untyped-call,untyped-decorator"
"""The compiled event-driven replay, for rules under which the instances decide how sessions go on.

A connection that is refused, that waits for a cold start, or whose instance is recycled by another's end begins its
next invocation at another instant than it would alone. So all sessions are walked together, in the order of time: at
one instant ends come first, then changes of what is provisioned, then starts by (connection, invocation number).
The rules of one invocation are those of `replay.py`, those of placing a connection those of `packing.py`.

A client holds its instance from the moment it asks for it, so that one that waits for the initialisation takes a place
and memory. Whether it ever connects shows when the instance is ready: one whose session ends by then has left.
"""

from __future__ import annotations

import numpy as np

from scfcost.core.compiler import njit
from scfcost.core.units import FOREVER_MS, MS_PER_MINUTE
from scfcost.lifecycle.kernels.columns import (
    BEAT_DOWN_BYTES,
    BEAT_MS,
    BILL_INIT,
    BUFFER_PUSHES,
    CHANGE_FUNCTION,
    CHANGE_MS,
    CHANGE_WANTED,
    DELAY_MS,
    DELAYED,
    EXEC_MS,
    INIT_LIMIT_MS,
    KEEP_ALIVE_MS,
    LEAST_LOADED,
    LOST,
    MAX_RETRIES,
    MEMORY_MB,
    NONE,
    PLACES,
    POLICY,
    RECYCLE,
)
from scfcost.lifecycle.kernels.event_heap import add_event, take_event
from scfcost.lifecycle.kernels.heaps import (
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
    absence,
    accrued_bytes,
    count_data,
    delivered_bytes,
    heartbeats,
    resume,
    run_invocation,
    suffered,
)
from scfcost.lifecycle.kernels.world import (
    ACTIVE_UNTIL,
    AFTER,
    AGAIN,
    AHEAD,
    ASKED,
    BEHIND,
    CLOSE,
    COLDS,
    CONNECT,
    CREATED,
    END,
    ENDS,
    FAILS,
    FIRST_RECENT,
    FUNCTION,
    GAVE_UP,
    GONE,
    HAS_LEFT,
    HEAD,
    HELD_BACK,
    HELD_MB,
    IDLE,
    INSTANCE,
    INSTANCES,
    LAST_DATA,
    LAST_RELEASE,
    LAST_ROW,
    NATURAL,
    NEXT,
    NEXT_CHANGE,
    NEXT_FIRST,
    NUMBER,
    OCCUPANCY,
    OUTCOME,
    PROVISIONED,
    READY,
    RECENT,
    REFUSAL_ATTEMPT,
    REFUSAL_CODE,
    REFUSAL_MS,
    REFUSAL_SESSION,
    REFUSED,
    RELEASED,
    RELEASES,
    ROW_COLD,
    ROW_EGRESS,
    ROW_END,
    ROW_END_MESSAGE,
    ROW_FIRST_MESSAGE,
    ROW_HARMFUL,
    ROW_INSTANCE,
    ROW_LAST_DATA,
    ROW_NUMBER,
    ROW_OUTCOME,
    ROW_SESSION,
    ROW_START,
    RUNNING,
    SERVED_BY,
    START,
    STOP,
    TOTAL_BYTES,
    TRIES,
    WAITING,
    WARM,
    WAS_COLD,
    WRITTEN,
)
from scfcost.lifecycle.outcomes import BURST, EXEC_TIMEOUT, INIT_TIMEOUT, LEFT, QUOTA, RECYCLED, SERVER_CLOSE

_NONE = -1
_ENDS, _AGAIN = range(2)
"""The heaps of events: ends to come, and clients that come back."""


@njit()
def advance(world, seed, quota_mb, burst, room):
    """Walk from event to event until all sessions are over, or a table may lack room for the next one.

    Parameters
    ----------
    world : World
        What is known so far; changed in place.
    seed : int
        Seed of the initialisations drawn.
    quota_mb, burst : int
        Limits beyond which a connection is refused; -1 = no limit. [MB], [1/min]
    room : int
        Rows that one event may add to a table. [1]

    Returns
    -------
    bool
        Whether all sessions are over.
    """
    # Each helper is handed only the arrays that it needs: numba counts references to all that are handed over, and
    # handing over the whole world takes five times as long, to compile as well as to run.
    clients, instances, heaps, sizes, events = world.clients, world.instances, world.heaps, world.sizes, world.events
    settings, rows, refusals, tally, counts = world.settings, world.rows, world.refusals, world.tally, world.counts
    times, size_of, flags = world.times, world.size_of, world.flags
    schedule, by_connect, provisioned, leaving = world.schedule, world.by_connect, world.provisioned, world.leaving
    while (
        _largest(sizes) + room <= heaps.shape[2]
        and counts[INSTANCES] + room <= instances.shape[0]
        and max(counts[ENDS], counts[AGAIN]) + room <= events.shape[1]
        and counts[WRITTEN] + room <= rows.shape[0]
        and counts[REFUSED] + room <= refusals.shape[0]
    ):
        _drop_overtaken_ends(events[_ENDS], clients, counts)
        end_ms = events[_ENDS, 0, 0] if counts[ENDS] > 0 else FOREVER_MS
        first_ms, i = FOREVER_MS, _NONE
        if counts[NEXT_FIRST] < by_connect.size:
            i = by_connect[counts[NEXT_FIRST]]
            first_ms = clients[i, CONNECT]
        again_ms = events[_AGAIN, 0, 0] if counts[AGAIN] > 0 else FOREVER_MS
        now = min(end_ms, first_ms, again_ms)
        if now == FOREVER_MS:
            return True
        change_ms = schedule[counts[NEXT_CHANGE], CHANGE_MS] if counts[NEXT_CHANGE] < len(schedule) else FOREVER_MS
        if change_ms <= now and change_ms < end_ms:
            _provision(schedule[counts[NEXT_CHANGE]], instances, heaps, sizes, provisioned, counts)
            continue

        if end_ms == now:
            leaving[0] = events[_ENDS, 0, 1]
            counts[ENDS] = take_event(events[_ENDS], counts[ENDS])
            instance, count = clients[leaving[0], INSTANCE], 1
            if _recycles(leaving[0], clients, settings):
                count = _recycle(instance, now, clients, instances, settings, leaving, times, flags)
            for k in range(count):
                i = leaving[k]
                own_tally = tally[clients[i, SERVED_BY]]
                if clients[i, OUTCOME] == INIT_TIMEOUT:
                    _try_again(
                        i, now, INIT_TIMEOUT, clients, settings, rows, refusals, events, own_tally, counts, times, flags
                    )
                elif clients[i, OUTCOME] == LEFT:
                    clients[i, HAS_LEFT] = 1
                    _lose_the_rest(i, clients, rows, own_tally, flags)
                else:
                    _write(i, now, clients, settings, rows, counts, size_of, flags)
                    if clients[i, OUTCOME] != 0:
                        _come_back(i, now, clients, settings, rows, events, own_tally, counts, times, flags)
                _leave(i, clients, instances)
            if instances[instance, OCCUPANCY] == 0:
                _free(instance, now, instances, settings, heaps, sizes, counts)
            else:
                _offer(instance, instances, settings, heaps, sizes)
            continue

        if first_ms < again_ms or (first_ms == again_ms and i < events[_AGAIN, 0, 1]):
            counts[NEXT_FIRST] += 1
        else:
            i = events[_AGAIN, 0, 1]
            counts[AGAIN] = take_event(events[_AGAIN], counts[AGAIN])
        f = clients[i, SERVED_BY]
        clients[i, ASKED], clients[i, WAS_COLD] = now, 0
        if clients[i, CLOSE] == now:  # an invocation of 0 ms occupies no instance, so there is none to wait for either
            clients[i, START], clients[i, HELD_BACK] = now, 0
            _run(i, clients, settings[f], times, flags)
            _write(i, now, clients, settings, rows, counts, size_of, flags)
            continue
        instance = _find(f, now, instances, settings, heaps, sizes)
        if instance == _NONE:
            code = _refusal(now, settings[f, MEMORY_MB], quota_mb, burst, instances, counts)
            if code != 0:
                _try_again(i, now, code, clients, settings, rows, refusals, events, tally[f], counts, times, flags)
                continue
            takes = init_draw(world.init_ms[f], seed, counts[COLDS])
            instance = _start_cold(f, now, takes, instances, settings, counts)
            world.cold[f] += 1
            clients[i, WAS_COLD] = 1
        _connect(i, now, instance, clients, instances, settings, rows, tally[f], times, flags)
        counts[ENDS] = add_event(events[_ENDS], counts[ENDS], clients[i, END], i)
        _hold(i, instance, clients, instances, settings, counts)
        _offer(instance, instances, settings, heaps, sizes)
    return False


@njit()
def _largest(sizes):
    """Return the largest heap's entries. By hand: numba's maximum over two axes asks for memory. [1]"""
    largest = 0
    for heap in range(sizes.shape[0]):
        for f in range(sizes.shape[1]):
            largest = max(largest, sizes[heap, f])
    return largest


@njit()
def _drop_overtaken_ends(ends, clients, counts):
    """Drop ends to come of clients that were cut before."""
    while counts[ENDS] > 0 and (clients[ends[0, 1], INSTANCE] == _NONE or clients[ends[0, 1], END] != ends[0, 0]):
        counts[ENDS] = take_event(ends, counts[ENDS])


@njit()
def init_draw(quantiles, seed, number):
    """Draw the initialisation of a cold start by its number: the same wherever and whenever it is drawn. [ms]

    Parameters
    ----------
    quantiles : ndarray of int64, shape (q,)
        Equally likely initialisations. [ms]
    seed : int
        Seed of all draws.
    number : int
        How many cold starts came before.
    """
    mixed = np.uint64(seed) + np.uint64(number + 1) * np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed = mixed ^ (mixed >> np.uint64(31))
    return quantiles[np.int64(mixed % np.uint64(quantiles.size))]


@njit()
def _provision(change, instances, heaps, sizes, provisioned, counts):
    """Start or stop provisioned instances of a function until there are as many as wanted."""
    now, f, wanted = change[CHANGE_MS], change[CHANGE_FUNCTION], change[CHANGE_WANTED]
    counts[NEXT_CHANGE] += 1
    counts[RELEASES] += now > counts[LAST_RELEASE]
    counts[LAST_RELEASE] = now
    if wanted < provisioned[f]:
        sizes[WARM, f] = stop_provisioned(
            provisioned[f] - wanted, f, heaps[WARM, f], 0, sizes[WARM, f],
            instances[:, PROVISIONED], instances[:, FUNCTION], counts[INSTANCES],
        )  # fmt: skip
    for _ in range(wanted - provisioned[f]):
        _start_warm(f, instances, heaps, sizes, counts)
    provisioned[f] = wanted


@njit()
def _start_warm(f, instances, heaps, sizes, counts):
    """Add a provisioned instance, idle and initialised."""
    instance = counts[INSTANCES]
    counts[INSTANCES] += 1
    instances[instance, FUNCTION], instances[instance, PROVISIONED] = f, 1
    instances[instance, READY], instances[instance, FAILS] = -FOREVER_MS, FOREVER_MS
    instances[instance, HEAD] = _NONE
    instances[instance, CREATED] = -FOREVER_MS  # it is no start of the burst limit
    sizes[WARM, f] = push(heaps[WARM, f], 0, sizes[WARM, f], idle_entry(instance, counts[RELEASES]))


@njit()
def _start_cold(f, now, takes, instances, settings, counts):
    """Add a new instance, whose initialisation takes so long, and return it."""
    instance, limit = counts[INSTANCES], settings[f, INIT_LIMIT_MS]
    instances[instance, FUNCTION], instances[instance, CREATED], instances[instance, HEAD] = f, now, _NONE
    instances[instance, READY] = now + takes
    instances[instance, FAILS] = now + limit if takes > limit else FOREVER_MS  # just the timeout is in time
    counts[INSTANCES] += 1
    counts[COLDS] += 1
    counts[RECENT] += 1
    return instance


@njit()
def _find(f, now, instances, settings, heaps, sizes):
    """Find the instance that takes the next connection of a function, and take it out of its heap; -1 for none."""
    if settings[f, PLACES] > 1:
        instance, sizes[RUNNING, f] = next_running(
            heaps[RUNNING, f], 0, sizes[RUNNING, f], instances[:, OCCUPANCY], settings[f, PLACES],
            settings[f, LEAST_LOADED],
        )  # fmt: skip
        if instance >= 0:
            return instance
    kept = NOTHING
    if sizes[IDLE, f] > 0:
        kept = heaps[IDLE, f, 0]
        if now - instances[idle_instance(kept), RELEASED] > settings[f, KEEP_ALIVE_MS]:
            sizes[IDLE, f], kept = 0, NOTHING  # the one released last is gone: all are
    ready = heaps[WARM, f, 0] if sizes[WARM, f] > 0 else NOTHING
    if ready < kept:
        sizes[WARM, f] = pop(heaps[WARM, f], 0, sizes[WARM, f])
        return idle_instance(ready)
    if kept < NOTHING:
        sizes[IDLE, f] = pop(heaps[IDLE, f], 0, sizes[IDLE, f])
        return idle_instance(kept)
    return _NONE


@njit()
def _refusal(now, memory_mb, quota_mb, burst, instances, counts):
    """Return the code with which a new instance is refused, 0 where it is not; the quota is tested first."""
    while counts[FIRST_RECENT] < counts[INSTANCES] and instances[counts[FIRST_RECENT], CREATED] <= now - MS_PER_MINUTE:
        counts[RECENT] -= instances[counts[FIRST_RECENT], CREATED] > -FOREVER_MS
        counts[FIRST_RECENT] += 1
    if quota_mb >= 0 and counts[HELD_MB] + memory_mb > quota_mb:
        return QUOTA
    return BURST if burst >= 0 and counts[RECENT] >= burst else 0


@njit()
def _connect(i, now, instance, clients, instances, settings, rows, tally, times, flags):
    """Let a client connect once its instance is initialised, and find out when and how that will end."""
    config, close = settings[clients[i, SERVED_BY]], clients[i, CLOSE]
    ready, fails = instances[instance, READY], instances[instance, FAILS]
    clients[i, INSTANCE], clients[i, START] = instance, max(now, ready)
    if fails <= close:  # a limit that is reached wins over a close at the same instant
        clients[i, END], clients[i, OUTCOME] = fails, INIT_TIMEOUT
        return
    if ready >= close:  # ends come before starts: a session that ends as its instance gets ready has left, too
        clients[i, END], clients[i, OUTCOME] = close, LEFT
        return
    before = suffered(tally)
    clients[i, NEXT] = absence(
        clients[i, NEXT], clients[i, STOP], clients[i, START], times, flags, config[BUFFER_PUSHES], tally
    )
    _note_harm(i, suffered(tally) > before, clients[i, START], clients, rows)
    clients[i, HELD_BACK] = 0
    clients[i, END] = _run(i, clients, config, times, flags)


@njit()
def _run(i, clients, config, times, flags):
    """Find out how the invocation of a client goes on from its start, and return when it ends. [ms]"""
    end, clients[i, OUTCOME], clients[i, AFTER], clients[i, LAST_DATA] = run_invocation(
        clients[i, NEXT], clients[i, STOP], clients[i, START], clients[i, CLOSE], clients[i, ACTIVE_UNTIL],
        clients[i, GONE], times, flags, config,
    )  # fmt: skip
    return end


@njit()
def _hold(i, instance, clients, instances, settings, counts):
    """Put a client on its instance, at the head of the chain of those that it holds."""
    head = instances[instance, HEAD]
    clients[i, AHEAD], clients[i, BEHIND] = _NONE, head
    if head != _NONE:
        clients[head, AHEAD] = i
    instances[instance, HEAD] = i
    if instances[instance, OCCUPANCY] == 0:
        counts[HELD_MB] += settings[clients[i, SERVED_BY], MEMORY_MB]
    instances[instance, OCCUPANCY] += 1


@njit()
def _leave(i, clients, instances):
    """Take a client off its instance."""
    instance, ahead, behind = clients[i, INSTANCE], clients[i, AHEAD], clients[i, BEHIND]
    if ahead != _NONE:
        clients[ahead, BEHIND] = behind
    else:
        instances[instance, HEAD] = behind
    if behind != _NONE:
        clients[behind, AHEAD] = ahead
    clients[i, INSTANCE] = _NONE
    instances[instance, OCCUPANCY] -= 1


@njit()
def _offer(instance, instances, settings, heaps, sizes):
    """Put a running instance with a free place among those that take connections."""
    f = instances[instance, FUNCTION]
    held, places = instances[instance, OCCUPANCY], settings[f, PLACES]
    if 0 < held < places:
        entry = running_entry(instance, held, places, settings[f, LEAST_LOADED])
        sizes[RUNNING, f] = push(heaps[RUNNING, f], 0, sizes[RUNNING, f], entry)


@njit()
def _free(instance, now, instances, settings, heaps, sizes, counts):
    """Release an instance that no client holds; one that failed, was recycled or never was ready is gone."""
    f = instances[instance, FUNCTION]
    counts[HELD_MB] -= settings[f, MEMORY_MB]
    instances[instance, RELEASED] = now
    counts[RELEASES] += now > counts[LAST_RELEASE]  # instances released at one instant are of one order
    counts[LAST_RELEASE] = now
    if instances[instance, FAILS] != FOREVER_MS or instances[instance, READY] > now:
        if instances[instance, PROVISIONED]:  # the platform starts another in its place
            instances[instance, PROVISIONED] = 0
            _start_warm(f, instances, heaps, sizes, counts)
    elif instances[instance, PROVISIONED]:
        sizes[WARM, f] = push(heaps[WARM, f], 0, sizes[WARM, f], idle_entry(instance, counts[RELEASES]))
    else:
        sizes[IDLE, f] = push(heaps[IDLE, f], 0, sizes[IDLE, f], idle_entry(instance, counts[RELEASES]))


@njit()
def _recycles(i, clients, settings):
    """Whether the end of a client's invocation recycles its instance: by one of two codes, 433 and 439."""
    outcome = clients[i, OUTCOME]
    failed = outcome == EXEC_TIMEOUT or (outcome == 0 and clients[i, NATURAL] == SERVER_CLOSE)
    return failed and settings[clients[i, SERVED_BY], RECYCLE] == 1


@njit()
def _recycle(instance, now, clients, instances, settings, leaving, times, flags):
    """End an instance, cut what else it holds beyond this instant, and return how many clients leave it by that."""
    instances[instance, FAILS] = now
    count, other = 1, instances[instance, HEAD]
    while other != _NONE:
        if other != leaving[0] and clients[other, END] > now:
            leaving[count] = other
            count += 1
            own = settings[clients[other, SERVED_BY]]
            execution = own[EXEC_MS]
            own[EXEC_MS] = now - clients[other, START]  # for this one run: a copy would ask for memory
            _run(other, clients, own, times, flags)
            own[EXEC_MS] = execution
            clients[other, END], clients[other, OUTCOME] = now, RECYCLED
        other = clients[other, BEHIND]
    return count


@njit()
def _note_harm(i, suffered, until, clients, rows):
    """Mark the cut before an attempt as harmful, if messages suffered by it, or an assumed activity went on until then.

    A cut is answered for up to the next invocation of its session: for refusals and the initialisation before that too.
    """
    last_row = clients[i, LAST_ROW]
    if last_row == _NONE:
        return
    cut = rows[last_row, ROW_END]
    if suffered or cut < min(clients[i, ACTIVE_UNTIL], until):
        rows[last_row, ROW_HARMFUL] = 1


@njit()
def _try_again(i, now, code, clients, settings, rows, refusals, events, tally, counts, times, flags):
    """Note a refusal, and let its client come back after the reconnect delay, or give up."""
    config, refusal = settings[clients[i, SERVED_BY]], refusals[counts[REFUSED]]
    refusal[REFUSAL_SESSION], refusal[REFUSAL_MS], refusal[REFUSAL_CODE] = i, now, code
    refusal[REFUSAL_ATTEMPT] = clients[i, TRIES]
    counts[REFUSED] += 1
    clients[i, TRIES] += 1
    again, spent = now + config[DELAY_MS], clients[i, TRIES] > config[MAX_RETRIES]
    if config[POLICY] == NONE or spent or again >= min(clients[i, CLOSE], clients[i, GONE]):
        clients[i, GAVE_UP] = 1
        _lose_the_rest(i, clients, rows, tally, flags)
        return
    before, delayed = suffered(tally), tally[DELAYED]
    clients[i, NEXT] = absence(clients[i, NEXT], clients[i, STOP], again, times, flags, config[BUFFER_PUSHES], tally)
    clients[i, HELD_BACK] += tally[DELAYED] - delayed
    _note_harm(i, suffered(tally) > before, again, clients, rows)
    counts[AGAIN] = add_event(events[_AGAIN], counts[AGAIN], again, i)


@njit()
def _lose_the_rest(i, clients, rows, tally, flags):
    """Lose what a client has not sent or received when its session ends without another invocation."""
    left = count_data(clients[i, NEXT], clients[i, STOP], flags) + clients[i, HELD_BACK]
    tally[LOST] += left
    tally[DELAYED] -= clients[i, HELD_BACK]  # they wait no longer
    clients[i, HELD_BACK] = 0
    _note_harm(i, left > 0, FOREVER_MS, clients, rows)


@njit()
def _come_back(i, now, clients, settings, rows, events, tally, counts, times, flags):
    """Let a client that was cut follow its policy."""
    delayed = tally[DELAYED]
    resumes, clients[i, NEXT], clients[i, WAITING], harmful = resume(
        clients[i, AFTER], clients[i, STOP], now, clients[i, CLOSE], clients[i, ACTIVE_UNTIL], clients[i, GONE],
        times, flags, settings[clients[i, SERVED_BY]], tally,
    )  # fmt: skip
    rows[clients[i, LAST_ROW], ROW_HARMFUL] = harmful
    clients[i, HELD_BACK] = tally[DELAYED] - delayed
    if resumes >= 0:
        counts[AGAIN] = add_event(events[_AGAIN], counts[AGAIN], resumes, i)


@njit()
def _write(i, now, clients, settings, rows, counts, size_of, flags):
    """Write the invocation that a client ends now."""
    config, row = settings[clients[i, SERVED_BY]], rows[counts[WRITTEN]]
    connect, start, first, waiting = clients[i, CONNECT], clients[i, START], clients[i, NEXT], clients[i, WAITING]
    total, life, buffers = clients[i, TOTAL_BYTES], clients[i, CLOSE] - connect, config[BUFFER_PUSHES]
    row[ROW_SESSION], row[ROW_NUMBER], row[ROW_END] = i, clients[i, NUMBER], now
    row[ROW_START] = clients[i, ASKED] if config[BILL_INIT] else start
    row[ROW_OUTCOME] = clients[i, NATURAL] if clients[i, OUTCOME] == 0 else clients[i, OUTCOME]
    row[ROW_EGRESS] = (
        delivered_bytes(first, clients[i, AFTER], waiting, buffers, size_of, flags)
        + heartbeats(start, now, clients[i, GONE], config[BEAT_MS]) * config[BEAT_DOWN_BYTES]
        + accrued_bytes(total, now - connect, life)
        - (accrued_bytes(total, start - connect, life) if start > connect else 0)
    )
    row[ROW_LAST_DATA] = clients[i, LAST_DATA]
    row[ROW_FIRST_MESSAGE], row[ROW_END_MESSAGE] = waiting if buffers else first, clients[i, AFTER]
    row[ROW_INSTANCE], row[ROW_COLD] = clients[i, INSTANCE], clients[i, WAS_COLD]
    clients[i, LAST_ROW] = counts[WRITTEN]
    clients[i, NUMBER] += 1
    clients[i, TRIES] = 0
    counts[WRITTEN] += 1
