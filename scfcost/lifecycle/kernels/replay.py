# mypy: disable-error-code="no-untyped-def,no-untyped-call,untyped-decorator"
"""The compiled replay: each session under the platform's rules and its client's policy, one after the other.

`replay.py` wraps these functions for callers. A session is walked message by message: an invocation begins at an
instant, activity pushes its idle deadline on, and whichever of close, idle deadline and execution deadline comes first
ends it; deadlines win ties. What its client does after a cut begins the next one.
"""

from __future__ import annotations

from scfcost.core.compiler import njit
from scfcost.lifecycle.kernels.columns import (
    BEAT_DOWN_BYTES,
    BEAT_MS,
    BUFFER_PUSHES,
    CUT_COUNT,
    DELAY_MS,
    DELAYED,
    EGRESS_BYTES,
    EXEC_MS,
    HARMFUL_CUTS,
    IDLE_MS,
    IMMEDIATE,
    INVOCATION_COUNT,
    LIFE_MS,
    LOST,
    LOST_COUNT,
    MISSED,
    ON_DEMAND,
    PING_RESETS,
    POLICY,
    RECONNECT_COUNT,
)
from scfcost.lifecycle.outcomes import EXEC_TIMEOUT, IDLE_TIMEOUT
from scfcost.trace.model import CONTROL, DIRECTION_MASK, DOWN

_LONG_MS = 2**31
"""Lives from which on products of two lengths of time need more than 62 bits. [ms]"""
BLOCK = 256
"""Sessions that are replayed under one setting after the other. [1]"""
_NO_DATA = -1
"""`last_data_ms` of an invocation that delivered no data message."""


@njit(inline="always")
def is_data(flags):
    """Whether a message row is a data message."""
    return flags & CONTROL == 0


@njit(inline="always")
def is_push(flags):
    """Whether a message goes from the function to its client."""
    return flags & DIRECTION_MASK == DOWN


