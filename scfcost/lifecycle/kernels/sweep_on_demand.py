# mypy: disable-error-code="no-untyped-def,no-untyped-call,untyped-decorator"
"""The compiled sweep of clients that come back with their next message.

Time between two messages that can wake the client (openers) is one segment; without execution cuts a session is the sum
of its segments, each like a session of `none`. Busy periods, runs of segments that an idle timeout does not separate,
form a tree over the gaps; those longer than an execution timeout are walked.
"""

from __future__ import annotations

from scfcost.core.compiler import njit
from scfcost.lifecycle.kernels.cells import above, activities, add, before, pieces_of


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
        last = activities(
            offsets[i], offsets[i + 1], start, start, lost_at[i], ping_resets, times, sizes, flags, scratch
        )
        segments = 0
        for k in range(last + 1):
            if opener[k]:
                openers[segments] = k
                segments += 1
        openers[segments] = last + 1
        depth = 0
        add(onward, 0, 0, columns, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0)
        for q in range(segments):
            head, after = openers[q], openers[q + 1]
            back = int(q + 1 < segments)
            bound = instants[after] if back else stop
            count = pieces_of(instants, head, after - 1, bound, idle, pieces)
            sent = size_of[after - 1] - size_of[head]
            column = 0
            for piece in range(count):
                k, low, column = pieces[piece]
                missed, lost = pushes[after - 1] - pushes[k], gone[after - 1] - gone[k]
                add(
                    onward, 0, low, column, back, instants[k] - instants[head], 1, size_of[k] - size_of[head],
                    int(missed + lost > 0), 1, lost, 0, missed, back,
                )  # fmt: skip
            add(onward, 0, column, columns, 0, bound - instants[head], 0, sent, 0, 0, 0, 0, 0, 0)
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
            column = max(first, above(idle, begin + execution[row] - instants[k]))
            if column >= after:
                break
            _walk(p, q, k, False, column, after, row, stop, idle, execution[row], openers, scratch, each)
    first = max(natural, low)
    if first < high:
        for row in range(above(execution, stop - begin)):
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
        position = before(instants, position, k + 1, deadline)
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
            add(
                each, row, low, high, reconnects, time - _base_ms(natural, instants, k, begin, stop),
                0 if natural else -1, -unsent, harmful - harm, cuts - (0 if natural else 1), lost - own_lost, 0,
                missed - own_missed, reconnects,
            )  # fmt: skip
            return
        reconnects += 1
        start, position = instants[openers[opener]], openers[opener]
    if natural:
        add(
            each, row, low, high, reconnects, time + (stop - start) - (stop - begin), 0, -unsent, harmful, cuts, lost,
            0, missed, reconnects,
        )  # fmt: skip
        return
    column = min(high, max(low, above(idle, start + execution - instants[k])))
    if low < column:  # the last leg falls idle
        add(
            each, row, low, column, reconnects, time + begin - start, 0, -unsent, harmful, cuts, lost, 0, missed,
            reconnects,
        )  # fmt: skip
    if column < high:  # the last leg meets its execution deadline in the silence
        add(
            each, row, column, high, reconnects, time + execution - (instants[k] - begin), -1, -unsent, harmful, cuts,
            lost, 0, missed, reconnects,
        )  # fmt: skip


@njit(inline="always")
def _base_ms(natural, instants, k, begin, stop):
    """Constant part of the uncut busy period's life. [ms]"""
    return stop - begin if natural else instants[k] - begin
