# mypy: disable-error-code="no-untyped-def,no-untyped-call,untyped-decorator"
"""The compiled sweep: every idle timeout × execution timeout in one pass over the sessions, exactly.

A cell is never replayed on its own. Sums enter tables of differences along the idle axis: a range of settings where a
summand is a constant, or a constant plus the idle timeout, costs two updates. `each` holds what belongs to one
execution timeout, `onward` what belongs to an execution timeout and all longer ones; prefix sums give every cell.

`none`       Only the running maxima of a session's gaps can end it: for idle timeouts in (previous maximum, this gap]
             it ends at the start of this gap + the timeout. An execution deadline cuts that short.
`on-demand`  Time between two messages that can wake the client (openers) is one segment; without execution cuts a
             session is the sum of its segments, each like a session of `none`. Busy periods, runs of segments that an
             idle timeout does not separate, form a tree over the gaps; those longer than an execution timeout are
             walked.
`immediate`  A cut shifts all that follows, so cells are simulated, silences in closed form; settings that cannot differ
             share one simulation: idle timeouts beyond the longest gap, execution timeouts beyond the longest life,
             idle timeouts beyond the execution timeout.
"""

from __future__ import annotations

from scfcost.core.compiler import njit
from scfcost.lifecycle.kernels.replay import accrued_bytes
from scfcost.trace.model import CONTROL, DIRECTION_MASK, DOWN

INVOCATIONS, MS, SLOPE, EGRESS, HARMFUL, CUT, LOST, DELAYED, MISSED, RECONNECTS = range(10)
"""Fields of a cell; SLOPE counts how often the idle timeout itself is added to MS: once a cut at the idle deadline."""
FIELDS = 10
_FOREVER = 2**61


@njit()
def _above(values, limit):
    """Index of the first value above a limit; the values ascend."""
    low, high = 0, values.size
    while low < high:
        middle = (low + high) >> 1
        if values[middle] > limit:
            high = middle
        else:
            low = middle + 1
    return low


@njit()
def _add(table, row, low, high, invocations, ms, slope, egress, harmful, cut, lost, delayed, missed, reconnects):
    """Add to the columns low to high (not included) of one row of a table of differences."""
    first, after = table[row, low], table[row, high]
    first[INVOCATIONS] += invocations
    after[INVOCATIONS] -= invocations
    first[MS] += ms
    after[MS] -= ms
    first[SLOPE] += slope
    after[SLOPE] -= slope
    first[EGRESS] += egress
    after[EGRESS] -= egress
    first[HARMFUL] += harmful
    after[HARMFUL] -= harmful
    first[CUT] += cut
    after[CUT] -= cut
    first[LOST] += lost
    after[LOST] -= lost
    first[DELAYED] += delayed
    after[DELAYED] -= delayed
    first[MISSED] += missed
    after[MISSED] -= missed
    first[RECONNECTS] += reconnects
    after[RECONNECTS] -= reconnects


@njit()
def _activities(first, stop, start, active_until, lost, ping_resets, times, sizes, flags, scratch):
    """List what keeps a session alive: its start, its messages, and the end of an assumed activity.

    Writes instants, openers and, by prefix sums, pushes, other data messages, bytes and messages that came from a lost
    client. Returns the index of the last.
    """
    instants, opener, pushes, ups, size_of, gone = scratch
    instants[0], opener[0] = start, 1
    pushes[0] = ups[0] = size_of[0] = gone[0] = 0
    last = 0
    if active_until > start:
        last = 1
        instants[1], opener[1] = active_until, 0
        pushes[1] = ups[1] = size_of[1] = gone[1] = 0
    for position in range(first, stop):
        flag = flags[position]
        data = flag & CONTROL == 0
        if not data and not ping_resets:
            continue
        push = data and flag & DIRECTION_MASK == DOWN
        last += 1
        instants[last] = max(times[position], active_until)
        opener[last] = data and not push and times[position] < lost
        pushes[last] = pushes[last - 1] + push
        ups[last] = ups[last - 1] + (data and not push)
        gone[last] = gone[last - 1] + (data and not push and times[position] >= lost)
        size_of[last] = size_of[last - 1] + (sizes[position] if push and sizes[position] > 0 else 0)
    return last


