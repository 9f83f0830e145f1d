# mypy: disable-error-code="no-untyped-def,no-untyped-call,untyped-decorator"
"""Tables of differences that a compiled sweep fills: every idle timeout × execution timeout in one pass, exactly.

A cell is never replayed on its own. Sums enter tables of differences along the idle axis: a range of settings where a
summand is a constant, or a constant plus the idle timeout, costs two updates. `each` holds what belongs to one
execution timeout, `onward` what belongs to an execution timeout and all longer ones; prefix sums give every cell.
"""

from __future__ import annotations

from scfcost.core.compiler import njit
from scfcost.trace.model import CONTROL, DIRECTION_MASK, DOWN

INVOCATIONS, MS, SLOPE, EGRESS, HARMFUL, CUT, LOST, DELAYED, MISSED, RECONNECTS = range(10)
"""Fields of a cell; SLOPE counts how often the idle timeout itself is added to MS: once a cut at the idle deadline."""
FIELDS = 10


@njit()
def above(values, limit):
    """Index of the first value above a limit.

    Parameters
    ----------
    values : ndarray of int64, shape (k,)
        Ascending.
    limit : int
        What a value has to be above.
    """
    low, high = 0, values.size
    while low < high:
        middle = (low + high) >> 1
        if values[middle] > limit:
            high = middle
        else:
            low = middle + 1
    return low


@njit()
def before(instants, low, high, limit):
    """Index of the first instant of low to high (not included) at or after a limit.

    Parameters
    ----------
    instants : ndarray of int64
        Ascending. [ms]
    low, high : int
        Where to look.
    limit : int
        An instant. [ms]
    """
    while low < high:
        middle = (low + high) >> 1
        if instants[middle] >= limit:
            high = middle
        else:
            low = middle + 1
    return low


@njit()
def add(table, row, low, high, invocations, ms, slope, egress, harmful, cut, lost, delayed, missed, reconnects):
    """Add to the columns low to high (not included) of one row of a table of differences.

    Parameters
    ----------
    table : ndarray of int64, shape (e + 1, t + 1, FIELDS)
        Changed in place.
    row : int
        Which execution timeout.
    low, high : int
        Which idle timeouts.
    invocations, ms, slope, egress, harmful, cut, lost, delayed, missed, reconnects : int
        What is added to each field.
    """
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
def activities(first, stop, start, active_until, lost, ping_resets, times, sizes, flags, scratch):
    """List what keeps a session alive: its start, its messages, and the end of an assumed activity.

    Writes instants, openers and, by prefix sums, pushes, other data messages, bytes and messages that came from a lost
    client. Returns the index of the last.

    Parameters
    ----------
    first, stop : int
        First message of the session, and the one after its last.
    start, active_until, lost : int
        When it begins, until when activity is assumed, and from when on its client is gone. [ms]
    ping_resets : bool
        Whether control frames keep it alive, too.
    times, sizes, flags : ndarray
        Columns of all messages.
    scratch : tuple of six ndarray of int64
        Where the lists are written.
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
def pieces_of(instants, begin, end, bound, idle, pieces):
    """List the running maxima of the gaps from `begin` to `end`, the last gap reaching to `bound`.

    A piece is (activity before the gap, first idle column, column after the last); together they cover the columns from
    0 on. Returns their number; what lies beyond them is never cut.

    Parameters
    ----------
    instants : ndarray of int64
        Activities of a session. [ms]
    begin, end : int
        The first and the last of them that count.
    bound : int
        Where the gap after the last ends. [ms]
    idle : ndarray of int64, shape (t,)
        Idle timeouts, strictly ascending. [ms]
    pieces : ndarray of int64, shape (pieces, 3)
        Where the pieces are written.
    """
    count, longest, column = 0, -1, 0
    for k in range(begin, end + 1):
        following = bound if k == end else instants[k + 1]
        gap = following - instants[k]
        if gap > longest:
            longest = gap
            after = above(idle, gap)
            if after > column:
                pieces[count, 0], pieces[count, 1], pieces[count, 2] = k, column, after
                count += 1
                column = after
    return count
