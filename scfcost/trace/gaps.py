"""How long connections are silent: between a session's start, its data messages and its end."""

from __future__ import annotations

import numpy as np

from scfcost.trace.model import CONTROL, Int64, Trace


def session_gaps(trace: Trace) -> Int64:
    """Return every silence of every session, sessions in the order of the trace. [ms]

    Parameters
    ----------
    trace : Trace
        n connections with m data messages.

    Returns
    -------
    ndarray of int64, shape (n + m,)
        Silences between start, data messages and end. [ms]
    """
    data = trace.message_flags & CONTROL == 0
    upto = np.concatenate(([0], np.cumsum(data)))[trace.offsets]
    sessions = np.arange(trace.connections)
    instants = np.empty(int(upto[-1]) + 2 * trace.connections, np.int64)
    starts, ends = upto[:-1] + 2 * sessions, upto[1:] + 2 * sessions + 1
    within = np.ones(len(instants), np.bool_)
    within[starts] = within[ends] = False
    instants[starts], instants[ends], instants[within] = (
        trace.connect_ms,
        trace.natural_end_ms(),
        trace.message_ms[data],
    )
    follows = np.ones(len(instants), np.bool_)
    follows[starts] = False
    gaps: Int64 = np.diff(instants, prepend=0)[follows]
    return gaps