@njit()
def after_heartbeats(last, until, start, period, idle, deadline):
    """Return the last activity once the heartbeats before `until` have kept the connection alive as far as they can.

    Heartbeats come at start + period, start + 2 × period, …; one counts while the idle deadline and `deadline` have
    not been reached.

    Parameters
    ----------
    last : int
        Last activity so far. [ms]
    until : int
        Next message, or where the session ends. [ms]
    start : int
        Start of the invocation. [ms]
    period, idle : int
        Heartbeat period, 0 for none, and idle timeout. [ms]
    deadline : int
        Execution deadline. [ms]
    """
    if period == 0:
        return last
    limit = min(until, deadline)
    beat = start + ((last - start) // period + 1) * period
    while beat < limit and beat < last + idle:
        last = beat
        if period < idle:  # each heartbeat comes before the next idle deadline: jump to the last one
            last = beat + (limit - 1 - beat) // period * period
        beat = last + period
    return last


@njit()
def run_invocation(first, stop, start, close, active_until, lost, times, flags, config):
    """Run one invocation to its end.

    Parameters
    ----------
    first, stop : int
        First message that it can deliver, and the one after the session's last.
    start : int
        Start of the invocation. [ms]
    close, active_until, lost : int
        Natural end, assumed activity and loss of the client. [ms]
    times, flags : ndarray, shape (m,)
        Instants [ms] and flags of the messages.
    config : ndarray of int64, shape (settings,)
        Settings of the function, see `columns`.

    Returns
    -------
    end, outcome, next, last_data
        The end, IDLE_TIMEOUT, EXEC_TIMEOUT or 0 for the session's own end, the first message not delivered, and the
        instant of the last data message delivered (-1 for none).
    """
    idle, execution, period = config[IDLE_MS], config[EXEC_MS], config[BEAT_MS]
    exec_deadline = start + execution
    last = max(start, min(active_until, close))
    last_data = last if active_until > start else _NO_DATA
    position = first
    while position < stop:
        time = times[position]
        last = after_heartbeats(last, min(time, lost), start, period, idle, exec_deadline)
        if time >= min(last + idle, exec_deadline):
            break
        if is_data(flags[position]):
            last_data = max(last_data, time)
            last = max(last, time)
        elif config[PING_RESETS]:
            last = max(last, time)
        position += 1
    if position == stop:
        last = after_heartbeats(last, min(close, lost), start, period, idle, exec_deadline)
    deadline = min(last + idle, exec_deadline)
    if deadline > close:
        return close, 0, stop, last_data
    if last_data > deadline:  # an assumed activity that the execution deadline cut short
        last_data = deadline
    return deadline, IDLE_TIMEOUT if last + idle <= exec_deadline else EXEC_TIMEOUT, position, last_data


@njit()
def absence(position, stop, start, times, flags, buffer_pushes, tally):
    """Count what the messages before `start` suffer while their client is away, and return the first one after them.

    Parameters
    ----------
    position, stop : int
        The next message, and the one after the session's last.
    start : int
        When the client is back. [ms]
    times, flags : ndarray, shape (m,)
        Instants [ms] and flags of the messages.
    buffer_pushes : bool
        Whether pushes wait while the client is away.
    tally : ndarray of int64, shape (3,)
        Messages lost, messages delayed and pushes missed are added here. [1]
    """
    while position < stop and times[position] < start:
        if is_data(flags[position]):
            if is_push(flags[position]) and not buffer_pushes:
                tally[MISSED] += 1
            else:
                tally[DELAYED] += 1
        position += 1
    return position


@njit(inline="always")
def suffered(tally):
    """Messages of a tally. Added by hand: a sum over an array, or a slice set to one, takes long to compile."""
    return tally[LOST] + tally[DELAYED] + tally[MISSED]


@njit()
def count_data(position, stop, flags):
    """Count the data messages of a run.

    Parameters
    ----------
    position, stop : int
        First message of the run, and the one after its last.
    flags : ndarray, shape (m,)
        Flags of the messages.
    """
    count = 0
    for k in range(position, stop):
        count += is_data(flags[k])
    return count


@njit()
def resume(position, stop, cut, close, active_until, lost, times, flags, config, tally):
    """Find where a session goes on after a cut, and count what its messages suffer in between.

    Parameters
    ----------
    position, stop : int
        The next message, and the one after the session's last.
    cut : int
        When the invocation was cut. [ms]
    close, active_until, lost : int
        Natural end, assumed activity and loss of the client. [ms]
    times, flags : ndarray, shape (m,)
        Instants [ms] and flags of the messages.
    config : ndarray of int64, shape (settings,)
        Settings of the function, see `columns`.
    tally : ndarray of int64, shape (3,)
        Messages lost, messages delayed and pushes missed are added here. [1]

    Returns
    -------
    start, next, waiting, harmful
        Start of the next invocation (-1 where the session is over), the first message it can deliver on time, the
        first one that waited for it (`waiting:next` are delivered late), and whether the cut did harm.
    """
    before = suffered(tally)
    active = cut < active_until
    if config[POLICY] == ON_DEMAND:
        if active and cut < lost:
            return cut, position, position, False
        while position < stop:
            if is_data(flags[position]):
                if is_push(flags[position]):
                    tally[MISSED] += 1
                elif times[position] < lost:
                    return times[position], position, position, suffered(tally) > before
                else:
                    tally[LOST] += 1
            position += 1
        return -1, stop, stop, active or suffered(tally) > before
    start = cut + config[DELAY_MS]
    if config[POLICY] == IMMEDIATE and start < close and start < lost:
        waiting = position
        position = absence(position, stop, start, times, flags, config[BUFFER_PUSHES], tally)
        harmful = (active and start > cut) or suffered(tally) > before
        return start, position, waiting, harmful
    tally[LOST] += count_data(position, stop, flags)
    return -1, stop, stop, active or suffered(tally) > before


@njit()
def delivered_bytes(first, stop, waiting, buffer_pushes, sizes, flags):
    """Sum the known bytes of the pushes that one invocation delivers, late ones included where they wait.

    Parameters
    ----------
    first, stop : int
        First message that comes on time, and the one after the last.
    waiting : int
        First message that waited for the invocation.
    buffer_pushes : bool
        Whether pushes wait while the client is away.
    sizes, flags : ndarray, shape (m,)
        Bytes [B] and flags of the messages.
    """
    total = 0
    for position in range(waiting if buffer_pushes else first, stop):
        flag = flags[position]
        if is_data(flag) and is_push(flag) and sizes[position] > 0:
            total += sizes[position]
    return total


@njit()
def divided(one, other, divisor):
    """Return quotient and remainder of one × other / divisor, where one < divisor, however long the product is.

    Parameters
    ----------
    one, other : int
        Factors, at least 0.
    divisor : int
        More than `one`.
    """
    quotient, remainder = 0, 0
    for bit in range(62, -1, -1):  # long multiplication, one bit at a time
        quotient, remainder = 2 * quotient, 2 * remainder
        if other >> bit & 1:
            remainder += one
        quotient += remainder // divisor
        remainder %= divisor
    return quotient, remainder


@njit()
def accrued_bytes(total, elapsed, life):
    """Return floor(total × elapsed / life), the bytes that an even flow has moved by then, without overflow.

    Parameters
    ----------
    total : int
        Bytes of the whole flow. [B]
    elapsed, life : int
        Time since its start, and of all of it. [ms]
    """
    if total <= 0:
        return 0
    if elapsed >= life:
        return total
    whole = total // life * elapsed
    rest = total % life
    if rest < 2_147_483_648 and elapsed < 2_147_483_648:
        return whole + rest * elapsed // life
    return whole + divided(rest, elapsed, life)[0]


@njit()
def heartbeats(start, end, lost, period):
    """Count the injected heartbeats of one invocation: those before its end, while the client is there.

    Parameters
    ----------
    start, end : int
        Life of the invocation. [ms]
    lost : int
        When the client is lost. [ms]
    period : int
        Heartbeat period, 0 for none. [ms]
    """
    limit = min(end, lost) - 1
    return max((limit - start) // period, 0) if period else 0


@njit()
def whole_cycles(position, stop, start, resumes, close, active_until, lost, times):
    """Count how often an invocation that delivered nothing, and the absence after it, repeat just as they were.

    A silent client is cut, comes back and is cut again: each time the same, a cycle later, until a message comes, the
    session ends, the client is lost or its assumed activity is over. So whole cycles need not be walked one by one.
    What remains of the last one is walked as ever, which keeps each edge where the rules of one invocation put it.

    Parameters
    ----------
    position, stop : int
        The next message, and the one after the session's last.
    start, resumes : int
        Starts of the invocation and of the one after it. [ms]
    close, active_until, lost : int
        Natural end, assumed activity and loss of the client. [ms]
    times : ndarray of int64, shape (m,)
        Instants of the messages. [ms]

    Returns
    -------
    int
        Further cycles, each of `resumes` - `start`. [1]
    """
    until = min(close, lost) - 1
    if position < stop:
        until = min(until, times[position])
    if start < active_until:
        until = min(until, active_until - 1)
    return max((until - start) // (resumes - start) - 1, 0) if resumes > start else 0


@njit()
def floor_sum(count, modulus, slope, offset):
    """Sum floor((slope × k + offset) / modulus) for k from 0 to `count` - 1, in as many steps as Euclid's algorithm.

    All are at least 0, and slope × count + offset less than 2^63.

    Parameters
    ----------
    count : int
        Terms. [1]
    modulus, slope, offset : int
        Those of the formula.

    References
    ----------
    The sum of the lattice points below a line, as in the AtCoder Library's `floor_sum`.
    """
    total = 0
    while True:
        total += count * (count - 1) // 2 * (slope // modulus) + count * (offset // modulus)
        slope, offset = slope % modulus, offset % modulus
        last = slope * count + offset
        if last < modulus:
            return total
        count, offset = last // modulus, last % modulus
        modulus, slope = slope, modulus


@njit()
def long_floor_sum(count, modulus, slope, offset):
    """Sum as `floor_sum` does, in stretches whose products stay below 2^63; modulo 2^64, which differences lose.

    Parameters
    ----------
    count : int
        Terms. [1]
    modulus, slope, offset : int
        Those of the formula.
    """
    total, moved = 0, 0
    while count > 0:
        stretch = min(count, 4_611_686_018_427_387_904 // modulus)
        total += stretch * moved + floor_sum(stretch, modulus, slope, offset)
        offset += slope * stretch
        moved += offset // modulus
        offset %= modulus
        count -= stretch
    return total


@njit()
def accrued_in_cycles(total, life, begin, leg, cycle, count):
    """Sum what `accrued_bytes` tells of legs a cycle apart, the first of them `begin` after the connect. [B]

    Parameters
    ----------
    total : int
        Bytes of the whole flow. [B]
    life : int
        Time of the whole flow. [ms]
    begin, leg, cycle : int
        Start of the first leg after the connect, length of a leg, and from one to the next. [ms]
    count : int
        Legs. [1]
    """
    if total <= 0:
        return 0
    rest = total % life
    whole = count * leg * (total // life)
    if life >= _LONG_MS:
        (later, later_rest), (sooner, sooner_rest) = divided(rest, begin + leg, life), divided(rest, begin, life)
        slope = divided(rest, cycle, life)[1]  # whole bytes of each cycle are in both sums
        parts = long_floor_sum(count, life, slope, later_rest) - long_floor_sum(count, life, slope, sooner_rest)
        return whole + count * (later - sooner) + parts
    return (
        whole
        + floor_sum(count, life, rest * cycle, rest * (begin + leg))
        - floor_sum(count, life, rest * cycle, rest * begin)
    )


@njit()
def count_sessions(sessions, messages, configs, begin, end_of_part, counts, tally):
    """Count the invocations of each session; the arguments are those of `replay_sessions`.

    Parameters
    ----------
    sessions, messages : tuple of ndarray
        Columns of the sessions and of their messages, see `replay_sessions`.
    configs : ndarray of int64, shape (functions, 8)
        A row a function, see `columns`.
    begin, end_of_part : int
        First session of the part, and the one after its last.
    counts : ndarray of int64, shape (n,)
        Invocations of each session are added here. [1]
    tally : ndarray of int64, shape (3,)
        Room for what is not asked here.
    """
    connect, close, active_until, lost, _, function = sessions
    offsets, times, _, flags = messages
    for i in range(begin, end_of_part):
        config = configs[function[i]]
        start, position, stop = connect[i], offsets[i], offsets[i + 1]
        while start >= 0:
            counts[i] += 1
            end, outcome, after, _ = run_invocation(
                position, stop, start, close[i], active_until[i], lost[i], times, flags, config
            )
            if outcome == 0:
                break
            begun, before = start, position
            start, position, _, _ = resume(
                after, stop, end, close[i], active_until[i], lost[i], times, flags, config, tally
            )
            if start >= 0 and position == before:
                repeats = whole_cycles(position, stop, begun, start, close[i], active_until[i], lost[i], times)
                counts[i] += repeats
                start += repeats * (start - begun)


@njit()
def replay_sessions(sessions, messages, configs, begin, end_of_part, first_row, natural, columns, tally):
    """Replay the sessions of one part of a trace and write a row an invocation.

    Parameters
    ----------
    sessions : tuple of ndarray, each of shape (n,)
        Connect, natural end, assumed activity and loss of the client [ms], bytes of a connection without message rows
        [B] and function index.
    messages : tuple of ndarray
        Offsets of shape (n + 1,), then instants [ms], bytes [B] and flags of shape (m,).
    configs : ndarray of int64, shape (functions, 8)
        A row a function, see `columns`.
    begin, end_of_part : int
        First session of the part, and the one after its last.
    first_row : ndarray of int64, shape (n,)
        Row of each session's first invocation.
    natural : ndarray of int16, shape (n,)
        Outcome of each session's natural end.
    columns : tuple of ndarray, each of shape (invocations,)
        Session, number, start, end, outcome, egress, harmful, last data message, first and last message: written here.
    tally : ndarray of int64, shape (functions, 3)
        Messages lost, messages delayed and pushes missed are added here.
    """
    connect, close, active_until, lost, total_bytes, function = sessions
    offsets, times, sizes, flags = messages
    session, number, starts, ends, outcomes, egress, harmful, last_data, first_message, end_message = columns
    for i in range(begin, end_of_part):
        config = configs[function[i]]
        start, position, stop = connect[i], offsets[i], offsets[i + 1]
        waiting, row = position, first_row[i]
        life = close[i] - connect[i]
        while start >= 0:
            end, outcome, after, data = run_invocation(
                position, stop, start, close[i], active_until[i], lost[i], times, flags, config
            )
            session[row], number[row] = i, row - first_row[i]
            starts[row], ends[row], last_data[row] = start, end, data
            outcomes[row] = natural[i] if outcome == 0 else outcome
            first_message[row], end_message[row] = waiting if config[BUFFER_PUSHES] else position, after
            egress[row] = (
                delivered_bytes(position, after, waiting, config[BUFFER_PUSHES], sizes, flags)
                + heartbeats(start, end, lost[i], config[BEAT_MS]) * config[BEAT_DOWN_BYTES]
                + accrued_bytes(total_bytes[i], end - connect[i], life)
                - (accrued_bytes(total_bytes[i], start - connect[i], life) if start > connect[i] else 0)
            )
            if outcome == 0:
                break
            start, position, waiting, harmful[row] = resume(
                after, stop, end, close[i], active_until[i], lost[i], times, flags, config,
                tally[function[i]],
            )  # fmt: skip
            row += 1


@njit()
def sum_sessions(sessions, messages, config, begin, end_of_part, sums):
    """Replay the sessions of one part of a trace and keep only the sums over their invocations.

    Parameters
    ----------
    sessions, messages : tuple of ndarray
        Columns of the sessions and of their messages, see `replay_sessions`.
    config : ndarray of int64, shape (settings,)
        Settings of the function, see `columns`.
    begin, end_of_part : int
        First session of the part, and the one after its last.
    sums : ndarray of int64, shape (9,)
        Invocations, time [ms], egress [B], harmful cuts, cuts, messages lost, messages delayed, pushes missed and
        reconnects: added here.
    """
    connect, close, active_until, lost, total_bytes, _ = sessions
    offsets, times, sizes, flags = messages
    tally = sums[LOST_COUNT : LOST_COUNT + 3]
    for i in range(begin, end_of_part):
        start, position, stop = connect[i], offsets[i], offsets[i + 1]
        waiting, life = position, close[i] - connect[i]
        while start >= 0:
            end, outcome, after, _ = run_invocation(
                position, stop, start, close[i], active_until[i], lost[i], times, flags, config
            )
            sums[INVOCATION_COUNT] += 1
            sums[LIFE_MS] += end - start
            sums[EGRESS_BYTES] += (
                delivered_bytes(position, after, waiting, config[BUFFER_PUSHES], sizes, flags)
                + heartbeats(start, end, lost[i], config[BEAT_MS]) * config[BEAT_DOWN_BYTES]
                + accrued_bytes(total_bytes[i], end - connect[i], life)
                - (accrued_bytes(total_bytes[i], start - connect[i], life) if start > connect[i] else 0)
            )
            if outcome == 0:
                break
            begun, before = start, position
            start, position, waiting, harmful = resume(
                after, stop, end, close[i], active_until[i], lost[i], times, flags, config, tally
            )
            sums[HARMFUL_CUTS] += harmful
            sums[CUT_COUNT] += 1
            sums[RECONNECT_COUNT] += start >= 0
            if start < 0 or position != before:
                continue
            repeats = whole_cycles(position, stop, begun, start, close[i], active_until[i], lost[i], times)
            if repeats > 0:
                leg, cycle = end - begun, start - begun
                sums[INVOCATION_COUNT] += repeats
                sums[CUT_COUNT] += repeats
                sums[RECONNECT_COUNT] += repeats
                sums[HARMFUL_CUTS] += repeats * harmful
                sums[LIFE_MS] += repeats * leg
                beats = heartbeats(begun, end, lost[i], config[BEAT_MS])
                sums[EGRESS_BYTES] += repeats * beats * config[BEAT_DOWN_BYTES]
                sums[EGRESS_BYTES] += accrued_in_cycles(total_bytes[i], life, start - connect[i], leg, cycle, repeats)
                start += repeats * cycle


@njit()
def sum_settings(sessions, messages, configs, begin, end_of_part, table):
    """Write the sums of the sessions under each of some settings to a row of a table.

    Parameters
    ----------
    sessions, messages : tuple of ndarray
        Columns of the sessions and of their messages, see `replay_sessions`.
    configs : ndarray of int64, shape (k, 8)
        A row a setting, see `columns`.
    begin, end_of_part : int
        First session, and the one after the last.
    table : ndarray of int64, shape (k, 9)
        The sums are added here.
    """
    first = begin
    while first < end_of_part:  # few sessions at a time, so that their messages are still near for the next setting
        after = min(first + BLOCK, end_of_part)
        for k in range(configs.shape[0]):
            sum_sessions(sessions, messages, configs[k], first, after, table[k])
        first = after


@njit()
def sum_each_session(sessions, messages, configs, begin, end_of_part, table):
    """Write the sums of each session of one part of a trace, as `sum_sessions` has them, to a row of a table (n, 9).

    Parameters
    ----------
    sessions, messages : tuple of ndarray
        Columns of the sessions and of their messages, see `replay_sessions`.
    configs : ndarray of int64, shape (functions, 8)
        A row a function, see `columns`.
    begin, end_of_part : int
        First session of the part, and the one after its last.
    table : ndarray of int64, shape (n, 9)
        The sums are added here.
    """
    function = sessions[5]
    for i in range(begin, end_of_part):
        sum_sessions(sessions, messages, configs[function[i]], i, i + 1, table[i])
