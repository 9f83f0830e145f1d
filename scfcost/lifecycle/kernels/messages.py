# mypy: disable-error-code="no-untyped-def,no-untyped-call,untyped-decorator"
"""The compiled pass that finds the largest and the densest messages of each connection."""

from __future__ import annotations

from scfcost.core.compiler import njit
from scfcost.core.units import MS_PER_SECOND
from scfcost.lifecycle.kernels.replay import is_data


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
