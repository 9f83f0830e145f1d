# mypy: disable-error-code="no-untyped-def,no-untyped-call,untyped-decorator"
"""The compiled passes over messages: the largest and the densest of each connection, and who delivered which."""

from __future__ import annotations

from scfcost.core.compiler import njit
from scfcost.core.units import MS_PER_SECOND
from scfcost.lifecycle.kernels.replay import is_data
from scfcost.trace.model import DIRECTION_MASK, DOWN


@njit()
def densest_seconds(messages, begin, end_of_part, largest, most_bytes, most_messages):
    """Find, for each connection of one part, its largest data message and its fullest second (t - 1 s, t].

    Parameters
    ----------
    messages : tuple of ndarray
        Offsets of shape (n + 1,), then instants [ms], bytes [B] and flags of shape (m,).
    begin, end_of_part : int
        First connection of the part, and the one after its last.
    largest, most_bytes, most_messages : ndarray of int64, shape (n,)
        Largest message [B], most bytes [B] and most messages in a second: written here.
    """
    offsets, times, sizes, flags = messages
    for i in range(begin, end_of_part):
        first, held, held_bytes = offsets[i], 0, 0
        for k in range(offsets[i], offsets[i + 1]):
            if not is_data(flags[k]):
                continue
            size = max(sizes[k], 0)
            held += 1
            held_bytes += size
            while times[first] <= times[k] - MS_PER_SECOND:
                if is_data(flags[first]):
                    held -= 1
                    held_bytes -= max(sizes[first], 0)
                first += 1
            largest[i] = max(largest[i], size)
            most_bytes[i] = max(most_bytes[i], held_bytes)
            most_messages[i] = max(most_messages[i], held)


@njit()
def deliver(flags, first, end, pushes, rows, by):
    """List the data messages of one direction that each invocation delivers.

    Parameters
    ----------
    flags : ndarray, shape (m,)
        Direction and kind of each message.
    first, end : ndarray of int64, shape (k,)
        First message that each invocation may deliver, and the one after its last.
    pushes : int
        1 for messages to clients, 0 for those from them and undirected ones.
    rows, by : ndarray of int64
        Room for the messages, and for the invocation that delivers each: written here.

    Returns
    -------
    int
        How many there are. [1]
    """
    count = 0
    for k in range(first.size):
        for message in range(first[k], end[k]):
            if is_data(flags[message]) and ((flags[message] & DIRECTION_MASK) == DOWN) == (pushes == 1):
                rows[count], by[count] = message, k
                count += 1
    return count
