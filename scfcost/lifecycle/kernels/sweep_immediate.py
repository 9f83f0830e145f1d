# mypy: disable-error-code="no-untyped-def,no-untyped-call,untyped-decorator"
"""The compiled sweep of clients that come back at once.

A cut shifts all that follows, so cells are simulated, silences in closed form; settings that cannot differ share one
simulation: idle timeouts beyond the longest gap, execution timeouts beyond the longest life, idle timeouts beyond the
execution timeout.
"""

from __future__ import annotations

from scfcost.core.compiler import njit
from scfcost.lifecycle.kernels.cells import (
    CUT,
    DELAYED,
    EGRESS,
    FIELDS,
    HARMFUL,
    INVOCATIONS,
    LOST,
    MISSED,
    MS,
    RECONNECTS,
    SLOPE,
    above,
    activities,
    before,
)

_FOREVER = 2**61


@njit()
def sweep_immediate(
    sessions, messages, idle, execution, ping_resets, begin, end, each, onward, scratch, following, sums, delay,
    buffer_pushes,
):  # fmt: skip
    """Add the sessions `begin` to `end` under the policy `immediate`.

    Parameters
    ----------
    sessions, messages : tuple of ndarray
        Columns of the sessions and of their messages, see `replay_sessions`.
    idle, execution : ndarray of int64, shapes (t,) and (e,)
        Timeouts of the grid, strictly ascending. [ms]
    ping_resets : bool
        Whether control frames restart the idle timeout, too.
    begin, end : int
        First session of the part, and the one after its last.
    each, onward : ndarray of int64, shape (e + 1, t + 1, FIELDS)
        Tables of differences: sums are added here.
    scratch : tuple of six ndarray of int64
        Room for the activities of one session.
    following, sums : ndarray of int64
        Room for what `_next_long_gaps` writes of one session, and for the fields of a cell.
    delay : int
        Time from a cut to the next connection. [ms]
    buffer_pushes : bool
        Whether pushes wait while the client is away.
    """
    connect, close, _, lost_at, _, _ = sessions
    offsets, times, sizes, flags = messages
    instants = scratch[0]
    columns = idle.size
    for i in range(begin, end):
        start, stop = connect[i], close[i]
        last = activities(
            offsets[i], offsets[i + 1], start, start, lost_at[i], ping_resets, times, sizes, flags, scratch
        )
        longest = stop - instants[last]
        for k in range(last):
            longest = max(longest, instants[k + 1] - instants[k])
        cuttable = above(idle, longest)
        rows = above(execution, stop - start)
        known = -1  # `following` holds up to this timeout
        for column in range(cuttable):
            timeout = idle[column]
            if timeout > known:
                known = _next_long_gaps(instants, last, stop, timeout, following)
            needed = _simulate(
                last, stop, lost_at[i], timeout, _FOREVER, delay, buffer_pushes, following, scratch, sums
            )
            shared = above(execution, needed - 1)
            _add_sums(onward, shared, column, column + 1, sums)
            for row in range(above(execution, timeout - 1), shared):  # shorter ones do not depend on the idle timeout
                _simulate(
                    last, stop, lost_at[i], timeout, execution[row], delay, buffer_pushes, following, scratch, sums
                )
                _add_sums(each, row, column, column + 1, sums)
        for k in range(last + 1):
            following[k] = last + 1
        for row in range(rows):
            first = min(cuttable, above(idle, execution[row]))
            if first < columns:
                _simulate(
                    last, stop, lost_at[i], _FOREVER, execution[row], delay, buffer_pushes, following, scratch, sums
                )
                _add_sums(each, row, first, columns, sums)
        if cuttable < columns:
            _simulate(last, stop, lost_at[i], _FOREVER, _FOREVER, delay, buffer_pushes, following, scratch, sums)
            _add_sums(onward, rows, cuttable, columns, sums)


@njit()
def _next_long_gaps(instants, last, stop, timeout, following):
    """Write, for each activity, the first from it on that a gap of at least `timeout` follows; last + 1 for none.

    Returns the shortest of those gaps: up to a timeout as long, all stays as it is written. [ms]
    """
    upcoming, shortest = last + 1, _FOREVER
    for k in range(last, -1, -1):
        until = stop if k == last else instants[k + 1]
        if until - instants[k] >= timeout:
            upcoming = k
            shortest = min(shortest, until - instants[k])
        following[k] = upcoming
    return shortest


@njit(inline="always")
def _add_sums(table, row, low, high, sums):
    for one in range(FIELDS):
        table[row, low, one] += sums[one]
        table[row, high, one] -= sums[one]


@njit()
def _simulate(last, stop, lost_at, idle, execution, delay, buffer_pushes, following, scratch, sums):
    """Replay one session of an `immediate` client at one setting, silences in closed form, into `sums`.

    Returns the shortest execution timeout that changes nothing, were there none. [ms]
    """
    instants, _, pushes, ups, size_of, _ = scratch
    for field in range(FIELDS):
        sums[field] = 0
    sums[INVOCATIONS] = 1
    sums[EGRESS] = size_of[last]
    leg = min(idle, execution)
    start, k, needed = instants[0], 1, 0
    while True:
        bound = instants[k] if k <= last else stop
        if bound - start >= leg:  # silent legs: all of one length, a delay apart
            cycle = leg + delay
            legs = (bound - start - leg) // cycle + 1
            if lost_at <= start + (legs - 1) * cycle:
                legs = max((lost_at - start + cycle - 1) // cycle, 1)
            sums[INVOCATIONS] += legs - 1
            sums[RECONNECTS] += legs - 1
            sums[CUT] += legs
            if idle <= execution:
                sums[SLOPE] += legs
            else:
                sums[MS] += legs * leg
            needed = max(needed, leg)
            cut = start + (legs - 1) * cycle + leg
            position = k
        else:
            quiet = following[k] if k <= last else last + 1
            deadline = start + execution
            if k > last or quiet > last:
                if deadline > stop:
                    sums[MS] += stop - start
                    return max(needed, stop - start + 1)
                cut = deadline
            else:
                cut = min(instants[quiet] + idle, deadline)
                if instants[quiet] + idle <= deadline:
                    sums[SLOPE] += 1
                    sums[MS] -= idle
            sums[CUT] += 1
            sums[MS] += cut - start
            needed = max(needed, cut - start)
            position = before(instants, k, last + 1, cut)
        start = cut + delay
        if start < stop and start < lost_at:
            k = position
            while k <= last and instants[k] < start:
                k += 1
            missed, waiting = pushes[k - 1] - pushes[position - 1], ups[k - 1] - ups[position - 1]
            sums[HARMFUL] += missed + waiting > 0
            if buffer_pushes:
                sums[DELAYED] += missed + waiting
            else:
                sums[DELAYED] += waiting
                sums[MISSED] += missed
                sums[EGRESS] -= size_of[k - 1] - size_of[position - 1]
            sums[INVOCATIONS] += 1
            sums[RECONNECTS] += 1
        else:
            left = pushes[last] + ups[last] - pushes[position - 1] - ups[position - 1]
            sums[HARMFUL] += left > 0
            sums[LOST] += left
            sums[EGRESS] -= size_of[last] - size_of[position - 1]
            return needed
