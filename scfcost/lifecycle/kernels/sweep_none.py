# mypy: disable-error-code="no-untyped-def,no-untyped-call,untyped-decorator"
"""The compiled sweep of clients that stay away after a cut.

Only the running maxima of a session's gaps can end it: for idle timeouts in (previous maximum, this gap] it ends at the
start of this gap + the timeout. An execution deadline cuts that short.
"""

from __future__ import annotations

from scfcost.core.compiler import njit
from scfcost.lifecycle.kernels.cells import EGRESS, above, activities, add, pieces_of
from scfcost.lifecycle.kernels.replay import accrued_bytes


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
        last = activities(
            offsets[i], offsets[i + 1], start, until, lost_at[i], ping_resets, times, sizes, flags, scratch
        )
        total, life, accrues = pushes[last] + ups[last], stop - start, total_bytes[i]
        assumed = 1 if until > start else 0  # no silence before an assumed activity ends
        count = pieces_of(instants, assumed, last, stop, idle, pieces)
        rows = above(execution, life)
        for piece in range(count):
            k, low, high = pieces[piece]
            left = total - pushes[k] - ups[k]
            add(onward, rows, low, high, 1, instants[k] - start, 1, size_of[k], int(left > 0), 1, left, 0, 0, 0)
            if accrues > 0:
                _accrue(onward, rows, low, high, instants[k] - start, idle, accrues, life)
        column = pieces[count - 1, 2] if count else 0
        add(onward, rows, column, columns, 1, life, 0, size_of[last] + max(accrues, 0), 0, 0, 0, 0, 0, 0)
        reached = 0
        for row in range(rows):
            deadline = start + execution[row]
            column = 0
            for piece in range(count):
                k, low, high = pieces[piece]
                if instants[k] >= deadline:
                    break
                column = min(high, max(low, above(idle, deadline - instants[k])))
                left = total - pushes[k] - ups[k]
                add(each, row, low, column, 1, instants[k] - start, 1, size_of[k], int(left > 0), 1, left, 0, 0, 0)
                if accrues > 0:
                    _accrue(each, row, low, column, instants[k] - start, idle, accrues, life)
                if column < high:
                    break
            while reached < last and instants[reached + 1] < deadline:
                reached += 1
            left = total - pushes[reached] - ups[reached]
            sent = size_of[reached] + accrued_bytes(accrues, execution[row], life)
            harm = int(left > 0 or deadline < until)
            add(each, row, column, columns, 1, execution[row], 0, sent, harm, 1, left, 0, 0, 0)


@njit()
def _accrue(table, row, low, high, offset, idle, total, life):
    """Add the bytes of an even flow, floored for each idle timeout."""
    for column in range(low, high):
        sent = accrued_bytes(total, offset + idle[column], life)
        table[row, column, EGRESS] += sent
        table[row, column + 1, EGRESS] -= sent