@njit()
def _before(instants, low, high, limit):
    """Index of the first instant of low to high (not included) at or after a limit."""
    while low < high:
        middle = (low + high) >> 1
        if instants[middle] >= limit:
            high = middle
        else:
            low = middle + 1
    return low


@njit()
def _pieces(instants, begin, end, bound, idle, pieces):
    """List the running maxima of the gaps from `begin` to `end`, the last gap reaching to `bound`.

    A piece is (activity before the gap, first idle column, column after the last); together they cover the columns from
    0 on. Returns their number; what lies beyond them is never cut.
    """
    count, longest, column = 0, -1, 0
    for k in range(begin, end + 1):
        following = bound if k == end else instants[k + 1]
        gap = following - instants[k]
        if gap > longest:
            longest = gap
            after = _above(idle, gap)
            if after > column:
                pieces[count, 0], pieces[count, 1], pieces[count, 2] = k, column, after
                count += 1
                column = after
    return count


@njit()
def sweep_none(sessions, messages, idle, execution, ping_resets, begin, end, each, onward, scratch, pieces):
    """Add the sessions `begin` to `end` under the policy `none`.

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
    pieces : ndarray of int64, shape (pieces, 3)
        Room for the running maxima of one session's gaps.
    """
    connect, close, active_until, lost_at, total_bytes, _ = sessions
    offsets, times, sizes, flags = messages
    instants, _, pushes, ups, size_of, _ = scratch
    columns = idle.size
    for i in range(begin, end):
        start, stop, until = connect[i], close[i], min(active_until[i], close[i])
        last = _activities(
            offsets[i], offsets[i + 1], start, until, lost_at[i], ping_resets, times, sizes, flags, scratch
        )
        total, life, accrues = pushes[last] + ups[last], stop - start, total_bytes[i]
        assumed = 1 if until > start else 0  # no silence before an assumed activity ends
        count = _pieces(instants, assumed, last, stop, idle, pieces)
        rows = _above(execution, life)
        for piece in range(count):
            k, low, high = pieces[piece]
            left = total - pushes[k] - ups[k]
            _add(onward, rows, low, high, 1, instants[k] - start, 1, size_of[k], int(left > 0), 1, left, 0, 0, 0)
            if accrues > 0:
                _accrue(onward, rows, low, high, instants[k] - start, idle, accrues, life)
        column = pieces[count - 1, 2] if count else 0
        _add(onward, rows, column, columns, 1, life, 0, size_of[last] + max(accrues, 0), 0, 0, 0, 0, 0, 0)
        reached = 0
        for row in range(rows):
            deadline = start + execution[row]
            column = 0
            for piece in range(count):
                k, low, high = pieces[piece]
                if instants[k] >= deadline:
                    break
                column = min(high, max(low, _above(idle, deadline - instants[k])))
                left = total - pushes[k] - ups[k]
                _add(each, row, low, column, 1, instants[k] - start, 1, size_of[k], int(left > 0), 1, left, 0, 0, 0)
                if accrues > 0:
                    _accrue(each, row, low, column, instants[k] - start, idle, accrues, life)
                if column < high:
                    break
            while reached < last and instants[reached + 1] < deadline:
                reached += 1
            left = total - pushes[reached] - ups[reached]
            sent = size_of[reached] + accrued_bytes(accrues, execution[row], life)
            harm = int(left > 0 or deadline < until)
            _add(each, row, column, columns, 1, execution[row], 0, sent, harm, 1, left, 0, 0, 0)


@njit()
def _accrue(table, row, low, high, offset, idle, total, life):
    """Add the bytes of an even flow, floored for each idle timeout."""
    for column in range(low, high):
        sent = accrued_bytes(total, offset + idle[column], life)
        table[row, column, EGRESS] += sent
        table[row, column + 1, EGRESS] -= sent


