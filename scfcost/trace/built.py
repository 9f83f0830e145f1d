"""Whether a trace that was put together in Python holds together; what files hold is checked as they are read."""

from __future__ import annotations

import numpy as np

from scfcost.core.errors import TraceError
from scfcost.trace.model import Trace


def check_built(trace: Trace) -> None:
    """Refuse a trace whose offsets do not fit its columns, or whose times do not ascend.

    Raises
    ------
    TraceError
        If it does not hold together: the replay would not end, or count what never was.
    """
    n, m = trace.connections, trace.messages
    offsets = trace.offsets
    if len(offsets) != n + 1 or offsets[0] != 0 or offsets[-1] != m or (np.diff(offsets) < 0).any():
        raise TraceError(
            f"a trace of {n:,} connections and {m:,} messages needs {n + 1:,} ascending offsets from 0 to {m:,}"
        )
    if (reversed_ := np.flatnonzero(trace.close_ms < trace.connect_ms)).size:
        raise TraceError(f"connection {trace.connection_id[reversed_[0]]!s} closes before it connects")
    falls = np.flatnonzero(np.diff(trace.message_ms) < 0) + 1
    falls = falls[~np.isin(falls, offsets)]  # the first message of a connection follows none
    if falls.size:
        at = int(np.searchsorted(offsets, falls[0], side="right")) - 1
        raise TraceError(
            f"connection {trace.connection_id[at]!s}: message {int(falls[0] - offsets[at]) + 1} comes before the one "
            "that stands ahead of it: put the messages of each connection in time order, or hand over a DataFrame, "
            "which is sorted as it is read"
        )
