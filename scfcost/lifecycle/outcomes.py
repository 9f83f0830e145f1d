"""How an invocation ends, and what each status code means.

Source: the vendor's page on WebSocket functions (document 583/63406), status codes on disconnection.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from scfcost.trace.model import BY_CLIENT, BY_SERVER, BY_UNKNOWN, UNKNOWN, Trace

MOST_UNDELIVERED = Fraction(1, 100)
"""Share of the messages that may reach nobody before it is said first that a service does not deliver."""
OK = 200
OPEN = 202
BURST = 429
QUOTA = 432
EXEC_TIMEOUT = 433
SERVER_CLOSE = 439
INIT_TIMEOUT = 450
IDLE_TIMEOUT = 455
CLIENT_CLOSE = 456
RECYCLED = 1
"""Cut with its instance, which another connection's end recycled. No vendor's code; shown as `recycled`."""
LEFT = 2
"""A client that left before its instance was ready: no invocation. No vendor's code; shown as `left`."""
CUTS = (EXEC_TIMEOUT, IDLE_TIMEOUT)
"""Outcomes that a timeout brings about; what a recycled instance cuts is counted beside them."""
UNKNOWN_CLOSE = 0
"""A natural close whose code or side the trace does not tell; shown as `unknown`."""

MEANING = {
    OK: "closed normally",
    OPEN: "still open when the trace ends",
    BURST: "refused: burst limit of new instances",
    QUOTA: "refused: regional memory quota",
    EXEC_TIMEOUT: "cut at the execution timeout",
    SERVER_CLOSE: "closed by the server with another code",
    INIT_TIMEOUT: "not started within the initialisation timeout",
    IDLE_TIMEOUT: "cut at the idle timeout",
    CLIENT_CLOSE: "closed by the client with another code",
    RECYCLED: "cut with its instance, which another connection's end recycled",
    LEFT: "left before its instance was ready; no invocation",
    UNKNOWN_CLOSE: "closed, code or side unknown",
}
"""What a status code means, in words for a report."""

_NAMES = {UNKNOWN_CLOSE: "unknown", RECYCLED: "recycled", LEFT: "left"}

EMPTY_CLOSE = 1005
"""RFC 6455: the close frame held no code, as after a browser's bare `close()`."""
_NORMAL = 1000
_NORMAL_BY_CLIENT = 1010
_NORMAL_BY_SERVER = 1011


def name(code: int) -> str:
    """Return the name of an outcome in reports and JSON.

    Examples
    --------
    >>> name(455), name(UNKNOWN_CLOSE)
    ('455', 'unknown')
    """
    return _NAMES.get(code, str(code))


def natural_outcomes(trace: Trace, *, empty_close_is_normal: bool) -> NDArray[np.int16]:
    """Return the status code that each session's own end would give.

    Parameters
    ----------
    trace : Trace
        n connections.
    empty_close_is_normal : bool
        Whether close code 1005 counts as a normal close. The vendor's page is silent on it.

    Returns
    -------
    ndarray of int16, shape (n,)
        200, 439, 456, 202 or UNKNOWN_CLOSE.
    """
    code, by = trace.close_code, trace.closed_by
    normal = (
        (code == _NORMAL)
        | ((code == _NORMAL_BY_CLIENT) & (by == BY_CLIENT))
        | ((code == _NORMAL_BY_SERVER) & (by == BY_SERVER))
    )
    if empty_close_is_normal:
        normal |= code == EMPTY_CLOSE
    outcome = np.where(by == BY_SERVER, np.int16(SERVER_CLOSE), np.int16(CLIENT_CLOSE))
    outcome[(by == BY_UNKNOWN) | (code == UNKNOWN)] = UNKNOWN_CLOSE
    outcome[normal] = OK
    outcome[trace.still_open()] = OPEN
    return outcome