@njit()
def sweep_on_demand(sessions, messages, idle, execution, ping_resets, begin, end, each, onward, scratch, pieces, lists):
    """Add the sessions `begin` to `end` under the policy `on-demand`.

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
    pieces : ndarray of int64, shape (pieces, 3)
        Room for the running maxima of one session's gaps.
    lists : tuple of three ndarray of int64
        Room for its openers, for the longest idle timeout that ends each segment, and for a stack of segments.
    """
    connect, close, _, lost_at, _, _ = sessions
    offsets, times, sizes, flags = messages
    instants, opener, pushes, _, size_of, gone = scratch
    columns = idle.size
    openers, longest, stack = lists
    for i in range(begin, end):
        start, stop = connect[i], close[i]
        last = _activities(
            offsets[i], offsets[i + 1], start, start, lost_at[i], ping_resets, times, sizes, flags, scratch
        )
        segments = 0
        for k in range(last + 1):
            if opener[k]:
                openers[segments] = k
                segments += 1
        openers[segments] = last + 1
        depth = 0
        _add(onward, 0, 0, columns, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0)
        for q in range(segments):
            head, after = openers[q], openers[q + 1]
            back = int(q + 1 < segments)
            bound = instants[after] if back else stop
            count = _pieces(instants, head, after - 1, bound, idle, pieces)
            sent = size_of[after - 1] - size_of[head]
            column = 0
            for piece in range(count):
                k, low, column = pieces[piece]
                missed, lost = pushes[after - 1] - pushes[k], gone[after - 1] - gone[k]
                _add(
                    onward, 0, low, column, back, instants[k] - instants[head], 1, size_of[k] - size_of[head],
                    int(missed + lost > 0), 1, lost, 0, missed, back,
                )  # fmt: skip
            _add(onward, 0, column, columns, 0, bound - instants[head], 0, sent, 0, 0, 0, 0, 0, 0)
            # Busy periods that end in this segment: the later they began, the shorter the idle timeouts they know.
            longest[q], low, limit = column, 0, column if back else columns
            while depth > 0 and low < limit:
                separator = stack[depth - 1]
                high = min(longest[separator], limit)
                _walk_busy(
                    separator + 1,
                    q,
                    low,
                    high,
                    count,
                    column,
                    segments,
                    stop,
                    idle,
                    execution,
                    openers,
                    scratch,
                    pieces,
                    each,
                )
                low = high
                if longest[separator] > limit:
                    break
                depth -= 1
            if depth == 0:
                _walk_busy(
                    0, q, low, limit, count, column, segments, stop, idle, execution, openers, scratch, pieces, each
                )
            stack[depth] = q
            depth += 1


@njit()
def _walk_busy(
    p, q, low, high, count, natural, segments, stop, idle, execution, openers, scratch, pieces, each
):  # fmt: skip
    """Correct the rows in which the busy periods from opener p to segment q are cut by the execution timeout.

    They live under the idle columns low to high (not included); columns from `natural` on end with the session.
    """
    instants = scratch[0]
    begin = instants[openers[p]]
    for piece in range(count):
        k, first, after = pieces[piece]
        first, after = max(first, low), min(after, high)
        if first >= after:
            continue
        for row in range(execution.size):
            column = max(first, _above(idle, begin + execution[row] - instants[k]))
            if column >= after:
                break
            _walk(p, q, k, False, column, after, row, stop, idle, execution[row], openers, scratch, each)
    first = max(natural, low)
    if first < high:
        for row in range(_above(execution, stop - begin)):
            last = openers[segments] - 1
            _walk(p, q, last, True, first, high, row, stop, idle, execution[row], openers, scratch, each)


@njit()
def _walk(p, q, k, natural, low, high, row, stop, idle, execution, openers, scratch, each):
    """Walk one busy period from execution cut to execution cut; add what differs from the uncut one.

    It begins at opener p and its last activity is k, after which it falls idle, or with `natural` lasts to the close.
    """
    instants, _, pushes, _, size_of, gone = scratch
    begin = instants[openers[p]]
    end_of_gap = openers[q + 1] - 1
    own_missed, own_lost = (0, 0) if natural else (pushes[end_of_gap] - pushes[k], gone[end_of_gap] - gone[k])
    harm = own_missed + own_lost > 0
    # Summed over the walk: time, cuts, harmful cuts, messages lost and missed, bytes not sent, and reconnects.
    time = cuts = harmful = lost = missed = unsent = reconnects = 0
    start, opener, position = begin, p, openers[p]
    while True:
        deadline = start + execution
        if deadline > (stop if natural else instants[k]):
            break
        time += execution
        cuts += 1
        position = _before(instants, position, k + 1, deadline)
        while opener <= q and instants[openers[opener]] < deadline:
            opener += 1
        reopened = opener <= q
        until = openers[opener] - 1 if reopened else end_of_gap
        skipped, strayed = pushes[until] - pushes[position - 1], gone[until] - gone[position - 1]
        missed += skipped
        lost += strayed
        harmful += skipped + strayed > 0
        unsent += size_of[min(until, k)] - size_of[position - 1]
        if not reopened:
            _add(
                each, row, low, high, reconnects, time - _base_ms(natural, instants, k, begin, stop),
                0 if natural else -1, -unsent, harmful - harm, cuts - (0 if natural else 1), lost - own_lost, 0,
                missed - own_missed, reconnects,
            )  # fmt: skip
            return
        reconnects += 1
        start, position = instants[openers[opener]], openers[opener]
    if natural:
        _add(
            each, row, low, high, reconnects, time + (stop - start) - (stop - begin), 0, -unsent, harmful, cuts, lost,
            0, missed, reconnects,
        )  # fmt: skip
        return
    column = min(high, max(low, _above(idle, start + execution - instants[k])))
    if low < column:  # the last leg falls idle
        _add(
            each, row, low, column, reconnects, time + begin - start, 0, -unsent, harmful, cuts, lost, 0, missed,
            reconnects,
        )  # fmt: skip
    if column < high:  # the last leg meets its execution deadline in the silence
        _add(
            each, row, column, high, reconnects, time + execution - (instants[k] - begin), -1, -unsent, harmful, cuts,
            lost, 0, missed, reconnects,
        )  # fmt: skip


@njit(inline="always")
def _base_ms(natural, instants, k, begin, stop):
    """Constant part of the uncut busy period's life. [ms]"""
    return stop - begin if natural else instants[k] - begin


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
        last = _activities(
            offsets[i], offsets[i + 1], start, start, lost_at[i], ping_resets, times, sizes, flags, scratch
        )
        longest = stop - instants[last]
        for k in range(last):
            longest = max(longest, instants[k + 1] - instants[k])
        cuttable = _above(idle, longest)
        rows = _above(execution, stop - start)
        known = -1  # `following` holds up to this timeout
        for column in range(cuttable):
            timeout = idle[column]
            if timeout > known:
                known = _next_long_gaps(instants, last, stop, timeout, following)
            needed = _simulate(
                last, stop, lost_at[i], timeout, _FOREVER, delay, buffer_pushes, following, scratch, sums
            )
            shared = _above(execution, needed - 1)
            _add_sums(onward, shared, column, column + 1, sums)
            for row in range(_above(execution, timeout - 1), shared):  # shorter ones do not depend on the idle timeout
                _simulate(
                    last, stop, lost_at[i], timeout, execution[row], delay, buffer_pushes, following, scratch, sums
                )
                _add_sums(each, row, column, column + 1, sums)
        for k in range(last + 1):
            following[k] = last + 1
        for row in range(rows):
            first = min(cuttable, _above(idle, execution[row]))
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
            position = _before(instants, k, last + 1, cut)
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
